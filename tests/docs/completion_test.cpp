// The completions ask the program for its jobs, options and names; these tests show that they
// understand its answers, and that the manual page is made from them.
#include <gtest/gtest.h>

#include "docs/document.h"
#include "docs/shell.h"

namespace aiprof::test {
namespace {

// What the shell offers after `words`, one candidate a line, in the words of the test.
std::string complete(const std::string& words) {
  const std::string script = "cd /; . " AIPROF_SOURCE_DIR
                             "/src/cli/completions/aiprof.bash\n"
                             "COMP_WORDS=(aiprof " +
                             words +
                             ")\n"
                             "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                             "_aiprof\nprintf '%s\\n' \"${COMPREPLY[@]}\"";
  return "\n" + Workplace().run(script, "bash").output;
}

TEST(Completion, OffersTheJobs) {
  const std::string offered = complete("''");
  EXPECT_NE(offered.find("\nexplain\n"), std::string::npos) << offered;
  EXPECT_NE(offered.find("\nhw\n"), std::string::npos) << offered;
  EXPECT_NE(complete("hw sh").find("\nshow\n"), std::string::npos);
}

TEST(Completion, OffersTheOptionsOfAJob) {
  const std::string of_the_main_job = complete("model.onnx --");
  EXPECT_NE(of_the_main_job.find("\n--measured-latency\n"), std::string::npos) << of_the_main_job;
  EXPECT_EQ(complete("strip --out"), "\n--output\n");
  EXPECT_EQ(complete("hw show --for"), "\n--format\n");
}

TEST(Completion, OffersNamesWhereAnOptionTakesThem) {
  EXPECT_EQ(complete("model.onnx --hw a100-sxm"), "\na100-sxm-40\na100-sxm-80\n");
  EXPECT_EQ(complete("model.onnx --format mark"), "\nmarkdown\n");
  EXPECT_EQ(complete("model.onnx --runtime onnx"), "\nonnxruntime\n");
  EXPECT_EQ(complete("hw show h200"), "\nh200-sxm\n");
}

TEST(Completion, OffersOnlyKeysThatTheProgramTakes) {
  for (const std::string& key : split_lines(complete("model.onnx --group-by ''").substr(1))) {
    const Outcome outcome =
        Workplace().run("aiprof models/onnx/resnet50.onnx --top 1 --group-by " + key);
    EXPECT_EQ(outcome.exit_code, 0) << key << ": " << outcome.output;
  }
}

TEST(Completion, OtherShellsReadTheirsWithoutComplaint) {
  for (const std::string shell : {"zsh", "fish"}) {
    if (Workplace().run("command -v " + shell).exit_code != 0) continue;
    const std::string file = shell == "zsh" ? "_aiprof" : "aiprof.fish";
    const Outcome outcome =
        Workplace().run(shell + " -n " AIPROF_SOURCE_DIR "/src/cli/completions/" + file);
    EXPECT_EQ(outcome.exit_code, 0) << shell << ": " << outcome.output;
    EXPECT_EQ(outcome.output, "") << shell;
  }
}

TEST(ManualPage, HasEveryJobAndOption) {
  const Workplace workplace;
  const std::string page = workplace.run("cat " AIPROF_MANUAL_PAGE).output;
  EXPECT_TRUE(page.starts_with(".TH AIPROF 1")) << page.substr(0, 80);
  for (const char* part :
       {".SH NAME", ".SH SYNOPSIS", ".SH EXIT STATUS", "\\-\\-measured\\-latency",
        ".SS aiprof explain", ".SS aiprof hw lint"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace aiprof::test
