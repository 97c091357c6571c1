// What the kinds of control flow share, and the start of each.
#pragma once

#include <string>
#include <string_view>

#include "analysis/binder.h"

namespace aiprof {

// The body that a node has in an attribute; kNoRegion: none.
[[nodiscard]] RegionId body_of(const OpView& v, std::string_view attribute);

// Gives one tensor what is known of another; `from` kNoTensor: nothing is.
void copy_fact(Binder& b, TensorId from, TensorId to);

// The results of a body become the outputs of its node.
void copy_outputs(Binder& b, NodeId node, RegionId body);

// What messages and --trip call a node: its path and its name, or number.
[[nodiscard]] std::string label(const Binder& b, NodeId node);

// Each starts the bodies of a node of that operator; one that cannot be run becomes a gap.
void start_loop(Binder& b, NodeId id);
void start_scan(Binder& b, NodeId id);
void start_map(Binder& b, NodeId id);

}  // namespace aiprof
