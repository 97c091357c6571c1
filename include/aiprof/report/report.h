// Everything a report says, as plain data: the only input of every writer.
//
// Values are SI base units. Absent optionals are unknown, or need hardware that was not given;
// nothing here is rounded or formatted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aiprof/analysis/analysis.h"
#include "aiprof/hardware/hardware.h"
#include "aiprof/lowering/lowering.h"
#include "aiprof/report/appendix.h"
#include "aiprof/roofline/estimate.h"
#include "aiprof/trace/trace.h"

namespace aiprof {

// One extent: a number, or the name that an unknown dim has in the model ("?" if none).
using DimText = std::variant<std::int64_t, std::string>;

struct TensorRow {
  std::string name;
  std::string dtype;                          // empty if unknown
  std::optional<std::vector<DimText>> shape;  // absent: unknown rank
};

// Times and energy of something that runs, over one inference.
struct Seconds {
  double latency = 0, compute = 0, memory = 0, overhead = 0;
  double joules = 0;

  Seconds& operator+=(const Seconds& o);
};

// Arithmetic and traffic. Bytes are those of each node by itself, before fusion.
struct WorkRow {
  Count flops = 0U, macs = 0U, transcendentals = 0U, integer_ops = 0U;
  Count bytes_read = 0U, bytes_written = 0U, weight_bytes_read = 0U;

  WorkRow& operator+=(const WorkRow& o);
};

// What a profile says of something that runs, beside the prediction for the same.
struct MeasuredTime {
  double seconds = 0;            // measured, over one inference
  double predicted_seconds = 0;  // 0 where nothing is predicted: views and folded nodes

  MeasuredTime& operator+=(const MeasuredTime& o);
  // Predicted over measured; absent where either is nothing.
  [[nodiscard]] std::optional<double> ratio() const;
};

// One node of the model.
struct NodeRow {
  std::size_t index = 0;
  std::string name, path, op_type, domain, op_class;
  std::string block;  // module path, "/" between the parts; empty: top level or unknown
  NodeStatus status = NodeStatus::kGap;
  std::string reason;  // of kGap and kAssumed
  std::optional<std::uint64_t> trips;
  std::vector<std::size_t> inputs, outputs;  // in Report::tensors; omitted operands are not listed
  std::optional<WorkRow> work;               // absent: a gap
  std::optional<double> arithmetic_intensity;  // FLOP/byte; absent where nothing moves
  std::optional<std::size_t> kernel;           // absent: views, folded nodes, gaps, no hardware
  std::optional<Seconds> seconds;              // its share of its kernel
  std::optional<Bound> bound;
  // Its share of its kernel's, split as `seconds` is; absent where nothing was measured.
  std::optional<MeasuredTime> measured;
};

// One launch.
struct KernelRow {
  std::size_t index = 0;
  std::string name;                // of its main node
  std::vector<std::size_t> nodes;  // rows of Report::nodes, ascending
  std::string op_class;
  std::string fusion;       // the rule that formed it; empty for a single node
  std::string engine;       // "matrix float16"
  std::string unsupported;  // why the machine cannot run it; empty if it can
  std::optional<std::uint64_t> launches, flops, bytes_read, bytes_written, saved_bytes;
  std::optional<double> arithmetic_intensity;
  Seconds seconds;
  double latency_low_seconds = 0, latency_high_seconds = 0;
  Bound bound = Bound::kMemory;
  std::optional<double> mfu, mbu;
  // With a profile, absent where it has no time for the kernel.
  std::optional<MeasuredTime> measured;
  std::optional<double> measured_flops_per_second, measured_bytes_per_second, measured_mfu,
      measured_mbu;
  // The runtime ran it together with others, first of all this kernel (maybe itself): the measured
  // time is split by the predicted ones.
  std::optional<std::size_t> measured_with;
};

// Sums of rows that share a key.
struct GroupRow {
  std::string key;
  std::size_t nodes = 0;
  std::size_t gaps = 0;  // of the nodes: without counts, so that the sums are lower bounds
  WorkRow work;
  std::optional<Seconds> seconds;        // absent without hardware
  std::optional<Bound> bound;            // that most of its seconds go to
  std::optional<MeasuredTime> measured;  // of the nodes that have one
};

struct ReportTotals {
  // Equal to the sums over nodes, added in their order.
  WorkRow work;
  std::optional<Seconds> seconds;
  // Of the whole.
  std::optional<std::uint64_t> kernel_bytes_read, kernel_bytes_written, parameters, buffers,
      weight_bytes, peak_activation_bytes, kv_cache_bytes, kv_cache_bytes_per_token;
  // Weights and the activation peak, which includes inputs, outputs and so any KV cache.
  std::optional<std::uint64_t> memory_bytes;
  std::optional<bool> fits;  // memory_bytes against the capacity
  std::optional<double> latency_low_seconds, latency_high_seconds, throughput_per_second,
      tokens_per_second, arithmetic_intensity, mfu, mbu, average_watts;
  std::optional<Bound> bound;
  // With a measured latency, or a profile: the sum of its events.
  std::optional<double> measured_latency_seconds, measured_throughput_per_second, measured_mfu,
      measured_mbu;
};

// State that outlives one inference.
struct StateRow {
  std::string past, present;
  std::string kind;  // "kv_cache" or "recurrent"
  std::optional<std::uint64_t> bytes, bytes_per_token;
  bool in_place = false;
};

struct ModelRow {
  std::string file;
  std::int64_t ir_version = 0;
  std::vector<OpsetImport> opsets;
  std::map<std::string, std::int64_t> dims;
  std::vector<std::size_t> inputs, outputs;  // in Report::tensors
};

struct HardwareRow {
  std::string id, name, file, hash, calibration;
  std::vector<std::string> edits;
  std::uint64_t memory_bytes = 0;
};

// An event of a profile that no node was found for.
struct UnmatchedRow {
  std::string name, op_type;  // as the runtime calls it; the type may be empty
  double seconds = 0;
  std::string reason;
};

// A measured profile beside the prediction.
struct MeasuredRow {
  std::string file, format;
  std::size_t runs = 0, events = 0;
  std::size_t kernels = 0;              // that have a measured time
  double seconds = 0;                   // of all events
  double matched_seconds = 0;           // of events that were joined to nodes
  double free_seconds = 0;              // of those, to nodes that are predicted to be free
  MeasuredTime nodes;                   // sum over Report::nodes
  std::optional<double> mape;           // mean |predicted / measured - 1| of kernels run as one
  std::optional<double> weighted_mape;  // the same, weighted by measured time
  std::vector<UnmatchedRow> unmatched;  // longest first
  std::string other_shapes;             // that it is of other dims; empty if it is of these
  std::vector<std::string> notes;       // what was left out of the profile
};

struct Report {
  ModelRow model;
  std::optional<HardwareRow> hardware;
  std::string runtime;                   // empty without hardware
  std::vector<std::string> assumptions;  // what was not given, with the flag that changes it
  std::vector<std::string> notes;
  Coverage coverage;
  std::vector<TensorRow> tensors;
  std::vector<NodeRow> nodes;      // by index
  std::vector<KernelRow> kernels;  // by index
  std::vector<StateRow> states;
  std::vector<Ridge> ridges;
  ReportTotals totals;
  std::optional<MeasuredRow> measured;  // with a profile
  std::uint64_t batch = 1;              // samples in one inference; throughput is per sample
  std::optional<std::uint64_t> tokens;  // tokens in one inference, of language models
  Appendix appendix;
};

// An estimate of the model on one machine, and what it was made from.
struct MachineEstimate {
  const RuntimeProfile& profile;
  const Hardware& hardware;
  const Lowered& lowered;
  const Estimate& estimate;
};

// A profile of the model, joined to the kernels of the machine's estimate.
struct MeasuredRun {
  const MeasuredProfile& profile;
  const JoinedProfile& joined;
};

struct ReportOptions {
  std::optional<double> measured_latency_seconds;  // above 0; wins over the sum of a profile
  const MeasuredRun* measured = nullptr;           // needs a machine
};

// `machine` may be null: counts only.
[[nodiscard]] Report build_report(const Graph& graph, const Analysis& analysis,
                                  const MachineEstimate* machine,
                                  const ReportOptions& options = {});

enum class GroupBy : std::uint8_t { kOpType, kBlock };

// Rows of the report summed by a key, largest first (by latency, or FLOPs without hardware), then
// in the order of the model. `depth` is the number of parts of a block's path that are kept; 0:
// all.
[[nodiscard]] std::vector<GroupRow> group_rows(const Report& report, GroupBy by,
                                               std::size_t depth = 2);

// The first `depth` parts of a block's path (0: all), as people write it: a part that repeats the
// one before it stands in its place, so that "layer1/layer1.0" reads "layer1.0".
[[nodiscard]] std::string block_prefix(std::string_view path, std::size_t depth);

// What tells a machine from others: its id (or name), and what was edited.
[[nodiscard]] std::string machine_label(const HardwareRow& hardware);

// The name of a node for people: its own (or its first output's where it has none), below its path
// or, where the name is bare, its block.
[[nodiscard]] std::string node_label(const Report& report, const NodeRow& row);

}  // namespace aiprof
