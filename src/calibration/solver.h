// Robust least squares within bounds.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace aiprof::calibration {

struct Parameter {
  std::string name;
  double initial = 0;  // of the prior too; above 0
  double low = 0, high = 0;
  bool has_prior = true;  // false: the rows alone decide, as of what nobody states
};

// What a residual adds to the sum that is minimised: quadratic near 0, linear far from it.
[[nodiscard]] double soft_loss(double residual, double scale = 0.1);

struct LeastSquares {
  std::vector<Parameter> parameters;
  // Writes the logarithm of predicted / measured of every row, for parameter values in that order.
  std::function<void(const std::vector<double>& values, std::vector<double>& residuals)> residuals;
  std::size_t rows = 0;
  double loss_scale = 0.1;  // where residuals begin to count linearly
  double prior_weight = 0;  // of a residual for each e-fold that a parameter leaves its initial
};

// The values that minimise the sum of soft-L1 losses of the residuals and squares of the prior, in
// the logarithm of every parameter. The same input gives the same result.
[[nodiscard]] std::vector<double> solve(const LeastSquares& problem);

}  // namespace aiprof::calibration
