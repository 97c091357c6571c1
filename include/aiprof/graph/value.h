// Contents of small tensors, as far as shapes may depend on them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace aiprof {

// Tensors with more elements than this are never evaluated; their shapes still are.
inline constexpr std::uint64_t kMaxValueElements = 65536;

// One element: an integer (also bool, and unsigned 64-bit as its bit pattern), a floating-point
// number, or unknown. Value::kind says which member is meaningful.
struct Scalar {
  union {
    std::int64_t i;
    double f;
  };
  bool known;

  constexpr Scalar() : i(0), known(false) {}
  [[nodiscard]] static constexpr Scalar of(std::int64_t v) {
    Scalar s;
    s.i = v;
    s.known = true;
    return s;
  }
  [[nodiscard]] static constexpr Scalar of_float(double v) {
    Scalar s;
    s.f = v;
    s.known = true;
    return s;
  }
};

// The elements of a tensor in row-major order; elements may be unknown one by one.
// Invariant: kind == kString uses `strings` (all known) and leaves `elements` empty.
struct Value {
  enum class Kind : std::uint8_t { kInt, kFloat, kString };
  Kind kind = Kind::kInt;
  std::vector<Scalar> elements;
  std::vector<std::string> strings;

  [[nodiscard]] std::size_t size() const {
    return kind == Kind::kString ? strings.size() : elements.size();
  }
  [[nodiscard]] bool all_known() const {
    for (const Scalar& s : elements) {
      if (!s.known) return false;
    }
    return true;
  }
};

using ValueRef = std::shared_ptr<const Value>;

}  // namespace aiprof
