// The program as a process: what it makes of terminals, pipes and the environment.
#include <gtest/gtest.h>

#include "docs/document.h"
#include "docs/shell.h"

namespace aiprof::test {
namespace {

constexpr const char* kModel = "models/onnx/resnet50.onnx";

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (const std::string& line : split_lines(text)) longest = std::max(longest, line.size());
  return longest;
}

std::string output_of(const std::string& command) {
  const Outcome outcome = Workplace().run(command);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  return outcome.output;
}

TEST(Terminal, ColumnsSayHowWideTheReportIs) {
  const std::string aiprof = std::string("aiprof ") + kModel + " --hw a100";
  EXPECT_LE(longest_line(output_of("COLUMNS=60 " + aiprof)), 60U);
  EXPECT_GT(longest_line(output_of("COLUMNS=160 " + aiprof)), 80U);
  EXPECT_EQ(output_of("COLUMNS=wide " + aiprof), output_of(aiprof));
}

TEST(Terminal, PipesAndFilesGetNoColour) {
  EXPECT_EQ(output_of(std::string("TERM=xterm aiprof ") + kModel).find('\x1b'), std::string::npos);
}

// `script` (util-linux) runs a command on a terminal of its own.
TEST(Terminal, TerminalsGetColourUnlessItIsRefused) {
  const Workplace workplace;
  if (workplace.run("command -v script").exit_code != 0) GTEST_SKIP() << "no script";
  const auto on_terminal = [&](const std::string& environment) {
    return workplace
        .run("script -qec '" + environment + " aiprof " + std::string(kModel) + "' /dev/null")
        .output;
  };
  EXPECT_NE(on_terminal("TERM=xterm").find("\x1b[1m"), std::string::npos);
  EXPECT_EQ(on_terminal("TERM=xterm NO_COLOR=1").find("\x1b[1m"), std::string::npos);
  EXPECT_EQ(on_terminal("TERM=dumb").find("\x1b[1m"), std::string::npos);
}

TEST(Terminal, ManualPageRenders) {
  const Workplace workplace;
  if (workplace.run("command -v man").exit_code != 0) GTEST_SKIP() << "no man";
  const Outcome page = workplace.run("MANWIDTH=100 man --warnings -l " AIPROF_MANUAL_PAGE " 2>&1");
  if (page.output.find("has been minimized") != std::string::npos) GTEST_SKIP() << "no real man";
  EXPECT_EQ(page.exit_code, 0) << page.output;
  EXPECT_EQ(page.output.find("warning:"), std::string::npos) << page.output;
  EXPECT_NE(page.output.find("EXIT STATUS"), std::string::npos);
}

}  // namespace
}  // namespace aiprof::test
