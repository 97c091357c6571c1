#include "aiprof/analysis/analysis.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "analysis/binder.h"
#include "analysis/defaults.h"
#include "analysis/sizes.h"

namespace aiprof {
namespace {

Count sum_bytes(const OpCost& c, bool write, bool weights_only) {
  Count sum = 0U;
  for (const Operand& o : c.operands) {
    if (o.write == write && (!weights_only || o.weight)) sum += o.bytes();
  }
  return sum;
}

// What --value gave, checked against the input it is for.
ValueRef given_value(const Graph& graph, std::size_t position, const BoundInputs& inputs,
                     const StoredTensor& given) {
  const TensorId id = graph.main().inputs[position];
  ValueRef v = decode(given);
  const std::string name = printable(graph[id].name);
  if (!v) {
    throw usage_error(
        fmt::format("--value {}: the contents cannot be read, or are more than {} "
                    "elements",
                    name, kMaxValueElements));
  }
  const Type* type = graph[id].declared;
  const bool same_kind = type == nullptr || type->dtype == DType::kUndefined ||
                         (is_float(type->dtype) == is_float(given.dtype) &&
                          (type->dtype == DType::kString) == (given.dtype == DType::kString));
  if (!same_kind) {
    throw usage_error(fmt::format("--value {}: {} elements given, but the input is {}", name,
                                  aiprof::name(given.dtype), aiprof::name(type->dtype)));
  }
  if (!inputs.has_shape[position]) return v;
  const Count n = num_elements(inputs.shapes[position]);
  if (n == Count(v->size())) return v;
  // One value fills the tensor, one row fills all rows, as NumPy broadcasts.
  const Shape& shape = inputs.shapes[position];
  const bool row = !shape.empty() && shape.back().is(static_cast<std::int64_t>(v->size()));
  const bool numbers = v->kind != Value::Kind::kString;
  if (numbers && (v->size() == 1 || row) && n.known() && n.value() <= kMaxValueElements) {
    auto filled = std::make_shared<Value>();
    filled->kind = v->kind;
    filled->elements.reserve(n.value());
    for (std::size_t i = 0; i < n.value(); ++i) {
      filled->elements.push_back(v->elements[i % v->elements.size()]);
    }
    return filled;
  }
  throw usage_error(fmt::format("--value {}: {} elements given, but the input has {}", name,
                                v->size(), n.value()));
}

std::vector<ValueRef> given_values(const Graph& graph, const BindOptions& options,
                                   const BoundInputs& inputs) {
  std::vector<ValueRef> values(graph.main().inputs.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto it = options.values.find(std::string(graph[graph.main().inputs[i]].name));
    if (it != options.values.end()) values[i] = given_value(graph, i, inputs, it->second);
  }
  return values;
}

// Something depends on contents of an input: a shape, a branch or a number of trips.
bool needs_values(const Analysis& a) {
  return std::any_of(a.nodes.begin(), a.nodes.end(), [](const NodeResult& r) {
    return (r.status == NodeStatus::kGap &&
            (r.gap == GapKind::kUnknownShape || r.gap == GapKind::kControl)) ||
           (r.status == NodeStatus::kAssumed);
  });
}

bool add_default_values(const Graph& graph, const BoundInputs& inputs,
                        std::vector<ValueRef>& values, std::vector<std::string>& notes) {
  bool any = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] || graph[graph.main().inputs[i]].stored != nullptr) continue;
    std::string note;
    values[i] = default_value(graph, i, inputs, note);
    if (!values[i]) continue;
    any = true;
    notes.push_back(note);
  }
  return any;
}

std::size_t unresolved(const Analysis& a) {
  return static_cast<std::size_t>(
      std::count_if(a.nodes.begin(), a.nodes.end(), [](const NodeResult& r) {
        return r.status == NodeStatus::kGap || r.status == NodeStatus::kAssumed;
      }));
}

Coverage coverage_of(const std::vector<NodeResult>& nodes) {
  Coverage c;
  c.nodes = nodes.size();
  for (const NodeResult& r : nodes) {
    switch (r.status) {
      case NodeStatus::kExact:
        ++c.exact;
        break;
      case NodeStatus::kAssumed:
        ++c.assumed;
        break;
      case NodeStatus::kFolded:
        ++c.folded;
        break;
      case NodeStatus::kGap:
        ++c.gaps;
        break;
    }
  }
  return c;
}

}  // namespace

Count OpCost::bytes_read() const { return sum_bytes(*this, false, false); }
Count OpCost::bytes_written() const { return sum_bytes(*this, true, false); }
Count OpCost::weight_bytes_read() const { return sum_bytes(*this, false, true); }

std::string_view name(NodeStatus s) {
  switch (s) {
    case NodeStatus::kExact:
      return "exact";
    case NodeStatus::kAssumed:
      return "assumed";
    case NodeStatus::kFolded:
      return "folded";
    case NodeStatus::kGap:
      return "gap";
  }
  return "gap";
}

Analysis analyze(const Graph& graph, const BindOptions& options) {
  const BoundInputs inputs = bind_inputs(graph, options);
  std::vector<ValueRef> values = given_values(graph, options, inputs);
  Analysis a = Binder(graph, options, inputs, values).run();
  // Contents of inputs are assumed only where the model turns out to depend on them.
  std::vector<std::string> notes;
  if (needs_values(a) && add_default_values(graph, inputs, values, notes)) {
    Analysis again = Binder(graph, options, inputs, values).run();
    if (unresolved(again) < unresolved(a)) {
      a = std::move(again);
      a.notes.insert(a.notes.end(), notes.begin(), notes.end());
    }
  }
  a.sizes = measure_sizes(graph, a);
  a.states = find_states(graph, a);
  a.coverage = coverage_of(a.nodes);
  return a;
}

}  // namespace aiprof
