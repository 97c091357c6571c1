// The intermediate representation: an ONNX model as indexed tables.
//
// Built once by a reader (frontend/), then const. Ids are indices; names are views into storage
// that the Graph owns. Local functions are already inlined: a call stays as a node that owns its
// inlined body region, and body nodes carry the call path.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aiprof/graph/dtype.h"
#include "aiprof/graph/shape.h"
#include "aiprof/graph/value.h"

namespace aiprof {

enum class TensorId : std::uint32_t {};
enum class NodeId : std::uint32_t {};
enum class RegionId : std::uint32_t {};
enum class OpTypeId : std::uint32_t {};

// An omitted optional input or output.
inline constexpr TensorId kNoTensor{std::numeric_limits<std::uint32_t>::max()};
inline constexpr RegionId kNoRegion{std::numeric_limits<std::uint32_t>::max()};
inline constexpr NodeId kNoNode{std::numeric_limits<std::uint32_t>::max()};
inline constexpr RegionId kMainRegion{0};

[[nodiscard]] constexpr std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }
[[nodiscard]] constexpr std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }
[[nodiscard]] constexpr std::size_t index(RegionId id) { return static_cast<std::size_t>(id); }
[[nodiscard]] constexpr std::size_t index(OpTypeId id) { return static_cast<std::size_t>(id); }

// What a value is. Sequences and optionals of tensors describe their element.
enum class TypeKind : std::uint8_t { kUnknown, kTensor, kSparseTensor, kSequence, kOptional, kMap };

// A declared type: graph inputs and outputs, value_info.
struct Type {
  TypeKind kind = TypeKind::kUnknown;
  DType dtype = DType::kUndefined;  // of the (element) tensor
  std::optional<Shape> shape;       // of the (element) tensor; absent: rank unknown
};

// A tensor stored in the model: initializer or Constant attribute. The elements are never copied:
// `raw` points into the mapped file, and is empty when they live in an external file (which need
// not exist) or are absent altogether.
struct StoredTensor {
  DType dtype = DType::kUndefined;
  Shape shape;                     // always known dims
  std::span<const std::byte> raw;  // elements as `encoding` says, or empty
  enum class Encoding : std::uint8_t { kLittleEndian, kVarints } encoding = Encoding::kLittleEndian;
  ValueRef value;              // decoded elements, when given as short packed fields
  std::uint64_t nonzeros = 0;  // of a sparse tensor; 0 when dense
  std::uint64_t storage = 0;   // equal for tensors that share one external file range
  bool external = false;
};

enum class AttrType : std::uint8_t {
  kNone,
  kInt,
  kFloat,
  kString,
  kInts,
  kFloats,
  kStrings,
  kTensor,
  kTensors,
  kGraph,
  kGraphs,
  kType,
  kSparseTensor,
};

struct Attribute {
  std::string_view name;
  AttrType type = AttrType::kNone;
  std::int64_t i = 0;
  float f = 0;
  std::string_view s;
  std::span<const std::int64_t> ints;
  std::span<const float> floats;
  std::span<const std::string_view> strings;
  const StoredTensor* tensor = nullptr;  // kTensor and kSparseTensor
  std::span<const RegionId> regions;     // kGraph and kGraphs
  const Type* type_value = nullptr;      // kType
};

// An operator as named by the model: shared by all nodes of that operator in one opset scope.
struct OpType {
  std::string_view domain;  // "" for ai.onnx
  std::string_view type;
  int version = 1;  // opset of that domain where the node stands
};

struct Node {
  std::string_view name;  // as in the model, possibly empty
  std::string_view path;  // "call/loop" of enclosing functions and subgraphs; empty at top level
  OpTypeId op{};
  RegionId region{};                 // where it stands
  std::string_view scope;            // the exporter's module scope (metadata), possibly empty
  std::span<const TensorId> inputs;  // kNoTensor where omitted
  std::span<const TensorId> outputs;
  std::span<const Attribute> attributes;
  RegionId body = kNoRegion;  // of an inlined function call
};

struct Tensor {
  std::string_view name;
  const Type* declared = nullptr;  // null where the model says nothing
  NodeId producer = kNoNode;       // kNoNode: a stored tensor or an input of its region
  RegionId region = kMainRegion;   // where the name is defined
  const StoredTensor* stored = nullptr;
  bool graph_input = false;  // of the main graph (also of an overridable initializer)
};

// A graph body: the main graph, a subgraph attribute, or an inlined function.
struct Region {
  RegionId parent = kNoRegion;
  NodeId owner = kNoNode;  // the If, Loop, Scan, call ... that owns it
  std::string_view name;
  std::vector<TensorId> inputs;  // formal inputs; of a function: the actual tensors
  std::vector<TensorId> outputs;
  std::vector<NodeId> nodes;  // in an executable order
};

struct OpsetImport {
  std::string domain;  // "" for ai.onnx
  std::int64_t version = 0;
};

struct Graph {
  std::string file;  // as given by the caller, for messages; may be "<memory>"
  std::int64_t ir_version = 0;
  std::string producer;
  std::vector<OpsetImport> opsets;

  std::vector<OpType> op_types;
  std::vector<Node> nodes;  // bodies follow their owner
  std::vector<Tensor> tensors;
  std::vector<Region> regions;       // [0] is the main graph
  std::vector<std::string> symbols;  // [0] is "?"
  std::deque<StoredTensor> stored;
  std::deque<Type> types;          // behind Tensor::declared and Attribute::type_value
  std::vector<std::string> notes;  // what the reader had to assume

  // Memory behind the string views and spans above.
  std::shared_ptr<void> storage;

  [[nodiscard]] const Node& operator[](NodeId id) const { return nodes[index(id)]; }
  [[nodiscard]] const Tensor& operator[](TensorId id) const { return tensors[index(id)]; }
  [[nodiscard]] const Region& operator[](RegionId id) const { return regions[index(id)]; }
  [[nodiscard]] const OpType& op_type(const Node& n) const { return op_types[index(n.op)]; }
  [[nodiscard]] const Region& main() const { return regions[0]; }
};

// The elements of a stored tensor of at most kMaxValueElements elements, or null when they are not
// available (external, too many, or of a type that is never evaluated).
[[nodiscard]] ValueRef decode(const StoredTensor& tensor);

// "node 'conv1' (Conv)", or "node 12 (Conv)" for a nameless one; for messages.
[[nodiscard]] std::string describe(const Graph& graph, NodeId node);

}  // namespace aiprof
