// Budget files: models x hardware x dims x limits, with owners and waivers (docs/gates.md,
// docs/schema/budget.schema.json).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/gate/check.h"

namespace aiprof::gate {

// Every model on every machine against every rule.
struct BudgetEntry {
  std::vector<std::string> models;    // files; relative ones stand beside the budget file
  std::vector<std::string> hardware;  // names or files; empty: counted only
  std::string base;                   // file of the base; empty: none
  std::string runtime;                // empty: what suits the hardware
  std::vector<std::string> edits;     // as --set
  std::map<std::string, std::int64_t> dims;
  std::map<std::string, std::int64_t> trips;  // as --trip
  std::map<std::string, std::string> shapes;  // as --shape: "1x3x224x224"
  std::map<std::string, std::string> values;  // as --value: "1,2,3" or "@FILE"
  std::vector<std::string> op_rules;          // files, as --op-rules
  Certainty certainty = Certainty::kEstimate;
  std::vector<Rule> rules;
};

struct Budget {
  std::string file;
  std::vector<BudgetEntry> entries;  // at least one, each with a model and a rule
};

// `file` is for messages and for what is relative to it. Throws Error(kInput) naming file and key.
[[nodiscard]] Budget parse_budget(std::string_view text, const std::string& file);

// The keys that the parser takes, by kind of object, for the schema and its test.
enum class BudgetObject : std::uint8_t { kFile, kEntry, kLimit, kWaiver };
[[nodiscard]] std::span<const std::string_view> budget_keys(BudgetObject object);

}  // namespace aiprof::gate
