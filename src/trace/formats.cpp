#include "trace/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "aiprof/base/csv.h"
#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::trace {
namespace {

constexpr std::string_view kKernelTime = "_kernel_time";

// Microseconds of an event; none if it is not a number above or equal to 0.
std::optional<double> duration(const Json& event) {
  const auto it = event.find("dur");
  if (it == event.end() || !it->is_number() || !(it->get<double>() >= 0)) return std::nullopt;
  return it->get<double>();
}

std::string text_of(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// The first output in {"output_type_shape": [{"float": [1, 64, 56, 56]}]}.
std::vector<std::int64_t> output_shape(const Json& arguments) {
  const auto list = arguments.find("output_type_shape");
  if (list == arguments.end() || !list->is_array() || list->empty()) return {};
  const Json& first = list->front();
  if (!first.is_object() || first.size() != 1 || !first.begin()->is_array()) return {};
  std::vector<std::int64_t> shape;
  for (const Json& dim : *first.begin()) {
    if (!dim.is_number_integer()) return {};
    shape.push_back(dim.get<std::int64_t>());
  }
  return shape;
}

double start(const Json& event) {
  const auto it = event.find("ts");
  return it != event.end() && it->is_number() ? it->get<double>() : 0;
}

// Adds the event to its run.
void add(RunEvents& run, std::unordered_map<std::string, std::size_t>& places, TraceEvent e) {
  const auto [it, fresh] = places.try_emplace(e.name, run.events.size());
  if (fresh) {
    run.events.push_back(std::move(e));
  } else {
    run.events[it->second].seconds += e.seconds;
  }
}

struct Span {
  double begin, end;
};

std::vector<Span> runs_of(const Json& document) {
  std::vector<Span> runs;
  for (const Json& e : document) {
    if (!e.is_object() || text_of(e, "name") != "model_run") continue;
    if (const auto us = duration(e)) runs.push_back({start(e), start(e) + *us});
  }
  std::ranges::sort(runs, {}, &Span::begin);
  return runs;
}

}  // namespace

void read_onnxruntime(const Json& document, std::string_view file, const TraceOptions& options,
                      MeasuredProfile& out) {
  const std::vector<Span> spans = runs_of(document);
  std::vector<RunEvents> runs(std::max<std::size_t>(1, spans.size()));
  std::vector<std::unordered_map<std::string, std::size_t>> places(runs.size());
  std::vector<const Json*> nodes;
  for (const Json& e : document) {
    if (e.is_object() && text_of(e, "cat") == "Node") nodes.push_back(&e);
  }
  std::ranges::stable_sort(nodes, {}, [](const Json* e) { return start(*e); });
  for (const Json* e : nodes) {
    std::string name = text_of(*e, "name");
    if (!name.ends_with(kKernelTime)) continue;  // fences: what the device waited
    const auto us = duration(*e);
    if (!us) {
      throw input_error(
          fmt::format("{}: event '{}' has no duration", printable(file), printable(name)));
    }
    const double at = start(*e);
    const auto run =
        std::ranges::find_if(spans, [&](const Span& s) { return at >= s.begin && at <= s.end; });
    if (run == spans.end() && !spans.empty()) continue;  // while the session was set up
    name.resize(name.size() - kKernelTime.size());
    const std::size_t i = spans.empty() ? 0 : static_cast<std::size_t>(run - spans.begin());
    const auto arguments = e->find("args");
    add(runs[i], places[i],
        {.name = std::move(name),
         .op_type = arguments == e->end() ? "" : text_of(*arguments, "op_name"),
         .shape = arguments == e->end() ? std::vector<std::int64_t>() : output_shape(*arguments),
         .seconds = *us * 1e-6});
  }
  combine(std::move(runs), options, out);
}

void read_tensorrt(const Json& document, std::string_view file, const TraceOptions& options,
                   MeasuredProfile& out) {
  const char* key = options.statistic == RunStatistic::kMedian ? "medianMs" : "averageMs";
  for (const Json& e : document) {
    if (!e.is_object()) continue;
    if (e.contains("count") && e["count"].is_number_unsigned()) {
      out.runs = e["count"].get<std::size_t>();
    }
    if (!e.contains("name")) continue;
    const auto value = e.contains(key) ? e.find(key) : e.find("averageMs");
    if (value == e.end() || !value->is_number() || !(value->get<double>() >= 0)) {
      throw input_error(fmt::format("{}: layer '{}' has no averageMs", printable(file),
                                    printable(text_of(e, "name"))));
    }
    out.events.push_back({.name = text_of(e, "name"),
                          .op_type = {},
                          .shape = {},
                          .seconds = value->get<double>() * 1e-3,
                          .runs = out.runs});
  }
}

namespace {

// Columns of time, by how tools call them, and what makes seconds of them.
struct TimeColumn {
  std::string_view name;
  double factor;
};
constexpr TimeColumn kTimeColumns[] = {
    {"seconds", 1},
    {"time_s", 1},
    {"ms", 1e-3},
    {"time_ms", 1e-3},
    {"milliseconds", 1e-3},
    {"us", 1e-6},
    {"time_us", 1e-6},
    {"microseconds", 1e-6},
    {"ns", 1e-9},
    {"total time (ns)", 1e-9},
    {"total time (us)", 1e-6},
    {"total time (ms)", 1e-3},
    {"duration (ns)", 1e-9},
    {"duration (us)", 1e-6},
    {"duration (ms)", 1e-3},
};
constexpr std::array<std::string_view, 5> kNameColumns = {"name", "node", "operator", "range",
                                                          "kernel name"};

std::size_t column(const CsvTable& table, std::string_view name) {
  const auto it = std::ranges::find_if(table.header.cells,
                                       [&](const std::string& c) { return lower(c) == name; });
  return static_cast<std::size_t>(it - table.header.cells.begin());
}

}  // namespace

void read_table(std::string_view text, std::string_view file, MeasuredProfile& out) {
  const CsvTable table = parse_csv(text, file);
  const std::size_t none = table.header.cells.size();
  std::size_t names = none;
  for (const std::string_view n : kNameColumns) names = std::min(names, column(table, n));
  std::size_t times = none;
  double factor = 1;
  for (const TimeColumn& t : kTimeColumns) {
    if (times != none || column(table, t.name) == none) continue;
    times = column(table, t.name);
    factor = t.factor;
  }
  if (names == none || times == none) {
    throw input_error(
        fmt::format("{}:{}: needs a column 'name' and one of time, such as 'seconds' "
                    "or 'Total Time (ns)'; it has: {}",
                    printable(file), table.header.line, printable(join(table.header.cells, ", "))));
  }
  RunEvents run;
  std::unordered_map<std::string, std::size_t> places;
  for (const CsvRow& row : table.rows) {
    const std::string& cell = row.cells[times];
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size() || !(value >= 0)) {
      throw input_error(fmt::format("{}:{}: column '{}' is '{}'; expected a number, 0 or more",
                                    printable(file), row.line, printable(table.header.cells[times]),
                                    printable(cell)));
    }
    add(run, places,
        {.name = row.cells[names], .op_type = {}, .shape = {}, .seconds = value * factor});
  }
  if (run.events.empty()) throw input_error(printable(file) + ": has no rows");
  combine({std::move(run)}, {}, out);
}

}  // namespace aiprof::trace
