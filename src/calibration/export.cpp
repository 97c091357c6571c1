#include "aiprof/calibration/export.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"
#include "calibration/node_extents.h"
#include "calibration/operator_model.h"

namespace aiprof {
namespace calibration {
namespace {

// A row has no bias, and may read a scale that the node does not have.
constexpr double kSameBytes = 0.05;
constexpr double kShortest = 1e-9;  // below, measurement files refuse a time

// Transcendentals for each element written: those of a batch normalisation are one for each
// channel.
constexpr double kFewOperations = 0.05;

double written(const Kernel& kernel) {
  double elements = 0;
  for (const Operand& o : kernel.operands) {
    if (o.write) elements += o.elements.as_double();
  }
  return elements;
}

double bytes(const Kernel& kernel) {
  return (kernel.bytes_read() + kernel.bytes_written()).as_double();
}

// Whether the model of the row counts what the kernel counts in one launch.
bool stands_for(const Measurement& row, const Kernel& kernel, double launches) {
  const OperatorModel model = operator_model(row);
  const Graph graph = read_onnx(std::as_bytes(std::span(model.bytes)), row.op);
  const Analysis analysis = analyze(graph);
  const Lowered lowered = lower_graph(graph, analysis, load_runtime("compiled"));
  if (lowered.kernels.size() != 1) return false;
  const Kernel& own = lowered.kernels.front();
  if (own.macs.as_double() * launches != kernel.macs.as_double()) return false;
  if (own.useful_macs.as_double() * launches != kernel.useful_macs.as_double()) return false;
  const double wanted = bytes(kernel);
  return std::abs(bytes(own) * launches - wanted) <= kSameBytes * wanted;
}

class Exporter {
 public:
  explicit Exporter(const MeasuredKernels& measured) : measured_(measured) {
    for (const Kernel& kernel : measured.lowered.kernels) weights_ += kernel.weight_bytes_read();
  }

  ExportedKernels run() {
    const std::vector<Kernel>& kernels = measured_.lowered.kernels;
    for (std::size_t k = 0; k < kernels.size() && k < measured_.seconds.size(); ++k) {
      if (measured_.seconds[k] > 0) add(kernels[k], measured_.seconds[k]);
    }
    return std::move(out_);
  }

 private:
  void add(const Kernel& kernel, double seconds) {
    if (kernel.main == kNoNode || (kernel.nodes.size() != 1 && !is_free_epilogue(kernel))) {
      return leave_out("fused of several operators");
    }
    const double launches = measured_.analysis[kernel.main].trips.as_double();
    if (!(seconds / launches >= kShortest)) return leave_out("shorter than a nanosecond");
    std::optional<Measurement> row = row_of_node(measured_.graph, measured_.analysis, kernel);
    if (!row || !fits(*row, kernel, launches)) {
      return leave_out("an operator, or a form of one, that a row cannot express");
    }
    row->regime = TimingRegime::kStream;
    row->seconds = seconds / launches;
    row->label = measured_.graph[kernel.main].name;
    const bool multiplies = kernel.macs.as_double() > 0 && row->dtype == DType::kFloat32;
    row->tf32 = multiplies && measured_.float32_math == Float32Math::kTf32;
    if (kernel.weight_bytes_read().as_double() > 0 && weights_.known()) {
      row->weight_set = weights_.as_double();
    }
    out_.rows.push_back(*std::move(row));
  }

  // A bias, a batch normalisation (which runtimes fold into the weights) and an activation on the
  // results of a product while they are in registers: nothing more is read, and a few operations
  // for each thousand of the product. A residual is read, and GELU takes its time.
  [[nodiscard]] bool is_free_epilogue(const Kernel& kernel) const {
    const bool product =
        kernel.op_class == OpClass::kConvolution || kernel.op_class == OpClass::kGemm;
    if (!product || kernel.transcendentals.as_double() > kFewOperations * written(kernel)) {
      return false;
    }
    return std::ranges::all_of(kernel.nodes, [&](NodeId id) {
      const auto activations = std::ranges::count_if(measured_.graph[id].inputs, [&](TensorId t) {
        return t != kNoTensor && !measured_.analysis[t].constant;
      });
      return id == kernel.main || activations <= 1;
    });
  }

  // Types without a model (integer convolutions) do not fit, either.
  static bool fits(const Measurement& row, const Kernel& kernel, double launches) {
    try {
      return stands_for(row, kernel, launches);
    } catch (const Error&) {
      return false;
    }
  }

  void leave_out(const std::string& reason) { ++out_.left_out[reason]; }

  const MeasuredKernels& measured_;
  Count weights_ = 0U;  // that one inference reads: what a cache would have to hold
  ExportedKernels out_;
};

}  // namespace
}  // namespace calibration

ExportedKernels measurements_of(const MeasuredKernels& measured) {
  return calibration::Exporter(measured).run();
}

}  // namespace aiprof
