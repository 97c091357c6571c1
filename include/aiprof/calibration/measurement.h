// Measured times of single operators: the rows that `hw fit` learns from and `hw bench` asks for.
// The file format is documented in docs/calibration.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/graph/dtype.h"

namespace aiprof {

// How the operator was started while its time was taken. Never mixed in one class of a fit.
enum class TimingRegime : std::uint8_t {
  kGraph,     // replayed from a recorded graph: device time, no host in the way
  kStream,    // one of many in a running session or stream
  kQueue,     // dispatched by the host while the device still works on earlier ones
  kIsolated,  // alone, timed from the host: its launch is part of the time
};
[[nodiscard]] std::string_view name(TimingRegime regime);
[[nodiscard]] std::optional<TimingRegime> parse_regime(std::string_view text);

// The extents of an operator. Which ones an operator takes, and what they mean:
// aiprof/calibration/measurement.h, operator_columns(). 0: not given.
struct Extents {
  std::int64_t b = 0, m = 0, n = 0, k = 0;
  std::int64_t c = 0, h = 0, w = 0, groups = 0;
  std::int64_t kernel_h = 0, kernel_w = 0, stride_h = 0, stride_w = 0, pad_h = 0, pad_w = 0;
  std::int64_t s = 0, l = 0, heads = 0, kv = 0, d = 0;
  std::int64_t rows = 0, cols = 0, reads = 0;

  friend bool operator==(const Extents&, const Extents&) = default;
};

struct Measurement {
  std::string op_class;  // as in reports: "gemm", "convolution", "attention", "softmax", ...
  std::string op;        // operator: "MatMul", "Conv", "Add", ...
  // Of the operands; kUndefined only while parsing. `tf32` says that float32 was multiplied so.
  DType dtype = DType::kFloat32;
  bool tf32 = false;
  DType weights = DType::kUndefined;  // stored weights of another type; kUndefined: as the operands
  Extents extents{};
  // Bytes of weights that pass between two uses of these: what decides whether a cache still holds
  // them. Absent: used again at once.
  std::optional<double> weight_set{};
  TimingRegime regime = TimingRegime::kGraph;
  double seconds = 0;   // 0: to be measured
  std::string label{};  // free text; empty for most
  std::size_t line = 0;
};

struct MeasurementFile {
  std::string file;
  std::string device;      // "# device: ..."
  std::string date;        // "# date: ...", ISO 8601
  std::string source;      // "# source: ..."
  std::string conditions;  // "# conditions: ..."
  // "# dispatch: ...": seconds from one operator of a session to the next, kernels left out.
  std::optional<double> dispatch_seconds{};
  std::vector<Measurement> rows;
};

enum class SecondsColumn : std::uint8_t { kRequired, kOptional };

// Throws Error(kInput) naming file, line and column.
[[nodiscard]] MeasurementFile parse_measurements(std::string_view text, std::string_view file,
                                                 SecondsColumn seconds = SecondsColumn::kRequired);
[[nodiscard]] MeasurementFile load_measurements(const std::string& path);

// The columns that the rows use, in the order of the documented table; "seconds" only if a row has
// some. Equal input, equal bytes.
[[nodiscard]] std::string write_measurements(const MeasurementFile& file);

// The operators that rows can name.
struct OperatorForm {
  std::string_view op;
  std::string_view op_class;
  std::string_view columns;   // that a row has to give, separated by spaces
  std::string_view optional;  // that it may give
  std::string_view meaning;
};
[[nodiscard]] std::span<const OperatorForm> operator_forms();
// Null for an operator that is not in the table.
[[nodiscard]] const OperatorForm* find_operator_form(std::string_view op);

}  // namespace aiprof
