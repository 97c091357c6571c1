// Rules for operators that do not exist yet, or that aiprof does not know: `--op-rules FILE`.
// The file format is documented in docs/op-rules.md.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/ops/op_spec.h"

namespace aiprof {

// An arithmetic expression over one node: integers, + - * / ( ), min, max, ceil_div, and
//   in0.elements  in0.dim[1]  in0.rank  in0.value  out0.elements  out0.dim[-1]  attr.heads
// `/` rounds down; in0.value is the only element of an integer input. Unknown stays unknown.
class Expression {
 public:
  // Throws Error(kInput) naming the place in `text`.
  [[nodiscard]] static Expression parse(std::string_view text);
  // Throws RuleError for an attribute the node does not have.
  [[nodiscard]] Count evaluate(const OpView& v) const;

 private:
  // What a step pushes, then, from kAdd on, what it makes of the two values on top.
  enum class Code : std::uint8_t {
    kNumber,
    kInElements,
    kInDim,
    kInRank,
    kInValue,
    kOutElements,
    kOutDim,
    kOutRank,
    kAttribute,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kMin,
    kMax,
    kCeilDiv,
  };
  struct Step {
    Code code = Code::kNumber;
    std::uint64_t number = 0;  // the number, or the slot
    std::int64_t axis = 0;
    std::string name{};  // of an attribute
  };
  [[nodiscard]] static Count operand(const Step& step, const OpView& v);
  [[nodiscard]] static Count apply(Code code, Count left, Count right);

  friend class ExpressionParser;
  std::vector<Step> steps_;  // in postfix order
};

struct OutputRule {
  std::optional<std::size_t> like;  // dtype and shape of this input
  std::string dtype;                // "in1" or a dtype's name; empty: that of input 0
  std::vector<Expression> shape;
};

struct OpRule {
  std::string domain, type, formula;
  std::vector<OutputRule> outputs;
  std::optional<Expression> macs, flops, transcendentals, integer_ops;
  // By operand; absent list: every operand once, whole. A missing entry is "whole".
  std::optional<std::vector<Expression>> reads, writes;

  void infer(const InferView& v) const;
  [[nodiscard]] Work work(const OpView& v) const;
  void traffic(const OpView& v, Traffic& t) const;
};

// The rules of one or more files. Later files override earlier ones, and all override the registry.
class OpRules {
 public:
  // Throws Error(kInput) naming file and key.
  void add(std::string_view json, std::string_view file);
  void add_file(const std::string& path);
  // A row whose `custom` points to the rule, or null.
  [[nodiscard]] const OpSpec* find(std::string_view domain, std::string_view type) const;
  [[nodiscard]] bool empty() const { return specs_.empty(); }

 private:
  std::deque<OpRule> rules_;
  std::deque<OpSpec> specs_;
};

}  // namespace aiprof
