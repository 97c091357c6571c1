#include "roofline/engine.h"

#include <algorithm>

#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

TimeClass gemm_class(const Job& job, const UnitRate& rate) {
  switch (rate.type) {
    case MathType::kFloat64:
    case MathType::kFloat32:
      return TimeClass::kGemmFloat32;
    case MathType::kFloat8:
    case MathType::kFloat8Acc16:
    case MathType::kFloat4:
      return TimeClass::kGemmFloat8;
    case MathType::kInt8:
    case MathType::kInt4:
    case MathType::kInt16:
    case MathType::kInt32:
      return TimeClass::kGemmInt8;
    default:
      break;
  }
  if (job.weight_bits > 0 && job.weight_bits <= 4) return TimeClass::kGemmInt4Weights;
  if (job.weight_bits > 4 && job.weight_bits <= 8) return TimeClass::kGemmInt8Weights;
  return TimeClass::kGemm;
}

// A depthwise convolution has one input channel for each group.
bool depthwise(const Job& job) {
  return job.shape == Geometry::Kind::kConvolution && job.batch > 1 && job.k <= job.kernel_points &&
         !job.transposed;
}

TimeClass contraction_class(const Job& job, const Machine& machine) {
  const UnitRate& rate = machine.contraction(job.math);
  switch (job.shape) {
    case Geometry::Kind::kAttention:
      return job.m > 1 ? TimeClass::kAttentionPrefill : TimeClass::kAttentionDecode;
    case Geometry::Kind::kConvolution:
      if (depthwise(job)) return TimeClass::kDepthwise;
      return rate.on_matrix() && rate.type != MathType::kFloat32 ? gemm_class(job, rate)
                                                                 : TimeClass::kConvolution;
    default:
      return gemm_class(job, rate);
  }
}

}  // namespace

TimeClass classify(const Job& job, const Machine& machine) {
  if (is_contraction(job)) return contraction_class(job, machine);
  const bool rows = job.shape == Geometry::Kind::kRows;
  if (job.op_class == OpClass::kSoftmax && rows) return TimeClass::kSoftmax;
  if (job.op_class == OpClass::kNormalization && rows) return TimeClass::kNormalization;
  if (job.op_class == OpClass::kMovement || job.op_class == OpClass::kGather) {
    return TimeClass::kMovement;
  }
  if (job.op_class == OpClass::kReduction || job.op_class == OpClass::kPooling) {
    return TimeClass::kReduction;
  }
  return job.general_power ? TimeClass::kPower : TimeClass::kElementwise;
}

const UnitRate& main_rate(const Job& job, const Machine& machine) {
  return is_contraction(job) ? machine.contraction(job.math) : machine.vector(job.math);
}

double vector_seconds(const Job& job, const Machine& machine, double special_cost) {
  const UnitRate& rate = machine.vector(job.math);
  if (rate.engine == nullptr) return 0;
  double seconds = job.vector_flops / rate.rate();
  if (machine.special_rate() > 0) {
    seconds += special_cost * job.transcendentals / machine.special_rate();
  }
  if (job.integer_ops > 0) {
    const UnitRate& integers = machine.vector(DType::kInt32);
    if (integers.engine != nullptr) seconds += job.integer_ops / integers.rate();
  }
  return seconds;
}

KernelTime time_kernel(const Job& job, const Machine& machine, const Context& context,
                       Trace* trace) {
  switch (machine.form()) {
    case Form::kManyCore:
      return many_core_time(job, machine, context, trace);
    case Form::kSystolic:
      return systolic_time(job, machine, context, trace);
    case Form::kProcessor:
      return processor_time(job, machine, context, trace);
    case Form::kInMemory:
      return in_memory_time(job, machine, context, trace);
    case Form::kPlain:
      break;
  }
  return plain_time(job, machine, context, trace);
}

void Trace::given(std::string_view name, double value, std::string_view unit,
                  std::string_view source) {
  terms_->push_back({.name = std::string(name),
                     .value = value,
                     .unit = std::string(unit),
                     .formula = {},
                     .source = std::string(source)});
}

void Trace::given(std::string_view name, double value, std::string_view unit,
                  const Machine& machine, const Quantity* quantity, std::string_view otherwise) {
  if (quantity == nullptr || !quantity->known()) return given(name, value, unit, otherwise);
  std::string source = quantity->path + " (" + std::string(aiprof::name(quantity->status));
  if (const Source* s = machine.hardware().source(quantity->source)) source += ", " + s->title;
  given(name, value, unit, source + ")");
}

void Trace::step(std::string_view name, double value, std::string_view unit,
                 std::string_view formula) {
  terms_->push_back({.name = std::string(name),
                     .value = value,
                     .unit = std::string(unit),
                     .formula = std::string(formula),
                     .source = {}});
}

void Trace::constant(const Machine& machine, TimeClass c, std::string_view field, double value) {
  const std::string key = std::string(roofline::name(c)) + "_" + std::string(field);
  const auto& constants = machine.hardware().calibration.constants;
  const bool stated = constants.find(key) != constants.end();
  given(key, value, "",
        stated ? "calibration.constants of the hardware file"
               : "default of its class (docs/time-model.md)");
}

}  // namespace aiprof::roofline
