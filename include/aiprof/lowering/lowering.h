// What a runtime would launch: nodes grouped into kernels by a runtime profile.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/analysis/analysis.h"

namespace aiprof {

// How a runtime starts kernels; the hardware file says what each costs.
enum class LaunchMode : std::uint8_t {
  kNone,    // nothing: the ideal
  kGraph,   // recorded once, replayed (CUDA graph and the like)
  kStream,  // queued ahead of the device
  kEager,   // the host dispatches every operator anew
};
[[nodiscard]] std::string_view name(LaunchMode mode);

// What float32 matrix products are computed in.
enum class Float32Math : std::uint8_t { kFloat32, kTf32 };

// One fusion pattern. Matchers are operator types ("Relu") or classes ("class:elementwise"). In
// `inputs` and `members` of a sequence, "scalar:" before either asks that all inputs but one are
// single elements (a scaling), "bias:" that they are stored vectors, and a leading "?" says that
// the step may be missing.
struct FusionRule {
  enum class Kind : std::uint8_t {
    kEpilogue,  // head, then members one after another, each the only reader of the one before
    kSequence,  // head, then exactly these members in order, each reading something of the group;
                // nothing but the last result is read from outside
    kCluster,   // head and members in any number and order, as far as one launch can hold them
    kQdq,       // head between DequantizeLinear and QuantizeLinear: a low-precision operator
    kDequant,   // head that unpacks DequantizeLinear inputs itself: weight-only quantisation
    kAbsorb,    // members all of whose readers match head, are in a group that becomes a class of
                // head, or are absorbed themselves: these read the member's input instead
  };
  std::string name;
  Kind kind = Kind::kEpilogue;
  std::vector<std::string> inputs;  // of a sequence: what writes the head's first inputs, in their
                                    // order, for the head alone; part of the group
  std::vector<std::string> head;
  std::vector<std::string> members;
  int max_members = 0;  // 0: no limit
  std::string becomes;  // op_class of the group; empty: that of its head
};

// A runtime profile: models/runtime/*.json, embedded in the program.
struct RuntimeProfile {
  std::string name;
  std::string description;
  LaunchMode launch = LaunchMode::kStream;
  Float32Math float32_math = Float32Math::kFloat32;
  // Whether views and arithmetic on shapes are steps of its executor.
  bool steps_through_views = false;
  std::vector<FusionRule> fusions;
  std::string file;  // where it came from
};

// Resolves what --runtime takes: a file, or the name of a built-in profile. Throws Error(kUsage)
// for an unknown name and kInput for a bad file.
[[nodiscard]] RuntimeProfile load_runtime(std::string_view name_or_file);
[[nodiscard]] RuntimeProfile parse_runtime(std::string_view text, std::string_view file);
[[nodiscard]] std::vector<std::string> runtime_names();

// One launch (or, in a loop body, one launch per trip).
struct Kernel {
  std::vector<NodeId> nodes;  // in execution order; the first is the one that names it
  NodeId main = kNoNode;      // the node whose geometry and class the kernel has
  OpClass op_class = OpClass::kElementwise;
  std::string fusion;   // rule that formed it; empty for a single node
  Count launches = 1U;  // executions in one inference; all counts below are of all of them
  Count macs = 0U, flops = 0U, transcendentals = 0U, integer_ops = 0U;
  Count useful_macs = 0U;          // of the macs, those that masks leave; all where nobody said
  DType math = DType::kUndefined;  // of its contraction, or of its first operand
  Geometry geometry;               // of one launch
  bool general_power = false;      // a lone power whose exponent is not a constant
  std::vector<Operand> operands;   // what still moves to and from memory
  Count host_nodes = 0U;           // stepped through before it, without a launch; of all launches
  Count saved_bytes = 0U;          // that its nodes would move one by one, beyond `operands`

  [[nodiscard]] Count bytes_read() const;
  [[nodiscard]] Count bytes_written() const;
  [[nodiscard]] Count weight_bytes_read() const;
};

struct Lowered {
  std::vector<Kernel> kernels;           // in execution order
  std::vector<std::uint32_t> kernel_of;  // by NodeId; kNoKernel for views, folded nodes and gaps
  static constexpr std::uint32_t kNoKernel = UINT32_MAX;
};

[[nodiscard]] Lowered lower_graph(const Graph& graph, const Analysis& analysis,
                                  const RuntimeProfile& profile);

}  // namespace aiprof
