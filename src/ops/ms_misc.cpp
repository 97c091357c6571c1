// com.microsoft: operators that move, index, search, transform and compare.
#include <algorithm>
#include <utility>

#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/evaluate.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- twins of standard operators
// --------------------------------------------------------------------

constexpr StandardOp kPad{"Pad", 13};
constexpr StandardOp kRange{"Range", 11};
constexpr StandardOp kGatherNd{"GatherND", 11};
constexpr StandardOp kTrilu{"Trilu", 14};
constexpr StandardOp kGridSample{"GridSample", 16};
constexpr StandardOp kMaxPool{"MaxPool", 12};

// --- shapes
// ---------------------------------------------------------------------------------------

void expand_dims_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  const auto axis = v.int_scalar(1);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  if (!axis) {
    Shape unknown;
    unknown.resize(x.rank() + 1);
    return v.set(0, x.dtype, std::move(unknown));
  }
  Shape out = x.shape;
  out.insert_at(v.normalize_axis(*axis, x.rank() + 1), 1);
  v.set(0, x.dtype, std::move(out));
}

void unfold_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  const std::size_t axis = v.normalize_axis(v.attr_int("dim", -1), x.rank());
  const std::int64_t size = v.attr_int("size", 0);
  const std::int64_t step = v.attr_int("step", 1);
  if (size <= 0 || step <= 0) v.fail("size and step must be positive");
  Shape out = x.shape;
  out[axis] = (out[axis] - Dim(size)) / Dim(step) + Dim(1);
  out.push_back(size);
  v.set(0, x.dtype, std::move(out));
}

void torch_embedding_shape(const InferView& v) {
  if (!v.in(0).has_shape || !v.in(1).has_shape) return v.set_unknown_rank(0, v.in(0).dtype);
  v.set(0, v.in(0).dtype, gather_shape(v.in(0).shape, 0, v.in(1).shape));
}

void embedding_traffic(const OpView& v, Traffic& t) {
  read_rows(v, t, 0, v.in(1).elements());
  for (std::size_t i = 1; i < v.num_inputs(); ++i) t.read(i);
  t.write(0);
}

void crop_and_resize_shape(const InferView& v) {
  const auto size = v.ints(3);
  const bool known = size && size->size() == 2;
  v.set(0, v.in(0).dtype,
        {v.in_dim(1, 0), v.in_dim(0, 1), known ? Dim((*size)[0]) : Dim(),
         known ? Dim((*size)[1]) : Dim()});
}

// Bilinear: 4 products and 3 sums of corners per output element.
Work crop_and_resize_work(const OpView& v) {
  if (v.attr_string("mode", "bilinear") == "nearest") return {};
  return arithmetic(v.in(0).dtype, v.out(0).elements(), 7);
}

// Of the images no more than four points per output element are read.
void crop_and_resize_traffic(const OpView& v, Traffic& t) {
  t.read(0, min(v.in(0).elements(), v.out(0).elements() * 4U));
  for (const std::size_t i : {1U, 2U, 3U}) t.read(i);
  t.write(0);
}

void tokenizer_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, DType::kString);
  Shape out = x.shape;
  out.push_back(Dim());  // tokens of the longest string
  v.set(0, DType::kString, std::move(out));
}

// All elements may differ: an upper bound of how many do.
void unique_shape(const InferView& v) {
  copy_type(v, 0, 0);
  copy_type(v, 0, 1, DType::kInt64);
  copy_type(v, 0, 2, DType::kInt64);
  for (const std::size_t o : {0U, 2U}) {
    v.assume(o, "all elements are taken to differ: how many do depends on the data");
  }
}

// Bits needed to count to n: ceil(log2 n).
Count log2_up(Count n) {
  if (!n.known()) return n;
  std::uint64_t bits = 0;
  while (bits < 63 && (std::uint64_t{1} << bits) < n.value()) ++bits;
  return bits;
}

Work unique_work(const OpView& v) {
  const Count n = v.in(0).elements();
  Work w;
  add_ops(w, v.in(0).dtype, n * log2_up(n));
  return w;
}

void murmur_shape(const InferView& v) {
  copy_type(v, 0, 0, v.attr_int("positive", 1) != 0 ? DType::kUint32 : DType::kInt32);
}

// MurmurHash3 (x86, 32 bit): 11 operations per block of 4 bytes, 9 to finish. A string is taken as
// two blocks, the width it is stored with.
Work murmur_work(const OpView& v) {
  const Count blocks = ceil_div(Count(bits(v.in(0).dtype)), 32U);
  Work w;
  w.integer_ops = v.in(0).elements() * (blocks * 11U + 9U);
  return w;
}

void time_warping_shape(const InferView& v) {
  v.set(0, DType::kInt32, {2, v.in_dim(0, -2) + v.in_dim(0, -1) - Dim(1)});
  v.assume(0, "the path is taken to be as long as it can be: rows + columns - 1");
}

void bifurcation_shape(const InferView& v) {
  const DType dtype = v.in(0).dtype;
  // Without a prediction the tokens pass unchanged; with one, a prefix of it is added.
  v.set(0, dtype, {v.has_in(3) ? v.in_dim(1, 0) + v.in_dim(3, 0) : v.in_dim(1, 0)});
  v.set(1, dtype, {});
  if (v.has_in(3)) v.assume(0, "all predicted tokens are taken to be accepted");
}

Work bifurcation_work(const OpView& v) {
  Work w;
  w.integer_ops = v.in(0).elements() * Count(v.attr_int("max_ngram_size", 3));
  if (v.has_in(3)) w.integer_ops += v.in(3).elements();
  return w;
}

void same_as_second(const InferView& v) { copy_type(v, 1, 0); }

// Every n-gram of a sequence against its last one.
Work ngram_work(const OpView& v) {
  const Count n(v.attr_int("ngram_size", 0));
  Work w;
  w.integer_ops = v.in_dim(0, 0).count() * max(v.in_dim(0, 1).count() + 1U, n) * n -
                  v.in_dim(0, 0).count() * n * n;
  return w;
}

// --- arithmetic
// -----------------------------------------------------------------------------------

// (a + bi)(c + di): 4 products, 2 sums. The last axis holds real and imaginary parts.
Work complex_mul_work(const OpView& v) {
  return arithmetic(v.in(0).dtype, v.out(0).elements() / 2U, 6);
}

void mul_integer_shape(const InferView& v) {
  const TensorFact& a = v.in(0);
  const TensorFact& b = v.in(2);
  if (!a.has_shape || !b.has_shape) return v.set_unknown_rank(0, DType::kInt32);
  v.set(0, DType::kInt32, broadcast(v, a.shape, b.shape));
}

Work mul_integer_work(const OpView& v) {
  Work w;
  w.integer_ops = v.out(0).elements();
  add_zero_point(v, 0, 1, w);
  add_zero_point(v, 2, 3, w);
  return w;
}

void reduce_sum_integer_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  const DType dtype = is_signed(x.dtype) ? DType::kInt32 : DType::kUint32;
  if (!x.has_shape) return v.set_unknown_rank(0, dtype);
  const bool keep = v.attr_int("keepdims", 1) != 0;
  Shape out = x.shape;
  InlineVector<std::size_t, 8> axes;
  for (const std::int64_t a : v.attr_ints("axes")) axes.push_back(v.normalize_axis(a, x.rank()));
  std::sort(axes.begin(), axes.end());
  for (std::size_t i = axes.size(); i-- > 0;) {
    if (keep) {
      out[axes[i]] = 1;
    } else {
      out.erase_at(axes[i]);
    }
  }
  v.set(0, dtype, std::move(out));
}

Work reduce_sum_integer_work(const OpView& v) {
  Work w;
  w.integer_ops = combined(v.in(0).elements(), v.out(0).elements());
  return w;
}

void cdist_shape(const InferView& v) { v.set(0, v.in(0).dtype, {v.in_dim(0, 0), v.in_dim(1, 0)}); }

// Per pair: differences, their squares, their sum.
Work cdist_work(const OpView& v) {
  const Count pairs = v.in_dim(0, 0).count() * v.in_dim(1, 0).count();
  Work w;
  w.flops = pairs * (v.in_dim(0, 1).count() * 3U - 1U);
  if (v.attr_string("metric", "sqeuclidean") == "euclidean") w.transcendentals = pairs;
  return w;
}

// Gauss-Jordan on each matrix: 2 n^3 FLOPs, n x n divisions.
Work inverse_work(const OpView& v) {
  const Count n = v.in_dim(0, -1).count();
  const Count matrices = v.in(0).elements() / (n * n);
  Work w;
  w.flops = matrices * n * n * n * 2U;
  w.transcendentals = matrices * n * n;
  return w;
}

void finite_shape(const InferView& v) { v.set(0, DType::kBool, {}); }

Work finite_work(const OpView& v) {
  Work w;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) add_ops(w, v.in(i).dtype, v.in(i).elements());
  return w;
}

// --- Fourier
// --------------------------------------------------------------------------------------

// The signal is the last axis (of signal_ndim = 1); the transform adds an axis of two.
void rfft_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() == 0) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.shape;
  if (v.attr_int("onesided", 1) != 0) out.back() = out.back() / Dim(2) + Dim(1);
  out.push_back(2);
  v.set(0, x.dtype, std::move(out));
}

void irfft_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 2) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.shape;
  out.pop_back();
  if (v.attr_int("onesided", 1) != 0) out.back() = (out.back() - Dim(1)) * Dim(2);
  v.set(0, x.dtype, std::move(out));
}

// Radix-2 of a real signal of N points: half of 5 N log2 N (a butterfly of 10 FLOPs makes 2 of N
// points complex; a real signal needs half of them). With several signal axes N is their product.
Work real_fourier_work(const OpView& v, std::size_t real) {
  const TensorFact& x = real == 0 ? v.in(0) : v.out(0);
  Work w;
  w.flops = w.transcendentals = Count::unknown();
  if (!x.has_shape || x.rank() == 0) return w;
  const auto axes = static_cast<std::size_t>(std::clamp<std::int64_t>(
      v.attr_int("signal_ndim", 1), 1, static_cast<std::int64_t>(x.rank())));
  const Count points = product(x.shape, x.rank() - axes, x.rank());
  w.flops = x.elements() * log2_up(points) * 5U / 2U;
  w.transcendentals = 0U;
  if (v.attr_int("normalized", 0) != 0) w.flops += v.out(0).elements();
  return w;
}

Work rfft_work(const OpView& v) { return real_fourier_work(v, 0); }
Work irfft_work(const OpView& v) { return real_fourier_work(v, 1); }

// --- opaque
// ---------------------------------------------------------------------------------------

void no_shape(const InferView& /*v*/) {}

Work opaque_work(const OpView& v) {
  v.fail(std::string(v.type()) + " holds a compiled graph that only its runtime can read");
}

constexpr OpClass kMove = OpClass::kMovement;
constexpr OpClass kElement = OpClass::kElementwise;
constexpr std::string_view kOpaque = "a gap: a compiled graph that only its runtime can read";
constexpr std::string_view kFourier =
    "5/2 N ceil(log2 N) FLOPs per real signal of N points; 1 per output element if normalized";

constexpr OpSpec kOps[] = {
    {kMicrosoft, "Pad", 1, kMove, twin_shape<kPad>, twin_work<kPad>, twin_traffic<kPad>,
     "no arithmetic: as the standard Pad", twin_value<kPad>},
    {kMicrosoft, "Range", 1, kMove, twin_shape<kRange>, twin_work<kRange>, twin_traffic<kRange>,
     "as the standard Range", twin_value<kRange>},
    {kMicrosoft, "GatherND", 1, OpClass::kGather, twin_shape<kGatherNd>, twin_work<kGatherNd>,
     twin_traffic<kGatherNd>, "no arithmetic: as the standard GatherND", twin_value<kGatherNd>},
    {kMicrosoft, "Trilu", 1, kMove, twin_shape<kTrilu>, twin_work<kTrilu>, twin_traffic<kTrilu>,
     "no arithmetic: as the standard Trilu", twin_value<kTrilu>},
    {kMicrosoft, "GridSample", 1, OpClass::kResize, twin_shape<kGridSample>, twin_work<kGridSample>,
     twin_traffic<kGridSample>, "as the standard GridSample"},
    {kMicrosoft, "MaxpoolWithMask", 1, OpClass::kPooling, twin_shape<kMaxPool>, twin_work<kMaxPool>,
     each_once, "kernel points - 1 FLOPs (max) per output element"},
    {kMicrosoft, "ExpandDims", 1, OpClass::kView, expand_dims_shape, no_work, no_traffic,
     "free: a view", value_of_first, kAliases},
    {kMicrosoft, "UnfoldTensor", 1, kMove, unfold_shape, no_work, each_once,
     "no arithmetic: copies overlapping windows"},
    {kMicrosoft, "TorchEmbedding", 1, OpClass::kGather, torch_embedding_shape, no_work,
     embedding_traffic, "no arithmetic: only the looked-up rows are read"},
    {kMicrosoft, "CropAndResize", 1, OpClass::kResize, crop_and_resize_shape, crop_and_resize_work,
     crop_and_resize_traffic, "bilinear: 7 FLOPs per output element; nearest: none"},
    {kMicrosoft, "Tokenizer", 1, OpClass::kText, tokenizer_shape, no_work, each_once,
     "no arithmetic: text; the number of tokens depends on the data"},
    {kMicrosoft, "Unique", 1, OpClass::kSort, unique_shape, unique_work, each_once,
     "n ceil(log2 n) compares; all elements are taken to differ"},
    {kMicrosoft, "MurmurHash3", 1, kElement, murmur_shape, murmur_work, each_once,
     "11 integer operations per 4 bytes + 9 per element"},
    {kMicrosoft, "DynamicTimeWarping", 1, OpClass::kSort, time_warping_shape, per_input_element<3>,
     each_once, "3 FLOPs (2 compares, add) per cell; the path is taken to be the longest"},
    {kMicrosoft, "BifurcationDetector", 1, OpClass::kSort, bifurcation_shape, bifurcation_work,
     each_once, "at most max_ngram_size compares per source token, 1 per predicted token"},
    {kMicrosoft, "NGramRepeatBlock", 1, OpClass::kSort, same_as_second, ngram_work, each_once,
     "ngram_size integer compares per n-gram of a sequence"},
    {kMicrosoft, "ComplexMul", 1, kElement, broadcast_all, complex_mul_work, each_once,
     "6 FLOPs per complex element"},
    {kMicrosoft, "ComplexMulConj", 1, kElement, broadcast_all, complex_mul_work, each_once,
     "6 FLOPs per complex element"},
    {kMicrosoft, "MulInteger", 1, kElement, mul_integer_shape, mul_integer_work, each_once,
     "1 integer operation per output element, 1 per operand element with a zero point"},
    {kMicrosoft, "ReduceSumInteger", 1, OpClass::kReduction, reduce_sum_integer_shape,
     reduce_sum_integer_work, each_once, "input - output elements integer additions"},
    {kMicrosoft, "CDist", 1, OpClass::kReduction, cdist_shape, cdist_work, each_once,
     "3 N - 1 FLOPs per pair of vectors of N elements; euclidean: 1 root"},
    {kMicrosoft, "Inverse", 1, OpClass::kTransform, same_as_first, inverse_work, each_once,
     "2 n^3 FLOPs and n^2 divisions per n x n matrix (Gauss-Jordan)"},
    {kMicrosoft, "Rfft", 1, OpClass::kTransform, rfft_shape, rfft_work, each_once, kFourier},
    {kMicrosoft, "Irfft", 1, OpClass::kTransform, irfft_shape, irfft_work, each_once, kFourier},
    {kMicrosoft, "IsAllFinite", 1, OpClass::kReduction, finite_shape, finite_work, each_once,
     "1 compare per element"},
    {kMicrosoft, "SampleOp", 1, kMove, same_as_first, no_work, each_once, "no arithmetic: a copy",
     value_of_first},
    // Saved graphs that were split between a device and its host.
    {"", "MemcpyFromHost", 1, kMove, same_as_first, no_work, each_once, "no arithmetic: a copy",
     value_of_first},
    {"", "MemcpyToHost", 1, kMove, same_as_first, no_work, each_once, "no arithmetic: a copy",
     value_of_first},
    {kMicrosoft, "EPContext", 1, OpClass::kCustom, no_shape, opaque_work, no_traffic, kOpaque},
    {kMicrosoft, "Snpe", 1, OpClass::kCustom, no_shape, opaque_work, no_traffic, kOpaque},
};

}  // namespace

std::span<const OpSpec> ms_misc_ops() { return kOps; }

}  // namespace aiprof::ops
