// A portfolio: many models on many machines, one row for each pair; which models stress which
// resource, which are alike, and what each machine is best at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/report/write.h"

namespace aiprof::gate {

// One model on one machine: what is kept of a report.
struct PairRow {
  std::size_t model = 0, machine = 0;  // in the portfolio
  double latency_seconds = 0;
  std::optional<double> latency_low_seconds, latency_high_seconds;
  std::optional<double> throughput_per_second, tokens_per_second, energy_joules, mfu, mbu,
      arithmetic_intensity;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<bool> fits;
  std::optional<Bound> bound;
  std::size_t nodes = 0, gaps = 0, unsupported = 0;
  // Seconds by what limits them: "gemm compute", "elementwise memory", "overhead". Their sum is the
  // latency.
  std::map<std::string, double> stress;
};
[[nodiscard]] PairRow pair_row(const Report& report, std::size_t model, std::size_t machine);

// Models that stress machines alike: in each group every model has a neighbour at least as similar
// as the threshold (single linkage).
struct Cluster {
  std::vector<std::size_t> models;  // ascending
  std::size_t proxy = 0;  // the one that is most similar to the others: it can stand for them
  double weakest = 1;     // similarity of the proxy to the member that is least like it
};

// What a machine is good at, next to the others.
struct Strength {
  std::size_t machine = 0;
  std::vector<std::size_t> fastest, most_efficient;  // models, where it leads
  // The model on which it does best compared with how it does on the others, against the other
  // machines: 1.2 is 20 % better than its own average (geometric mean).
  std::optional<std::size_t> best_at;
  double advantage = 1;
};

struct Portfolio {
  std::vector<std::string> models;    // files
  std::vector<std::string> machines;  // ids
  std::vector<PairRow> rows;          // by model, then machine: every pair
  double threshold = 0.9;             // of similarity
  // Cosine of the stress vectors of two models, all machines together; 0 to 1.
  std::vector<std::vector<double>> similarity;
  std::vector<Cluster> clusters;    // by first model
  std::vector<Strength> strengths;  // by machine

  [[nodiscard]] const PairRow& row(std::size_t model, std::size_t machine) const {
    return rows[model * machines.size() + machine];
  }
};

// `rows` by model, then machine. `threshold` from 0 to 1.
[[nodiscard]] Portfolio make_portfolio(std::vector<std::string> models,
                                       std::vector<std::string> machines, std::vector<PairRow> rows,
                                       double threshold);

// The part of the time of a model, over all machines alike, that goes to each kind of stress;
// largest first.
[[nodiscard]] std::vector<std::pair<std::string, double>> stress_of(const Portfolio& portfolio,
                                                                    std::size_t model);

struct PortfolioFormat {
  std::string_view name;
  std::string (*write)(const Portfolio& portfolio, const WriteOptions& options);
};
[[nodiscard]] std::span<const PortfolioFormat> portfolio_formats();

}  // namespace aiprof::gate
