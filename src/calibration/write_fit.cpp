// The result of a fit as a hardware file, as a table and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aiprof/base/csv.h"
#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/calibration/fit.h"
#include "aiprof/hardware/catalogue.h"
#include "calibration/json_text.h"
#include "calibration/model.h"

namespace aiprof {
namespace {

using Json = nlohmann::ordered_json;
using calibration::class_of_constant;

constexpr const char* kSource = "calibration";

// Five digits: what a fit can tell.
std::string number(double value) { return fmt::format("{:.5g}", value); }

std::string quantity(double value) {
  return fmt::format(R"({{"value": {}, "source": "{}", "status": "derived"}})", number(value),
                     kSource);
}

// What the user gave, as it was given.
std::string fixed(double value) {
  return fmt::format(R"({{"value": {}, "status": "user", "note": "fixed"}})", value);
}

std::string text_value(const std::string& text) { return Json(text).dump(); }

bool refitted(const FitResult& result, const std::string& time_class) {
  if (std::ranges::find(result.scaled, time_class) != result.scaled.end()) return false;
  return std::ranges::any_of(result.constants, [&](const FittedConstant& c) {
    return class_of_constant(c.name) == time_class;
  });
}

// What stays of an earlier calibration: constants, residuals and origins of classes that this fit
// did not touch.
class Calibrated {
 public:
  Calibrated(const Json& file, const FitResult& result) : result_(result) {
    if (file.contains("calibration")) old_ = file["calibration"];
  }

  [[nodiscard]] std::string text() const {
    std::vector<std::string> members = {fmt::format("\"state\": \"{}\"", name(result_.state))};
    members.push_back(object("constants", constants()));
    const std::vector<std::string> quantiles = residuals();
    if (!quantiles.empty()) members.push_back(object("residuals", quantiles));
    members.push_back(list("fitted_on", origins()));
    if (!result_.date.empty()) members.push_back("\"date\": " + text_value(result_.date));
    if (old_.contains("notes")) members.push_back("\"notes\": " + old_["notes"].dump());
    return "{\n    " + fmt::format("{}", fmt::join(members, ",\n    ")) + "\n  }";
  }

 private:
  static std::string object(std::string_view key, const std::vector<std::string>& members) {
    return fmt::format("\"{}\": {{\n      {}\n    }}", key, fmt::join(members, ",\n      "));
  }
  static std::string list(std::string_view key, const std::vector<std::string>& items) {
    return fmt::format("\"{}\": [\n      {}\n    ]", key, fmt::join(items, ",\n      "));
  }

  [[nodiscard]] std::vector<std::string> constants() const {
    std::vector<std::string> out;
    if (old_.contains("constants")) {
      for (const auto& [key, value] : old_["constants"].items()) {
        const bool replaced = std::ranges::find(result_.constants, key, &FittedConstant::name) !=
                              result_.constants.end();
        if (!replaced && !refitted(result_, class_of_constant(key))) {
          out.push_back(kept(key, value));
        }
      }
    }
    for (const FittedConstant& c : result_.constants) {
      out.push_back(
          fmt::format("\"{}\": {}", c.name, c.fixed ? fixed(c.value) : quantity(c.value)));
    }
    return out;
  }

  [[nodiscard]] std::vector<std::string> residuals() const {
    std::vector<std::string> out;
    if (old_.contains("residuals")) {
      for (const auto& [key, value] : old_["residuals"].items()) {
        if (!refitted(result_, key)) out.push_back(kept(key, value));
      }
    }
    for (const ClassReport& c : result_.classes) {
      const RatioQuantiles& q = c.residual;
      out.push_back(
          fmt::format("\"{}\": {{\n        \"n\": {},\n        \"p10\": {},\n        \"p50\": {},\n"
                      "        \"p90\": {}\n      }}",
                      c.time_class, quantity(static_cast<double>(q.n)), quantity(q.p10),
                      quantity(q.p50), quantity(q.p90)));
    }
    return out;
  }

  [[nodiscard]] std::vector<std::string> origins() const {
    std::vector<std::string> out;
    for (const std::string& line : old_.value("fitted_on", std::vector<std::string>())) {
      if (!refitted(result_, line.substr(0, line.find(':')))) out.push_back(text_value(line));
    }
    for (const std::string& line : result_.fitted_on) out.push_back(text_value(line));
    return out;
  }

  static std::string kept(const std::string& key, const Json& value) {
    return text_value(key) + ": " + value.dump();
  }

  const FitResult& result_;
  Json old_ = Json::object();
};

std::string source_text(const FitResult& result) {
  std::string text = R"({"title": "Fitted by aiprof hw fit to the measurements under calibration.)"
                     R"(fitted_on")";
  if (!result.date.empty()) text += ", \"date\": " + text_value(result.date);
  return text + "}";
}

// A member of the memory level of that kind.
std::string set_level(std::string text, const Json& file, std::string_view kind,
                      const std::string& key, double fitted) {
  const Json& levels = file.at("memory");
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].value("level", "") != kind) continue;
    const std::string value =
        fmt::format(R"({{"value": {}, "source": "{}", "status": "derived", "note": "fitted"}})",
                    number(fitted), kSource);
    return calibration::set_member(text, {std::string("memory"), i}, key, value, 6);
  }
  return text;
}

// What the file assumed of the machine, and the measurements show.
std::string set_facts(std::string out, const Json& file, const FitResult& result) {
  if (result.main_bandwidth) {
    out = set_level(std::move(out), file, "dram", "bandwidth_bytes_per_second",
                    *result.main_bandwidth);
  }
  const Json& levels = file.at("memory");
  const bool shared = std::ranges::any_of(
      levels, [](const Json& level) { return level.value("level", "") == "llc"; });
  const std::string_view last = shared ? "llc" : "l2";
  if (result.cache_capacity) {
    out = set_level(std::move(out), file, last, "capacity_bytes", *result.cache_capacity);
  }
  if (result.cache_residency) {
    out = set_level(std::move(out), file, last, "residency_seconds", *result.cache_residency);
  }
  if (!result.stream_seconds) return out;
  const std::string value = fmt::format(
      R"({{"value": {}, "source": "{}", "status": "derived", "note": "measured between operators"}})",
      number(*result.stream_seconds), kSource);
  return calibration::set_member(out, {std::string("launch")}, "stream_seconds", value, 4);
}

std::string percent(const ErrorStats& s) {
  if (s.n == 0) return "-";
  return fmt::format("{:.1f}/{:.1f}/{:.1f}/{:+.1f}", 100 * s.mape, 100 * s.median, 100 * s.p90,
                     100 * s.bias);
}

Json stats_json(const ErrorStats& s) {
  return {{"n", s.n}, {"mape", s.mape}, {"median", s.median}, {"p90", s.p90}, {"bias", s.bias}};
}

}  // namespace

std::string write_fit(std::string_view text, std::string_view file, const FitResult& result) {
  (void)parse_hardware(text, file);
  const Json parsed = Json::parse(text);
  std::string out(text);
  out = set_facts(std::move(out), parsed, result);
  if (!parsed.contains("sources")) out = calibration::set_member(out, {}, "sources", "{}", 2);
  out = calibration::set_member(out, {std::string("sources")}, kSource, source_text(result), 4);
  out = calibration::set_member(out, {}, "calibration", Calibrated(parsed, result).text(), 2);
  (void)parse_hardware(out, file);  // what is written can be read again
  return out;
}

std::string format_fit(const FitResult& result) {
  std::string out = fmt::format(
      "Errors in percent: mean/median/90th percentile/bias of predicted against measured, rows at\n"
      "the launch floor apart. 'after' predicts every row by a fit that did not see it.\n\n"
      "{:22} {:8} {:>6} {:>5}  {:22} {:22} {:22} {:>7}\n",
      "class", "regime", "rows", "floor", "plain roofline", "before", "after", "80 % in");
  for (const ClassReport& c : result.classes) {
    out += fmt::format("{:22} {:8} {:6} {:5}  {:22} {:22} {:22} {:6.0f}%\n", c.time_class,
                       name(c.regime), c.n, c.at_floor, percent(c.roofline), percent(c.before),
                       percent(c.after), 100 * c.covered);
  }
  out += fmt::format("\n{:40} {:>12} {:>12}\n", "constant", "fitted", "default");
  for (const FittedConstant& c : result.constants) {
    out += fmt::format("{:40} {:>12} {:>12}{}\n", c.name, number(c.value), number(c.initial),
                       c.fixed      ? "  fixed"
                       : c.at_bound ? "  at the end of its range"
                                    : "");
  }
  if (result.main_bandwidth) {
    out += fmt::format("{:40} {:>12}  bytes/s; was assumed\n", "bandwidth of main memory",
                       number(*result.main_bandwidth));
  }
  if (result.cache_capacity) {
    out += fmt::format("{:40} {:>12}  bytes; was assumed\n", "capacity of the last cache",
                       number(*result.cache_capacity));
  }
  if (result.cache_residency) {
    out += fmt::format("{:40} {:>12}  s that it keeps data; was not known\n", "",
                       number(*result.cache_residency));
  }
  if (result.stream_seconds) {
    out += fmt::format("{:40} {:>12}  s; was assumed\n", "dispatch of an operator",
                       number(*result.stream_seconds));
  }
  for (const ClassReport& c : result.classes) {
    if (!c.host_launch_seconds) continue;
    out +=
        fmt::format("{}: the host takes {} s to launch (overlap {}); not written\n", c.time_class,
                    number(*c.host_launch_seconds), number(c.host_overlap.value_or(1)));
  }
  for (const std::string& note : result.notes) out += "note: " + printable(note) + "\n";
  return out;
}

std::string format_evaluation(std::span<const ClassReport> classes) {
  std::string out = fmt::format(
      "Errors in percent: mean/median/90th percentile/bias of predicted against measured, rows at\n"
      "the launch floor apart.\n\n{:22} {:8} {:>6} {:>5}  {:24} {:24} {:24}\n",
      "class", "regime", "rows", "floor", "plain roofline", "predicted", "at the floor");
  for (const ClassReport& c : classes) {
    out +=
        fmt::format("{:22} {:8} {:6} {:5}  {:24} {:24} {:24}\n", c.time_class, name(c.regime), c.n,
                    c.at_floor, percent(c.roofline), percent(c.before), percent(c.after_floor));
  }
  return out;
}

std::string rows_csv(std::span<const ClassReport> classes) {
  std::string out = "label,operator,class,dtype,regime,seconds,predicted,ratio,floor\n";
  for (const ClassReport& c : classes) {
    for (const RowError& r : c.rows) {
      out +=
          fmt::format("{},{},{},{},{},{},{:.6g},{:.4g},{}\n", csv_cell(r.row.label), r.row.op,
                      c.time_class, r.row.tf32 ? "tf32" : name(r.row.dtype), name(c.regime),
                      r.row.seconds, r.predicted, r.predicted / r.row.seconds, r.at_floor ? 1 : 0);
    }
  }
  return out;
}

std::string fit_json(std::span<const ClassReport> classes) {
  Json out = Json::array();
  for (const ClassReport& c : classes) {
    Json row = {
        {"class", c.time_class}, {"regime", name(c.regime)}, {"n", c.n}, {"at_floor", c.at_floor}};
    row["roofline"] = stats_json(c.roofline);
    row["before"] = stats_json(c.before);
    row["after"] = stats_json(c.after);
    row["after_floor"] = stats_json(c.after_floor);
    row["in_sample"] = stats_json(c.in_sample);
    row["residual"] = {{"n", c.residual.n},
                       {"p10", c.residual.p10},
                       {"p50", c.residual.p50},
                       {"p90", c.residual.p90}};
    row["covered"] = c.covered;
    if (c.host_launch_seconds) row["host_launch_seconds"] = *c.host_launch_seconds;
    if (c.host_overlap) row["host_overlap"] = *c.host_overlap;
    out.push_back(std::move(row));
  }
  return out.dump(2) + "\n";
}

}  // namespace aiprof
