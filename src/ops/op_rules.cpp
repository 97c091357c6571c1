#include "aiprof/ops/op_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;

void refuse_unknown(const Json& object, const std::string& where,
                    const std::vector<std::string>& known) {
  if (!object.is_object()) throw input_error(where + ": expected an object");
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw input_error(fmt::format("{}/{}: unknown key{} (known: {})", where, key,
                                  did_you_mean(key, known), join(known, ", ")));
  }
}

std::string text_of(const Json& object, const char* key, const std::string& where) {
  if (!object.contains(key)) return {};
  const Json& value = object[key];
  if (!value.is_string()) {
    throw input_error(fmt::format("{}/{}: is {}; expected a string", where, key, value.dump()));
  }
  return value.get<std::string>();
}

// An expression is a string; a plain integer stands for itself.
Expression expression(const Json& value, const std::string& where) {
  try {
    if (value.is_string()) return Expression::parse(value.get<std::string>());
    if (value.is_number_unsigned()) return Expression::parse(value.dump());
  } catch (const Error& e) {
    throw e.in(where);
  }
  throw input_error(where + ": is " + value.dump() + "; expected an expression or an integer");
}

std::vector<Expression> expressions(const Json& list, const std::string& where) {
  if (!list.is_array()) throw input_error(where + ": expected an array of expressions");
  std::vector<Expression> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    out.push_back(expression(list[i], fmt::format("{}/{}", where, i)));
  }
  return out;
}

std::optional<std::size_t> input_slot(std::string_view text) {
  if (!text.starts_with("in")) return std::nullopt;
  std::size_t slot = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), slot);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return slot;
}

OutputRule output_rule(const Json& j, const std::string& where) {
  refuse_unknown(j, where, {"like", "dtype", "shape"});
  OutputRule rule;
  if (j.contains("like")) {
    rule.like = input_slot(text_of(j, "like", where));
    if (!rule.like) throw input_error(where + "/like: expected an input, such as \"in0\"");
  } else if (!j.contains("shape")) {
    throw input_error(where + ": needs 'like' or 'shape'");
  }
  rule.dtype = text_of(j, "dtype", where);
  if (!rule.dtype.empty() && !input_slot(rule.dtype) && !parse_dtype(rule.dtype)) {
    throw input_error(where + "/dtype: '" + rule.dtype + "' is neither a dtype nor an input");
  }
  if (j.contains("shape")) rule.shape = expressions(j["shape"], where + "/shape");
  return rule;
}

OpClass class_of(const std::string& text, const std::string& where) {
  if (text.empty()) return OpClass::kCustom;
  std::vector<std::string> names;
  for (int c = 0; c <= static_cast<int>(OpClass::kCustom); ++c) {
    names.emplace_back(name(static_cast<OpClass>(c)));
    if (names.back() == text) return static_cast<OpClass>(c);
  }
  throw input_error(
      fmt::format("{}/op_class: unknown class '{}'{}", where, text, did_you_mean(text, names)));
}

OpRule op_rule(const Json& j, const std::string& where) {
  refuse_unknown(j, where,
                 {"domain", "type", "op_class", "formula", "outputs", "macs", "flops",
                  "transcendentals", "integer_ops", "reads", "writes"});
  OpRule rule;
  rule.domain = canonical_domain(text_of(j, "domain", where));
  rule.type = text_of(j, "type", where);
  rule.formula = text_of(j, "formula", where);
  if (rule.type.empty()) throw input_error(where + ": the key 'type' is missing");
  if (!j.contains("outputs") || !j["outputs"].is_array()) {
    throw input_error(where + "/outputs: expected an array with a rule for each output");
  }
  for (std::size_t i = 0; i < j["outputs"].size(); ++i) {
    rule.outputs.push_back(output_rule(j["outputs"][i], fmt::format("{}/outputs/{}", where, i)));
  }
  const auto optional = [&](const char* key, std::optional<Expression>& to) {
    if (j.contains(key)) to = expression(j[key], where + "/" + key);
  };
  optional("macs", rule.macs);
  optional("flops", rule.flops);
  optional("transcendentals", rule.transcendentals);
  optional("integer_ops", rule.integer_ops);
  if (j.contains("reads")) rule.reads = expressions(j["reads"], where + "/reads");
  if (j.contains("writes")) rule.writes = expressions(j["writes"], where + "/writes");
  return rule;
}

Json parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    throw input_error(std::string("not valid JSON: ") + e.what());
  }
}

// The rules stand in OpSpec::custom; the row's own functions are never called.
void no_shape(const InferView& /*v*/) {}

}  // namespace

void OpRule::infer(const InferView& v) const {
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const OutputRule& rule = outputs[o];
    DType dtype = v.in(rule.like.value_or(0)).dtype;
    if (const auto slot = input_slot(rule.dtype)) {
      dtype = v.in(*slot).dtype;
    } else if (const auto named = parse_dtype(rule.dtype)) {
      dtype = *named;
    }
    if (rule.like) {
      const TensorFact& f = v.in(*rule.like);
      if (f.has_shape) {
        v.set(o, dtype, f.shape);
      } else {
        v.set_unknown_rank(o, dtype);
      }
      continue;
    }
    Shape shape;
    for (const Expression& e : rule.shape) shape.push_back(Dim::from(e.evaluate(v)));
    v.set(o, dtype, std::move(shape));
  }
}

Work OpRule::work(const OpView& v) const {
  Work w;
  const auto value = [&](const std::optional<Expression>& e) {
    return e ? e->evaluate(v) : Count(0U);
  };
  w.macs = value(macs);
  w.flops = value(flops);
  w.transcendentals = value(transcendentals);
  w.integer_ops = value(integer_ops);
  return w;
}

void OpRule::traffic(const OpView& v, Traffic& t) const {
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (reads && i < reads->size()) {
      t.read(i, (*reads)[i].evaluate(v));
    } else {
      t.read(i);
    }
  }
  for (std::size_t o = 0; o < v.num_outputs(); ++o) {
    if (writes && o < writes->size()) {
      t.write(o, (*writes)[o].evaluate(v));
    } else {
      t.write(o);
    }
  }
}

void OpRules::add(std::string_view json, std::string_view file) {
  try {
    const Json j = parse_json(json);
    refuse_unknown(j, "", {"operators"});
    if (!j.contains("operators") || !j["operators"].is_array()) {
      throw input_error("/operators: expected an array of operator rules");
    }
    for (std::size_t i = 0; i < j["operators"].size(); ++i) {
      const std::string where = fmt::format("/operators/{}", i);
      rules_.push_back(op_rule(j["operators"][i], where));
      const OpRule& rule = rules_.back();
      const OpClass c = class_of(text_of(j["operators"][i], "op_class", where), where);
      specs_.emplace_back(rule.domain, rule.type, 1, c, no_shape, no_work, no_traffic,
                          rule.formula);
      specs_.back().custom = &rule;
    }
  } catch (const Error& e) {
    throw e.in(file);
  }
}

void OpRules::add_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw input_error(path + ": cannot open the file of operator rules");
  std::ostringstream text;
  text << in.rdbuf();
  add(text.str(), path);
}

const OpSpec* OpRules::find(std::string_view domain, std::string_view type) const {
  const std::string_view wanted = canonical_domain(domain);
  for (auto it = specs_.rbegin(); it != specs_.rend(); ++it) {
    if (it->domain == wanted && it->type == type) return &*it;
  }
  return nullptr;
}

}  // namespace aiprof
