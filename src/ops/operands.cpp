#include "ops/operands.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aiprof::ops {

Ints to_ints(std::span<const std::int64_t> values) {
  Ints out;
  out.reserve(values.size());
  for (const std::int64_t x : values) out.push_back(Scalar::of(x));
  return out;
}

std::optional<Ints> int_operand(const OpView& v, std::size_t i) {
  const ValueRef value = value_or_unknowns(v, i);
  if (!value || value->kind == Value::Kind::kString) return std::nullopt;
  Ints out;
  out.reserve(value->elements.size());
  for (const Scalar& s : value->elements) {
    if (!s.known || value->kind == Value::Kind::kInt) {
      out.push_back(s);
    } else if (std::abs(s.f) < 0x1p62) {
      out.push_back(Scalar::of(static_cast<std::int64_t>(s.f)));
    } else {
      out.push_back({});
    }
  }
  return out;
}

std::optional<Ints> int_operand(const OpView& v, std::size_t i, std::string_view attr) {
  if (v.has_in(i)) return int_operand(v, i);
  if (v.attr(attr) == nullptr) return std::nullopt;
  return to_ints(v.attr_ints(attr));
}

bool all_known(const Ints& values) {
  return std::all_of(values.begin(), values.end(), [](const Scalar& s) { return s.known; });
}

std::optional<std::int64_t> int_of(const OpView& v, std::size_t i) {
  if (const auto exact = v.int_scalar(i)) return exact;
  const auto number = v.float_scalar(i);
  if (!number || std::abs(*number) >= 0x1p62 || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<InlineVector<std::size_t, 8>> axes_of(const OpView& v, const Ints& values,
                                                    std::size_t rank) {
  if (!all_known(values)) return std::nullopt;
  InlineVector<std::size_t, 8> out;
  for (const Scalar& s : values) {
    const std::size_t axis = v.normalize_axis(s.i, rank);
    if (std::find(out.begin(), out.end(), axis) != out.end()) {
      v.fail("axis " + std::to_string(axis) + " is named twice");
    }
    out.push_back(axis);
  }
  return out;
}

Shape unknown_shape(std::size_t rank) { return Shape(rank); }

Dim same_extent(const OpView& v, Dim a, Dim b, std::size_t axis) {
  if (a.known() && b.known() && a != b) {
    v.fail("extents on axis " + std::to_string(axis) + " differ: " + std::to_string(a.value()) +
           " against " + std::to_string(b.value()));
  }
  return a.known() ? a : b;
}

std::string to_text(std::span<const Dim> shape) {
  std::string out;
  for (const Dim d : shape) {
    if (!out.empty()) out += 'x';
    out += d.known() ? std::to_string(d.value()) : "?";
  }
  return out.empty() ? "scalar" : out;
}

bool evaluable(const OpView& v, std::size_t o) {
  const TensorFact& f = v.out(o);
  return f.shape_known() && f.elements().value_or(UINT64_MAX) <= kMaxValueElements;
}

ValueRef pick(const Value& x, std::span<const std::int64_t> positions, Scalar fill) {
  auto out = std::make_shared<Value>();
  out->kind = x.kind;
  if (x.kind == Value::Kind::kString) {
    out->strings.reserve(positions.size());
    for (const std::int64_t p : positions) {
      if (p == kFill) return nullptr;
      out->strings.push_back(x.strings[static_cast<std::size_t>(p)]);
    }
    return out;
  }
  out->elements.reserve(positions.size());
  for (const std::int64_t p : positions) {
    out->elements.push_back(p == kFill ? fill : x.elements[static_cast<std::size_t>(p)]);
  }
  return out;
}

ValueRef pick(const Value& x, std::span<const Dim> in, const AxisSources& sources, Scalar fill) {
  const auto step = strides(in);
  std::vector<std::int64_t> positions{0};
  // Axis by axis: every position so far is followed by one for each index on the next axis.
  for (std::size_t axis = 0; axis < sources.size(); ++axis) {
    std::vector<std::int64_t> longer;
    longer.reserve(positions.size() * sources[axis].size());
    for (const std::int64_t p : positions) {
      for (const std::int64_t i : sources[axis]) {
        longer.push_back(p == kFill || i == kFill ? kFill : p + i * step[axis]);
      }
    }
    positions = std::move(longer);
  }
  return pick(x, positions, fill);
}

std::vector<std::int64_t> all_indices(Dim n) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(n.value()));
  std::iota(out.begin(), out.end(), std::int64_t{0});
  return out;
}

void first_once(const OpView& /*v*/, Traffic& t) {
  t.read(0);
  t.write_all();
}

void write_only(const OpView& /*v*/, Traffic& t) { t.write_all(); }

void read_kept(const OpView& v, Traffic& t) {
  t.read(0, min(v.out(0).elements(), v.in(0).elements()));
  t.write_all();
}

}  // namespace aiprof::ops
