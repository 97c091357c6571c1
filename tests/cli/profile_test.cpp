// The main job, end to end, on real models.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_cli.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;
using test::has;
using test::run_cli;
using test::Scratch;
using test::shipped;

Json json_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--format", "json"});
  const test::Outcome o = run_cli(arguments);
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.err, "");
  return Json::parse(o.out);
}

TEST(Profile, ResNet50WithNoFlagAtAll) {
  const Json r = json_of({shipped("resnet50")});
  EXPECT_EQ(r["totals"]["macs"], 4089184256);
  EXPECT_EQ(r["totals"]["parameters"], 25557032);
  EXPECT_EQ(r["model"]["dims"]["batch"], 1);
  EXPECT_EQ(r["coverage"]["gaps"], 0);
  EXPECT_FALSE(r.contains("hardware"));
}

TEST(Profile, MobileNetAndBatch) {
  const Json one = json_of({shipped("mobilenet_v2"), "--hw", "a100"});
  const Json eight = json_of({shipped("mobilenet_v2"), "--hw", "a100", "--dim", "batch=8"});
  EXPECT_EQ(one["totals"]["macs"], 300774272);
  EXPECT_EQ(eight["totals"]["macs"], 8 * std::int64_t{300774272});
  EXPECT_EQ(one["totals"]["weight_bytes"], eight["totals"]["weight_bytes"]);
  EXPECT_EQ(one["hardware"]["id"], "a100-sxm-80");
  EXPECT_GT(eight["totals"]["throughput_per_second"], one["totals"]["throughput_per_second"]);
}

TEST(Profile, Gpt2DecodingWithACache) {
  const Json r =
      json_of({shipped("gpt2"), "--hw", "h100", "--dim", "sequence=1", "--dim", "past=1023"});
  // 12 layers x keys and values x 12 heads x 64 x float32 x 1024 tokens.
  EXPECT_EQ(r["totals"]["kv_cache_bytes"], 12 * 2 * 12 * 64 * 4 * 1024);
  EXPECT_EQ(r["states"].size(), 24U);
  EXPECT_EQ(r["coverage"]["gaps"], 0);
}

TEST(Profile, TheThreeInEveryFormat) {
  for (const std::string name : {"resnet50", "mobilenet_v2", "gpt2"}) {
    for (const std::string format : {"table", "json", "csv", "markdown"}) {
      const std::vector<std::string> line = {shipped(name), "--hw", "t4", "--format", format};
      const test::Outcome first = run_cli(line);
      EXPECT_EQ(first.code, 0) << first.err;
      EXPECT_EQ(first.err, "");
      EXPECT_FALSE(first.out.empty());
      EXPECT_EQ(first.out, run_cli(line).out) << "same input, same bytes: " << format;
    }
  }
}

TEST(Profile, SeveralMachinesInOneOrSeveralFlags) {
  const Json flags = json_of({"--hw", "a100", "--hw", "t4", shipped("resnet50")});
  const Json list = json_of({"--hw", "a100,t4", shipped("resnet50")});
  ASSERT_EQ(flags["reports"].size(), 2U);
  EXPECT_EQ(flags, list);
  EXPECT_EQ(flags["reports"][1]["hardware"]["id"], "t4");
  // Counts are of the model: the same everywhere.
  EXPECT_EQ(flags["reports"][0]["totals"]["flops"], flags["reports"][1]["totals"]["flops"]);
}

TEST(Profile, EditsAreShownAndMatter) {
  const Json slow = json_of({shipped("gpt2"), "--hw", "a100", "--dim", "sequence=1"});
  const Json fast = json_of({shipped("gpt2"), "--hw", "a100", "--dim", "sequence=1", "--set",
                             "memory.dram.bandwidth=2x"});
  EXPECT_LE(fast["totals"]["latency_seconds"], slow["totals"]["latency_seconds"]);
  EXPECT_EQ(fast["hardware"]["edits"].size(), 1U);
  EXPECT_NE(fast["hardware"]["hash"], slow["hardware"]["hash"]);
}

TEST(Profile, MeasuredTimeGivesMeasuredUse) {
  const Json r = json_of({shipped("resnet50"), "--hw", "a100", "--measured-latency", "5.1ms"});
  EXPECT_DOUBLE_EQ(r["totals"]["measured_latency_seconds"], 5.1e-3);
  EXPECT_TRUE(r["totals"].contains("measured_mfu"));
  EXPECT_TRUE(r["totals"].contains("measured_mbu"));
  const test::Outcome o =
      run_cli({shipped("resnet50"), "--hw", "a100", "--measured-latency", "5.1ms"});
  EXPECT_TRUE(has(o.out, "measured   5.10 ms, ")) << o.out;
}

TEST(Profile, TopCutsTablesAndNotJson) {
  const test::Outcome table = run_cli({shipped("resnet50"), "--top", "3"});
  EXPECT_TRUE(has(table.out, "Top 3 of 175 operators")) << table.out;
  EXPECT_TRUE(has(table.out, "[other]"));
  const test::Outcome all = run_cli({shipped("resnet50"), "--top", "0"});
  EXPECT_TRUE(has(all.out, "All 175 operators"));
  EXPECT_EQ(json_of({shipped("resnet50"), "--top", "3"})["nodes"].size(), 175U);
}

TEST(Profile, GroupsByTypeAndBlock) {
  const test::Outcome types = run_cli({shipped("resnet50"), "--group-by", "op_type"});
  EXPECT_TRUE(has(types.out, "BatchNormalization")) << types.out;
  const test::Outcome blocks =
      run_cli({shipped("resnet50"), "--group-by", "block", "--depth", "1"});
  EXPECT_TRUE(has(blocks.out, "\nlayer3 ")) << blocks.out;
  EXPECT_FALSE(has(blocks.out, "layer3.0"));
}

TEST(Profile, ValuesShapesAndTripsReachTheModel) {
  const Json r = json_of({shipped("resnet50"), "--shape", "input=2x3x64x64"});
  EXPECT_EQ(r["model"]["inputs"][0]["shape"], Json::parse("[2, 3, 64, 64]"));
  EXPECT_EQ(r["model"]["dims"]["batch"], 2);
  // One value fills the input; what does not depend on it stays the same.
  const Json filled = json_of({shipped("gpt2"), "--value", "input_ids=7"});
  EXPECT_EQ(filled["totals"]["macs"], json_of({shipped("gpt2")})["totals"]["macs"]);
}

TEST(Profile, AModelThatIsCalledLikeAJob) {
  const Scratch scratch;
  const std::string file = scratch.file("hw", test::file_bytes(shipped("resnet50")));
  EXPECT_EQ(run_cli({file}).code, 0);
  EXPECT_EQ(run_cli({"--top", "1", file}).code, 0);
}

TEST(Profile, HelpNamesGroupsJobsAndExitCodes) {
  const test::Outcome o = run_cli({"--help"});
  EXPECT_EQ(o.code, 0);
  for (const char* part : {"Input:", "Hardware:", "Output:", "Gates:", "aiprof explain",
                           "aiprof strip", "Exit codes"}) {
    EXPECT_TRUE(has(o.out, part)) << part;
  }
  EXPECT_EQ(o.err, "");
}

TEST(Profile, VersionIsOneLine) {
  const test::Outcome o = run_cli({"--version"});
  EXPECT_EQ(o.code, 0);
  EXPECT_TRUE(o.out.starts_with("aiprof ")) << o.out;
  EXPECT_EQ(run_cli({"-v"}).out, o.out);
}

}  // namespace
}  // namespace aiprof
