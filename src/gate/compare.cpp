#include "aiprof/gate/compare.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aiprof::gate {
namespace {

using Vector = std::map<std::string, double>;

// Parts of the time on each machine, so that a slow machine does not outweigh a fast one.
Vector stress_vector(const Portfolio& p, std::size_t model) {
  Vector v;
  for (std::size_t m = 0; m < p.machines.size(); ++m) {
    const PairRow& row = p.row(model, m);
    if (row.latency_seconds <= 0) continue;
    for (const auto& [kind, seconds] : row.stress) {
      v[std::to_string(m) + " " + kind] = seconds / row.latency_seconds;
    }
  }
  return v;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (const auto& [kind, x] : a) {
    if (const auto it = b.find(kind); it != b.end()) sum += x * it->second;
  }
  return sum;
}

double cosine(const Vector& a, const Vector& b) {
  const double length = std::sqrt(dot(a, a) * dot(b, b));
  return length > 0 ? std::min(1.0, dot(a, b) / length) : 0;
}

void set_similarity(Portfolio& p) {
  std::vector<Vector> vectors;
  for (std::size_t i = 0; i < p.models.size(); ++i) vectors.push_back(stress_vector(p, i));
  p.similarity.assign(p.models.size(), std::vector<double>(p.models.size(), 1));
  for (std::size_t i = 0; i < p.models.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      p.similarity[i][j] = p.similarity[j][i] = cosine(vectors[i], vectors[j]);
    }
  }
}

// Single linkage: the connected components of "at least as similar as the threshold".
std::vector<std::vector<std::size_t>> components(const Portfolio& p) {
  std::vector<std::size_t> root(p.models.size());
  std::iota(root.begin(), root.end(), std::size_t{0});
  const auto find = [&](std::size_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  for (std::size_t i = 0; i < root.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (p.similarity[i][j] >= p.threshold) {
        const auto [first, second] = std::minmax({find(i), find(j)});
        root[second] = first;
      }
    }
  }
  std::map<std::size_t, std::vector<std::size_t>> members;  // by their first
  for (std::size_t i = 0; i < root.size(); ++i) members[find(i)].push_back(i);
  std::vector<std::vector<std::size_t>> list;
  list.reserve(members.size());
  for (auto& [first, group] : members) list.push_back(std::move(group));
  return list;
}

void set_clusters(Portfolio& p) {
  for (std::vector<std::size_t>& group : components(p)) {
    Cluster c;
    double best = -1;
    for (const std::size_t i : group) {
      double sum = 0;
      for (const std::size_t j : group) sum += p.similarity[i][j];
      if (sum > best) {
        best = sum;
        c.proxy = i;
      }
    }
    for (const std::size_t i : group) c.weakest = std::min(c.weakest, p.similarity[c.proxy][i]);
    c.models = std::move(group);
    p.clusters.push_back(std::move(c));
  }
}

// Machines that a comparison may name: those that can run the model.
bool runs(const PairRow& row) {
  return row.latency_seconds > 0 && row.unsupported == 0 && row.fits.value_or(true);
}

// The machine with the smallest of a number; none if fewer than two can run the model.
template <typename Of>
std::optional<std::size_t> leader(const Portfolio& p, std::size_t model, const Of& of) {
  std::optional<std::size_t> best;
  std::size_t runners = 0;
  for (std::size_t m = 0; m < p.machines.size(); ++m) {
    const PairRow& row = p.row(model, m);
    if (!runs(row) || !of(row)) continue;
    ++runners;
    if (!best || *of(row) < *of(p.row(model, *best))) best = m;
  }
  return runners > 1 ? best : std::nullopt;
}

// log(speed) of every pair, less the mean of its model over machines and of its machine over
// models: what is left is how well this machine suits this model.
std::vector<std::vector<std::optional<double>>> suitability(const Portfolio& p) {
  const std::size_t models = p.models.size();
  const std::size_t machines = p.machines.size();
  std::vector<std::vector<std::optional<double>>> s(models);
  for (std::size_t i = 0; i < models; ++i) {
    for (std::size_t m = 0; m < machines; ++m) {
      const PairRow& row = p.row(i, m);
      s[i].push_back(runs(row) ? std::optional(-std::log(row.latency_seconds)) : std::nullopt);
    }
  }
  const auto centre = [](const std::vector<std::optional<double>*>& cells) {
    double sum = 0;
    double n = 0;
    for (const auto* cell : cells) {
      if (*cell) {
        sum += **cell;
        n += 1;
      }
    }
    for (auto* cell : cells) {
      if (*cell) **cell -= sum / n;
    }
  };
  for (std::size_t i = 0; i < models; ++i) {
    std::vector<std::optional<double>*> cells;
    for (std::size_t m = 0; m < machines; ++m) cells.push_back(&s[i][m]);
    centre(cells);
  }
  for (std::size_t m = 0; m < machines; ++m) {
    std::vector<std::optional<double>*> cells;
    for (std::size_t i = 0; i < models; ++i) cells.push_back(&s[i][m]);
    centre(cells);
  }
  return s;
}

void set_strengths(Portfolio& p) {
  p.strengths.resize(p.machines.size());
  for (std::size_t m = 0; m < p.machines.size(); ++m) p.strengths[m].machine = m;
  for (std::size_t i = 0; i < p.models.size(); ++i) {
    const auto fastest =
        leader(p, i, [](const PairRow& r) { return std::optional(r.latency_seconds); });
    if (fastest) p.strengths[*fastest].fastest.push_back(i);
    const auto frugal = leader(p, i, [](const PairRow& r) {
      return r.energy_joules && *r.energy_joules > 0 ? r.energy_joules : std::nullopt;
    });
    if (frugal) p.strengths[*frugal].most_efficient.push_back(i);
  }
  if (p.models.size() < 2 || p.machines.size() < 2) return;
  constexpr double kNoise = 0.01;  // 1 % is no strength
  const auto s = suitability(p);
  for (Strength& strength : p.strengths) {
    for (std::size_t i = 0; i < p.models.size(); ++i) {
      const std::optional<double>& here = s[i][strength.machine];
      if (!here || *here <= std::max(kNoise, std::log(strength.advantage))) continue;
      strength.best_at = i;
      strength.advantage = std::exp(*here);
    }
  }
}

}  // namespace

PairRow pair_row(const Report& report, std::size_t model, std::size_t machine) {
  PairRow row;
  row.model = model;
  row.machine = machine;
  const ReportTotals& t = report.totals;
  if (t.seconds) {
    row.latency_seconds = t.seconds->latency;
    row.energy_joules = t.seconds->joules;
  }
  row.latency_low_seconds = t.latency_low_seconds;
  row.latency_high_seconds = t.latency_high_seconds;
  row.throughput_per_second = t.throughput_per_second;
  row.tokens_per_second = t.tokens_per_second;
  row.mfu = t.mfu;
  row.mbu = t.mbu;
  row.arithmetic_intensity = t.arithmetic_intensity;
  row.memory_bytes = t.memory_bytes;
  row.fits = t.fits;
  row.bound = t.bound;
  row.nodes = report.coverage.nodes;
  row.gaps = report.coverage.gaps;
  for (const KernelRow& kernel : report.kernels) {
    row.unsupported += kernel.unsupported.empty() ? 0 : 1;
    const std::string kind = kernel.bound == Bound::kOverhead
                                 ? std::string(name(kernel.bound))
                                 : kernel.op_class + " " + std::string(name(kernel.bound));
    row.stress[kind] += kernel.seconds.latency;
  }
  return row;
}

Portfolio make_portfolio(std::vector<std::string> models, std::vector<std::string> machines,
                         std::vector<PairRow> rows, double threshold) {
  Portfolio p;
  p.models = std::move(models);
  p.machines = std::move(machines);
  p.rows = std::move(rows);
  p.threshold = threshold;
  set_similarity(p);
  set_clusters(p);
  set_strengths(p);
  return p;
}

std::vector<std::pair<std::string, double>> stress_of(const Portfolio& p, std::size_t model) {
  Vector sum;
  for (std::size_t m = 0; m < p.machines.size(); ++m) {
    const PairRow& row = p.row(model, m);
    if (row.latency_seconds <= 0) continue;
    for (const auto& [kind, seconds] : row.stress) {
      sum[kind] += seconds / row.latency_seconds / static_cast<double>(p.machines.size());
    }
  }
  std::vector<std::pair<std::string, double>> list(sum.begin(), sum.end());
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return list;
}

}  // namespace aiprof::gate
