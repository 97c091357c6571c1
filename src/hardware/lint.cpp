// Checks that need more than one number. Each is stated in docs/hardware-schema.md.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "aiprof/hardware/catalogue.h"

namespace aiprof {
namespace {

using Severity = Finding::Severity;

constexpr double kGiga = 1e9;
constexpr double kGibi = 1024.0 * 1024 * 1024;
// Data sheets round: all shipped parts agree with units x clock x width within 2.5 %.
constexpr double kRounding = 1.03;
// Below this share of units x clock x width a peak is more than rounded down.
constexpr double kFarBelow = 0.9;
// FLOP/byte of the fastest type over main memory: shipped machines lie between 0.4 (on-wafer SRAM)
// and 1600 (int4 on a GDDR6 board).
constexpr double kLeastRidge = 0.05;
constexpr double kMostRidge = 5000;
// Narrower operands are never more than this much faster than 16-bit ones.
constexpr double kMostSpeedup = 4.1;
// Below these, a number in GB/s, TFLOP/s, MHz or GB was written without its factor.
constexpr double kLeastBandwidth = 1e8;
constexpr double kLeastCapacity = 1e6;
constexpr double kLeastPeak = 1e8;
constexpr double kLeastClock = 1e6;
constexpr double kMostLaunch = 1e-2;
constexpr double kMostIdleShare = 0.6;
// Power is limited: arithmetic at full rate may exceed the TDP on paper, but not by this much.
constexpr double kMostPower = 2.5;

class Linter {
 public:
  explicit Linter(const Hardware& hardware) : h_(hardware) {}

  std::vector<Finding> run() {
    check_identity();
    check_sources();
    for (std::size_t i = 0; i < h_.engines.size(); ++i) check_engine(h_.engines[i], i);
    for (const MemoryLevel& level : h_.memory) check_level(level);
    check_order();
    for (const Link& link : h_.links) {
      check_binary(link.bandwidth_bytes_per_second);
      check_least(link.bandwidth_bytes_per_second, kLeastBandwidth, "bytes per second");
    }
    check_ridge();
    check_launch();
    check_power();
    return std::move(findings_);
  }

 private:
  void add(Severity severity, const std::string& path, std::string text) {
    findings_.push_back({severity, path, std::move(text)});
  }

  void check_identity() {
    const auto check = [&](const std::string& path, const std::string& text) {
      const auto other = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.+");
      if (other == std::string::npos && !text.empty()) return;
      add(Severity::kError, path,
          fmt::format("'{}' is not a name for --hw; expected lower-case letters, digits, '-', '.' "
                      "and '+'",
                      text));
    };
    if (!h_.id.empty()) check("id", h_.id);
    for (const std::string& alias : h_.aliases) check("aliases", alias);
  }

  void check_sources() {
    for (const Quantity* q : quantities(h_)) {
      const bool from_document = q->status == Status::kVerified || q->status == Status::kDerived;
      if (from_document && q->source.empty()) {
        add(Severity::kWarning, q->path,
            fmt::format("is '{}' but names no source", name(q->status)));
      }
    }
  }

  void check_least(const Quantity& q, double least, std::string_view unit) {
    if (!q.known() || q.value >= least) return;
    add(Severity::kError, q.path,
        fmt::format("is {:g} {}; values are in base units, without prefixes (1 GB/s is 1e9)",
                    q.value, unit));
  }

  // A decimal GB/s multiplied by 2^30: bandwidths are decimal, capacities often are not.
  void check_binary(const Quantity& q) {
    if (!q.known()) return;
    const double tenths = q.value / kGibi * 10;
    const bool binary = tenths >= 1 && std::abs(tenths - std::round(tenths)) < 1e-6 * tenths;
    if (!binary || std::fmod(q.value, 1e6) == 0) return;
    add(Severity::kError, q.path,
        fmt::format("is {:g} x 2^30; bandwidths are decimal: {:g} GB/s is {:g}", tenths / 10,
                    tenths / 10, tenths / 10 * kGiga));
  }

  // Operations of one unit per clock: stated, or from the shape. 0 if neither.
  static double width(const Engine& e, MathType type) {
    if (e.ops_per_clock[type].known()) return e.ops_per_clock[type].value;
    if (e.array && bits(type) == 16) return 2.0 * e.array->rows * e.array->cols;
    if (e.simd_lanes.known() && type == MathType::kFloat32) return 2 * e.simd_lanes.value;
    return 0;
  }

  void check_engine(const Engine& e, std::size_t index) {
    check_least(e.clock_hz, kLeastClock, "hertz");
    bool checkable = false;
    for (const MathType type : all_math_types()) {
      const Quantity& peak = e.peaks[type];
      check_least(peak, kLeastPeak, "operations per second");
      check_without_peak(e, type);
      if (!peak.known()) continue;
      check_narrow(e, type);
      const double ceiling = e.count.value_or(0) * e.clock_hz.value_or(0) * width(e, type);
      if (ceiling == 0) continue;
      checkable = true;
      check_peak(e, peak, ceiling);
    }
    if (!checkable) {
      add(Severity::kNote, fmt::format("engines.{}", index),
          fmt::format("the peaks of '{}' cannot be checked: give count, clock_hz and ops_per_clock",
                      e.name));
    }
    check_array(e, index);
  }

  void check_peak(const Engine& e, const Quantity& peak, double ceiling) {
    const double ratio = peak.value / ceiling;
    const std::string product = fmt::format("count x clock_hz x ops_per_clock = {:g}", ceiling);
    const double sparse = e.sparsity ? e.sparsity->factor.value : 2;
    if (ratio > kRounding && std::abs(ratio / sparse - 1) < kRounding - 1) {
      add(Severity::kError, peak.path,
          fmt::format("is {:g}, {:.3g} times {}: this looks like a rate with sparsity; give the "
                      "dense rate, and the factor under sparsity",
                      peak.value, ratio, product));
    } else if (ratio > kRounding) {
      add(Severity::kError, peak.path, fmt::format("is {:g}, above {}", peak.value, product));
    } else if (ratio < kFarBelow) {
      add(Severity::kWarning, peak.path,
          fmt::format("is {:g}, {:.3g} of {}; a multiply-accumulate is two operations", peak.value,
                      ratio, product));
    }
  }

  // Rates of one engine against each other, for files that do not give a width.
  void check_narrow(const Engine& e, MathType type) {
    const double half =
        std::max(e.peaks[MathType::kFloat16].value, e.peaks[MathType::kBfloat16].value);
    const double ratio = half == 0 ? 0 : e.peaks[type].value / half;
    const double most = bits(type) == 4 ? 2 * kMostSpeedup : bits(type) == 8 ? kMostSpeedup : 2.1;
    if (ratio <= most) return;
    add(Severity::kWarning, e.peaks[type].path,
        fmt::format("is {:.3g} times the 16-bit rate; is one of them sparse?", ratio));
  }

  void check_without_peak(const Engine& e, MathType type) {
    if (e.peaks[type].known()) return;
    for (const Quantity* q :
         {&e.ops_per_clock[type], &e.achievable_fraction[type], &e.joules_per_operation[type]}) {
      if (q->known()) {
        add(Severity::kWarning, q->path, "has no peak of this type beside it, and is never used");
      }
    }
  }

  void check_array(const Engine& e, std::size_t index) {
    if (!e.array) return;
    bool any = false;
    bool fits = false;
    for (const MathType type : all_math_types()) {
      if (!e.ops_per_clock[type].known()) continue;
      any = true;
      fits = fits || e.ops_per_clock[type].value == 2.0 * e.array->rows * e.array->cols;
    }
    if (any && !fits) {
      add(Severity::kError, fmt::format("engines.{}.array", index),
          fmt::format("is {} x {}, but no type has {} ops_per_clock (two per cell)", e.array->rows,
                      e.array->cols, 2.0 * e.array->rows * e.array->cols));
    }
  }

  void check_level(const MemoryLevel& m) {
    const bool main = m.kind == MemoryKind::kDram || m.kind == MemoryKind::kSram;
    const Quantity& peak = m.bandwidth_bytes_per_second;
    const Quantity& measured = m.measured_bandwidth_bytes_per_second;
    for (const Quantity* q : {&peak, &measured}) {
      check_binary(*q);
      check_least(*q, kLeastBandwidth, "bytes per second");
    }
    if (main) check_least(m.capacity_bytes, kLeastCapacity, "bytes");
    if (m.scope == Scope::kPerUnit && !m.units.known()) {
      add(Severity::kError, m.capacity_bytes.path,
          fmt::format("'{}' is per unit, but 'units' is missing", m.name));
    }
    if (!peak.known() || !measured.known()) return;
    const double ratio = measured.value / peak.value;
    if (ratio > kRounding) {
      add(Severity::kError, measured.path,
          fmt::format("is {:g}, above the data sheet's {:g}", measured.value, peak.value));
    }
    if (m.achievable_fraction.known() &&
        std::abs(ratio / m.achievable_fraction.value - 1) > kRounding - 1) {
      add(Severity::kError, m.achievable_fraction.path,
          fmt::format("is {:g}, but measured over data-sheet bandwidth is {:.3g}",
                      m.achievable_fraction.value, ratio));
    }
  }

  // Registers and shared memory are no cache of each other: any of them may be the larger.
  static bool nested(const MemoryLevel& near, const MemoryLevel& far) {
    return near.kind != MemoryKind::kRegister &&
           !(near.kind == MemoryKind::kScratchpad && far.kind == MemoryKind::kL1) &&
           near.kind != MemoryKind::kHost && near.kind != MemoryKind::kStorage;
  }

  void check_order() {
    for (std::size_t i = 0; i < h_.memory.size(); ++i) {
      for (std::size_t j = i + 1; j < h_.memory.size(); ++j) {
        check_pair(h_.memory[i], h_.memory[j]);
      }
    }
  }

  void check_pair(const MemoryLevel& near, const MemoryLevel& far) {
    if (near.kind > far.kind) {
      add(Severity::kError, far.capacity_bytes.path,
          fmt::format("'{}' ({}) stands after '{}' ({}); levels go from nearest to farthest",
                      far.name, name(far.kind), near.name, name(near.kind)));
      return;
    }
    if (near.capacity_bytes.known() && far.capacity_bytes.known() && nested(near, far) &&
        near.capacity_bytes.value > far.capacity_bytes.value) {
      add(Severity::kError, near.capacity_bytes.path,
          fmt::format("is {:g}, more than the {:g} of '{}' behind it", near.capacity_bytes.value,
                      far.capacity_bytes.value, far.name));
    }
    const double near_rate = near.peak_bandwidth();
    if (near_rate > 0 && near_rate < far.sustained_bandwidth()) {
      const Quantity& q = near.bandwidth_bytes_per_second.known()
                              ? near.bandwidth_bytes_per_second
                              : near.measured_bandwidth_bytes_per_second;
      add(Severity::kError, q.path,
          fmt::format("is {:g}, less than the {:g} of '{}' behind it", near_rate,
                      far.sustained_bandwidth(), far.name));
    }
  }

  void check_ridge() {
    const Quantity* best = nullptr;
    for (const Engine& e : h_.engines) {
      for (const MathType type : all_math_types()) {
        const Quantity& peak = e.peaks[type];
        if (peak.known() && (best == nullptr || peak.value > best->value)) best = &peak;
      }
    }
    const Quantity& bandwidth = h_.main_memory().bandwidth_bytes_per_second;
    if (best == nullptr) return;
    const double ridge = best->value / bandwidth.value;
    if (ridge >= kLeastRidge && ridge <= kMostRidge) return;
    add(Severity::kError, best->path,
        fmt::format("{:g} operations per second over {:g} bytes per second is a ridge point of "
                    "{:.3g} operations per byte; expected {:g} to {:g}",
                    best->value, bandwidth.value, ridge, kLeastRidge, kMostRidge));
  }

  void check_launch() {
    for (const Quantity* q : {&h_.launch.stream_seconds, &h_.launch.graph_seconds,
                              &h_.launch.dispatch_seconds, &h_.launch.kernel_floor_seconds}) {
      if (q->value > kMostLaunch) {
        add(Severity::kError, q->path,
            fmt::format("is {:g} seconds; values are in base units (2 us is 2e-6)", q->value));
      }
    }
    if (h_.launch.graph_seconds.known() && h_.launch.stream_seconds.known() &&
        h_.launch.graph_seconds.value > h_.launch.stream_seconds.value) {
      add(Severity::kWarning, h_.launch.graph_seconds.path,
          "is longer than a launch from a stream");
    }
  }

  void check_power() {
    const Quantity& tdp = h_.power.tdp_watts;
    const Quantity& idle = h_.power.idle_watts;
    if (!tdp.known()) return;
    if (idle.value >= tdp.value) {
      add(Severity::kError, idle.path,
          fmt::format("is {:g}, not below the TDP of {:g}", idle.value, tdp.value));
    } else if (idle.value > kMostIdleShare * tdp.value) {
      add(Severity::kWarning, idle.path,
          fmt::format("is {:.0f} % of the TDP", 100 * idle.value / tdp.value));
    }
    for (const Engine& e : h_.engines) {
      for (const MathType type : all_math_types()) {
        const double watts = e.peaks[type].value * e.joules_per_operation[type].value;
        if (watts <= kMostPower * tdp.value) continue;
        add(Severity::kWarning, e.joules_per_operation[type].path,
            fmt::format("at the peak rate this draws {:.3g} W; the TDP is {:g} W", watts,
                        tdp.value));
      }
    }
  }

  const Hardware& h_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> lint(const Hardware& hardware) { return Linter(hardware).run(); }

}  // namespace aiprof
