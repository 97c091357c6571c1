// Expressions of --op-rules: a shunting yard, so that nesting costs no stack.
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "aiprof/base/error.h"
#include "aiprof/ops/op_rules.h"

namespace aiprof {

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Expression run() {
    bool operand_next = true;
    for (skip_space(); at_ < text_.size(); skip_space()) {
      operand_next = operand_next ? read_operand() : read_operator();
    }
    if (operand_next) fail("ends where a number or name is expected");
    while (!pending_.empty()) {
      if (pending_.back().kind == Kind::kOpen) fail("has a '(' that is never closed");
      pop();
    }
    return std::move(out_);
  }

 private:
  using Code = Expression::Code;
  enum class Kind : std::uint8_t { kOperator, kOpen };
  struct Pending {
    Kind kind = Kind::kOpen;
    Code code = Code::kAdd;
    int precedence = 0;
    std::optional<Code> function{};  // of an open parenthesis: what is called
    int commas = 0;
  };

  [[noreturn]] void fail(const std::string& what) const {
    throw input_error("the expression '" + std::string(text_) + "' " + what + " (at character " +
                      std::to_string(at_ + 1) + ")");
  }
  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  [[nodiscard]] bool take(char c) {
    if (at_ < text_.size() && text_[at_] == c) return ++at_, true;
    return false;
  }

  void pop() {
    out_.steps_.push_back({.code = pending_.back().code});
    pending_.pop_back();
  }

  // True while another operand must follow.
  bool read_operand() {
    if (take('(')) {
      pending_.push_back({});
      return true;
    }
    const char c = text_[at_];
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      out_.steps_.push_back({.code = Code::kNumber, .number = number()});
      return false;
    }
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) return read_name();
    fail("has an unexpected '" + std::string(1, c) + "'");
  }

  bool read_operator() {
    if (take(')')) {
      close();
      return false;
    }
    if (take(',')) {
      while (!pending_.empty() && pending_.back().kind == Kind::kOperator) pop();
      if (pending_.empty() || !pending_.back().function)
        fail("has a ',' outside min, max, ceil_div");
      ++pending_.back().commas;
      return true;
    }
    static constexpr std::array<std::pair<char, std::pair<Code, int>>, 4> kOperators = {
        {{'+', {Code::kAdd, 1}},
         {'-', {Code::kSubtract, 1}},
         {'*', {Code::kMultiply, 2}},
         {'/', {Code::kDivide, 2}}}};
    for (const auto& [symbol, op] : kOperators) {
      if (!take(symbol)) continue;
      while (!pending_.empty() && pending_.back().kind == Kind::kOperator &&
             pending_.back().precedence >= op.second) {
        pop();
      }
      pending_.push_back({.kind = Kind::kOperator, .code = op.first, .precedence = op.second});
      return true;
    }
    fail("has an unexpected '" + std::string(1, text_[at_]) + "'");
  }

  void close() {
    while (!pending_.empty() && pending_.back().kind == Kind::kOperator) pop();
    if (pending_.empty()) fail("has a ')' without '('");
    const Pending open = pending_.back();
    pending_.pop_back();
    if (!open.function) return;
    if (open.commas != 1) fail("calls a function of two arguments with another number of them");
    out_.steps_.push_back({.code = *open.function});
  }

  [[nodiscard]] std::uint64_t number() {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), n);
    if (error != std::errc()) fail("has a number that is not an integer below 2^64");
    at_ = static_cast<std::size_t>(end - text_.data());
    return n;
  }

  [[nodiscard]] std::string_view word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  bool read_name() {
    const std::string_view name = word();
    static constexpr std::array<std::pair<std::string_view, Code>, 3> kFunctions = {
        {{"min", Code::kMin}, {"max", Code::kMax}, {"ceil_div", Code::kCeilDiv}}};
    for (const auto& [function, code] : kFunctions) {
      if (name != function) continue;
      if (!take('(')) fail("needs '(' after " + std::string(name));
      pending_.push_back({.function = code});
      return true;
    }
    if (!take('.')) fail("has the unknown name '" + std::string(name) + "'");
    if (name == "attr") {
      out_.steps_.push_back({.code = Code::kAttribute, .name = std::string(word())});
      return false;
    }
    read_tensor(name);
    return false;
  }

  void read_tensor(std::string_view name) {
    const bool input = name.starts_with("in");
    const std::string_view digits = name.substr(input ? 2 : 3 < name.size() ? 3 : name.size());
    std::uint64_t slot = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), slot);
    if ((!input && !name.starts_with("out")) || error != std::errc() ||
        end != digits.data() + digits.size()) {
      fail("has the unknown name '" + std::string(name) +
           "'; tensors are in0, in1 ... and out0 ...");
    }
    const std::string_view what = word();
    if (what == "elements") {
      out_.steps_.push_back(
          {.code = input ? Code::kInElements : Code::kOutElements, .number = slot});
    } else if (what == "rank") {
      out_.steps_.push_back({.code = input ? Code::kInRank : Code::kOutRank, .number = slot});
    } else if (what == "value" && input) {
      out_.steps_.push_back({.code = Code::kInValue, .number = slot});
    } else if (what == "dim" && take('[')) {
      const bool negative = take('-');
      const auto axis = static_cast<std::int64_t>(number());
      if (!take(']')) fail("needs ']' after the axis");
      out_.steps_.push_back({.code = input ? Code::kInDim : Code::kOutDim,
                             .number = slot,
                             .axis = negative ? -axis : axis});
    } else {
      fail("asks for '" + std::string(what) +
           "'; known are elements, rank, dim[N] and, of inputs, "
           "value");
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Expression out_;
  std::vector<Pending> pending_;
};

namespace {

Count dim_of(const TensorFact& fact, std::int64_t axis) {
  const auto rank = static_cast<std::int64_t>(fact.rank());
  if (!fact.has_shape || axis < -rank || axis >= rank) return Count::unknown();
  return fact.shape[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)].count();
}

Count rank_of(const TensorFact& fact) {
  return fact.has_shape ? Count(fact.rank()) : Count::unknown();
}

}  // namespace

Expression Expression::parse(std::string_view text) { return ExpressionParser(text).run(); }

Count Expression::operand(const Step& s, const OpView& v) {
  switch (s.code) {
    case Code::kInElements:
      return v.in(s.number).elements();
    case Code::kOutElements:
      return v.out(s.number).elements();
    case Code::kInDim:
      return dim_of(v.in(s.number), s.axis);
    case Code::kOutDim:
      return dim_of(v.out(s.number), s.axis);
    case Code::kInRank:
      return rank_of(v.in(s.number));
    case Code::kOutRank:
      return rank_of(v.out(s.number));
    case Code::kInValue: {
      const auto value = v.int_scalar(s.number);
      return value ? Count(*value) : Count::unknown();
    }
    case Code::kAttribute: {
      const Attribute* a = v.attr(s.name);
      if (a == nullptr || a->type != AttrType::kInt) {
        v.fail("its rule needs the integer attribute '" + s.name + "', which the node lacks");
      }
      return Count(a->i);
    }
    default:
      return Count(s.number);
  }
}

Count Expression::apply(Code code, Count left, Count right) {
  switch (code) {
    case Code::kAdd:
      return left + right;
    case Code::kSubtract:
      return left - right;
    case Code::kMultiply:
      return left * right;
    case Code::kDivide:
      return left / right;
    case Code::kMin:
      return min(left, right);
    case Code::kMax:
      return max(left, right);
    default:
      return ceil_div(left, right);
  }
}

Count Expression::evaluate(const OpView& v) const {
  std::vector<Count> stack;
  for (const Step& s : steps_) {
    if (s.code < Code::kAdd) {
      stack.push_back(operand(s, v));
      continue;
    }
    const Count right = stack.back();
    stack.pop_back();
    stack.back() = apply(s.code, stack.back(), right);
  }
  return stack.back();
}

}  // namespace aiprof
