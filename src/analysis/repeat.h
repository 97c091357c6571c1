// Bodies that run a number of times, and what becomes of a tensor from one trip to the next.
#pragma once

#include "analysis/control.h"

namespace aiprof {

// A body that runs a number of times. Trips are followed one by one until two in a row cost the
// same and carry the same shapes; the rest, unless it is short, is then taken as copies of the
// next.
class Repeat : public Control {
 public:
  Repeat(NodeId node, RegionId body, Count trips, const Frame& around)
      : node_(node), body_(body), trips_(trips), outer_(around.multiplicity) {}

  bool again(Binder& b) final;
  void begin(Binder& b);

 protected:
  // Whether the body's own condition ends the loop here.
  virtual bool stops(Binder& /*b*/) { return false; }
  // Feeds carried outputs of the last trip to the inputs of the next.
  virtual void carry(Binder& b) = 0;
  // Whether carry() would change no shape.
  virtual bool same_carried(Binder& b) = 0;
  // The next pass stands for stands_for_ trips: what is carried is set to what it is half-way.
  virtual void leap(Binder& /*b*/) {}
  // Sets inputs that depend on the trip number; `exact`: this pass stands for one trip only.
  virtual void set_step(Binder& /*b*/, bool /*exact*/) {}
  virtual void finish(Binder& b) = 0;

  [[nodiscard]] const Region& body(const Binder& b) const { return b.graph()[body_]; }

  NodeId node_;
  RegionId body_;
  Count trips_;
  Count outer_;
  std::uint64_t done_ = 0;
  std::uint64_t stands_for_ = 1;

 private:
  // The next pass stands for all trips that are left, though they may differ.
  void take_the_rest(Binder& b);

  Tally before_, previous_cost_;
  std::uint64_t visits_before_ = 0;
};

// Whether two trips may take one for the other: same type and shape, sequences of one length.
[[nodiscard]] bool same_type(const TensorFact& a, const TensorFact& b);

// `from` after `trips` trips, each of which changes it as the one from `before` to `after` did:
// extents grow or shrink by the same amount in each.
[[nodiscard]] TensorFact grown(const TensorFact& from, const TensorFact& before,
                               const TensorFact& after, std::uint64_t trips);

// A scan output: the body's result stacked along `axis`. Results of differing extent have no
// common shape, so such extents are unknown.
[[nodiscard]] TensorFact stacked(const TensorFact& one, Dim trips, std::int64_t axis);

}  // namespace aiprof
