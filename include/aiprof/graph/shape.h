// Dimensions and shapes. Unknown is a state of its own, never a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "aiprof/base/count.h"
#include "aiprof/base/inline_vector.h"

namespace aiprof {

// Index of a dimension name in Graph::symbols; 0 is the anonymous unknown.
using SymbolId = std::uint32_t;

// One extent: a known non-negative integer, or unknown with the name it has in the model, if any.
class Dim {
 public:
  constexpr Dim() : code_(-1) {}  // unknown and anonymous
  // Known if value >= 0, else anonymous unknown.
  constexpr Dim(std::int64_t value)  // NOLINT(google-explicit-constructor)
      : code_(value < 0 ? -1 : value) {}
  [[nodiscard]] static constexpr Dim unknown(SymbolId symbol = 0) {
    Dim d;
    d.code_ = -1 - static_cast<std::int64_t>(symbol);
    return d;
  }
  [[nodiscard]] static constexpr Dim from(Count c) {
    return c.known() && c.value() <= INT64_MAX ? Dim(static_cast<std::int64_t>(c.value())) : Dim();
  }

  [[nodiscard]] constexpr bool known() const { return code_ >= 0; }
  // The extent; 0 unless known().
  [[nodiscard]] constexpr std::int64_t value() const { return code_ >= 0 ? code_ : 0; }
  [[nodiscard]] constexpr SymbolId symbol() const {
    return code_ >= 0 ? 0 : static_cast<SymbolId>(-1 - code_);
  }
  [[nodiscard]] constexpr Count count() const { return known() ? Count(code_) : Count::unknown(); }
  [[nodiscard]] constexpr bool is(std::int64_t v) const { return known() && code_ == v; }

  friend constexpr bool operator==(Dim, Dim) = default;
  // Unknown if either is, or if the result does not fit.
  friend constexpr Dim operator+(Dim a, Dim b) { return from(a.count() + b.count()); }
  friend constexpr Dim operator*(Dim a, Dim b) { return from(a.count() * b.count()); }
  friend constexpr Dim operator-(Dim a, Dim b) { return from(a.count() - b.count()); }
  friend constexpr Dim operator/(Dim a, Dim b) { return from(a.count() / b.count()); }

 private:
  std::int64_t code_;
};

using Shape = InlineVector<Dim, 6>;

// No tensor has more dims than this; runtimes take 8 to 64.
inline constexpr std::size_t kMaxRank = 1024;

// Product of the extents; 1 for rank 0; unknown or overflow as Count says. A zero extent makes the
// product zero whatever the others are.
[[nodiscard]] Count num_elements(std::span<const Dim> dims);
[[nodiscard]] bool all_known(std::span<const Dim> dims);

}  // namespace aiprof
