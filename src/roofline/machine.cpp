#include "roofline/machine.h"

#include <algorithm>
#include <cmath>

#include "aiprof/base/error.h"
#include "roofline/launch.h"
#include "roofline/power.h"

namespace aiprof::roofline {
namespace {

// Reads of a last-level cache per unit and clock, where nobody measured it: one sector line, which
// measured parts reach to within a third.
constexpr double kCacheBytesPerClock = 64;
// Of the datasheet bandwidth, where only that is known: median of the parts with both.
constexpr double kCacheFraction = 0.7;
constexpr double kUsableCache = 0.7;
// Transcendentals per vector operation, where no rate is stated: a quarter as special function
// units have at most, a sixteenth where they are polynomials of eight or so multiply-adds.
constexpr double kSpecialShare = 0.25;
constexpr double kSpecialShareProcessor = 1.0 / 16;

const Engine* engine_of(const Hardware& h, EngineUnit unit) {
  const auto it = std::ranges::find(h.engines, unit, &Engine::unit);
  return it == h.engines.end() ? nullptr : &*it;
}

// The engine whose units and clock pace everything else.
const Engine& pacing_engine(const Hardware& h) {
  for (const EngineUnit unit : {EngineUnit::kVector, EngineUnit::kMatrix, EngineUnit::kInMemory}) {
    if (const Engine* e = engine_of(h, unit)) return *e;
  }
  return h.engines.front();
}

Store store_of(const MemoryLevel& level) {
  Store s;
  s.name = level.name;
  s.bandwidth = level.peak_bandwidth();
  s.sustained = level.sustained_bandwidth();
  s.capacity = level.total_capacity_bytes();
  s.joules = level.joules_per_byte.value;
  s.quantity = level.bandwidth_bytes_per_second.known()
                   ? &level.bandwidth_bytes_per_second
                   : &level.measured_bandwidth_bytes_per_second;
  return s;
}

bool per_unit(const Hardware& h, MemoryKind kind) {
  const MemoryLevel* level = h.level(kind);
  return level != nullptr && level->scope == Scope::kPerUnit;
}

// The level that all units share in front of main memory; a private L2 (one for each die or core)
// holds no data for the others.
const MemoryLevel* shared_cache(const Hardware& h) {
  for (const MemoryKind kind : {MemoryKind::kL2, MemoryKind::kLlc, MemoryKind::kScratchpad}) {
    const MemoryLevel* level = h.level(kind);
    if (level != nullptr && level->scope == Scope::kShared && level->capacity_bytes.known()) {
      return level;
    }
  }
  return h.last_cache();
}

double cache_bandwidth(const MemoryLevel& level, double units, double clock) {
  if (level.measured_bandwidth_bytes_per_second.known()) {
    return level.measured_bandwidth_bytes_per_second.value;
  }
  if (level.bandwidth_bytes_per_second.known()) {
    return level.bandwidth_bytes_per_second.value * kCacheFraction;
  }
  // A scratchpad is as fast as what it feeds: no bound of its own.
  return level.kind == MemoryKind::kScratchpad ? 0 : kCacheBytesPerClock * units * clock;
}

}  // namespace

std::string label(const UnitRate& rate) {
  if (rate.engine == nullptr) return "none";
  return std::string(name(rate.engine->unit)) + ' ' + std::string(name(rate.type));
}

Form form_of(const Hardware& h) {
  if (h.has(EngineUnit::kInMemory)) return Form::kInMemory;
  if (h.has_systolic()) return Form::kSystolic;
  if (h.has(EngineUnit::kScalar)) return Form::kProcessor;
  const Engine* vector = engine_of(h, EngineUnit::kVector);
  const bool cores = vector != nullptr && vector->count.known() && vector->clock_hz.known();
  const bool local = per_unit(h, MemoryKind::kScratchpad) || per_unit(h, MemoryKind::kRegister);
  const bool shared = h.level(MemoryKind::kL2) != nullptr || h.level(MemoryKind::kLlc) != nullptr;
  if (cores && local && shared && !h.on_chip_only()) return Form::kManyCore;
  if (cores && per_unit(h, MemoryKind::kL1)) return Form::kProcessor;
  return Form::kPlain;
}

Machine::Machine(const Hardware& hardware, Float32Math float32_math)
    : hardware_(&hardware), form_(form_of(hardware)), float32_math_(float32_math) {
  if (hardware.engines.empty() || (hardware.level(MemoryKind::kDram) == nullptr &&
                                   hardware.level(MemoryKind::kSram) == nullptr)) {
    throw input_error((hardware.file.empty() ? hardware.name : hardware.file) +
                      ": needs an engine and a main memory ('dram' or 'sram')");
  }
  constants_ = constants_of(hardware, form_);
  read_units();
  read_memory();
}

void Machine::read_units() {
  const Engine& pace = pacing_engine(*hardware_);
  units_ = std::max(1.0, pace.count.value_or(1));
  clock_ = pace.clock_hz.value_or(1e9);
  lanes_ = pace.simd_lanes.value_or(lanes_);
  for (const Engine& e : hardware_->engines) {
    if (e.unit == EngineUnit::kMatrix) cluster_ = std::max(cluster_, e.cluster_units.value_or(1));
  }
  const UnitRate& rate = vector(DType::kFloat32);
  const bool stated = rate.engine != nullptr && rate.engine->special_function_rate.known();
  const double share = form_ == Form::kProcessor ? kSpecialShareProcessor : kSpecialShare;
  special_rate_ = stated ? rate.engine->special_function_rate.value : share * rate.peak;
}

void Machine::read_memory() {
  const Hardware& h = *hardware_;
  main_ = store_of(h.main_memory());
  const MemoryLevel* last = h.last_cache();
  if (last != nullptr) residency_ = last->residency_seconds.value_or(0);
  const MemoryLevel* level = shared_cache(h);
  if (level != nullptr && level->capacity_bytes.known()) {
    cache_ = store_of(*level);
    cache_.bandwidth = cache_.sustained = cache_bandwidth(*level, units_, clock_);
    cache_usable_ = level->effective_capacity_fraction.value_or(kUsableCache);
    const bool stated = level->measured_bandwidth_bytes_per_second.known() ||
                        level->bandwidth_bytes_per_second.known();
    if (level->measured_bandwidth_bytes_per_second.known()) {
      cache_.quantity = &level->measured_bandwidth_bytes_per_second;
    } else if (!stated) {
      cache_.quantity = nullptr;
    }
  }
  if (const Link* link = h.link(LinkEnd::kHost)) {
    host_ = {
        .name = link->name,
        .bandwidth = link->bandwidth_bytes_per_second.value,
        .sustained = link->bandwidth_bytes_per_second.value * link->achievable_fraction.value_or(1),
        .joules = link->joules_per_byte.value,
        .quantity = &link->bandwidth_bytes_per_second};
  }
}

UnitRate Machine::make_rate(EngineUnit unit, MathType type) const {
  UnitRate out;
  out.asked = type;
  const auto found = find_rate(*hardware_, unit, type);
  if (!found) return out;
  out.engine = found->engine;
  out.quantity = found->peak;
  out.type = found->type;
  out.peak = found->peak->value;
  // Work that has no matrix unit anywhere runs on the vector unit as a matter of course.
  out.substituted = found->substituted &&
                    (found->type != type || (found->engine->unit != unit && hardware_->has(unit)));
  out.joules = operation_energy(*hardware_, *found->engine, out.type);
  const Power& power = hardware_->power;
  if (form_ != Form::kManyCore) {
    out.achievable = found->engine->achievable_fraction[out.type].value_or(1);
  } else if (power.tdp_watts.known()) {
    const double energy = energy_under_load(*hardware_, *found->engine, out.type);
    out.power_factor =
        power_factor(out.peak, energy, power.tdp_watts.value, power.idle_watts.value_or(0));
  }
  return out;
}

const UnitRate& Machine::contraction(DType dtype) const {
  auto& slot = contraction_[static_cast<std::size_t>(dtype)];
  if (slot) return *slot;
  const EngineUnit unit =
      hardware_->has(EngineUnit::kInMemory) ? EngineUnit::kInMemory : EngineUnit::kMatrix;
  MathType type = parse_math_type(aiprof::name(dtype)).value_or(MathType::kFloat32);
  if (type == MathType::kFloat32 && float32_math_ == Float32Math::kTf32) {
    UnitRate tf32 = make_rate(unit, MathType::kTf32);
    if (form_ == Form::kSystolic && tf32.type != MathType::kTf32) {
      // Compilers for such arrays multiply float32 as bfloat16 unless told otherwise.
      tf32 = make_rate(unit, MathType::kBfloat16);
      tf32.asked = type;
      tf32.substituted = true;
      if (tf32.type == MathType::kBfloat16 && tf32.on_matrix()) return *(slot = tf32);
    }
    // Only where the machine has that mode, and it is the faster one.
    if (tf32.engine != nullptr && tf32.type == MathType::kTf32 &&
        tf32.peak >= make_rate(unit, type).peak) {
      return *(slot = tf32);
    }
  }
  UnitRate rate = make_rate(unit, type);
  // Plain float32 on the vector unit is how such a machine multiplies float32: no substitution.
  if (rate.type == type && (type == MathType::kFloat32 || type == MathType::kFloat64)) {
    rate.substituted = false;
  }
  return *(slot = rate);
}

const UnitRate& Machine::vector(DType dtype) const {
  auto& slot = vector_[static_cast<std::size_t>(dtype)];
  if (slot) return *slot;
  const bool inside = hardware_->has(EngineUnit::kInMemory);
  const MathType type = parse_math_type(aiprof::name(dtype)).value_or(MathType::kFloat32);
  UnitRate rate = make_rate(inside ? EngineUnit::kInMemory : EngineUnit::kVector, type);
  // Integers and narrow types on a float32 vector unit: what such units do anyway.
  rate.substituted = rate.substituted && rate.engine == nullptr;
  return *(slot = rate);
}

const Quantity* Machine::launch_quantity(LaunchMode mode) const {
  const Launch& launch = hardware_->launch;
  const Quantity* q = nullptr;
  switch (mode) {
    case LaunchMode::kNone:
      return nullptr;
    case LaunchMode::kGraph:
      q = &launch.graph_seconds;
      break;
    case LaunchMode::kStream:
      q = &launch.stream_seconds;
      break;
    case LaunchMode::kEager:
      q = &launch.dispatch_seconds;
      break;
  }
  return q->known() ? q : nullptr;
}

double Machine::launch_seconds(LaunchMode mode) const {
  if (const Quantity* q = launch_quantity(mode)) return q->value;
  return default_launch(form_, mode);
}

}  // namespace aiprof::roofline
