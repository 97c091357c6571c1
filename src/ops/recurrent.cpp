// RNN, GRU and LSTM: one row each, as the attributes that versions added default to what was.
#include <algorithm>
#include <string>
#include <utility>

#include "aiprof/base/text.h"
#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

enum class Cell : std::uint8_t { kRnn, kGru, kLstm };

constexpr unsigned gates(Cell cell) {
  return cell == Cell::kRnn ? 1U : cell == Cell::kGru ? 3U : 4U;
}

// Inputs X, W, R, B, sequence_lens, initial_h; of an LSTM also initial_c and P (peepholes).
constexpr std::size_t kX = 0;
constexpr std::size_t kW = 1;
constexpr std::size_t kR = 2;
constexpr std::size_t kB = 3;
constexpr std::size_t kLengths = 4;
constexpr std::size_t kInitialH = 5;
constexpr std::size_t kInitialC = 6;
constexpr std::size_t kPeepholes = 7;

struct RnnExtents {
  Dim steps;
  Dim batch;
  Dim input;
  Dim hidden;
  std::int64_t directions = 1;
  bool batch_first = false;  // layout = 1
};

std::int64_t directions_of(const OpView& v) {
  const std::string_view direction = v.attr_string("direction", "forward");
  if (direction == "bidirectional") return 2;
  // Version 1 of GRU misspells its own default.
  if (direction == "forward" || direction == "reverse" || direction == "foward") return 1;
  v.fail("direction is '" + std::string(direction) + "'");
}

void expect(const OpView& v, std::string_view what, Dim found, Dim wanted) {
  if (found.known() && wanted.known() && found != wanted) {
    v.fail(std::string(what) + " is " + std::to_string(found.value()) + ", not " +
           std::to_string(wanted.value()));
  }
}

RnnExtents rnn_extents(const OpView& v, Cell cell) {
  const TensorFact& x = v.in(kX);
  if (x.has_shape && x.rank() != 3) v.fail("X has rank " + std::to_string(x.rank()) + ", not 3");
  RnnExtents e;
  e.directions = directions_of(v);
  e.batch_first = v.attr_int("layout", 0) != 0;
  e.steps = v.in_dim(kX, e.batch_first ? 1 : 0);
  e.batch = v.in_dim(kX, e.batch_first ? 0 : 1);
  e.input = v.in_dim(kX, 2).known() ? v.in_dim(kX, 2) : v.in_dim(kW, 2);
  e.hidden = v.in_dim(kR, 2);
  if (const std::int64_t named = v.attr_int("hidden_size", 0); named > 0) {
    expect(v, "R's last extent", e.hidden, named);
    e.hidden = named;
  }
  expect(v, "W's number of directions", v.in_dim(kW, 0), e.directions);
  expect(v, "W's number of rows", v.in_dim(kW, 1), e.hidden * Dim(gates(cell)));
  expect(v, "W's last extent", v.in_dim(kW, 2), e.input);
  return e;
}

template <Cell kCell>
void rnn(const InferView& v) {
  const RnnExtents e = rnn_extents(v, kCell);
  const DType dtype = v.in(kX).dtype;
  const Dim d = e.directions;
  const Shape last = e.batch_first ? Shape{e.batch, d, e.hidden} : Shape{d, e.batch, e.hidden};
  v.set(1, dtype, last);
  if (kCell == Cell::kLstm) v.set(2, dtype, last);
  v.set(
      0, dtype,
      e.batch_first ? Shape{e.batch, e.steps, d, e.hidden} : Shape{e.steps, d, e.batch, e.hidden});
}

// --- work ---------------------------------------------------------------------------------------

UnaryCost operator+(UnaryCost a, UnaryCost b) {
  return {a.flops + b.flops, a.transcendentals + b.transcendentals};
}
UnaryCost operator*(unsigned n, UnaryCost c) { return {n * c.flops, n * c.transcendentals}; }

UnaryCost gate_activation(const OpView& v, std::string_view name) {
  const std::string wanted = lower(name);
  if (wanted == "affine") return {2, 0};    // alpha * x + beta
  if (wanted == "softsign") return {2, 1};  // x / (1 + |x|)
  return activation_cost(v, name);
}

// The activations of one direction: f (gates), g (candidate) and h (LSTM output).
struct Activations {
  UnaryCost f;
  UnaryCost g;
  UnaryCost h;
};

Activations activations_of(const OpView& v, Cell cell, std::size_t direction) {
  const Attribute* named = v.attr("activations");
  const std::size_t per_direction = gates(cell) == 1 ? 1 : gates(cell) - 1;
  const auto cost = [&](std::size_t i, std::string_view otherwise) {
    const std::size_t at = direction * per_direction + i;
    const bool given = named != nullptr && at < named->strings.size();
    return gate_activation(v, given ? named->strings[at] : otherwise);
  };
  if (cell == Cell::kRnn) return {.f = cost(0, "Tanh"), .g = {}, .h = {}};
  Activations a{.f = cost(0, "Sigmoid"), .g = cost(1, "Tanh"), .h = {}};
  if (cell == Cell::kLstm) a.h = cost(2, "Tanh");
  return a;
}

// What one hidden unit costs in one step beside the products, as the operator's equations are
// written: each gate adds its two products (1), its two biases (2) and is clipped (2).
UnaryCost unit_cost(const OpView& v, Cell cell, std::size_t direction) {
  const Activations a = activations_of(v, cell, direction);
  const unsigned per_gate = 1U + (v.has_in(kB) ? 2U : 0U) + (v.attr("clip") != nullptr ? 2U : 0U);
  const UnaryCost sums{gates(cell) * per_gate, 0};
  switch (cell) {
    case Cell::kRnn:
      return sums + a.f;
    case Cell::kGru:
      // The reset gate's product, and (1 - z) * candidate + z * h.
      return sums + 2 * a.f + a.g + UnaryCost{1 + 4, 0};
    case Cell::kLstm:
      break;
  }
  // f * c + i * candidate, and o * h(c). Coupled gates: f = 1 - i instead of an activation.
  const bool coupled = v.attr_int("input_forget", 0) != 0;
  const UnaryCost squashed = coupled ? 2 * a.f + UnaryCost{1, 0} : 3 * a.f;
  const UnaryCost peepholes{v.has_in(kPeepholes) ? 3U * 2U : 0U, 0};
  return sums + squashed + a.g + a.h + peepholes + UnaryCost{3 + 1, 0};
}

// Steps of all sequences that are not padding; unknown unless sequence_lens is known.
Count useful_steps(const OpView& v) {
  if (!v.has_in(kLengths)) return Count::unknown();
  const auto lengths = v.ints(kLengths);
  if (!lengths) return Count::unknown();
  Count sum = 0U;
  for (const std::int64_t n : *lengths) sum += Count(n);
  return sum;
}

template <Cell kCell>
Work rnn_cost(const OpView& v) {
  const RnnExtents e = rnn_extents(v, kCell);
  Work w;
  Geometry& g = w.geometry;
  g.kind = Geometry::Kind::kRnn;
  g.batch = e.directions;
  g.m = e.batch.count();
  g.n = e.hidden.count() * gates(kCell);
  g.k = e.input.count() + e.hidden.count();
  g.steps = e.steps.count();
  const Count per_step = g.batch * g.n * g.k;
  w.macs = per_step * g.m * g.steps;
  if (const Count steps = useful_steps(v); steps.known()) w.useful_macs = per_step * steps;
  const Count units = e.hidden.count() * g.m * g.steps;
  for (std::int64_t d = 0; d < e.directions; ++d) {
    add_unary(w, v.in(kX).dtype, units, unit_cost(v, kCell, static_cast<std::size_t>(d)));
  }
  return w;
}

// Weights count once: they are assumed to stay on chip over the steps. An initial state that is
// computed, or comes from outside, and the last state that answers it are state of the model.
void rnn_traffic(const OpView& v, Traffic& t) {
  for (const std::size_t i : {kX, kW, kR, kB, kLengths, kPeepholes}) t.read(i);
  t.write(0);
  const auto state = [&](std::size_t initial, std::size_t last) {
    if (v.has_in(initial) && !v.in(initial).constant) {
      t.read_state(initial, v.in(initial).elements());
      t.write_state(last, v.out(last).elements());
    } else {
      t.read(initial);
      t.write(last);
    }
  };
  state(kInitialH, 1);
  state(kInitialC, 2);
}

constexpr OpSpec kRecurrent[] = {
    {"", "RNN", 1, OpClass::kRnn, rnn<Cell::kRnn>, rnn_cost<Cell::kRnn>, rnn_traffic,
     "MACs: sequences x steps x directions x hidden x (input + hidden); per hidden unit and step 1 "
     "FLOP for the sum, 2 for biases, 2 for clip, and its activation"},
    {"", "GRU", 1, OpClass::kRnn, rnn<Cell::kGru>, rnn_cost<Cell::kGru>, rnn_traffic,
     "MACs: sequences x steps x directions x 3 hidden x (input + hidden); per gate as RNN, and 5 "
     "FLOPs per hidden unit and step"},
    {"", "LSTM", 1, OpClass::kRnn, rnn<Cell::kLstm>, rnn_cost<Cell::kLstm>, rnn_traffic,
     "MACs: sequences x steps x directions x 4 hidden x (input + hidden); per gate as RNN, and per "
     "hidden unit and step 4 FLOPs, the output's activation, and 6 FLOPs for peepholes"},
};

}  // namespace

std::span<const OpSpec> recurrent_ops() { return kRecurrent; }

}  // namespace aiprof::ops
