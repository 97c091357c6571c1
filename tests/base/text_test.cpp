#include "aiprof/base/text.h"

#include <gtest/gtest.h>

namespace aiprof {
namespace {

const std::vector<std::string> kNames = {"batch", "sequence", "past_sequence"};

TEST(Text, NearestForgivesSlipsAndLetterCase) {
  EXPECT_EQ(nearest("Bacth", kNames), "batch");
  EXPECT_EQ(nearest("sequnce", kNames), "sequence");
  EXPECT_EQ(nearest("zzz", kNames), std::nullopt);
  EXPECT_EQ(did_you_mean("batc", kNames), "; did you mean 'batch'?");
  EXPECT_EQ(did_you_mean("width", kNames), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(join(split("a,,b", ','), ";"), "a;;b");
}

TEST(Text, PrintableIsOneLineOfValidUtf8) {
  EXPECT_EQ(printable("a\nb\x7F"), "a b ");
  EXPECT_EQ(printable("na\xC3\xAFve"), "na\xC3\xAFve");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(printable("\xC0\xAF"), bad + bad);                      // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), bad + bad + bad);            // surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // beyond Unicode
  EXPECT_EQ(printable("x\xE2\x82"), "x" + bad + bad);               // cut off
}

}  // namespace
}  // namespace aiprof
