// aiprof compare: portfolios.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_cli.h"

namespace aiprof {
namespace {

using test::has;
using test::run_cli;
using test::shipped;

// Markdown without its backslashes.
std::string unescaped(std::string text) {
  std::erase(text, '\\');
  return text;
}

nlohmann::json compare(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "compare");
  arguments.insert(arguments.end(), {"--format", "json"});
  const test::Outcome o = run_cli(arguments);
  EXPECT_EQ(o.code, 0) << o.err;
  return nlohmann::json::parse(o.out);
}

TEST(Compare, OneRowForEachPair) {
  const auto o = compare({shipped("resnet50"), shipped("gpt2"), "--hw", "a100", "--hw", "t4"});
  ASSERT_EQ(o["rows"].size(), 2U * 2);
  EXPECT_EQ(o["rows"][1]["hardware"], "t4");
  EXPECT_EQ(o["rows"][2]["model"], shipped("gpt2"));
  for (const auto& row : o["rows"]) EXPECT_GT(row["latency_seconds"].get<double>(), 0);
}

// The numbers are those of the report of the pair.
TEST(Compare, AgreesWithTheReport) {
  const auto pair = compare({shipped("resnet50"), "--hw", "t4"})["rows"][0];
  const auto report = nlohmann::json::parse(
      run_cli({shipped("resnet50"), "--hw", "t4", "--format", "json"}).out)["totals"];
  for (const char* key : {"latency_seconds", "energy_joules", "mbu", "mfu", "bound", "memory_bytes",
                          "throughput_per_second"}) {
    EXPECT_EQ(pair[key], report[key]) << key;
  }
}

TEST(Compare, MachinesMayFollowOneAnother) {
  const auto o = compare({shipped("resnet50"), "--hw", "a100", "h100", "tpu-v5e"});
  EXPECT_EQ(o["hardware"], (std::vector<std::string>{"a100-sxm-80", "h100-sxm", "tpu-v5e"}));
  const auto swapped = compare({"--hw", "a100", "t4", shipped("resnet50"), shipped("gpt2")});
  EXPECT_EQ(swapped["models"].size(), 2U);
  EXPECT_EQ(swapped["hardware"].size(), 2U);
}

TEST(Compare, AMistypedMachineIsNoModel) {
  const test::Outcome o = run_cli({"compare", shipped("resnet50"), "--hw", "a100", "h10"});
  EXPECT_EQ(o.code, 2);
  EXPECT_TRUE(has(o.err, "did you mean")) << o.err;
}

TEST(Compare, EveryFormatHasEveryPair) {
  for (const char* format : {"table", "csv", "markdown", "html", "svg"}) {
    const test::Outcome o = run_cli({"compare", shipped("resnet50"), shipped("mobilenet_v2"),
                                     "--hw", "a100", "t4", "--format", format});
    ASSERT_EQ(o.code, 0) << o.err;
    for (const char* name : {"mobilenet", "resnet50", "a100-sxm-80", "t4"}) {
      const std::string text = std::string(format) == "markdown" ? unescaped(o.out) : o.out;
      EXPECT_TRUE(has(text, name)) << format << ": " << name;
    }
  }
}

TEST(Compare, WhatIfsStandBesideTheMachine) {
  const auto o = compare({shipped("resnet50"), "--hw", "a100", "--what-if",
                          "memory.dram.bandwidth=2x", "--what-if", "runtime=compiled"});
  ASSERT_EQ(o["rows"].size(), 3U);
  EXPECT_EQ(o["hardware"][0], "a100-sxm-80, runtime eager");
  EXPECT_EQ(o["hardware"][1], "a100-sxm-80, dram.bandwidth x 2");
  EXPECT_EQ(o["hardware"][2], "a100-sxm-80, runtime compiled");
  EXPECT_LT(o["rows"][2]["latency_seconds"].get<double>(),
            o["rows"][0]["latency_seconds"].get<double>());
}

TEST(Compare, NeedsModelsAndMachines) {
  EXPECT_EQ(run_cli({"compare", shipped("resnet50")}).code, 2);
  EXPECT_EQ(run_cli({"compare", "--hw", "a100"}).code, 2);
  EXPECT_EQ(run_cli({"compare", "gone.onnx", "--hw", "a100"}).code, 3);
}

TEST(Compare, TheSameModelTwiceIsAlike) {
  const auto o = compare({shipped("resnet50"), shipped("resnet50"), "--hw", "a100"});
  EXPECT_EQ(o["clusters"].size(), 1U);
  EXPECT_NEAR(o["similarity"][0][1].get<double>(), 1, 1e-12);
}

}  // namespace
}  // namespace aiprof
