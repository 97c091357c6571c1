// A JSON Schema, by a validator that others wrote. Needs valijson's headers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "support/files.h"

namespace aiprof::test {

class JsonSchema {
 public:
  explicit JsonSchema(const char* file) : text_(nlohmann::json::parse(file_bytes(file))) {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(text_), schema_);
  }

  // The complaints of the validator, one a line; empty if there are none.
  [[nodiscard]] std::string complaints(const nlohmann::json& document) const {
    valijson::Validator validator;
    valijson::ValidationResults results;
    validator.validate(schema_, Adapter(document), &results);
    std::string text;
    valijson::ValidationResults::Error error;
    for (int shown = 0; shown < 20 && results.popError(error); ++shown) {
      for (const std::string& part : error.context) text += part;
      text += ": " + error.description + "\n";
    }
    return text;
  }

 private:
  using Adapter = valijson::adapters::NlohmannJsonAdapter;

  nlohmann::json text_;
  valijson::Schema schema_;
};

}  // namespace aiprof::test
