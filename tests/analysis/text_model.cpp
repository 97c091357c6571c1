#include "analysis/text_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace aiprof::test {
namespace {

TensorId find(const Graph& graph, std::string_view name) {
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].name == name) return static_cast<TensorId>(i);
  }
  throw std::runtime_error("the model has no tensor " + std::string(name));
}

}  // namespace

const TensorFact& Analysed::fact(std::string_view tensor) const {
  return analysis[find(graph, tensor)];
}

const NodeResult& Analysed::node(std::string_view output) const {
  return analysis[graph[find(graph, output)].producer];
}

std::string Analysed::shape(std::string_view tensor) const {
  const TensorFact& f = fact(tensor);
  if (!f.has_shape) return "[...]";
  std::string out;
  for (const Dim d : f.shape) {
    out += (out.empty() ? "" : "x") + (d.known() ? std::to_string(d.value()) : "?");
  }
  return out.empty() ? "scalar" : out;
}

std::string Analysed::value(std::string_view tensor) const {
  const ValueRef& v = fact(tensor).value;
  if (!v) return "unknown";
  std::string out;
  for (const Scalar& s : v->elements) {
    out += (out.empty() ? "" : ", ");
    out += !s.known                         ? "?"
           : v->kind == Value::Kind::kFloat ? fmt::format("{}", s.f)
                                            : std::to_string(s.i);
  }
  return out;
}

Count Analysed::flops() const {
  Count sum = 0U;
  for (const NodeResult& r : analysis.nodes) {
    if (r.status != NodeStatus::kGap) sum += r.cost.flops;
  }
  return sum;
}

bool Analysed::noted(std::string_view text) const {
  return std::any_of(analysis.notes.begin(), analysis.notes.end(),
                     [&](const std::string& note) { return note.find(text) != std::string::npos; });
}

Analysed analysed(Graph graph, const BindOptions& options) {
  Analysis analysis = analyze(graph, options);
  return {std::move(graph), std::move(analysis)};
}

Analysed analysed(const std::string& body, const BindOptions& options, int opset) {
  const std::string text = fmt::format(
      "<ir_version: 8, opset_import: [\"\": {}, \"local\": 1, \"com.microsoft\": 1]> {}", opset,
      body);
  return analysed(read_model(without_declared_types(model_bytes(text))), options);
}

}  // namespace aiprof::test
