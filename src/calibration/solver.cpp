#include "calibration/solver.h"

#include <ceres/ceres.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace aiprof::calibration {
namespace {

// Times are minima over tiles and splits: a step has to be larger than the rounding between them,
// and small against what matters.
constexpr double kStep = 2e-3;
constexpr int kIterations = 60;

// sqrt of twice the soft-L1 loss with the sign of r, so that its square is the loss.
double soften(double r, double scale) {
  const double z = r / scale;
  const double root = std::sqrt(2 * (std::sqrt(1 + z * z) - 1));
  return std::copysign(scale * root, r);
}

}  // namespace

double soft_loss(double residual, double scale) {
  const double root = soften(residual, scale);
  return root * root;
}

namespace {

// A range as the whole real line: steps towards an end get shorter, and none goes past it.
class Range {
 public:
  explicit Range(const Parameter& p) : low_(std::log(p.low)), span_(std::log(p.high) - low_) {}

  // The logarithm of the parameter, and how it changes with u.
  [[nodiscard]] double at(double u) const { return low_ + span_ / (1 + std::exp(-u)); }
  [[nodiscard]] double slope(double u) const {
    const double share = 1 / (1 + std::exp(-u));
    return span_ * share * (1 - share);
  }
  // A start at an end of the range begins a little inside, where it can be felt.
  [[nodiscard]] double inverse(double logarithm) const {
    constexpr double kInside = 0.02;
    const double share = std::clamp((logarithm - low_) / span_, kInside, 1 - kInside);
    return std::log(share / (1 - share));
  }
  [[nodiscard]] double high() const { return low_ + span_; }

 private:
  double low_, span_;
};

class Cost final : public ceres::CostFunction {
 public:
  Cost(const LeastSquares& problem, const std::vector<Range>& ranges)
      : problem_(problem), ranges_(ranges) {
    for (const Parameter& p : problem.parameters) centre_.push_back(std::log(p.initial));
    set_num_residuals(static_cast<int>(problem.rows + centre_.size()));
    mutable_parameter_block_sizes()->push_back(static_cast<int>(centre_.size()));
  }

  bool Evaluate(double const* const* parameters, double* residuals,
                double** jacobians) const override {
    const std::size_t p = centre_.size();
    std::vector<double> x(p);
    for (std::size_t j = 0; j < p; ++j) x[j] = ranges_[j].at(parameters[0][j]);
    const std::vector<double> at = softened(x);
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (!std::isfinite(at[i])) return false;
      residuals[i] = at[i];
    }
    for (std::size_t j = 0; j < p; ++j) {
      residuals[problem_.rows + j] = prior(j) * (x[j] - centre_[j]);
    }
    if (jacobians != nullptr && jacobians[0] != nullptr) {
      differentiate(parameters[0], x, at, jacobians[0]);
    }
    return true;
  }

 private:
  [[nodiscard]] double prior(std::size_t parameter) const {
    return problem_.parameters[parameter].has_prior ? problem_.prior_weight : 0;
  }
  [[nodiscard]] std::vector<double> softened(const std::vector<double>& logs) const {
    std::vector<double> values;
    for (const double v : logs) values.push_back(std::exp(v));
    std::vector<double> out(problem_.rows);
    problem_.residuals(values, out);
    for (double& r : out) r = soften(r, problem_.loss_scale);
    return out;
  }

  // One-sided differences, away from the upper end.
  void differentiate(const double* u, const std::vector<double>& x, const std::vector<double>& at,
                     double* jacobian) const {
    const std::size_t p = centre_.size();
    std::fill(jacobian, jacobian + (problem_.rows + p) * p, 0.0);
    for (std::size_t j = 0; j < p; ++j) {
      std::vector<double> moved = x;
      moved[j] += x[j] + kStep > ranges_[j].high() ? -kStep : kStep;
      const double slope = ranges_[j].slope(u[j]);
      jacobian[(problem_.rows + j) * p + j] = prior(j) * slope;
      const std::vector<double> there = softened(moved);
      for (std::size_t i = 0; i < problem_.rows; ++i) {
        jacobian[i * p + j] = (there[i] - at[i]) / (moved[j] - x[j]) * slope;
      }
    }
  }

  const LeastSquares& problem_;
  const std::vector<Range>& ranges_;
  std::vector<double> centre_;
};

}  // namespace

std::vector<double> solve(const LeastSquares& problem) {
  std::vector<Range> ranges;
  std::vector<double> u;
  for (const Parameter& p : problem.parameters) {
    ranges.emplace_back(p);
    u.push_back(ranges.back().inverse(std::log(p.initial)));
  }
  if (u.empty()) return {};
  ceres::Problem ceres;
  ceres.AddResidualBlock(new Cost(problem, ranges), nullptr, u.data());
  ceres::Solver::Options options;
  options.linear_solver_type = ceres::DENSE_QR;
  options.max_num_iterations = kIterations;
  options.function_tolerance = 1e-6;
  options.num_threads = 1;
  options.logging_type = ceres::SILENT;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &ceres, &summary);
  if (!summary.IsSolutionUsable()) {
    throw std::logic_error("the fit failed: " + summary.message);
  }
  std::vector<double> values;
  for (std::size_t j = 0; j < u.size(); ++j) values.push_back(std::exp(ranges[j].at(u[j])));
  return values;
}

}  // namespace aiprof::calibration
