#include "report/html_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "report/chart.h"
#include "report/columns.h"
#include "report/value_pool.h"
#include "report/verdict.h"

namespace aiprof {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }
std::string number(double value) { return std::isfinite(value) ? format_shortest(value) : "null"; }
std::string flag(bool value) { return value ? "true" : "false"; }

// An object of texts that are JSON already. Unknown values leave no key.
class Object {
 public:
  Object& add(std::string_view key, std::string_view json) {
    text_ += fmt::format("{}{}:{}", text_.empty() ? "" : ",", script_string(key), json);
    return *this;
  }
  Object& add_text(std::string_view key, std::string_view text) {
    return add(key, script_string(text));
  }
  template <typename T>
  Object& add(std::string_view key, const std::optional<T>& value) {
    return value ? add(key, number(*value)) : *this;
  }
  [[nodiscard]] std::string json() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

template <typename Items, typename Make>
std::string list(const Items& items, const Make& make) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + make(item);
  return "[" + out + "]";
}

std::string_view style_name(Style style) {
  switch (style) {
    case Style::kText:
      return "text";
    case Style::kCount:
      return "count";
    case Style::kBytes:
      return "bytes";
    case Style::kSeconds:
      return "seconds";
    case Style::kJoules:
      return "joules";
    case Style::kWatts:
      return "watts";
    case Style::kRatio:
      return "ratio";
    case Style::kPercent:
      return "percent";
    case Style::kRate:
      return "rate";
  }
  return "text";
}

// Keys of the columns that the page shows, in the order of the CSV. The path is in the name.
std::vector<Column<TableRow>> node_columns(std::span<const Report> reports) {
  std::vector<std::string_view> keys = csv_keys(reports, {});
  std::erase(keys, "index");
  std::erase(keys, "path");
  return pick(row_columns(), std::span<const std::string_view>(keys));
}

std::string table_json(std::span<const Report> reports) {
  return list(node_columns(reports), [](const Column<TableRow>& c) {
    return Object()
        .add_text("key", c.key)
        .add_text("header", c.header)
        .add_text("unit", c.unit)
        .add_text("style", style_name(c.style))
        .json();
  });
}

std::string families_json() {
  return list(families(), [](const Family& f) {
    return Object()
        .add_text("name", f.name)
        .add("outline",
             list(f.outline, [](const Point& p) { return fmt::format("[{},{}]", p.x, p.y); }))
        .json();
  });
}

// The family of every class of operators that the reports have.
std::string classes_json(std::span<const Report> reports) {
  std::map<std::string, std::size_t> classes;
  for (const Report& r : reports) {
    for (const NodeRow& n : r.nodes) classes[n.op_class] = family_of(n.op_class);
  }
  Object o;
  for (const auto& [name, family] : classes) o.add(name, number(std::uint64_t{family}));
  return o.json();
}

// "float32 1x64x112x112, int64 scalar": what goes in or out of a node.
std::string signature(const Report& r, const std::vector<std::size_t>& tensors) {
  std::string out;
  for (const std::size_t t : tensors) {
    const TensorRow& tensor = r.tensors[t];
    std::string shape = tensor.shape ? "" : "?";
    if (tensor.shape && tensor.shape->empty()) shape = "scalar";
    if (tensor.shape) {
      for (const DimText& d : *tensor.shape) {
        if (!shape.empty()) shape += 'x';
        const auto* n = std::get_if<std::int64_t>(&d);
        shape += n != nullptr ? std::to_string(*n) : std::get<std::string>(d);
      }
    }
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ",
                       tensor.dtype.empty() ? "?" : tensor.dtype, shape);
  }
  return out;
}

class Tables {
 public:
  Tables(const Report& report, ValuePool& pool) : r_(report), pool_(pool) {}

  std::string nodes() {
    const std::vector<TableRow> rows = node_rows(r_);
    for (const Column<TableRow>& column : node_columns(std::span(&r_, 1))) {
      add_column(column.key, rows, [&](const TableRow& row) { return column.get(row); });
    }
    add_column("inputs", r_.nodes, [&](const NodeRow& n) { return Cell(signature(r_, n.inputs)); });
    add_column("outputs", r_.nodes,
               [&](const NodeRow& n) { return Cell(signature(r_, n.outputs)); });
    return finish(r_.nodes.size());
  }

  // Which nodes a kernel has follows from the "kernel" of the nodes.
  std::string kernels() {
    using K = KernelRow;
    const auto count = [](std::optional<std::uint64_t> v) { return v ? Cell(*v) : Cell(); };
    const auto ratio = [](std::optional<double> v) { return v ? Cell(*v) : Cell(); };
    add("name", [&](const K& k) { return Cell(kernel_label(r_, k)); });
    add("family", [](const K& k) { return Cell(std::uint64_t{family_of(k.op_class)}); });
    add("op_class", [](const K& k) { return Cell(k.op_class); });
    add("fusion", [](const K& k) { return Cell(k.fusion); });
    add("engine", [](const K& k) { return Cell(k.engine); });
    add("unsupported", [](const K& k) { return Cell(k.unsupported); });
    add("launches", [&](const K& k) { return count(k.launches); });
    add("flops", [&](const K& k) { return count(k.flops); });
    add("bytes_read", [&](const K& k) { return count(k.bytes_read); });
    add("bytes_written", [&](const K& k) { return count(k.bytes_written); });
    add("saved_bytes", [&](const K& k) { return count(k.saved_bytes); });
    add("arithmetic_intensity", [&](const K& k) { return ratio(k.arithmetic_intensity); });
    add("latency_seconds", [](const K& k) { return Cell(k.seconds.latency); });
    add("latency_low_seconds", [](const K& k) { return Cell(k.latency_low_seconds); });
    add("latency_high_seconds", [](const K& k) { return Cell(k.latency_high_seconds); });
    add("compute_seconds", [](const K& k) { return Cell(k.seconds.compute); });
    add("memory_seconds", [](const K& k) { return Cell(k.seconds.memory); });
    add("overhead_seconds", [](const K& k) { return Cell(k.seconds.overhead); });
    add("energy_joules", [](const K& k) { return Cell(k.seconds.joules); });
    add("bound", [](const K& k) { return Cell(std::string(name(k.bound))); });
    add("mfu", [&](const K& k) { return ratio(k.mfu); });
    add("mbu", [&](const K& k) { return ratio(k.mbu); });
    if (r_.measured) add_measured();
    return finish(r_.kernels.size());
  }

  std::string steps() {
    const auto& steps = r_.appendix.memory_steps;
    add_column("node", steps, [](const MemoryStep& s) { return Cell(std::uint64_t{s.node}); });
    add_column("bytes", steps,
               [](const MemoryStep& s) { return s.bytes ? Cell(*s.bytes) : Cell(); });
    return finish(steps.size());
  }

 private:
  void add_measured() {
    using K = KernelRow;
    const auto ratio = [](std::optional<double> v) { return v ? Cell(*v) : Cell(); };
    add("measured_seconds",
        [](const K& k) { return k.measured ? Cell(k.measured->seconds) : Cell(); });
    add("ratio", [&](const K& k) { return k.measured ? ratio(k.measured->ratio()) : Cell(); });
    add("measured_flops_per_second",
        [&](const K& k) { return ratio(k.measured_flops_per_second); });
    add("measured_bytes_per_second",
        [&](const K& k) { return ratio(k.measured_bytes_per_second); });
    add("measured_mfu", [&](const K& k) { return ratio(k.measured_mfu); });
    add("measured_mbu", [&](const K& k) { return ratio(k.measured_mbu); });
    add("measured_with", [](const K& k) {
      return k.measured_with ? Cell(std::uint64_t{*k.measured_with}) : Cell();
    });
  }
  template <typename Get>
  void add(std::string_view key, const Get& get) {
    add_column(key, r_.kernels, get);
  }
  template <typename Items, typename Get>
  void add_column(std::string_view key, const Items& items, const Get& get) {
    std::vector<Cell> cells;
    cells.reserve(items.size());
    for (const auto& item : items) cells.push_back(get(item));
    columns_.add(key, number(std::uint64_t{pool_.add_column(cells)}));
  }
  std::string finish(std::size_t rows) {
    const std::string json =
        Object().add("rows", number(std::uint64_t{rows})).add("columns", columns_.json()).json();
    columns_ = {};
    return json;
  }

  const Report& r_;
  ValuePool& pool_;
  Object columns_;
};

std::string totals_json(const Report& r) {
  const ReportTotals& t = r.totals;
  const auto known = [](Count c) { return c.known() ? std::optional(c.value()) : std::nullopt; };
  Object o;
  o.add("flops", known(t.work.flops));
  o.add("macs", known(t.work.macs));
  o.add("transcendentals", known(t.work.transcendentals));
  o.add("integer_ops", known(t.work.integer_ops));
  o.add("bytes_read", known(t.work.bytes_read));
  o.add("bytes_written", known(t.work.bytes_written));
  o.add("weight_bytes_read", known(t.work.weight_bytes_read));
  if (t.seconds) {
    o.add("latency_seconds", number(t.seconds->latency));
    o.add("compute_seconds", number(t.seconds->compute));
    o.add("memory_seconds", number(t.seconds->memory));
    o.add("overhead_seconds", number(t.seconds->overhead));
    o.add("energy_joules", number(t.seconds->joules));
  }
  if (r.measured) {
    o.add("measured_seconds", number(r.measured->nodes.seconds));
    o.add("ratio", r.measured->nodes.ratio());
  }
  o.add("latency_low_seconds", t.latency_low_seconds);
  o.add("latency_high_seconds", t.latency_high_seconds);
  o.add("weight_bytes", t.weight_bytes);
  o.add("peak_activation_bytes", t.peak_activation_bytes);
  o.add("memory_bytes", t.memory_bytes);
  o.add("kv_cache_bytes", t.kv_cache_bytes);
  o.add("kv_cache_bytes_per_token", t.kv_cache_bytes_per_token);
  return o.json();
}

std::string energy_json(const EnergyParts& e) {
  struct Part {
    std::string_view name;
    double joules;
  };
  const Part parts[] = {{"arithmetic", e.arithmetic},
                        {"on-chip memory", e.cache},
                        {"main memory", e.main_memory},
                        {"host link", e.link},
                        {"idle power over the latency", e.fixed}};
  return list(parts, [](const Part& p) {
    return Object().add_text("cause", p.name).add("joules", number(p.joules)).json();
  });
}

std::string ceilings_json(const Report& r) {
  return list(ceilings(r), [](const Ceiling& c) {
    return Object()
        .add_text("name", c.name)
        .add("flops_per_second", number(c.flops_per_second))
        .add("used", flag(c.used))
        .json();
  });
}

std::string slopes_json(const Report& r) {
  return list(slopes(r), [](const Slope& s) {
    return Object()
        .add_text("name", s.name)
        .add("bytes_per_second", number(s.bytes_per_second))
        .add("main", flag(s.main))
        .json();
  });
}

std::string report_json(const Report& r, const Extent& extent, ValuePool& pool) {
  const Verdict v = verdict(r);
  Object o;
  o.add_text("title", v.title).add_text("model", r.model.file);
  o.add("totals", totals_json(r));
  o.add("batch", number(r.batch));
  // Past and present of a cache that is not updated in place are live together.
  const bool copied = std::any_of(r.states.begin(), r.states.end(), [](const StateRow& s) {
    return s.kind == "kv_cache" && !s.in_place;
  });
  o.add("kv_copies", number(std::uint64_t{copied ? 2U : 1U}));
  Tables tables(r, pool);
  o.add("nodes", tables.nodes());
  o.add("steps", tables.steps());
  if (!r.hardware) return o.json();
  o.add_text("machine", machine_label(*r.hardware));
  o.add_text("runtime", r.runtime);
  o.add("capacity_bytes", number(r.hardware->memory_bytes));
  o.add("kernels", tables.kernels());
  o.add("ceilings", ceilings_json(r)).add("slopes", slopes_json(r));
  o.add("extent",
        fmt::format("[{},{},{},{}]", extent.x_low, extent.x_high, extent.y_low, extent.y_high));
  if (r.appendix.machine) o.add("energy", energy_json(r.appendix.machine->energy));
  return o.json();
}

}  // namespace

std::string html_data(std::span<const Report> reports) {
  ValuePool pool;
  const Extent extent = roofline_extent(reports);
  std::string out = "{\"families\":" + families_json() + ",\n\"classes\":" + classes_json(reports) +
                    ",\n\"table\":" + table_json(reports) + ",\n\"reports\":[\n";
  for (const Report& report : reports) {
    if (&report != reports.data()) out += ",\n";
    out += report_json(report, extent, pool);
  }
  return out + "\n],\n\"columns\":" + pool.columns() + ",\n\"values\":" + pool.values() + "}\n";
}

}  // namespace aiprof
