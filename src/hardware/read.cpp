#include "hardware/read.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "aiprof/base/text.h"
#include "aiprof/hardware/catalogue.h"

namespace aiprof {
namespace hw {
namespace {

template <typename E, std::size_t N>
E enum_of(const std::string_view (&words)[N], const Json& value) {
  const auto* const it = std::ranges::find(words, value.get_ref<const std::string&>());
  return static_cast<E>(it - std::begin(words));
}

// An object of the document together with its dotted path.
class Node {
 public:
  Node(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  [[nodiscard]] const Json* find(std::string_view key) const {
    const auto it = json_.find(key);
    return it == json_.end() ? nullptr : &*it;
  }
  [[nodiscard]] std::string path(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
  }

  [[nodiscard]] std::string text(std::string_view key) const {
    const Json* value = find(key);
    return value == nullptr ? std::string() : value->get<std::string>();
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const {
    const Json* value = find(key);
    return value == nullptr ? std::vector<std::string>() : value->get<std::vector<std::string>>();
  }
  [[nodiscard]] std::uint32_t integer(std::string_view key) const {
    const Json* value = find(key);
    return value == nullptr ? 0 : static_cast<std::uint32_t>(value->get<double>());
  }
  template <typename E, std::size_t N>
  [[nodiscard]] E word(std::string_view key, const std::string_view (&words)[N],
                       E otherwise) const {
    const Json* value = find(key);
    return value == nullptr ? otherwise : enum_of<E>(words, *value);
  }
  [[nodiscard]] Quantity quantity(std::string_view key) const {
    Quantity q;
    const Json* value = find(key);
    if (value == nullptr) return q;
    q.path = path(key);
    if (value->is_number()) {
      q.value = value->get<double>();
      q.status = Status::kUser;
      return q;
    }
    const Node inner(*value, "");
    q.value = value->at("value").get<double>();
    q.status = inner.word("status", kStatusWords, Status::kUser);
    q.source = inner.text("source");
    q.note = inner.text("note");
    return q;
  }
  [[nodiscard]] PerMathType<Quantity> per_type(std::string_view key) const {
    PerMathType<Quantity> result;
    if (const Json* value = find(key)) {
      const Node map(*value, path(key));
      for (const MathType type : all_math_types()) result[type] = map.quantity(name(type));
    }
    return result;
  }
  // The object at `key`; an empty one if there is none.
  [[nodiscard]] Node child(std::string_view key) const {
    static const Json none = Json::object();
    const Json* value = find(key);
    return {value == nullptr ? none : *value, path(key)};
  }
  // The elements of the list at `key`.
  [[nodiscard]] std::vector<Node> children(std::string_view key) const {
    std::vector<Node> result;
    const Json* list = find(key);
    if (list == nullptr) return result;
    const std::vector<std::string> names = selectors(*list);
    for (std::size_t i = 0; i < list->size(); ++i) {
      result.emplace_back((*list)[i], path(key) + '.' + names[i]);
    }
    return result;
  }
  // The entries of the map at `key`.
  [[nodiscard]] std::vector<std::pair<std::string, Node>> entries(std::string_view key) const {
    std::vector<std::pair<std::string, Node>> result;
    if (const Json* map = find(key)) {
      for (const auto& [name, value] : map->items()) {
        result.emplace_back(name, Node(value, path(key) + '.' + name));
      }
    }
    return result;
  }

 private:
  const Json& json_;
  std::string path_;
};

MatrixTile read_tile(const Node& n) {
  return {.m = n.integer("m"),
          .n = n.integer("n"),
          .k = n.integer("k"),
          .status = n.word("status", kStatusWords, Status::kUser),
          .source = n.text("source")};
}

SystolicArray read_array(const Node& n) {
  return {.rows = n.integer("rows"),
          .cols = n.integer("cols"),
          .dataflow = n.word("dataflow", kDataflowWords, Dataflow::kWeightStationary),
          .status = n.word("status", kStatusWords, Status::kUser),
          .source = n.text("source")};
}

Engine read_engine(const Node& n) {
  Engine e;
  e.name = n.text("name");
  e.unit = n.word("unit", kUnitWords, e.unit);
  e.unit_name = n.text("unit_name");
  e.count = n.quantity("count");
  e.clock_hz = n.quantity("clock_hz");
  e.peaks = n.per_type("peaks");
  e.ops_per_clock = n.per_type("ops_per_clock");
  e.achievable_fraction = n.per_type("achievable_fraction");
  e.joules_per_operation = n.per_type("joules_per_operation");
  const Node accumulate = n.child("accumulate");
  for (const MathType type : all_math_types()) {
    e.accumulate[type] = parse_math_type(accumulate.text(name(type)));
  }
  if (n.find("tile") != nullptr) e.tile = read_tile(n.child("tile"));
  if (n.find("array") != nullptr) e.array = read_array(n.child("array"));
  e.simd_lanes = n.quantity("simd_lanes");
  if (n.find("sparsity") != nullptr) {
    const Node s = n.child("sparsity");
    e.sparsity = Sparsity{.pattern = s.text("pattern"), .factor = s.quantity("factor")};
  }
  e.special_function_rate = n.quantity("special_function_rate");
  e.cluster_units = n.quantity("cluster_units");
  e.note = n.text("note");
  return e;
}

MemoryLevel read_level(const Node& n) {
  MemoryLevel m;
  m.name = n.text("name");
  m.kind = n.word("level", kLevelWords, m.kind);
  m.scope = n.word("scope", kScopeWords, m.scope);
  m.units = n.quantity("units");
  m.capacity_bytes = n.quantity("capacity_bytes");
  m.bandwidth_bytes_per_second = n.quantity("bandwidth_bytes_per_second");
  m.measured_bandwidth_bytes_per_second = n.quantity("measured_bandwidth_bytes_per_second");
  m.achievable_fraction = n.quantity("achievable_fraction");
  m.effective_capacity_fraction = n.quantity("effective_capacity_fraction");
  m.residency_seconds = n.quantity("residency_seconds");
  m.latency_seconds = n.quantity("latency_seconds");
  m.joules_per_byte = n.quantity("joules_per_byte");
  m.note = n.text("note");
  return m;
}

Link read_link(const Node& n) {
  Link l;
  l.name = n.text("name");
  l.to = n.word("to", kLinkWords, l.to);
  l.bandwidth_bytes_per_second = n.quantity("bandwidth_bytes_per_second");
  l.achievable_fraction = n.quantity("achievable_fraction");
  l.latency_seconds = n.quantity("latency_seconds");
  l.joules_per_byte = n.quantity("joules_per_byte");
  l.note = n.text("note");
  return l;
}

Calibration read_calibration(const Node& n) {
  Calibration c;
  c.state = n.word("state", kStateWords, c.state);
  const Node constants = n.child("constants");
  for (const auto& [key, unused] : n.entries("constants")) {
    c.constants.emplace(key, constants.quantity(key));
  }
  for (const auto& [key, r] : n.entries("residuals")) {
    c.residuals.emplace(
        key, Residual{r.quantity("n"), r.quantity("p10"), r.quantity("p50"), r.quantity("p90")});
  }
  c.fitted_on = n.texts("fitted_on");
  c.date = n.text("date");
  c.notes = n.text("notes");
  return c;
}

void read_costs(const Node& root, Hardware& h) {
  const Node launch = root.child("launch");
  h.launch = {.stream_seconds = launch.quantity("stream_seconds"),
              .graph_seconds = launch.quantity("graph_seconds"),
              .dispatch_seconds = launch.quantity("dispatch_seconds"),
              .kernel_floor_seconds = launch.quantity("kernel_floor_seconds")};
  const Node power = root.child("power");
  h.power = {.tdp_watts = power.quantity("tdp_watts"), .idle_watts = power.quantity("idle_watts")};
  const Node unsupported = root.child("unsupported");
  h.unsupported = {.operators = unsupported.texts("operators"),
                   .op_classes = unsupported.texts("op_classes"),
                   .dtypes = unsupported.texts("dtypes")};
  h.calibration = read_calibration(root.child("calibration"));
}

}  // namespace

std::string slug(std::string_view text) {
  std::string result;
  for (const char c : lower(text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      result += c;
    } else if (!result.empty() && result.back() != '-') {
      result += '-';
    }
  }
  while (!result.empty() && result.back() == '-') result.pop_back();
  return result;
}

std::string element_word(const Json& element) {
  for (const char* key : {"unit", "level", "to"}) {
    const auto it = element.find(key);
    if (it != element.end() && it->is_string()) return it->get<std::string>();
  }
  return {};
}

std::vector<std::string> selectors(const Json& list) {
  std::vector<std::string> words;
  std::vector<std::string> names;
  for (const Json& element : list) {
    words.push_back(element_word(element));
    names.push_back(slug(element.value("name", "")));
  }
  std::vector<std::string> result;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool word_unique = !words[i].empty() && std::ranges::count(words, words[i]) == 1;
    const bool name_unique = !names[i].empty() && std::ranges::count(names, names[i]) == 1 &&
                             std::ranges::count(words, names[i]) == 0;
    result.push_back(word_unique ? words[i] : name_unique ? names[i] : std::to_string(i));
  }
  return result;
}

Hardware read_document(const Json& document) {
  const Node root(document, "");
  Hardware h;
  h.id = root.text("id");
  h.name = root.text("name");
  h.vendor = root.text("vendor");
  if (root.find("year") != nullptr) h.year = static_cast<int>(root.integer("year"));
  h.process = root.text("process");
  h.description = root.text("description");
  h.aliases = root.texts("aliases");
  h.notes = root.texts("notes");
  for (const auto& [key, n] : root.entries("sources")) {
    h.sources.push_back(
        {.key = key, .title = n.text("title"), .url = n.text("url"), .date = n.text("date")});
  }
  for (const Node& n : root.children("engines")) h.engines.push_back(read_engine(n));
  for (const Node& n : root.children("memory")) h.memory.push_back(read_level(n));
  for (const Node& n : root.children("links")) h.links.push_back(read_link(n));
  read_costs(root, h);
  h.hash = content_hash(document);
  return h;
}

}  // namespace hw

Hardware parse_hardware(std::string_view text, std::string_view file) {
  const hw::Json document = hw::parse_document(text, file);
  hw::check_document(document, file);
  Hardware hardware = hw::read_document(document);
  hardware.file = std::string(file);
  return hardware;
}

}  // namespace aiprof
