// Values of tables, each once.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "report/columns.h"

namespace aiprof {

// Numbers them from 1 in the order in which they come; 0 is "no value".
class ValuePool {
 public:
  [[nodiscard]] std::size_t add(const Cell& cell);
  // A column of cells, as JSON; equal columns have the same number.
  [[nodiscard]] std::size_t add_column(const std::vector<Cell>& cells);

  // JSON arrays.
  [[nodiscard]] std::string values() const { return "[null" + values_ + "]"; }
  [[nodiscard]] std::string columns() const;

 private:
  [[nodiscard]] std::string encode(const std::string& text);

  std::string values_;
  std::size_t count_ = 0;
  std::string previous_;                              // the last text
  std::unordered_map<std::string, std::size_t> ids_;  // by text, with a mark for its type in front
  std::vector<std::string> columns_;
  std::unordered_map<std::string, std::size_t> column_ids_;
};

// A quoted JSON string of valid UTF-8, fit for a <script> element.
[[nodiscard]] std::string script_string(std::string_view text);

}  // namespace aiprof
