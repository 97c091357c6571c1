#include "roofline/launch.h"

#include <algorithm>

#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

// Seconds by form and launch mode, where a hardware file does not say.
struct LaunchRow {
  Form form;
  double graph, stream, eager;
};
constexpr LaunchRow kLaunches[] = {
    // GPUs: gaps between kernels of a replayed graph (0.95 to 1.9 us measured on six parts) and of
    // a full stream (1.6 to 2.6 us); 5 to 10 us of an eager framework's host for an operator.
    {Form::kManyCore, 1.25e-6, 2.4e-6, 8e-6},
    // One compiled program runs from end to end: the sequencer starts the next step by itself.
    // Eager dispatch to such a device goes through a host and its queue, as for a GPU.
    {Form::kSystolic, 0.5e-6, 2e-6, 10e-6},
    // A call on the same cores: executor bookkeeping and waking the threads; Python adds its own.
    {Form::kProcessor, 1e-6, 1e-6, 5e-6},
    // A command to the memory controller for each operator.
    {Form::kInMemory, 1e-6, 2e-6, 8e-6},
    {Form::kPlain, 1e-6, 2e-6, 8e-6},
};

}  // namespace

double default_launch(Form form, LaunchMode mode) {
  const auto* row = std::ranges::find(kLaunches, form, &LaunchRow::form);
  switch (mode) {
    case LaunchMode::kNone:
      return 0;
    case LaunchMode::kGraph:
      return row->graph;
    case LaunchMode::kStream:
      return row->stream;
    case LaunchMode::kEager:
      return row->eager;
  }
  return 0;
}

Regime regime_of(Form form, LaunchMode mode) {
  switch (mode) {
    case LaunchMode::kNone:
      return Regime::kFree;
    // A processor dispatches to itself: nothing runs beside the dispatch.
    case LaunchMode::kEager:
      return form == Form::kProcessor ? Regime::kGraph : Regime::kQueue;
    case LaunchMode::kGraph:
    case LaunchMode::kStream:
      return Regime::kGraph;
  }
  return Regime::kGraph;
}

double with_launch(const LaunchCost& launch, double body, double fixed) {
  switch (launch.regime) {
    case Regime::kFree:
      return body;
    case Regime::kGraph:
      return launch.seconds + fixed + body;
    case Regime::kQueue:
      return std::max(launch.seconds, body);
    case Regime::kIsolated:
      return smooth_max(launch.isolated_overlap, {launch.seconds, body});
  }
  return body;
}

}  // namespace aiprof::roofline
