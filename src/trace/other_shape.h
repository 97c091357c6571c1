// Profiles that were taken with other dims than the model is bound to.
#pragma once

#include <optional>
#include <span>

#include "aiprof/trace/trace.h"

namespace aiprof::trace {

// JoinedProfile::other_shape.
[[nodiscard]] std::optional<OtherShape> find_other_shape(const MeasuredProfile& profile,
                                                         const TraceSubject& subject,
                                                         std::span<const JoinedEvent> events);

}  // namespace aiprof::trace
