// The file format of measurements: docs/calibration.md.
#include "aiprof/calibration/measurement.h"

#include <gtest/gtest.h>

#include "aiprof/base/error.h"

namespace aiprof {
namespace {

std::string error_of(const std::string& text) {
  try {
    (void)parse_measurements(text, "m.csv");
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    return e.what();
  }
  return "no error";
}

TEST(Measurements, AreReadByColumnName) {
  const MeasurementFile file = parse_measurements(
      "# device: A machine\n"
      "# date: 2026-01-31\n"
      "# anything else is a remark\n"
      "seconds,operator,dtype,regime,m,n,k,b\n"
      "1e-3,MatMul,float16,graph,128,256,512,\n"
      "2e-3,MatMul,tf32,isolated,1,2,3,48\n",
      "m.csv");
  EXPECT_EQ(file.device, "A machine");
  EXPECT_EQ(file.date, "2026-01-31");
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].op_class, "gemm");
  EXPECT_EQ(file.rows[0].dtype, DType::kFloat16);
  EXPECT_EQ(file.rows[0].extents.n, 256);
  EXPECT_EQ(file.rows[0].extents.b, 0) << "not given";
  EXPECT_EQ(file.rows[0].regime, TimingRegime::kGraph);
  EXPECT_DOUBLE_EQ(file.rows[0].seconds, 1e-3);
  EXPECT_TRUE(file.rows[1].tf32);
  EXPECT_EQ(file.rows[1].dtype, DType::kFloat32);
  EXPECT_EQ(file.rows[1].line, 6U);
}

TEST(Measurements, TakeWindowsAsOneNumberOrTwo) {
  const MeasurementFile file = parse_measurements(
      "operator,dtype,n,c,h,w,k,kernel,stride,pad,regime,seconds\n"
      "Conv,float32,1,3,224,224,64,7,2,3,stream,1e-3\n"
      "Conv,float32,1,80,1,3000,384,1x3,1,0x1,stream,1e-3\n",
      "m.csv");
  EXPECT_EQ(file.rows[0].extents.kernel_h, 7);
  EXPECT_EQ(file.rows[0].extents.kernel_w, 7);
  EXPECT_EQ(file.rows[1].extents.kernel_h, 1);
  EXPECT_EQ(file.rows[1].extents.kernel_w, 3);
  EXPECT_EQ(file.rows[1].extents.pad_h, 0);
  EXPECT_EQ(file.rows[1].extents.pad_w, 1);
}

TEST(Measurements, SayWhereAFileIsWrong) {
  const std::string header = "operator,dtype,m,n,k,regime,seconds\n";
  EXPECT_EQ(error_of(header + "MatMul,float32,4,4,0,graph,1\n"),
            "m.csv:2: column 'k' is '0'; expected a whole number from 1 to 2147483648");
  EXPECT_EQ(error_of(header + "MatMul,float32,4,4,,graph,1\n"),
            "m.csv:2: column 'k' is missing; MatMul needs m n k");
  EXPECT_EQ(error_of(header + "Softmax,float32,4,,,graph,1\n"),
            "m.csv:2: column 'm' is '4', but Softmax has no such extent: it takes rows cols");
  EXPECT_EQ(error_of(header + "MatMul,float31,4,4,4,graph,1\n"),
            "m.csv:2: column 'dtype' is 'float31'; expected an element type, such as float32");
  EXPECT_EQ(error_of(header + "MatMul,float32,4,4,4,once,1\n"),
            "m.csv:2: column 'regime' is 'once'; expected graph, stream, queue or isolated");
  EXPECT_EQ(error_of(header + "MatMul,float32,4,4,4,graph,1e6\n"),
            "m.csv:2: column 'seconds' is '1e6'; expected seconds, from 1e-9 to 86400");
  EXPECT_EQ(error_of(header + "MatMul,float32,4,4,4,graph,-1\n"),
            "m.csv:2: column 'seconds' is '-1'; expected seconds, from 1e-9 to 86400");
  EXPECT_EQ(error_of(header + "MatMul,float32,4,4\n"),
            "m.csv:2: has 4 cells; the header has 7 columns");
  EXPECT_EQ(error_of("operator,dtype,regime\n"), "m.csv:1: column 'seconds' is missing");
  EXPECT_NE(error_of("operator,dtype,regime,second\n").find("did you mean 'seconds'?"),
            std::string::npos);
  EXPECT_NE(error_of("operator,dtype,regime,seconds\nMatmul,float32,graph,1\n")
                .find("did you mean 'MatMul'?"),
            std::string::npos);
  EXPECT_EQ(error_of("# only remarks\n"), "m.csv:2: has no header line");
}

TEST(Measurements, AreWrittenAsTheyAreRead) {
  const std::string text =
      "# device: A machine\n"
      "# date: 2026-01-31\n"
      "class,operator,dtype,weights,m,n,k,weight_set,regime,label,seconds\n"
      "gemm,MatMul,float16,,128,256,512,1.5e+06,graph,\"a, b\",0.001\n"
      "gemm,MatMul,float16,int4,128,256,512,,graph,,0.002\n";
  EXPECT_EQ(write_measurements(parse_measurements(text, "m.csv")),
            "# device: A machine\n"
            "# date: 2026-01-31\n"
            "class,operator,dtype,weights,m,n,k,weight_set,regime,label,seconds\n"
            "gemm,MatMul,float16,,128,256,512,1500000,graph,\"a, b\",0.001\n"
            "gemm,MatMul,float16,int4,128,256,512,,graph,,0.002\n");
}

TEST(Measurements, OfAManifestHaveNoSecondsYet) {
  const MeasurementFile file = parse_measurements(
      "operator,dtype,rows,cols,regime,label\nRelu,float32,16,768,stream,a.onnx\n", "m.csv",
      SecondsColumn::kOptional);
  EXPECT_EQ(file.rows[0].seconds, 0);
  EXPECT_EQ(file.rows[0].label, "a.onnx");
}

}  // namespace
}  // namespace aiprof
