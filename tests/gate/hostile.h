// Names that try to leave the text that they belong to, and a check that has one everywhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/sample.h"

namespace aiprof::test {

// Quotes, markup, ends of lines, commands of CI logs, terminal escapes, invalid UTF-8, characters
// that XML cannot hold, formulas, links.
inline constexpr std::string_view kHostile[] = {
    "\"'><script>alert(1)</script>", "]]></failure><testcase/>",  "a\n::error file=x::injected",
    "\r\n::set-output name=x::y",    "\x1b[31mred\x07",           "bad \xff\xfe utf8 \xc3",
    "\xef\xbf\xbe\xef\xbf\xbf",      "=cmd()|' /C calc'!A0",      "|a|b|`code`",
    "[click](https://example.org)",  "%0A::warning::x,title=y:z", "&amp;&#0;&undefined;",
};

inline std::string hostile_name() {
  std::string all;
  for (const std::string_view part : kHostile) all += part;
  return all;
}

// One case for each outcome: broken, undecided, waived, held.
inline gate::Check sample(const std::string& name) {
  const Report r = hand_report({{name, name, 5e-3, 100}, {"b", "Relu", 1e-3, 10}}, name);
  const Report gap = with_gap(r);
  const gate::Waiver waiver = {name, name, {2027, 1, 1}};
  const std::vector<gate::Rule> rules = {
      {gate::parse_limit("latency<=4ms", "x"), name, {}},
      {gate::parse_limit("op:Relu latency<=4ms", "x"), {}, {}},
      {gate::parse_limit("energy<=1mJ", "x"), {}, waiver},
  };
  const std::vector<gate::Rule> open = {
      {gate::parse_limit("latency<=8ms", "x"), {}, {}},
      {gate::parse_limit("latency<=1ms", "x"), {}, gate::Waiver{name, name, {2025, 1, 1}}}};
  gate::Check check;
  check.today = {2026, 6, 15};
  check.cases.push_back(gate::judge({r, nullptr, rules, gate::Certainty::kEstimate, check.today}));
  check.cases.push_back(gate::judge({gap, nullptr, open, gate::Certainty::kEstimate, check.today}));
  return check;
}

}  // namespace aiprof::test
