#include "analysis/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aiprof/base/text.h"
#include "analysis/control.h"
#include "analysis/defaults.h"

namespace aiprof {
namespace {

// One run of a subgraph: how many sequences, new tokens, and tokens already in the cache.
struct Phase {
  RegionId region{};
  std::int64_t sequences = 1;
  std::int64_t tokens = 1;
  std::int64_t past = 0;
  std::int64_t encoded = 0;  // tokens of the encoder's output; 0: there is no encoder
  std::uint64_t copies = 1;  // runs that this one stands for
};

// Steps followed one by one; beyond, every step stands for several.
constexpr std::int64_t kMaxFollowedSteps = 512;

std::int64_t extent(const Phase& p, std::string_view name, std::int64_t otherwise) {
  const bool encoder = lower(name).find("enc") != std::string::npos;
  switch (role_of(name)) {
    case DimRole::kBatch:
      return p.sequences;
    case DimRole::kSequence:
      return encoder && p.encoded > 0 ? p.encoded : p.tokens;
    case DimRole::kPast:
      return p.past;
    case DimRole::kTotal:
    case DimRole::kSum:
      return p.past + p.tokens;
    default:
      return otherwise;
  }
}

// Dims of the subgraph's inputs follow from their names, as ONNX Runtime's converters write them.
void feed(Binder& b, const Phase& p) {
  for (const TensorId id : b.graph()[p.region].inputs) {
    const Type* type = b.graph()[id].declared;
    TensorFact f;
    f.kind = TypeKind::kTensor;
    f.basis = Basis::kAssumed;
    if (type != nullptr) {
      f.dtype = type->dtype;
      f.has_shape = type->shape.has_value();
      for (const Dim d : type->shape.value_or(Shape())) {
        f.shape.push_back(d.known() ? d : Dim(extent(p, b.graph().symbols[d.symbol()], -1)));
      }
    }
    b.fact(id) = std::move(f);
  }
}

class Generation final : public Control {
 public:
  Generation(std::vector<Phase> phases, Count outer) : phases_(std::move(phases)), outer_(outer) {}

  void start(Binder& b) const {
    b.frame().region = phases_[next_].region;
    b.frame().multiplicity = outer_ * phases_[next_].copies;
    feed(b, phases_[next_]);
  }
  bool again(Binder& b) override {
    if (++next_ == phases_.size()) return false;
    start(b);
    return true;
  }

 private:
  std::vector<Phase> phases_;
  Count outer_;
  std::size_t next_ = 0;
};

// Token ids are [batch, tokens], audio features [batch, features, frames].
Dim prompt_length(const OpView& v) { return v.in_dim(0, v.in(0).rank() == 3 ? 2 : 1); }

// Where an encoder reads the prompt, the decoder starts from input 10, or from its start token.
std::int64_t start_length(const OpView& v) {
  return std::max<std::int64_t>(v.has_in(10) ? v.in_dim(10, 1).value() : 1, 1);
}

std::vector<Phase> plan(const OpView& v, std::int64_t max_length, std::int64_t beams) {
  const std::int64_t batch = v.in_dim(0, 0).value();
  const std::int64_t prompt = prompt_length(v).value();
  const RegionId decoder = body_of(v, "decoder");
  const RegionId first = body_of(v, "init_decoder");
  const RegionId encoder = body_of(v, "encoder");
  std::vector<Phase> phases;
  std::int64_t known = prompt;  // tokens whose keys and values are cached
  std::int64_t encoded = 0;
  if (encoder != kNoRegion) {
    // Whisper's encoder halves the frames by a strided convolution.
    encoded = v.in(0).rank() == 3 ? (prompt + 1) / 2 : prompt;
    phases.push_back({encoder, batch, prompt, 0, prompt, 1});
    known = start_length(v);
  } else {
    phases.push_back({first == kNoRegion ? decoder : first, batch * beams, prompt, 0, 0, 1});
  }
  const std::int64_t steps = std::max<std::int64_t>(max_length - known - (encoded > 0 ? 0 : 1), 0);
  const std::int64_t stride = steps / kMaxFollowedSteps + 1;
  for (std::int64_t s = 0; s < steps; s += stride) {
    const std::int64_t copies = std::min(stride, steps - s);
    phases.push_back({decoder, batch * beams, 1, known + s + copies / 2, encoded,
                      static_cast<std::uint64_t>(copies)});
  }
  return phases;
}

}  // namespace

bool is_generation(std::string_view domain, std::string_view type) {
  return domain == "com.microsoft" && (type == "BeamSearch" || type == "GreedySearch" ||
                                       type == "Sampling" || type == "WhisperBeamSearch");
}

void start_generation(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const OpSpec* spec = b.result(id).spec;
  try {
    if (spec != nullptr)
      spec->shape(InferView(b.graph(), id, {&b.fact(TensorId{0}), b.graph().tensors.size()}, &b));
  } catch (const RuleError& e) {
    b.gap(id, GapKind::kInconsistent, e.what());
    return;
  }
  const auto max_length = v.int_scalar(1);
  const bool beam = v.type() == "BeamSearch" || v.type() == "WhisperBeamSearch";
  const auto beams = beam ? v.int_scalar(3) : std::optional<std::int64_t>(1);
  // Both are 32-bit integers by definition.
  const bool fits = max_length.value_or(0) <= INT32_MAX && beams.value_or(0) <= INT32_MAX &&
                    v.in_dim(0, 0).value() <= INT32_MAX;
  if (!max_length || !beams || !fits || !v.in_dim(0, 0).known() || !prompt_length(v).known() ||
      body_of(v, "decoder") == kNoRegion) {
    b.gap(id, GapKind::kControl,
          "max_length, num_beams or the prompt's shape is unknown (--value max_length=N)");
    return;
  }
  const std::string why =
      fmt::format("{} runs to max_length {}: an end-of-sequence token may stop it earlier",
                  v.type(), *max_length);
  b.note(why);
  b.settle(id, 1U, why);
  auto control = std::make_unique<Generation>(plan(v, *max_length, *beams), b.frame().multiplicity);
  const Generation* generation = control.get();
  Frame frame{.region = kMainRegion, .assumed = true, .control = std::move(control)};
  b.enter(std::move(frame));
  generation->start(b);
}

}  // namespace aiprof
