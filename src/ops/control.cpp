// Control flow. Bodies are run by the analysis (src/analysis/control.cpp): their nodes carry the
// work, the operator itself costs nothing.
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// Outputs are those of the bodies.
void from_bodies(const InferView& /*v*/) {}

constexpr OpSpec kControlOps[] = {
    {"", "If", 1, OpClass::kControl, from_bodies, no_work, no_traffic,
     "nothing itself; the nodes of the branch that is taken count, of the larger if that is "
     "unknown"},
    {"", "Loop", 1, OpClass::kControl, from_bodies, no_work, no_traffic,
     "nothing itself; the nodes of the body count once per trip"},
    {"", "Scan", 8, OpClass::kControl, from_bodies, no_work, no_traffic,
     "nothing itself; the nodes of the body count once per element of the scanned axis"},
    {"", "SequenceMap", 17, OpClass::kControl, from_bodies, no_work, no_traffic,
     "nothing itself; the nodes of the body count once per element of the sequence"},
};

}  // namespace

std::span<const OpSpec> control_ops() { return kControlOps; }

}  // namespace aiprof::ops
