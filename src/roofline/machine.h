// A hardware description, digested for the engine models: rates by operand type, the levels of
// memory that count, which model fits.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "aiprof/graph/dtype.h"
#include "aiprof/hardware/hardware.h"
#include "aiprof/lowering/lowering.h"
#include "roofline/constants.h"

namespace aiprof::roofline {

// The rate of one operand type. A machine that cannot do the work at all has engine null.
struct UnitRate {
  const Engine* engine = nullptr;
  const Quantity* quantity = nullptr;  // the peak in the file
  MathType asked = MathType::kFloat32;
  MathType type = MathType::kFloat32;  // what the work runs as
  double peak = 0;                     // operations per second, dense
  double power_factor = 1;             // share of the peak that the power limit sustains
  double achievable = 1;               // share of it that was measured, where no model says more
  double joules = 0;                   // per operation
  bool substituted = false;            // another type or unit than asked for

  [[nodiscard]] double rate() const { return peak * power_factor * achievable; }
  [[nodiscard]] bool on_matrix() const {
    return engine != nullptr && engine->unit == EngineUnit::kMatrix;
  }
};

// "matrix float16"; "none" where the machine has no rate.
[[nodiscard]] std::string label(const UnitRate& rate);

// A memory level or link; bandwidth 0: there is none.
struct Store {
  std::string name;
  double bandwidth = 0;  // bytes per second: data sheet for main memory, measured for caches
  double sustained = 0;  // measured or data sheet times achievable fraction
  double capacity = 0;   // bytes, all instances
  double joules = 0;     // per byte
  const Quantity* quantity = nullptr;  // the bandwidth in the file; null: a rule gave it

  [[nodiscard]] bool exists() const { return bandwidth > 0; }
};

class Machine {
 public:
  // Throws Error(kInput) if no engine or no main memory is described.
  Machine(const Hardware& hardware, Float32Math float32_math);

  [[nodiscard]] const Hardware& hardware() const { return *hardware_; }
  [[nodiscard]] Form form() const { return form_; }
  [[nodiscard]] const ClassConstants& constants(TimeClass c) const {
    return constants_[static_cast<std::size_t>(c)];
  }

  // For contractions: matrix units where there are any; vector units for everything else.
  [[nodiscard]] const UnitRate& contraction(DType type) const;
  [[nodiscard]] const UnitRate& vector(DType type) const;
  // exp, rsqrt and the like per second: as stated, else a quarter of the vector rate (a sixteenth
  // on processors).
  [[nodiscard]] double special_rate() const { return special_rate_; }

  [[nodiscard]] double units() const { return units_; }      // cores, at least 1
  [[nodiscard]] double clock() const { return clock_; }      // of the vector engine, in hertz
  [[nodiscard]] double lanes() const { return lanes_; }      // of its units, 32 bits each
  [[nodiscard]] double cluster() const { return cluster_; }  // units that share one load
  [[nodiscard]] const Store& main() const { return main_; }
  // What keeps data between kernels or tiles: the shared cache, or a shared scratchpad.
  [[nodiscard]] const Store& cache() const { return cache_; }
  [[nodiscard]] double usable_cache() const { return cache_.capacity * cache_usable_; }
  // How long the last cache keeps data, in seconds; 0 where nothing but its capacity counts.
  [[nodiscard]] double residency() const { return residency_; }
  // Of the host: its memory over the link.
  [[nodiscard]] const Store& host() const { return host_; }
  [[nodiscard]] double launch_seconds(LaunchMode mode) const;
  [[nodiscard]] const Quantity* launch_quantity(LaunchMode mode) const;

 private:
  void read_units();
  void read_memory();
  [[nodiscard]] UnitRate make_rate(EngineUnit unit, MathType type) const;

  const Hardware* hardware_;
  Form form_;
  Float32Math float32_math_;
  ModelConstants constants_;
  double units_ = 1, clock_ = 1e9, lanes_ = 8, cluster_ = 1, special_rate_ = 0;
  Store main_, cache_, host_;
  double cache_usable_ = 1, residency_ = 0;
  // Filled at the first use of each type.
  mutable std::array<std::optional<UnitRate>, kNumDTypes> contraction_, vector_;
};

// Which model fits, by which entries the description has.
[[nodiscard]] Form form_of(const Hardware& hardware);

}  // namespace aiprof::roofline
