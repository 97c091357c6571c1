// Reading measured profiles.
#include <gtest/gtest.h>

#include "aiprof/base/error.h"
#include "aiprof/trace/trace.h"
#include "support/files.h"

namespace aiprof {
namespace {

std::string error_of(const std::string& text) {
  try {
    (void)parse_profile(text, "p");
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    return e.what();
  }
  return "no error";
}

std::string event(const std::string& name, int ts, int us) {
  return R"({"cat":"Node","name":")" + name + R"(","ts":)" + std::to_string(ts) + R"(,"dur":)" +
         std::to_string(us) + R"(,"args":{"op_name":"Relu"}})";
}
std::string run(int ts, int us) {
  return R"({"cat":"Session","name":"model_run","ts":)" + std::to_string(ts) + R"(,"dur":)" +
         std::to_string(us) + "}";
}

TEST(OnnxRuntimeProfile, DropsTheFirstRunAndTakesTheMedian) {
  std::string text = "[";
  for (const int us : {900, 10, 30, 11}) {
    const int ts = us == 900 ? 0 : us == 10 ? 1000 : us == 30 ? 2000 : 3000;
    text += event("a_kernel_time", ts + 1, us) + "," + event("a_fence_before", ts, 5) + "," +
            run(ts, 950) + ",";
  }
  text.back() = ']';
  const MeasuredProfile p = parse_profile(text, "p.json");
  EXPECT_EQ(p.format, TraceFormat::kOnnxRuntime);
  EXPECT_EQ(p.runs, 3U);
  ASSERT_EQ(p.events.size(), 1U);
  EXPECT_EQ(p.events[0].name, "a");
  EXPECT_EQ(p.events[0].op_type, "Relu");
  EXPECT_DOUBLE_EQ(p.events[0].seconds, 11e-6);
  ASSERT_EQ(p.notes.size(), 1U);
  const MeasuredProfile least =
      parse_profile(text, "p.json", {.statistic = RunStatistic::kMinimum, .warm_up = 0});
  EXPECT_EQ(least.runs, 4U);
  EXPECT_DOUBLE_EQ(least.events[0].seconds, 10e-6);
}

TEST(OnnxRuntimeProfile, AddsTheTripsOfALoop) {
  const std::string text = "[" + event("body_kernel_time", 1, 10) + "," +
                           event("body_kernel_time", 20, 12) + "," + run(0, 100) + "]";
  const MeasuredProfile p = parse_profile(text, "p.json");
  ASSERT_EQ(p.events.size(), 1U);
  EXPECT_DOUBLE_EQ(p.events[0].seconds, (10 + 12) * 1e-6);
}

TEST(TensorRtProfile, IsReadInMilliseconds) {
  const MeasuredProfile p = parse_profile(
      R"([{"count": 200},
          {"name": "conv1 + relu1", "timeMs": 40, "averageMs": 0.2, "medianMs": 0.19,
           "percentage": 100}])",
      "trt.json");
  EXPECT_EQ(p.format, TraceFormat::kTensorRt);
  EXPECT_EQ(p.runs, 200U);
  ASSERT_EQ(p.events.size(), 1U);
  EXPECT_DOUBLE_EQ(p.events[0].seconds, 0.19e-3);
}

TEST(TableProfile, TakesTheUnitsOfItsHeader) {
  const MeasuredProfile own =
      parse_profile("name,seconds\na,1e-3\n\"b, c\",2e-3\na,1e-3\n", "t.csv");
  EXPECT_EQ(own.format, TraceFormat::kTable);
  ASSERT_EQ(own.events.size(), 2U);
  EXPECT_DOUBLE_EQ(own.events[0].seconds, 1e-3 + 1e-3) << "launches of one name add up";
  EXPECT_EQ(own.events[1].name, "b, c");
  const MeasuredProfile nsys =
      parse_profile("Time (%),Total Time (ns),Instances,Range\n60.0,1500,3,/conv1/Conv\n", "t.csv");
  EXPECT_DOUBLE_EQ(nsys.events[0].seconds, 1500e-9);
}

TEST(Profiles, SayWhatIsWrong) {
  EXPECT_EQ(error_of(""), "p: is empty");
  EXPECT_NE(error_of("[{\"cat\":").find("p: not valid JSON"), std::string::npos);
  EXPECT_NE(error_of("[{\"x\": 1}]").find("neither a profile of ONNX Runtime"), std::string::npos);
  EXPECT_EQ(
      error_of("name,time\na,1\n"),
      "p:1: needs a column 'name' and one of time, such as 'seconds' or 'Total Time (ns)'; it "
      "has: name, time");
  EXPECT_EQ(error_of("name,seconds\na,fast\n"),
            "p:2: column 'seconds' is 'fast'; expected a number, 0 or more");
  EXPECT_EQ(error_of("name,seconds\n"), "p: has no rows");
}

}  // namespace
}  // namespace aiprof
