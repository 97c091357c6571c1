// The tables of spec.h as a JSON Schema, for editors and other people's checkers.
#include <fmt/format.h>

#include <limits>
#include <map>

#include "aiprof/hardware/catalogue.h"
#include "aiprof/hardware/constants.h"
#include "hardware/document.h"

namespace aiprof {
namespace {

using hw::FieldKind;
using hw::FieldSpec;
using hw::Json;
using hw::ObjectSpec;

class SchemaWriter {
 public:
  Json run() {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", "aiprof hardware description"}};
    schema.update(object_schema(hw::description_spec()));
    Json defs = Json::object();
    for (const auto& [name, def] : defs_) defs[name] = def;
    schema["$defs"] = std::move(defs);
    return schema;
  }

 private:
  static Json bounded(hw::Range range, std::string_view name) {
    Json schema = {{"type", "number"}};
    const hw::Bounds b = hw::bounds(range, name);
    schema[b.low_excluded ? "exclusiveMinimum" : "minimum"] = b.low;
    if (b.high < std::numeric_limits<double>::max()) schema["maximum"] = b.high;
    return schema;
  }

  // A number, or its long form.
  static Json quantity(hw::Range range, std::string_view name) {
    const Json value = bounded(range, name);
    Json properties = Json::object();
    Json required = Json::array();
    for (const FieldSpec& field : hw::quantity_spec().fields) {
      Json item = field.kind == FieldKind::kQuantity ? value : plain(field);
      item["description"] = field.meaning;
      properties[std::string(field.key)] = std::move(item);
      if (field.need == hw::Need::kRequired) required.push_back(field.key);
    }
    const Json detailed = {{"type", "object"},
                           {"properties", std::move(properties)},
                           {"required", std::move(required)},
                           {"additionalProperties", false}};
    return {{"anyOf", Json::array({value, detailed})}};
  }

  // Quantities of the same range share one definition.
  Json quantity_reference(hw::Range range, std::string_view name = {}) {
    const hw::Bounds b = hw::bounds(range, name);
    const bool open = b.high == std::numeric_limits<double>::max();
    const std::string key = fmt::format("number_{}_{:g}{}", b.low_excluded ? "above" : "from",
                                        b.low, open ? "" : fmt::format("_to_{:g}", b.high));
    defs_.try_emplace(key, quantity(range, name));
    return reference(key);
  }

  static Json reference(const std::string& key) { return {{"$ref", "#/$defs/" + key}}; }

  Json object_reference(const ObjectSpec& spec) {
    const std::string key(spec.name);
    if (!defs_.contains(key)) defs_[key] = object_schema(spec);
    return reference(key);
  }

  Json object_schema(const ObjectSpec& spec) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const FieldSpec& field : spec.fields) {
      Json item = field_schema(field);
      item["description"] = field.meaning;
      properties[std::string(field.key)] = std::move(item);
      if (field.need == hw::Need::kRequired) required.push_back(field.key);
    }
    Json schema = {{"description", spec.meaning},
                   {"type", "object"},
                   {"properties", std::move(properties)},
                   {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
  }

  static Json plain(const FieldSpec& field) {
    if (field.kind == FieldKind::kWord) return {{"enum", field.words}};
    if (field.kind == FieldKind::kInteger) return {{"type", "integer"}, {"minimum", 1}};
    return {{"type", "string"}, {"minLength", 1}};
  }

  Json field_schema(const FieldSpec& field) {
    switch (field.kind) {
      case FieldKind::kText:
      case FieldKind::kWord:
      case FieldKind::kInteger:
        return plain(field);
      case FieldKind::kQuantity:
        return quantity_reference(field.range);
      case FieldKind::kObject:
        return object_reference(*field.object);
      case FieldKind::kTextList:
        return {{"type", "array"}, {"items", {{"type", "string"}}}};
      case FieldKind::kObjectList: {
        Json schema = {{"type", "array"}, {"items", object_reference(*field.object)}};
        if (field.need == hw::Need::kRequired) schema["minItems"] = 1;
        return schema;
      }
      case FieldKind::kQuantityMap:
      case FieldKind::kWordMap:
      case FieldKind::kObjectMap:
        return map_schema(field);
    }
    return Json::object();
  }

  Json map_schema(const FieldSpec& field) {
    const std::vector<std::string> keys = hw::map_keys(field.keys);
    Json schema = {{"type", "object"}};
    if (keys.empty()) {
      schema["additionalProperties"] = object_reference(*field.object);
      return schema;
    }
    Json properties = Json::object();
    for (const std::string& key : keys) {
      properties[key] = field.kind == FieldKind::kWordMap ? Json{{"enum", keys}}
                                                          : quantity_reference(field.range, key);
    }
    if (field.keys == hw::Keys::kConstants) {
      for (const ConstantSpec& constant : constant_specs()) {
        properties[std::string(constant.name)]["description"] = constant.meaning;
      }
    }
    schema["properties"] = std::move(properties);
    schema["additionalProperties"] = false;
    if (field.need == hw::Need::kRequired) schema["minProperties"] = 1;
    return schema;
  }

  std::map<std::string, Json> defs_;
};

}  // namespace

std::string hardware_json_schema() { return SchemaWriter().run().dump(2) + '\n'; }

}  // namespace aiprof
