#include <fmt/format.h>

#include "aiprof/base/text.h"
#include "gate/check_write.h"

namespace aiprof::gate {
namespace {

std::string escaped(std::string_view text, std::string_view marks) {
  std::string out;
  for (const char c : text) {
    if (marks.find(c) != std::string_view::npos) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view command(const Judgement& j) {
  if (j.fails()) return "error";
  return j.undecided() ? "warning" : "notice";
}

std::string annotation(const CheckCase& c, const Judgement& j) {
  std::string text = case_text(c) + ": " + judgement_text(j);
  for (const Cause& cause : j.causes) text += "\n- " + cause_text(cause);
  return fmt::format(
      "::{} file={},title={}::{}\n", command(j), github_property(printable(c.model)),
      github_property(fmt::format("aiprof: {}: {}", outcome_text(j), printable(j.rule.limit.text))),
      github_message(text));
}

}  // namespace

std::string github_property(std::string_view text) { return escaped(text, "%\r\n:,"); }

std::string github_message(std::string_view text) { return escaped(text, "%\r\n"); }

std::string write_github(const Check& check, const WriteOptions&) {
  std::string out;
  for (const CheckCase& c : check.cases) {
    for (const Judgement& j : c.judgements) {
      if (j.outcome != Outcome::kHeld) out += annotation(c, j);
    }
  }
  return out + fmt::format("::notice title=aiprof::{}\n", github_message(verdict_text(check)));
}

}  // namespace aiprof::gate
