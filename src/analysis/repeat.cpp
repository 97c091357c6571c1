#include "analysis/repeat.h"

#include <fmt/format.h>

#include <algorithm>

namespace aiprof {
namespace {

// Largest number of trips that are followed one by one when every trip differs from the last.
constexpr std::uint64_t kMaxFollowedTrips = 4096;

// Trips are followed to the end while that visits no more nodes than this.
constexpr std::uint64_t kFollowedVisits = 4096;

// Elements of a sequence; -1 where that is unknown, or the value is none.
std::ptrdiff_t length(const TensorFact& f) {
  return f.sequence ? static_cast<std::ptrdiff_t>(f.sequence->elements.size()) : -1;
}

}  // namespace

bool Repeat::again(Binder& b) {
  const std::uint64_t stood_for = stands_for_;
  done_ += stood_for;
  const Tally cost{b.tally().flops - before_.flops, b.tally().other - before_.other,
                   b.tally().elements - before_.elements};
  if (stops(b)) trips_ = done_;
  const bool last = trips_ == Count(done_) || (trips_.known() && done_ >= trips_.value());
  const bool steady = stood_for == 1 && done_ > 1 && cost == previous_cost_ && same_carried(b);
  if (last) {
    finish(b);
    return false;
  }
  const Count rest_visits = (trips_ - Count(done_)) * (b.visits() - visits_before_);
  previous_cost_ = cost;
  before_ = b.tally();
  visits_before_ = b.visits();
  carry(b);
  stands_for_ = 1;
  if (!steady && (done_ >= kMaxFollowedTrips || b.exhausted())) {
    take_the_rest(b);
  } else if (steady && rest_visits.value_or(UINT64_MAX) > kFollowedVisits) {
    stands_for_ = trips_.value() - done_;
  }
  if (stands_for_ != 1) leap(b);
  b.frame().multiplicity = outer_ * stands_for_;
  set_step(b, stands_for_ == 1);
  return true;
}

void Repeat::begin(Binder& b) {
  before_ = b.tally();
  visits_before_ = b.visits();
  previous_cost_ = {Count::unknown(), Count::unknown(), Count::unknown()};
  if (!b.exhausted() || trips_ == Count(1U)) return;
  take_the_rest(b);
  leap(b);
  b.frame().multiplicity = outer_ * stands_for_;
  set_step(b, false);
}

void Repeat::take_the_rest(Binder& b) {
  stands_for_ = trips_.value() - done_;
  b.frame().assumed = true;
  b.note(
      fmt::format("'{}': its trips are too many, or nested too deeply, to be followed one by "
                  "one; the last ones are assumed to cost the same",
                  label(b, node_)));
}

bool same_type(const TensorFact& a, const TensorFact& b) {
  return a.kind == b.kind && a.dtype == b.dtype && a.has_shape == b.has_shape &&
         a.shape == b.shape && length(a) == length(b);
}

TensorFact grown(const TensorFact& from, const TensorFact& before, const TensorFact& after,
                 std::uint64_t trips) {
  TensorFact f = from;
  if (same_type(before, after)) return f;
  f.basis = Basis::kAssumed;
  f.value = nullptr;
  f.sequence = nullptr;
  if (after.kind == TypeKind::kSequence) {  // of unknown length; `shape` describes every element
    const auto& elements = after.sequence ? after.sequence->elements : std::vector<TensorFact>();
    f.has_shape = !elements.empty() && elements.front().has_shape &&
                  same_type(elements.front(), elements.back());
    if (f.has_shape) f.shape = elements.front().shape;
    return f;
  }
  f.has_shape = f.has_shape && before.has_shape && after.has_shape &&
                before.rank() == after.rank() && f.rank() == after.rank();
  for (std::size_t i = 0; f.has_shape && i < f.rank(); ++i) {
    const Dim a = before.shape[i];
    const Dim b = after.shape[i];
    if (a == b) continue;
    const Dim n = Dim::from(Count(trips));
    f.shape[i] = b.value() >= a.value() ? f.shape[i] + (b - a) * n : f.shape[i] - (a - b) * n;
    if (!a.known() || !b.known()) f.shape[i] = Dim();
  }
  return f;
}

TensorFact stacked(const TensorFact& one, Dim trips, std::int64_t axis) {
  TensorFact f;
  f.kind = TypeKind::kTensor;
  f.dtype = one.dtype;
  f.has_shape = one.has_shape;
  f.basis = one.basis;
  if (!f.has_shape) return f;
  f.shape = one.shape;
  const auto rank = static_cast<std::int64_t>(f.shape.size()) + 1;
  const std::int64_t at = std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank - 1);
  f.shape.insert_at(static_cast<std::size_t>(at), trips);
  return f;
}

}  // namespace aiprof
