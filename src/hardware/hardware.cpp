#include "aiprof/hardware/hardware.h"

#include <algorithm>
#include <cassert>

#include "hardware/spec.h"

namespace aiprof {
namespace {

template <typename E, std::size_t N>
std::string_view word_of(const std::string_view (&words)[N], E value) {
  const auto index = static_cast<std::size_t>(value);
  assert(index < N);
  return words[index];
}

// The unit that takes over what `unit` lacks.
std::optional<EngineUnit> stand_in(EngineUnit unit) {
  switch (unit) {
    case EngineUnit::kMatrix:
      return EngineUnit::kVector;
    case EngineUnit::kVector:
      return EngineUnit::kScalar;
    case EngineUnit::kScalar:
    case EngineUnit::kInMemory:
      return std::nullopt;
  }
  return std::nullopt;
}

// The fastest engine of that unit that has the type.
std::optional<Rate> rate_on(const Hardware& hardware, EngineUnit unit, MathType type) {
  std::optional<Rate> best;
  for (const Engine& engine : hardware.engines) {
    const Quantity& peak = engine.peaks[type];
    if (engine.unit != unit || !peak.known()) continue;
    if (!best || peak.value > best->peak->value) best = Rate{&engine, type, &peak};
  }
  return best;
}

void collect(const PerMathType<Quantity>& map, std::vector<const Quantity*>& out) {
  for (const MathType type : all_math_types()) out.push_back(&map[type]);
}

void collect(const Engine& e, std::vector<const Quantity*>& out) {
  out.insert(out.end(), {&e.count, &e.clock_hz});
  collect(e.peaks, out);
  collect(e.ops_per_clock, out);
  collect(e.achievable_fraction, out);
  collect(e.joules_per_operation, out);
  out.push_back(&e.simd_lanes);
  if (e.sparsity) out.push_back(&e.sparsity->factor);
  out.push_back(&e.special_function_rate);
  out.push_back(&e.cluster_units);
}

void collect(const MemoryLevel& m, std::vector<const Quantity*>& out) {
  out.insert(out.end(), {&m.units, &m.capacity_bytes, &m.bandwidth_bytes_per_second,
                         &m.measured_bandwidth_bytes_per_second, &m.achievable_fraction,
                         &m.effective_capacity_fraction, &m.residency_seconds, &m.latency_seconds,
                         &m.joules_per_byte});
}

void collect(const Link& l, std::vector<const Quantity*>& out) {
  out.insert(out.end(), {&l.bandwidth_bytes_per_second, &l.achievable_fraction, &l.latency_seconds,
                         &l.joules_per_byte});
}

void collect(const Calibration& c, std::vector<const Quantity*>& out) {
  for (const auto& [key, value] : c.constants) out.push_back(&value);
  for (const auto& [key, r] : c.residuals) out.insert(out.end(), {&r.n, &r.p10, &r.p50, &r.p90});
}

}  // namespace

std::string_view name(Status status) { return word_of(hw::kStatusWords, status); }
std::string_view name(EngineUnit unit) { return word_of(hw::kUnitWords, unit); }
std::string_view name(Dataflow dataflow) { return word_of(hw::kDataflowWords, dataflow); }
std::string_view name(MemoryKind kind) { return word_of(hw::kLevelWords, kind); }
std::string_view name(Scope scope) { return word_of(hw::kScopeWords, scope); }
std::string_view name(LinkEnd end) { return word_of(hw::kLinkWords, end); }
std::string_view name(CalibrationState state) { return word_of(hw::kStateWords, state); }

double MemoryLevel::total_capacity_bytes() const {
  return capacity_bytes.value * (scope == Scope::kPerUnit ? units.value_or(1) : 1);
}

double MemoryLevel::sustained_bandwidth() const {
  if (measured_bandwidth_bytes_per_second.known()) return measured_bandwidth_bytes_per_second.value;
  return bandwidth_bytes_per_second.value * achievable_fraction.value_or(1);
}

double MemoryLevel::peak_bandwidth() const {
  return bandwidth_bytes_per_second.value_or(measured_bandwidth_bytes_per_second.value);
}

bool Hardware::has(EngineUnit unit) const {
  return std::ranges::find(engines, unit, &Engine::unit) != engines.end();
}

bool Hardware::has_systolic() const {
  return std::ranges::any_of(engines, [](const Engine& e) { return e.array.has_value(); });
}

const MemoryLevel& Hardware::main_memory() const {
  const MemoryLevel* found = level(MemoryKind::kDram);
  if (found == nullptr) found = level(MemoryKind::kSram);
  assert(found != nullptr);  // parse_hardware refuses descriptions without
  return *found;
}

bool Hardware::on_chip_only() const { return level(MemoryKind::kDram) == nullptr; }

const MemoryLevel* Hardware::level(MemoryKind kind) const {
  const auto it = std::ranges::find(memory, kind, &MemoryLevel::kind);
  return it == memory.end() ? nullptr : &*it;
}

const MemoryLevel* Hardware::last_cache() const {
  const MemoryLevel* shared = level(MemoryKind::kLlc);
  return shared != nullptr ? shared : level(MemoryKind::kL2);
}

const Link* Hardware::link(LinkEnd to) const {
  const Link* best = nullptr;
  for (const Link& l : links) {
    if (l.to != to) continue;
    if (best == nullptr ||
        l.bandwidth_bytes_per_second.value > best->bandwidth_bytes_per_second.value) {
      best = &l;
    }
  }
  return best;
}

const Source* Hardware::source(std::string_view key) const {
  const auto it = std::ranges::find(sources, key, &Source::key);
  return it == sources.end() ? nullptr : &*it;
}

std::optional<Rate> find_rate(const Hardware& hardware, EngineUnit unit, MathType type) {
  if (const auto rate = rate_on(hardware, unit, type)) return rate;
  const auto other = stand_in(unit);
  const auto substitute = [&](std::optional<EngineUnit> on, MathType as) -> std::optional<Rate> {
    auto rate = on ? rate_on(hardware, *on, as) : std::nullopt;
    if (rate) rate->substituted = true;
    return rate;
  };
  if (const auto rate = substitute(other, type)) return rate;
  for (const auto on : {std::optional(unit), other}) {
    for (const MathType as : fallbacks(type)) {
      if (const auto rate = substitute(on, as)) return rate;
    }
  }
  return std::nullopt;
}

std::vector<const Quantity*> quantities(const Hardware& h) {
  std::vector<const Quantity*> all;
  for (const Engine& engine : h.engines) collect(engine, all);
  for (const MemoryLevel& level : h.memory) collect(level, all);
  for (const Link& link : h.links) collect(link, all);
  all.insert(all.end(),
             {&h.launch.stream_seconds, &h.launch.graph_seconds, &h.launch.dispatch_seconds,
              &h.launch.kernel_floor_seconds, &h.power.tdp_watts, &h.power.idle_watts});
  collect(h.calibration, all);
  std::erase_if(all, [](const Quantity* q) { return !q->known(); });
  return all;
}

}  // namespace aiprof
