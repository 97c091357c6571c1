#include "roofline/constants.h"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>

namespace aiprof::roofline {
namespace {

constexpr std::string_view kClassNames[kNumTimeClasses] = {
    "gemm",
    "gemm_float8",
    "gemm_int8",
    "gemm_int8_weights",
    "gemm_int4_weights",
    "gemm_float32",
    "attention_prefill",
    "attention_decode",
    "elementwise",
    "movement",
    "reduction",
    "power",
    "softmax",
    "normalization",
    "convolution",
    "depthwise",
};

struct Field {
  std::string_view name;
  double ClassConstants::*member;
};
constexpr Field kFields[] = {
    {"sustained", &ClassConstants::sustained},
    {"memory_fraction", &ClassConstants::memory_fraction},
    {"cache_fraction", &ClassConstants::cache_fraction},
    {"cache_capacity", &ClassConstants::cache_capacity},
    {"overlap", &ClassConstants::overlap},
    {"fixed_cycles", &ClassConstants::fixed_cycles},
    {"tile_halo", &ClassConstants::tile_halo},
    {"step_cycles", &ClassConstants::step_cycles},
    {"split_cycles", &ClassConstants::split_cycles},
    {"block_cycles", &ClassConstants::block_cycles},
    {"exp_cost", &ClassConstants::exp_cost},
    {"row_cycles", &ClassConstants::row_cycles},
    {"element_cycles", &ClassConstants::element_cycles},
    {"reread", &ClassConstants::reread},
    {"winograd_fused", &ClassConstants::winograd_fused},
    {"winograd_gemm", &ClassConstants::winograd_gemm},
    {"winograd_weight", &ClassConstants::winograd_weight},
    {"transform_fraction", &ClassConstants::transform_fraction},
    {"winograd_fused_seconds", &ClassConstants::winograd_fused_seconds},
    {"winograd_seconds", &ClassConstants::winograd_seconds},
    {"fill_hidden", &ClassConstants::fill_hidden},
    {"special_cost", &ClassConstants::special_cost},
};

struct Place {
  std::size_t of_class;
  double ClassConstants::*member;
};

// Names are looked up as they stand, without a copy.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};
using Places = std::unordered_map<std::string, Place, NameHash, std::equal_to<>>;

Places all_places() {
  Places places;
  for (std::size_t c = 0; c < kNumTimeClasses; ++c) {
    for (const Field& field : kFields) {
      places.emplace(std::string(kClassNames[c]) + '_' + std::string(field.name),
                     Place{c, field.member});
    }
  }
  return places;
}

ClassConstants& at(ModelConstants& all, TimeClass c) { return all[static_cast<std::size_t>(c)]; }

// Fitted on GPUs: geometric means over the devices of each class (docs/time-model.md says which).
// Products in float32 take the shape constants of 16-bit ones: those of the float32 grids carry
// launches of the host and do not carry over to whole models.
void products(ModelConstants& all) {
  at(all, TimeClass::kGemm) = {.sustained = 0.9675,
                               .memory_fraction = 0.772,
                               .overlap = 3.557,
                               .fixed_cycles = 3665,
                               .tile_halo = 10.76,
                               .step_cycles = 132,
                               .split_cycles = 4891};
  at(all, TimeClass::kGemmFloat32) = at(all, TimeClass::kGemm);
  at(all, TimeClass::kGemmFloat32).sustained = 0.91;
  at(all, TimeClass::kGemmFloat8) = {.sustained = 0.8416,
                                     .memory_fraction = 0.7647,
                                     .overlap = 2.553,
                                     .fixed_cycles = 6128,
                                     .tile_halo = 1.807,
                                     .step_cycles = 95.95,
                                     .split_cycles = 15000};
  at(all, TimeClass::kGemmInt8) = {.sustained = 0.9715,
                                   .memory_fraction = 0.8736,
                                   .overlap = 2.418,
                                   .fixed_cycles = 10750,
                                   .tile_halo = 1.569,
                                   .step_cycles = 222.4,
                                   .split_cycles = 15000};
  at(all, TimeClass::kGemmInt8Weights) = {.sustained = 0.9303,
                                          .memory_fraction = 0.9062,
                                          .overlap = 2.575,
                                          .fixed_cycles = 11160,
                                          .tile_halo = 1.935,
                                          .step_cycles = 530.9,
                                          .split_cycles = 15000};
  at(all, TimeClass::kGemmInt4Weights) = {.sustained = 0.959,
                                          .memory_fraction = 0.9785,
                                          .overlap = 2.14,
                                          .fixed_cycles = 10820,
                                          .tile_halo = 4.348,
                                          .step_cycles = 405.7,
                                          .split_cycles = 15000};
}

void attention(ModelConstants& all) {
  at(all, TimeClass::kAttentionPrefill) = {.sustained = 0.9535,
                                           .memory_fraction = 0.5963,
                                           .cache_fraction = 0.8859,
                                           .cache_capacity = 0.5331,
                                           .overlap = 1.581,
                                           .fixed_cycles = 18470,
                                           .step_cycles = 421.4,
                                           .block_cycles = 1575,
                                           .exp_cost = 0.7503};
  at(all, TimeClass::kAttentionDecode) = {.sustained = 0.2029,
                                          .memory_fraction = 0.9164,
                                          .cache_fraction = 0.3532,
                                          .cache_capacity = 0.8454,
                                          .overlap = 3.859,
                                          .fixed_cycles = 11270,
                                          .step_cycles = 753.2,
                                          .split_cycles = 10570,
                                          .block_cycles = 6805};
}

void vectors(ModelConstants& all) {
  at(all, TimeClass::kElementwise) = {.memory_fraction = 0.7675,
                                      .cache_fraction = 0.7505,
                                      .cache_capacity = 1.106,
                                      .overlap = 3,
                                      .fixed_cycles = 1490};
  at(all, TimeClass::kMovement) = at(all, TimeClass::kReduction) = at(all, TimeClass::kElementwise);
  at(all, TimeClass::kPower) = {.memory_fraction = 0.6797,
                                .cache_fraction = 0.7258,
                                .cache_capacity = 0.7607,
                                .overlap = 3,
                                .fixed_cycles = 1483,
                                .element_cycles = 0.4343};
  at(all, TimeClass::kSoftmax) = {.memory_fraction = 0.7362,
                                  .cache_fraction = 0.6811,
                                  .cache_capacity = 0.7822,
                                  .overlap = 3,
                                  .fixed_cycles = 1476,
                                  .row_cycles = 72.78,
                                  .element_cycles = 0.2579,
                                  .reread = 0.9685};
  at(all, TimeClass::kNormalization) = {.memory_fraction = 0.6253,
                                        .cache_fraction = 0.6481,
                                        .cache_capacity = 0.9587,
                                        .overlap = 3,
                                        .fixed_cycles = 1487,
                                        .row_cycles = 322.2,
                                        .element_cycles = 0.2851,
                                        .reread = 0.3815};
}

void convolutions(ModelConstants& all) {
  at(all, TimeClass::kConvolution) = {.sustained = 0.8916,
                                      .memory_fraction = 0.5044,
                                      .overlap = 1.699,
                                      .tile_halo = 5.833,
                                      .step_cycles = 132,
                                      .split_cycles = 8000,
                                      .winograd_fused = 0.7089,
                                      .winograd_weight = 2.951,
                                      .winograd_fused_seconds = 1.697e-5,
                                      .winograd_seconds = 1.634e-5};
  // No kernel was measured: from whole networks, range 0.05 to 0.4 of the vector peak.
  at(all, TimeClass::kDepthwise) = {
      .sustained = 0.15, .memory_fraction = 0.8, .overlap = 3, .fixed_cycles = 1500};
}

// No kernel of these machines was measured for the defaults. Processors: whole networks through
// compilers sustain 0.4 (convolutions) to 0.6 (transformers) of the peak.
void processor(ModelConstants& all) {
  for (ClassConstants& c : all) {
    c = {.sustained = 0.6,
         .cache_fraction = 0.5,
         .cache_capacity = 0.8,
         .overlap = 2,
         .fixed_cycles = 3000,
         .tile_halo = 1};
  }
  for (const TimeClass c : {TimeClass::kSoftmax, TimeClass::kNormalization}) {
    at(all, c).row_cycles = 50;
    at(all, c).element_cycles = 0.5;
  }
  at(all, TimeClass::kConvolution).sustained = 0.45;
  at(all, TimeClass::kDepthwise).sustained = 0.15;
}

// Bandwidth that a benchmark reached, for all classes, where no fit says more.
void memory_fractions(ModelConstants& all, const MemoryLevel& main) {
  const double peak = main.peak_bandwidth();
  if (!(peak > 0)) return;
  for (ClassConstants& c : all)
    c.memory_fraction = std::min(1.0, main.sustained_bandwidth() / peak);
}

}  // namespace

TimeClass stand_in(TimeClass c) {
  return c == TimeClass::kMovement || c == TimeClass::kReduction ? TimeClass::kElementwise : c;
}

std::string_view name(TimeClass c) { return kClassNames[static_cast<std::size_t>(c)]; }

std::string_view name(Form form) {
  switch (form) {
    case Form::kManyCore:
      return "many-core";
    case Form::kSystolic:
      return "systolic";
    case Form::kProcessor:
      return "processor";
    case Form::kInMemory:
      return "in-memory";
    case Form::kPlain:
      return "plain";
  }
  return "plain";
}

namespace {

const Place* find_place(std::string_view name) {
  // A calibrated file names some fifty of them.
  static const Places places = all_places();
  const auto it = places.find(name);
  return it == places.end() ? nullptr : &it->second;
}

}  // namespace

double* find_constant(ModelConstants& constants, std::string_view name) {
  const Place* place = find_place(name);
  return place == nullptr ? nullptr : &(constants[place->of_class].*(place->member));
}

std::optional<TimeClass> class_of_constant(std::string_view name) {
  const Place* place = find_place(name);
  if (place == nullptr) return std::nullopt;
  return static_cast<TimeClass>(place->of_class);
}

ModelConstants default_constants(Form form) {
  ModelConstants all = {};
  if (form == Form::kManyCore) {
    products(all);
    attention(all);
    vectors(all);
    convolutions(all);
  } else if (form == Form::kProcessor) {
    processor(all);
  } else if (form == Form::kPlain || form == Form::kInMemory) {
    // Nothing is known that would keep one term from hiding behind the other.
    for (ClassConstants& c : all) c.overlap = 8;
  }
  return all;
}

ModelConstants constants_of(const Hardware& hardware, Form form) {
  ModelConstants all = default_constants(form);
  if (form != Form::kManyCore) memory_fractions(all, hardware.main_memory());
  // Matrix units that take plain float32 operands sustain less of their peak than those that round
  // them: 0.66 to 0.74 in whole models on the three such parts that were measured.
  const auto plain_float32 = [](const Engine& e) {
    return e.unit == EngineUnit::kMatrix && e.peaks[MathType::kFloat32].known();
  };
  if (form == Form::kManyCore && std::ranges::any_of(hardware.engines, plain_float32)) {
    at(all, TimeClass::kGemm).sustained = at(all, TimeClass::kGemmFloat32).sustained = 0.71;
  }
  const auto& given = hardware.calibration.constants;
  for (const auto& [key, quantity] : given) {
    if (double* value = find_constant(all, key)) *value = quantity.value;
  }
  for (const TimeClass c : {TimeClass::kMovement, TimeClass::kReduction}) {
    const auto first = given.lower_bound(std::string(name(c)) + '_');
    const bool own = first != given.end() && class_of_constant(first->first) == c;
    if (!own) at(all, c) = at(all, stand_in(c));
  }
  return all;
}

}  // namespace aiprof::roofline
