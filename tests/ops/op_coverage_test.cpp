// docs/op-coverage.md is the registry in print. AIPROF_UPDATE_GOLDEN=1 writes it anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "aiprof/ops/op_spec.h"

namespace aiprof::test {
namespace {

std::string title(std::string_view domain) {
  return domain.empty() ? "ai.onnx" : std::string(domain);
}

// A formula within a table cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

// One line for consecutive versions of which the same is counted.
std::string lines_of(std::span<const OpSpec> rows) {
  std::string out;
  for (std::size_t i = 0; i < rows.size();) {
    const OpSpec& s = rows[i];
    std::string versions = std::to_string(s.since);
    for (++i; i < rows.size() && rows[i].type == s.type && rows[i].formula == s.formula; ++i) {
      versions += fmt::format(", {}", rows[i].since);
    }
    out +=
        fmt::format("| {} | {} | {} | {} |\n", s.type, versions, name(s.op_class), cell(s.formula));
  }
  return out;
}

std::string coverage() {
  std::string out =
      "# Operators\n\n"
      "What aiprof counts for each operator, made from the registry (`tests/ops`). A row holds "
      "from\n"
      "the opset in column `since` on, until the operator's next row; versions that only add "
      "types\n"
      "have none of their own. Every operand moves once unless the rule says otherwise; words and\n"
      "units are those of [the cost model](cost-model.md).\n";
  const auto rows = all_ops();
  std::map<std::string, std::pair<std::size_t, std::size_t>> domains;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& [begin, end] = domains.try_emplace(std::string(rows[i].domain), i, i).first->second;
    end = i + 1;
  }
  for (const auto& [domain, range] : domains) {
    const auto part = rows.subspan(range.first, range.second - range.first);
    std::set<std::string_view> types;
    for (const OpSpec& s : part) types.insert(s.type);
    out += fmt::format("\n## {}\n\n{} operator{}.\n\n", title(domain), types.size(),
                       types.size() == 1 ? "" : "s");
    out += "| operator | since | class | what is counted |\n|---|---|---|---|\n" + lines_of(part);
  }
  return out;
}

TEST(OpCoverage, DocumentIsTheRegistryInPrint) {
  const std::string path = AIPROF_SOURCE_DIR "/docs/op-coverage.md";
  if (std::getenv("AIPROF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << coverage();
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_EQ(text, coverage()) << "run op_cases_test with AIPROF_UPDATE_GOLDEN=1";
}

}  // namespace
}  // namespace aiprof::test
