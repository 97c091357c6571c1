#include "support/onnx_text.h"

#include <onnx/defs/parser.h>

#include <cctype>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

#include "aiprof/frontend/onnx.h"

namespace aiprof::test {
namespace {

using onnx::AttributeProto;
using onnx::GraphProto;
using onnx::ModelProto;
using onnx::NodeProto;
using onnx::TypeProto;

// --- types that the parser of ONNX 1.12 does not know -------------------------------------------

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_new_dtype(std::string_view word) {
  const auto type = parse_dtype(word);
  return type && *type > DType::kBfloat16;
}

bool is_compound(std::string_view word) {
  return word == "seq" || word == "optional" || word == "map";
}

std::size_t skip_spaces(std::string_view s, std::size_t i) {
  while (i < s.size() && std::isspace(static_cast<unsigned char>(s[i])) != 0) ++i;
  return i;
}

std::string_view word_at(std::string_view s, std::size_t i) {
  std::size_t end = i;
  while (end < s.size() && is_word(s[end])) ++end;
  return s.substr(i, end - i);
}

// Position after the bracket that closes the one at `open`, or `open` if there is none.
std::size_t after_bracket(std::string_view s, std::size_t open) {
  if (open >= s.size() || (s[open] != '[' && s[open] != '(')) return open;
  int depth = 0;
  for (std::size_t i = open; i < s.size(); ++i) {
    depth += s[i] == '[' || s[i] == '(' ? 1 : 0;
    depth -= s[i] == ']' || s[i] == ')' ? 1 : 0;
    if (depth == 0) return i + 1;
  }
  return open;
}

// Reads "float[2,N]", "seq(float[2])", "map(int64, float)" from the front of `s`.
TypeProto read_type(std::string_view& s) {
  TypeProto type;
  s.remove_prefix(skip_spaces(s, 0));
  const std::string word(word_at(s, 0));
  s.remove_prefix(word.size());
  const auto inside = [&] {
    s.remove_prefix(s.find('(') + 1);
    TypeProto t = read_type(s);
    s.remove_prefix(s.find(')') + 1);
    return t;
  };
  if (word == "seq") {
    *type.mutable_sequence_type()->mutable_elem_type() = inside();
  } else if (word == "optional") {
    *type.mutable_optional_type()->mutable_elem_type() = inside();
  } else if (word == "map") {
    s.remove_prefix(s.find('(') + 1);
    const TypeProto key = read_type(s);
    s.remove_prefix(s.find(',') + 1);
    type.mutable_map_type()->set_key_type(key.tensor_type().elem_type());
    *type.mutable_map_type()->mutable_value_type() = read_type(s);
    s.remove_prefix(s.find(')') + 1);
  } else {
    const std::size_t end = after_bracket(s, 0);
    const std::string known = "uint8" + std::string(s.substr(0, end));
    onnx::OnnxParser(known.c_str()).Parse(type);
    s.remove_prefix(end);
    const auto dtype = parse_dtype(word);
    type.mutable_tensor_type()->set_elem_type(static_cast<int>(dtype.value_or(DType::kUndefined)));
  }
  return type;
}

// Replaces types that the parser does not know by uint8, and lists what each name really is.
std::string replace_types(std::string_view text, std::map<std::string, TypeProto>& types) {
  std::string out;
  std::size_t i = 0;
  bool quoted = false;
  while (i < text.size()) {
    if (text[i] == '"') quoted = !quoted;
    const std::string_view word = quoted ? std::string_view() : word_at(text, i);
    const bool compound =
        is_compound(word) && i + word.size() < text.size() && text[i + word.size()] == '(';
    if (word.empty() || !(compound || is_new_dtype(word))) {
      const std::size_t n = word.empty() ? 1 : word.size();
      out += text.substr(i, n);
      i += n;
      continue;
    }
    const std::size_t end = after_bracket(text, i + word.size());
    std::string_view type = text.substr(i, end - i);
    out += compound ? "uint8" : "uint8" + std::string(type.substr(word.size()));
    const std::string name(word_at(text, skip_spaces(text, end)));
    types[name] = read_type(type);
    i = end;
  }
  return out;
}

// --- walking a model ----------------------------------------------------------------------------

// Calls on_graph for `graph` and every subgraph, and on_node for every node, nested or not.
template <typename OnGraph, typename OnNode>
void walk(GraphProto& graph, OnGraph&& on_graph, OnNode&& on_node) {
  std::vector<GraphProto*> open = {&graph};
  while (!open.empty()) {
    GraphProto* g = open.back();
    open.pop_back();
    on_graph(*g);
    for (NodeProto& n : *g->mutable_node()) {
      on_node(n);
      for (AttributeProto& a : *n.mutable_attribute()) {
        if (a.has_g()) open.push_back(a.mutable_g());
        for (GraphProto& sub : *a.mutable_graphs()) open.push_back(&sub);
      }
    }
  }
}

void drop_placeholders(NodeProto& node) {
  for (std::string& name : *node.mutable_input()) {
    if (name == "_") name.clear();
  }
  for (std::string& name : *node.mutable_output()) {
    if (name == "_") name.clear();
  }
}

void restore_types(GraphProto& graph, const std::map<std::string, TypeProto>& types) {
  for (auto& input : *graph.mutable_input()) {
    if (const auto it = types.find(input.name()); it != types.end()) {
      *input.mutable_type() = it->second;
    }
  }
  for (auto& stored : *graph.mutable_initializer()) {
    if (const auto it = types.find(stored.name()); it != types.end()) {
      stored.set_data_type(it->second.tensor_type().elem_type());
    }
  }
}

ModelProto parsed(const std::string& bytes) {
  ModelProto model;
  if (!model.ParseFromString(bytes)) throw std::runtime_error("not a serialized model");
  return model;
}

}  // namespace

std::string model_bytes(const std::string& text) {
  std::map<std::string, TypeProto> types;
  const std::string known = replace_types(text, types);
  ModelProto model;
  const auto status = onnx::OnnxParser::Parse(model, known.c_str());
  if (!status.IsOK()) throw std::runtime_error(status.ErrorMessage() + "\nin: " + known);
  walk(
      *model.mutable_graph(), [&](GraphProto& g) { restore_types(g, types); }, drop_placeholders);
  for (auto& function : *model.mutable_functions()) {
    for (NodeProto& node : *function.mutable_node()) drop_placeholders(node);
  }
  return model.SerializeAsString();
}

Graph read_model(std::string bytes) {
  auto owner = std::make_shared<std::string>(std::move(bytes));
  const std::span<const char> chars(*owner);
  return read_onnx(std::as_bytes(chars), "<test>", owner);
}

Graph parse_model(const std::string& text) { return read_model(model_bytes(text)); }

std::string without_declared_types(const std::string& bytes) {
  ModelProto model = parsed(bytes);
  const auto clear = [](GraphProto& g) {
    g.clear_value_info();
    for (auto& output : *g.mutable_output()) output.clear_type();
  };
  walk(*model.mutable_graph(), clear, [](NodeProto&) {});
  return model.SerializeAsString();
}

std::string with_sparse_input(const std::string& bytes, const std::string& name,
                              std::int64_t nonzeros) {
  ModelProto model = parsed(bytes);
  GraphProto& graph = *model.mutable_graph();
  for (int i = 0; i < graph.input_size(); ++i) {
    if (graph.input(i).name() != name) continue;
    const auto type = graph.input(i).type().tensor_type();
    auto& sparse = *graph.add_sparse_initializer();
    for (const auto& dim : type.shape().dim()) sparse.add_dims(dim.dim_value());
    sparse.mutable_values()->set_name(name);
    sparse.mutable_values()->set_data_type(type.elem_type());
    sparse.mutable_values()->add_dims(nonzeros);
    sparse.mutable_indices()->set_data_type(onnx::TensorProto::INT64);
    sparse.mutable_indices()->add_dims(nonzeros);
    for (std::int64_t k = 0; k < nonzeros; ++k) {
      sparse.mutable_values()->add_float_data(1);
      sparse.mutable_indices()->add_int64_data(k);
    }
    graph.mutable_input()->DeleteSubrange(i, 1);
    break;
  }
  return model.SerializeAsString();
}

std::string edit_functions(const std::string& bytes, const std::vector<FunctionEdit>& edits) {
  constexpr int kNodeOverload = 8;
  constexpr int kFunctionOverload = 13;
  constexpr int kFunctionAttribute = 11;
  ModelProto model = parsed(bytes);
  const auto set_overload = [](NodeProto& node, const FunctionEdit& edit) {
    for (const std::string& caller : edit.callers) {
      if (node.output_size() == 0 || node.output(0) != caller) continue;
      node.GetReflection()->MutableUnknownFields(&node)->AddLengthDelimited(kNodeOverload,
                                                                            edit.overload);
    }
  };
  for (const FunctionEdit& edit : edits) {
    auto& function = *model.mutable_functions(static_cast<int>(edit.function));
    auto* fields = function.GetReflection()->MutableUnknownFields(&function);
    if (!edit.overload.empty()) fields->AddLengthDelimited(kFunctionOverload, edit.overload);
    if (!edit.float_attribute.empty()) {
      AttributeProto a;
      a.set_name(edit.float_attribute);
      a.set_type(AttributeProto::FLOAT);
      a.set_f(edit.float_default);
      fields->AddLengthDelimited(kFunctionAttribute, a.SerializeAsString());
    }
    walk(
        *model.mutable_graph(), [](GraphProto&) {}, [&](NodeProto& n) { set_overload(n, edit); });
  }
  return model.SerializeAsString();
}

}  // namespace aiprof::test
