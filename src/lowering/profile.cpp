#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/lowering/lowering.h"
#include "lowering/embedded.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;

// One word of a fixed list, by its position.
template <typename T, std::size_t N>
T word(const Json& value, const std::string& where, const char* const (&names)[N]) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  for (std::size_t i = 0; i < N; ++i) {
    if (text == names[i]) return static_cast<T>(i);
  }
  const std::vector<std::string> list(std::begin(names), std::end(names));
  throw input_error(fmt::format("{}: is {}; expected one of {}{}", where, value.dump(),
                                join(list, ", "), did_you_mean(text, list)));
}

std::vector<std::string> strings(const Json& value, const std::string& where) {
  std::vector<std::string> out;
  if (!value.is_array()) throw input_error(where + ": expected an array of strings");
  for (const Json& item : value) {
    if (!item.is_string()) throw input_error(where + ": expected an array of strings");
    out.push_back(item.get<std::string>());
  }
  return out;
}

std::string text_of(const Json& value, const std::string& where) {
  if (!value.is_string()) throw input_error(where + ": is " + value.dump() + "; expected a string");
  return value.get<std::string>();
}

void refuse_unknown(const Json& object, const std::string& where,
                    const std::vector<std::string>& known) {
  if (!object.is_object()) throw input_error(where + ": expected an object");
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw input_error(fmt::format("{}/{}: unknown key{} (known: {})", where, key,
                                  did_you_mean(key, known), join(known, ", ")));
  }
}

FusionRule parse_rule(const Json& j, const std::string& where) {
  static constexpr const char* kKinds[] = {"epilogue", "sequence", "cluster",
                                           "qdq",      "dequant",  "absorb"};
  refuse_unknown(j, where, {"name", "kind", "inputs", "head", "members", "max_members", "becomes"});
  for (const char* key : {"name", "kind", "head", "members"}) {
    if (!j.contains(key)) throw input_error(fmt::format("{}: the key '{}' is missing", where, key));
  }
  FusionRule rule;
  rule.name = text_of(j["name"], where + "/name");
  rule.kind = word<FusionRule::Kind>(j["kind"], where + "/kind", kKinds);
  rule.head = strings(j["head"], where + "/head");
  rule.members = strings(j["members"], where + "/members");
  if (j.contains("inputs")) {
    if (rule.kind != FusionRule::Kind::kSequence) {
      throw input_error(where + "/inputs: only rules of the kind \"sequence\" have it");
    }
    rule.inputs = strings(j["inputs"], where + "/inputs");
  }
  if (j.contains("becomes")) rule.becomes = text_of(j["becomes"], where + "/becomes");
  if (j.contains("max_members")) {
    if (!j["max_members"].is_number_unsigned()) {
      throw input_error(where + "/max_members: expected a non-negative integer");
    }
    rule.max_members = j["max_members"].get<int>();
  }
  return rule;
}

Json parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    throw input_error(std::string("not valid JSON: ") + e.what());
  }
}

RuntimeProfile parse_checked(std::string_view text) {
  static constexpr const char* kModes[] = {"none", "graph", "stream", "eager"};
  static constexpr const char* kMath[] = {"float32", "tf32"};
  const Json j = parse_json(text);
  refuse_unknown(
      j, "", {"name", "description", "launch", "float32_math", "steps_through_views", "fusions"});
  for (const char* key : {"name", "launch", "float32_math", "fusions"}) {
    if (!j.contains(key)) throw input_error(fmt::format("the key '{}' is missing", key));
  }
  RuntimeProfile p;
  p.name = text_of(j["name"], "/name");
  if (j.contains("description")) p.description = text_of(j["description"], "/description");
  p.launch = word<LaunchMode>(j["launch"], "/launch", kModes);
  p.float32_math = word<Float32Math>(j["float32_math"], "/float32_math", kMath);
  if (j.contains("steps_through_views")) {
    if (!j["steps_through_views"].is_boolean()) {
      throw input_error("/steps_through_views: expected true or false");
    }
    p.steps_through_views = j["steps_through_views"].get<bool>();
  }
  if (!j["fusions"].is_array()) throw input_error("/fusions: expected an array");
  for (std::size_t i = 0; i < j["fusions"].size(); ++i) {
    p.fusions.push_back(parse_rule(j["fusions"][i], fmt::format("/fusions/{}", i)));
  }
  return p;
}

}  // namespace

RuntimeProfile parse_runtime(std::string_view text, std::string_view file) {
  try {
    RuntimeProfile p = parse_checked(text);
    p.file = file;
    return p;
  } catch (const Error& e) {
    throw e.in(file);
  }
}

std::vector<std::string> runtime_names() {
  std::vector<std::string> names;
  for (const auto& f : runtimes::embedded_files()) names.emplace_back(f.name);
  return names;
}

RuntimeProfile load_runtime(std::string_view name_or_file) {
  for (const auto& f : runtimes::embedded_files()) {
    if (f.name == name_or_file) return parse_runtime(f.text, std::string(f.name) + " (built in)");
  }
  std::ifstream in{std::string(name_or_file)};
  if (!in) {
    const auto names = runtime_names();
    throw usage_error(
        fmt::format("--runtime {}: neither a file nor a built-in profile{} (built in: "
                    "{})",
                    name_or_file, did_you_mean(name_or_file, names), join(names, ", ")));
  }
  std::ostringstream text;
  text << in.rdbuf();
  return parse_runtime(text.str(), name_or_file);
}

}  // namespace aiprof
