// Texts that answer one question each, for a terminal: where the numbers of one operator come from,
// which operators a model needs, what a machine is.
#pragma once

#include <string>
#include <string_view>

#include "aiprof/report/write.h"

namespace aiprof {

// What an explanation is made from: a report and the stages that it was built from.
struct Explained {
  const Graph& graph;
  const Analysis& analysis;
  const Report& report;
  const MachineEstimate* machine;  // null: counts only
};

// The derivation of one operator: what goes in and out, the counting rule with the numbers put in,
// bytes by operand and, with a machine, the terms of its kernel's time with their sources.
[[nodiscard]] std::string write_explanation(const Explained& what, NodeId node,
                                            const WriteOptions& options);

// The operators of a model by type: how many nodes, whether aiprof models them, whether the machine
// of the report (if any) can run them, and their share of the work.
[[nodiscard]] std::string write_model_operators(const Report& report, const WriteOptions& options);

// Every operator that aiprof has a rule for.
[[nodiscard]] std::string write_known_operators(const WriteOptions& options);

// The engines, memories and other numbers of a machine, each with its status and source.
[[nodiscard]] std::string write_hardware(const Hardware& hardware, const WriteOptions& options);

}  // namespace aiprof
