// Calls of local functions: inlined, counted at every call, told apart by overload.
#include <gtest/gtest.h>

#include "aiprof/base/error.h"
#include "analysis/text_model.h"

namespace aiprof::test {
namespace {

constexpr const char* kCalls =
    "g (float[8] x) => (float[] y) { a = local.f <alpha = 0.5> (x) y = local.f <alpha = 0.0> (a) } "
    "<domain: \"local\", opset_import: [\"\": 17]> f <alpha> (u) => (v) "
    "{ t = Neg(u) v = Elu <alpha : float = @alpha> (t) }";

TEST(Functions, EveryCallIsCountedWithItsPath) {
  const Analysed a = analysed(kCalls);
  EXPECT_EQ(a.shape("y"), "8");
  EXPECT_EQ(a.flops(), Count(2 * (8 + 3 * 8)));
  ASSERT_EQ(a.graph.nodes.size(), 2U * (1 + 2));  // a call is a row, as are its body's nodes
  EXPECT_EQ(a.graph.nodes[1].path, "f");
}

// An attribute reference takes what the call gives: here the type that Cast makes.
TEST(Functions, AttributeReferencesTakeTheCallsValue) {
  const Analysed a = analysed(
      "g (float[8] x) => (float[] y, float[] z) { y = local.f <to = 10> (x) z = local.f <to = 11> "
      "(x) } <domain: \"local\", opset_import: [\"\": 17]> f <to> (u) => (v) "
      "{ v = Cast <to : int = @to> (u) }");
  EXPECT_EQ(a.fact("y").dtype, DType::kFloat16);
  EXPECT_EQ(a.fact("z").dtype, DType::kFloat64);
}

// Random numbers around a mean: the attribute of the function decides, or its default.
TEST(Functions, DefaultsHoldWhereTheCallGivesNothing) {
  const std::string text =
      "<ir_version: 8, opset_import: [\"\": 17, \"local\": 1]> g (float[8] x) => (float[] y) "
      "{ y = local.f(x) } <domain: \"local\", opset_import: [\"\": 17]> f (u) => (v) "
      "{ c = Constant <value_float : float = @k> () n = Cast <to = 7> (c) "
      "axis = Constant <value_ints = [0]> () s = Unsqueeze(n, axis) v = ConstantOfShape(s) }";
  const std::string bytes = edit_functions(
      model_bytes(text), {{.function = 0, .float_attribute = "k", .float_default = 5}});
  EXPECT_EQ(analysed(read_model(bytes)).shape("y"), "5");
}

TEST(Functions, OverloadsAreToldApart) {
  const std::string text =
      "<ir_version: 8, opset_import: [\"\": 17, \"local\": 1]> g (float[8] x) => "
      "(float[] y, float[] z) { y = local.f(x) z = local.f(x) } "
      "<domain: \"local\", opset_import: [\"\": 17]> f (u) => (v) { v = Neg(u) } "
      "<domain: \"local\", opset_import: [\"\": 17]> f (u) => (v) { t = Neg(u) v = Neg(t) }";
  const std::string bytes =
      edit_functions(model_bytes(text), {{.function = 1, .overload = "twice", .callers = {"z"}}});
  const Analysed a = analysed(read_model(bytes));
  EXPECT_EQ(a.flops(), Count(8 + 2 * 8));
}

// A function of a standard name wins over the standard operator.
TEST(Functions, ModelsOwnDefinitionsComeFirst) {
  const Analysed a = analysed(
      "g (float[8] x) => (float[] y) { y = com.microsoft.FastGelu(x) } "
      "<domain: \"com.microsoft\", opset_import: [\"\": 17]> FastGelu (u) => (v) { v = Neg(u) }");
  EXPECT_EQ(a.flops(), Count(8));
}

TEST(Functions, CallsInLoopsMultiply) {
  const Analysed a = analysed(
      "g (float[8] x, int64 n = {30}, bool t = {1}) => (float[] y) { y = Loop <body = b (int64 i, "
      "bool c, float[] u) => (bool d, float[] v) { d = Identity(c) v = local.f(u) }> (n, t, x) } "
      "<domain: \"local\", opset_import: [\"\": 17]> f (p) => (q) { q = Neg(p) }");
  EXPECT_EQ(a.flops(), Count(30 * 8));
}

void expect_refused(const std::string& body, const std::string& because) {
  try {
    (void)analysed(body);
    FAIL() << "was accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    EXPECT_NE(std::string(e.what()).find(because), std::string::npos) << e.what();
  }
}

TEST(Functions, MustNotCallThemselves) {
  expect_refused(
      "g (float[8] x) => (float[] y) { y = local.f(x) } "
      "<domain: \"local\", opset_import: [\"\": 17, \"local\": 1]> f (u) => (v) { v = local.f(u) }",
      "'f' calls itself");
}

TEST(Functions, MustNotCallEachOther) {
  expect_refused(
      "g (float[8] x) => (float[] y) { y = local.f(x) } "
      "<domain: \"local\", opset_import: [\"\": 17, \"local\": 1]> f (u) => (v) { v = local.h(u) } "
      "<domain: \"local\", opset_import: [\"\": 17, \"local\": 1]> h (u) => (v) { v = local.f(u) }",
      "calls itself");
}

}  // namespace
}  // namespace aiprof::test
