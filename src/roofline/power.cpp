#include "roofline/power.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace aiprof::roofline {
namespace {

// Energy after Stillmaker and Baas (2017) at nominal voltage; clocks are those of the GPUs on that
// process whose energy was compared.
struct ProcessRow {
  double nanometres;
  double energy_ratio;
  double nominal_clock_hz;
};
constexpr ProcessRow kProcesses[] = {
    {3, 0.748, 1.900e9}, {4, 0.822, 1.850e9}, {5, 0.869, 1.750e9},  {6, 0.935, 1.500e9},
    {7, 1.000, 1.410e9}, {8, 1.093, 1.500e9}, {12, 1.364, 1.455e9}, {16, 1.850, 1.303e9},
};

// Measured on an A100 (7 nm, 1.41 GHz): Antepara et al., SC 2025, table 3.
constexpr double kVectorJoules = 10.7e-12;  // per float32 operation
constexpr double kMatrixJoules = 0.70e-12;  // per 16-bit operation
constexpr double kDatapathShare = 0.47;     // 0.33 of 0.70 pJ; the rest is control and operands
constexpr double kMatrixFma = 1024;         // multiply-adds per clock of one of its matrix units
// Between a lower clock at the same voltage (1) and one with the voltage lowered along (1/3).
constexpr double kPowerExponent = 1.25;
// 8-bit operations against 16-bit ones: datapath a fifth, control kept.
constexpr double kEightBitRatio = 0.43;

std::optional<double> nanometres(const std::string& process) {
  // "4N" and "N7" and "7 nm" alike: the first number in the text.
  const auto digit = std::ranges::find_if(process, [](unsigned char c) { return std::isdigit(c); });
  if (digit == process.end()) return std::nullopt;
  return std::strtod(&*digit, nullptr);
}

double width_ratio(MathType type) {
  switch (type) {
    case MathType::kFloat64:
      return 16;
    case MathType::kTf32:
    case MathType::kFloat32:
      return 2;
    case MathType::kFloat8:
    case MathType::kFloat8Acc16:
    case MathType::kInt8:
      return kEightBitRatio;
    case MathType::kFloat4:
    case MathType::kInt4:
      return kEightBitRatio / 2;
    default:
      return 1;
  }
}

double rule(const Hardware& hardware, const Engine& engine, MathType type) {
  const auto process = process_of(hardware);
  if (!process || !engine.clock_hz.known()) return 0;
  const double clock = engine.clock_hz.value;
  const double vector = vector_energy(*process, clock);
  if (engine.unit != EngineUnit::kMatrix) {
    // A scalar or vector operation costs by the width of its operands.
    return vector * bits(type) / 32.0;
  }
  // A matrix path for plain float32 works on whole float32 products, with operands shared.
  if (type == MathType::kFloat32) return vector / 2;
  const Quantity& half = engine.peaks[MathType::kFloat16].known()
                             ? engine.peaks[MathType::kFloat16]
                             : engine.peaks[MathType::kBfloat16];
  if (!half.known() || !engine.count.known()) return 0;
  const double fma = half.value / (2 * engine.count.value * clock);
  return matrix_energy(*process, clock, fma) * width_ratio(type);
}

}  // namespace

std::optional<Process> process_of(const Hardware& hardware) {
  const auto nm = nanometres(hardware.process);
  if (!nm || *nm < kProcesses[0].nanometres || *nm > std::prev(std::end(kProcesses))->nanometres) {
    return std::nullopt;
  }
  const ProcessRow* high = std::ranges::lower_bound(kProcesses, *nm, {}, &ProcessRow::nanometres);
  if (high->nanometres == *nm) return Process{high->energy_ratio, high->nominal_clock_hz};
  const ProcessRow* low = high - 1;
  const double w = (*nm - low->nanometres) / (high->nanometres - low->nanometres);
  return Process{std::lerp(low->energy_ratio, high->energy_ratio, w),
                 std::lerp(low->nominal_clock_hz, high->nominal_clock_hz, w)};
}

double vector_energy(const Process& process, double clock_hz) {
  return kVectorJoules * process.energy_ratio * clock_hz / process.nominal_clock_hz;
}

double matrix_energy(const Process& process, double clock_hz, double fma_per_clock) {
  return kMatrixJoules * process.energy_ratio *
         (kDatapathShare + (1 - kDatapathShare) * kMatrixFma / fma_per_clock) * clock_hz /
         process.nominal_clock_hz;
}

double power_factor(double peak, double joules_per_operation, double tdp_watts, double idle_watts) {
  const double demand = joules_per_operation * peak;
  const double budget = tdp_watts - idle_watts;
  if (!(demand > 0) || !(budget > 0)) return 1;
  return std::min(1.0, std::pow(budget / demand, 1 / kPowerExponent));
}

double operation_energy(const Hardware& hardware, const Engine& engine, MathType type) {
  const Quantity& stated = engine.joules_per_operation[type];
  return stated.known() ? stated.value : rule(hardware, engine, type);
}

double energy_under_load(const Hardware& hardware, const Engine& engine, MathType type) {
  const Quantity& stated = engine.joules_per_operation[type];
  const bool measured = stated.status == Status::kVerified || stated.status == Status::kUser;
  return measured ? stated.value : rule(hardware, engine, type);
}

}  // namespace aiprof::roofline
