// Nodes that launch no kernel but that an executor still steps through.
#pragma once

#include "aiprof/lowering/lowering.h"

namespace aiprof {

// Sets Kernel::host_nodes of every kernel to the views and the shape arithmetic between the kernel
// before and it; what follows the last kernel belongs to that. Nodes whose inputs are all stored
// are folded when a session is made and cost nothing, and so is the shape of a tensor that does not
// depend on an input with dynamic dims. Needs Lowered::kernel_of.
void count_host_nodes(const Graph& graph, const Analysis& analysis, Lowered& lowered);

}  // namespace aiprof
