#include "roofline/interval.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aiprof::roofline {
namespace {

struct Quantiles {
  double q10, q50, q90;
};
struct Row {
  TimeClass of;
  Quantiles fitted;    // held-out shapes on a device that was fitted
  Quantiles left_out;  // devices that were left out of the fit
};
// Of log(measured / predicted), pooled over devices (docs/time-model.md). Float32 products take the
// rows of 16-bit ones; depthwise convolutions, of which no kernel was measured, those of others;
// movement and reductions those of elementwise operators.
constexpr Row kRows[] = {
    {TimeClass::kGemm, {-0.123, 0.000, 0.142}, {-0.157, 0.005, 0.233}},
    {TimeClass::kGemmFloat8, {-0.225, -0.010, 0.354}, {-0.296, 0.020, 0.428}},
    {TimeClass::kGemmInt8, {-0.182, -0.020, 0.308}, {-0.281, -0.006, 0.343}},
    {TimeClass::kGemmInt8Weights, {-0.166, -0.014, 0.238}, {-0.227, 0.003, 0.258}},
    {TimeClass::kGemmInt4Weights, {-0.171, -0.011, 0.209}, {-0.286, -0.008, 0.246}},
    {TimeClass::kGemmFloat32, {-0.123, 0.000, 0.142}, {-0.157, 0.005, 0.233}},
    {TimeClass::kAttentionPrefill, {-0.155, -0.017, 0.208}, {-0.312, -0.008, 0.288}},
    {TimeClass::kAttentionDecode, {-0.187, -0.012, 0.203}, {-0.299, -0.008, 0.319}},
    {TimeClass::kElementwise, {-0.107, 0.005, 0.090}, {-0.435, 0.023, 0.347}},
    {TimeClass::kMovement, {-0.107, 0.005, 0.090}, {-0.435, 0.023, 0.347}},
    {TimeClass::kReduction, {-0.107, 0.005, 0.090}, {-0.435, 0.023, 0.347}},
    {TimeClass::kPower, {-0.065, 0.003, 0.063}, {-0.295, -0.014, 0.451}},
    {TimeClass::kSoftmax, {-0.099, -0.006, 0.114}, {-0.349, 0.008, 0.443}},
    {TimeClass::kNormalization, {-0.091, 0.006, 0.097}, {-0.368, 0.099, 0.337}},
    {TimeClass::kConvolution, {-0.287, -0.001, 0.284}, {-0.365, -0.036, 0.401}},
    {TimeClass::kDepthwise, {-0.287, -0.001, 0.284}, {-0.365, -0.036, 0.401}},
};
// With few devices, quantiles over those that were left out are too narrow for the next one: this
// much wider, 83 % of left-out measurements fall in.
constexpr double kWiden = 1.3;
// Nothing of this kind of machine was measured.
constexpr double kWidenUnmeasured = 2.6;

Quantiles widen(const Quantiles& q, double factor) {
  return {q.q50 + factor * (q.q10 - q.q50), q.q50, q.q50 + factor * (q.q90 - q.q50)};
}

Quantiles mean(const Quantiles& a, const Quantiles& b) {
  return {(a.q10 + b.q10) / 2, (a.q50 + b.q50) / 2, (a.q90 + b.q90) / 2};
}

// Runtimes for processors copy between layouts, fuse and split operators, and meet denormal
// numbers, which operators that are timed alone do not show: mean and standard deviation of
// log(measured / predicted) of the 16 networks of docs/accuracy.md that were looked at. Quantiles
// of what was not fitted are wide enough.
constexpr double kBetweenShift = 0.17;
constexpr double kBetweenSigma = 0.2;

// Part of the variance that all kernels of a device share.
double correlation(CalibrationState state) {
  return state == CalibrationState::kFitted ? 0.15 : 0.5;
}

const Residual* own_residual(const Machine& machine, TimeClass c) {
  const auto& residuals = machine.hardware().calibration.residuals;
  auto it = residuals.find(name(c));
  if (it == residuals.end()) it = residuals.find(name(stand_in(c)));
  return it == residuals.end() ? nullptr : &it->second;
}

}  // namespace

Spread spread_of(const Machine& machine, const Job& job, TimeClass c) {
  // Convolutions on matrix units share the constants of products, not their accuracy.
  const bool borrowed = job.shape == Geometry::Kind::kConvolution && c != TimeClass::kConvolution &&
                        c != TimeClass::kDepthwise;
  if (borrowed) c = TimeClass::kConvolution;
  const CalibrationState state = machine.hardware().calibration.state;
  const Residual* own = borrowed ? nullptr : own_residual(machine, c);
  if (own != nullptr) {
    return {.q10 = std::log(own->p10.value),
            .q50 = std::log(own->p50.value),
            .q90 = std::log(own->p90.value),
            .state = state};
  }
  const Row& row = *std::ranges::find(kRows, c, &Row::of);
  const bool measured_form = machine.form() == Form::kManyCore;
  const Quantiles datasheet = widen(row.left_out, measured_form ? kWiden : kWidenUnmeasured);
  // A device that was fitted on other classes says nothing about this one.
  const Quantiles q = state == CalibrationState::kFamily ? mean(row.fitted, datasheet) : datasheet;
  return {.q10 = q.q10,
          .q50 = q.q50,
          .q90 = q.q90,
          .state = state == CalibrationState::kFitted ? CalibrationState::kDatasheet : state};
}

Interval interval_of(double seconds, const Spread& spread) {
  return {.low = seconds * std::exp(std::min(0.0, spread.q10)),
          .high = seconds * std::exp(std::max(0.0, spread.q90))};
}

void SumOfIntervals::add(double group_seconds, const Spread& spread) {
  const double term = spread.sigma() * group_seconds;
  seconds_ += group_seconds;
  linear_ += term;
  quadratic_ += term * term;
  shift_ += spread.q50 * group_seconds;
  shared_ += correlation(spread.state) * group_seconds;
  if (spread.state == CalibrationState::kFitted) fitted_ += group_seconds;
}

Interval SumOfIntervals::interval(double total_seconds, Form form) const {
  if (!(seconds_ > 0)) return {.low = total_seconds, .high = total_seconds};
  const double rho = shared_ / seconds_;
  const bool between = form == Form::kProcessor && longest_ < seconds_;
  const double others = between ? (1 - longest_ / seconds_) * fitted_ / seconds_ : 0;
  const double variance =
      (rho * linear_ * linear_ + (1 - rho) * quadratic_) / (seconds_ * seconds_) +
      kBetweenSigma * kBetweenSigma * others;
  const double sigma = std::sqrt(variance);
  const double shift = shift_ / seconds_ + kBetweenShift * others;
  constexpr double kNinetieth = 1.2815515655446004;  // of the standard normal distribution
  return {.low = total_seconds * std::exp(std::min(0.0, shift - kNinetieth * sigma)),
          .high = total_seconds * std::exp(std::max(0.0, shift + kNinetieth * sigma))};
}

}  // namespace aiprof::roofline
