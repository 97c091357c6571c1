// --strict and --max-unmodelled: the report is whole, and the exit code says what it is worth.
#include <gtest/gtest.h>

#include "cli/run_cli.h"
#include "support/onnx_text.h"

namespace aiprof {
namespace {

using test::has;
using test::run_cli;

// Three operators, of which nobody knows one: 33.3 %.
constexpr const char* kModel = R"(
  <ir_version: 8, opset_import: ["": 17, "acme": 1]>
  g (float[4,4] x) => (float[4,4] y, float[] z) {
    a = Relu(x)
    y = Neg(a)
    z = acme.Mystery(a)
  })";

class GateTest : public testing::Test {
 protected:
  GateTest() : file_(scratch_.file("gap.onnx", test::model_bytes(kModel))) {}
  test::Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), file_);
    return run_cli(arguments);
  }
  test::Scratch scratch_;
  std::string file_;
};

TEST_F(GateTest, GapsAreNoErrorUnlessSomeoneAsks) {
  const test::Outcome o = run({});
  EXPECT_EQ(o.code, 0);
  EXPECT_EQ(o.err, "");
  EXPECT_TRUE(has(o.out, "costed 2 of 3 operators")) << o.out;
}

TEST_F(GateTest, StrictCannotDecide) {
  const test::Outcome o = run({"--strict"});
  EXPECT_EQ(o.code, 4);
  EXPECT_EQ(o.out, run({}).out);  // the report is complete
  EXPECT_TRUE(has(o.err, "cannot decide: 1 of 3 operators")) << o.err;
  EXPECT_TRUE(has(o.err, "acme.Mystery x1")) << o.err;
}

TEST_F(GateTest, SomeMayBeUnmodelled) {
  EXPECT_EQ(run({"--max-unmodelled", "34"}).code, 0);
  EXPECT_EQ(run({"--max-unmodelled", "34%"}).code, 0);
  EXPECT_EQ(run({"--max-unmodelled", "33"}).code, 4);
  EXPECT_EQ(run({"--max-unmodelled", "0"}).code, 4);
  EXPECT_EQ(run({"--max-unmodelled", "34", "--strict"}).code, 4);
}

TEST_F(GateTest, WholeModelsPass) {
  EXPECT_EQ(run_cli({test::shipped("resnet50"), "--strict"}).code, 0);
}

}  // namespace
}  // namespace aiprof
