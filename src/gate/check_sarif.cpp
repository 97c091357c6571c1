#include <fmt/format.h>

#include <map>

#include "aiprof/base/text.h"
#include "gate/check_write.h"
#include "gate/json_text.h"

namespace aiprof::gate {
namespace {

// A path as a URI reference (RFC 3986): everything but unreserved characters and "/" by its bytes.
std::string uri(std::string_view path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string rule_id(const Metric& metric) { return "aiprof/" + std::string(metric.name); }

// The same finding has the same fingerprint in every run, whatever its numbers are.
std::string fingerprint(const CheckCase& c, const Judgement& j) {
  std::uint64_t h = 0xCBF29CE484222325U;  // FNV-1a
  for (const std::string& part : {c.model, c.hardware, j.rule.limit.text}) {
    for (const char x : part + '\n') h = (h ^ static_cast<unsigned char>(x)) * 0x100000001B3U;
  }
  return fmt::format("{:016x}", h);
}

// A binary file has no lines; viewers want one, and take the first.
Json location(const CheckCase& c, const Judgement& j) {
  Json place = Json::object();
  place["physicalLocation"]["artifactLocation"]["uri"] = uri(c.model);
  place["physicalLocation"]["region"]["startLine"] = 1;
  Json operators = Json::array();
  for (const Cause& cause : j.causes) {
    operators.push_back({{"name", cause.label},
                         {"fullyQualifiedName", printable(c.model) + "/" + cause.label},
                         {"kind", "member"}});
  }
  if (!operators.empty()) place["logicalLocations"] = std::move(operators);
  return place;
}

// "[text](target)" would be a link in a message of SARIF (3.11.6); a backslash makes it text.
std::string plain_message(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string message(const CheckCase& c, const Judgement& j) {
  std::string text = case_text(c) + ": " + judgement_text(j);
  for (const Cause& cause : j.causes) text += "\n- " + cause_text(cause);
  return plain_message(text);
}

Json result_json(const CheckCase& c, const Judgement& j, std::size_t rule) {
  Json o = Json::object();
  o["ruleId"] = rule_id(*j.rule.limit.metric);
  o["ruleIndex"] = rule;
  const bool broken = j.outcome == Outcome::kBroken;
  o["kind"] = broken ? "fail" : "open";  // open: not enough information to decide
  o["level"] = broken ? "error" : "none";
  o["message"]["text"] = message(c, j);
  o["locations"] = Json::array({location(c, j)});
  o["partialFingerprints"]["aiprofLimit/v1"] = fingerprint(c, j);
  if (j.waiver == WaiverState::kActive) {
    const Waiver& w = *j.rule.waiver;
    o["suppressions"] = Json::array(
        {{{"kind", "external"},
          {"status", "accepted"},
          {"justification", fmt::format("{} until {}: {}", printable(w.owner),
                                        format_date(w.expires), printable(w.reason))}}});
  }
  return o;
}

// The metrics of all limits, in the order of their first use.
class Rules {
 public:
  std::size_t index(const Metric& metric) {
    const auto [it, fresh] = index_.try_emplace(&metric, json_.size());
    if (fresh) {
      json_.push_back({{"id", rule_id(metric)},
                       {"name", std::string(metric.name)},
                       {"shortDescription", {{"text", "Limit of " + std::string(metric.name)}}},
                       {"fullDescription", {{"text", std::string(metric.what)}}},
                       {"defaultConfiguration", {{"level", "error"}}}});
    }
    return it->second;
  }
  Json take() { return std::move(json_); }

 private:
  std::map<const Metric*, std::size_t> index_;
  Json json_ = Json::array();
};

}  // namespace

std::string write_sarif(const Check& check, const WriteOptions&) {
  Rules rules;
  Json results = Json::array();
  for (const CheckCase& c : check.cases) {
    for (const Judgement& j : c.judgements) {
      const std::size_t rule = rules.index(*j.rule.limit.metric);
      if (j.outcome != Outcome::kHeld) results.push_back(result_json(c, j, rule));
    }
  }
  Json driver = Json::object();
  driver["name"] = "aiprof";
  driver["version"] = std::string(program_version());
  driver["rules"] = rules.take();
  Json run = Json::object();
  run["tool"]["driver"] = std::move(driver);
  run["invocations"] = Json::array(
      {{{"executionSuccessful", true}, {"exitCode", static_cast<int>(exit_code(check))}}});
  run["results"] = std::move(results);
  Json o = Json::object();
  o["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
  o["version"] = "2.1.0";
  o["runs"] = Json::array({std::move(run)});
  return dump(o);
}

}  // namespace aiprof::gate
