#include "trace/names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace aiprof::trace {
namespace {

// What ONNX Runtime puts behind the name of a node or tensor that it rewrites.
constexpr std::array<std::string_view, 12> kSuffixes = {
    "_nchwc", "_quant", "_fused", "_Fused",       "/MatMulScaleFusion/", "/DuplicateReshapeFusion/",
    "/fused", "_fp32",  "_fp16",  "_transformed", "_bias_fused",         "_replaced"};
constexpr std::array<std::string_view, 4> kPrefixes = {"fused ", "Fused_", "fused_", "gemm_"};
// Nodes that it adds between others.
constexpr std::array<std::string_view, 8> kInserted = {"ReorderInput", "ReorderOutput",
                                                       "MemcpyToHost", "MemcpyFromHost",
                                                       "InsertedCast", "InsertedPrecisionFreeCast",
                                                       "Reformatting", "copied_"};

// The name without `mark` and a number at its end.
std::string_view without_number(std::string_view name, std::string_view mark) {
  const auto at = name.rfind(mark);
  if (at == std::string_view::npos) return name;
  const std::string_view digits = name.substr(at + mark.size());
  const bool number = !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
  return number ? name.substr(0, at) : name;
}

// "name_token_12": how generated names are told apart.
std::string_view without_token(std::string_view name) { return without_number(name, "_token_"); }

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t[](){}";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> pieces(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return out;
}

// What TensorRT writes around the names of its layers.
std::string_view unwrapped(std::string_view name) {
  for (const std::string_view wrapper : {"PWN(", "{ForeignNode[", "ForeignNode["}) {
    if (name.starts_with(wrapper)) return trim(name.substr(wrapper.size()));
  }
  return trim(name);
}

}  // namespace

NodeNames::NodeNames(const Graph& graph) : graph_(graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const auto id = static_cast<NodeId>(i);
    if (!node.name.empty()) nodes_.try_emplace(node.name, id);
    for (const TensorId t : node.outputs) {
      if (t != kNoTensor && !graph[t].name.empty()) writers_.try_emplace(graph[t].name, id);
    }
  }
}

bool NodeNames::is_inserted(const TraceEvent& event) {
  return std::ranges::any_of(kInserted, [&](std::string_view w) {
    return event.name.starts_with(w) || event.op_type == w;
  });
}

bool NodeNames::is_anonymous(const TraceEvent& event) {
  return !event.op_type.empty() && without_number(without_token(event.name), "_") == event.op_type;
}

NamedNodes NodeNames::find_plain(std::string_view name) const {
  if (const auto it = nodes_.find(name); it != nodes_.end()) {
    return {.nodes = {it->second}, .by = JoinBy::kNodeName};
  }
  if (const auto it = writers_.find(name); it != writers_.end()) {
    return {.nodes = {it->second}, .by = JoinBy::kTensorName};
  }
  return {};
}

// Cuts off one thing after another until something is left that the model knows.
NamedNodes NodeNames::find_trimmed(std::string_view name) const {
  std::string_view rest = without_token(name);
  for (const std::string_view prefix : kPrefixes) {
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
  }
  for (bool cut = true; cut && !rest.empty();) {
    if (NamedNodes found = find_plain(rest); !found.nodes.empty()) return found;
    cut = false;
    for (const std::string_view suffix : kSuffixes) {
      if (!rest.ends_with(suffix)) continue;
      rest.remove_suffix(suffix.size());
      cut = true;
      break;
    }
  }
  // The longest beginning, at a separator, that names a node: "layer/MatMul/SomeFusion".
  for (std::size_t at = rest.find_last_of("/_"); at != std::string_view::npos && at > 0;
       at = rest.find_last_of("/_", at - 1)) {
    const auto it = nodes_.find(rest.substr(0, at));
    if (it != nodes_.end()) return {.nodes = {it->second}, .by = JoinBy::kNodeName};
  }
  return {};
}

// "Relu_17": a nameless node by operator and position.
NamedNodes NodeNames::find_numbered(const TraceEvent& event) const {
  const auto at = event.name.rfind('_');
  if (at == std::string::npos || at + 1 == event.name.size()) return {};
  const std::string_view type = std::string_view(event.name).substr(0, at);
  std::size_t number = 0;
  const char* end = event.name.data() + event.name.size();
  const auto parsed = std::from_chars(event.name.data() + at + 1, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number >= graph_.nodes.size()) return {};
  const Node& node = graph_.nodes[number];
  if (!node.name.empty() || graph_.op_type(node).type != type) return {};
  return {.nodes = {static_cast<NodeId>(number)}, .by = JoinBy::kNodeName};
}

// "a + b", "PWN(a, b)", "{ForeignNode[a...b]}".
NamedNodes NodeNames::find_list(std::string_view name) const {
  NamedNodes out{.nodes = {}, .by = JoinBy::kRange};
  for (std::string_view part : pieces(name, " + ")) {
    part = unwrapped(part);
    if (const auto dots = part.find("..."); dots != std::string_view::npos) {
      const NamedNodes first = find_trimmed(trim(part.substr(0, dots)));
      const NamedNodes last = find_trimmed(trim(part.substr(dots + 3)));
      if (first.nodes.empty() || last.nodes.empty()) continue;
      for (std::size_t i = index(first.nodes[0]); i <= index(last.nodes[0]); ++i) {
        out.nodes.push_back(static_cast<NodeId>(i));
      }
      continue;
    }
    for (const std::string_view piece : pieces(part, ",")) {
      const NamedNodes found = find_trimmed(unwrapped(piece));
      out.nodes.insert(out.nodes.end(), found.nodes.begin(), found.nodes.end());
    }
  }
  return out;
}

NamedNodes NodeNames::find(const TraceEvent& event) const {
  if (NamedNodes found = find_plain(event.name); !found.nodes.empty()) return found;
  if (is_inserted(event)) {
    // "Reformatting CopyNode for Input Tensor 0 to /conv1/Conv".
    const auto to = event.name.rfind(" to ");
    if (to == std::string::npos) return {};
    NamedNodes found = find_list(std::string_view(event.name).substr(to + 4));
    found.by = JoinBy::kReader;
    return found;
  }
  if (NamedNodes found = find_numbered(event); !found.nodes.empty()) return found;
  if (NamedNodes found = find_trimmed(event.name); !found.nodes.empty()) return found;
  return find_list(event.name);
}

}  // namespace aiprof::trace
