// aiprof diff: models and saved reports.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "support/model_edit.h"

namespace aiprof {
namespace {

using test::has;
using test::run_cli;
using test::Scratch;
using test::shipped;

class DiffTest : public testing::Test {
 protected:
  DiffTest()
      : old_(shipped("resnet50")),
        new_(scratch_.file("wide.onnx",
                           test::resize_weights(test::file_bytes(old_), "layer3.2.", 256, 320))) {}
  std::string saved(const std::string& model, const std::string& name,
                    const std::string& hardware) {
    const std::string file = scratch_.path(name);
    EXPECT_EQ(run_cli({model, "--hw", hardware, "--format", "json", "-o", file}).code, 0);
    return file;
  }
  Scratch scratch_;
  std::string old_, new_;
};

TEST_F(DiffTest, NamesTheLayer) {
  const test::Outcome o = run_cli({"diff", old_, new_, "--hw", "a100"});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(has(o.out, "% of it from /layer3/layer3.2/conv2/Conv (Conv, changed).")) << o.out;
  EXPECT_TRUE(has(o.out, "0 added, 0 removed, 7 changed")) << o.out;
  EXPECT_TRUE(has(o.out, "layer3.2")) << o.out;
}

TEST_F(DiffTest, WithoutAMachineItIsAboutCounts) {
  const test::Outcome o = run_cli({"diff", old_, new_});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(has(o.out, "FLOPs 8.2")) << o.out;
}

TEST_F(DiffTest, OperatorsAndBlocksAddUpToTheTotal) {
  const auto o =
      nlohmann::json::parse(run_cli({"diff", old_, new_, "--hw", "a100", "--format", "json"}).out);
  for (const char* key : {"latency_seconds", "flops", "bytes_read", "weight_bytes_read"}) {
    for (const char* list : {"operators", "blocks"}) {
      double sum = 0;
      for (const auto& row : o[list])
        sum += row.value(key, nlohmann::json::object()).value("delta", 0.0);
      const double total = o["totals"][key]["delta"];
      EXPECT_NEAR(sum, total, 1e-9 * std::abs(total)) << key << " " << list;
    }
  }
}

TEST_F(DiffTest, EveryFormatNamesTheLayer) {
  for (const char* format : {"table", "json", "markdown", "html"}) {
    const test::Outcome o = run_cli({"diff", old_, new_, "--hw", "a100", "--format", format});
    ASSERT_EQ(o.code, 0) << o.err;
    EXPECT_TRUE(has(o.out, "layer3.2/conv2/Conv")) << format;
  }
}

TEST_F(DiffTest, SavedReportsSayTheSame) {
  const std::string before = saved(old_, "a.json", "a100");
  const std::string after = saved(new_, "b.json", "a100");
  const auto models =
      nlohmann::json::parse(run_cli({"diff", old_, new_, "--hw", "a100", "--format", "json"}).out);
  const auto reports =
      nlohmann::json::parse(run_cli({"diff", before, after, "--format", "json"}).out);
  EXPECT_EQ(reports["counts"], models["counts"]);
  EXPECT_EQ(reports["totals"]["latency_seconds"], models["totals"]["latency_seconds"]);
  EXPECT_EQ(reports["operators"], models["operators"]);
}

TEST_F(DiffTest, OneMachineOutOfSeveral) {
  const std::string both = saved(old_, "both.json", "a100,t4");
  const test::Outcome unclear = run_cli({"diff", both, both});
  EXPECT_EQ(unclear.code, 2);
  EXPECT_TRUE(has(unclear.err, "choose one with --hw (one of: a100-sxm-80, t4)")) << unclear.err;
  EXPECT_EQ(run_cli({"diff", both, both, "--hw", "t4"}).code, 0);
}

TEST_F(DiffTest, Mistakes) {
  EXPECT_EQ(run_cli({"diff", old_}).code, 2);
  EXPECT_EQ(run_cli({"diff", old_, new_, "--hw", "a100,t4"}).code, 2);
  EXPECT_EQ(run_cli({"diff", old_, new_, "--format", "yaml"}).code, 2);
  EXPECT_EQ(run_cli({"diff", old_, scratch_.path("gone.onnx")}).code, 3);
  const test::Outcome o = run_cli({"diff", old_, scratch_.file("bad.json", "{\"a\": 1}")});
  EXPECT_EQ(o.code, 3);
  EXPECT_EQ(o.out, "");
  EXPECT_TRUE(has(o.err, "is no report of aiprof")) << o.err;
}

}  // namespace
}  // namespace aiprof
