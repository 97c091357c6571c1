// From a report to text. Writers take plain data, compute nothing but sums and shares of rows, and
// all people-facing ones share one table of columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/report/report.h"

namespace aiprof {

enum class NotesMode : std::uint8_t { kShow, kHide };
enum class ColourMode : std::uint8_t { kPlain, kColour };
// Sentences that hold names, in one line as logs want them or wrapped as people do.
enum class LineMode : std::uint8_t { kWhole, kWrapped };

struct WriteOptions {
  std::size_t top = 15;  // rows of people's formats; 0: all. JSON and CSV are never cut
  std::optional<GroupBy> group_by = std::nullopt;  // rows are groups instead of nodes
  std::size_t depth = 2;                           // of blocks
  std::size_t width = 80;                          // columns of the terminal
  ColourMode colour = ColourMode::kPlain;
  LineMode lines = LineMode::kWhole;  // of gates and differences
  NotesMode notes = NotesMode::kShow;
};

// One output format: a row of a table, so that a new one is one row and one function.
struct ReportFormat {
  std::string_view name;
  std::string_view what;
  // One report or several (one per machine) of the same model; at least one.
  std::string (*write)(std::span<const Report> reports, const WriteOptions& options);
};
[[nodiscard]] std::span<const ReportFormat> report_formats();

// "Foo x2, Bar x1": the operator types that are not modelled, most frequent first; after `limit`
// types "..." stands for the others. Empty if there are none.
[[nodiscard]] std::string gap_types(const Report& report, std::size_t limit);

// The version of the program, as reports state it.
[[nodiscard]] std::string_view program_version();

}  // namespace aiprof
