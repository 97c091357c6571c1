#include <algorithm>
#include <utility>

#include "aiprof/base/text.h"
#include "frontend/graph_reader.h"

namespace aiprof {

using wire::Bytes;
using wire::Field;
using wire::text;

namespace {

// Repeated parts of one AttributeProto, gathered before they move to the arena.
struct Lists {
  std::vector<std::int64_t> ints;
  std::vector<float> floats;
  std::vector<std::string_view> strings;
  std::vector<Bytes> graphs;
};

void read_floats(const Field& f, std::vector<float>& out) {
  if (!f.is_bytes()) {
    out.push_back(f.real());
    return;
  }
  const std::size_t n = f.bytes.size() / sizeof(float);
  if (n == 0) return;
  out.resize(out.size() + n);
  std::memcpy(out.data() + out.size() - n, f.bytes.data(), n * sizeof(float));
}

void read_ints(const Field& f, std::vector<std::int64_t>& out) {
  if (!f.is_bytes()) {
    out.push_back(f.integer());
    return;
  }
  wire::Reader packed(f.bytes);
  while (!packed.at_end()) out.push_back(static_cast<std::int64_t>(packed.varint()));
}

// A member of one of the lists; others are passed over.
void read_list(const Field& f, Lists& lists, AttrType& type) {
  switch (f.id) {
    case 6:
      lists.graphs.push_back(f.bytes), type = AttrType::kGraph;
      break;
    case 7:
      read_floats(f, lists.floats), type = AttrType::kFloats;
      break;
    case 8:
      read_ints(f, lists.ints), type = AttrType::kInts;
      break;
    case 9:
      lists.strings.push_back(text(f.bytes)), type = AttrType::kStrings;
      break;
    case 11:
      lists.graphs.push_back(f.bytes), type = AttrType::kGraphs;
      break;
    default:
      break;
  }
}

// AttributeProto.AttributeType, for files that state it; old ones are read by what they fill.
AttrType declared_type(std::int64_t number) {
  switch (number) {
    case 1:
      return AttrType::kFloat;
    case 2:
      return AttrType::kInt;
    case 3:
      return AttrType::kString;
    case 4:
      return AttrType::kTensor;
    case 5:
      return AttrType::kGraph;
    case 6:
      return AttrType::kFloats;
    case 7:
      return AttrType::kInts;
    case 8:
      return AttrType::kStrings;
    case 9:
      return AttrType::kTensors;
    case 10:
      return AttrType::kGraphs;
    case 11:
      return AttrType::kSparseTensor;
    case 13:
      return AttrType::kType;
    default:
      return AttrType::kNone;
  }
}

std::string_view attribute_name(Bytes message) {
  std::string_view name;
  wire::for_each_field(message, [&](const Field& f) {
    if (f.id == 1) name = text(f.bytes);
  });
  return name;
}

bool is_reference(Bytes message) {
  bool found = false;
  wire::for_each_field(message, [&](const Field& f) { found = found || f.id == 21; });
  return found;
}

}  // namespace

Attribute GraphReader::read_attribute(Bytes message, std::size_t scope, NodeId owner) {
  Attribute a;
  Lists lists;
  std::string_view reference;
  AttrType stated = AttrType::kNone;
  const auto store = [&](StoredTensor t, AttrType type) {
    graph_.stored.push_back(std::move(t));
    a.tensor = &graph_.stored.back();
    a.type = type;
  };
  wire::for_each_field(message, [&](const Field& f) {
    switch (f.id) {
      case 1:
        a.name = text(f.bytes);
        break;
      case 2:
        a.f = f.real(), a.type = AttrType::kFloat;
        break;
      case 3:
        a.i = f.integer(), a.type = AttrType::kInt;
        break;
      case 4:
        a.s = text(f.bytes), a.type = AttrType::kString;
        break;
      case 5:
        store(read_tensor(f.bytes).tensor, AttrType::kTensor);
        break;
      case 14:
        a.type_value = keep_type(f.bytes), a.type = AttrType::kType;
        break;
      case 20:
        stated = declared_type(f.integer());
        break;
      case 21:
        reference = text(f.bytes);
        break;
      case 22:
        store(read_sparse_tensor(f.bytes).tensor, AttrType::kSparseTensor);
        break;
      default:
        read_list(f, lists, a.type);
        break;
    }
  });
  if (!reference.empty()) {
    resolve_reference(a, reference, scope, owner);
    return a;
  }
  // Writers may leave out members that hold their default (0, an empty list).
  if (stated != AttrType::kNone) a.type = stated;
  a.ints = storage_.keep(std::span<const std::int64_t>(lists.ints));
  a.floats = storage_.keep(std::span<const float>(lists.floats));
  a.strings = storage_.keep(std::span<const std::string_view>(lists.strings));
  a.regions = add_regions(lists.graphs, scope, owner, a.name);
  return a;
}

std::span<const RegionId> GraphReader::add_regions(const std::vector<Bytes>& graphs,
                                                   std::size_t scope, NodeId owner,
                                                   std::string_view attribute) {
  std::vector<RegionId> regions;
  for (const Bytes& g : graphs) {
    const Node& node = graph_.nodes[index(owner)];
    const std::string_view part = node.name.empty() ? graph_.op_type(node).type : node.name;
    regions.push_back(add_region(g, scope, owner, label(label(node.path, part), attribute)));
  }
  return storage_.keep(std::span<const RegionId>(regions));
}

// An attribute of a function body that takes its value from the call, or the function's default.
void GraphReader::resolve_reference(Attribute& a, std::string_view reference, std::size_t scope,
                                    NodeId owner) {
  const Scope& s = *scopes_[scope];
  const std::string_view own_name = a.name;
  const auto given = std::find_if(s.call_attributes.begin(), s.call_attributes.end(),
                                  [&](const Attribute& c) { return c.name == reference; });
  a = Attribute{};
  if (given != s.call_attributes.end()) {
    a = *given;
  } else if (s.function != nullptr) {
    for (const Bytes& message : s.function->attribute_defaults) {
      // A default refers to nothing itself, so this does not go deeper.
      if (attribute_name(message) == reference && !is_reference(message)) {
        a = read_attribute(message, scope, owner);
      }
    }
  }
  a.name = own_name;
}

}  // namespace aiprof
