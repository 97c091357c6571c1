// Measured profiles of whole models, joined to the nodes and kernels that were predicted.
//
// Read: the profile of ONNX Runtime (JSON), what trtexec --exportProfile writes (JSON), and tables
// of name and seconds (CSV), such as nsys stats gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/lowering/lowering.h"
#include "aiprof/roofline/estimate.h"

namespace aiprof {

// One kernel or operator as a runtime names it.
struct TraceEvent {
  std::string name;
  std::string op_type;              // empty where the format does not say
  std::vector<std::int64_t> shape;  // of its first output; empty where the format does not say
  double seconds = 0;               // of one inference; over several runs as TraceOptions says
  std::size_t runs = 0;             // in how many runs it was seen
};

enum class TraceFormat : std::uint8_t { kOnnxRuntime, kTensorRt, kTable };
[[nodiscard]] std::string_view name(TraceFormat format);

// How runs of the same model are put together.
enum class RunStatistic : std::uint8_t { kMedian, kMean, kMinimum };

struct TraceOptions {
  RunStatistic statistic = RunStatistic::kMedian;
  // Runs at the beginning that are dropped where there are more; formats without runs have none.
  std::size_t warm_up = 1;
};

struct MeasuredProfile {
  std::string file;
  TraceFormat format = TraceFormat::kTable;
  std::size_t runs = 1;            // that count
  std::vector<TraceEvent> events;  // in the order of execution
  std::vector<std::string> notes;  // what was left out
};

// The format is told from the content. Throws Error(kInput) naming file, and line or event.
[[nodiscard]] MeasuredProfile parse_profile(std::string_view text, std::string_view file,
                                            const TraceOptions& options = {});
[[nodiscard]] MeasuredProfile load_profile(const std::string& path,
                                           const TraceOptions& options = {});

// One predicted kernel beside its measurement.
struct JoinedKernel {
  std::size_t kernel = 0;           // index in Lowered::kernels
  std::vector<std::size_t> events;  // of MeasuredProfile::events; empty: nothing measured
  double predicted_seconds = 0;
  double measured_seconds = 0;  // 0 if nothing was measured
  // The runtime ran this kernel and others as one: `leader` is the kernel that its event was
  // joined to, and the measured time is split by the predicted times of all of them.
  std::optional<std::size_t> leader;
  std::optional<double> ratio;                               // predicted / measured
  std::optional<double> flops_per_second, bytes_per_second;  // achieved
  std::optional<double> mfu, mbu;  // measured; absent where the prediction has none
};

// How an event found its node.
enum class JoinBy : std::uint8_t {
  kNodeName,
  kTensorName,  // of what the node writes: how runtimes call fused nodes
  kRange,       // one of several nodes that the name lists
  kReader,      // a copy that the runtime put in, charged to the node that runs next
  kOrder,       // a name without a node in it: what stands between its neighbours
};
[[nodiscard]] std::string_view name(JoinBy by);

struct JoinedEvent {
  std::size_t event = 0;
  NodeId node = kNoNode;  // the first that it was joined to
  JoinBy by = JoinBy::kNodeName;
  std::optional<std::size_t> kernel;  // absent: a view or a folded node, predicted to be free
};

struct JoinedTotals {
  double predicted_seconds = 0;         // of kernels with a measurement
  double predicted_seconds_all = 0;     // of all kernels
  double measured_seconds = 0;          // of all events
  double matched_seconds = 0;           // of events that were joined to nodes
  double free_seconds = 0;              // of those, to nodes that are predicted to be free
  std::optional<double> mape;           // mean |predicted / measured - 1| over joined kernels
  std::optional<double> weighted_mape;  // the same, each weighted by its measured time
  std::optional<double> flops_per_second, bytes_per_second, mfu, mbu;
};

struct UnmatchedEvent {
  std::size_t event = 0;
  std::string reason;
};

// An event that wrote a tensor of another size than the model does with the dims as bound.
struct OtherShape {
  std::size_t event = 0;
  TensorId tensor = kNoTensor;
};

struct JoinedProfile {
  std::vector<JoinedKernel> kernels;      // by kernel
  std::vector<JoinedEvent> events;        // by event, without the unmatched
  std::vector<UnmatchedEvent> unmatched;  // events without a node, longest first
  // The longest of them, if most of the time that can be checked is of such events: the profile is
  // of another batch or another sequence, and there is nothing to compare.
  std::optional<OtherShape> other_shape;
  JoinedTotals totals;
};

// What joining reads: a model, what was predicted for it on one machine.
struct TraceSubject {
  const Graph& graph;
  const Analysis& analysis;
  const Lowered& lowered;
  const Estimate& estimate;
};

// Events are joined by node name; by the name of the tensor that a node writes, as fused nodes are
// called; by either with what runtimes put around names cut off; by the nodes that a name lists.
// Copies that a runtime puts in (ReorderInput, ReorderOutput, reformats) are charged to the node
// that reads them, and names without a node in them to what stands between their neighbours; an
// operator that a runtime moved, to the nearest node of its type, else to the node that runs next.
[[nodiscard]] JoinedProfile join_profile(const MeasuredProfile& profile,
                                         const TraceSubject& subject);

}  // namespace aiprof
