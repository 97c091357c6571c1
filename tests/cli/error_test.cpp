// What is wrong ends with the exit code of the contract, a message that says what, where and how to
// mend it, and not a byte on standard output.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_cli.h"

namespace aiprof {
namespace {

using test::run_cli;
using test::Scratch;
using test::shipped;

struct Wrong {
  std::vector<std::string> arguments;
  int code;
  std::vector<std::string> says;  // parts of the message
};

void expect_wrong(const Wrong& wrong) {
  const test::Outcome o = run_cli(wrong.arguments);
  std::string line;
  for (const std::string& a : wrong.arguments) line += " " + a;
  EXPECT_EQ(o.code, wrong.code) << line << "\n" << o.err;
  EXPECT_EQ(o.out, "") << line;
  EXPECT_TRUE(o.err.starts_with("aiprof: error: ")) << line << "\n" << o.err;
  for (const std::string& part : wrong.says)
    EXPECT_TRUE(test::has(o.err, part)) << line << "\n" << o.err;
  // One line, for a log.
  EXPECT_EQ(o.err.find('\n'), o.err.size() - 1) << o.err;
}

TEST(Errors, OfModelFiles) {
  const Scratch scratch;
  const std::string whole = test::file_bytes(shipped("resnet50"));
  const std::string empty = scratch.file("empty.onnx", "");
  const std::string text = scratch.file("text.onnx", "this is not a model\n");
  const std::string cut = scratch.file("cut.onnx", whole.substr(0, whole.size() / 2));
  expect_wrong({{"missing.onnx"}, 3, {"missing.onnx", "No such file"}});
  expect_wrong({{empty}, 3, {"empty.onnx", "empty"}});
  expect_wrong({{text}, 3, {"text.onnx", "text file"}});
  expect_wrong({{cut}, 3, {"cut.onnx", "truncated"}});
  expect_wrong({{scratch.path("")}, 3, {"directory"}});
  expect_wrong({{"strip", "missing.onnx", "-o", scratch.path("out")}, 3, {"missing.onnx"}});
  expect_wrong({{"strip", scratch.path(""), "-o", scratch.path("out")}, 3, {"directory"}});
  expect_wrong({{"strip", text, "-o", scratch.path("out")}, 3, {"text.onnx"}});
}

TEST(Errors, OfDimsShapesAndValues) {
  const std::string model = shipped("resnet50");
  const std::string gpt2 = shipped("gpt2");
  expect_wrong({{model, "--dim", "bach=2"}, 2, {"bach", "did you mean 'batch'?"}});
  expect_wrong({{model, "--dim", "batch"}, 2, {"--dim", "NAME=VALUE"}});
  expect_wrong({{model, "--dim", "batch=two"}, 2, {"--dim batch", "'two'"}});
  expect_wrong({{model, "--dim", "batch=-1"}, 2, {"--dim batch", "'-1'"}});
  expect_wrong({{model, "--dim", "batch=1", "--dim", "batch=2"}, 2, {"given twice"}});
  expect_wrong({{model, "--shape", "input=1x3"}, 2, {"--shape input", "rank 4"}});
  expect_wrong({{model, "--shape", "input=1x3xax4"}, 2, {"--shape input", "'a'"}});
  expect_wrong({{model, "--shape", "inptu=1x3x4x4"}, 2, {"did you mean 'input'?"}});
  expect_wrong({{model, "--value", "none=1"}, 2, {"--value none"}});
  expect_wrong({{model, "--value", "input=red"}, 2, {"'red'", "decimal", "float32"}});
  expect_wrong({{gpt2, "--value", "input_ids=1.5"}, 2, {"'1.5'", "integer", "int64"}});
  expect_wrong({{gpt2, "--value", "input_ids=1,2,3"}, 2, {"3 elements"}});
  expect_wrong({{gpt2, "--value", "input_ids=@missing.pb"}, 3, {"missing.pb"}});
  expect_wrong({{model, "--trip", "loop=3"}, 2, {"no Loop or Scan 'loop'"}});
}

TEST(Errors, OfHardwareNamesAndEdits) {
  const std::string model = shipped("resnet50");
  expect_wrong({{model, "--hw", "a1000"}, 2, {"a1000", "did you mean", "aiprof hw list"}});
  expect_wrong({{model, "--hw", "a100,"}, 2, {"empty"}});
  expect_wrong({{model, "--hw", "t4", "--runtime", "egaer"}, 2, {"did you mean 'eager'?"}});
  expect_wrong({{model, "--hw", "t4", "--set", "memory.dram.bandwith=2x"},
                2,
                {"did you mean 'bandwidth'?"}});
  expect_wrong({{model, "--set", "power.tdp_watts=1"}, 2, {"--set", "--hw"}});
  expect_wrong({{model, "--hw", "t4", "--runtime", "qqqq"}, 2, {"built in: ", "onnxruntime"}});
  expect_wrong({{model, "--what-if", "power.tdp_watts=1"}, 2, {"--what-if", "--hw"}});
  expect_wrong({{model, "--hw", "t4", "--what-if", "a=1,,b=2"}, 2, {"an edit is empty"}});
  expect_wrong({{model, "--runtime", "eager"}, 2, {"--runtime", "--hw"}});
  expect_wrong({{"hw", "show", "h10"}, 2, {"h10", "did you mean"}});
}

TEST(Errors, OfHardwareFiles) {
  const Scratch scratch;
  const std::string model = shipped("resnet50");
  const std::string good = test::catalogue_file("t4");
  const auto edited = [&](const std::string& name, const auto& edit) {
    auto json = nlohmann::ordered_json::parse(good);
    edit(json);
    return scratch.file(name, json.dump(2));
  };
  const std::string type = edited("type.json", [](auto& j) { j["memory"] = "much"; });
  const std::string key = edited("key.json", [](auto& j) { j["vendr"] = "NVIDIA"; });
  const std::string zero =
      edited("zero.json", [](auto& j) { j["memory"].back()["bandwidth_bytes_per_second"] = 0; });
  const std::string comma = scratch.file("comma.json", good.substr(0, good.rfind('}')) + ",}\n");
  for (const std::vector<std::string>& job :
       {std::vector<std::string>{model, "--hw"}, std::vector<std::string>{"hw", "lint"}}) {
    const auto with = [&](const std::string& file) {
      std::vector<std::string> line = job;
      line.push_back(file);
      return line;
    };
    expect_wrong({with(type), 3, {"type.json", "/memory", "list"}});
    expect_wrong({with(key), 3, {"key.json", "vendr", "did you mean 'vendor'?"}});
    expect_wrong({with(zero), 3, {"zero.json", "bandwidth_bytes_per_second", "greater than 0"}});
    expect_wrong({with(comma), 3, {"comma.json", "trailing comma"}});
  }
}

TEST(Errors, OfFlags) {
  const std::string model = shipped("resnet50");
  expect_wrong({{}, 2, {"MODEL is required", "--help"}});
  expect_wrong({{model, "--hww", "a100"}, 2, {"unknown option --hww", "did you mean '--hw'?"}});
  expect_wrong({{model, "--hw"}, 2, {"--hw"}});
  expect_wrong({{model, "more"}, 2, {"unexpected argument 'more'"}});
  expect_wrong({{"exlpain", model, "node"}, 2, {"did you mean 'explain'?"}});
  expect_wrong({{"chek"}, 2, {"neither a file nor a job", "did you mean 'check'?", "compare"}});
  expect_wrong({{"profile"}, 2, {"'profile' is neither a file nor a job", "aiprof --help"}});
  expect_wrong({{"help", "chek"}, 2, {"did you mean 'check'?"}});
  expect_wrong({{model, "--format", "jsn"}, 2, {"'jsn'", "did you mean 'json'?"}});
  expect_wrong({{model, "--group-by", "blok"}, 2, {"did you mean 'block'?"}});
  expect_wrong({{model, "--top", "many"}, 2, {"--top", "'many'"}});
  expect_wrong({{model, "--depth", "-1"}, 2, {"--depth", "'-1'"}});
  expect_wrong({{model, "--max-unmodelled", "101"}, 2, {"percentage"}});
  expect_wrong({{model, "--hw", "t4", "--measured-latency", "5"}, 2, {"5.1ms"}});
  expect_wrong({{model, "--hw", "t4", "--measured-latency", "0ms"}, 2, {"above 0"}});
  expect_wrong({{model, "--measured-latency", "5ms"}, 2, {"exactly one --hw"}});
  expect_wrong({{model, "--hw", "t4,l4", "--measured-latency", "5ms"}, 2, {"exactly one --hw"}});
  expect_wrong({{"hw"}, 2, {"list, show, lint"}});
  expect_wrong({{"hw", "lst"}, 2, {"did you mean 'list'?"}});
  expect_wrong({{"ops", "--hw", "t4"}, 2, {"needs a MODEL"}});
  expect_wrong({{"strip", model}, 2, {"--output is required"}});
}

TEST(Errors, OfFixedConstants) {
  const Scratch scratch;
  const std::string rows = scratch.file("rows.csv", test::softmax_rows());
  for (const std::string job : {"fit", "family"}) {
    const auto wrong = [&](const std::string& fix, const std::vector<std::string>& says) {
      expect_wrong({{"hw", job, "t4", job == "fit" ? rows : "t4=" + rows, "-o",
                     scratch.path("out.json"), "--fix", fix},
                    2,
                    says});
    };
    wrong("softmax_reread", {"--fix softmax_reread: expected NAME=VALUE"});
    wrong("softmax_reread=much", {"--fix softmax_reread: 'much' is not a number"});
    wrong("softmax_rered=1", {"unknown constant 'softmax_rered'; did you mean 'softmax_reread'?"});
    wrong("softmx=1", {"unknown constant 'softmx'", "CLASS one of: gemm, ", "softmax"});
    wrong("softmax_reread=-1", {"softmax_reread cannot be fixed at -1: physics allows 0.01 to 3"});
    wrong("gemm_overlap=1", {"class gemm is not fitted here (fitted: softmax)"});
    expect_wrong({{"hw", job, "t4", "t4=" + rows, "-o", scratch.path("out.json"), "--fix",
                   "softmax_reread=1", "--fix", "softmax_reread=1"},
                  2,
                  {"--fix softmax_reread: given twice"}});
  }
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"rows.csv"}) << "nothing was written";
}

TEST(Errors, OfNodes) {
  const std::string model = shipped("resnet50");
  expect_wrong({{"explain", model, "/conv1/Con"}, 2, {"did you mean '/conv1/Conv'?"}});
  expect_wrong({{"explain", model, "#100000"}, 2, {"no node"}});
  expect_wrong({{"explain", model}, 2, {"NODE is required"}});
}

TEST(Errors, OfOutputFiles) {
  const Scratch scratch;
  const std::string model = shipped("resnet50");
  expect_wrong(
      {{model, "-o", scratch.path("no/such/report.txt")}, 2, {"does not exist", "no/such"}});
  expect_wrong({{model, "-o", scratch.path("")}, 2, {"directory"}});
  EXPECT_TRUE(scratch.names().empty());
}

TEST(Errors, ControlCharactersOfArgumentsDoNotReachTheTerminal) {
  const test::Outcome o = run_cli({shipped("resnet50"), "--format", "a\x1b[31m\nb"});
  EXPECT_EQ(o.code, 2);
  EXPECT_FALSE(test::has(o.err, "\x1b"));
}

}  // namespace
}  // namespace aiprof
