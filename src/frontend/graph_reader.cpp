#include "frontend/graph_reader.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "aiprof/base/text.h"

namespace aiprof {

using wire::Bytes;
using wire::Field;
using wire::text;

struct GraphReader::GraphFields {
  std::string_view name;
  std::vector<Bytes> nodes, sparse_initializers, inputs, outputs, value_infos;
  std::vector<NamedTensor> initializers;

  GraphFields(Bytes message, ModelStorage& storage) {
    const auto add = [&](const Field& f) {
      if (f.is_bytes()) take(f, storage);
    };
    if (storage.window) {
      wire::for_each_field(message, add, std::ref(*storage.window));
    } else {
      wire::for_each_field(message, add);
    }
  }

 private:
  void take(const Field& f, ModelStorage& storage) {
    switch (f.id) {
      case 1:
        nodes.push_back(f.bytes);
        break;
      case 2:
        name = text(f.bytes);
        break;
      case 5:
        take_initializer(f.bytes, storage);
        break;
      case 11:
        inputs.push_back(f.bytes);
        break;
      case 12:
        outputs.push_back(f.bytes);
        break;
      case 13:
        value_infos.push_back(f.bytes);
        break;
      case 15:
        sparse_initializers.push_back(f.bytes);
        break;
      default:
        break;
    }
  }

  // At once, while its head is in the window.
  void take_initializer(Bytes message, ModelStorage& storage) {
    if (storage.window) {
      initializers.push_back(read_tensor(message, *storage.window));
      initializers.back().name = storage.keep(initializers.back().name);
    } else {
      initializers.push_back(read_tensor(message));
    }
  }
};

namespace {

struct ValueInfo {
  std::string_view name;
  Bytes type;
};

ValueInfo read_value_info(Bytes message) {
  ValueInfo info;
  wire::for_each_field(message, [&](const Field& f) {
    if (f.id == 1 && f.is_bytes()) info.name = text(f.bytes);
    if (f.id == 2 && f.is_bytes()) info.type = f.bytes;
  });
  return info;
}

std::string quoted(std::string_view name) { return "'" + printable(name) + "'"; }

// Names of module scopes that exporters write into a node's metadata, newest spelling first.
bool is_scope_key(std::string_view key) {
  return key == "namespace" || key == "pkg.torch.onnx.name_scopes";
}

std::string_view scope_of(Bytes entry) {
  std::string_view key;
  std::string_view value;
  wire::for_each_field(entry, [&](const Field& f) {
    if (f.id == 1 && f.is_bytes()) key = text(f.bytes);
    if (f.id == 2 && f.is_bytes()) value = text(f.bytes);
  });
  return is_scope_key(key) ? value : std::string_view();
}

}  // namespace

OpsetImport read_opset(Bytes message) {
  OpsetImport import;
  wire::for_each_field(message, [&](const Field& f) {
    if (f.id == 1 && f.is_bytes()) import.domain = text(f.bytes);
    if (f.id == 2) import.version = f.integer();
  });
  if (import.domain == "ai.onnx") import.domain.clear();
  return import;
}

void GraphReader::add_function(Bytes message) {
  FunctionProto fn;
  std::string_view overload;
  wire::for_each_field(message, [&](const Field& f) {
    if (!f.is_bytes()) return;
    switch (f.id) {
      case 1:
        fn.name = text(f.bytes);
        break;
      case 4:
        fn.inputs.push_back(text(f.bytes));
        break;
      case 5:
        fn.outputs.push_back(text(f.bytes));
        break;
      case 7:
        fn.nodes.push_back(f.bytes);
        break;
      case 9:
        fn.opsets.push_back(read_opset(f.bytes));
        break;
      case 10:
        fn.domain = text(f.bytes);
        break;
      case 11:
        fn.attribute_defaults.push_back(f.bytes);
        break;
      case 13:
        overload = text(f.bytes);
        break;
      default:
        break;
    }
  });
  const auto key = std::tuple(fn.domain, fn.name, overload);
  functions_.insert_or_assign(key, std::move(fn));
}

void GraphReader::read_main(Bytes message) {
  graph_.regions.emplace_back();
  pending_.push_back({.graph = message, .region = kMainRegion, .scope = kNoScope});
  drain();
}

void GraphReader::drain() {
  while (!pending_.empty()) {
    const Pending p = pending_.back();
    pending_.pop_back();
    if (p.depth > kMaxDepth) {
      throw input_error("subgraphs and function calls are nested deeper than " +
                        std::to_string(kMaxDepth) + " levels at " +
                        quoted(p.path.substr(0, kMaxQuoted)));
    }
    if (p.function != nullptr) {
      read_function_body(p);
    } else {
      read_graph_body(p);
    }
  }
}

std::size_t GraphReader::open_scope(const Pending& p) {
  auto scope = std::make_unique<Scope>();
  scope->region = p.region;
  scope->path = p.path;
  scope->depth = p.depth;
  scope->caller = p.scope;
  scope->opsets = &graph_.opsets;
  if (p.function == nullptr && p.scope != kNoScope) {
    scope->parent = p.scope;
    scope->opsets = scopes_[p.scope]->opsets;
    scope->function = scopes_[p.scope]->function;
    scope->call_attributes = scopes_[p.scope]->call_attributes;
  }
  scopes_.push_back(std::move(scope));
  return scopes_.size() - 1;
}

void GraphReader::read_graph_body(const Pending& p) {
  GraphFields fields(p.graph, storage_);
  const std::size_t scope = open_scope(p);
  scopes_[scope]->names = Names(fields.nodes.size() + fields.initializers.size());
  if (p.region == kMainRegion) {
    graph_.nodes.reserve(fields.nodes.size());
    graph_.tensors.reserve(fields.nodes.size() * 2 + fields.initializers.size());
  }
  graph_.regions[index(p.region)].name = fields.name;
  graph_.regions[index(p.region)].nodes.reserve(fields.nodes.size());
  read_inputs(fields, scope);
  read_initializers(fields, scope);
  read_nodes(fields.nodes, scope);
  for (const Bytes& output : fields.outputs) {
    const ValueInfo info = read_value_info(output);
    const TensorId id = use(info.name, scope);
    graph_.regions[index(p.region)].outputs.push_back(id);
    if (id != kNoTensor) declare(id, info.type, "graph output");
  }
  for (const Bytes& message : fields.value_infos) {
    const ValueInfo info = read_value_info(message);
    const TensorId* id = scopes_[scope]->names.find(info.name);
    if (id == nullptr || *id == kNoTensor) continue;
    if (graph_[*id].declared == nullptr) declare(*id, info.type, "value_info");
  }
  check_definitions(scope);
}

void GraphReader::read_inputs(const GraphFields& fields, std::size_t scope) {
  const RegionId region = scopes_[scope]->region;
  for (const Bytes& message : fields.inputs) {
    const ValueInfo info = read_value_info(message);
    if (scopes_[scope]->names.find(info.name) != nullptr) {
      throw input_error("the graph input " + quoted(info.name) + " is declared twice");
    }
    const TensorId id = add_tensor(info.name, region);
    graph_.tensors[index(id)].graph_input = region == kMainRegion;
    declare(id, info.type, "graph input");
    scopes_[scope]->names.set(info.name, id);
    graph_.regions[index(region)].inputs.push_back(id);
  }
}

void GraphReader::read_initializers(GraphFields& fields, std::size_t scope) {
  const RegionId region = scopes_[scope]->region;
  const auto add = [&](std::string_view name, StoredTensor stored) {
    const TensorId* known = scopes_[scope]->names.find(name);
    if (known != nullptr && graph_.tensors[index(*known)].stored != nullptr) {
      throw input_error("the initializer " + quoted(name) + " is defined twice");
    }
    // An initializer of an input's name is that input's default value (IR 3 lists all so).
    const TensorId id = known != nullptr ? *known : add_tensor(name, region);
    graph_.stored.push_back(std::move(stored));
    graph_.tensors[index(id)].stored = &graph_.stored.back();
    scopes_[scope]->names.set(name, id);
  };
  for (NamedTensor& t : fields.initializers) add(t.name, std::move(t.tensor));
  for (const Bytes& message : fields.sparse_initializers) {
    NamedTensor t = read_sparse_tensor(message);
    add(t.name, std::move(t.tensor));
  }
}

void GraphReader::read_function_body(const Pending& p) {
  const FunctionProto& fn = *p.function;
  for (std::size_t s = p.scope; s != kNoScope; s = scopes_[s]->caller) {
    if (scopes_[s]->function == &fn) {
      throw input_error("the local function " + quoted(fn.name) + " calls itself (at " +
                        quoted(p.path) + "); ONNX functions must not recurse");
    }
  }
  const std::size_t scope = open_scope(p);
  const NodeId owner = graph_.regions[index(p.region)].owner;
  const Node call = graph_.nodes[index(owner)];
  Scope& s = *scopes_[scope];
  s.function = &fn;
  s.opsets = &fn.opsets;
  s.call_attributes = call.attributes;
  Region& region = graph_.regions[index(p.region)];
  region.name = fn.name;
  for (std::size_t i = 0; i < fn.inputs.size(); ++i) {
    const TensorId actual = i < call.inputs.size() ? call.inputs[i] : kNoTensor;
    s.names.set(fn.inputs[i], actual);
    region.inputs.push_back(actual);
  }
  for (std::size_t i = 0; i < fn.outputs.size(); ++i) {
    const bool passes_input = s.names.find(fn.outputs[i]) != nullptr;
    const bool wanted = i < call.outputs.size() && call.outputs[i] != kNoTensor;
    if (passes_input || !wanted) continue;
    s.names.set(fn.outputs[i], call.outputs[i]);
    graph_.tensors[index(call.outputs[i])].producer = kNoNode;  // the body node, once it is read
  }
  read_nodes(fn.nodes, scope);
  for (const std::string_view output : fn.outputs) {
    const TensorId id = use(output, scope);
    graph_.regions[index(p.region)].outputs.push_back(id);
    const bool produced = id == kNoTensor || graph_[id].producer != kNoNode ||
                          graph_[id].stored != nullptr || graph_[id].graph_input ||
                          std::find(fn.inputs.begin(), fn.inputs.end(), output) != fn.inputs.end();
    if (!produced) {
      throw input_error("the local function " + quoted(fn.name) + " never produces its output " +
                        quoted(output));
    }
  }
  check_definitions(scope);
}

void GraphReader::read_nodes(const std::vector<Bytes>& nodes, std::size_t scope) {
  if (scopes_[scope]->function != nullptr) inlined_ += nodes.size();
  if (inlined_ > kMaxInlinedNodes) {
    throw input_error("the model's local functions expand to more than " +
                      std::to_string(kMaxInlinedNodes) + " nodes");
  }
  for (const Bytes& message : nodes) read_node(message, scope);
}

GraphReader::NodeFields GraphReader::read_fields(Bytes message) {
  NodeFields fields;
  in_names_.clear();
  out_names_.clear();
  wire::for_each_field(message, [&](const Field& f) {
    if (!f.is_bytes()) return;
    switch (f.id) {
      case 1:
        in_names_.push_back(text(f.bytes));
        break;
      case 2:
        out_names_.push_back(text(f.bytes));
        break;
      case 3:
        fields.node.name = text(f.bytes);
        break;
      case 4:
        fields.type = text(f.bytes);
        break;
      case 5:
        fields.attributes.push_back(f.bytes);
        break;
      case 7:
        fields.domain = text(f.bytes);
        break;
      case 8:
        fields.overload = text(f.bytes);
        break;
      case 9:
        if (fields.node.scope.empty()) fields.node.scope = scope_of(f.bytes);
        break;
      default:
        break;
    }
  });
  return fields;
}

void GraphReader::read_node(Bytes message, std::size_t scope) {
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  auto [node, type, domain, overload, attributes] = read_fields(message);
  node.region = scopes_[scope]->region;
  node.path = scopes_[scope]->path;
  node.op = op_type(domain, type, scope);

  tensor_ids_.clear();
  for (const std::string_view n : in_names_) tensor_ids_.push_back(use(n, scope));
  node.inputs = storage_.keep(std::span<const TensorId>(tensor_ids_));
  graph_.nodes.push_back(node);
  graph_.regions[index(node.region)].nodes.push_back(id);
  tensor_ids_.clear();
  for (const std::string_view n : out_names_) tensor_ids_.push_back(define(n, scope, id));
  graph_.nodes[index(id)].outputs = storage_.keep(std::span<const TensorId>(tensor_ids_));

  attributes_.clear();
  for (const Bytes& a : attributes) {
    Attribute attribute = read_attribute(a, scope, id);
    if (attribute.type != AttrType::kNone) attributes_.push_back(attribute);
  }
  auto* memory = static_cast<Attribute*>(
      attributes_.empty()
          ? nullptr
          : storage_.memory.allocate(attributes_.size() * sizeof(Attribute), alignof(Attribute)));
  std::uninitialized_copy(attributes_.begin(), attributes_.end(), memory);
  graph_.nodes[index(id)].attributes = {memory, attributes_.size()};

  if (functions_.empty()) return;
  const auto fn = functions_.find(std::tuple(domain, type, overload));
  if (fn != functions_.end()) enter_call(id, fn->second, scope);
}

void GraphReader::enter_call(NodeId node, const FunctionProto& function, std::size_t scope) {
  const auto region = static_cast<RegionId>(graph_.regions.size());
  Region r;
  r.owner = node;
  r.parent = scopes_[scope]->region;
  graph_.regions.push_back(std::move(r));
  Node& call = graph_.nodes[index(node)];
  call.body = region;
  const std::string_view part = call.name.empty() ? function.name : call.name;
  pending_.push_back({.function = &function,
                      .region = region,
                      .scope = scope,
                      .path = label(call.path, part),
                      .depth = scopes_[scope]->depth + 1});
}

RegionId GraphReader::add_region(Bytes graph, std::size_t scope, NodeId owner,
                                 std::string_view path) {
  const auto region = static_cast<RegionId>(graph_.regions.size());
  Region r;
  r.owner = owner;
  r.parent = scopes_[scope]->region;
  graph_.regions.push_back(std::move(r));
  pending_.push_back({.graph = graph,
                      .region = region,
                      .scope = scope,
                      .path = path,
                      .depth = scopes_[scope]->depth + 1});
  return region;
}

// A name that its region neither produces, stores nor takes as an input.
bool GraphReader::is_undefined(TensorId t, RegionId region) const {
  if (t == kNoTensor) return false;
  const Tensor& tensor = graph_[t];
  const bool here = tensor.region == region && tensor.producer == kNoNode;
  if (!here || tensor.stored != nullptr || tensor.graph_input) return false;
  const auto& inputs = graph_[region].inputs;
  return std::find(inputs.begin(), inputs.end(), t) == inputs.end();
}

// Every tensor that is used must be produced, stored, or an input of its graph.
void GraphReader::check_definitions(std::size_t scope) {
  const RegionId region = scopes_[scope]->region;
  for (const NodeId id : graph_[region].nodes) {
    for (const TensorId t : graph_[id].inputs) {
      if (!is_undefined(t, region)) continue;
      throw input_error(describe(graph_, id) + " reads " + quoted(graph_[t].name) +
                        ", which no node produces and which is neither a graph input nor an "
                        "initializer");
    }
  }
  for (const TensorId t : graph_[region].outputs) {
    if (!is_undefined(t, region)) continue;
    const std::string_view path = scopes_[scope]->path;
    throw input_error("the graph output " + quoted(graph_[t].name) +
                      (path.empty() ? std::string() : " of " + quoted(path)) +
                      " is produced by no node and is neither a graph input nor an initializer");
  }
}

TensorId GraphReader::add_tensor(std::string_view name, RegionId region) {
  const auto id = static_cast<TensorId>(graph_.tensors.size());
  Tensor& t = graph_.tensors.emplace_back();
  t.name = name;
  t.region = region;
  return id;
}

TensorId GraphReader::use(std::string_view name, std::size_t scope) {
  if (name.empty()) return kNoTensor;
  for (std::size_t s = scope; s != kNoScope; s = scopes_[s]->parent) {
    if (const TensorId* id = scopes_[s]->names.find(name)) return *id;
  }
  // Not yet defined: an out-of-order graph, or an error that check_definitions() reports.
  const TensorId id = add_tensor(name, scopes_[scope]->region);
  scopes_[scope]->names.set(name, id);
  return id;
}

TensorId GraphReader::define(std::string_view name, std::size_t scope, NodeId producer) {
  if (name.empty()) return kNoTensor;
  Scope& s = *scopes_[scope];
  const TensorId* known = s.names.find(name);
  if (known != nullptr && *known == kNoTensor) {
    throw input_error("the function input " + quoted(name) + " is also defined by a node");
  }
  const TensorId id = known != nullptr ? *known : add_tensor(name, s.region);
  Tensor& t = graph_.tensors[index(id)];
  const auto& inputs = graph_[s.region].inputs;
  const bool taken =
      t.producer != kNoNode || t.stored != nullptr ||
      (known != nullptr && std::find(inputs.begin(), inputs.end(), id) != inputs.end());
  if (taken) {
    throw input_error("the tensor " + quoted(name) + " is defined twice" +
                      (t.producer != kNoNode
                           ? ", by " + describe(graph_, t.producer) +
                                 (t.producer == producer ? "" : " and another node")
                           : ", by a node and as an input or initializer"));
  }
  t.producer = producer;
  t.region = s.region;
  if (known == nullptr) s.names.set(name, id);
  return id;
}

void GraphReader::declare(TensorId id, Bytes type, std::string_view what) {
  if (type.empty()) return;
  try {
    graph_.tensors[index(id)].declared = keep_type(type);
  } catch (const Error& e) {
    throw e.in(std::string(what) + " " + quoted(graph_[id].name));
  }
}

const Type* GraphReader::keep_type(Bytes message) {
  return &graph_.types.emplace_back(read_type(message, symbols_));
}

OpTypeId GraphReader::op_type(std::string_view domain, std::string_view type, std::size_t scope) {
  if (domain == "ai.onnx") domain = {};
  const int version = version_of(domain, *scopes_[scope]);
  std::vector<OpTypeId>& same_name = op_types_[type];
  for (const OpTypeId id : same_name) {
    const OpType& t = graph_.op_types[index(id)];
    if (t.domain == domain && t.version == version) return id;
  }
  const auto id = static_cast<OpTypeId>(graph_.op_types.size());
  graph_.op_types.push_back({domain, type, version});
  same_name.push_back(id);
  return id;
}

int GraphReader::version_of(std::string_view domain, const Scope& scope) {
  for (const auto* list : {scope.opsets, &std::as_const(graph_.opsets)}) {
    for (const OpsetImport& o : *list) {
      if (o.domain == domain)
        return static_cast<int>(std::clamp<std::int64_t>(o.version, 1, 1 << 20));
    }
  }
  return 1;
}

std::string_view GraphReader::label(std::string_view path, std::string_view part) {
  if (path.empty()) return part;
  label_bytes_ += path.size() + 1 + part.size();
  if (label_bytes_ > kMaxLabelBytes) {
    throw input_error("the paths of nested subgraphs and function calls need more than " +
                      std::to_string(kMaxLabelBytes) + " bytes at " +
                      quoted(path.substr(0, kMaxQuoted)));
  }
  std::string joined(path);
  joined += '/';
  joined += part;
  return storage_.keep(std::string_view(joined));
}

}  // namespace aiprof
