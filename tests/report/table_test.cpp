// The report for a terminal: what it opens with, what it never leaves out, how wide it is.
#include "report/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "aiprof/report/format.h"
#include "report/rows.h"
#include "report/sample.h"
#include "support/files.h"

namespace aiprof {
namespace {

std::string table(const Report& r, const WriteOptions& options = {}) {
  return write_table(std::span(&r, 1), options);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Table, FitsTheTerminal) {
  for (const std::string& file : test::shipped_models()) {
    const Report r = test::report_of(load_onnx(file));
    for (const std::size_t width : {60U, 80U, 100U, 160U}) {
      const std::string text = table(r, {.width = width});
      for (const std::string& line : split(text, '\n')) {
        // A flag or a path longer than the terminal stays in one piece.
        if (line.find(' ', 12) == std::string::npos) continue;
        EXPECT_LE(display_width(line), width) << file << ": " << line;
      }
    }
  }
}

TEST(Table, OpensWithAVerdict) {
  const std::string text = table(test::report_of(test::kKnownNet));
  EXPECT_EQ(text.rfind("net.onnx on Toy Chip (toy), runtime compiled\n\n", 0), 0U);
  EXPECT_TRUE(has(text, "-bound: ")) << text;
  EXPECT_TRUE(has(text, "an inference predicted (80 % interval ")) << text;
  EXPECT_TRUE(has(text, "fits\n")) << text;
  EXPECT_TRUE(has(text, "all 5 operators (5 exact, 0 assumed, 0 folded)")) << text;
  EXPECT_TRUE(has(text, "dim batch = 1 by default (--dim batch=N changes it)")) << text;
}

TEST(Table, SaysWhatIsNotModelled) {
  const std::string text = table(test::report_of(test::kNet));
  EXPECT_TRUE(has(text, "costed 5 of 6 operators")) << text;
  EXPECT_TRUE(has(text, "lower bounds")) << text;
  EXPECT_TRUE(has(text, "\nNot modelled\n- acme.Mystery x1: ")) << text;
}

TEST(Table, SaysThatItDoesNotFit) {
  Report r = test::report_of(test::kKnownNet);
  r.totals.fits = false;
  EXPECT_TRUE(has(table(r, {.width = 200}), "of 1 GiB: does not fit"));
}

TEST(Table, CountsOnlyWithoutHardware) {
  const std::string text = table(test::count_of(test::kKnownNet));
  EXPECT_TRUE(has(text, "Counted, not timed: give --hw NAME")) << text;
  EXPECT_FALSE(has(text, "MFU")) << text;
  EXPECT_FALSE(has(text, " us")) << text;
}

TEST(Table, WhatTopCutsOffIsOneRowAndSumsStillHold) {
  const Report r = test::report_of(load_onnx(test::shipped("mobilenet_v2")));
  for (const std::size_t top : {1U, 7U, 10000U}) {
    const RowSet set = top_rows(r, {.top = top});
    Count flops = 0U;
    Count bytes = 0U;
    std::size_t nodes = 0;
    double latency = 0;
    std::vector<TableRow> rows = set.rows;
    if (set.other) rows.push_back(*set.other);
    for (const TableRow& row : rows) {
      nodes += row.nodes;
      if (row.work) flops += row.work->flops;
      if (row.work) bytes += row.work->bytes_read;
      if (row.seconds) latency += row.seconds->latency;
    }
    EXPECT_EQ(set.other.has_value(), top < r.nodes.size());
    EXPECT_EQ(nodes, r.nodes.size());
    EXPECT_EQ(flops, r.totals.work.flops);
    EXPECT_EQ(bytes, r.totals.work.bytes_read);
    EXPECT_NEAR(latency, r.totals.seconds->latency, 1e-12);
  }
}

TEST(Table, LargestFirst) {
  const Report r = test::report_of(load_onnx(test::shipped("resnet50")));
  const RowSet set = top_rows(r, {.top = 0});
  for (std::size_t i = 1; i < set.rows.size(); ++i) {
    const auto latency = [&](std::size_t k) {
      return set.rows[k].seconds ? set.rows[k].seconds->latency : 0;
    };
    EXPECT_GE(latency(i - 1), latency(i));
  }
}

TEST(Table, ColourOnlyWhereItIsWanted) {
  const Report r = test::report_of(test::kKnownNet);
  EXPECT_FALSE(has(table(r), "\x1b"));
  EXPECT_TRUE(has(table(r, {.colour = ColourMode::kColour}), "\x1b[1m"));
}

TEST(Table, NamesCannotDriveTheTerminal) {
  Report r = test::report_of(test::kKnownNet);
  r.model.file = "a\x1b[2Jb.onnx";
  r.nodes[0].name = "evil\x1b]0;title\x07\n\xff";
  const std::string text = table(r);
  EXPECT_FALSE(has(text, "\x1b"));
  EXPECT_FALSE(has(text, "\x07"));
  EXPECT_FALSE(has(text, "\xff"));
}

TEST(Table, SeveralMachinesAreCompared) {
  const std::vector<Report> reports = {test::report_of(test::kKnownNet),
                                       test::report_of(test::kKnownNet, {}, {}, "eager")};
  const std::string text = write_table(reports, {});
  EXPECT_EQ(text.rfind("net.onnx on 2 machines\n", 0), 0U);
  EXPECT_TRUE(has(text, "runtime compiled")) << text;
  EXPECT_TRUE(has(text, "runtime eager")) << text;
}

TEST(Table, NotesCanBeLeftOut) {
  Report r = test::report_of(test::kKnownNet);
  r.notes = {"something to know"};
  EXPECT_TRUE(has(table(r), "- something to know"));
  EXPECT_FALSE(has(table(r, {.notes = NotesMode::kHide}), "something to know"));
}

}  // namespace
}  // namespace aiprof
