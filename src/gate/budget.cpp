#include "aiprof/gate/budget.h"

#include <fmt/format.h>

#include <filesystem>

#include "aiprof/base/text.h"
#include "gate/strict_json.h"

namespace aiprof::gate {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFileKeys[] = {"$schema", "schema_version", "budgets"};
constexpr std::string_view kEntryKeys[] = {"model",   "models", "base",         "hardware",
                                           "runtime", "set",    "dims",         "shapes",
                                           "values",  "trips",  "op_rules",     "owner",
                                           "certain", "limits", "max_increase", "max_decrease"};
constexpr std::string_view kLimitKeys[] = {"limit", "owner", "waiver"};
constexpr std::string_view kWaiverKeys[] = {"owner", "reason", "expires"};

// How the text of a limit is read, which depends on the list that it stands in.
using Parse = Limit (*)(std::string_view text, std::string_view where);

Limit parse_increase(std::string_view text, std::string_view where) {
  return parse_change(text, Direction::kIncrease, where);
}
Limit parse_decrease(std::string_view text, std::string_view where) {
  return parse_change(text, Direction::kDecrease, where);
}

const InputJson& required(const InputJson& object, const char* key, const Place& place) {
  const auto it = object.find(key);
  if (it == object.end()) place.fail(fmt::format("has no \"{}\"", key));
  return *it;
}

Waiver read_waiver(const InputJson& value, const Place& place) {
  check_keys(object_at(value, place), kWaiverKeys, place);
  Waiver w;
  w.owner = string_at(required(value, "owner", place), place.at("owner"));
  w.reason = string_at(required(value, "reason", place), place.at("reason"));
  const std::string day = string_at(required(value, "expires", place), place.at("expires"));
  const std::optional<Date> date = parse_date(day);
  if (!date) {
    place.at("expires").fail(
        fmt::format("'{}' is no date; expected YYYY-MM-DD, such as 2027-01-31", printable(day)));
  }
  w.expires = *date;
  return w;
}

Limit read_limit_text(const std::string& text, const Place& place, Parse parse) {
  try {
    return parse(text, place.text());
  } catch (const Error& e) {
    throw input_error(e.what());  // what a file contains is wrong, not what was typed
  }
}

Rule read_rule(const InputJson& value, const Place& place, Parse parse) {
  Rule rule;
  if (value.is_string()) {
    rule.limit = read_limit_text(string_at(value, place), place, parse);
    return rule;
  }
  if (!value.is_object()) place.fail("expected a limit, such as \"latency<=5ms\", or an object");
  check_keys(value, kLimitKeys, place);
  const Place inner = place.at("limit");
  rule.limit = read_limit_text(string_at(required(value, "limit", place), inner), inner, parse);
  if (value.contains("owner")) rule.owner = string_at(value["owner"], place.at("owner"));
  if (value.contains("waiver")) rule.waiver = read_waiver(value["waiver"], place.at("waiver"));
  return rule;
}

void read_rules(const InputJson& entry, const char* key, const Place& place, Parse parse,
                std::vector<Rule>& into) {
  if (!entry.contains(key)) return;
  const Place inner = place.at(key);
  const InputJson& list = array_at(entry[key], inner);
  for (std::size_t i = 0; i < list.size(); ++i) {
    into.push_back(read_rule(list[i], inner.at(i), parse));
  }
}

// Files of a budget stand beside it, wherever aiprof is started.
std::string beside(const std::string& budget, const std::string& file) {
  const fs::path directory = fs::path(budget).parent_path();
  return fs::path(file).is_absolute() || directory.empty() ? file : (directory / file).string();
}

// A hardware name stays one unless a file of that name stands beside the budget.
std::string hardware_beside(const std::string& budget, const std::string& name) {
  const std::string file = beside(budget, name);
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) ? file : name;
}

// {"name": value, ...}
template <typename Value>
void read_map(const InputJson& entry, const char* key, const Place& place,
              std::map<std::string, Value>& into,
              Value (*read)(const InputJson& value, const Place& place)) {
  if (!entry.contains(key)) return;
  const Place inner = place.at(key);
  for (const auto& [name, value] : object_at(entry[key], inner).items()) {
    into[name] = read(value, inner.at(name));
  }
}

void read_inputs(const InputJson& value, const Place& place, const std::string& file,
                 BudgetEntry& entry) {
  if (value.contains("model") == value.contains("models")) {
    place.fail("expected either \"model\" or \"models\"");
  }
  const char* key = value.contains("model") ? "model" : "models";
  for (const std::string& model : strings_at(value[key], place.at(key))) {
    entry.models.push_back(beside(file, model));
  }
  if (entry.models.empty()) place.at(key).fail("is empty");
  if (value.contains("base")) {
    entry.base = beside(file, string_at(value["base"], place.at("base")));
  }
  read_map(value, "dims", place, entry.dims, whole_at);
  read_map(value, "trips", place, entry.trips, whole_at);
  read_map(value, "shapes", place, entry.shapes, string_at);
  read_map(value, "values", place, entry.values, string_at);
  for (auto& [input, text] : entry.values) {
    if (text.starts_with('@')) text = "@" + beside(file, text.substr(1));
  }
  if (!value.contains("op_rules")) return;
  for (const std::string& rules : strings_at(value["op_rules"], place.at("op_rules"))) {
    entry.op_rules.push_back(beside(file, rules));
  }
}

void read_machine(const InputJson& value, const Place& place, const std::string& file,
                  BudgetEntry& entry) {
  if (value.contains("hardware")) {
    for (const std::string& name : strings_at(value["hardware"], place.at("hardware"))) {
      entry.hardware.push_back(hardware_beside(file, name));
    }
  }
  if (value.contains("runtime")) {
    entry.runtime = string_at(value["runtime"], place.at("runtime"));
  }
  if (value.contains("set")) entry.edits = strings_at(value["set"], place.at("set"));
  if (!value.contains("certain")) return;
  const InputJson& certain = value["certain"];
  if (!certain.is_boolean()) place.at("certain").fail("expected true or false");
  if (certain.get<bool>()) entry.certainty = Certainty::kInterval;
}

BudgetEntry read_entry(const InputJson& value, const Place& place, const std::string& file) {
  check_keys(object_at(value, place), kEntryKeys, place);
  BudgetEntry entry;
  read_inputs(value, place, file, entry);
  read_machine(value, place, file, entry);
  read_rules(value, "limits", place, parse_limit, entry.rules);
  read_rules(value, "max_increase", place, parse_increase, entry.rules);
  read_rules(value, "max_decrease", place, parse_decrease, entry.rules);
  if (entry.rules.empty()) place.fail("has no limits, so that nothing could break");
  const std::string owner =
      value.contains("owner") ? string_at(value["owner"], place.at("owner")) : std::string();
  for (Rule& rule : entry.rules) {
    if (rule.owner.empty()) rule.owner = owner;
    if (rule.limit.change && entry.base.empty()) {
      place.fail(fmt::format("'{}' is against a base, and there is no \"base\"",
                             printable(rule.limit.text)));
    }
    if (rule.limit.metric->needs_machine && entry.hardware.empty()) {
      place.fail(fmt::format("'{}' is of a machine, and there is no \"hardware\"",
                             printable(rule.limit.text)));
    }
  }
  return entry;
}

}  // namespace

Budget parse_budget(std::string_view text, const std::string& file) {
  const InputJson root = parse_json(text, file);
  const Place place(file);
  check_keys(object_at(root, place), kFileKeys, place);
  const InputJson& version = required(root, "schema_version", place);
  if (!version.is_string() || version.get<std::string>() != "1") {
    place.at("schema_version").fail("expected \"1\", the version that this aiprof reads");
  }
  Budget budget;
  budget.file = file;
  const Place inner = place.at("budgets");
  const InputJson& list = array_at(required(root, "budgets", place), inner);
  for (std::size_t i = 0; i < list.size(); ++i) {
    budget.entries.push_back(read_entry(list[i], inner.at(i), file));
  }
  if (budget.entries.empty()) inner.fail("is empty, so that nothing could break");
  return budget;
}

std::span<const std::string_view> budget_keys(BudgetObject object) {
  switch (object) {
    case BudgetObject::kFile:
      return kFileKeys;
    case BudgetObject::kEntry:
      return kEntryKeys;
    case BudgetObject::kLimit:
      return kLimitKeys;
    case BudgetObject::kWaiver:
      return kWaiverKeys;
  }
  return {};
}

}  // namespace aiprof::gate
