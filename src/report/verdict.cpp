#include "report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "aiprof/report/write.h"
#include "report/rows.h"

namespace aiprof {
namespace {

std::string bytes_or_unknown(std::optional<std::uint64_t> bytes) {
  return bytes ? format_bytes(*bytes) : std::string("unknown");
}

// "3 kernels", "1 kernel", "25.6 M parameters".
std::string plural(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", format_si(static_cast<double>(n), ""), noun, n == 1 ? "" : "s");
}

// "2,234 kernels": what a person could count is not rounded.
std::string count_of(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", format_exact(n), noun, n == 1 ? "" : "s");
}

std::string capitalised(std::string_view word) {
  std::string s(word);
  if (!s.empty() && s[0] >= 'a' && s[0] <= 'z') s[0] = static_cast<char>(s[0] - 'a' + 'A');
  return s;
}

std::string op_name(const NodeRow& row) {
  return printable(row.domain.empty() ? row.op_type : row.domain + "." + row.op_type);
}

// "Foo x2, Bar x1", most frequent first, ties by name.
std::string list_types(const std::map<std::string, std::size_t>& counts, std::size_t limit) {
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [type, n] : sorted) {
    if (parts.size() == limit) {
      parts.emplace_back("...");
      break;
    }
    parts.push_back(fmt::format("{} x{}", type, n));
  }
  return join(parts, ", ");
}

std::string title_of(const Report& r) {
  std::string title = printable(r.model.file);
  if (!r.hardware) return title;
  const HardwareRow& h = *r.hardware;
  title += " on " + printable(h.name.empty() ? h.id : h.name);
  if (!h.id.empty() && h.id != h.name) title += fmt::format(" ({})", printable(h.id));
  // "a100, power.tdp_watts = 300": what comes behind the id.
  const std::string label = machine_label(h);
  title += printable(label.substr(h.id.empty() ? h.name.size() : h.id.size()));
  return title + ", runtime " + printable(r.runtime);
}

std::string throughput(const Report& r) {
  const ReportTotals& t = r.totals;
  std::string text;
  if (t.throughput_per_second) {
    text += fmt::format(", {} {}/s", format_rate(*t.throughput_per_second),
                        r.batch == 1 ? "inferences" : "samples");
    if (r.batch != 1) text += fmt::format(" in batches of {}", r.batch);
  }
  if (t.tokens_per_second && *r.tokens != r.batch) {
    text += fmt::format(", {} tokens/s", format_rate(*t.tokens_per_second));
  }
  return text;
}

std::string headline_of(const Report& r) {
  const ReportTotals& t = r.totals;
  if (!r.hardware) return "Counted, not timed: give --hw NAME for times (aiprof hw list).";
  if (!t.seconds || t.seconds->latency <= 0) {
    return r.coverage.gaps > 0 ? "Undecided: what takes time is not modelled."
                               : "Nothing runs on the machine: 0 s.";
  }
  std::string text = t.bound ? capitalised(name(*t.bound)) + "-bound: " : std::string();
  text += format_seconds(t.seconds->latency) + " an inference predicted";
  if (t.latency_low_seconds && t.latency_high_seconds) {
    text += fmt::format(" (80 % interval {} to {})", format_seconds(*t.latency_low_seconds),
                        format_seconds(*t.latency_high_seconds));
  }
  return text + throughput(r) + ".";
}

class Lines {
 public:
  explicit Lines(const Report& report) : r_(report), t_(report.totals) {}

  std::vector<VerdictLine> run() {
    time();
    measured();
    joined();
    work();
    memory();
    traffic();
    use();
    ridge();
    modelled();
    unsupported();
    assumed();
    return std::move(lines_);
  }

 private:
  void add(std::string_view label, std::string text, Tone tone = Tone::kPlain) {
    lines_.push_back({std::string(label), std::move(text), tone, false});
  }
  void add_of_model(std::string_view label, std::string text, Tone tone = Tone::kPlain) {
    lines_.push_back({std::string(label), std::move(text), tone, true});
  }

  // Where the time goes.
  void time() {
    if (!t_.seconds || t_.seconds->latency <= 0) return;
    std::array<double, 3> by_bound = {};
    for (const NodeRow& row : r_.nodes) {
      if (row.bound && row.seconds) {
        by_bound[static_cast<std::size_t>(*row.bound)] += row.seconds->latency;
      }
    }
    std::array<Bound, 3> bounds = {Bound::kMemory, Bound::kCompute, Bound::kOverhead};
    const auto seconds = [&](Bound b) { return by_bound[static_cast<std::size_t>(b)]; };
    std::stable_sort(bounds.begin(), bounds.end(),
                     [&](Bound a, Bound b) { return seconds(a) > seconds(b); });
    std::string text;
    for (const Bound b : bounds) {
      if (seconds(b) <= 0) continue;
      text += fmt::format("{}{} % {}-bound", text.empty() ? "" : ", ",
                          format_percent(seconds(b) / t_.seconds->latency), name(b));
    }
    add("time", text + "; " + count_of(r_.kernels.size(), "kernel"));
  }

  void measured() {
    if (!t_.measured_latency_seconds || !t_.seconds) return;
    const double seconds = *t_.measured_latency_seconds;
    const bool inside = t_.latency_low_seconds && t_.latency_high_seconds &&
                        seconds >= *t_.latency_low_seconds && seconds <= *t_.latency_high_seconds;
    std::string text =
        fmt::format("{}, {} x the estimate, {} its interval", format_seconds(seconds),
                    format_ratio(seconds / t_.seconds->latency), inside ? "inside" : "outside");
    if (t_.measured_mfu) text += fmt::format("; MFU {} %", format_percent(*t_.measured_mfu));
    if (t_.measured_mbu) text += fmt::format(", MBU {} %", format_percent(*t_.measured_mbu));
    add("measured", text, inside ? Tone::kGood : Tone::kWarning);
  }

  // How far a profile could be joined, and how far off the kernels are.
  void joined() {
    if (!r_.measured) return;
    const MeasuredRow& m = *r_.measured;
    const double share = m.seconds > 0 ? m.matched_seconds / m.seconds : 0;
    std::string text = fmt::format("{} % of {} in {} joined to {} of {}", format_percent(share),
                                   format_seconds(m.seconds), count_of(m.events, "event"),
                                   m.kernels, count_of(r_.kernels.size(), "kernel"));
    if (m.free_seconds > 0) {
      text += fmt::format(", {} to operators that are predicted to be free",
                          format_seconds(m.free_seconds));
    }
    if (m.mape && m.weighted_mape) {
      text += fmt::format("; kernels {} % off on average, {} % weighted by time",
                          format_percent(*m.mape), format_percent(*m.weighted_mape));
    }
    if (!m.other_shapes.empty()) {
      add("profile", printable(m.file) + " " + printable(m.other_shapes), Tone::kBad);
    }
    constexpr double kAlmostAll = 0.99;
    add("profile", text, share < kAlmostAll ? Tone::kWarning : Tone::kPlain);
    add("profile", fmt::format("{}, {}", printable(m.file), source_of(m)));
  }

  static std::string source_of(const MeasuredRow& m) {
    std::string text = m.format;
    if (m.runs > 1) text += fmt::format(", {} runs", m.runs);
    for (const std::string& note : m.notes) text += ", " + printable(note);
    return text;
  }

  void work() {
    const WorkRow& w = t_.work;
    if (!w.flops.known()) return add_of_model("work", "more than 64 bits can count", Tone::kBad);
    std::string text = format_si(w.flops.as_double(), "FLOP");
    if (w.macs.known()) text += fmt::format(" ({})", format_si(w.macs.as_double(), "MAC"));
    if (w.transcendentals.known() && w.transcendentals.value() > 0) {
      text += ", " + plural(w.transcendentals.value(), "transcendental");
    }
    if (t_.parameters) text += ", " + plural(*t_.parameters, "parameter");
    add_of_model("work", text);
  }

  void memory() {
    std::string text =
        fmt::format("{} weights + {} activations at the peak", bytes_or_unknown(t_.weight_bytes),
                    bytes_or_unknown(t_.peak_activation_bytes));
    if (t_.memory_bytes) text += " = " + format_bytes(*t_.memory_bytes);
    Tone tone = Tone::kPlain;
    if (t_.fits && r_.hardware) {
      text += fmt::format(" of {}: {}", format_capacity(r_.hardware->memory_bytes),
                          *t_.fits ? "fits" : "does not fit");
      tone = *t_.fits ? Tone::kGood : Tone::kBad;
    }
    add("memory", text, tone);
    if (!t_.kv_cache_bytes || *t_.kv_cache_bytes > 0) kv_cache();
  }

  void kv_cache() {
    std::string text = bytes_or_unknown(t_.kv_cache_bytes) + " after the step";
    if (t_.kv_cache_bytes_per_token && *t_.kv_cache_bytes_per_token > 0) {
      text += fmt::format(", {} for each token more", format_bytes(*t_.kv_cache_bytes_per_token));
    }
    add_of_model("KV cache", text);
  }

  void traffic() {
    const Count alone = t_.work.bytes_read + t_.work.bytes_written;
    if (!alone.known()) return;
    std::string text;
    if (t_.kernel_bytes_read && t_.kernel_bytes_written) {
      text = fmt::format("{} moved by the kernels, {} by the operators one by one",
                         format_bytes(*t_.kernel_bytes_read + *t_.kernel_bytes_written),
                         format_bytes(alone.value()));
    } else {
      text = fmt::format("{} moved by the operators one by one", format_bytes(alone.value()));
    }
    if (t_.arithmetic_intensity) {
      text += fmt::format("; {} FLOP/B", format_ratio(*t_.arithmetic_intensity));
    }
    add("traffic", text);
  }

  void use() {
    std::vector<std::string> parts;
    if (t_.mfu) parts.push_back(fmt::format("MFU {} %", format_percent(*t_.mfu)));
    if (t_.mbu) parts.push_back(fmt::format("MBU {} %", format_percent(*t_.mbu)));
    if (t_.seconds && t_.seconds->joules > 0) {
      parts.push_back(format_joules(t_.seconds->joules) + " an inference");
    }
    if (t_.average_watts) parts.push_back(format_si(*t_.average_watts, "W") + " on average");
    if (!parts.empty()) add("use", join(parts, ", "));
  }

  // Only the roofs that some kernel runs under.
  void ridge() {
    std::string text;
    for (const Ridge& ridge : r_.ridges) {
      const bool used = std::any_of(r_.kernels.begin(), r_.kernels.end(),
                                    [&](const KernelRow& k) { return k.engine == ridge.engine; });
      if (!used) continue;
      text += fmt::format("{}{} {} FLOP/B ({})", text.empty() ? "" : ", ", ridge.engine,
                          format_ratio(ridge.flops_per_byte),
                          format_si(ridge.flops_per_second, "FLOP/s"));
    }
    if (!text.empty()) add("ridges", text);
  }

  void modelled() {
    const Coverage& c = r_.coverage;
    std::string text = c.gaps == 0
                           ? (c.nodes == 1 ? std::string("the only operator")
                                           : fmt::format("all {} operators", c.nodes))
                           : fmt::format("costed {} of {} operators", c.nodes - c.gaps, c.nodes);
    text += fmt::format(" ({} exact, {} assumed, {} folded)", c.exact, c.assumed, c.folded);
    if (c.gaps == 0) return add_of_model("modelled", text);
    text += "; totals are lower bounds without";
    constexpr std::size_t kNamed = 4;
    add_of_model("modelled", text + " " + gap_types(r_, kNamed), Tone::kWarning);
  }

  void unsupported() {
    std::map<std::string, std::size_t> why;
    for (const KernelRow& kernel : r_.kernels) {
      if (!kernel.unsupported.empty()) ++why[kernel.unsupported];
    }
    for (const auto& [text, n] : why) {
      add("unsupported", count_of(n, "kernel") + ": " + printable(text), Tone::kBad);
    }
  }

  void assumed() {
    const std::size_t all = r_.assumptions.size();
    const std::size_t shown = assumptions_shown(r_);
    for (std::size_t i = 0; i < shown; ++i) add_of_model("assumed", printable(r_.assumptions[i]));
    if (shown < all) add_of_model("assumed", fmt::format("{} more, in the notes", all - shown));
  }

  const Report& r_;
  const ReportTotals& t_;
  std::vector<VerdictLine> lines_;
};

}  // namespace

std::size_t assumptions_shown(const Report& report) {
  constexpr std::size_t kShown = 3;
  const std::size_t all = report.assumptions.size();
  return all <= kShown + 1 ? all : kShown;
}

Verdict verdict(const Report& report) {
  return {title_of(report), headline_of(report), Lines(report).run()};
}

std::string gap_types(const Report& report, std::size_t limit) {
  std::map<std::string, std::size_t> counts;
  for (const NodeRow& row : report.nodes) {
    if (row.status == NodeStatus::kGap) ++counts[op_name(row)];
  }
  return list_types(counts, limit);
}

UnmatchedEvents unmatched_events(const Report& report, std::size_t limit) {
  UnmatchedEvents out;
  if (!report.measured) return out;
  const std::vector<UnmatchedRow>& all = report.measured->unmatched;
  const std::size_t shown = limit == 0 ? all.size() : std::min(limit, all.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const UnmatchedRow& u = all[i];
    const std::string type = u.op_type.empty() ? "" : " (" + printable(u.op_type) + ")";
    out.lines.push_back(fmt::format("{}{}: {}, {}", printable(u.name), type,
                                    format_seconds(u.seconds), printable(u.reason)));
  }
  out.more = all.size() - shown;
  return out;
}

std::vector<Reason> reasons(const Report& report, NodeStatus status) {
  struct Group {
    Reason reason;
    std::map<std::string, std::size_t> types;
  };
  std::map<std::string, Group> groups;
  for (const NodeRow& row : report.nodes) {
    if (row.status != status) continue;
    Group& group = groups[row.reason];
    if (group.reason.nodes++ == 0) {
      group.reason.reason = printable(row.reason);
      group.reason.example = node_label(report, row);
    }
    ++group.types[op_name(row)];
  }
  constexpr std::size_t kNamed = 6;
  std::vector<Reason> out;
  for (auto& [text, group] : groups) {
    group.reason.op_types = list_types(group.types, kNamed);
    out.push_back(std::move(group.reason));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Reason& a, const Reason& b) { return a.nodes > b.nodes; });
  return out;
}

}  // namespace aiprof
