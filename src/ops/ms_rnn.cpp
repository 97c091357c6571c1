// com.microsoft: recurrent networks.
#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- DynamicQuantizeLSTM
// --------------------------------------------------------------------------

struct LstmExtents {
  Count steps, batch, input, hidden, directions;
  [[nodiscard]] Count cells() const { return steps * directions * batch * hidden; }
};

// X is [steps, batch, input]. `input` here is what the gates see: for AttnLSTM the attention vector
// besides X. The weights of DynamicQuantizeLSTM are transposed.
LstmExtents lstm_extents(const OpView& v) {
  const bool transposed = v.type() == "DynamicQuantizeLSTM";
  LstmExtents e;
  e.steps = v.in_dim(0, 0).count();
  e.batch = v.in_dim(0, 1).count();
  e.input = v.in_dim(1, transposed ? 1 : 2).count();
  e.hidden = v.in_dim(2, transposed ? 1 : 2).count();
  e.directions = v.attr_string("direction", "forward") == "bidirectional" ? 2U : 1U;
  return e;
}

void lstm_shape(const InferView& v) {
  const LstmExtents e = lstm_extents(v);
  const DType dtype = v.in(0).dtype;
  const Dim directions = Dim::from(e.directions);
  const Dim batch = Dim::from(e.batch);
  const Dim hidden = Dim::from(e.hidden);
  v.set(0, dtype, {Dim::from(e.steps), directions, batch, hidden});
  v.set(1, dtype, {directions, batch, hidden});
  v.set(2, dtype, {directions, batch, hidden});
}

Work gates_work(const LstmExtents& e) {
  Work w;
  w.macs = e.cells() * 4U * (e.input + e.hidden);
  Geometry& g = w.geometry;
  g.kind = Geometry::Kind::kRnn;
  g.batch = e.directions;
  g.m = e.batch;
  g.n = e.hidden * 4U;
  g.k = e.input + e.hidden;
  g.steps = e.steps;
  return w;
}

// What a cell does beside the products, as the standard LSTM counts it: sums of both products (and
// biases, peepholes), 3 sigmoids, 2 tanh, 3 products and 1 sum.
void add_cells(const OpView& v, const LstmExtents& e, Work& w) {
  const Count cells = e.cells();
  w.flops += cells * 4U;
  if (v.has_in(3)) w.flops += cells * 8U;
  if (v.has_in(7)) w.flops += cells * 6U;
  add_unary(w, DType::kFloat32, cells * 3U, kSigmoid);
  add_unary(w, DType::kFloat32, cells * 2U, kTanh);
  w.flops += cells * 4U;
}

// Per step input and state are quantised (range 2; shift 1, clamp 2 and a division), and the sums
// of both products rescaled.
Work quantized_lstm_work(const OpView& v) {
  const LstmExtents e = lstm_extents(v);
  Work w = gates_work(e);
  w.math = DType::kInt8;
  const Count quantised = e.steps * e.directions * e.batch * (e.input + e.hidden);
  w.flops = quantised * 5U + e.cells() * 4U * 2U;
  w.transcendentals = quantised;
  add_cells(v, e, w);
  return w;
}

// Inputs 8 ..: QW [directions, hidden, a], MW [directions, depth, a], V [directions, a], memory
// [batch, length, depth], memory lengths, AW [directions, depth + hidden, b]. Bahdanau attention:
// keys of the memory once; per step the query, tanh of its sum with every key, their products with
// V, a softmax, the weighted memory, and the attention layer.
Work attention_lstm_work(const OpView& v) {
  const LstmExtents e = lstm_extents(v);
  Work w = gates_work(e);
  add_cells(v, e, w);
  if (!v.has_in(11)) return w;
  const Count a = v.in_dim(8, 2).count();
  const Count length = v.in_dim(11, 1).count();
  const Count depth = v.in_dim(11, 2).count();
  const Count sequences = e.directions * e.batch;
  const Count calls = sequences * e.steps;
  w.macs += sequences * length * depth * a;
  w.macs += calls * (e.hidden * a + length * a + length * depth);
  if (v.has_in(13)) w.macs += calls * (depth + e.hidden) * v.in_dim(13, 2).count();
  w.flops += calls * length * a;
  w.transcendentals += calls * length * a;
  add_work(w, softmax_work(calls * length, calls));
  return w;
}

constexpr OpSpec kOps[] = {
    {kMicrosoft, "DynamicQuantizeLSTM", 1, OpClass::kRnn, lstm_shape, quantized_lstm_work,
     each_once,
     "steps x directions x batch x 4 hidden x (input + hidden) int8 MACs + quantisation of inputs "
     "and states, rescaling, gates"},
    {kMicrosoft, "AttnLSTM", 1, OpClass::kRnn, lstm_shape, attention_lstm_work, each_once,
     "LSTM + memory keys (directions x batch x length x depth x a MACs) + per step the query, "
     "scores, softmax, weighted memory and attention layer"},
};

}  // namespace

std::span<const OpSpec> ms_rnn_ops() { return kOps; }

}  // namespace aiprof::ops
