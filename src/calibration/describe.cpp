#include "aiprof/calibration/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aiprof {
namespace {

std::int64_t extent(Count c) { return c.known() ? static_cast<std::int64_t>(c.value()) : 0; }

class Describer {
 public:
  Describer(const Graph& graph, const Analysis& analysis, const Kernel& kernel)
      : graph_(graph), a_(analysis), kernel_(kernel), node_(graph[kernel.main]) {}

  std::optional<Measurement> run() {
    if (a_[kernel_.main].spec == nullptr || node_.inputs.empty() || node_.inputs[0] == kNoTensor) {
      return std::nullopt;
    }
    row_.op = graph_.op_type(node_).type;
    row_.op_class = name(kernel_.op_class);
    row_.dtype = a_[node_.inputs[0]].dtype;
    if (!describe()) return std::nullopt;
    const OperatorForm* form = find_operator_form(row_.op);
    if (form == nullptr || form->op_class != row_.op_class) return std::nullopt;
    if (kernel_.nodes.size() > 1) {
      if (!(kernel_.macs.value_or(0) > 0)) return std::nullopt;
      row_.label = fmt::format("with {} more operators", kernel_.nodes.size() - 1);
    }
    return row_;
  }

 private:
  bool describe() {
    switch (kernel_.geometry.kind) {
      case Geometry::Kind::kGemm:
        return product();
      case Geometry::Kind::kConvolution:
        return convolution();
      case Geometry::Kind::kAttention:
        return attention();
      case Geometry::Kind::kRows:
        return table();
      default:
        break;
    }
    return kernel_.op_class == OpClass::kPooling ? pooling() : elementwise();
  }

  // Operands of another type than the first are quantised: the row would need their story.
  [[nodiscard]] bool one_type() const {
    return std::ranges::all_of(node_.inputs, [&](TensorId t) {
      return t == kNoTensor || !is_float(a_[t].dtype) || a_[t].dtype == row_.dtype;
    });
  }

  bool product() {
    const Geometry& g = kernel_.geometry;
    const bool plain = row_.op == "MatMul" || row_.op == "Gemm" || row_.op == "FusedMatMul";
    if (!plain || !one_type() || kernel_.math != row_.dtype) return false;
    row_.op = "MatMul";
    row_.extents.b = extent(g.batch) > 1 ? extent(g.batch) : 0;
    row_.extents.m = extent(g.m);
    row_.extents.n = extent(g.n);
    row_.extents.k = extent(g.k);
    return std::min({row_.extents.m, row_.extents.n, row_.extents.k}) > 0;
  }

  [[nodiscard]] std::array<std::int64_t, 2> pair(std::string_view attribute,
                                                 std::int64_t otherwise) const {
    for (const Attribute& a : node_.attributes) {
      if (a.name != attribute || a.ints.empty()) continue;
      return a.ints.size() == 1 ? std::array{std::int64_t{1}, a.ints[0]}
                                : std::array{a.ints[0], a.ints[1]};
    }
    return {otherwise, otherwise};
  }

  // Images and windows of one or two dimensions, evenly padded and not dilated.
  bool window(const std::array<std::int64_t, 2>& kernel) {
    Extents& e = row_.extents;
    const TensorFact& x = a_[node_.inputs[0]];
    if (!x.shape_known() || x.rank() < 3 || x.rank() > 4) return false;
    e.n = x.shape[0].value();
    e.c = x.shape[1].value();
    e.h = x.rank() == 4 ? x.shape[2].value() : 1;
    e.w = x.shape[x.rank() - 1].value();
    if (pair("dilations", 1) != std::array<std::int64_t, 2>{1, 1}) return false;
    e.kernel_h = kernel[0];
    e.kernel_w = kernel[1];
    const auto stride = pair("strides", 1);
    e.stride_h = stride[0];
    e.stride_w = stride[1];
    return pads(x.rank() - 2);
  }

  bool pads(std::size_t axes) {
    for (const Attribute& a : node_.attributes) {
      if (a.name == "auto_pad" && a.s != "NOTSET" && a.s != "VALID") return false;
      if (a.name != "pads" || a.ints.size() != 2 * axes) continue;
      for (std::size_t i = 0; i < axes; ++i) {
        if (a.ints[i] != a.ints[i + axes]) return false;
      }
      row_.extents.pad_h = axes == 2 ? a.ints[0] : 0;
      row_.extents.pad_w = a.ints[axes - 1];
    }
    return true;
  }

  bool convolution() {
    if (node_.inputs.size() < 2 || row_.op != "Conv" || !one_type()) return false;
    const TensorFact& w = a_[node_.inputs[1]];
    if (!w.shape_known() || w.rank() < 3 || w.rank() > 4) return false;
    const std::int64_t height = w.rank() == 4 ? w.shape[2].value() : 1;
    if (!window({height, w.shape[w.rank() - 1].value()})) return false;
    row_.extents.k = w.shape[0].value();
    row_.extents.groups = extent(kernel_.geometry.batch);
    return true;
  }

  bool pooling() {
    return row_.op.starts_with("Global") ? window({0, 0}) : window(pair("kernel_shape", 1));
  }

  bool attention() {
    const Geometry& g = kernel_.geometry;
    row_.op = "Attention";
    row_.extents.b = 1;  // sequences and heads are alike to a kernel
    row_.extents.heads = extent(g.batch);
    row_.extents.kv = g.kv_heads.known() ? extent(g.kv_heads) : row_.extents.heads;
    row_.extents.s = extent(g.m);
    row_.extents.l = extent(g.n);
    row_.extents.d = extent(g.k);
    row_.label = "fused attention";
    return row_.extents.kv > 0 && row_.extents.heads % row_.extents.kv == 0;
  }

  bool table() {
    row_.extents.rows = extent(kernel_.geometry.rows);
    row_.extents.cols = extent(kernel_.geometry.cols);
    return row_.extents.rows > 0 && row_.extents.cols > 0;
  }

  bool elementwise() {
    if (kernel_.op_class != OpClass::kElementwise || node_.outputs.empty()) return false;
    const TensorFact& y = a_[node_.outputs[0]];
    if (!y.shape_known() || y.rank() == 0) return false;
    const std::int64_t elements = extent(num_elements(y.shape));
    const std::int64_t cols = y.shape[y.rank() - 1].value();
    if (elements == 0 || cols == 0) return false;
    row_.extents.rows = elements / cols;
    row_.extents.cols = cols;
    if (node_.inputs.size() != 2) return node_.inputs.size() == 1;
    const Count second = num_elements(a_[node_.inputs[1]].shape);
    row_.extents.reads = second == Count(elements) ? 2 : 1;
    return true;
  }

  const Graph& graph_;
  const Analysis& a_;
  const Kernel& kernel_;
  const Node& node_;
  Measurement row_;
};

}  // namespace

std::optional<Measurement> describe_kernel(const Graph& graph, const Analysis& analysis,
                                           const Kernel& kernel) {
  return Describer(graph, analysis, kernel).run();
}

}  // namespace aiprof
