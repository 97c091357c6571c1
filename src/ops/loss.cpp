// Classification losses. Counts are those of the function bodies that ONNX defines.
#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

enum class Reduction : std::uint8_t { kNone, kSum, kMean };

Reduction reduction(const OpView& v) {
  const std::string_view name = v.attr_string("reduction", "mean");
  if (name == "none") return Reduction::kNone;
  return name == "sum" ? Reduction::kSum : Reduction::kMean;
}

// --- shapes -------------------------------------------------------------------------------------

// One loss per label, or a scalar.
void loss_shape(const InferView& v) {
  if (reduction(v) != Reduction::kNone) {
    v.set(0, v.in(0).dtype, {});
  } else {
    copy_type(v, 1, 0, v.in(0).dtype);
  }
}

void cross_entropy_shape(const InferView& v) {
  loss_shape(v);
  copy_type(v, 0, 1);
}

// --- work ---------------------------------------------------------------------------------------

// A negation per label; a product if labels have weights or may be ignored; the sum of the losses,
// and for the mean a division by their number, or by the sum of the weights.
Work likelihood_work(const OpView& v) {
  const Count labels = v.in(1).elements();
  const Count sum = combined(labels, 1U);
  const bool ignores = v.attr("ignore_index") != nullptr;
  const bool weighted = v.has_in(2) || ignores;
  Work w;
  w.flops = weighted ? labels * 2U : labels;
  if (ignores) w.integer_ops = labels;  // compare with ignore_index
  if (reduction(v) == Reduction::kNone) return w;
  w.flops += sum;
  if (reduction(v) == Reduction::kMean) {
    w.transcendentals = 1U;
    if (weighted) w.flops += sum;
  }
  return w;
}

// LogSoftmax over the classes (max, subtract, exp, sum, log, subtract), then as above.
Work cross_entropy_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count rows = v.in(1).elements();
  Work w = likelihood_work(v);
  w.flops += combined(n, rows) * 2U + n * 2U;
  w.transcendentals += n + rows;
  w.geometry = row_geometry(rows, v.in_dim(0, 1).count());
  return w;
}

// --- traffic ------------------------------------------------------------------------------------

// Labels pick one score each, and at most that many of the classes' weights.
void likelihood_traffic(const OpView& v, Traffic& t) {
  const Count labels = v.in(1).elements();
  t.read(0, labels);
  t.read(1);
  t.read(2, min(labels, v.in(2).elements()));
  t.write(0);
}

void cross_entropy_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  t.read(1);
  t.read(2, min(v.in(1).elements(), v.in(2).elements()));
  t.write_all();
}

// --- rows ---------------------------------------------------------------------------------------

constexpr OpSpec kRows[] = {
    {"", "NegativeLogLikelihoodLoss", 12, OpClass::kLoss, loss_shape, likelihood_work,
     likelihood_traffic,
     "per label 1 FLOP (neg), 1 more with weights or ignore_index; sum: labels - 1 FLOPs; mean: 1 "
     "division and with weights labels - 1 more"},
    {"", "SoftmaxCrossEntropyLoss", 12, OpClass::kLoss, cross_entropy_shape, cross_entropy_work,
     cross_entropy_traffic,
     "LogSoftmax over the classes (4n - 2 FLOPs, n exp, 1 log per label) and "
     "NegativeLogLikelihoodLoss"},
};

}  // namespace

std::span<const OpSpec> loss_ops() { return kRows; }

}  // namespace aiprof::ops
