// com.microsoft: text generation. The work stands in the decoder's (and encoder's) subgraphs, whose
// trips control flow counts; here are the shapes of what comes out.
#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

Dim scalar(const OpView& v, std::size_t i) {
  const auto n = v.int_scalar(i);
  return n ? Dim(*n) : Dim();
}

Dim vocabulary(const OpView& v) {
  const Dim named = attr_dim(v, "vocab_size");
  if (named.known()) return named;
  return v.in_dim(v.type() == "Sampling" || v.type() == "GreedySearch" ? 4 : 7, 0);
}

// The end token may come earlier: lengths are upper bounds.
void note_length(const InferView& v) {
  v.assume(0, v.int_scalar(1) ? "generation is taken to run to max_length"
                              : "max_length is not known (--value gives it)");
}

// Inputs: ids, max_length, min_length, num_beams, num_return_sequences.
void beam_search_shape(const InferView& v) {
  const Dim batch = v.in_dim(0, 0);
  const Dim length = scalar(v, 1);
  const Dim beams = scalar(v, 3);
  const Dim returned = scalar(v, 4);
  v.set(0, DType::kInt32, {batch, returned, length});
  const DType score = v.has_in(5) ? v.in(5).dtype : DType::kFloat32;
  v.set(1, score, {batch, returned});
  v.set(2, score, {length - v.in_dim(0, 1), batch, beams, vocabulary(v)});
  note_length(v);
}

void whisper_shape(const InferView& v) {
  const Dim batch = v.in_dim(0, 0);
  const Dim length = scalar(v, 1);
  const Dim returned = scalar(v, 4);
  v.set(0, DType::kInt32, {batch, returned, length});
  const DType score = v.has_in(5) ? v.in(5).dtype : DType::kFloat32;
  v.set(1, score, {batch, returned});
  v.set(2, score, {Dim(), batch, scalar(v, 3), vocabulary(v)});
  // Layers, heads and frames of the cross attention are the decoder's.
  v.set(3, score, {batch, returned, Dim(), Dim(), Dim(), Dim()});
  v.set(4, score, {batch});
  note_length(v);
}

void greedy_search_shape(const InferView& v) {
  v.set(0, DType::kInt32, {v.in_dim(0, 0), scalar(v, 1)});
  v.set(1, DType::kFloat32, {v.in_dim(0, 0), vocabulary(v)});  // Sampling's filtered logits
  note_length(v);
}

constexpr std::string_view kFormula =
    "the encoder once, and the decoder for every generated token up to max_length: see the nodes "
    "of "
    "its subgraphs";

constexpr OpSpec kOps[] = {
    {kMicrosoft, "BeamSearch", 1, OpClass::kControl, beam_search_shape, no_work, no_traffic,
     kFormula},
    {kMicrosoft, "WhisperBeamSearch", 1, OpClass::kControl, whisper_shape, no_work, no_traffic,
     kFormula},
    {kMicrosoft, "GreedySearch", 1, OpClass::kControl, greedy_search_shape, no_work, no_traffic,
     kFormula},
    {kMicrosoft, "Sampling", 1, OpClass::kControl, greedy_search_shape, no_work, no_traffic,
     kFormula},
};

}  // namespace

std::span<const OpSpec> ms_generation_ops() { return kOps; }

}  // namespace aiprof::ops
