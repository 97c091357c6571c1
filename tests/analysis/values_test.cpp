// Contents of small tensors, as far as shapes depend on them.
#include <gtest/gtest.h>

#include "analysis/text_model.h"

namespace aiprof::test {
namespace {

// What PyTorch exports for Tensor.expand: -1 keeps an extent.
TEST(Values, ExpandWithMinusOneKeepsExtents) {
  const Analysed a = analysed(
      "g (float[2,1,64] x) => (float[] y) { wanted = Constant <value_ints = [-1, 8, -1]> () "
      "minus = Constant <value_ints = [-1]> () hole = Equal(wanted, minus) "
      "n = Constant <value_ints = [3]> () ones = ConstantOfShape <value = int64[1] {1}> (n) "
      "shape = Where(hole, ones, wanted) y = Expand(x, shape) }");
  EXPECT_EQ(a.value("shape"), "1, 8, 1");
  EXPECT_EQ(a.shape("y"), "2x8x64");
}

// One unknown element does not hide its neighbours.
TEST(Values, ElementsMayBeUnknownOneByOne) {
  const Analysed a = analysed(
      "g (float[6,8,64] x, int64[1] rows) => (float[] y, float[] z) { "
      "rest = Constant <value_ints = [8, 64]> () s = Concat <axis = 0> (rows, rest) "
      "y = Reshape(x, s) one = Constant <value_ints = [1]> () tail = Slice(s, one, big) "
      "big = Constant <value_ints = [9223372036854775807]> () z = ConstantOfShape(tail) }");
  EXPECT_EQ(a.value("s"), "?, 8, 64");
  EXPECT_EQ(a.shape("y"), "6x8x64");  // as many as there are elements for
  EXPECT_EQ(a.shape("z"), "8x64");
}

TEST(Values, ReshapeLeavesTheOneExtentThatIsUnknown) {
  const Analysed a = analysed(
      "g (float[6,8,64] x, int64[2] rows) => (float[] y) { "
      "rest = Constant <value_ints = [64]> () s = Concat <axis = 0> (rows, rest) "
      "y = Reshape(x, s) }");
  EXPECT_EQ(a.shape("y"), "?x?x64");
}

// interpolate(scale_factor = 0.7): floor(extent * scale) in single precision.
TEST(Values, SizesOfResizeComeFromFloatArithmetic) {
  const Analysed a = analysed(
      "g (float[1,3,10,25] x) => (float[] y) { s = Shape <start = 2> (x) f = Cast <to = 1> (s) "
      "k = Constant <value = float {0.7}> () m = Mul(f, k) r = Floor(m) i = Cast <to = 7> (r) "
      "head = Shape <end = 2> (x) sizes = Concat <axis = 0> (head, i) "
      "y = Resize <mode = \"linear\"> (x, _, _, sizes) }");
  EXPECT_EQ(a.value("sizes"), "1, 3, 7, 17");
  EXPECT_EQ(a.shape("y"), "1x3x7x17");
}

TEST(Values, SliceTakesTheExtremesOfInt64) {
  const Analysed a = analysed(
      "g (float[10] x) => (float[] y, float[] z) { "
      "zero = Constant <value_ints = [0]> () least = Constant <value_ints = "
      "[-9223372036854775808]> () most = Constant <value_ints = [9223372036854775807]> () "
      "axis = Constant <value_ints = [0]> () back = Constant <value_ints = [-1]> () "
      "y = Slice(x, zero, most) z = Slice(x, most, least, axis, back) }");
  EXPECT_EQ(a.shape("y"), "10");
  EXPECT_EQ(a.shape("z"), "10");  // from beyond the end back to before the start: reversed
}

// Masks of [S, T] are compared and reduced: contents are not only lists of extents.
TEST(Values, MatricesAreEvaluatedToo) {
  const Analysed a = analysed(
      "g (float[4,6] x) => (float[] y) { zero = Constant <value_int = 0> () one = Constant "
      "<value_int = 1> () n = Constant <value_int = 4> () r = Range(zero, n, one) "
      "axis = Constant <value_ints = [1]> () column = Unsqueeze(r, axis) "
      "upper = GreaterOrEqual(r, column) kept = Cast <to = 7> (upper) "
      "all = ReduceSum <keepdims = 0> (kept) shape = Reshape(all, back) "
      "back = Constant <value_ints = [1]> () y = ConstantOfShape(shape) }");
  EXPECT_EQ(a.shape("y"), "10");  // 4 + 3 + 2 + 1
}

TEST(Values, ShapesOfDataGiveUpperBounds) {
  const Analysed a = analysed(
      "g (float[3,5] x) => (float[] y) { at = NonZero(x) t = Transpose(at) y = Cast <to = 1> (t) "
      "}");
  EXPECT_EQ(a.shape("y"), "15x2");
  EXPECT_EQ(a.fact("y").basis, Basis::kAssumed);
  EXPECT_EQ(a.node("at").status, NodeStatus::kAssumed);
  EXPECT_NE(a.node("at").reason.find("--value"), std::string::npos);
}

}  // namespace
}  // namespace aiprof::test
