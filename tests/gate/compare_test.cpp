// Portfolios: which models are alike, and what each machine is best at.
#include "aiprof/gate/compare.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gate/sample.h"

namespace aiprof::gate {
namespace {

// A model whose time goes to products and to memory in these parts.
PairRow row(std::size_t model, std::size_t machine, double seconds, double products) {
  PairRow r;
  r.model = model;
  r.machine = machine;
  r.latency_seconds = seconds;
  r.energy_joules = seconds * 10;
  r.throughput_per_second = 1 / seconds;
  r.stress = {{"gemm compute", seconds * products},
              {"elementwise memory", seconds * (1 - products)}};
  return r;
}

Portfolio four() {
  return make_portfolio(
      {"cnn", "vit", "decode", "copy"}, {"fast", "wide"},
      {row(0, 0, 1e-3, 0.90), row(0, 1, 4e-3, 0.95), row(1, 0, 2e-3, 0.85), row(1, 1, 8e-3, 0.90),
       row(2, 0, 4e-3, 0.05), row(2, 1, 3e-3, 0.10), row(3, 0, 1e-3, 0.00), row(3, 1, 1e-3, 0.02)},
      0.9);
}

TEST(Portfolio, ModelsThatStressAlikeAreOneGroup) {
  const Portfolio p = four();
  ASSERT_EQ(p.clusters.size(), 2U);
  EXPECT_EQ(p.clusters[0].models, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(p.clusters[1].models, (std::vector<std::size_t>{2, 3}));
  EXPECT_GT(p.similarity[0][1], 0.99);
  EXPECT_LT(p.similarity[0][3], 0.1);
  EXPECT_DOUBLE_EQ(p.similarity[2][2], 1);
}

// a-b and b-c are alike, a-c are not: one group all the same, with b in the middle as its proxy.
TEST(Portfolio, SingleLinkageIsAChain) {
  const Portfolio p = make_portfolio(
      {"a", "b", "c"}, {"m"}, {row(0, 0, 1, 0.8), row(1, 0, 1, 0.5), row(2, 0, 1, 0.2)}, 0.8);
  ASSERT_EQ(p.clusters.size(), 1U);
  EXPECT_LT(p.similarity[0][2], 0.8);
  EXPECT_EQ(p.clusters[0].proxy, 1U);
}

TEST(Portfolio, SizeDoesNotMatterShapeDoes) {
  const Portfolio p =
      make_portfolio({"a", "b"}, {"m"}, {row(0, 0, 1e-6, 0.3), row(1, 0, 1, 0.3)}, 1 - 1e-12);
  EXPECT_EQ(p.clusters.size(), 1U);
}

TEST(Portfolio, WhatEachMachineIsBestAt) {
  const Portfolio p = four();
  EXPECT_EQ(p.strengths[0].fastest, (std::vector<std::size_t>{0, 1, 3}));
  EXPECT_EQ(p.strengths[1].fastest, std::vector<std::size_t>{2});
  EXPECT_EQ(p.strengths[1].best_at, 2U);
  EXPECT_GT(p.strengths[1].advantage, 1.2);
}

TEST(Portfolio, AMachineThatCannotRunAModelLeadsOnNothing) {
  std::vector<PairRow> rows = {row(0, 0, 1e-3, 0.9), row(0, 1, 4e-3, 0.9), row(0, 2, 5e-3, 0.9)};
  rows[0].fits = false;
  const Portfolio p = make_portfolio({"a"}, {"x", "y", "z"}, rows, 0.9);
  EXPECT_TRUE(p.strengths[0].fastest.empty());
  EXPECT_EQ(p.strengths[1].fastest, std::vector<std::size_t>{0});
}

TEST(Portfolio, StressAddsUpToTheLatency) {
  const Report r = test::report_of(test::kKnownNet);
  const PairRow p = pair_row(r, 0, 0);
  double sum = 0;
  for (const auto& [kind, seconds] : p.stress) sum += seconds;
  EXPECT_NEAR(sum, p.latency_seconds, 1e-12 * sum);
  double parts = 0;
  for (const auto& [kind, part] : stress_of(four(), 0)) parts += part;
  EXPECT_NEAR(parts, 1, 1e-12);
}

TEST(Portfolio, FormatsAgree) {
  const Portfolio p = four();
  const auto write = [&](std::string_view name) {
    for (const PortfolioFormat& f : portfolio_formats()) {
      if (f.name == name) return f.write(p, {});
    }
    return std::string();
  };
  const auto o = nlohmann::json::parse(write("json"));
  EXPECT_EQ(o["rows"].size(), 4U * 2);
  EXPECT_EQ(o["rows"][0]["latency_seconds"], 1e-3);
  EXPECT_EQ(o["clusters"].size(), 2U);
  const std::string csv = write("csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 4 * 2);
  EXPECT_NE(csv.find("cnn,fast,0.001,1000,"), std::string::npos) << csv;
  EXPECT_NE(write("table").find("2 of 4 models can stand for all"), std::string::npos);
  EXPECT_NE(write("table").find("- wide: fastest on decode"), std::string::npos) << write("table");
  EXPECT_NE(write("markdown").find("| cnn | fast | 1.00 ms |"), std::string::npos);
}

TEST(Portfolio, HostileNamesStayInTheirCells) {
  const Portfolio p = make_portfolio({"=cmd()\n|<b>\"'", "b"}, {"m,\"x"},
                                     {row(0, 0, 1, 0.8), row(1, 0, 1, 0.5)}, 0.9);
  for (const PortfolioFormat& f : portfolio_formats()) {
    const std::string text = f.write(p, {});
    EXPECT_EQ(text.find("\n|<b>"), std::string::npos) << f.name;
    if (f.name == "json") {
      EXPECT_TRUE(nlohmann::json::accept(text));
    }
    if (f.name == "csv") {
      EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
      EXPECT_EQ(text.find("\n="), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace aiprof::gate
