#include "aiprof/calibration/measurement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "aiprof/base/csv.h"
#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "calibration/columns.h"

namespace aiprof {
namespace calibration {
namespace {

constexpr ExtentColumn kColumns[] = {
    {"b", &Extents::b, nullptr, 1},
    {"m", &Extents::m, nullptr, 1},
    {"n", &Extents::n, nullptr, 1},
    {"k", &Extents::k, nullptr, 1},
    {"c", &Extents::c, nullptr, 1},
    {"h", &Extents::h, nullptr, 1},
    {"w", &Extents::w, nullptr, 1},
    {"kernel", &Extents::kernel_h, &Extents::kernel_w, 1},
    {"stride", &Extents::stride_h, &Extents::stride_w, 1},
    {"pad", &Extents::pad_h, &Extents::pad_w, 0},
    {"groups", &Extents::groups, nullptr, 1},
    {"s", &Extents::s, nullptr, 1},
    {"l", &Extents::l, nullptr, 1},
    {"heads", &Extents::heads, nullptr, 1},
    {"kv", &Extents::kv, nullptr, 1},
    {"d", &Extents::d, nullptr, 1},
    {"rows", &Extents::rows, nullptr, 1},
    {"cols", &Extents::cols, nullptr, 1},
    {"reads", &Extents::reads, nullptr, 1},
};
// No tensor of a measurement comes near this; products of a few extents stay far below overflow.
constexpr std::int64_t kLargest = std::int64_t{1} << 31;

constexpr std::array<std::string_view, 7> kTextColumns = {
    "class", "operator", "dtype", "weights", "weight_set", "regime", "label"};

}  // namespace

std::span<const ExtentColumn> extent_columns() { return kColumns; }

namespace {

bool listed(std::string_view words, std::string_view word) {
  const auto all = split(words, ' ');
  return std::ranges::find(all, word) != all.end();
}

std::vector<std::string> column_names() {
  std::vector<std::string> names(kTextColumns.begin(), kTextColumns.end());
  for (const ExtentColumn& c : kColumns) names.emplace_back(c.name);
  names.emplace_back("seconds");
  return names;
}

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Reads the cells of one row; every message says where.
class RowReader {
 public:
  RowReader(const CsvTable& table, const CsvRow& row, std::string_view file)
      : table_(table), row_(row), file_(file) {}

  [[nodiscard]] Measurement read(SecondsColumn seconds) const {
    Measurement m;
    m.line = row_.line;
    m.op_class = cell("class");
    m.op = cell("operator");
    m.label = cell("label");
    if (m.op.empty()) fail("operator", "is missing; one of: " + operators());
    const OperatorForm* form = find_operator_form(m.op);
    if (form == nullptr) fail("operator", unknown_operator(m.op));
    if (m.op_class.empty()) m.op_class = form->op_class;
    if (m.op_class != form->op_class) {
      fail("class", fmt::format("is '{}'; {} is of class '{}'", m.op_class, m.op, form->op_class));
    }
    read_types(m);
    read_extents(*form, m);
    read_times(seconds, m);
    return m;
  }

 private:
  void read_types(Measurement& m) const {
    const std::string type = cell("dtype");
    m.tf32 = type == "tf32";
    m.dtype = m.tf32 ? DType::kFloat32 : dtype("dtype", type);
    if (const std::string weights = cell("weights"); !weights.empty()) {
      m.weights = dtype("weights", weights);
    }
  }

  void read_extents(const OperatorForm& form, Measurement& m) const {
    for (const ExtentColumn& c : kColumns) {
      const std::string text = cell(c.name);
      const bool needed = listed(form.columns, c.name);
      if (!needed && !listed(form.optional, c.name)) {
        if (text.empty()) continue;
        fail(c.name, fmt::format("is '{}', but {} has no such extent: it takes {}", printable(text),
                                 m.op, takes(form)));
      }
      if (text.empty()) {
        if (needed) fail(c.name, fmt::format("is missing; {} needs {}", m.op, form.columns));
        continue;
      }
      read_extent(c, text, m.extents);
    }
  }

  void read_extent(const ExtentColumn& c, const std::string& text, Extents& out) const {
    const auto cross = c.second == nullptr ? std::string::npos : text.find('x');
    const auto first = number<std::int64_t>(text.substr(0, cross));
    const auto second =
        cross == std::string::npos ? first : number<std::int64_t>(text.substr(cross + 1));
    if (!first || !second || std::min(*first, *second) < c.low ||
        std::max(*first, *second) > kLargest) {
      fail(c.name, fmt::format("is '{}'; expected a whole number from {} to {}{}", printable(text),
                               c.low, kLargest, c.second == nullptr ? "" : ", or two as HxW"));
    }
    out.*c.first = *first;
    if (c.second != nullptr) out.*c.second = *second;
  }

  void read_times(SecondsColumn seconds, Measurement& m) const {
    const auto regime = parse_regime(cell("regime"));
    if (!regime)
      fail("regime",
           "is '" + printable(cell("regime")) + "'; expected graph, stream, queue or isolated");
    m.regime = *regime;
    if (const std::string text = cell("weight_set"); !text.empty()) {
      m.weight_set = number<double>(text);
      if (!m.weight_set || !(*m.weight_set >= 0)) {
        fail("weight_set", "is '" + printable(text) + "'; expected bytes, 0 or more");
      }
    }
    const std::string text = cell("seconds");
    if (text.empty() && seconds == SecondsColumn::kOptional) return;
    const auto value = number<double>(text);
    // Below a nanosecond or above a day the unit is not seconds.
    if (!value || !(*value >= 1e-9) || !(*value <= 86400)) {
      fail("seconds", "is '" + printable(text) + "'; expected seconds, from 1e-9 to 86400");
    }
    m.seconds = *value;
  }

  [[nodiscard]] DType dtype(std::string_view column, const std::string& text) const {
    if (text.empty()) fail(column, "is missing; expected an element type, such as float32");
    const auto type = parse_dtype(text);
    if (!type || *type == DType::kString || *type == DType::kUndefined || is_complex(*type)) {
      fail(column, "is '" + printable(text) + "'; expected an element type, such as float32");
    }
    return *type;
  }

  [[nodiscard]] static std::string operators() {
    std::vector<std::string> names;
    for (const OperatorForm& f : operator_forms()) names.emplace_back(f.op);
    return join(names, ", ");
  }
  [[nodiscard]] static std::string unknown_operator(const std::string& op) {
    std::vector<std::string> names;
    for (const OperatorForm& f : operator_forms()) names.emplace_back(f.op);
    return fmt::format("is '{}', which is not one of: {}{}", printable(op), operators(),
                       did_you_mean(op, names));
  }
  [[nodiscard]] static std::string takes(const OperatorForm& form) {
    std::string text(form.columns);
    if (!form.optional.empty()) text += fmt::format(" and, if needed, {}", form.optional);
    return text;
  }

  [[nodiscard]] std::string cell(std::string_view column) const {
    const auto it = std::ranges::find(table_.header.cells, column);
    if (it == table_.header.cells.end()) return {};
    return row_.cells[static_cast<std::size_t>(it - table_.header.cells.begin())];
  }

  [[noreturn]] void fail(std::string_view column, const std::string& problem) const {
    throw input_error(
        fmt::format("{}:{}: column '{}' {}", printable(file_), row_.line, column, problem));
  }

  const CsvTable& table_;
  const CsvRow& row_;
  std::string_view file_;
};

void check_header(const CsvTable& table, std::string_view file, SecondsColumn seconds) {
  const std::vector<std::string> known = column_names();
  std::vector<std::string> seen;
  for (const std::string& column : table.header.cells) {
    const auto where = fmt::format("{}:{}", printable(file), table.header.line);
    if (std::ranges::find(known, column) == known.end()) {
      throw input_error(fmt::format("{}: unknown column '{}'{} (known: {})", where,
                                    printable(column), did_you_mean(column, known),
                                    join(known, ", ")));
    }
    if (std::ranges::find(seen, column) != seen.end()) {
      throw input_error(fmt::format("{}: column '{}' stands twice", where, column));
    }
    seen.push_back(column);
  }
  std::vector<std::string> needed = {"operator", "dtype", "regime"};
  if (seconds == SecondsColumn::kRequired) needed.emplace_back("seconds");
  for (const std::string& column : needed) {
    if (std::ranges::find(seen, column) == seen.end()) {
      throw input_error(
          fmt::format("{}:{}: column '{}' is missing", printable(file), table.header.line, column));
    }
  }
}

// "# key: value" lines.
void read_comment(const std::string& comment, std::string_view file, MeasurementFile& out) {
  const auto colon = comment.find(':');
  if (colon == std::string::npos) return;
  const auto trim = [](std::string text) {
    text.erase(0, text.find_first_not_of(" \t"));
    text.erase(text.find_last_not_of(" \t") + 1);
    return text;
  };
  const std::string key = trim(comment.substr(0, colon));
  const std::string value = trim(comment.substr(colon + 1));
  if (key == "device") out.device = value;
  if (key == "date") out.date = value;
  if (key == "source") out.source = value;
  if (key == "conditions") out.conditions = value;
  if (key != "dispatch") return;
  out.dispatch_seconds = number<double>(value);
  if (!out.dispatch_seconds || !(*out.dispatch_seconds > 0 && *out.dispatch_seconds < 1)) {
    throw input_error(fmt::format("{}: dispatch is '{}'; expected seconds between 0 and 1",
                                  printable(file), printable(value)));
  }
}

std::string extent_text(const Extents& e, const ExtentColumn& c, const OperatorForm& form) {
  const std::int64_t first = e.*c.first;
  const std::int64_t second = c.second == nullptr ? first : e.*c.second;
  const bool used = listed(form.columns, c.name) || listed(form.optional, c.name);
  if (!used || (first == 0 && second == 0)) return {};
  return first == second ? fmt::format("{}", first) : fmt::format("{}x{}", first, second);
}

std::string text_cell(const Measurement& m, std::string_view column) {
  if (column == "class") return m.op_class;
  if (column == "operator") return m.op;
  if (column == "dtype") return m.tf32 ? "tf32" : std::string(name(m.dtype));
  if (column == "weights") {
    return m.weights == DType::kUndefined ? "" : std::string(name(m.weights));
  }
  if (column == "weight_set") return m.weight_set ? fmt::format("{}", *m.weight_set) : "";
  if (column == "regime") return std::string(name(m.regime));
  return m.label;
}

}  // namespace
}  // namespace calibration

std::string_view name(TimingRegime regime) {
  switch (regime) {
    case TimingRegime::kGraph:
      return "graph";
    case TimingRegime::kStream:
      return "stream";
    case TimingRegime::kQueue:
      return "queue";
    case TimingRegime::kIsolated:
      return "isolated";
  }
  return "graph";
}

std::optional<TimingRegime> parse_regime(std::string_view text) {
  for (const TimingRegime r : {TimingRegime::kGraph, TimingRegime::kStream, TimingRegime::kQueue,
                               TimingRegime::kIsolated}) {
    if (text == name(r)) return r;
  }
  return std::nullopt;
}

MeasurementFile parse_measurements(std::string_view text, std::string_view file,
                                   SecondsColumn seconds) {
  const CsvTable table = parse_csv(text, file);
  calibration::check_header(table, file, seconds);
  MeasurementFile out;
  out.file = file;
  for (const std::string& comment : table.comments) calibration::read_comment(comment, file, out);
  out.rows.reserve(table.rows.size());
  for (const CsvRow& row : table.rows) {
    out.rows.push_back(calibration::RowReader(table, row, file).read(seconds));
  }
  return out;
}

MeasurementFile load_measurements(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw input_error(printable(path) + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return parse_measurements(text, path);
}

std::string write_measurements(const MeasurementFile& file) {
  std::vector<std::vector<std::string>> columns;
  const auto add = [&](std::string_view heading, auto&& text_of) {
    std::vector<std::string> column = {std::string(heading)};
    bool any = false;
    for (const Measurement& m : file.rows) {
      column.push_back(csv_cell(text_of(m)));
      any = any || !column.back().empty();
    }
    const bool always = heading == "operator" || heading == "dtype" || heading == "regime";
    if (any || always) columns.push_back(std::move(column));
  };
  for (const std::string_view c : calibration::kTextColumns) {
    add(c, [&](const Measurement& m) { return calibration::text_cell(m, c); });
    if (c != "weights") continue;
    for (const calibration::ExtentColumn& e : calibration::kColumns) {
      add(e.name, [&](const Measurement& m) {
        const OperatorForm* form = find_operator_form(m.op);
        return form == nullptr ? std::string() : calibration::extent_text(m.extents, e, *form);
      });
    }
  }
  add("seconds", [](const Measurement& m) {
    return m.seconds > 0 ? fmt::format("{}", m.seconds) : std::string();
  });
  std::string out;
  const auto note = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out += fmt::format("# {}: {}\n", key, printable(value));
  };
  note("device", file.device);
  note("date", file.date);
  note("source", file.source);
  note("conditions", file.conditions);
  if (file.dispatch_seconds) note("dispatch", fmt::format("{}", *file.dispatch_seconds));
  for (std::size_t r = 0; r <= file.rows.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      out += (c == 0 ? "" : ",") + columns[c][r];
    }
    out += '\n';
  }
  return out;
}

}  // namespace aiprof
