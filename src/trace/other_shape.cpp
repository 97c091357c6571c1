#include "trace/other_shape.h"

namespace aiprof::trace {
namespace {

// The tensor that an event says it wrote: it is called after it, or it is the node as it stands.
std::optional<TensorId> written(const TraceEvent& event, const JoinedEvent& joined,
                                const TraceSubject& subject) {
  const Node& node = subject.graph[joined.node];
  const bool same_type = subject.graph.op_type(node).type == event.op_type;
  const bool whole =
      joined.by == JoinBy::kTensorName || (joined.by == JoinBy::kNodeName && same_type);
  if (!whole || node.outputs.empty() || node.outputs[0] == kNoTensor) return std::nullopt;
  const TensorFact& fact = subject.analysis[node.outputs[0]];
  if (!fact.shape_known() || event.shape.size() != fact.rank()) return std::nullopt;
  return node.outputs[0];
}

// Elements, in any order of the axes. Blocked layouts round the channels up, so that these are
// left out where the name tells of one.
bool same_size(const TraceEvent& event, const Shape& own) {
  constexpr std::size_t kChannels = 1;
  const bool blocked = event.name.find("_nchwc") != std::string::npos;
  double there = 1;
  double here = 1;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (blocked && i == kChannels) continue;
    there *= static_cast<double>(event.shape[i]);
    here *= static_cast<double>(own[i].value());
  }
  return there == here;
}

}  // namespace

std::optional<OtherShape> find_other_shape(const MeasuredProfile& profile,
                                           const TraceSubject& subject,
                                           std::span<const JoinedEvent> events) {
  double same = 0;
  double other = 0;
  double longest = 0;
  std::optional<OtherShape> found;
  for (const JoinedEvent& e : events) {
    const TraceEvent& event = profile.events[e.event];
    const std::optional<TensorId> tensor = written(event, e, subject);
    if (!tensor) continue;
    if (same_size(event, subject.analysis[*tensor].shape)) {
      same += event.seconds;
      continue;
    }
    other += event.seconds;
    if (event.seconds < longest) continue;
    longest = event.seconds;
    found = {.event = e.event, .tensor = *tensor};
  }
  return other > same ? found : std::nullopt;
}

}  // namespace aiprof::trace
