// Softmax, LogSoftmax and Hardmax.
#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// Up to opset 12 the axes from `axis` on are flattened into one row, from opset 13 a row is `axis`
// alone: the same shapes, but rows of another length.
enum class Row : std::uint8_t { kFromAxis, kAxis };

template <Row kRow>
Geometry rows_of(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return row_geometry(Count::unknown(), Count::unknown());
  const std::int64_t stated = v.attr_int("axis", kRow == Row::kAxis ? -1 : 1);
  // Flattening may start behind the last axis: every row has one element then.
  const auto rank = static_cast<std::int64_t>(x.rank());
  if (kRow == Row::kFromAxis && stated == rank) return row_geometry(x.elements(), 1U);
  const std::size_t axis = v.normalize_axis(stated, x.rank());
  const std::size_t end = kRow == Row::kAxis ? axis + 1 : x.rank();
  return row_geometry(product(x.shape, 0, axis) * product(x.shape, end, x.rank()),
                      product(x.shape, axis, end));
}

// max, subtract, exp, sum, divide.
template <Row kRow>
Work softmax_work(const OpView& v) {
  Work w;
  w.geometry = rows_of<kRow>(v);
  const Count n = v.in(0).elements();
  w.flops = combined(n, w.geometry.rows) * 2U + n;
  w.transcendentals = n * 2U;
  return w;
}

// max, subtract, exp, sum, log, subtract.
template <Row kRow>
Work log_softmax_work(const OpView& v) {
  Work w;
  w.geometry = rows_of<kRow>(v);
  const Count n = v.in(0).elements();
  w.flops = combined(n, w.geometry.rows) * 2U + n * 2U;
  w.transcendentals = n + w.geometry.rows;
  return w;
}

template <Row kRow>
Work hardmax_work(const OpView& v) {
  Work w;
  w.geometry = rows_of<kRow>(v);
  w.flops = combined(v.in(0).elements(), w.geometry.rows);
  return w;
}

constexpr OpClass kClass = OpClass::kSoftmax;
constexpr std::string_view kSoftmax =
    "3n - 2 FLOPs (max, sub, sum), n exp and n divisions per row of n";
constexpr std::string_view kLogSoftmax =
    "4n - 2 FLOPs (max, sub, sum, sub), n exp and 1 log per row of n";
constexpr std::string_view kHardmax = "n - 1 FLOPs (compares) per row of n";

constexpr OpSpec kRows[] = {
    {"", "Softmax", 1, kClass, same_as_first, softmax_work<Row::kFromAxis>, each_once, kSoftmax},
    {"", "Softmax", 13, kClass, same_as_first, softmax_work<Row::kAxis>, each_once, kSoftmax},
    {"", "LogSoftmax", 1, kClass, same_as_first, log_softmax_work<Row::kFromAxis>, each_once,
     kLogSoftmax},
    {"", "LogSoftmax", 13, kClass, same_as_first, log_softmax_work<Row::kAxis>, each_once,
     kLogSoftmax},
    {"", "Hardmax", 1, OpClass::kReduction, same_as_first, hardmax_work<Row::kFromAxis>, each_once,
     kHardmax},
    {"", "Hardmax", 13, OpClass::kReduction, same_as_first, hardmax_work<Row::kAxis>, each_once,
     kHardmax},
};

}  // namespace

std::span<const OpSpec> softmax_ops() { return kRows; }

}  // namespace aiprof::ops
