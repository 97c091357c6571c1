#include "support/model_edit.h"

#include <onnx/onnx_pb.h>

#include <map>
#include <set>
#include <stdexcept>
#include <vector>

namespace aiprof::test {
namespace {

onnx::ModelProto parse(const std::string& bytes) {
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) throw std::runtime_error("not a model");
  return model;
}

std::set<std::string> interface_of(const onnx::GraphProto& graph) {
  std::set<std::string> names;
  for (const auto& value : graph.input()) names.insert(value.name());
  for (const auto& value : graph.output()) names.insert(value.name());
  return names;
}

}  // namespace

std::string rename_all(const std::string& bytes) {
  onnx::ModelProto model = parse(bytes);
  onnx::GraphProto& graph = *model.mutable_graph();
  std::map<std::string, std::string> names;
  for (const std::string& name : interface_of(graph)) names[name] = name;
  const auto renamed = [&](const std::string& name) {
    if (name.empty()) return name;  // an omitted operand
    return names.try_emplace(name, "t" + std::to_string(names.size())).first->second;
  };
  for (auto& tensor : *graph.mutable_initializer()) tensor.set_name(renamed(tensor.name()));
  for (auto& value : *graph.mutable_value_info()) value.set_name(renamed(value.name()));
  int number = 0;
  for (auto& node : *graph.mutable_node()) {
    node.set_name("n" + std::to_string(number++));
    for (auto& name : *node.mutable_input()) name = renamed(name);
    for (auto& name : *node.mutable_output()) name = renamed(name);
  }
  return model.SerializeAsString();
}

std::string reorder_nodes(const std::string& bytes) {
  onnx::ModelProto model = parse(bytes);
  onnx::GraphProto& graph = *model.mutable_graph();
  std::map<std::string, int> waiting;  // readers of each tensor that are not placed yet
  for (const auto& node : graph.node()) {
    for (const auto& name : node.input()) ++waiting[name];
  }
  // From the end to the start: a node may stand where all its readers stand behind it.
  std::vector<onnx::NodeProto> left(graph.node().begin(), graph.node().end());
  std::vector<onnx::NodeProto> reversed;
  while (!left.empty()) {
    std::size_t at = 0;  // the first that may, where the original order would take the last
    const auto ready = [&](const onnx::NodeProto& node) {
      for (const auto& name : node.output()) {
        if (waiting[name] > 0) return false;
      }
      return true;
    };
    while (!ready(left[at])) ++at;
    for (const auto& name : left[at].input()) --waiting[name];
    reversed.push_back(left[at]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
  }
  graph.clear_node();
  for (auto it = reversed.rbegin(); it != reversed.rend(); ++it) *graph.add_node() = *it;
  return model.SerializeAsString();
}

std::string resize_weights(const std::string& bytes, const std::string& prefix, std::int64_t from,
                           std::int64_t to) {
  onnx::ModelProto model = parse(bytes);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.clear_value_info();
  for (auto& tensor : *graph.mutable_initializer()) {
    if (tensor.name().compare(0, prefix.size(), prefix) != 0) continue;
    for (auto& dim : *tensor.mutable_dims()) {
      if (dim == from) dim = to;
    }
  }
  return model.SerializeAsString();
}

std::string rename_node(const std::string& bytes, const std::string& from, const std::string& to) {
  onnx::ModelProto model = parse(bytes);
  for (auto& node : *model.mutable_graph()->mutable_node()) {
    if (node.name() == from) node.set_name(to);
  }
  return model.SerializeAsString();
}

}  // namespace aiprof::test
