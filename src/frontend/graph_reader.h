// Turns serialized graphs and functions into regions of the IR.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "aiprof/graph/graph.h"
#include "frontend/arena.h"
#include "frontend/names.h"
#include "frontend/tensor_reader.h"
#include "frontend/wire.h"

namespace aiprof {

// An OperatorSetIdProto; the domain "ai.onnx" is read as "".
[[nodiscard]] OpsetImport read_opset(wire::Bytes message);

// A local function as written: bodies are read anew at every call.
struct FunctionProto {
  std::string_view name, domain;
  std::vector<std::string_view> inputs, outputs;
  std::vector<wire::Bytes> nodes;
  std::vector<wire::Bytes> attribute_defaults;
  std::vector<OpsetImport> opsets;
};

// Local functions that expand to more nodes than this are refused: functions that call functions
// can grow without bound.
inline constexpr std::size_t kMaxInlinedNodes = 1'000'000;
// So are paths of nested bodies that need more memory than this in all.
inline constexpr std::size_t kMaxLabelBytes = 256U << 20;
// Paths in messages are cut to this length.
inline constexpr std::size_t kMaxQuoted = 200;
// Calls and subgraphs nested deeper than this are refused.
inline constexpr int kMaxDepth = 1000;

class GraphReader {
 public:
  GraphReader(Graph& graph, ModelStorage& storage)
      : graph_(graph), storage_(storage), symbols_(graph.symbols) {}

  void add_function(wire::Bytes message);
  // Reads the main graph and everything below it. graph.opsets must be complete.
  void read_main(wire::Bytes message);

 private:
  // Where names are looked up and operators get their version.
  struct Scope {
    RegionId region{};
    std::size_t parent = kNoScope;  // enclosing scope whose names are visible
    std::size_t caller = kNoScope;  // scope of the call, for recursion checks
    const std::vector<OpsetImport>* opsets = nullptr;
    const FunctionProto* function = nullptr;
    std::span<const Attribute> call_attributes;
    std::string_view path;
    int depth = 0;
    Names names;
  };
  static constexpr std::size_t kNoScope = SIZE_MAX;

  // A body that waits to be read, so that no reader calls itself.
  struct Pending {
    wire::Bytes graph{};                      // of a subgraph attribute
    const FunctionProto* function = nullptr;  // of a call
    RegionId region{};
    std::size_t scope = 0;  // scope of the owning node
    std::string_view path{};
    int depth = 0;
  };

  struct GraphFields;

  // A NodeProto as written, but for the names of its inputs and outputs.
  struct NodeFields {
    Node node;
    std::string_view type, domain, overload;
    std::vector<wire::Bytes> attributes;
  };

  void drain();
  void read_graph_body(const Pending& p);
  void read_function_body(const Pending& p);
  std::size_t open_scope(const Pending& p);
  void read_inputs(const GraphFields& fields, std::size_t scope);
  void read_initializers(GraphFields& fields, std::size_t scope);
  void read_nodes(const std::vector<wire::Bytes>& nodes, std::size_t scope);
  NodeFields read_fields(wire::Bytes message);
  void read_node(wire::Bytes message, std::size_t scope);
  Attribute read_attribute(wire::Bytes message, std::size_t scope, NodeId owner);
  void resolve_reference(Attribute& a, std::string_view reference, std::size_t scope, NodeId owner);
  RegionId add_region(wire::Bytes graph, std::size_t scope, NodeId owner, std::string_view path);
  std::span<const RegionId> add_regions(const std::vector<wire::Bytes>& graphs, std::size_t scope,
                                        NodeId owner, std::string_view attribute);
  void enter_call(NodeId node, const FunctionProto& function, std::size_t scope);
  void check_definitions(std::size_t scope);
  [[nodiscard]] bool is_undefined(TensorId t, RegionId region) const;

  TensorId add_tensor(std::string_view name, RegionId region);
  TensorId use(std::string_view name, std::size_t scope);
  TensorId define(std::string_view name, std::size_t scope, NodeId producer);
  // Sets the declared type; errors say that it is of the `what` of that name.
  void declare(TensorId id, wire::Bytes type, std::string_view what);
  const Type* keep_type(wire::Bytes message);
  OpTypeId op_type(std::string_view domain, std::string_view type, std::size_t scope);
  int version_of(std::string_view domain, const Scope& scope);
  std::string_view label(std::string_view path, std::string_view part);

  Graph& graph_;
  ModelStorage& storage_;
  Symbols symbols_;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, FunctionProto>
      functions_;
  std::unordered_map<std::string_view, std::vector<OpTypeId>> op_types_;  // by operator name
  std::vector<std::unique_ptr<Scope>> scopes_;
  std::vector<Pending> pending_;
  std::size_t inlined_ = 0;                             // nodes read from local functions
  std::size_t label_bytes_ = 0;                         // of paths made so far
  std::vector<std::string_view> in_names_, out_names_;  // of the node being read
  std::vector<TensorId> tensor_ids_;
  std::vector<Attribute> attributes_;
};

// Puts the nodes of every region into an executable order (file order where that is one) and
// renumbers nodes so that bodies follow their owner. Throws Error(kInput) for a cycle.
void order_nodes(Graph& graph);

}  // namespace aiprof
