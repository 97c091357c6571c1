#include "report/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/block.h"

namespace aiprof {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchemaVersion = "1";

// Absent instead of null: what is unknown, not finite or empty leaves no key.
void put(Json& o, const char* key, const std::string& value) {
  if (!value.empty()) o[key] = value;
}
void put(Json& o, const char* key, std::optional<std::uint64_t> value) {
  if (value) o[key] = *value;
}
void put(Json& o, const char* key, Count value) {
  if (value.known()) o[key] = value.value();
}
void put(Json& o, const char* key, std::optional<double> value) {
  if (value && std::isfinite(*value)) o[key] = *value;
}
void put(Json& o, const char* key, std::optional<Bound> value) {
  if (value) o[key] = std::string(name(*value));
}

void put(Json& o, const Seconds& s) {
  put(o, "latency_seconds", std::optional(s.latency));
  put(o, "compute_seconds", std::optional(s.compute));
  put(o, "memory_seconds", std::optional(s.memory));
  put(o, "overhead_seconds", std::optional(s.overhead));
  put(o, "energy_joules", std::optional(s.joules));
}

void put(Json& o, const WorkRow& w) {
  put(o, "flops", w.flops);
  put(o, "macs", w.macs);
  put(o, "transcendentals", w.transcendentals);
  put(o, "integer_ops", w.integer_ops);
  put(o, "bytes_read", w.bytes_read);
  put(o, "bytes_written", w.bytes_written);
  put(o, "weight_bytes_read", w.weight_bytes_read);
}

Json tensors_json(const Report& r, const std::vector<std::size_t>& ids) {
  Json list = Json::array();
  for (const std::size_t id : ids) {
    const TensorRow& t = r.tensors[id];
    Json o = Json::object();
    o["name"] = t.name;
    put(o, "dtype", t.dtype);
    if (t.shape) {
      Json shape = Json::array();
      for (const DimText& d : *t.shape) {
        std::visit([&](const auto& dim) { shape.push_back(dim); }, d);
      }
      o["shape"] = std::move(shape);
    }
    list.push_back(std::move(o));
  }
  return list;
}

Json model_json(const Report& r) {
  Json o = Json::object();
  o["file"] = r.model.file;
  o["ir_version"] = r.model.ir_version;
  o["opset"] = Json::object();
  for (const OpsetImport& opset : r.model.opsets) {
    o["opset"][opset.domain] = opset.version;  // "" is ai.onnx, as in model files
  }
  o["dims"] = Json::object();
  for (const auto& [dim, n] : r.model.dims) o["dims"][dim] = n;
  o["inputs"] = tensors_json(r, r.model.inputs);
  o["outputs"] = tensors_json(r, r.model.outputs);
  return o;
}

Json hardware_json(const HardwareRow& h) {
  Json o = Json::object();
  o["id"] = h.id;
  o["name"] = h.name;
  put(o, "hash", h.hash);
  put(o, "calibration", h.calibration);
  if (!h.edits.empty()) o["edits"] = h.edits;
  o["memory_capacity_bytes"] = h.memory_bytes;
  return o;
}

Json coverage_json(const Coverage& c) {
  return {{"nodes", c.nodes},
          {"exact", c.exact},
          {"assumed", c.assumed},
          {"folded", c.folded},
          {"gaps", c.gaps}};
}

Json node_json(const Report& r, const NodeRow& n) {
  Json o = Json::object();
  o["index"] = n.index;
  o["name"] = n.name;
  o["path"] = n.path;
  o["op_type"] = n.op_type;
  o["domain"] = n.domain;
  o["op_class"] = n.op_class;
  o["status"] = std::string(name(n.status));
  put(o, "reason", n.reason);
  put(o, "block", block_prefix(n.block, 0));
  put(o, "trips", n.trips);
  o["inputs"] = tensors_json(r, n.inputs);
  o["outputs"] = tensors_json(r, n.outputs);
  if (n.work) put(o, *n.work);
  put(o, "arithmetic_intensity", n.arithmetic_intensity);
  if (n.kernel) o["kernel"] = *n.kernel;
  if (n.seconds) put(o, *n.seconds);
  put(o, "bound", n.bound);
  return o;
}

Json kernel_json(const KernelRow& k) {
  Json o = Json::object();
  o["index"] = k.index;
  o["name"] = k.name;
  o["nodes"] = k.nodes;
  o["op_class"] = k.op_class;
  put(o, "fusion", k.fusion);
  put(o, "engine", k.engine);
  put(o, "unsupported", k.unsupported);
  put(o, "launches", k.launches);
  put(o, "flops", k.flops);
  put(o, "bytes_read", k.bytes_read);
  put(o, "bytes_written", k.bytes_written);
  put(o, "saved_bytes", k.saved_bytes);
  put(o, "arithmetic_intensity", k.arithmetic_intensity);
  put(o, k.seconds);
  put(o, "latency_low_seconds", std::optional(k.latency_low_seconds));
  put(o, "latency_high_seconds", std::optional(k.latency_high_seconds));
  put(o, "bound", std::optional(k.bound));
  put(o, "mfu", k.mfu);
  put(o, "mbu", k.mbu);
  return o;
}

Json state_json(const StateRow& s) {
  Json o = Json::object();
  o["past"] = s.past;
  o["present"] = s.present;
  o["kind"] = s.kind;
  put(o, "bytes", s.bytes);
  put(o, "bytes_per_token", s.bytes_per_token);
  o["in_place"] = s.in_place;
  return o;
}

Json ridge_json(const Ridge& r) {
  Json o = Json::object();
  o["engine"] = r.engine;
  put(o, "peak_flops_per_second", std::optional(r.flops_per_second));
  put(o, "flops_per_byte", std::optional(r.flops_per_byte));
  return o;
}

Json group_json(const GroupRow& g) {
  Json o = Json::object();
  o["key"] = g.key;
  o["nodes"] = g.nodes;
  o["gaps"] = g.gaps;
  put(o, g.work);
  if (g.seconds) put(o, *g.seconds);
  put(o, "bound", g.bound);
  return o;
}

Json totals_json(const ReportTotals& t) {
  Json o = Json::object();
  put(o, t.work);
  if (t.seconds) put(o, *t.seconds);
  put(o, "kernel_bytes_read", t.kernel_bytes_read);
  put(o, "kernel_bytes_written", t.kernel_bytes_written);
  put(o, "parameters", t.parameters);
  put(o, "buffers", t.buffers);
  put(o, "weight_bytes", t.weight_bytes);
  put(o, "peak_activation_bytes", t.peak_activation_bytes);
  put(o, "kv_cache_bytes", t.kv_cache_bytes);
  put(o, "kv_cache_bytes_per_token", t.kv_cache_bytes_per_token);
  put(o, "memory_bytes", t.memory_bytes);
  if (t.fits) o["fits"] = *t.fits;
  put(o, "latency_low_seconds", t.latency_low_seconds);
  put(o, "latency_high_seconds", t.latency_high_seconds);
  put(o, "bound", t.bound);
  put(o, "throughput_per_second", t.throughput_per_second);
  put(o, "tokens_per_second", t.tokens_per_second);
  put(o, "arithmetic_intensity", t.arithmetic_intensity);
  put(o, "mfu", t.mfu);
  put(o, "mbu", t.mbu);
  put(o, "average_watts", t.average_watts);
  put(o, "measured_latency_seconds", t.measured_latency_seconds);
  put(o, "measured_throughput_per_second", t.measured_throughput_per_second);
  put(o, "measured_mfu", t.measured_mfu);
  put(o, "measured_mbu", t.measured_mbu);
  return o;
}

// Writes an object key by key: a whole document in memory as a Json would be many times its text.
class ObjectWriter {
 public:
  ObjectWriter(std::string& out, std::string indent) : out_(out), indent_(std::move(indent)) {
    out_ += "{";
  }
  void add(std::string_view key, const Json& value) {
    begin(key);
    out_ += text(value);
  }
  // An array with one element on each line; `make` turns an item into Json.
  template <typename Items, typename Make>
  void add_rows(std::string_view key, const Items& items, const Make& make) {
    begin(key);
    out_ += "[";
    bool first = true;
    for (const auto& item : items) {
      out_ += first ? "\n" : ",\n";
      first = false;
      out_ += indent_ + "    " + text(make(item));
    }
    out_ += items.empty() ? "]" : "\n" + indent_ + "  ]";
  }
  void close() { out_ += "\n" + indent_ + "}"; }

 private:
  void begin(std::string_view key) {
    out_ += first_ ? "\n" : ",\n";
    first_ = false;
    out_ += indent_ + "  \"" + std::string(key) + "\": ";
  }
  // Names come from models: bytes that are not UTF-8 are replaced.
  static std::string text(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  std::string& out_;
  std::string indent_;
  bool first_ = true;
};

void write_one(std::string& out, const Report& r, const WriteOptions& options,
               const std::string& indent) {
  ObjectWriter w(out, indent);
  w.add("schema_version", std::string(kSchemaVersion));
  w.add("aiprof_version", std::string(program_version()));
  w.add("model", model_json(r));
  if (r.hardware) w.add("hardware", hardware_json(*r.hardware));
  if (!r.runtime.empty()) w.add("runtime", r.runtime);
  std::vector<std::string> notes = r.assumptions;
  notes.insert(notes.end(), r.notes.begin(), r.notes.end());
  w.add("notes", notes);
  w.add("coverage", coverage_json(r.coverage));
  w.add("totals", totals_json(r.totals));
  if (!r.ridges.empty()) w.add_rows("ridge_points", r.ridges, ridge_json);
  w.add_rows("states", r.states, state_json);
  if (options.group_by) {
    w.add("group_by", *options.group_by == GroupBy::kBlock ? "block" : "op_type");
    w.add_rows("groups", group_rows(r, *options.group_by, options.depth), group_json);
  }
  w.add_rows("nodes", r.nodes, [&](const NodeRow& n) { return node_json(r, n); });
  if (r.hardware) w.add_rows("kernels", r.kernels, kernel_json);
  w.close();
}

}  // namespace

std::string write_json(std::span<const Report> reports, const WriteOptions& options) {
  std::string out;
  if (reports.size() == 1) {
    write_one(out, reports[0], options, "");
    return out + "\n";
  }
  out +=
      "{\n  \"schema_version\": \"" + std::string(kSchemaVersion) + "\",\n  \"reports\": [\n    ";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (i > 0) out += ",\n    ";
    write_one(out, reports[i], options, "    ");
  }
  return out + "\n  ]\n}\n";
}

}  // namespace aiprof
