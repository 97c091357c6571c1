// ai.onnx.preview.training: optimisers, and the gradient operator.
#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- shapes -------------------------------------------------------------------------------------

// Inputs: learning rate, update count, then groups of n tensors each: the parameters X, their
// gradients, and one or two states. Outputs: X and the states anew.
std::size_t group_size(const OpView& v, std::size_t groups) {
  const std::size_t n = v.num_inputs();
  if (n < 2 || (n - 2) % groups != 0) {
    v.fail("inputs after the first two must come in " + std::to_string(groups) +
           " groups of equal size, found " + std::to_string(n));
  }
  return (n - 2) / groups;
}

template <std::size_t kGroups>
void optimizer_shape(const InferView& v) {
  const std::size_t n = group_size(v, kGroups);
  for (std::size_t o = 0; o < v.num_outputs() && o < n * (kGroups - 1); ++o) {
    // Group 0 is updated from group 0; groups of states follow the gradients.
    copy_type(v, 2 + (o < n ? o : o + n), o);
  }
}

// The derivative with respect to each of `xs`, which are the first inputs.
void gradient_shape(const InferView& v) {
  for (std::size_t o = 0; o < v.num_outputs(); ++o) copy_type(v, o, o);
}

// --- work ---------------------------------------------------------------------------------------

template <std::size_t kGroups>
Count parameters(const OpView& v) {
  Count total = 0U;
  for (std::size_t i = 0; i < group_size(v, kGroups); ++i) total += v.in(2 + i).elements();
  return total;
}

// Regularised gradient 2, momentum 3, update 2; Nesterov's update looks ahead with 2 more.
Work momentum_work(const OpView& v) {
  Work w;
  w.flops = parameters<3>(v) * (v.attr_string("mode") == "nesterov" ? 9U : 7U);
  return w;
}

// Regularised gradient 2, accumulated square 2, root + epsilon 1, update 2; a root and a division.
// The learning rate of the step: R / (1 + T * decay).
Work adagrad_work(const OpView& v) {
  const Count n = parameters<3>(v);
  Work w;
  w.flops = n * 7U + 2U;
  w.transcendentals = n * 2U + 1U;
  return w;
}

// Regularised gradient 2, first moment 3, second moment 4, root + epsilon 1, update 2, weight decay
// 1; a root and a division. The rate of the step: R * sqrt(1 - beta^T) / (1 - alpha^T).
Work adam_work(const OpView& v) {
  const Count n = parameters<4>(v);
  Work w;
  w.flops = n * 13U + 3U;
  w.transcendentals = n * 2U + 4U;
  return w;
}

Work gradient_work(const OpView& v) {
  v.fail(
      "the work of Gradient is that of differentiating the nodes between xs and y, which the "
      "model does not write out");
}

// --- rows ---------------------------------------------------------------------------------------

constexpr std::string_view kDomain = "ai.onnx.preview.training";
constexpr OpClass kClass = OpClass::kOptimizer;

constexpr OpSpec kRows[] = {
    {kDomain, "Momentum", 1, kClass, optimizer_shape<3>, momentum_work, each_once,
     "7 FLOPs per parameter (nesterov: 9)", nullptr, kInPlace},
    {kDomain, "Adagrad", 1, kClass, optimizer_shape<3>, adagrad_work, each_once,
     "7 FLOPs, 1 sqrt and 1 division per parameter", nullptr, kInPlace},
    {kDomain, "Adam", 1, kClass, optimizer_shape<4>, adam_work, each_once,
     "13 FLOPs, 1 sqrt and 1 division per parameter", nullptr, kInPlace},
    {kDomain, "Gradient", 1, kClass, gradient_shape, gradient_work, each_once,
     "a gap: what is differentiated is not written out"},
};

}  // namespace

std::span<const OpSpec> training_ops() { return kRows; }

}  // namespace aiprof::ops
