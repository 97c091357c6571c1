// Random tensors. The steps of the generator itself (integer arithmetic that differs from runtime
// to runtime) are not counted; making its bits into numbers is.
#include <bit>

#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- shapes -------------------------------------------------------------------------------------

void random_shape(const InferView& v) {
  Shape shape;
  for (const std::int64_t extent : v.attr_ints("shape")) {
    if (extent < 0) v.fail("attribute 'shape' has a negative extent");
    shape.push_back(extent);
  }
  v.set(0, attr_dtype(v, "dtype", DType::kFloat32), std::move(shape));
}

// Shape of the input; its type too unless `dtype` says another.
void random_like_shape(const InferView& v) {
  copy_type(v, 0, 0, attr_dtype(v, "dtype", v.in(0).dtype));
}

// [batch, classes] gives [batch, sample_size].
void multinomial_shape(const InferView& v) {
  v.set(0, attr_dtype(v, "dtype", DType::kInt32),
        {v.in_dim(0, 0), Dim(v.attr_int("sample_size", 1))});
}

// --- work ---------------------------------------------------------------------------------------

// low + (high - low) * u.
Work uniform_work(const OpView& v) { return arithmetic(DType::kFloat32, v.out(0).elements(), 2); }

// Box-Muller: two numbers take a log, a root, a sine and a cosine, 2 products inside, 2 with the
// radius, and a scaling and a shift each.
Work normal_work(const OpView& v) { return arithmetic(DType::kFloat32, v.out(0).elements(), 4, 2); }

// A uniform number and a comparison with the probability.
Work bernoulli_work(const OpView& v) { return arithmetic(DType::kFloat32, v.out(0).elements(), 3); }

// Per row of n classes: max, subtract, exp, running sum; per sample: a uniform number of the sum's
// range, and a binary search.
Work multinomial_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count rows = v.in_dim(0, 0).count();
  const Count classes = v.in_dim(0, 1).count();
  const Count steps = classes.known() ? Count(static_cast<std::uint64_t>(std::bit_width(
                                            classes.value() > 0 ? classes.value() - 1 : 0)))
                                      : classes;
  Work w;
  w.flops = combined(n, rows) * 2U + n + v.out(0).elements() * (steps + 1U);
  w.transcendentals = n;
  return w;
}

// --- traffic ------------------------------------------------------------------------------------

// Only the shape and type of the input matter.
void write_only(const OpView& /*v*/, Traffic& t) { t.write(0); }

// --- rows ---------------------------------------------------------------------------------------

constexpr OpClass kClass = OpClass::kRandom;
constexpr std::string_view kUniform =
    "2 FLOPs (mul, add) per element; the generator is not counted";
constexpr std::string_view kNormal =
    "Box-Muller: 4 FLOPs and 2 transcendentals per element; the generator is not counted";

constexpr OpSpec kRows[] = {
    {"", "RandomUniform", 1, kClass, random_shape, uniform_work, write_only, kUniform, nullptr,
     kNeverFolded},
    {"", "RandomUniformLike", 1, kClass, random_like_shape, uniform_work, write_only, kUniform,
     nullptr, kNeverFolded},
    {"", "RandomNormal", 1, kClass, random_shape, normal_work, write_only, kNormal, nullptr,
     kNeverFolded},
    {"", "RandomNormalLike", 1, kClass, random_like_shape, normal_work, write_only, kNormal,
     nullptr, kNeverFolded},
    {"", "Bernoulli", 15, kClass, random_like_shape, bernoulli_work, each_once,
     "3 FLOPs (uniform number: mul, add; compare) per element; the generator is not counted",
     nullptr, kNeverFolded},
    {"", "Multinomial", 7, kClass, multinomial_shape, multinomial_work, each_once,
     "3n - 2 FLOPs and n exp per row of n classes; ceil(log2(n)) + 1 FLOPs per sample", nullptr,
     kNeverFolded},
};

}  // namespace

std::span<const OpSpec> random_ops() { return kRows; }

}  // namespace aiprof::ops
