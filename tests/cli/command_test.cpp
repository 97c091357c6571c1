// The jobs beside the main one.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "cli/run_cli.h"
#include "support/onnx_text.h"

namespace aiprof {
namespace {

using test::has;
using test::run_cli;
using test::Scratch;
using test::shipped;

test::Outcome good(const std::vector<std::string>& arguments) {
  test::Outcome o = run_cli(arguments);
  EXPECT_EQ(o.code, 0) << o.err;
  return o;
}

TEST(Hw, ListNamesIdsAndAliases) {
  const test::Outcome o = good({"hw", "list"});
  for (const char* id : {"a100-sxm-80", "h100-sxm", "t4", "mi300x", "tpu-v4", "wse2"}) {
    EXPECT_TRUE(has(o.out, std::string("\n") + id + " ")) << id;
  }
  EXPECT_TRUE(has(o.out, "a100")) << o.out;
}

TEST(Hw, ShowGivesNumbersWithTheirSources) {
  const test::Outcome o = good({"hw", "show", "a100"});
  EXPECT_TRUE(o.out.starts_with("NVIDIA A100")) << o.out;
  EXPECT_TRUE(has(o.out, "312 Top/s")) << o.out;
  EXPECT_TRUE(has(o.out, "80 GiB")) << o.out;
  EXPECT_TRUE(has(o.out, "\nSources\n")) << o.out;
}

TEST(Hw, ShowAsJsonIsADescriptionThatWorks) {
  const Scratch scratch;
  const test::Outcome o = good({"hw", "show", "t4", "--format", "json"});
  const std::string file = scratch.file("mine.json", o.out);
  EXPECT_EQ(good({"hw", "lint", file}).code, 0);
  EXPECT_TRUE(has(good({shipped("resnet50"), "--hw", file}).out, "NVIDIA T4"));
}

TEST(Hw, ShowAppliesEdits) {
  EXPECT_TRUE(has(good({"hw", "show", "t4", "--set", "power.tdp_watts=99"}).out, "99 W"));
}

TEST(Hw, LintOfTheCatalogueFindsNoErrors) {
  for (const char* id : {"a100", "h100", "tpu-v4", "epyc-9654", "groq"}) {
    EXPECT_EQ(run_cli({"hw", "lint", id}).code, 0) << id;
  }
}

TEST(Hw, LintRefusesASparsePeakInADenseField) {
  const Scratch scratch;
  auto json = nlohmann::ordered_json::parse(test::catalogue_file("a100-sxm-80"));
  for (auto& engine : json["engines"]) {
    if (engine["unit"] != "matrix") continue;
    auto& peak = engine["peaks"]["float16"];
    auto& value = peak.is_object() ? peak["value"] : peak;
    value = 2 * value.get<double>();
  }
  const test::Outcome o = run_cli({"hw", "lint", scratch.file("sparse.json", json.dump())});
  EXPECT_EQ(o.code, 3);
  EXPECT_TRUE(has(o.out, ": error: ")) << o.out;
}

TEST(Hw, FitKeepsAConstantThatIsKnown) {
  const Scratch scratch;
  const std::string rows = scratch.file("rows.csv", test::softmax_rows());
  const std::string out = scratch.path("fitted.json");
  const std::string family = scratch.path("family.json");
  const test::Outcome o = good({"hw", "fit", "t4", rows, "-o", out, "--fix",
                                "softmax_memory_fraction=0.81", "--fix", "softmax_overlap=8"});
  EXPECT_TRUE(
      has(o.out, "softmax_memory_fraction                          0.81       0.7362  fixed"))
      << o.out;
  good({"hw", "family", "t4", "t4=" + rows, "-o", family, "--fix", "softmax_overlap=8"});
  for (const std::string& file : {out, family}) {
    const auto constants =
        nlohmann::json::parse(test::file_bytes(file))["calibration"]["constants"];
    EXPECT_EQ(constants["softmax_overlap"]["value"], 8) << file;
    EXPECT_EQ(constants["softmax_overlap"]["status"], "user") << file;
    EXPECT_EQ(constants["softmax_fixed_cycles"]["status"], "derived") << file;
    EXPECT_EQ(good({"hw", "lint", file}).code, 0) << file;
  }
}

TEST(Ops, ListsEveryRule) {
  const test::Outcome o = good({"ops"});
  EXPECT_TRUE(has(o.out, "\nConv ")) << o.out.substr(0, 400);
  EXPECT_TRUE(has(o.out, "\ncom.microsoft.GroupQueryAttention "));
}

TEST(Ops, OfAModelWithShares) {
  const test::Outcome o = good({"ops", shipped("resnet50"), "--hw", "a100"});
  EXPECT_TRUE(has(o.out, "8 operator types in 175 nodes; all")) << o.out;
  EXPECT_TRUE(has(o.out, "supported by NVIDIA A100")) << o.out;
  EXPECT_TRUE(has(o.out, "\nConv ")) << o.out;
}

TEST(Ops, NamesWhatIsNew) {
  const Scratch scratch;
  const std::string file = scratch.file("new.onnx", test::model_bytes(R"(
    <ir_version: 8, opset_import: ["": 17, "acme": 1]>
    g (float[4] x) => (float[] y) { y = acme.Mystery(x) })"));
  const test::Outcome o = good({"ops", file});
  EXPECT_TRUE(has(o.out, "1 not modelled")) << o.out;
  EXPECT_TRUE(has(o.out, "- acme.Mystery x1: ")) << o.out;
}

TEST(Explain, AConvolutionByHand) {
  const test::Outcome o = good({"explain", shipped("resnet50"), "/conv1/Conv", "--hw", "a100"});
  // 112 x 112 points, 3 x 7 x 7 taps, 64 channels.
  EXPECT_TRUE(has(o.out, "118,013,952 = 1 x 12,544 x 64 x 147")) << o.out;
  EXPECT_TRUE(has(o.out, "236,027,904 = 2 x 118,013,952 + 0")) << o.out;
  EXPECT_TRUE(has(o.out, "602,112 B = 150,528 x 32 bits, activations input")) << o.out;
  EXPECT_TRUE(has(o.out, "37,632 B = 9,408 x 32 bits, weights conv1.weight")) << o.out;
  EXPECT_TRUE(has(o.out, "Time of the kernel, term by term")) << o.out;
}

TEST(Explain, FindsNodesByNameOutputAndIndex) {
  const std::string model = shipped("resnet50");
  const std::string by_name = good({"explain", model, "/conv1/Conv"}).out;
  EXPECT_EQ(by_name, good({"explain", model, "/conv1/Conv_output_0"}).out);
  EXPECT_EQ(by_name, good({"explain", model, "#0"}).out);
  EXPECT_FALSE(has(by_name, "Kernel")) << "no hardware, no time";
}

TEST(Explain, SaysWhyThereIsNothingToExplain) {
  const Scratch scratch;
  const std::string file = scratch.file("new.onnx", test::model_bytes(R"(
    <ir_version: 8, opset_import: ["": 17, "acme": 1]>
    g (float[4] x) => (float[] y) { y = acme.Mystery(x) })"));
  EXPECT_TRUE(has(good({"explain", file, "y"}).out, "\nNot modelled\n"));
}

TEST(Strip, KeepsEveryCount) {
  const Scratch scratch;
  for (const std::string name : {"resnet50", "gpt2", "swin_t"}) {
    const std::string file = scratch.path(name + ".onnx");
    const test::Outcome o = good({"strip", shipped(name), "-o", file});
    EXPECT_EQ(o.out, "");
    const auto totals = [](const std::string& model) {
      return nlohmann::json::parse(good({model, "--format", "json"}).out)["totals"];
    };
    EXPECT_EQ(totals(file), totals(shipped(name)));
  }
}

TEST(Help, IsAlsoAJob) {
  EXPECT_EQ(run_cli({"help"}).out, run_cli({"--help"}).out);
  EXPECT_EQ(run_cli({"help", "check"}).out, run_cli({"check", "--help"}).out);
  EXPECT_EQ(run_cli({"help", "hw", "fit"}).out, run_cli({"hw", "fit", "--help"}).out);
}

TEST(Help, NamesEveryJobOfHardware) {
  const std::string main = run_cli({"--help"}).out;
  for (const char* job : {"list", "show", "lint", "detect", "bench", "fit", "family", "eval"}) {
    EXPECT_TRUE(has(main, job)) << job;
    EXPECT_TRUE(has(run_cli({"hw", "--help"}).out, std::string("aiprof hw ") + job)) << job;
  }
}

TEST(Explain, RatesHaveUnitsWithTheirPrefix) {
  const std::string text =
      run_cli({"explain", test::shipped("resnet50"), "/conv1/Conv", "--hw", "a100"}).out;
  EXPECT_TRUE(has(text, "TB/s")) << text;
  EXPECT_FALSE(has(text, "Tbyte")) << text;
}

// Lines that hold no single word of this length fit a narrow terminal.
TEST(NarrowTerminal, LinesAreWrapped) {
  const std::string model = test::shipped("resnet50");
  const std::vector<std::vector<std::string>> jobs = {
      {model, "--hw", "a100"},
      {model},
      {"check", model, "--hw", "a100", "--limit", "latency<=1ms", "--limit", "flops<=1T"},
      {"diff", model, test::shipped("mobilenet_v2"), "--hw", "a100"},
      {"hw", "show", "a100"},
      {"explain", model, "/conv1/Conv", "--hw", "a100"}};
  for (const auto& job : jobs) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_LE(cli::run(job, {out, err, true, 60}), 1) << err.str();
    for (const std::string& line : split(out.str(), '\n')) {
      const std::size_t text = line.find_first_not_of(' ');
      if (text == std::string::npos || line.find(' ', text) == std::string::npos) continue;
      std::size_t longest = 0;
      for (const std::string& word : split(line, ' ')) longest = std::max(longest, word.size());
      if (longest > 40) continue;  // an address or a path stays in one piece
      EXPECT_LE(display_width(line), 60U) << job[0] << ": " << line;
    }
  }
}

}  // namespace
}  // namespace aiprof
