// Every command line of the documentation runs, and every output shown there is what aiprof prints.
// AIPROF_UPDATE_GOLDEN=1 writes the outputs anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>

#include "docs/document.h"
#include "docs/shell.h"
#include "support/files.h"

namespace aiprof::test {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// Paths from the root of the repository.
std::vector<std::string> documents() {
  std::vector<std::string> files = {"README.md"};
  for (const auto& entry : fs::directory_iterator(AIPROF_SOURCE_DIR "/docs")) {
    if (entry.path().extension() == ".md")
      files.push_back("docs/" + entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of(const std::string& document) {
  return file_bytes(AIPROF_SOURCE_DIR "/" + document);
}

// The document with the outputs of `ran` in place of those it has, last first, so that the line
// numbers of those before stay right.
std::string with_outputs(const std::string& text,
                         const std::vector<std::pair<DocumentCommand, std::string>>& ran) {
  std::vector<std::string> lines = split_lines(text);
  for (auto it = ran.rbegin(); it != ran.rend(); ++it) {
    const auto first = lines.begin() + static_cast<std::ptrdiff_t>(it->first.output_line - 1);
    const auto at =
        lines.erase(first, first + static_cast<std::ptrdiff_t>(it->first.output.size()));
    const std::vector<std::string> output = split_lines(it->second);
    lines.insert(at, output.begin(), output.end());
  }
  return joined(lines);
}

class Document : public testing::TestWithParam<std::string> {};

TEST_P(Document, CommandsRunAndPrintWhatIsShown) {
  const std::string text = text_of(GetParam());
  const Workplace workplace;
  std::vector<std::pair<DocumentCommand, std::string>> sessions;
  for (const Block& block : blocks_of(text)) {
    if (const std::string file = file_name(block); !file.empty()) {
      workplace.write(file, joined(block.lines));
    }
    for (const DocumentCommand& command : commands_of(block)) {
      SCOPED_TRACE(GetParam() + ":" + std::to_string(command.line) + ": " + command.text);
      const Outcome outcome = workplace.run(command.text);
      EXPECT_EQ(outcome.exit_code, command.exit_code) << outcome.output;
      if (!command.has_output) continue;
      sessions.emplace_back(command, outcome.output);
      if (std::getenv("AIPROF_UPDATE_GOLDEN") == nullptr) {
        EXPECT_EQ(outcome.output, joined(command.output))
            << "run docs_test with AIPROF_UPDATE_GOLDEN=1";
      }
    }
  }
  if (std::getenv("AIPROF_UPDATE_GOLDEN") != nullptr && !sessions.empty()) {
    std::ofstream(AIPROF_SOURCE_DIR "/" + GetParam()) << with_outputs(text, sessions);
  }
}

TEST_P(Document, LinksLeadToFiles) {
  const fs::path folder = fs::path(AIPROF_SOURCE_DIR "/" + GetParam()).parent_path();
  for (const std::string& target : local_links(text_of(GetParam()))) {
    EXPECT_TRUE(fs::exists(folder / target)) << target;
  }
}

INSTANTIATE_TEST_SUITE_P(Docs, Document, testing::ValuesIn(documents()), [](const auto& test) {
  return std::regex_replace(test.param, std::regex("[^A-Za-z0-9]"), "_");
});

TEST(Readme, StartsWithTwoCommandsOneThatProfilesAndOneThatTests) {
  const std::vector<Block> blocks = blocks_of(text_of("README.md"));
  ASSERT_FALSE(blocks.empty());
  const std::vector<std::string> expected = {".ci/profile models/onnx/resnet50.onnx --hw a100",
                                             ".ci/test"};
  EXPECT_EQ(blocks.front().lines, expected);
}

TEST(Docs, EveryJobIsRunSomewhere) {
  std::set<std::string> run;
  for (const std::string& document : documents()) {
    for (const Block& block : blocks_of(text_of(document))) {
      for (const DocumentCommand& command : commands_of(block)) {
        std::smatch job;
        if (std::regex_search(command.text, job, std::regex("^aiprof ([a-z][a-z-]*)"))) {
          run.insert(job[1]);
        }
      }
    }
  }
  const std::string help = Workplace().run("aiprof --help").output;
  const std::regex job("\n  aiprof ([a-z][a-z-]*)");
  for (std::sregex_iterator it(help.begin(), help.end(), job), end; it != end; ++it) {
    EXPECT_TRUE(run.contains((*it)[1])) << "no document runs aiprof " << (*it)[1];
  }
}

}  // namespace
}  // namespace aiprof::test
