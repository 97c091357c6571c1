// aiprof check: limits, bases and budgets as a CI job sees them.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "support/model_edit.h"
#include "support/onnx_text.h"

namespace aiprof {
namespace {

using test::has;
using test::run_cli;
using test::Scratch;
using test::shipped;

class CheckTest : public testing::Test {
 protected:
  test::Outcome check(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "check");
    return run_cli(arguments);
  }
  // A budget with one entry.
  std::string budget(const std::string& entry) {
    return scratch_.file("budget.json", R"({"schema_version": "1", "budgets": [)" + entry + "]}");
  }
  Scratch scratch_;
};

TEST_F(CheckTest, Held) {
  const test::Outcome o = check({shipped("resnet50"), "--hw", "a100", "--limit", "latency<=1s",
                                 "--limit", "parameters<=25557032"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(o.out.starts_with("HELD: 2 of 2 limits\n")) << o.out;
  EXPECT_EQ(o.err, "");
}

TEST_F(CheckTest, BrokenSaysWhatByHowMuchAndWhy) {
  const test::Outcome o = check({shipped("resnet50"), "--hw", "a100", "--limit", "flops<=8G"});
  EXPECT_EQ(o.code, 1);
  EXPECT_TRUE(o.out.starts_with("BROKEN: 1 of 1 limit\n")) << o.out;
  EXPECT_TRUE(has(o.out, "broken: flops: expected at most 8.00 G, got 8.2")) << o.out;
  EXPECT_TRUE(has(o.out, "too much")) << o.out;
  EXPECT_TRUE(has(o.out, "(Conv)")) << o.out;
}

TEST_F(CheckTest, CountsNeedNoMachine) {
  EXPECT_EQ(check({shipped("resnet50"), "--limit", "macs<=4.1G"}).code, 0);
  EXPECT_EQ(check({shipped("llama3_8b"), "--limit", "kv_bytes_per_token<=128KiB"}).code, 0);
}

TEST_F(CheckTest, SeveralMachinesAreSeveralCases) {
  const test::Outcome o = check({shipped("resnet50"), "--hw", "a100,t4", "--limit", "latency<=1s"});
  EXPECT_EQ(o.code, 0);
  EXPECT_TRUE(has(o.out, "HELD: 2 of 2 limits in 2 cases")) << o.out;
}

TEST_F(CheckTest, UnknownOperatorsCannotBeDecided) {
  const std::string model = scratch_.file("gap.onnx", test::model_bytes(R"(
      <ir_version: 8, opset_import: ["": 17, "acme": 1]>
      g (float[4,4] x) => (float[4,4] y, float[] z) { y = Relu(x) z = acme.Mystery(x) })"));
  const test::Outcome o = check({model, "--limit", "flops<=1M"});
  EXPECT_EQ(o.code, 4);
  EXPECT_TRUE(has(o.out, "CANNOT BE DECIDED")) << o.out;
  EXPECT_EQ(check({model, "--limit", "flops<=15"}).code, 1);  // 4 * 4 at least
}

// --- against a base ------------------------------------------------------------------------------

class BaseTest : public CheckTest {
 protected:
  BaseTest() : bytes_(test::file_bytes(shipped("resnet50"))) {}
  test::Outcome against_base(const std::string& bytes, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {scratch_.file("new.onnx", bytes),
                                          "--hw",
                                          "a100",
                                          "--base",
                                          shipped("resnet50"),
                                          "--max-increase",
                                          "latency=0.5%"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return check(arguments);
  }
  std::string bytes_;
};

TEST_F(BaseTest, AWidenedLayerIsNamed) {
  const std::string wide = test::resize_weights(bytes_, "layer3.2.", 256, 320);
  const test::Outcome o = against_base(wide);
  EXPECT_EQ(o.code, 1) << o.out << o.err;
  const std::size_t cause = o.out.find("\n    - ");
  ASSERT_NE(cause, std::string::npos) << o.out;
  EXPECT_EQ(o.out.find("/layer3/layer3.2/conv2/Conv (Conv) +"), cause + 7) << o.out;
  EXPECT_TRUE(has(o.out, "256x14x14 -> 1x320x14x14")) << o.out;
}

TEST_F(BaseTest, RenamingAndReorderingChangeNothing) {
  for (const std::string& bytes : {test::rename_all(bytes_), test::reorder_nodes(bytes_),
                                   test::rename_all(test::reorder_nodes(bytes_))}) {
    const test::Outcome o = against_base(bytes, {"--max-increase", "flops=0%", "--max-increase",
                                                 "bytes=0%", "--max-increase", "parameters=0%"});
    EXPECT_EQ(o.code, 0) << o.out << o.err;
  }
}

TEST_F(BaseTest, AMissingBaseIsAnInputError) {
  const test::Outcome o = check({shipped("resnet50"), "--hw", "a100", "--base",
                                 scratch_.path("gone.onnx"), "--max-increase", "latency=2%"});
  EXPECT_EQ(o.code, 3);
  EXPECT_EQ(o.out, "");
  EXPECT_TRUE(has(o.err, "gone.onnx")) << o.err;
}

TEST_F(BaseTest, ChangesNeedABase) {
  const test::Outcome o =
      check({shipped("resnet50"), "--hw", "a100", "--max-increase", "latency=2%"});
  EXPECT_EQ(o.code, 2);
  EXPECT_TRUE(has(o.err, "need --base FILE")) << o.err;
}

// --- what can be typed wrong ---------------------------------------------------------------------

TEST_F(CheckTest, Mistakes) {
  const std::string model = shipped("resnet50");
  const auto says = [&](std::vector<std::string> arguments, const std::string& part) {
    const test::Outcome o = check(std::move(arguments));
    EXPECT_EQ(o.code, 2) << o.err;
    EXPECT_EQ(o.out, "");
    EXPECT_TRUE(has(o.err, part)) << o.err;
  };
  says({model}, "nothing to check");
  says({"--limit", "flops<=1"}, "which model?");
  says({model, "--limit", "latancy<=5ms"}, "did you mean 'latency'?");
  says({model, "--limit", "latency<=5ms"}, "give --hw NAME");
  says({model, "--limit", "latency<=5"}, "is not a time with its unit");
  says({model, "--limit", "op:Konv flops<=5G"}, "did you mean 'Conv'?");
  says({model, "--limit", "flops<=5G", "--format", "xml"}, "unknown format 'xml'");
  says({model, "--limit", "flops<=5G", "--today", "tomorrow"}, "expected YYYY-MM-DD");
  says({model, "--budget", "b.json"}, "--budget says which models");
  says({model, "--hw", "a1000", "--limit", "flops<=1"}, "a1000");
}

// --- budgets -------------------------------------------------------------------------------------

TEST_F(CheckTest, BudgetOfSeveralModelsKeepsTheirOrder) {
  const std::string file = budget(R"({
    "models": [")" + shipped("resnet50") +
                                  R"(", ")" + shipped("mobilenet_v2") + R"("],
    "hardware": ["t4", "a100"], "dims": {"batch": 8}, "limits": ["latency<=1s"]})");
  const test::Outcome o = check({"--budget", file, "--format", "json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const auto json = nlohmann::json::parse(o.out);
  ASSERT_EQ(json["cases"].size(), 4U);
  EXPECT_EQ(json["cases"][0]["model"], shipped("resnet50"));
  EXPECT_EQ(json["cases"][1]["hardware"], "a100-sxm-80");
  EXPECT_EQ(json["cases"][2]["model"], shipped("mobilenet_v2"));
  EXPECT_EQ(json["cases"][3]["dims"]["batch"], 8);
  EXPECT_EQ(o.out, check({"--budget", file, "--format", "json"}).out);
}

TEST_F(CheckTest, BudgetsSpeakOfFilesBesideThem) {
  (void)scratch_.file("small.onnx", test::file_bytes(shipped("mobilenet_v2")));
  const test::Outcome o =
      check({"--budget", budget(R"({"model": "small.onnx", "limits": ["macs<=1G"]})")});
  EXPECT_EQ(o.code, 0) << o.err;
}

TEST_F(CheckTest, AWaiverCountsUntilItExpires) {
  const std::string file = budget(R"({"model": ")" + shipped("resnet50") + R"(", "limits": [
    {"limit": "flops<=1G", "waiver":
      {"owner": "ann", "reason": "pruning is on its way", "expires": "2026-05-31"}}]})");
  EXPECT_EQ(check({"--budget", file, "--today", "2026-05-31"}).code, 0);
  const test::Outcome o = check({"--budget", file, "--today", "2026-06-01"});
  EXPECT_EQ(o.code, 1);
  EXPECT_TRUE(has(o.out, "the waiver of ann expired on 2026-05-31: pruning is on its way"))
      << o.out;
}

TEST_F(CheckTest, WrongBudgetsAreInputErrors) {
  const auto says = [&](const std::string& file, const std::string& part) {
    const test::Outcome o = check({"--budget", file, "--format", "junit"});
    EXPECT_EQ(o.code, 3) << o.err;
    EXPECT_EQ(o.out, "");
    EXPECT_TRUE(has(o.err, part)) << o.err;
  };
  says(scratch_.path("none.json"), "none.json: cannot be read: No such file");
  says(scratch_.file("b.json", "{"), "b.json: is not JSON");
  says(budget(R"({"model": "a.onnx", "limits": ["latancy<=5ms"]})"), "did you mean 'latency'?");
  says(budget(R"({"model": "gone.onnx", "limits": ["flops<=1"]})"), "gone.onnx");
  says(budget(R"({"model": ")" + shipped("resnet50") +
              R"(", "hardware": "a1000", "limits": ["flops<=1"]})"),
       "budget.json: /budgets/0: ");
  says(budget(R"({"model": ")" + shipped("resnet50") +
              R"(", "dims": {"bach": 8}, "limits": ["flops<=1"]})"),
       "budget.json: /budgets/0: ");
  says(budget(R"({"model": ")" + shipped("resnet50") + R"(", "limits": ["op:Konv flops<=1"]})"),
       "did you mean 'Conv'?");
}

TEST_F(CheckTest, FormatsGoToAFileAndTheVerdictToTheLog) {
  for (const char* format : {"text", "json", "junit", "sarif", "github"}) {
    const std::string file = scratch_.path(std::string("out.") + format);
    const test::Outcome o =
        check({shipped("resnet50"), "--limit", "flops<=1G", "--format", format, "-o", file});
    EXPECT_EQ(o.code, 1);
    EXPECT_EQ(o.out, "");
    EXPECT_EQ(o.err, "aiprof: BROKEN: 1 of 1 limit\n");
    EXPECT_FALSE(test::file_bytes(file).empty());
  }
}

TEST_F(CheckTest, ProgressIsShownOnATerminalAndGoneAtTheEnd) {
  const std::string file = budget(R"({"model": ")" + shipped("resnet50") +
                                  R"(", "hardware": ["t4", "a100"], "limits": ["latency<=1s"]})");
  std::ostringstream out;
  std::ostringstream err;
  cli::Streams streams{out, err};
  streams.progress = true;
  EXPECT_EQ(cli::run({"check", "--budget", file}, streams), 0);
  EXPECT_TRUE(has(err.str(), "] 2/2")) << err.str();
  EXPECT_TRUE(err.str().ends_with("\r\x1b[K")) << err.str();
  EXPECT_EQ(out.str(), run_cli({"check", "--budget", file}).out);
}

// 200 pairs: an order of magnitude above what two cores need without sanitizers, so that the test
// says something on any machine.
TEST_F(CheckTest, TwoHundredPairsTakeSeconds) {
  std::string models;
  for (const std::string& file : test::shipped_models()) {
    if (!models.empty()) models += ",";
    models += "\"" + file + "\"";
  }
  const std::string hardware = R"(["a100","h100","t4","v100","l4","a10","h200","mi300x","tpu-v4",)"
                               R"("tpu-v5e","m1-max","epyc-9654","orin","rtx4090","b200"])";
  const std::string file = budget(R"({"models": [)" + models + R"(], "hardware": )" + hardware +
                                  R"(, "limits": ["latency<=1000s"]})");
  const auto start = std::chrono::steady_clock::now();
  const test::Outcome o = check({"--budget", file});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_TRUE(o.code == 0 || o.code == 4) << o.err;
  EXPECT_LT(seconds.count(), 50);
}

}  // namespace
}  // namespace aiprof
