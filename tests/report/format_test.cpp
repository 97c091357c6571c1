// Rounding and prefixes, at the edges where both change.
#include "aiprof/report/format.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "support/files.h"

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

// The script of HTML reports is held to the same cases (tests/browser).
TEST(Format, OfTheCasesThatThePageShares) {
  const auto cases =
      nlohmann::json::parse(test::file_bytes(AIPROF_SOURCE_DIR "/tests/report/format_cases.json"));
  for (const auto& c : cases) {
    const std::string how = c[0];
    const double x = c[1];
    const std::string shown = how == "seconds"    ? format_seconds(x)
                              : how == "joules"   ? format_joules(x)
                              : how == "bytes"    ? format_bytes(static_cast<std::uint64_t>(x))
                              : how == "capacity" ? format_capacity(static_cast<std::uint64_t>(x))
                              : how == "ratio"    ? format_ratio(x)
                              : how == "percent"  ? format_percent(x)
                              : how == "rate"     ? format_rate(x)
                                                  : format_exact(static_cast<std::uint64_t>(x));
    EXPECT_EQ(shown, c[2].get<std::string>()) << how << " " << x;
  }
}

TEST(Shorten, MayKeepTheBeginningToo) {
  EXPECT_EQ(shorten("model/layers.12/q_proj/MatMul", 16, 0.5), "model/l../MatMul");
  EXPECT_EQ(shorten("äöüäöüäöü", 6, 0.5), "äö..öü");
  EXPECT_EQ(shorten("abc", 2, 0.5), "..");
}

// Cut to the same end, they would be one.
TEST(Shorten, KeepsTheTextsOfAColumnApart) {
  std::vector<std::string> names;
  for (int i = 0; i < 32; ++i) {
    names.push_back("/model/layers." + std::to_string(i) + "/self_attn/q_proj/MatMul");
  }
  shorten_all(names, 24);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 32U) << names[0];
  for (const std::string& name : names) EXPECT_LE(display_width(name), 24U) << name;
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
  EXPECT_EQ(wrap("name ::error::x", 6, 2), "name ::error::x");  // no line begins as a command
  EXPECT_EQ(wrap_after("one two", 10, 5), "one\n     two");
}

}  // namespace
}  // namespace aiprof
