#include <fmt/format.h>

#include "gate/check_write.h"
#include "gate/json_text.h"

namespace aiprof::gate {
namespace {

Json reading_json(const Reading& r) {
  Json o = Json::object();
  if (r.has_value) put_number(o, "value", r.value);
  if (!r.certain()) {
    put_number(o, "low", r.low);
    put_number(o, "high", r.high);
  }
  put_text(o, "node", r.subject);
  return o;
}

Json cause_json(const Cause& c) {
  Json o = Json::object();
  o["name"] = c.label;
  o["op_type"] = c.op_type;
  put_text(o, "block", c.block);
  put_text(o, "what", c.what);
  put_number(o, c.change ? "delta" : "amount", c.amount);
  put_number(o, "share", c.share);
  return o;
}

Json waiver_json(const Judgement& j) {
  const Waiver& w = *j.rule.waiver;
  return {{"owner", w.owner},
          {"reason", w.reason},
          {"expires", format_date(w.expires)},
          {"expired", j.waiver == WaiverState::kExpired}};
}

Json judgement_json(const Judgement& j) {
  Json o = Json::object();
  const Limit& limit = j.rule.limit;
  o["outcome"] = j.outcome == Outcome::kUndecided && j.waiver != WaiverState::kActive
                     ? std::string("undecided")
                     : std::string(outcome_text(j));
  o["limit"] = limit.text;
  o["metric"] = std::string(limit.metric->name);
  put_text(o, "scope", limit.scope.pattern);
  o["relation"] = std::string(symbol(limit.relation));
  if (j.has_bound) put_number(o, "expected", j.bound);
  put_number(o, "base", j.base);
  o["got"] = reading_json(j.got);
  put_number(o, "difference", j.excess);
  put_text(o, "reason", j.reason);
  o["message"] = judgement_text(j);
  put_text(o, "owner", j.rule.owner);
  if (j.rule.waiver) o["waiver"] = waiver_json(j);
  if (j.causes.empty()) return o;
  o["causes"] = Json::array();
  for (const Cause& cause : j.causes) o["causes"].push_back(cause_json(cause));
  return o;
}

std::string_view word(ExitCode code) {
  if (code == ExitCode::kLimitBroken) return "broken";
  return code == ExitCode::kUndecided ? "undecided" : "held";
}

}  // namespace

std::string write_check_json(const Check& check, const WriteOptions&) {
  const Tally t = tally(check);
  Json o = Json::object();
  o["schema_version"] = "1";
  o["aiprof_version"] = std::string(program_version());
  o["verdict"] = std::string(word(exit_code(check)));
  o["message"] = verdict_text(check);
  o["held"] = t.held;
  o["broken"] = t.broken;
  o["undecided"] = t.undecided;
  o["waived"] = t.waived;
  put_text(o, "budget", check.budget);
  o["cases"] = Json::array();
  for (const CheckCase& c : check.cases) {
    Json item = Json::object();
    item["model"] = c.model;
    put_text(item, "base", c.base);
    put_text(item, "hardware", c.hardware);
    put_text(item, "runtime", c.runtime);
    item["dims"] = Json::object();
    for (const auto& [dim, n] : c.dims) item["dims"][dim] = n;
    item["nodes"] = c.nodes;
    item["gaps"] = c.gaps;
    item["limits"] = Json::array();
    for (const Judgement& j : c.judgements) item["limits"].push_back(judgement_json(j));
    o["cases"].push_back(std::move(item));
  }
  return dump(o);
}

}  // namespace aiprof::gate
