// Everything the reader says of a model, against ONNX's own protobuf classes.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "aiprof/frontend/onnx.h"
#include "support/files.h"
#include "support/onnx_text.h"

namespace aiprof::test {
namespace {

using onnx::AttributeProto;
using onnx::GraphProto;
using onnx::ModelProto;
using onnx::NodeProto;
using onnx::TensorProto;

std::vector<std::int64_t> extents(const Shape& shape) {
  std::vector<std::int64_t> out;
  for (const Dim d : shape) out.push_back(d.known() ? d.value() : -1);
  return out;
}

std::string name_of(const Graph& graph, TensorId id) {
  return id == kNoTensor ? std::string() : std::string(graph[id].name);
}

void expect_tensor(const StoredTensor& ours, const TensorProto& theirs) {
  EXPECT_EQ(static_cast<int>(ours.dtype), theirs.data_type());
  EXPECT_EQ(extents(ours.shape),
            std::vector<std::int64_t>(theirs.dims().begin(), theirs.dims().end()));
  EXPECT_EQ(ours.external, theirs.data_location() == TensorProto::EXTERNAL);
  if (theirs.has_raw_data()) {
    ASSERT_EQ(ours.raw.size(), theirs.raw_data().size());
    EXPECT_EQ(std::memcmp(ours.raw.data(), theirs.raw_data().data(), ours.raw.size()), 0);
  }
  if (theirs.int64_data_size() > 0) {
    const ValueRef v = decode(ours);
    ASSERT_NE(v, nullptr);
    ASSERT_EQ(v->size(), static_cast<std::size_t>(theirs.int64_data_size()));
    for (int i = 0; i < theirs.int64_data_size(); ++i) {
      EXPECT_EQ(v->elements[static_cast<std::size_t>(i)].i, theirs.int64_data(i));
    }
  }
}

class Comparison {
 public:
  Comparison(const Graph& ours, const ModelProto& theirs) : ours_(ours), theirs_(theirs) {}

  void run() {
    EXPECT_EQ(ours_.ir_version, theirs_.ir_version());
    expect_region(kMainRegion, theirs_.graph());
    EXPECT_EQ(regions_seen_, ours_.regions.size());
    EXPECT_EQ(nodes_seen_, ours_.nodes.size());
  }

 private:
  void expect_region(RegionId id, const GraphProto& graph) {
    ++regions_seen_;
    const Region& region = ours_[id];
    EXPECT_EQ(region.name, graph.name());
    ASSERT_EQ(region.inputs.size(), static_cast<std::size_t>(graph.input_size()));
    for (int i = 0; i < graph.input_size(); ++i) {
      expect_declared(region.inputs[static_cast<std::size_t>(i)], graph.input(i));
    }
    ASSERT_EQ(region.outputs.size(), static_cast<std::size_t>(graph.output_size()));
    for (int i = 0; i < graph.output_size(); ++i) {
      expect_declared(region.outputs[static_cast<std::size_t>(i)], graph.output(i));
    }
    expect_initializers(id, graph);
    ASSERT_EQ(region.nodes.size(), static_cast<std::size_t>(graph.node_size()));
    for (int i = 0; i < graph.node_size(); ++i) {
      expect_node(region.nodes[static_cast<std::size_t>(i)], graph.node(i));
    }
  }

  void expect_declared(TensorId id, const onnx::ValueInfoProto& info) {
    EXPECT_EQ(name_of(ours_, id), info.name());
    const Type* type = ours_[id].declared;
    ASSERT_NE(type, nullptr) << info.name();
    if (!info.type().has_tensor_type()) return;
    const auto& theirs = info.type().tensor_type();
    EXPECT_EQ(type->kind, TypeKind::kTensor);
    EXPECT_EQ(static_cast<int>(type->dtype), theirs.elem_type());
    ASSERT_EQ(type->shape.has_value(), theirs.has_shape());
    if (!theirs.has_shape()) return;
    ASSERT_EQ(type->shape->size(), static_cast<std::size_t>(theirs.shape().dim_size()));
    for (int i = 0; i < theirs.shape().dim_size(); ++i) {
      const Dim d = (*type->shape)[static_cast<std::size_t>(i)];
      const auto& dim = theirs.shape().dim(i);
      EXPECT_EQ(d.known(), dim.has_dim_value());
      EXPECT_EQ(d.value(), dim.dim_value());  // 0 where there is none
      EXPECT_EQ(ours_.symbols[d.symbol()], dim.has_dim_param() ? dim.dim_param() : "?");
    }
  }

  void expect_initializers(RegionId id, const GraphProto& graph) {
    std::map<std::string, const StoredTensor*> stored;
    for (const Tensor& t : ours_.tensors) {
      if (t.region == id && t.stored != nullptr) stored[std::string(t.name)] = t.stored;
    }
    EXPECT_EQ(stored.size(),
              static_cast<std::size_t>(graph.initializer_size() + graph.sparse_initializer_size()));
    for (const TensorProto& t : graph.initializer()) {
      ASSERT_NE(stored[t.name()], nullptr) << t.name();
      expect_tensor(*stored[t.name()], t);
    }
  }

  void expect_node(NodeId id, const NodeProto& node) {
    ++nodes_seen_;
    SCOPED_TRACE(node.name());
    const Node& n = ours_[id];
    EXPECT_EQ(n.name, node.name());
    EXPECT_EQ(ours_.op_type(n).type, node.op_type());
    EXPECT_EQ(ours_.op_type(n).domain, node.domain() == "ai.onnx" ? "" : node.domain());
    for (const auto& import : theirs_.opset_import()) {
      if (import.domain() == node.domain()) {
        EXPECT_EQ(ours_.op_type(n).version, import.version());
      }
    }
    expect_names(n.inputs, node.input());
    expect_names(n.outputs, node.output());
    for (const TensorId t : n.outputs) {
      EXPECT_TRUE(t == kNoTensor || ours_[t].producer == id);
    }
    ASSERT_EQ(n.attributes.size(), static_cast<std::size_t>(node.attribute_size()));
    for (int i = 0; i < node.attribute_size(); ++i) {
      expect_attribute(n.attributes[static_cast<std::size_t>(i)], node.attribute(i));
    }
  }

  template <typename Names>
  void expect_names(std::span<const TensorId> ours, const Names& theirs) {
    ASSERT_EQ(ours.size(), static_cast<std::size_t>(theirs.size()));
    for (int i = 0; i < theirs.size(); ++i) {
      EXPECT_EQ(name_of(ours_, ours[static_cast<std::size_t>(i)]), theirs[i]);
    }
  }

  void expect_attribute(const Attribute& a, const AttributeProto& theirs) {
    SCOPED_TRACE(theirs.name());
    EXPECT_EQ(a.name, theirs.name());
    switch (theirs.type()) {
      case AttributeProto::INT:
        EXPECT_EQ(a.type, AttrType::kInt);
        EXPECT_EQ(a.i, theirs.i());
        break;
      case AttributeProto::FLOAT:
        EXPECT_EQ(a.type, AttrType::kFloat);
        EXPECT_EQ(a.f, theirs.f());
        break;
      case AttributeProto::STRING:
        EXPECT_EQ(a.type, AttrType::kString);
        EXPECT_EQ(a.s, theirs.s());
        break;
      case AttributeProto::INTS:
        expect_list(a.ints, theirs.ints());
        break;
      case AttributeProto::FLOATS:
        expect_list(a.floats, theirs.floats());
        break;
      case AttributeProto::STRINGS:
        expect_list(a.strings, theirs.strings());
        break;
      case AttributeProto::TENSOR:
        ASSERT_NE(a.tensor, nullptr);
        expect_tensor(*a.tensor, theirs.t());
        break;
      case AttributeProto::GRAPH:
        ASSERT_EQ(a.regions.size(), 1U);
        expect_region(a.regions[0], theirs.g());
        break;
      default:
        ADD_FAILURE() << "attribute type " << theirs.type() << " is not compared";
    }
  }

  template <typename Ours, typename Theirs>
  static void expect_list(const Ours& ours, const Theirs& theirs) {
    ASSERT_EQ(ours.size(), static_cast<std::size_t>(theirs.size()));
    for (int i = 0; i < theirs.size(); ++i) EXPECT_EQ(ours[static_cast<std::size_t>(i)], theirs[i]);
  }

  const Graph& ours_;
  const ModelProto& theirs_;
  std::size_t regions_seen_ = 0;
  std::size_t nodes_seen_ = 0;
};

void expect_same(const std::string& bytes) {
  ModelProto theirs;
  ASSERT_TRUE(theirs.ParseFromString(bytes));
  const Graph ours = read_model(bytes);
  Comparison(ours, theirs).run();
}

TEST(ReaderAgainstOnnx, ShippedModels) {
  for (const std::string& file : shipped_models()) {
    SCOPED_TRACE(file);
    expect_same(file_bytes(file));
  }
}

TEST(ReaderAgainstOnnx, EveryAttributeType) {
  expect_same(model_bytes(R"(<ir_version: 8, opset_import: ["": 17, "x": 3]>
    g (float[N, 3, H] x, int64 i) => (float y) {
      a = x.Odd <i = -5, f = 2.5, s = "text", is = [1, -2, 9223372036854775807], fs = [1.5, -2.0],
                 ss = ["a", "", "b"], t = float[2] {1.0, 2.0}> (x, _, i)
      y, _, z = x.Odd (a)
    })"));
}

TEST(ReaderAgainstOnnx, NestedSubgraphs) {
  expect_same(model_bytes(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N] x, bool c, int64 n) => (float[N] y) {
      y = If (c) <
        then_branch = t () => (float[N] r) {
          r = Loop (n, c, x) <body = b (int64 k, bool go, float[N] s) => (bool on, float[N] out) {
            on = Identity (go)
            out = Add (s, x)
          }>
        },
        else_branch = e () => (float[N] r) { r = Neg (x) }>
    })"));
}

// A random model: chains and fans of nodes with attributes of all kinds and initializers of all
// dtypes and encodings that ONNX 1.12 can write.
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed * 2654435761U + 1) {}
  std::uint32_t below(std::uint32_t n) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8) % n;
  }

 private:
  std::uint32_t state_;
};

void fill_attribute(AttributeProto& a, Random& random) {
  a.set_name("a" + std::to_string(random.below(1000)));
  const int n = static_cast<int>(random.below(5));
  switch (random.below(6)) {
    case 0:
      a.set_type(AttributeProto::INT);
      a.set_i(n - 2);
      break;
    case 1:
      a.set_type(AttributeProto::FLOAT);
      a.set_f(0.5F);
      break;
    case 2:
      a.set_type(AttributeProto::STRING);
      a.set_s("s");
      break;
    case 3:
      a.set_type(AttributeProto::INTS);
      for (int i = 0; i < n; ++i) a.add_ints(-i);
      break;
    case 4:
      a.set_type(AttributeProto::FLOATS);
      for (int i = 0; i < n; ++i) a.add_floats(0.25F);
      break;
    default:
      a.set_type(AttributeProto::STRINGS);
      for (int i = 0; i < n; ++i) a.add_strings("x" + std::to_string(i));
  }
}

void fill_tensor(TensorProto& t, const std::string& name, Random& random) {
  t.set_name(name);
  std::int64_t n = 1;
  for (std::uint32_t rank = random.below(4); rank-- > 0;) {
    t.add_dims(random.below(4));
    n *= t.dims(t.dims_size() - 1);
  }
  switch (random.below(4)) {
    case 0:
      t.set_data_type(TensorProto::FLOAT);
      t.set_raw_data(std::string(static_cast<std::size_t>(4 * n), '\1'));
      break;
    case 1:
      t.set_data_type(TensorProto::INT64);
      for (std::int64_t i = 0; i < n; ++i) t.add_int64_data(i - 2);
      break;
    case 2:
      t.set_data_type(TensorProto::FLOAT16);
      for (std::int64_t i = 0; i < n; ++i) t.add_int32_data(0x3C00);
      break;
    default: {
      t.set_data_type(TensorProto::INT8);
      t.set_data_location(TensorProto::EXTERNAL);
      auto* entry = t.add_external_data();
      entry->set_key("location");
      entry->set_value("nowhere.bin");
    }
  }
}

std::string random_model(std::uint32_t seed) {
  Random random(seed);
  ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  GraphProto& graph = *model.mutable_graph();
  graph.set_name("random");
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < 1 + random.below(4); ++i) {
    auto* input = graph.add_input();
    names.push_back("in" + std::to_string(i));
    input->set_name(names.back());
    auto* type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(TensorProto::FLOAT);
    for (std::uint32_t d = 0; d < random.below(4); ++d) {
      auto* dim = type->mutable_shape()->add_dim();
      if (random.below(2) == 0) {
        dim->set_dim_value(d);
      } else {
        dim->set_dim_param("d" + std::to_string(d));
      }
    }
  }
  for (std::uint32_t i = 0; i < random.below(5); ++i) {
    names.push_back("w" + std::to_string(i));
    fill_tensor(*graph.add_initializer(), names.back(), random);
  }
  for (std::uint32_t i = 0; i < 1 + random.below(20); ++i) {
    NodeProto& n = *graph.add_node();
    n.set_op_type("Op" + std::to_string(random.below(3)));
    if (random.below(3) > 0) n.set_name("node" + std::to_string(i));
    for (std::uint32_t k = 0; k < random.below(4); ++k) {
      n.add_input(random.below(8) == 0
                      ? ""
                      : names[random.below(static_cast<std::uint32_t>(names.size()))]);
    }
    for (std::uint32_t k = 0; k < 1 + random.below(2); ++k) {
      names.push_back("t" + std::to_string(i) + "_" + std::to_string(k));
      n.add_output(names.back());
    }
    for (std::uint32_t k = 0; k < random.below(3); ++k) fill_attribute(*n.add_attribute(), random);
  }
  auto* output = graph.add_output();
  output->set_name(names.back());
  output->mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  return model.SerializeAsString();
}

TEST(ReaderAgainstOnnx, RandomModels) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    expect_same(random_model(seed));
  }
}

}  // namespace
}  // namespace aiprof::test
