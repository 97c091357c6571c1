// The clock that a core runs at, from how long dependent additions take.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "calibration/host.h"

namespace aiprof::calibration {
namespace {

constexpr int kRounds = 40;     // the least of them counts: the machine may be busy
constexpr int kSteps = 20000;   // a third of a millisecond a round
constexpr int kAdditions = 64;  // of one step, without a loop between them
constexpr double kGrain = 1e7;  // what repeated runs agree to, in hertz
constexpr double kLow = 0.3e9;  // outside, additions did not take a clock each
constexpr double kHigh = 1.2e10;

// Sixty-four additions, each of which needs the sum before it. Registers, not constants: cores that
// fold additions of constants finish several in a clock.
inline void add_64(std::uint64_t& sum, std::uint64_t step) {
#if defined(__x86_64__)
  asm volatile(".rept 64\n\taddq %1, %0\n\t.endr" : "+r"(sum) : "r"(step) : "cc");
#elif defined(__aarch64__)
  asm volatile(".rept 64\n\tadd %0, %0, %1\n\t.endr" : "+r"(sum) : "r"(step));
#else
  sum += step;
#endif
}

}  // namespace

std::optional<double> measured_clock() {
#if !defined(__x86_64__) && !defined(__aarch64__)
  return std::nullopt;
#endif
  using Clock = std::chrono::steady_clock;
  double least = INFINITY;
  std::uint64_t sum = 1;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    for (int step = 0; step < kSteps; ++step) add_64(sum, 3);
    least = std::min(least, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  const double hertz = std::round(kSteps * kAdditions / least / kGrain) * kGrain;
  if (!(hertz > kLow && hertz < kHigh)) return std::nullopt;
  return hertz;
}

}  // namespace aiprof::calibration
