// What a reader needs to recompute a report by hand, and the series that charts draw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aiprof/roofline/estimate.h"

namespace aiprof {

struct MachineEstimate;  // report.h

// A level of memory of the machine, nearest first.
struct MemoryRow {
  std::string name;
  std::string kind;                        // "l2", "dram"
  bool main = false;                       // the one that weights and activations live in
  std::optional<double> capacity_bytes;    // of all instances
  std::optional<double> bytes_per_second;  // data sheet, else measured
};

// One number of the hardware file as it was used, edits included.
struct QuantityRow {
  std::string path;  // "memory.dram.bandwidth_bytes_per_second"
  double value = 0;  // SI base unit, by the end of the path
  std::string status;
  std::string source;  // a key of MachineAppendix::sources; may be empty
  std::string note;
};

struct RuntimeRow {
  std::string name, description, file;
  std::string launch;                // how kernels are started
  std::string float32_math;          // what float32 products are computed in
  std::vector<std::string> fusions;  // names of its rules
};

struct MachineAppendix {
  std::vector<MemoryRow> memory;
  std::vector<QuantityRow> quantities;
  std::vector<Source> sources;
  std::vector<std::string> notes;      // of the hardware file
  std::vector<std::string> fitted_on;  // of its calibration
  RuntimeRow runtime;
  EnergyParts energy;  // joules of one inference by cause
};

// How one operator of the model is counted.
struct FormulaRow {
  std::string domain, op_type, op_class;
  int since = 0;        // the first opset that the rule holds for
  std::string formula;  // what is counted
  std::size_t nodes = 0;
};

// Live bytes while a node runs.
struct MemoryStep {
  std::size_t node = 0;                // in Report::nodes
  std::optional<std::uint64_t> bytes;  // absent: some tensor's size is unknown
};

struct Appendix {
  std::vector<FormulaRow> formulas;        // by domain, type
  std::vector<MemoryStep> memory_steps;    // in execution order; loop bodies once
  std::optional<MachineAppendix> machine;  // absent without hardware
};

// All but the memory steps, which come with the totals. `machine` may be null.
[[nodiscard]] Appendix build_appendix(const Graph& graph, const Analysis& analysis,
                                      const MachineEstimate* machine);

}  // namespace aiprof
