// Exact integer counts that remember when they are unknown or have overflowed.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

namespace aiprof {

// A non-negative integer, or one of two states that no arithmetic leaves: kUnknown (it depends on
// something nobody gave) and kOverflow (the exact value needs more than 64 bits). Overflow wins
// over unknown. Division by zero and subtraction below zero are kUnknown.
class Count {
 public:
  enum class State : std::uint8_t { kKnown, kUnknown, kOverflow };

  constexpr Count() = default;
  template <std::unsigned_integral T>
  constexpr Count(T value) : value_(value) {}  // NOLINT(google-explicit-constructor)
  template <std::signed_integral T>
  constexpr Count(T value)  // NOLINT(google-explicit-constructor)
      : value_(value < 0 ? 0 : static_cast<std::uint64_t>(value)),
        state_(value < 0 ? State::kUnknown : State::kKnown) {}

  [[nodiscard]] static constexpr Count unknown() { return Count(State::kUnknown); }
  [[nodiscard]] static constexpr Count overflow() { return Count(State::kOverflow); }

  [[nodiscard]] constexpr State state() const { return state_; }
  [[nodiscard]] constexpr bool known() const { return state_ == State::kKnown; }
  // The value; 0 unless known().
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] constexpr double as_double() const { return static_cast<double>(value_); }
  [[nodiscard]] constexpr std::uint64_t value_or(std::uint64_t other) const {
    return known() ? value_ : other;
  }

  friend constexpr Count operator+(Count a, Count b) {
    if (const State s = joint(a, b); s != State::kKnown) return Count(s);
    std::uint64_t r = 0;
    return __builtin_add_overflow(a.value_, b.value_, &r) ? overflow() : Count(r);
  }
  friend constexpr Count operator*(Count a, Count b) {
    if (const State s = joint(a, b); s != State::kKnown) return Count(s);
    std::uint64_t r = 0;
    return __builtin_mul_overflow(a.value_, b.value_, &r) ? overflow() : Count(r);
  }
  friend constexpr Count operator-(Count a, Count b) {
    if (const State s = joint(a, b); s != State::kKnown) return Count(s);
    return a.value_ < b.value_ ? unknown() : Count(a.value_ - b.value_);
  }
  // Rounds down.
  friend constexpr Count operator/(Count a, Count b) {
    if (const State s = joint(a, b); s != State::kKnown) return Count(s);
    return b.value_ == 0 ? unknown() : Count(a.value_ / b.value_);
  }
  constexpr Count& operator+=(Count b) { return *this = *this + b; }
  constexpr Count& operator*=(Count b) { return *this = *this * b; }

  friend constexpr bool operator==(Count a, Count b) = default;

 private:
  constexpr explicit Count(State s) : state_(s) {}
  static constexpr State joint(Count a, Count b) {
    if (a.state_ == State::kOverflow || b.state_ == State::kOverflow) return State::kOverflow;
    return a.state_ == State::kUnknown ? a.state_ : b.state_;
  }

  std::uint64_t value_ = 0;
  State state_ = State::kKnown;
};

// a / b rounded up.
[[nodiscard]] constexpr Count ceil_div(Count a, Count b) {
  if (a.known() && a.value() == 0 && b.known() && b.value() != 0) return 0U;
  return (a - 1U) / b + 1U;
}

// The smaller of two known counts; the state of the pair otherwise.
[[nodiscard]] constexpr Count min(Count a, Count b) {
  if (!a.known() || !b.known()) return a + b;
  return a.value() < b.value() ? a : b;
}
[[nodiscard]] constexpr Count max(Count a, Count b) {
  if (!a.known() || !b.known()) return a + b;
  return a.value() < b.value() ? b : a;
}

}  // namespace aiprof
