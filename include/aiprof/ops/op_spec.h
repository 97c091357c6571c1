// One row per operator and version: everything aiprof knows about it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "aiprof/ops/op_view.h"

namespace aiprof {

// What kind of work an operator is; names appear in reports (`op_class`) and pick the time model.
enum class OpClass : std::uint8_t {
  kGemm,  // matrix products
  kConvolution,
  kAttention,  // fused attention
  kRnn,
  kNormalization,  // layer, batch, group, RMS ...: statistics over an axis, then scaling
  kSoftmax,
  kReduction,
  kPooling,
  kElementwise,
  kMovement,  // copies: Transpose, Concat, Slice, Pad, Tile ...
  kGather,    // indexed reads and writes
  kResize,
  kQuantize,
  kSort,       // TopK, Unique, NonMaxSuppression
  kTransform,  // Fourier and window functions
  kRandom,
  kLoss,
  kOptimizer,
  kMl,        // ai.onnx.ml: trees, SVMs, encoders
  kText,      // strings
  kView,      // no data moves: Reshape, Squeeze, Identity, Shape
  kSequence,  // sequences and optionals: handles, no data moves
  kControl,   // If, Loop, Scan, calls: the work stands in the bodies
  kConstant,
  kCollective,
  kCustom,  // costed by a user's rules
};
[[nodiscard]] std::string_view name(OpClass c);

// The extents that time models need beyond counts. kind says which fields mean something.
struct Geometry {
  enum class Kind : std::uint8_t { kNone, kGemm, kConvolution, kAttention, kRnn, kRows };
  Kind kind = Kind::kNone;
  // kGemm: `batch` independent products of [m, k] by [k, n].
  // kConvolution: as implicit GEMM: batch = groups, m = images x output points,
  // n = output channels / groups, k = input channels / groups x kernel points.
  // Transposed: m = images x input points, n = output channels / groups x kernel points,
  // k = input channels / groups.
  // kAttention: batch = sequences x query heads, m = query length, n = key length, k = head size.
  // kRnn: batch = directions, m = sequences, n = gates x hidden, k = input + hidden.
  Count batch = 1U, m, n, k;
  Count steps = 1U;         // kRnn: dependent time steps
  Count kv_heads;           // kAttention: key/value heads in all sequences (batch / kv_heads share)
  Count value_size;         // kAttention: size of a value head
  Count kernel_points;      // kConvolution: product of the kernel extents
  Count images;             // kConvolution: of which m / images points each; 0: not stated
  bool transposed = false;  // kConvolution
  bool unit_stride = true;  // kConvolution: every stride and dilation is 1
  bool image = true;        // kConvolution: over two dims
  bool square3x3 = false;   // kConvolution: a 3x3 kernel (where Winograd may serve)
  Count rows, cols;         // kRows: independent rows of cols elements (softmax, norms, reductions)
};

// Arithmetic of one node: a property of the graph alone. Conventions: docs/cost-model.md.
struct Work {
  Count macs = 0U;   // of contractions: convolution, matmul, attention, RNN gates
  Count flops = 0U;  // outside contractions: one per add, subtract, multiply, negate, abs,
                     // max, min or compare on a floating-point element
  Count transcendentals = 0U;  // exp, log, pow, erf, tanh, trigonometry, sqrt, reciprocal, division
  Count integer_ops = 0U;      // arithmetic and logic on integers and bools outside contractions
  Count useful_macs = Count::unknown();  // where masks make part of macs useless; unknown: all
  DType math = DType::kUndefined;        // of the contraction, where it is not input 0's dtype
  Geometry geometry;
};

// Elements that one operand moves. Bytes follow from dtype, packed.
struct OperandTraffic {
  std::uint32_t slot = 0;  // index among inputs, or outputs if write
  bool write = false;
  bool state = false;  // KV cache or recurrent state that outlives the call
  DType dtype = DType::kUndefined;
  Count elements = 0U;
};

// What must move at least once between memory and the operator.
class Traffic {
 public:
  explicit Traffic(const OpView& view) : view_(&view) {}
  // Elements of input i that are read; all of it when not said. Omitted operands are skipped.
  void read(std::size_t i);
  void read(std::size_t i, Count elements);
  void write(std::size_t o);
  void write(std::size_t o, Count elements);
  // Operands whose packed width differs from their dtype's (4-bit weights in uint8 tensors).
  void read_as(std::size_t i, DType dtype, Count elements);
  void write_as(std::size_t o, DType dtype, Count elements);
  void read_state(std::size_t i, Count elements);
  void write_state(std::size_t o, Count elements);
  void read_all();   // every present input once
  void write_all();  // every present output once

  [[nodiscard]] const InlineVector<OperandTraffic, 5>& operands() const { return operands_; }

 private:
  void add(OperandTraffic operand);
  const OpView* view_;
  InlineVector<OperandTraffic, 5> operands_;
};

// Sets dtype and shape of every output that follows from the inputs. May throw RuleError.
using ShapeRule = void (*)(const InferView&);
// Sets contents of small outputs from contents of inputs; elements may stay unknown.
using ValueRule = void (*)(const InferView&);
using WorkRule = Work (*)(const OpView&);
using TrafficRule = void (*)(const OpView&, Traffic&);

enum OpFlags : std::uint8_t {
  kNoFlags = 0,
  // Output 0 shares input 0's memory.
  kAliases = 1,
  // Not folded even if all inputs are constant: random, or dequantisation of weights, which
  // runtimes keep next to the operator that uses them.
  kNeverFolded = 2,
  // The value rule needs no input values (Shape, Size, Constant).
  kValueFromShape = 4,
  // An output may overwrite an input of the same size (elementwise).
  kInPlace = 8,
  // Contents depend on input 0 alone; other inputs lend their dtype (CastLike): constant where
  // input 0 is.
  kContentsOfFirst = 16,
};

struct OpRule;

struct OpSpec {
  constexpr OpSpec(std::string_view domain_name, std::string_view type_name, int first_opset,
                   OpClass cls, ShapeRule shape_rule, WorkRule work_rule, TrafficRule traffic_rule,
                   std::string_view counted, ValueRule value_rule = nullptr,
                   std::uint8_t flag_bits = kNoFlags)
      : domain(domain_name),
        type(type_name),
        since(first_opset),
        op_class(cls),
        shape(shape_rule),
        work(work_rule),
        traffic(traffic_rule),
        formula(counted),
        value(value_rule),
        flags(flag_bits) {}

  std::string_view domain;  // "" for ai.onnx
  std::string_view type;
  int since;  // the first opset this row describes; it holds until the next row
  OpClass op_class;
  ShapeRule shape;
  WorkRule work;
  TrafficRule traffic;
  std::string_view formula;  // what is counted, for documents and `explain`
  ValueRule value;
  std::uint8_t flags;
  const OpRule* custom = nullptr;  // a user's rule that stands in for all of the functions above
};

// Common rules. "Free" operators say so with no_work and no_traffic.
[[nodiscard]] Work no_work(const OpView& v);
void no_traffic(const OpView& v, Traffic& t);
void each_once(const OpView& v, Traffic& t);  // every operand moves once, whole

// The row for an operator: the highest `since` that is not above `version`; if all are above, the
// lowest (models from before opsets were numbered). Null: aiprof has no rule, which is a gap.
[[nodiscard]] const OpSpec* find_op(std::string_view domain, std::string_view type, int version);

// All rows, sorted by domain, type, since.
[[nodiscard]] std::span<const OpSpec> all_ops();

// "" for both spellings of the default domain ("" and "ai.onnx").
[[nodiscard]] std::string_view canonical_domain(std::string_view domain);

}  // namespace aiprof
