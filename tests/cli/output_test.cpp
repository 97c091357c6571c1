// Where reports go: whole, or not at all.
#include <gtest/gtest.h>

#include "cli/run_cli.h"

namespace aiprof {
namespace {

using test::run_cli;
using test::Scratch;
using test::shipped;

TEST(Output, AFileGetsWhatStandardOutputWould) {
  const Scratch scratch;
  const test::Outcome o = run_cli({shipped("resnet50"), "-o", scratch.path("report.txt")});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.out, "");
  EXPECT_EQ(test::file_bytes(scratch.path("report.txt")), run_cli({shipped("resnet50")}).out);
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"report.txt"});  // nothing temporary stays
}

TEST(Output, AFileIsReplacedWhole) {
  const Scratch scratch;
  const std::string file = scratch.file("report.txt", std::string(1 << 20, 'x'));
  EXPECT_EQ(run_cli({shipped("resnet50"), "-o", file}).code, 0);
  EXPECT_EQ(test::file_bytes(file), run_cli({shipped("resnet50")}).out);
}

TEST(Output, AnErrorLeavesTheFileAlone) {
  const Scratch scratch;
  const std::string file = scratch.file("report.txt", "old");
  EXPECT_EQ(run_cli({shipped("resnet50"), "--dim", "bach=2", "-o", file}).code, 2);
  EXPECT_EQ(test::file_bytes(file), "old");
}

TEST(Output, ALinkStaysALink) {
  const Scratch scratch;
  const std::string file = scratch.file("report.txt", "old");
  std::filesystem::create_symlink(file, scratch.path("link"));
  EXPECT_EQ(run_cli({shipped("resnet50"), "-o", scratch.path("link")}).code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.path("link")));
  EXPECT_NE(test::file_bytes(file), "old");
}

TEST(Output, ADeviceIsWrittenTo) {
  EXPECT_EQ(run_cli({shipped("resnet50"), "-o", "/dev/null"}).code, 0);
}

// A stream that takes some bytes and then none, as a full disk or a reader that has gone away.
class FullBuffer : public std::streambuf {
 public:
  FullBuffer() { setp(room_, room_ + sizeof room_); }

 private:
  char room_[64] = {};
};

TEST(Output, AStreamThatTakesNoMoreIsAnError) {
  FullBuffer full;
  std::ostream out(&full);
  std::ostringstream err;
  EXPECT_EQ(cli::run({shipped("resnet50")}, {out, err}), 3);
}

}  // namespace
}  // namespace aiprof
