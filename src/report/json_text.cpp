#include "report/json_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace aiprof::json_text {

void append(std::string& out, std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
  });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  using Json = nlohmann::json;
  out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append(std::string& out, double number) {
  if (number == 0 && !std::signbit(number)) {
    out += "0.0";
  } else {
    out += nlohmann::json(number).dump();
  }
}

}  // namespace aiprof::json_text
