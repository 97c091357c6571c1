#include "report/json.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "report/block.h"
#include "report/json_text.h"

namespace aiprof {
namespace {

using json_text::append;
using json_text::Object;

constexpr std::string_view kSchemaVersion = "1";

// Absent instead of null: what is unknown, not finite or empty leaves no key.
void put(Object& o, std::string_view key, const std::string& value) {
  if (!value.empty()) o.add(key, value);
}
void put(Object& o, std::string_view key, std::optional<std::uint64_t> value) {
  if (value) o.add(key, *value);
}
void put(Object& o, std::string_view key, Count value) {
  if (value.known()) o.add(key, value.value());
}
void put(Object& o, std::string_view key, std::optional<double> value) {
  if (value && std::isfinite(*value)) o.add(key, *value);
}
void put(Object& o, std::string_view key, std::optional<Bound> value) {
  if (value) o.add(key, name(*value));
}

void put(Object& o, const Seconds& s) {
  put(o, "latency_seconds", std::optional(s.latency));
  put(o, "compute_seconds", std::optional(s.compute));
  put(o, "memory_seconds", std::optional(s.memory));
  put(o, "overhead_seconds", std::optional(s.overhead));
  put(o, "energy_joules", std::optional(s.joules));
}

void put(Object& o, const WorkRow& w) {
  put(o, "flops", w.flops);
  put(o, "macs", w.macs);
  put(o, "transcendentals", w.transcendentals);
  put(o, "integer_ops", w.integer_ops);
  put(o, "bytes_read", w.bytes_read);
  put(o, "bytes_written", w.bytes_written);
  put(o, "weight_bytes_read", w.weight_bytes_read);
}

void put(Object& o, const std::optional<MeasuredTime>& time) {
  if (!time) return;
  put(o, "measured_seconds", std::optional(time->seconds));
  put(o, "ratio", time->ratio());
}

void append_tensors(std::string& out, const Report& r, const std::vector<std::size_t>& ids) {
  const auto append_dim = [](std::string& to, const DimText& dim) {
    std::visit([&to](const auto& d) { append(to, d); }, dim);
  };
  json_text::append_list(out, ids, [&](std::string& to, std::size_t id) {
    const TensorRow& t = r.tensors[id];
    Object o(to);
    o.add("name", t.name);
    put(o, "dtype", t.dtype);
    if (t.shape) json_text::append_list(o.begin("shape"), *t.shape, append_dim);
  });
}

void append_model(std::string& out, const Report& r) {
  Object o(out);
  o.add("file", r.model.file);
  o.add("ir_version", r.model.ir_version);
  {
    // The last import of a domain counts; "" is ai.onnx, as in model files.
    std::vector<OpsetImport> opsets;
    for (const OpsetImport& import : r.model.opsets) {
      const auto same = std::find_if(opsets.begin(), opsets.end(), [&](const OpsetImport& known) {
        return known.domain == import.domain;
      });
      if (same == opsets.end()) {
        opsets.push_back(import);
      } else {
        same->version = import.version;
      }
    }
    Object versions(o.begin("opset"));
    for (const OpsetImport& import : opsets) versions.add_named(import.domain, import.version);
  }
  {
    Object dims(o.begin("dims"));
    for (const auto& [dim, n] : r.model.dims) dims.add_named(dim, n);
  }
  append_tensors(o.begin("inputs"), r, r.model.inputs);
  append_tensors(o.begin("outputs"), r, r.model.outputs);
}

void append_hardware(std::string& out, const HardwareRow& h) {
  Object o(out);
  o.add("id", h.id);
  o.add("name", h.name);
  put(o, "hash", h.hash);
  put(o, "calibration", h.calibration);
  if (!h.edits.empty()) o.add("edits", h.edits);
  o.add("memory_capacity_bytes", h.memory_bytes);
}

void append_coverage(std::string& out, const Coverage& c) {
  Object o(out);
  o.add("nodes", c.nodes);
  o.add("exact", c.exact);
  o.add("assumed", c.assumed);
  o.add("folded", c.folded);
  o.add("gaps", c.gaps);
}

void append_node(std::string& out, const Report& r, const NodeRow& n) {
  Object o(out);
  o.add("index", n.index);
  o.add("name", n.name);
  o.add("path", n.path);
  o.add("op_type", n.op_type);
  o.add("domain", n.domain);
  o.add("op_class", n.op_class);
  o.add("status", name(n.status));
  put(o, "reason", n.reason);
  put(o, "block", block_prefix(n.block, 0));
  put(o, "trips", n.trips);
  append_tensors(o.begin("inputs"), r, n.inputs);
  append_tensors(o.begin("outputs"), r, n.outputs);
  if (n.work) put(o, *n.work);
  put(o, "arithmetic_intensity", n.arithmetic_intensity);
  if (n.kernel) o.add("kernel", *n.kernel);
  if (n.seconds) put(o, *n.seconds);
  put(o, "bound", n.bound);
  put(o, n.measured);
}

void append_kernel(std::string& out, const KernelRow& k) {
  Object o(out);
  o.add("index", k.index);
  o.add("name", k.name);
  o.add("nodes", k.nodes);
  o.add("op_class", k.op_class);
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
  put(o, k.measured);
  put(o, "measured_flops_per_second", k.measured_flops_per_second);
  put(o, "measured_bytes_per_second", k.measured_bytes_per_second);
  put(o, "measured_mfu", k.measured_mfu);
  put(o, "measured_mbu", k.measured_mbu);
  if (k.measured_with) o.add("measured_with", *k.measured_with);
}

void append_state(std::string& out, const StateRow& s) {
  Object o(out);
  o.add("past", s.past);
  o.add("present", s.present);
  o.add("kind", s.kind);
  put(o, "bytes", s.bytes);
  put(o, "bytes_per_token", s.bytes_per_token);
  o.add("in_place", s.in_place);
}

void append_ridge(std::string& out, const Ridge& r) {
  Object o(out);
  o.add("engine", r.engine);
  put(o, "peak_flops_per_second", std::optional(r.flops_per_second));
  put(o, "flops_per_byte", std::optional(r.flops_per_byte));
}

void append_group(std::string& out, const GroupRow& g) {
  Object o(out);
  o.add("key", g.key);
  o.add("nodes", g.nodes);
  o.add("gaps", g.gaps);
  put(o, g.work);
  if (g.seconds) put(o, *g.seconds);
  put(o, "bound", g.bound);
  put(o, g.measured);
}

void append_unmatched(std::string& out, const UnmatchedRow& u) {
  Object o(out);
  o.add("name", u.name);
  put(o, "op_type", u.op_type);
  put(o, "seconds", std::optional(u.seconds));
  o.add("reason", u.reason);
}

void append_measured(std::string& out, const MeasuredRow& m) {
  Object o(out);
  o.add("file", m.file);
  o.add("format", m.format);
  o.add("runs", m.runs);
  o.add("events", m.events);
  o.add("kernels", m.kernels);
  put(o, "seconds", std::optional(m.seconds));
  put(o, "matched_seconds", std::optional(m.matched_seconds));
  put(o, "free_seconds", std::optional(m.free_seconds));
  put(o, "predicted_seconds", std::optional(m.nodes.predicted_seconds));
  put(o, "mape", m.mape);
  put(o, "weighted_mape", m.weighted_mape);
  put(o, "other_shapes", m.other_shapes);
  o.add("notes", m.notes);
  json_text::append_list(o.begin("unmatched"), m.unmatched, append_unmatched);
}

void append_totals(std::string& out, const ReportTotals& t) {
  Object o(out);
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
  if (t.fits) o.add("fits", *t.fits);
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
}

// Writes an object with one key on each line.
class ObjectWriter {
 public:
  ObjectWriter(std::string& out, std::string indent) : out_(out), indent_(std::move(indent)) {
    out_ += "{";
  }
  template <typename T>
  void add(std::string_view key, const T& value) {
    append(begin(key), value);
  }
  // An array with one element on each line; `write(out, item)` appends an item.
  template <typename Items, typename Write>
  void add_rows(std::string_view key, const Items& items, const Write& write) {
    begin(key) += "[";
    bool first = true;
    for (const auto& item : items) {
      out_ += first ? "\n" : ",\n";
      first = false;
      out_ += indent_;
      out_ += "    ";
      write(out_, item);
    }
    if (!items.empty()) out_ += "\n" + indent_ + "  ";
    out_ += "]";
  }
  void close() { out_ += "\n" + indent_ + "}"; }

  // Where the value of `key` is to be appended.
  std::string& begin(std::string_view key) {
    out_ += first_ ? "\n" : ",\n";
    first_ = false;
    return out_ += indent_ + "  \"" + std::string(key) + "\": ";
  }

 private:
  std::string& out_;
  std::string indent_;
  bool first_ = true;
};

void write_one(std::string& out, const Report& r, const WriteOptions& options,
               const std::string& indent) {
  ObjectWriter w(out, indent);
  w.add("schema_version", kSchemaVersion);
  w.add("aiprof_version", program_version());
  append_model(w.begin("model"), r);
  if (r.hardware) append_hardware(w.begin("hardware"), *r.hardware);
  if (!r.runtime.empty()) w.add("runtime", r.runtime);
  std::vector<std::string> notes = r.assumptions;
  notes.insert(notes.end(), r.notes.begin(), r.notes.end());
  w.add("notes", notes);
  append_coverage(w.begin("coverage"), r.coverage);
  append_totals(w.begin("totals"), r.totals);
  if (r.measured) append_measured(w.begin("measured"), *r.measured);
  if (!r.ridges.empty()) w.add_rows("ridge_points", r.ridges, append_ridge);
  w.add_rows("states", r.states, append_state);
  if (options.group_by) {
    w.add("group_by", std::string_view(*options.group_by == GroupBy::kBlock ? "block" : "op_type"));
    w.add_rows("groups", group_rows(r, *options.group_by, options.depth), append_group);
  }
  w.add_rows("nodes", r.nodes, [&](std::string& to, const NodeRow& n) { append_node(to, r, n); });
  if (r.hardware) w.add_rows("kernels", r.kernels, append_kernel);
  w.close();
}

}  // namespace

std::string write_json(std::span<const Report> reports, const WriteOptions& options) {
  std::string out;
  if (reports.size() == 1) {
    write_one(out, reports[0], options, "");
    out += "\n";
    return out;
  }
  out +=
      "{\n  \"schema_version\": \"" + std::string(kSchemaVersion) + "\",\n  \"reports\": [\n    ";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (i > 0) out += ",\n    ";
    write_one(out, reports[i], options, "    ");
  }
  out += "\n  ]\n}\n";
  return out;
}

}  // namespace aiprof
