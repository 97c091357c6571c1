// Runs every operator case.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "ops/op_case.h"

namespace aiprof::test {
namespace {

std::string_view name(Status s) {
  switch (s) {
    case Status::kExact:
      return "exact";
    case Status::kAssumed:
      return "assumed";
    case Status::kFolded:
      return "folded";
    case Status::kGap:
      return "gap";
  }
  return "gap";
}

void check(const OpCase& c) {
  SCOPED_TRACE(fmt::format("{}: ({}) {}", c.op, c.inputs, c.nodes));
  OpResult r;
  ASSERT_NO_THROW(r = run(c));
  EXPECT_TRUE(r.found_row) << "no node of the model has this row";
  EXPECT_EQ(r.outputs, canonical_outputs(c.outputs));
  EXPECT_EQ(name(r.status), name(c.status)) << r.reason;
  EXPECT_NE(r.reason.find(c.reason), std::string::npos) << r.reason;
  EXPECT_EQ(r.macs, c.macs) << "MACs";
  EXPECT_EQ(r.useful, c.useful == 0 ? c.macs : c.useful) << "useful MACs";
  EXPECT_EQ(r.flops, c.flops) << "FLOPs";
  EXPECT_EQ(r.transcendentals, c.transcendentals) << "transcendentals";
  EXPECT_EQ(r.integer_ops, c.integer_ops) << "integer operations";
  EXPECT_EQ(r.read, c.read) << "bytes read";
  EXPECT_EQ(r.written, c.written) << "bytes written";
}

void check_all(std::span<const OpCase> cases) {
  for (const OpCase& c : cases) check(c);
}

TEST(OpCases, Elementwise) { check_all(elementwise_cases()); }
TEST(OpCases, Logic) { check_all(logic_cases()); }
TEST(OpCases, Activation) { check_all(activation_cases()); }
TEST(OpCases, Reduction) { check_all(reduction_cases()); }
TEST(OpCases, Normalization) { check_all(normalization_cases()); }
TEST(OpCases, Contraction) { check_all(contraction_cases()); }
TEST(OpCases, Attention) { check_all(attention_cases()); }
TEST(OpCases, Pooling) { check_all(pooling_cases()); }
TEST(OpCases, Shape) { check_all(shape_cases()); }
TEST(OpCases, Movement) { check_all(movement_cases()); }
TEST(OpCases, Gather) { check_all(gather_cases()); }
TEST(OpCases, Vision) { check_all(vision_cases()); }
TEST(OpCases, Signal) { check_all(signal_cases()); }
TEST(OpCases, Sequence) { check_all(sequence_cases()); }
TEST(OpCases, Ml) { check_all(ml_cases()); }
TEST(OpCases, Training) { check_all(training_cases()); }
TEST(OpCases, MsAttention) { check_all(ms_attention_cases()); }
TEST(OpCases, MsMatmul) { check_all(ms_matmul_cases()); }
TEST(OpCases, MsQuant) { check_all(ms_quant_cases()); }
TEST(OpCases, MsNn) { check_all(ms_nn_cases()); }
TEST(OpCases, MsMisc) { check_all(ms_misc_cases()); }
TEST(OpCases, MsPacked) { check_all(ms_packed_cases()); }
TEST(OpCases, MsTraining) { check_all(ms_training_cases()); }
TEST(OpCases, Foreign) { check_all(foreign_cases()); }

}  // namespace
}  // namespace aiprof::test
