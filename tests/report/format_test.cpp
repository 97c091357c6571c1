// Rounding and prefixes, at the edges where both change.
#include "report/format.h"

#include <gtest/gtest.h>

namespace aiprof {
namespace {

TEST(FormatSi, ThreeDigitsAndAPrefix) {
  EXPECT_EQ(format_si(0, "FLOP"), "0 FLOP");
  EXPECT_EQ(format_si(7, "FLOP"), "7 FLOP");
  EXPECT_EQ(format_si(999, ""), "999");
  EXPECT_EQ(format_si(1000, ""), "1.00 k");
  EXPECT_EQ(format_si(4089184256.0, "MAC"), "4.09 GMAC");
  EXPECT_EQ(format_si(999.4e6, "B"), "999 MB");
  EXPECT_EQ(format_si(999.6e6, "B"), "1.00 GB");  // not "1000 MB"
  EXPECT_EQ(format_si(9.996, "x"), "10.0 x");     // not "10.00"
}

TEST(FormatSeconds, FromPicosecondsToSeconds) {
  EXPECT_EQ(format_seconds(0), "0 s");
  EXPECT_EQ(format_seconds(921e-6), "921 us");
  EXPECT_EQ(format_seconds(5.1e-3), "5.10 ms");
  EXPECT_EQ(format_seconds(999.7e-6), "1.00 ms");
  EXPECT_EQ(format_seconds(12.34), "12.3 s");
  EXPECT_EQ(format_seconds(4321), "4321 s");
  EXPECT_EQ(format_joules(3.2e-12), "3.20 pJ");
}

TEST(FormatBytes, CapacitiesInBinaryWhereTheyAre) {
  EXPECT_EQ(format_bytes(101234567), "101 MB");
  EXPECT_EQ(format_capacity(std::uint64_t{80} << 30), "80 GiB");
  EXPECT_EQ(format_capacity(80'000'000'000), "80.0 GB");
}

TEST(FormatPercent, KeepsSmallSharesVisible) {
  EXPECT_EQ(format_percent(0), "0");
  EXPECT_EQ(format_percent(0.1234), "12.3");
  EXPECT_EQ(format_percent(0.0004), "0.04");
  EXPECT_EQ(format_percent(0.9999), "100");
  EXPECT_EQ(format_percent(1), "100");
}

TEST(FormatOthers, PlainAndExactNumbers) {
  EXPECT_EQ(format_exact(4089184256), "4,089,184,256");
  EXPECT_EQ(format_exact(100), "100");
  EXPECT_EQ(format_plain(64), "64");
  EXPECT_EQ(format_plain(0.785), "0.785");
  EXPECT_EQ(format_rate(560.4), "560");
  EXPECT_EQ(format_rate(31336.2), "31,336");
  EXPECT_EQ(format_shortest(0.1), "0.1");
}

TEST(Shorten, KeepsTheEndAndWholeCharacters) {
  EXPECT_EQ(shorten("/a/b/conv", 9), "/a/b/conv");
  EXPECT_EQ(shorten("/a/b/conv", 6), "..conv");
  EXPECT_EQ(shorten("äöü", 3), "äöü");
  EXPECT_EQ(display_width(shorten("ääääääää", 5)), 5U);
}

TEST(Wrap, KeepsNumbersWithTheirUnits) {
  EXPECT_EQ(wrap("of 80 GiB", 6, 2), "of\n  80 GiB");
  EXPECT_EQ(wrap("one two three", 7, 0), "one two\nthree");
  EXPECT_EQ(wrap("unbreakable", 4, 2), "unbreakable");
  EXPECT_EQ(wrap_after("one two", 10, 5), "one\n     two");
}

}  // namespace
}  // namespace aiprof
