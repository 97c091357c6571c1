// Fitting the constants of a hardware file to measurements, and judging them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/calibration/measurement.h"
#include "aiprof/hardware/hardware.h"

namespace aiprof {

// Errors of predicted times; ratios, not percent. `n` rows; all 0 for none.
struct ErrorStats {
  std::size_t n = 0;
  double mape = 0;    // mean |predicted / measured - 1|
  double median = 0;  // of the same
  double p90 = 0;
  double bias = 0;  // mean of predicted / measured - 1
};

// Quantiles of measured / predicted, as hardware files keep them.
struct RatioQuantiles {
  std::size_t n = 0;
  double p10 = 1, p50 = 1, p90 = 1;
};

// A measured row with what the file predicts for it.
struct RowError {
  Measurement row;
  double predicted = 0;  // seconds
  bool at_floor = false;
};

// One class of operators in one regime. Rows at the floor take less than 1.5 times the shortest
// hundredth of the class: they measure the launch, and are told apart from the rest.
struct ClassReport {
  std::string time_class;
  TimingRegime regime = TimingRegime::kGraph;
  std::size_t n = 0;
  std::size_t at_floor = 0;
  ErrorStats roofline;      // the longer of operations / peak and bytes / bandwidth
  ErrorStats before;        // with the constants of the file or the defaults; rows above the floor
  ErrorStats after;         // every row predicted by a fit that did not see it
  ErrorStats after_floor;   // the same, of rows at the floor
  ErrorStats in_sample;     // with the constants that are written
  RatioQuantiles residual;  // cross-validated, above the floor
  double covered = 0;       // share of rows inside the 80 % interval of the other folds' residuals
  // Of isolated timing: what the host takes to launch. Belongs to host and framework, and is not
  // written to the file.
  std::optional<double> host_launch_seconds, host_overlap;
  std::vector<RowError> rows;  // of an evaluation
};

struct FittedConstant {
  std::string name;
  double value = 0;
  double initial = 0;     // the default of the class
  bool at_bound = false;  // of its physical range
  bool fixed = false;     // given, not fitted
};

// Values that constants keep while the others are fitted, by their names in files.
using FixedConstants = std::map<std::string, double, std::less<>>;

struct FitOptions {
  std::size_t folds = 5;
  std::uint64_t seed = 1;
  std::size_t most_rows = 2000;     // of a class that one fit reads; the rest only judges
  std::string date{};               // ISO 8601; empty: the latest of the files
  std::vector<std::string> only{};  // classes; empty: all
  FixedConstants fixed{};           // of classes that are fitted, within their physical ranges
};

struct FitResult {
  CalibrationState state = CalibrationState::kFitted;
  std::vector<ClassReport> classes;  // empty for a family
  std::vector<FittedConstant> constants;
  std::optional<double> main_bandwidth;   // replaces an assumed one, in bytes per second
  std::optional<double> cache_capacity;   // of the last cache, an instance; replaces an assumed one
  std::optional<double> cache_residency;  // of the last cache, in seconds; with cache_capacity
  std::optional<double> stream_seconds;   // measured dispatch; replaces an assumed one
  std::vector<std::string> scaled;        // classes of too few rows, of which one constant moved
  std::vector<std::string> fitted_on;     // one line for each class
  std::string date;
  std::vector<std::string> notes;  // rows left out, and why
};

// Fewer rows of products than can be judged (four) say how fast the class is, not why: they move
// its sustained share of the peak alone, by n / (n + 1) of their mean error. What the file has
// counts as one row more: single products of a machine lie about as far from what whole models take
// as machines lie from the default (a tenth; docs/accuracy.md). Such a class has no residuals, and
// a file in which no class was ever fitted is of the state `family`.
//
// Fits every class that the rows reach, by least squares of log(predicted / measured) with a
// soft-L1 loss (scale 0.1) and a prior that pulls each constant to the default of its class:
// weight 0.012 x sqrt(rows + 200) for each e-fold, so that few rows move little. Throws
// Error(kInput) naming file and line for rows that the machine cannot run, and Error(kUsage) for
// options that cannot be followed, such as a fixed constant that no fitted class has.
[[nodiscard]] FitResult fit_constants(const Hardware& hardware,
                                      std::span<const MeasurementFile> files,
                                      const FitOptions& options = {});

// The text of a hardware file with the result in its `calibration`; everything else is kept as it
// stands, byte by byte.
[[nodiscard]] std::string write_fit(std::string_view text, std::string_view file,
                                    const FitResult& result);

// Errors of the constants as they stand in the file (or of the defaults), in `before`. For isolated
// rows the launch of the host, which is no constant of the machine, is fitted to the rows.
[[nodiscard]] std::vector<ClassReport> evaluate_constants(const Hardware& hardware,
                                                          std::span<const MeasurementFile> files);

// One machine with its measurements, for fits over several.
struct DeviceRows {
  Hardware hardware;
  std::vector<MeasurementFile> files;
};
// Constants that serve all of the machines together, each with equally many rows: what a file takes
// for a machine of the family that nobody measured. Of one form of machine.
[[nodiscard]] FitResult fit_family(std::span<const DeviceRows> devices,
                                   const FitOptions& options = {});

// People's and machines' forms of the above.
[[nodiscard]] std::string format_fit(const FitResult& result);
[[nodiscard]] std::string format_evaluation(std::span<const ClassReport> classes);
[[nodiscard]] std::string fit_json(std::span<const ClassReport> classes);
// One line for each row of an evaluation: label, operator, class, dtype, regime, seconds,
// predicted, ratio (predicted / measured), floor (1: at the launch floor).
[[nodiscard]] std::string rows_csv(std::span<const ClassReport> classes);

}  // namespace aiprof
