#include "analysis/defaults.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "analysis/places.h"
#include "analysis/words.h"

namespace aiprof {
using Role = DimRole;

DimRole role_of(std::string_view name) {
  if (name.find('+') != std::string_view::npos) return Role::kSum;
  const auto w = words(name);
  if (has_word(w, {"total", "totalseq", "totallen"})) return Role::kTotal;
  if (has_word(w, {"past", "cache", "kv", "pastlen", "pastseq"})) return Role::kPast;
  if (has_word(w, {"batch", "batchsize", "bs"})) return Role::kBatch;
  if (has_word(w, {"seq", "sequence", "seqlen", "tokens", "token", "length", "seqlength", "len"})) {
    return Role::kSequence;
  }
  if (has_word(w, {"height", "width"})) return Role::kImage;
  if (w.size() == 1) {
    if (w[0] == "n" || w[0] == "b") return Role::kBatch;
    if (w[0] == "s" || w[0] == "l") return Role::kSequence;
    if (w[0] == "h" || w[0] == "w") return Role::kImage;
  }
  return Role::kOther;
}

namespace {

class InputBinder {
 public:
  InputBinder(const Graph& graph, const BindOptions& options)
      : graph_(graph), options_(options), places_(roles_by_place(graph)) {}

  BoundInputs run();

 private:
  void collect_symbols();
  void check_names();
  void apply_shape_options();
  void set_symbol(SymbolId id, std::int64_t n, std::string_view because);
  void bind_defaults();
  [[nodiscard]] Role dim_role(SymbolId id) const;
  [[nodiscard]] std::string origin(SymbolId id) const;
  [[nodiscard]] std::int64_t value_of(SymbolId id, int depth);
  [[nodiscard]] std::int64_t default_of(std::string_view name, Role role, int depth);
  [[nodiscard]] std::optional<std::int64_t> sum_of(std::string_view name, int depth);
  [[nodiscard]] std::optional<std::int64_t> from_total();
  [[nodiscard]] std::int64_t of_role(Role role, std::int64_t otherwise, int depth);
  [[nodiscard]] std::optional<std::int64_t> fixed_sequence() const;
  [[nodiscard]] bool sequence_is_one() const;
  [[nodiscard]] std::int64_t sequence_length() const;
  Shape shape_of(std::size_t position, bool& assumed);

  const Graph& graph_;
  const BindOptions& options_;
  std::map<SymbolId, Place> places_;
  std::vector<SymbolId> symbols_;  // of the inputs, in order of appearance
  std::map<SymbolId, std::int64_t> bound_;
  std::set<SymbolId> guessed_;
  BoundInputs out_;
};

const Type* declared(const Graph& graph, std::size_t position) {
  return graph[graph.main().inputs[position]].declared;
}

void InputBinder::collect_symbols() {
  for (std::size_t i = 0; i < graph_.main().inputs.size(); ++i) {
    const Type* type = declared(graph_, i);
    if (type == nullptr || !type->shape) continue;
    for (const Dim d : *type->shape) {
      if (d.known() || d.symbol() == 0) continue;
      if (std::find(symbols_.begin(), symbols_.end(), d.symbol()) == symbols_.end()) {
        symbols_.push_back(d.symbol());
      }
    }
  }
}

std::vector<std::string> input_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const TensorId id : graph.main().inputs) names.emplace_back(graph[id].name);
  return names;
}

void InputBinder::check_names() {
  std::vector<std::string> dims;
  for (const SymbolId s : symbols_) dims.push_back(graph_.symbols[s]);
  for (const auto& [name, n] : options_.dims) {
    const auto at = std::find(dims.begin(), dims.end(), name);
    if (at == dims.end()) {
      throw usage_error(
          fmt::format("--dim {}={}: {} has no input dimension '{}'{} (it has: {})", name, n,
                      graph_.file, name, did_you_mean(name, dims),
                      dims.empty() ? "none, all dims are fixed" : printable(join(dims, ", "))));
    }
    if (n < 0) throw usage_error(fmt::format("--dim {}={}: a dim cannot be negative", name, n));
    bound_[symbols_[static_cast<std::size_t>(at - dims.begin())]] = n;
  }
  const auto names = input_names(graph_);
  const auto check = [&](const std::string& name, std::string_view flag) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    throw usage_error(fmt::format("{} {}: {} has no input '{}'{} (it has: {})", flag, name,
                                  graph_.file, name, did_you_mean(name, names),
                                  names.empty() ? "none" : printable(join(names, ", "))));
  };
  for (const auto& [name, given] : options_.shapes) {
    check(name, "--shape");
    const auto negative = std::find_if(given.begin(), given.end(), [](auto n) { return n < 0; });
    if (negative != given.end()) {
      throw usage_error(fmt::format("--shape {}: the dim {} is negative", name, *negative));
    }
  }
  for (const auto& [name, value] : options_.values) check(name, "--value");
}

// A whole shape given for one input also binds the names in it. Exporters give one name to extents
// that differ from input to input, so shapes that disagree are taken as they are, each for its
// input; only an explicit --dim may not be contradicted.
void InputBinder::set_symbol(SymbolId id, std::int64_t n, std::string_view because) {
  const auto [it, added] = bound_.try_emplace(id, n);
  if (added || it->second == n) return;
  const std::string& name = graph_.symbols[id];
  if (options_.dims.count(name) != 0) {
    throw usage_error(fmt::format("{} sets the dimension '{}' to {}, but --dim {} gives {}",
                                  because, name, n, name, it->second));
  }
  out_.notes.push_back(fmt::format("{} has {} where another input has {} for the dimension '{}'",
                                   because, n, it->second, printable(name)));
}

void InputBinder::apply_shape_options() {
  for (std::size_t i = 0; i < graph_.main().inputs.size(); ++i) {
    const std::string name(graph_[graph_.main().inputs[i]].name);
    const auto given = options_.shapes.find(name);
    const Type* type = declared(graph_, i);
    if (given == options_.shapes.end() || type == nullptr || !type->shape) continue;
    if (given->second.size() != type->shape->size()) {
      throw usage_error(fmt::format("--shape {}: {} dims given, but the input has rank {}", name,
                                    given->second.size(), type->shape->size()));
    }
    for (std::size_t k = 0; k < given->second.size(); ++k) {
      const Dim d = (*type->shape)[k];
      if (!d.known() && d.symbol() != 0)
        set_symbol(d.symbol(), given->second[k], "--shape " + name);
    }
  }
}

// "a+b": the sum of the named dims and numbers, where every part is known or has a default.
std::optional<std::int64_t> InputBinder::sum_of(std::string_view name, int depth) {
  std::int64_t sum = 0;
  for (const std::string& part : split(name, '+')) {
    std::string term = part;
    term.erase(std::remove_if(term.begin(), term.end(), [](char c) { return c == ' '; }),
               term.end());
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(term.data(), term.data() + term.size(), n);
    if (error != std::errc() || end != term.data() + term.size()) {
      const auto at = std::find_if(symbols_.begin(), symbols_.end(),
                                   [&](SymbolId s) { return graph_.symbols[s] == term; });
      const Role role = role_of(term);
      if (at != symbols_.end()) {
        n = value_of(*at, depth + 1);
      } else if (role == Role::kPast || role == Role::kSequence) {
        n = of_role(role, role == Role::kPast ? 0 : 1, depth + 1);
      } else {
        return std::nullopt;
      }
    }
    sum = saturating_add(sum, n);
  }
  return std::max<std::int64_t>(sum, 0);
}

// The value of the first dim with this role, or `otherwise` if the model has none.
std::int64_t InputBinder::of_role(Role role, std::int64_t otherwise, int depth) {
  for (const SymbolId s : symbols_) {
    if (dim_role(s) == role) return value_of(s, depth);
  }
  return otherwise;
}

// Past length when the total and the sequence are given.
std::optional<std::int64_t> InputBinder::from_total() {
  for (const SymbolId s : symbols_) {
    if (dim_role(s) != Role::kTotal || bound_.count(s) == 0) continue;
    const std::int64_t past = bound_[s] - of_role(Role::kSequence, fixed_sequence().value_or(1), 1);
    if (past >= 0) return past;
  }
  return std::nullopt;
}

// The length that token ids have in the model itself.
std::optional<std::int64_t> InputBinder::fixed_sequence() const {
  for (std::size_t i = 0; i < graph_.main().inputs.size(); ++i) {
    const Type* type = declared(graph_, i);
    if (type == nullptr || !type->shape || type->shape->size() != 2) continue;
    const bool ids =
        is_integer(type->dtype) && !has_word(words(graph_[graph_.main().inputs[i]].name), {"mask"});
    if (ids && (*type->shape)[1].known()) return (*type->shape)[1].value();
  }
  return std::nullopt;
}

// Decoder steps: token ids of one position, in the model or as bound.
bool InputBinder::sequence_is_one() const {
  for (const SymbolId s : symbols_) {
    if (dim_role(s) != Role::kSequence) continue;
    const auto it = bound_.find(s);
    return it != bound_.end() && it->second == 1;
  }
  return fixed_sequence() == 1;
}

// 128, or what a given total leaves for it.
std::int64_t InputBinder::sequence_length() const {
  constexpr std::int64_t kSequence = 128;
  std::optional<std::int64_t> past;
  std::optional<std::int64_t> total;
  for (const auto& [s, n] : bound_) {
    const Role role = dim_role(s);
    if (role == Role::kPast && !past) past = n;
    if (role == Role::kTotal && !total) total = n;
  }
  if (!total) return kSequence;
  if (past && *past <= *total) return *total - *past;
  return std::min(kSequence, *total);
}

std::int64_t InputBinder::default_of(std::string_view name, Role role, int depth) {
  switch (role) {
    case Role::kBatch:
      return 1;
    case Role::kSequence:
      return sequence_length();
    case Role::kImage:
      return 224;
    case Role::kPast:
      if (const auto past = from_total()) return *past;
      return sequence_is_one() ? 1024 : 0;
    case Role::kTotal:
      return saturating_add(of_role(Role::kPast, 0, depth + 1),
                            of_role(Role::kSequence, fixed_sequence().value_or(1), depth + 1));
    case Role::kSum:
      if (const auto sum = sum_of(name, depth)) return *sum;
      return 1;
    case Role::kOther:
      return 1;
  }
  return 1;
}

Role InputBinder::dim_role(SymbolId id) const {
  const auto place = places_.find(id);
  return place != places_.end() ? place->second.role : role_of(graph_.symbols[id]);
}

// Why a dim has its default.
std::string InputBinder::origin(SymbolId id) const {
  const Role r = dim_role(id);
  if (r == Role::kOther) return "assumed";
  std::string text =
      r == Role::kTotal || r == Role::kSum ? "follows from the others" : "by default";
  if (const auto place = places_.find(id); place != places_.end()) {
    const auto& [_, input, axis] = place->second;
    text += fmt::format(", as dim {} of {}", axis, printable(graph_[input].name));
  }
  return text;
}

std::int64_t InputBinder::value_of(SymbolId id, int depth) {
  if (const auto it = bound_.find(id); it != bound_.end()) return it->second;
  constexpr int kMaxNesting = 16;  // names that refer to each other in a circle
  const std::string& name = graph_.symbols[id];
  const std::int64_t n = depth > kMaxNesting ? 1 : default_of(name, dim_role(id), depth);
  if (depth > kMaxNesting || dim_role(id) == Role::kOther) guessed_.insert(id);
  bound_[id] = n;
  out_.notes.push_back(fmt::format("dim {} = {} {} (--dim {}=N changes it)", printable(name), n,
                                   origin(id), printable(name)));
  return n;
}

void InputBinder::bind_defaults() {
  for (const SymbolId s : symbols_) {
    out_.dims[graph_.symbols[s]] = value_of(s, 0);
    out_.roles[graph_.symbols[s]] = dim_role(s);
  }
}

Shape InputBinder::shape_of(std::size_t position, bool& assumed) {
  const std::string name(graph_[graph_.main().inputs[position]].name);
  const Type* type = declared(graph_, position);
  if (const auto given = options_.shapes.find(name); given != options_.shapes.end()) {
    Shape shape;
    for (const std::int64_t n : given->second) shape.push_back(Dim(n));
    return shape;
  }
  Shape shape;
  for (std::size_t k = 0; k < type->shape->size(); ++k) {
    const Dim d = (*type->shape)[k];
    if (d.known()) {
      shape.push_back(d);
    } else if (d.symbol() != 0) {
      assumed = assumed || guessed_.count(d.symbol()) != 0;
      shape.push_back(Dim(bound_.at(d.symbol())));
    } else {
      assumed = assumed || k > 0;
      out_.notes.push_back(
          fmt::format("input {}: unnamed dim {} = 1 {} (--shape {}=... changes it)",
                      printable(name), k, k == 0 ? "by default" : "assumed", printable(name)));
      shape.push_back(Dim(1));
    }
  }
  return shape;
}

BoundInputs InputBinder::run() {
  collect_symbols();
  check_names();
  apply_shape_options();
  bind_defaults();
  const auto& inputs = graph_.main().inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Type* type = declared(graph_, i);
    const std::string name(graph_[inputs[i]].name);
    const bool known = (type != nullptr && type->shape) || options_.shapes.count(name) != 0;
    bool assumed = false;
    out_.shapes.push_back(known ? shape_of(i, assumed) : Shape());
    out_.has_shape.push_back(known);
    out_.assumed.push_back(assumed);
    const DType dtype = type == nullptr ? DType::kUndefined : type->dtype;
    if (known && dtype != DType::kUndefined &&
        !packed_bytes(dtype, num_elements(out_.shapes.back())).known()) {
      throw input_error(
          fmt::format("{}: input '{}' has dims whose size does not fit in 64 bits; "
                      "give others with --dim or --shape",
                      graph_.file, printable(name)));
    }
  }
  return std::move(out_);
}

}  // namespace

BoundInputs bind_inputs(const Graph& graph, const BindOptions& options) {
  return InputBinder(graph, options).run();
}

}  // namespace aiprof
