// The shapes that `hw bench` measures: those of networks (heads, channels, images), log-spaced
// between them, and some that fit no tile.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "aiprof/calibration/bench.h"

namespace aiprof {
namespace {

using Size = std::int64_t;

// Gathers rows; one method for each kind of operator.
class Shapes {
 public:
  explicit Shapes(DType dtype) : dtype_(dtype) {}

  void product(Size b, Size m, Size n, Size k) {
    add("MatMul", {.b = b > 1 ? b : 0, .m = m, .n = n, .k = k});
  }
  void image(std::string_view op, Size n, Size c, Size hw) {
    add(op, {.n = n, .c = c, .h = hw, .w = hw});
  }
  void table(std::string_view op, Size rows, Size cols, Size reads = 0) {
    add(op, {.rows = rows, .cols = cols, .reads = reads});
  }
  void add(std::string_view op, const Extents& e, DType dtype = DType::kUndefined,
           std::optional<double> weight_set = {}) {
    Measurement m;
    m.op = op;
    m.op_class = find_operator_form(op)->op_class;
    m.dtype = dtype == DType::kUndefined ? dtype_ : dtype;
    m.extents = e;
    m.weight_set = weight_set;
    m.regime = TimingRegime::kStream;
    rows_.push_back(std::move(m));
  }
  [[nodiscard]] std::vector<Measurement> take() { return std::move(rows_); }
  [[nodiscard]] DType dtype() const { return dtype_; }

 private:
  DType dtype_;
  std::vector<Measurement> rows_;
};

// A fixed sequence of numbers between low and high, evenly spread on a log scale.
class Spread {
 public:
  Size next(Size low, Size high) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX generator
    const double u = static_cast<double>(state_ >> 11) * 0x1p-53;
    const double span = std::log(static_cast<double>(high) / static_cast<double>(low));
    return std::llround(static_cast<double>(low) * std::exp(u * span));
  }

 private:
  std::uint64_t state_ = 20;
};

// Weights that come back only after megabytes of others, as those of networks. A few megabytes show
// how much the caches keep, hundreds how fast memory is.
void cold_products(Shapes& s) {
  constexpr double kMegabyte = 1 << 20;
  const auto cold = [&s](Size m, Size n, double megabytes) {
    s.add("MatMul", {.m = m, .n = n, .k = n}, DType::kUndefined, megabytes * kMegabyte);
  };
  for (const Size m : {1, 16, 128, 512}) {
    for (const Size n : {1024, 2048, 4096}) cold(m, n, 256);
  }
  for (const double megabytes : {8, 16, 24, 32, 48, 64, 128}) {
    cold(1, 1024, megabytes);
    cold(128, 1024, megabytes);
  }
}

void products(Shapes& s) {
  for (const Size n : {64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072}) {
    s.product(1, n, n, n);
  }
  constexpr std::array<std::array<Size, 2>, 8> kWeights = {{{256, 256},
                                                            {768, 768},
                                                            {3072, 768},
                                                            {768, 3072},
                                                            {1000, 2048},
                                                            {2048, 2048},
                                                            {4096, 4096},
                                                            {11008, 4096}}};
  for (const auto& [n, k] : kWeights) {
    for (const Size m : {1, 4, 16, 50, 128, 197, 512}) s.product(1, m, n, k);
  }
  for (const Size b : {8, 12, 48, 96}) {
    s.product(b, 128, 128, 64);
    s.product(b, 128, 64, 128);
    s.product(b, 197, 197, 64);
    s.product(b, 197, 64, 197);
    s.product(b, 1, 512, 64);
    s.product(b, 1, 64, 512);
    s.product(b, 49, 49, 32);
  }
  Spread spread;
  for (int i = 0; i < 40; ++i) {
    const Size m = spread.next(1, 2048);
    const Size n = spread.next(16, 4096);
    const Size k = spread.next(16, 4096);
    s.product(1, m, n, k);
  }
  cold_products(s);
  if (s.dtype() != DType::kFloat32) return;
  for (const Size m : {1, 16, 128}) {
    for (const Size n : {768, 2048, 4096}) {
      s.add("MatMul", {.m = m, .n = n, .k = n}, DType::kInt8);
      s.add("MatMulNBits", {.m = m, .n = n, .k = n});
    }
  }
}

struct Layer {
  Size hw, c, k, kernel, stride, groups;
};

constexpr Layer kLayers[] = {
    // pointwise
    {56, 64, 64, 1, 1, 1},
    {56, 64, 256, 1, 1, 1},
    {56, 256, 64, 1, 1, 1},
    {112, 32, 16, 1, 1, 1},
    {112, 16, 96, 1, 1, 1},
    {56, 24, 144, 1, 1, 1},
    {28, 128, 512, 1, 1, 1},
    {28, 512, 128, 1, 1, 1},
    {28, 192, 32, 1, 1, 1},
    {14, 256, 1024, 1, 1, 1},
    {14, 1024, 256, 1, 1, 1},
    {14, 64, 384, 1, 1, 1},
    {14, 576, 96, 1, 1, 1},
    {7, 512, 2048, 1, 1, 1},
    {7, 2048, 512, 1, 1, 1},
    {7, 960, 160, 1, 1, 1},
    {7, 320, 1280, 1, 1, 1},
    {1, 960, 240, 1, 1, 1},
    {1, 48, 1152, 1, 1, 1},
    {56, 256, 512, 1, 2, 1},
    {28, 512, 1024, 1, 2, 1},
    // 3x3
    {224, 3, 32, 3, 2, 1},
    {224, 64, 64, 3, 1, 1},
    {112, 32, 64, 3, 1, 1},
    {112, 64, 128, 3, 1, 1},
    {56, 64, 64, 3, 1, 1},
    {56, 128, 128, 3, 2, 1},
    {56, 256, 256, 3, 1, 1},
    {28, 128, 128, 3, 1, 1},
    {28, 256, 512, 3, 1, 1},
    {14, 256, 256, 3, 1, 1},
    {14, 512, 512, 3, 1, 1},
    {14, 256, 256, 3, 2, 1},
    {7, 512, 512, 3, 1, 1},
    {64, 320, 320, 3, 1, 1},
    {80, 64, 64, 3, 1, 1},
    {40, 128, 128, 3, 1, 1},
    // larger windows
    {224, 3, 64, 7, 2, 1},
    {224, 3, 64, 11, 4, 1},
    {27, 64, 192, 5, 1, 1},
    {28, 32, 64, 5, 1, 1},
    {224, 3, 96, 4, 4, 1},
    {224, 3, 768, 16, 16, 1},
    {224, 3, 768, 32, 32, 1},
    // depthwise
    {112, 32, 32, 3, 1, 32},
    {112, 96, 96, 3, 2, 96},
    {56, 144, 144, 3, 1, 144},
    {56, 144, 144, 3, 2, 144},
    {28, 192, 192, 3, 1, 192},
    {28, 240, 240, 5, 1, 240},
    {14, 384, 384, 3, 1, 384},
    {14, 672, 672, 5, 1, 672},
    {14, 576, 576, 3, 2, 576},
    {7, 960, 960, 3, 1, 960},
    {7, 1152, 1152, 5, 1, 1152},
    {56, 96, 96, 7, 1, 96},
    {14, 384, 384, 7, 1, 384},
    // grouped
    {56, 128, 128, 3, 1, 32},
    {28, 256, 256, 3, 1, 32},
    {14, 512, 512, 3, 1, 32},
    {7, 1024, 1024, 3, 1, 32},
    {28, 116, 116, 1, 1, 2},
    {56, 240, 240, 3, 1, 10},
    {56, 64, 64, 3, 2, 8},
    {28, 96, 96, 3, 1, 12},
    {28, 192, 192, 3, 2, 24},
    {14, 192, 192, 3, 1, 24},
    {14, 384, 384, 3, 1, 16},
    {7, 512, 512, 3, 1, 64},
};

Extents extents(Size n, const Layer& l) {
  const bool patches = l.stride == l.kernel;
  const Size pad = patches ? 0 : l.kernel / 2;
  return {.n = n,
          .k = l.k,
          .c = l.c,
          .h = l.hw,
          .w = l.hw,
          .groups = l.groups,
          .kernel_h = l.kernel,
          .kernel_w = l.kernel,
          .stride_h = l.stride,
          .stride_w = l.stride,
          .pad_h = pad,
          .pad_w = pad};
}

void convolutions(Shapes& s) {
  for (const Size n : {1, 8}) {
    for (const Layer& l : kLayers) s.add("Conv", extents(n, l));
  }
  s.add("Conv", {.n = 1,
                 .k = 384,
                 .c = 80,
                 .h = 1,
                 .w = 3000,
                 .kernel_h = 1,
                 .kernel_w = 3,
                 .stride_h = 1,
                 .stride_w = 1,
                 .pad_h = 0,
                 .pad_w = 1});
  for (const auto& [hw, c] : std::array<std::array<Size, 2>, 6>{
           {{4, 512}, {8, 512}, {16, 256}, {32, 128}, {64, 64}, {128, 32}}}) {
    s.add("ConvTranspose", {.n = 1,
                            .k = c / 2,
                            .c = c,
                            .h = hw,
                            .w = hw,
                            .kernel_h = 4,
                            .kernel_w = 4,
                            .stride_h = 2,
                            .stride_w = 2,
                            .pad_h = 1,
                            .pad_w = 1});
  }
}

void rows_and_columns(Shapes& s) {
  constexpr std::array<std::array<Size, 2>, 10> kScores = {{{1, 1000},
                                                            {12, 128},
                                                            {1536, 128},
                                                            {2364, 197},
                                                            {96, 512},
                                                            {6144, 512},
                                                            {32, 2048},
                                                            {49152, 49},
                                                            {128, 32000},
                                                            {16384, 256}}};
  for (const auto& [rows, cols] : kScores) s.table("Softmax", rows, cols);
  constexpr std::array<std::array<Size, 2>, 10> kTokens = {{{1, 768},
                                                            {16, 768},
                                                            {128, 768},
                                                            {197, 768},
                                                            {512, 1024},
                                                            {3136, 96},
                                                            {784, 192},
                                                            {1024, 2048},
                                                            {128, 4096},
                                                            {8192, 320}}};
  for (const auto& [rows, cols] : kTokens) s.table("LayerNormalization", rows, cols);
  for (const auto& [rows, cols] : kTokens) s.table("ReduceMean", rows, cols);
  s.table("ReduceMax", 128, 1024);
  s.table("ReduceMax", 4096, 1024);
  for (const Size c : {32, 64, 256}) {
    s.image("BatchNormalization", 1, c, 56);
    s.image("InstanceNormalization", 1, c, 56);
  }
}

void elementwise(Shapes& s) {
  constexpr std::array<Size, 9> kRows = {1, 4, 16, 64, 197, 512, 2048, 8192, 20000};
  for (const std::string_view op : {"Add", "Mul", "Relu", "Sigmoid", "Erf", "Gelu", "Tanh"}) {
    for (const Size rows : kRows) s.table(op, rows, 768);
  }
  // Past the largest caches.
  for (const std::string_view op : {"Add", "Relu"}) s.table(op, 50000, 768);
  for (const std::string_view op :
       {"Sub", "Div", "Pow", "Exp", "Sqrt", "LeakyRelu", "HardSigmoid"}) {
    for (const Size rows : {16, 512, 8192}) s.table(op, rows, 768);
  }
  for (const std::string_view op : {"Add", "Mul", "Div", "Pow"}) {
    for (const Size rows : {16, 512, 8192}) s.table(op, rows, 768, 1);
  }
  if (s.dtype() != DType::kFloat32) return;
  for (const Size rows : {16, 512, 8192}) {
    s.table("QuantizeLinear", rows, 768);
    s.table("DequantizeLinear", rows, 768);
  }
}

void movement(Shapes& s) {
  for (const Size tokens : {16, 128, 197, 512, 2048}) {
    s.add("Transpose", {.b = 1, .d = 64, .rows = tokens, .cols = 12});
    s.table("Transpose", tokens, 768);
  }
  s.add("Transpose", {.b = 8, .d = 64, .rows = 197, .cols = 12});
  for (const Size c : {96, 384}) s.add("Transpose", {.b = 1, .rows = c, .cols = 3136});
  for (const Size rows : {1, 16, 128, 512, 4096, 16384}) {
    s.table("Concat", rows, 768);
    s.table("Slice", rows, 768);
  }
  for (const Size hw : {14, 40, 64}) s.image("Resize", 1, 128, hw);
  for (const Size tokens : {1, 16, 128, 512, 4096}) {
    s.add("Gather", {.k = 16000, .rows = tokens, .cols = 768});
  }
  for (const Size n : {1, 8}) {
    for (const auto& [c, hw] :
         std::array<std::array<Size, 2>, 4>{{{64, 112}, {192, 56}, {480, 28}, {832, 14}}}) {
      const Extents e = {.n = n,
                         .c = c,
                         .h = hw,
                         .w = hw,
                         .kernel_h = 3,
                         .kernel_w = 3,
                         .stride_h = 2,
                         .stride_w = 2,
                         .pad_h = 1,
                         .pad_w = 1};
      s.add("MaxPool", e);
      s.add("AveragePool", e);
    }
    for (const auto& [c, hw] : std::array<std::array<Size, 2>, 5>{
             {{2048, 7}, {1280, 7}, {512, 14}, {96, 56}, {32, 112}}}) {
      s.image("GlobalAveragePool", n, c, hw);
    }
  }
}

void composites(Shapes& s) {
  for (const Size tokens : {16, 64, 128, 197, 512, 1024}) {
    s.add("Attention", {.b = 1, .s = tokens, .heads = 12, .d = 64});
  }
  for (const Size past : {128, 512, 2048, 8192}) {
    s.add("Attention", {.b = 1, .s = 1, .l = past, .heads = 12, .d = 64});
    s.add("Attention", {.b = 1, .s = 1, .l = past, .heads = 32, .kv = 8, .d = 128});
  }
  for (const Size hidden : {64, 128, 256, 512}) {
    s.add("LSTM", {.b = 1, .k = hidden, .s = 64, .d = hidden});
    s.add("GRU", {.b = 1, .k = hidden, .s = 64, .d = hidden});
    s.add("LSTM", {.b = 8, .k = hidden, .s = 32, .d = hidden});
  }
}

double operations(const Extents& e) {
  const auto at_least_1 = [](Size v) { return static_cast<double>(std::max<Size>(v, 1)); };
  if (e.m > 0) return 2 * at_least_1(e.b) * at_least_1(e.m) * at_least_1(e.n) * at_least_1(e.k);
  if (e.kernel_h > 0) {
    const double points = at_least_1(e.h / std::max<Size>(e.stride_h, 1)) *
                          at_least_1(e.w / std::max<Size>(e.stride_w, 1));
    return 2 * at_least_1(e.n) * points * at_least_1(e.k) * at_least_1(e.c) / at_least_1(e.groups) *
           at_least_1(e.kernel_h) * at_least_1(e.kernel_w);
  }
  return 0;
}

double bytes(const Measurement& m) {
  const Extents& e = m.extents;
  const auto v = [](Size x) { return static_cast<double>(std::max<Size>(x, 1)); };
  const double width = bits(m.dtype) / 8.0;
  if (e.m > 0) {
    return width * v(e.b) * (v(e.m) * v(e.k) + v(e.k) * v(e.n) + v(e.m) * v(e.n));
  }
  if (e.h > 0) return width * v(e.n) * v(e.h) * v(e.w) * (v(e.c) + v(e.k));
  return 3 * width * v(e.b) * v(e.rows) * v(e.cols) * v(e.d);
}

}  // namespace

std::vector<Measurement> bench_shapes(const BenchOptions& options) {
  std::vector<Measurement> rows;
  for (const DType dtype : options.dtypes) {
    Shapes s(dtype);
    products(s);
    convolutions(s);
    rows_and_columns(s);
    elementwise(s);
    movement(s);
    composites(s);
    for (Measurement& m : s.take()) {
      if (operations(m.extents) > options.largest_operations || bytes(m) > options.largest_bytes) {
        continue;
      }
      m.label = fmt::format("{:04}_{}_{}.onnx", rows.size(), m.op, name(m.dtype));
      rows.push_back(std::move(m));
    }
  }
  return rows;
}

}  // namespace aiprof
