#include "calibration/operator_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "aiprof/base/error.h"

namespace aiprof::calibration {
namespace {

// The lowest opset that has the types: Attention is of 23.
constexpr std::int64_t kOpset = 21;
constexpr std::int64_t kAttentionOpset = 23;
constexpr std::int64_t kWeightBlock = 128;  // weights that share a scale, where they have 4 bits
constexpr std::int64_t kNBitsBlock = 32;
constexpr std::int64_t kFloat16Bits = 16;

std::int64_t either(std::int64_t given, std::int64_t otherwise) {
  return given > 0 ? given : otherwise;
}

void finish_output(ModelBuilder& g, DType dtype, const Dims& dims) { g.output("y", dtype, dims); }

// The float type that quantised products take and give.
DType wide(DType dtype) { return bits(dtype) >= kFloat16Bits ? dtype : DType::kBfloat16; }

std::string dequantised(ModelBuilder& g, const std::string& x, DType dtype, const Dims& dims) {
  const bool blocks = bits(dtype) <= 4 && dims[0] >= kWeightBlock;
  const std::string out = x + "_wide";
  if (blocks) {
    const std::int64_t rows = (dims[0] + kWeightBlock - 1) / kWeightBlock;
    g.constant(x + "_scale", DType::kFloat16, {rows, dims[1]}, 0.0625);
    g.node("DequantizeLinear", {x, x + "_scale"}, {out},
           {.ints = {{"axis", 0}, {"block_size", kWeightBlock}}});
  } else {
    g.constant(x + "_scale", DType::kFloat16, {dims[1]}, 0.0625);
    g.node("DequantizeLinear", {x, x + "_scale"}, {out}, {.ints = {{"axis", 1}}});
  }
  return out;
}

// 16-bit activations by weights of 8 or 4 bits, which the kernel decodes.
void weight_only_product(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  g.input("x", DType::kFloat16, {e.m, e.k});
  g.weight("w", m.weights, {e.k, e.n});
  const std::string w = dequantised(g, "w", m.weights, {e.k, e.n});
  g.node("MatMul", {"x", w}, {"y"});
  finish_output(g, DType::kFloat16, {e.m, e.n});
}

// Activations quantised by a kernel of their own, a product in 8 bits.
void dynamic_product(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  const DType outside = DType::kFloat16;
  g.input("x", outside, {e.m, e.k});
  g.weight("w", m.dtype, {e.k, e.n});
  g.constant("scale", outside, {}, 0.0625);
  g.constant("zero", m.dtype, {}, 0);
  g.node("QuantizeLinear", {"x", "scale", "zero"}, {"xq"});
  g.node("DequantizeLinear", {"xq", "scale", "zero"}, {"xd"});
  g.node("DequantizeLinear", {"w", "scale", "zero"}, {"wd"});
  g.node("MatMul", {"xd", "wd"}, {"yd"});
  g.node("QuantizeLinear", {"yd", "scale", "zero"}, {"y"});
  finish_output(g, m.dtype, {e.m, e.n});
}

void product(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  if (m.weights != DType::kUndefined && m.weights != m.dtype) return weight_only_product(g, m);
  if (bits(m.dtype) < kFloat16Bits && is_float(m.dtype)) return dynamic_product(g, m);
  if (is_integer(m.dtype)) {
    // Unsigned activations, as dynamic quantisation writes them: runtimes have fast kernels for
    // these.
    g.input("x", DType::kUint8, {e.m, e.k});
    g.weight("w", m.dtype, {e.k, e.n});
    g.node("MatMulInteger", {"x", "w"}, {"y"});
    return finish_output(g, DType::kInt32, {e.m, e.n});
  }
  if (either(e.b, 1) > 1) {
    g.input("x", m.dtype, {e.b, e.m, e.k});
    g.input("w", m.dtype, {e.b, e.k, e.n});
    g.node("MatMul", {"x", "w"}, {"y"});
    return finish_output(g, m.dtype, {e.b, e.m, e.n});
  }
  g.input("x", m.dtype, {e.m, e.k});
  g.weight("w", m.dtype, {e.k, e.n});
  g.node("MatMul", {"x", "w"}, {"y"});
  finish_output(g, m.dtype, {e.m, e.n});
}

void nbits_product(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  const std::int64_t blocks = (e.k + kNBitsBlock - 1) / kNBitsBlock;
  g.input("x", m.dtype, {e.m, e.k});
  g.weight("w", DType::kUint8, {e.n, blocks, kNBitsBlock / 2});
  g.constant("scales", m.dtype, {e.n * blocks}, 0.0625);
  g.node("MatMulNBits", {"x", "w", "scales"}, {"y"},
         {.ints = {{"K", e.k}, {"N", e.n}, {"bits", 4}, {"block_size", kNBitsBlock}}},
         "com.microsoft");
  finish_output(g, m.dtype, {e.m, e.n});
}

struct Window {
  std::int64_t stride_h, stride_w, height, width;  // of the output
  Attributes attributes;
};

Window window(const Extents& e) {
  Window w{.stride_h = either(e.stride_h, 1),
           .stride_w = either(e.stride_w, 1),
           .height = 0,
           .width = 0,
           .attributes = {}};
  w.height = (e.h + 2 * e.pad_h - e.kernel_h) / w.stride_h + 1;
  w.width = (e.w + 2 * e.pad_w - e.kernel_w) / w.stride_w + 1;
  if (e.h + 2 * e.pad_h < e.kernel_h || e.w + 2 * e.pad_w < e.kernel_w) {
    throw input_error("the kernel is larger than the padded image");
  }
  w.attributes.lists = {{"kernel_shape", {e.kernel_h, e.kernel_w}},
                        {"strides", {w.stride_h, w.stride_w}},
                        {"pads", {e.pad_h, e.pad_w, e.pad_h, e.pad_w}}};
  return w;
}

void convolution(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  Window w = window(e);
  const std::int64_t groups = either(e.groups, 1);
  if (e.c % groups != 0 || e.k % groups != 0) {
    throw input_error(
        fmt::format("{} and {} channels do not divide into {} groups", e.c, e.k, groups));
  }
  const bool transposed = m.op == "ConvTranspose";
  w.attributes.ints = {{"group", groups}};
  g.input("x", m.dtype, {e.n, e.c, e.h, e.w});
  g.weight("w", m.dtype,
           transposed ? Dims{e.c, e.k / groups, e.kernel_h, e.kernel_w}
                      : Dims{e.k, e.c / groups, e.kernel_h, e.kernel_w});
  g.node(m.op, {"x", "w"}, {"y"}, w.attributes);
  if (transposed) {
    w.height = (e.h - 1) * w.stride_h + e.kernel_h - 2 * e.pad_h;
    w.width = (e.w - 1) * w.stride_w + e.kernel_w - 2 * e.pad_w;
  }
  finish_output(g, m.dtype, {e.n, e.k, w.height, w.width});
}

void attention(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  const std::int64_t keys = either(e.l, e.s);
  const std::int64_t kv = either(e.kv, e.heads);
  if (e.heads % kv != 0) {
    throw input_error(
        fmt::format("{} heads do not divide into groups for {} key heads", e.heads, kv));
  }
  g.input("q", m.dtype, {e.b, e.heads, e.s, e.d});
  g.input("k", m.dtype, {e.b, kv, keys, e.d});
  g.input("v", m.dtype, {e.b, kv, keys, e.d});
  const std::int64_t causal = e.s > 1 && e.s == keys ? 1 : 0;
  g.node("Attention", {"q", "k", "v"}, {"y"}, {.ints = {{"is_causal", causal}}});
  finish_output(g, m.dtype, {e.b, e.heads, e.s, e.d});
}

void recurrent(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  const std::int64_t gates = m.op == "LSTM" ? 4 : 3;
  g.input("x", m.dtype, {e.s, e.b, e.k});
  g.weight("w", m.dtype, {1, gates * e.d, e.k});
  g.weight("r", m.dtype, {1, gates * e.d, e.d});
  g.node(m.op, {"x", "w", "r"}, {"y"}, {.ints = {{"hidden_size", e.d}}});
  finish_output(g, m.dtype, {e.s, 1, e.b, e.d});
}

void normalization(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  if (m.op == "LayerNormalization") {
    g.input("x", m.dtype, {e.rows, e.cols});
    g.constant("scale", m.dtype, {e.cols}, 1);
    g.constant("bias", m.dtype, {e.cols}, 0);
    g.node(m.op, {"x", "scale", "bias"}, {"y"}, {.ints = {{"axis", -1}}});
    return finish_output(g, m.dtype, {e.rows, e.cols});
  }
  g.input("x", m.dtype, {e.n, e.c, e.h, e.w});
  g.constant("scale", m.dtype, {e.c}, 1);
  g.constant("bias", m.dtype, {e.c}, 0);
  if (m.op == "BatchNormalization") {
    g.constant("mean", m.dtype, {e.c}, 0);
    g.constant("var", m.dtype, {e.c}, 1);
    g.node(m.op, {"x", "scale", "bias", "mean", "var"}, {"y"});
  } else {
    g.node(m.op, {"x", "scale", "bias"}, {"y"});
  }
  finish_output(g, m.dtype, {e.n, e.c, e.h, e.w});
}

void pooling(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  g.input("x", m.dtype, {e.n, e.c, e.h, e.w});
  if (m.op == "GlobalAveragePool") {
    g.node(m.op, {"x"}, {"y"});
    return finish_output(g, m.dtype, {e.n, e.c, 1, 1});
  }
  const Window w = window(e);
  g.node(m.op, {"x"}, {"y"}, w.attributes);
  finish_output(g, m.dtype, {e.n, e.c, w.height, w.width});
}

void elementwise(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  const Dims dims = {e.rows, e.cols};
  g.input("x", m.dtype, dims);
  constexpr std::array<std::string_view, 5> kTwo = {"Add", "Sub", "Mul", "Div", "Pow"};
  const bool two = std::ranges::find(kTwo, m.op) != kTwo.end();
  if (!two) {
    g.node(m.op, {"x"}, {"y"});
  } else if (e.reads == 1) {
    g.constant("c", m.dtype, {}, 2);
    g.node(m.op, {"x", "c"}, {"y"});
  } else {
    g.input("x2", m.dtype, dims);
    g.node(m.op, {"x", "x2"}, {"y"});
  }
  finish_output(g, m.dtype, dims);
}

void row_operator(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  g.input("x", m.dtype, {e.rows, e.cols});
  if (m.op == "Softmax") {
    g.node(m.op, {"x"}, {"y"}, {.ints = {{"axis", -1}}});
    return finish_output(g, m.dtype, {e.rows, e.cols});
  }
  const std::array<std::int64_t, 1> axis = {-1};
  g.integers("axes", axis);
  g.node(m.op, {"x", "axes"}, {"y"}, {.ints = {{"keepdims", 1}}});
  finish_output(g, m.dtype, {e.rows, 1});
}

void movement(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  if (m.op == "Transpose") {
    const std::int64_t b = either(e.b, 1);
    const std::int64_t d = either(e.d, 1);
    g.input("x", m.dtype, {b, e.rows, e.cols, d});
    g.node(m.op, {"x"}, {"y"}, {.lists = {{"perm", {0, 2, 1, 3}}}});
    return finish_output(g, m.dtype, {b, e.cols, e.rows, d});
  }
  if (m.op == "Concat") {
    const std::int64_t half = either(e.cols / 2, 1);
    g.input("x", m.dtype, {e.rows, half});
    g.input("x2", m.dtype, {e.rows, e.cols - half});
    g.node(m.op, {"x", "x2"}, {"y"}, {.ints = {{"axis", 1}}});
    return finish_output(g, m.dtype, {e.rows, e.cols});
  }
  g.input("x", m.dtype, {e.rows, 2 * e.cols});
  g.integers("starts", std::array{e.cols});
  g.integers("ends", std::array{2 * e.cols});
  g.integers("axes", std::array<std::int64_t, 1>{1});
  g.node(m.op, {"x", "starts", "ends", "axes"}, {"y"});
  finish_output(g, m.dtype, {e.rows, e.cols});
}

void gather(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  g.weight("table", m.dtype, {e.k, e.cols});
  g.input("indices", DType::kInt64, {e.rows});
  g.node(m.op, {"table", "indices"}, {"y"}, {.ints = {{"axis", 0}}});
  finish_output(g, m.dtype, {e.rows, e.cols});
}

void resize(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  g.input("x", m.dtype, {e.n, e.c, e.h, e.w});
  g.integers("sizes", std::array{e.n, e.c, 2 * e.h, 2 * e.w});
  g.node(m.op, {"x", "", "", "sizes"}, {"y"},
         {.texts = {{"mode", "nearest"},
                    {"coordinate_transformation_mode", "asymmetric"},
                    {"nearest_mode", "floor"}}});
  finish_output(g, m.dtype, {e.n, e.c, 2 * e.h, 2 * e.w});
}

void quantize(ModelBuilder& g, const Measurement& m) {
  const Extents& e = m.extents;
  const bool to_integers = m.op == "QuantizeLinear";
  g.input("x", to_integers ? m.dtype : DType::kUint8, {e.rows, e.cols});
  g.constant("scale", wide(m.dtype), {}, 0.0625);
  g.constant("zero", DType::kUint8, {}, 128);
  g.node(m.op, {"x", "scale", "zero"}, {"y"});
  finish_output(g, to_integers ? DType::kUint8 : m.dtype, {e.rows, e.cols});
}

using Build = void (*)(ModelBuilder&, const Measurement&);

Build builder_of(const Measurement& m) {
  struct Row {
    std::string_view op_class;
    Build build;
  };
  constexpr Row kRows[] = {
      {"gemm", product},
      {"convolution", convolution},
      {"attention", attention},
      {"rnn", recurrent},
      {"normalization", normalization},
      {"pooling", pooling},
      {"elementwise", elementwise},
      {"softmax", row_operator},
      {"reduction", row_operator},
      {"movement", movement},
      {"gather", gather},
      {"resize", resize},
      {"quantize", quantize},
  };
  if (m.op == "MatMulNBits") return nbits_product;
  for (const Row& row : kRows) {
    if (row.op_class == m.op_class) return row.build;
  }
  return nullptr;
}

}  // namespace

OperatorModel operator_model(const Measurement& m) {
  const Build build = builder_of(m);
  if (build == nullptr) throw input_error("no model for the operator " + m.op);
  ModelBuilder g(m.op == "Attention" ? kAttentionOpset : kOpset, m.op == "MatMulNBits");
  build(g, m);
  OperatorModel out;
  out.bytes = g.finish(m.op);
  out.weights.assign(g.weights().begin(), g.weights().end());
  return out;
}

}  // namespace aiprof::calibration
