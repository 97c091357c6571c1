#include "aiprof/report/write.h"
#include "report/csv.h"
#include "report/html.h"
#include "report/json.h"
#include "report/markdown.h"
#include "report/svg.h"
#include "report/table.h"

namespace aiprof {
namespace {

constexpr ReportFormat kFormats[] = {
    {"table", "for a terminal", write_table},
    {"json", "for programs: docs/schema/report.schema.json", write_json},
    {"csv", "all operators or groups, for spreadsheets", write_csv},
    {"markdown", "for pull requests and documents", write_markdown},
    {"html", "for a browser: one file with charts and all operators", write_html},
    {"svg", "the roofline, for documents", write_svg},
};

}  // namespace

std::span<const ReportFormat> report_formats() { return kFormats; }

std::string_view program_version() { return AIPROF_VERSION; }

}  // namespace aiprof
