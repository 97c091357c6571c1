// Measured profiles of whole models, end to end. docs/profiles/resnet50.json is of the network in
// models/onnx, run by ONNX Runtime on two cores; the events of three runs, without the rest.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_cli.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;
using test::has;
using test::Outcome;
using test::run_cli;
using test::Scratch;
using test::shipped;

const std::string kProfile = AIPROF_SOURCE_DIR "/docs/profiles/resnet50.json";
const std::string kMachine = AIPROF_SOURCE_DIR "/docs/profiles/xeon-2-cores.json";

std::vector<std::string> line(const std::vector<std::string>& more) {
  std::vector<std::string> all = {
      shipped("resnet50"), "--dim", "batch=4", "--runtime", "onnxruntime", "--hw", kMachine,
      "--measured",        kProfile};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Measured, AllKernelTimeOfOnnxRuntimeIsJoined) {
  const Outcome o = run_cli(line({"--format", "json"}));
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = Json::parse(o.out);
  const Json& m = r["measured"];
  EXPECT_EQ(m["format"], "ONNX Runtime profile");
  EXPECT_EQ(m["runs"], 2);  // of three, the first is warm-up
  EXPECT_GE(m["matched_seconds"].get<double>(), 0.99 * m["seconds"].get<double>());
  double nodes = 0;
  for (const Json& n : r["nodes"]) nodes += n.value("measured_seconds", 0.0);
  EXPECT_NEAR(nodes, m["matched_seconds"].get<double>(), 1e-9);
  EXPECT_EQ(m["kernels"], r["kernels"].size()) << "every kernel has a time";
  EXPECT_EQ(r["totals"]["measured_latency_seconds"], m["seconds"]);
}

TEST(Measured, GroupsAreSums) {
  const Outcome o = run_cli(line({"--group-by", "op_type", "--format", "json"}));
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = Json::parse(o.out);
  double sum = 0;
  for (const Json& g : r["groups"]) sum += g.value("measured_seconds", 0.0);
  EXPECT_NEAR(sum, r["measured"]["matched_seconds"].get<double>(), 1e-9);
  EXPECT_EQ(r["groups"][0]["key"], "Conv");
  EXPECT_TRUE(r["groups"][0].contains("ratio"));
}

TEST(Measured, EveryFormatShowsIt) {
  for (const std::string format : {"table", "markdown", "csv", "html", "svg"}) {
    const Outcome o = run_cli(line({"--format", format}));
    EXPECT_EQ(o.code, 0) << format << ": " << o.err;
    EXPECT_TRUE(has(o.out, "measured")) << format;
  }
}

TEST(Measured, TheExportIsAFileThatFits) {
  const Scratch scratch;
  const std::string csv = scratch.path("resnet50.csv");
  const Outcome written = run_cli(line({"--export-measurements", csv}));
  ASSERT_EQ(written.code, 0) << written.err;
  EXPECT_TRUE(has(written.err, "resnet50.csv: ")) << written.err;
  EXPECT_TRUE(has(written.err, "left out ")) << written.err;
  const std::string text = test::file_bytes(csv);
  EXPECT_TRUE(has(text, "# device: ")) << text;
  EXPECT_TRUE(has(text, "# date: 20")) << text;
  EXPECT_TRUE(has(text, "# source: ONNX Runtime profile of resnet50.onnx\n")) << text;
  const std::string fitted = scratch.path("fitted.json");
  const Outcome fit = run_cli({"hw", "fit", kMachine, csv, "-o", fitted});
  EXPECT_EQ(fit.code, 0) << fit.err;
  EXPECT_EQ(run_cli({shipped("resnet50"), "--hw", fitted}).code, 0);
}

TEST(Measured, SaysThatTheProfileIsOfAnotherBatch) {
  const Outcome o =
      run_cli({shipped("resnet50"), "--hw", kMachine, "--measured", kProfile, "--format", "json"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(has(o.out,
                  "was taken with other dims: '/layer1/layer1.0/conv3/Conv_output_0' was "
                  "4x256x56x56 there and is 1x256x56x56 here (--dim, --shape)"));
  EXPECT_FALSE(has(run_cli(line({})).out, "other dims"));
}

TEST(Measured, NeedsOneMachine) {
  const Outcome none = run_cli({shipped("resnet50"), "--measured", kProfile});
  EXPECT_EQ(none.code, 2);
  EXPECT_TRUE(
      has(none.err, "--measured was measured on one machine: it needs exactly one --hw, not 0"))
      << none.err;
  EXPECT_EQ(run_cli({shipped("resnet50"), "--hw", "a100,t4", "--measured", kProfile}).code, 2);
  EXPECT_EQ(none.out, "");
}

TEST(Measured, RefusesWhatIsNoProfileOrOfAnotherModel) {
  const Scratch scratch;
  const auto fails = [&](const std::string& text, std::string_view why) {
    const std::string file = scratch.file("p.json", text);
    const Outcome o = run_cli({shipped("resnet50"), "--hw", "t4", "--measured", file});
    EXPECT_EQ(o.code, 3) << text;
    EXPECT_TRUE(has(o.err, why)) << o.err;
    EXPECT_TRUE(has(o.err, "p.json")) << o.err;
    EXPECT_EQ(o.out, "");
  };
  fails("{\"a\": 1}", "neither a profile of ONNX Runtime nor one of trtexec");
  fails("[1, 2", "not valid JSON");
  fails("a,b\n1,2\n", "needs a column 'name' and one of time");
  fails("", "is empty");
  fails("name,seconds\nvoid kernel(),0.5\n", "none of its 1 events names an operator or a tensor");
  EXPECT_EQ(run_cli({shipped("resnet50"), "--hw", "t4", "--measured", "nowhere.json"}).code, 3);
}

TEST(Measured, AnExportNeedsAProfileAndRows) {
  const Scratch scratch;
  const std::string csv = scratch.path("x.csv");
  const Outcome without =
      run_cli({shipped("resnet50"), "--hw", "t4", "--export-measurements", csv});
  EXPECT_EQ(without.code, 2);
  EXPECT_TRUE(has(without.err, "it needs --measured FILE")) << without.err;
  // What a product with a residual took says nothing of the product alone.
  const std::string table =
      scratch.file("t.csv", "name,seconds\n/layer1/layer1.0/relu_2/Relu,0.5\n");
  const Outcome none = run_cli({shipped("resnet50"), "--hw", "t4", "--runtime", "compiled",
                                "--measured", table, "--export-measurements", csv});
  EXPECT_EQ(none.code, 3);
  EXPECT_TRUE(has(none.err, "no kernel of ")) << none.err;
  EXPECT_TRUE(scratch.names() == std::vector<std::string>{"t.csv"});
}

}  // namespace
}  // namespace aiprof
