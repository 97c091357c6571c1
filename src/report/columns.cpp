#include "report/columns.h"

#include <fmt/format.h>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "report/block.h"
#include "report/measured.h"

namespace aiprof {
namespace {

Cell cell(Count c) { return c.known() ? Cell(c.value()) : Cell(); }
Cell cell(std::optional<std::uint64_t> v) { return v ? Cell(*v) : Cell(); }
Cell cell(std::optional<double> v) { return v ? Cell(*v) : Cell(); }
Cell cell(std::optional<Bound> v) { return v ? Cell(std::string(name(*v))) : Cell(); }
Cell number(std::size_t v) { return Cell(static_cast<std::uint64_t>(v)); }

template <Count WorkRow::*kMember>
Cell work(const TableRow& r) {
  return r.work ? cell((*r.work).*kMember) : Cell();
}

template <double Seconds::*kMember>
Cell seconds(const TableRow& r) {
  return r.seconds ? Cell((*r.seconds).*kMember) : Cell();
}

template <std::string NodeRow::*kMember>
Cell text(const TableRow& r) {
  return r.node != nullptr ? Cell((*r.node).*kMember) : Cell();
}

Cell intensity(const TableRow& r) {
  if (!r.work) return {};
  const Count bytes = r.work->bytes_read + r.work->bytes_written;
  if (!r.work->flops.known() || !bytes.known() || bytes.value() == 0) return {};
  return r.work->flops.as_double() / bytes.as_double();
}

Cell bytes(const TableRow& r) {
  return r.work ? cell(r.work->bytes_read + r.work->bytes_written) : Cell();
}

// An empty row would look as if the operator were free.
Cell bound_or_gap(const TableRow& r) {
  const bool gap = r.node != nullptr && r.node->status == NodeStatus::kGap;
  return gap ? Cell(std::string("unknown")) : cell(r.bound);
}

using Row = TableRow;
constexpr Column<TableRow> kRowColumns[] = {
    {"index", "#", "", Style::kText,
     [](const Row& r) { return r.node != nullptr ? number(r.node->index) : Cell(); }},
    {"name", "operator", "", Style::kText, text<&NodeRow::name>},
    {"key", "group", "", Style::kText, [](const Row& r) { return Cell(r.label); }},
    {"label", "operator", "", Style::kText, [](const Row& r) { return Cell(label_with_type(r)); }},
    {"path", "path", "", Style::kText, text<&NodeRow::path>},
    {"block", "block", "", Style::kText,
     [](const Row& r) {
       return r.node != nullptr ? Cell(block_prefix(r.node->block, 0)) : Cell();
     }},
    {"op_type", "type", "", Style::kText, text<&NodeRow::op_type>},
    {"domain", "domain", "", Style::kText, text<&NodeRow::domain>},
    {"op_class", "class", "", Style::kText, text<&NodeRow::op_class>},
    {"status", "status", "", Style::kText,
     [](const Row& r) {
       return r.node != nullptr ? Cell(std::string(name(r.node->status))) : Cell();
     }},
    {"reason", "reason", "", Style::kText, text<&NodeRow::reason>},
    {"nodes", "nodes", "", Style::kText, [](const Row& r) { return number(r.nodes); }},
    {"gaps", "gaps", "", Style::kText, [](const Row& r) { return number(r.gaps); }},
    {"trips", "trips", "", Style::kCount,
     [](const Row& r) { return r.node != nullptr ? cell(r.node->trips) : Cell(); }},
    {"flops", "FLOPs", "FLOP", Style::kCount, work<&WorkRow::flops>},
    {"macs", "MACs", "MAC", Style::kCount, work<&WorkRow::macs>},
    {"transcendentals", "transc.", "", Style::kCount, work<&WorkRow::transcendentals>},
    {"integer_ops", "int ops", "", Style::kCount, work<&WorkRow::integer_ops>},
    {"bytes_read", "read", "B", Style::kBytes, work<&WorkRow::bytes_read>},
    {"bytes_written", "written", "B", Style::kBytes, work<&WorkRow::bytes_written>},
    {"weight_bytes_read", "weights", "B", Style::kBytes, work<&WorkRow::weight_bytes_read>},
    {"bytes", "bytes", "B", Style::kBytes, bytes},
    {"arithmetic_intensity", "FLOP/B", "FLOP/B", Style::kRatio, intensity},
    {"kernel", "kernel", "", Style::kText,
     [](const Row& r) {
       return r.node != nullptr && r.node->kernel ? number(*r.node->kernel) : Cell();
     }},
    {"latency_seconds", "time", "s", Style::kSeconds, seconds<&Seconds::latency>},
    {"compute_seconds", "compute", "s", Style::kSeconds, seconds<&Seconds::compute>},
    {"memory_seconds", "memory", "s", Style::kSeconds, seconds<&Seconds::memory>},
    {"overhead_seconds", "overhead", "s", Style::kSeconds, seconds<&Seconds::overhead>},
    {"energy_joules", "energy", "J", Style::kJoules, seconds<&Seconds::joules>},
    {"measured_seconds", "measured", "s", Style::kSeconds,
     [](const Row& r) { return r.measured ? Cell(r.measured->seconds) : Cell(); }},
    {"ratio", "ratio", "", Style::kRatio,
     [](const Row& r) { return r.measured ? cell(r.measured->ratio()) : Cell(); }},
    {"share", "%", "", Style::kPercent, [](const Row& r) { return cell(r.share); }},
    {"bound", "bound", "", Style::kText, [](const Row& r) { return cell(r.bound); }},
    {"bound_or_gap", "bound", "", Style::kText, bound_or_gap},
};

template <std::optional<double> ReportTotals::*kMember>
Cell total(const Report& r) {
  return cell(r.totals.*kMember);
}

template <double Seconds::*kMember>
Cell total_seconds(const Report& r) {
  return r.totals.seconds ? Cell((*r.totals.seconds).*kMember) : Cell();
}

Cell interval(const Report& r) {
  const ReportTotals& t = r.totals;
  if (!t.latency_low_seconds || !t.latency_high_seconds) return {};
  return fmt::format("{} to {}", format_seconds(*t.latency_low_seconds),
                     format_seconds(*t.latency_high_seconds));
}

constexpr Column<Report> kMachineColumns[] = {
    {"hardware", "hardware", "", Style::kText,
     [](const Report& r) {
       return r.hardware ? Cell(printable(machine_label(*r.hardware))) : Cell();
     }},
    {"runtime", "runtime", "", Style::kText, [](const Report& r) { return Cell(r.runtime); }},
    {"latency_seconds", "time", "s", Style::kSeconds, total_seconds<&Seconds::latency>},
    {"interval", "80 % interval", "", Style::kText, interval},
    {"throughput_per_second", "1/s", "1/s", Style::kRate,
     total<&ReportTotals::throughput_per_second>},
    {"tokens_per_second", "tokens/s", "1/s", Style::kRate, total<&ReportTotals::tokens_per_second>},
    {"bound", "bound", "", Style::kText, [](const Report& r) { return cell(r.totals.bound); }},
    {"mfu", "MFU %", "", Style::kPercent, total<&ReportTotals::mfu>},
    {"mbu", "MBU %", "", Style::kPercent, total<&ReportTotals::mbu>},
    {"energy_joules", "energy", "J", Style::kJoules, total_seconds<&Seconds::joules>},
    {"average_watts", "power", "W", Style::kWatts, total<&ReportTotals::average_watts>},
    {"fits", "fits", "", Style::kText,
     [](const Report& r) {
       return r.totals.fits ? Cell(std::string(*r.totals.fits ? "yes" : "no")) : Cell();
     }},
};

std::string format_number(double value, Style style) {
  switch (style) {
    case Style::kText:
    case Style::kCount:
      return format_si(value, "");
    case Style::kBytes:
      return format_si(value, "B");
    case Style::kSeconds:
      return format_seconds(value);
    case Style::kJoules:
      return format_joules(value);
    case Style::kWatts:
      return format_si(value, "W");
    case Style::kRatio:
      return format_ratio(value);
    case Style::kPercent:
      return format_percent(value);
    case Style::kRate:
      return format_rate(value);
  }
  return {};
}

}  // namespace

std::span<const Column<TableRow>> row_columns() { return kRowColumns; }
std::span<const Column<Report>> machine_columns() { return kMachineColumns; }

std::string format_cell(const Cell& cell, Style style) {
  if (const auto* s = std::get_if<std::string>(&cell)) return printable(*s);
  if (const auto* n = std::get_if<std::uint64_t>(&cell)) {
    return style == Style::kText ? std::to_string(*n)
                                 : format_number(static_cast<double>(*n), style);
  }
  const auto* x = std::get_if<double>(&cell);
  return x == nullptr ? std::string() : format_number(*x, style);
}

std::string raw_cell(const Cell& cell) {
  if (const auto* s = std::get_if<std::string>(&cell)) return printable(*s);
  if (const auto* n = std::get_if<std::uint64_t>(&cell)) return std::to_string(*n);
  const auto* x = std::get_if<double>(&cell);
  return x == nullptr ? std::string() : format_shortest(*x);
}

std::vector<std::string_view> csv_keys(std::span<const Report> reports,
                                       const WriteOptions& options) {
  std::vector<std::string_view> keys;
  if (options.group_by) {
    keys = {"key",
            "nodes",
            "gaps",
            "flops",
            "macs",
            "transcendentals",
            "integer_ops",
            "bytes_read",
            "bytes_written",
            "weight_bytes_read",
            "arithmetic_intensity",
            "latency_seconds",
            "compute_seconds",
            "memory_seconds",
            "overhead_seconds",
            "energy_joules",
            "bound"};
  } else {
    keys = {"index",
            "name",
            "path",
            "block",
            "op_type",
            "domain",
            "op_class",
            "status",
            "reason",
            "trips",
            "flops",
            "macs",
            "transcendentals",
            "integer_ops",
            "bytes_read",
            "bytes_written",
            "weight_bytes_read",
            "arithmetic_intensity",
            "kernel",
            "latency_seconds",
            "compute_seconds",
            "memory_seconds",
            "overhead_seconds",
            "energy_joules",
            "bound"};
  }
  if (any_measured(reports)) keys.insert(keys.end(), {"measured_seconds", "ratio"});
  return keys;
}

std::string label_with_type(const TableRow& row) {
  if (row.node == nullptr) return row.label;
  const std::string type = printable(row.node->op_type);
  const std::size_t slash = row.label.rfind('/');
  const std::size_t last = slash == std::string::npos ? 0 : slash + 1;
  if (row.label.compare(last, type.size(), type) == 0) return row.label;
  return fmt::format("{} ({})", row.label, type);
}

}  // namespace aiprof
