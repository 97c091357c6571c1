#include <fmt/format.h>

#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "gate/check_write.h"

namespace aiprof::gate {
namespace {

struct Counts {
  std::size_t failures = 0, errors = 0, skipped = 0;
};

Counts counts_of(const CheckCase& c) {
  Counts n;
  for (const Judgement& j : c.judgements) {
    if (j.fails()) {
      ++n.failures;
    } else if (j.undecided()) {
      ++n.errors;
    } else if (j.outcome != Outcome::kHeld) {
      ++n.skipped;
    }
  }
  return n;
}

std::string causes_of(const Judgement& j) {
  std::string text = judgement_text(j);
  for (const Cause& cause : j.causes) text += "\n- " + cause_text(cause);
  return text;
}

std::string problem(std::string_view element, const Judgement& j) {
  return fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n", element,
                     xml_text(j.rule.limit.metric->name), xml_text(judgement_text(j)),
                     xml_text(causes_of(j)));
}

std::string test_case(const CheckCase& c, const Judgement& j) {
  // The time of a test is how long it took to run; a limit takes none that is worth the noise.
  std::string out = fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"0\"",
                                xml_text(j.rule.limit.text), xml_text(case_text(c)));
  if (j.outcome == Outcome::kHeld) return out + "/>\n";
  out += ">\n";
  if (j.fails()) {
    out += problem("failure", j);
  } else if (j.undecided()) {
    out += problem("error", j);
  } else {
    out += "      <skipped/>\n";
  }
  return out + "    </testcase>\n";
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", xml_text(name),
                     xml_text(value));
}

std::string properties(const CheckCase& c) {
  std::string out = "    <properties>\n" + property("aiprof_version", program_version()) +
                    property("model", c.model);
  if (!c.base.empty()) out += property("base", c.base);
  if (!c.hardware.empty()) out += property("hardware", c.hardware);
  if (!c.runtime.empty()) out += property("runtime", c.runtime);
  for (const auto& [dim, n] : c.dims) out += property("dim " + dim, std::to_string(n));
  return out + "    </properties>\n";
}

std::string suite(const Check& check, const CheckCase& c, std::size_t id) {
  const Counts n = counts_of(c);
  std::string out = fmt::format(
      "  <testsuite name=\"{}\" package=\"aiprof\" id=\"{}\" timestamp=\"{}T00:00:00\" "
      "hostname=\"localhost\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"0\">\n",
      xml_text(case_text(c)), id, format_date(check.today), c.judgements.size(), n.failures,
      n.errors, n.skipped);
  out += properties(c);
  std::string said;
  for (const Judgement& j : c.judgements) {
    out += test_case(c, j);
    said += fmt::format("{}: {}\n", outcome_text(j), judgement_text(j));
  }
  return out + fmt::format(
                   "    <system-out>{}</system-out>\n    <system-err></system-err>\n"
                   "  </testsuite>\n",
                   xml_text(said));
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::vector<std::string> lines = split(text, '\n');
  for (std::string& line : lines) line = markup_text(line);
  return join(lines, "\n");
}

std::string write_junit(const Check& check, const WriteOptions&) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t i = 0; i < check.cases.size(); ++i) out += suite(check, check.cases[i], i);
  return out + "</testsuites>\n";
}

}  // namespace aiprof::gate
