#include "calibration/node_extents.h"

#include <algorithm>
#include <numeric>

namespace aiprof::calibration {
namespace {

using Dims = std::vector<std::int64_t>;

// One node with known shapes, and what its row gets.
class NodeRow {
 public:
  NodeRow(const Graph& graph, const Analysis& analysis, const Kernel& kernel)
      : graph_(graph), analysis_(analysis), kernel_(kernel), node_(graph[kernel.main]) {}

  std::optional<Measurement> run() {
    const OpType& op = graph_.op_type(node_);
    m_.op = row_operator(op);
    const OperatorForm* form = find_operator_form(m_.op);
    if (form == nullptr) return std::nullopt;
    m_.op_class = form->op_class;
    const auto in = dims(node_.inputs, 0);
    const auto out = dims(node_.outputs, 0);
    if (!in || !out || in->empty()) return std::nullopt;
    in_ = *in;
    out_ = *out;
    m_.dtype = dtype(0);
    if (!read(m_.op_class)) return std::nullopt;
    return m_;
  }

 private:
  // What a row calls the operator; empty for operators of other domains.
  [[nodiscard]] static std::string row_operator(const OpType& op) {
    if (op.domain == "com.microsoft") {
      return op.type == "MatMulNBits" || op.type == "Gelu" ? std::string(op.type) : std::string();
    }
    if (!op.domain.empty()) return {};
    return op.type == "Gemm" || op.type == "MatMulInteger" ? "MatMul" : std::string(op.type);
  }

  [[nodiscard]] bool read(std::string_view op_class) {
    if (op_class == "gemm") return m_.op == "MatMul" ? product() : nbits_product();
    if (!is_float(m_.dtype) && m_.op != "DequantizeLinear") return false;
    if (op_class == "convolution") return convolution();
    if (op_class == "attention") return attention();
    if (op_class == "rnn") return recurrent();
    if (op_class == "elementwise") return elementwise();
    if (op_class == "softmax" || m_.op == "LayerNormalization") return rows_of_geometry();
    if (op_class == "reduction") return reduction();
    if (op_class == "pooling") return pooling();
    if (op_class == "normalization") return image();
    if (op_class == "resize") return resize();
    if (op_class == "gather") return gather();
    if (op_class == "quantize") return quantize();
    return movement();
  }

  [[nodiscard]] bool product() {
    const Geometry& g = kernel_.geometry;
    if (g.kind != Geometry::Kind::kGemm) return false;
    Extents& e = m_.extents;
    if (!set(e.m, g.m) || !set(e.n, g.n) || !set(e.k, g.k) || !set(e.b, g.batch)) return false;
    if (graph_.op_type(node_).type == "MatMulInteger") m_.dtype = DType::kInt8;
    // A row of one product stands for one by stored weights, of several for two activations.
    if (is_weight(1) != (e.b == 1)) return false;
    if (e.b == 1) e.b = 0;
    return true;
  }

  [[nodiscard]] bool nbits_product() {
    constexpr std::int64_t kBits = 4;
    constexpr std::int64_t kBlock = 32;
    if (integer("bits", kBits) != kBits || integer("block_size", 0) != kBlock) return false;
    Extents& e = m_.extents;
    e.n = integer("N", 0);
    e.k = integer("K", 0);
    if (e.n <= 0 || e.k <= 0) return false;
    e.m = product_of(in_, 0, in_.size()) / e.k;
    return true;
  }

  [[nodiscard]] bool window() {
    Extents& e = m_.extents;
    const Dims strides = integers("strides");
    const Dims pads = integers("pads");
    const Dims dilations = integers("dilations");
    const Attribute* automatic = attribute("auto_pad");
    const bool given = automatic == nullptr || automatic->s == "NOTSET" || automatic->s.empty();
    if (!given || (pads.size() != 4 && !pads.empty())) return false;
    if (!pads.empty() && (pads[0] != pads[2] || pads[1] != pads[3])) return false;
    if (std::ranges::any_of(dilations, [](std::int64_t d) { return d != 1; })) return false;
    if (integer("ceil_mode", 0) != 0 || !integers("output_padding").empty()) return false;
    e.stride_h = strides.empty() ? 1 : strides[0];
    e.stride_w = strides.empty() ? 1 : strides[1];
    if (!pads.empty()) {
      e.pad_h = pads[0];
      e.pad_w = pads[1];
    }
    return true;
  }

  [[nodiscard]] bool convolution() {
    const auto weights = dims(node_.inputs, 1);
    if (!image() || !weights || weights->size() != 4 || !window()) return false;
    Extents& e = m_.extents;
    e.k = out_[1];
    e.kernel_h = (*weights)[2];
    e.kernel_w = (*weights)[3];
    e.groups = integer("group", 1);
    return true;
  }

  [[nodiscard]] bool pooling() {
    if (!image()) return false;
    if (m_.op == "GlobalAveragePool") return true;
    const Dims kernel = integers("kernel_shape");
    if (kernel.size() != 2 || !window()) return false;
    m_.extents.kernel_h = kernel[0];
    m_.extents.kernel_w = kernel[1];
    return true;
  }

  [[nodiscard]] bool image() {
    constexpr std::size_t kRank = 4;
    if (in_.size() != kRank) return false;
    Extents& e = m_.extents;
    e.n = in_[0];
    e.c = in_[1];
    e.h = in_[2];
    e.w = in_[3];
    return true;
  }

  [[nodiscard]] bool resize() {
    const Attribute* mode = attribute("mode");
    if (!image() || (mode != nullptr && mode->s != "nearest") || out_.size() != 4) return false;
    return out_[2] == 2 * in_[2] && out_[3] == 2 * in_[3];
  }

  [[nodiscard]] bool attention() {
    const Geometry& g = kernel_.geometry;
    if (g.kind != Geometry::Kind::kAttention) return false;
    Extents& e = m_.extents;
    e.b = in_[0];
    std::int64_t heads = 0;
    std::int64_t kv = 0;
    if (!set(heads, g.batch) || !set(kv, g.kv_heads) || !set(e.s, g.m) || !set(e.l, g.n) ||
        !set(e.d, g.k) || e.b <= 0) {
      return false;
    }
    e.heads = heads / e.b;
    e.kv = kv / e.b;
    return heads % e.b == 0 && kv % e.b == 0;
  }

  [[nodiscard]] bool recurrent() {
    const Geometry& g = kernel_.geometry;
    if (g.kind != Geometry::Kind::kRnn || !(g.batch == Count(1U))) return false;
    Extents& e = m_.extents;
    std::int64_t both = 0;
    e.d = integer("hidden_size", 0);
    if (e.d <= 0 || !set(e.b, g.m) || !set(e.s, g.steps) || !set(both, g.k)) return false;
    e.k = both - e.d;
    return e.k > 0;
  }

  // Rows of neighbouring elements: strided ones take another kernel.
  [[nodiscard]] bool rows_of_geometry() {
    const Geometry& g = kernel_.geometry;
    Extents& e = m_.extents;
    if (g.kind != Geometry::Kind::kRows || !set(e.rows, g.rows) || !set(e.cols, g.cols)) {
      return false;
    }
    std::int64_t tail = 1;
    for (std::size_t i = in_.size(); i-- > 0 && tail < e.cols;) tail *= in_[i];
    if (m_.op != "Softmax") return tail == e.cols;
    const auto rank = static_cast<std::int64_t>(in_.size());
    const std::int64_t axis = integer("axis", -1);
    const bool last = axis == -1 || axis == rank - 1;
    constexpr int kOneAxis = 13;  // before it, Softmax went over all dims from the axis on
    return tail == e.cols && (last || graph_.op_type(node_).version < kOneAxis);
  }

  [[nodiscard]] bool reduction() {
    const Dims axes = node_.inputs.size() > 1 ? values(1) : integers("axes");
    const auto rank = static_cast<std::int64_t>(in_.size());
    if (axes.size() != 1 || (axes[0] != -1 && axes[0] != rank - 1)) return false;
    return flat(in_);
  }

  [[nodiscard]] bool elementwise() {
    if (node_.inputs.size() > 2 || !flat(out_)) return false;
    const std::int64_t all = product_of(out_, 0, out_.size());
    if (product_of(in_, 0, in_.size()) != all) return false;
    if (node_.inputs.size() < 2) return true;
    const auto second = dims(node_.inputs, 1);
    if (!second) return false;
    const std::int64_t elements = product_of(*second, 0, second->size());
    if (elements == 1) m_.extents.reads = 1;
    return elements == 1 || elements == all;
  }

  [[nodiscard]] bool quantize() {
    const auto scale = dims(node_.inputs, 1);
    const bool one = scale && product_of(*scale, 0, scale->size()) == 1;
    if (m_.op == "DequantizeLinear") m_.dtype = dtype(1);
    return one && flat(out_);
  }

  [[nodiscard]] bool gather() {
    if (in_.size() != 2 || !is_weight(0) || integer("axis", 0) != 0) return false;
    Extents& e = m_.extents;
    e.k = in_[0];
    e.cols = in_[1];
    e.rows = product_of(out_, 0, out_.size()) / std::max<std::int64_t>(e.cols, 1);
    return true;
  }

  [[nodiscard]] bool movement() {
    if (m_.op == "Transpose") return transpose();
    if (m_.op == "Concat") return halves();
    // Half of the last axis, whichever: both read and write the same.
    if (out_.empty() || in_.size() != out_.size() || in_.back() != 2 * out_.back()) return false;
    return std::equal(in_.begin(), in_.end() - 1, out_.begin()) && flat(out_);
  }

  [[nodiscard]] bool halves() {
    const auto second = dims(node_.inputs, 1);
    if (node_.inputs.size() != 2 || !second || *second != in_) return false;
    const auto rank = static_cast<std::int64_t>(in_.size());
    const std::int64_t given = integer("axis", 0);
    const auto axis = static_cast<std::size_t>(given < 0 ? given + rank : given);
    if (axis >= in_.size()) return false;
    m_.extents.rows = product_of(out_, 0, axis);
    m_.extents.cols = product_of(out_, axis, out_.size());
    return true;
  }

  // Two neighbouring runs of axes that change places: [b, rows, cols, d].
  [[nodiscard]] bool transpose() {
    Dims order = integers("perm");
    const std::size_t rank = in_.size();
    if (order.empty()) {
      if (rank != 2) return false;
      order = {1, 0};
    }
    std::size_t first = 0;
    std::size_t end = rank;
    while (first < end && order[first] == static_cast<std::int64_t>(first)) ++first;
    while (end > first && order[end - 1] == static_cast<std::int64_t>(end - 1)) --end;
    if (first >= end) return false;
    const auto middle = static_cast<std::size_t>(order[first]);
    for (std::size_t i = first; i < end; ++i) {
      const std::size_t from = first + (i - first + middle - first) % (end - first);
      if (order[i] != static_cast<std::int64_t>(from)) return false;
    }
    Extents& e = m_.extents;
    e.b = product_of(in_, 0, first);
    e.rows = product_of(in_, first, middle);
    e.cols = product_of(in_, middle, end);
    e.d = product_of(in_, end, rank);
    return true;
  }

  // All but the last axis as rows.
  [[nodiscard]] bool flat(const Dims& shape) {
    if (shape.empty()) return false;
    m_.extents.rows = product_of(shape, 0, shape.size() - 1);
    m_.extents.cols = shape.back();
    return true;
  }

  [[nodiscard]] static std::int64_t product_of(const Dims& d, std::size_t from, std::size_t to) {
    return std::accumulate(d.begin() + static_cast<std::ptrdiff_t>(from),
                           d.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1},
                           std::multiplies<>());
  }
  [[nodiscard]] static bool set(std::int64_t& extent, Count count) {
    if (!count.known() || count.value() > INT64_MAX) return false;
    extent = static_cast<std::int64_t>(count.value());
    return true;
  }

  [[nodiscard]] const TensorFact* fact(std::size_t input) const {
    if (input >= node_.inputs.size() || node_.inputs[input] == kNoTensor) return nullptr;
    return &analysis_[node_.inputs[input]];
  }
  [[nodiscard]] bool is_weight(std::size_t input) const {
    return input < node_.inputs.size() &&
           std::ranges::any_of(kernel_.operands, [&](const Operand& o) {
             return o.weight && o.tensor == node_.inputs[input];
           });
  }
  [[nodiscard]] DType dtype(std::size_t input) const {
    return fact(input) == nullptr ? DType::kUndefined : fact(input)->dtype;
  }
  [[nodiscard]] std::optional<Dims> dims(std::span<const TensorId> tensors, std::size_t i) const {
    if (i >= tensors.size() || tensors[i] == kNoTensor) return std::nullopt;
    const TensorFact& f = analysis_[tensors[i]];
    if (!f.shape_known()) return std::nullopt;
    Dims out;
    for (const Dim d : f.shape) out.push_back(d.value());
    return out;
  }
  [[nodiscard]] Dims values(std::size_t input) const {
    const TensorFact* f = fact(input);
    Dims out;
    ValueRef value = f == nullptr ? nullptr : f->value;
    const Tensor* t = f == nullptr ? nullptr : &graph_[node_.inputs[input]];
    if (!value && t != nullptr && t->stored != nullptr) value = decode(*t->stored);
    if (!value || value->kind != Value::Kind::kInt || !value->all_known()) return out;
    for (const Scalar& s : value->elements) out.push_back(s.i);
    return out;
  }
  [[nodiscard]] const Attribute* attribute(std::string_view name) const {
    const auto it = std::ranges::find(node_.attributes, name, &Attribute::name);
    return it == node_.attributes.end() ? nullptr : &*it;
  }
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const {
    const Attribute* a = attribute(name);
    return a == nullptr ? otherwise : a->i;
  }
  [[nodiscard]] Dims integers(std::string_view name) const {
    const Attribute* a = attribute(name);
    return a == nullptr ? Dims() : Dims(a->ints.begin(), a->ints.end());
  }

  const Graph& graph_;
  const Analysis& analysis_;
  const Kernel& kernel_;
  const Node& node_;
  Measurement m_;
  Dims in_, out_;
};

}  // namespace

std::optional<Measurement> row_of_node(const Graph& graph, const Analysis& analysis,
                                       const Kernel& kernel) {
  return NodeRow(graph, analysis, kernel).run();
}

}  // namespace aiprof::calibration
