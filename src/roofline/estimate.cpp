#include "aiprof/roofline/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include "roofline/engine.h"
#include "roofline/support.h"
#include "roofline/timed.h"

namespace aiprof {
namespace roofline {
namespace {

// Everything about a job that its time depends on. Networks repeat their layers: equal keys are
// timed once.
struct Key {
  std::array<double, 22> numbers;
  std::array<std::uint8_t, 8> words;

  friend bool operator==(const Key& a, const Key& b) {
    return a.words == b.words && a.numbers == b.numbers;
  }
};

struct KeyHash {
  // A sum of products, none of which waits for another. The lower bits of most numbers are zero:
  // their upper ones are put there.
  std::size_t operator()(const Key& key) const {
    std::uint64_t h = 0;
    std::uint64_t factor = 0x9E3779B97F4A7C15U;
    const auto mix = [&](const auto& from) {
      std::uint64_t word = 0;
      std::memcpy(&word, &from, sizeof word);
      h += (word ^ (word >> 32U)) * factor;
      factor += 0x9E3779B97F4A7C16U;  // stays odd
    };
    for (const double number : key.numbers) mix(number);
    mix(key.words);
    return static_cast<std::size_t>(h ^ (h >> 32U));
  }
};

Key key_of(const Job& j) {
  return {
      .numbers = {j.macs,
                  j.vector_flops,
                  j.transcendentals,
                  j.integer_ops,
                  j.read_bytes,
                  j.weight_bytes,
                  j.written_bytes,
                  j.elements,
                  j.batch,
                  j.m,
                  j.n,
                  j.k,
                  j.steps,
                  j.kv_heads,
                  j.value_size,
                  j.kernel_points,
                  j.rows,
                  j.cols,
                  j.images,
                  j.useful,
                  j.host_nodes,
                  j.first_bits * 1e6 + j.weight_bits * 1e3 + j.result_bits},
      .words = {static_cast<std::uint8_t>(j.op_class), static_cast<std::uint8_t>(j.math),
                static_cast<std::uint8_t>(j.shape),
                static_cast<std::uint8_t>((j.winograd ? 2 : 0) + (j.unit_stride ? 1 : 0)),
                static_cast<std::uint8_t>(j.transposed), static_cast<std::uint8_t>(j.general_power),
                static_cast<std::uint8_t>(j.complete), static_cast<std::uint8_t>(j.image)}};
}

// Kinds of launch that most models do not exceed.
constexpr std::size_t kUsualKinds = 64;

// A launch, and the seconds of all launches with its key.
struct Entry {
  Timed timed;
  double group_seconds = 0;
};

void scale(EnergyParts& e, double factor) {
  for (double* part : {&e.arithmetic, &e.cache, &e.main_memory, &e.link, &e.fixed}) {
    *part *= factor;
  }
}

void add(EnergyParts& sum, const EnergyParts& e) {
  sum.arithmetic += e.arithmetic;
  sum.cache += e.cache;
  sum.main_memory += e.main_memory;
  sum.link += e.link;
  sum.fixed += e.fixed;
}

class Estimator {
 public:
  Estimator(const Graph& graph, const Analysis& analysis, const RuntimeProfile& profile,
            const Hardware& hardware)
      : graph_(graph),
        analysis_(analysis),
        profile_(profile),
        machine_(hardware, profile.float32_math),
        context_(make_context(machine_, profile, analysis.sizes.weight_bytes)) {}

  Estimate run(const Lowered& lowered);

 private:
  [[nodiscard]] double warm_seconds(const Lowered& lowered) const;
  void account(const Job& job, const Kernel& kernel, const Timed& t, KernelEstimate& out);
  void finish(Totals& totals);
  void capacity_note();

  const Graph& graph_;
  const Analysis& analysis_;
  const RuntimeProfile& profile_;
  Machine machine_;
  Context context_;
  std::unordered_map<Key, std::size_t, KeyHash> index_;
  std::vector<Entry> entries_;
  Remarks remarks_;
  double busy_at_peak_ = 0;  // seconds that the FLOPs would take at the peak of their engine
  double flops_ = 0;
  std::array<double, 3> by_bound_ = {};
};

// The entry of a job; entries are made at the first job of their key.
std::size_t find_or_time(const Job& job, const Machine& machine, const Context& context,
                         std::unordered_map<Key, std::size_t, KeyHash>& index,
                         std::vector<Entry>& all) {
  const auto [it, fresh] = index.try_emplace(key_of(job), all.size());
  if (fresh) all.push_back({.timed = time_launch(job, machine, context)});
  return it->second;
}

void Estimator::account(const Job& job, const Kernel& kernel, const Timed& t, KernelEstimate& out) {
  const double launches = job.launches;
  out.compute_seconds = launches * t.time.compute;
  out.memory_seconds = launches * std::max({t.time.memory, t.time.cache, t.time.link});
  out.overhead_seconds = launches * t.overhead;
  out.latency_seconds = launches * t.latency;
  const Interval interval = interval_of(out.latency_seconds, t.spread);
  out.latency_low_seconds = interval.low;
  out.latency_high_seconds = interval.high;
  out.energy = t.energy;
  scale(out.energy, launches);
  out.energy_joules = out.energy.total();
  out.bound = t.bound;
  out.engine = label(*t.time.rate);
  out.time_class = std::string(name(t.time.time_class));
  const double bytes = launches * job.bytes();
  const double flops = launches * job.flops;
  if (bytes > 0) out.arithmetic_intensity = flops / bytes;
  if (out.latency_seconds > 0) {
    const double peak = t.time.rate->peak;
    if (flops > 0 && peak > 0) {
      out.mfu = flops / (out.latency_seconds * peak);
      busy_at_peak_ += flops / peak;
    }
    if (bytes > 0) out.mbu = bytes / (out.latency_seconds * machine_.main().bandwidth);
  }
  flops_ += flops;
  by_bound_[static_cast<std::size_t>(t.bound)] += out.latency_seconds;
  out.unsupported = unsupported_reason(graph_, kernel, job, machine_, t.time);
  out.supported = out.unsupported.empty();
}

// As long as an inference takes whose weights are all found where its caches have room for them:
// the weights that are not found make it longer, but not by so much that it mattered here.
double Estimator::warm_seconds(const Lowered& lowered) const {
  std::unordered_map<Key, std::size_t, KeyHash> index;
  std::vector<Entry> entries;
  double sum = 0;
  for (const Kernel& kernel : lowered.kernels) {
    const Job job = make_job(kernel);
    const std::size_t at = find_or_time(job, machine_, context_, index, entries);
    sum += job.launches * entries[at].timed.latency;
  }
  return sum;
}

Estimate Estimator::run(const Lowered& lowered) {
  Estimate result;
  const bool forgets = machine_.form() == Form::kProcessor && machine_.residency() > 0;
  if (forgets) result.reuse_seconds = context_.reuse_seconds = warm_seconds(lowered);
  result.kernels.resize(lowered.kernels.size());
  Totals& totals = result.totals;
  const std::size_t kinds = std::min(lowered.kernels.size(), kUsualKinds);
  entries_.reserve(kinds);
  index_.reserve(kinds);
  for (std::size_t i = 0; i < lowered.kernels.size(); ++i) {
    const Kernel& kernel = lowered.kernels[i];
    const Job job = make_job(kernel);
    Entry& entry = entries_[find_or_time(job, machine_, context_, index_, entries_)];
    KernelEstimate& out = result.kernels[i];
    account(job, kernel, entry.timed, out);
    entry.group_seconds += out.latency_seconds;
    remarks_.kernel(job, machine_, entry.timed.time, out.supported);
    totals.latency_seconds += out.latency_seconds;
    totals.compute_seconds += out.compute_seconds;
    totals.memory_seconds += out.memory_seconds;
    totals.overhead_seconds += out.overhead_seconds;
    totals.energy_joules += out.energy_joules;
    add(totals.energy, out.energy);
    totals.kernel_bytes_read += kernel.bytes_read();
    totals.kernel_bytes_written += kernel.bytes_written();
  }
  finish(totals);
  capacity_note();
  result.ridges = ridges_of(machine_.hardware());
  result.notes = remarks_.take(machine_, profile_.launch);
  return result;
}

void Estimator::finish(Totals& totals) {
  SumOfIntervals sum;
  for (const Entry& e : entries_) {
    sum.add(e.group_seconds, e.timed.spread);
    sum.longest(e.timed.latency);
  }
  const Interval interval = sum.interval(totals.latency_seconds, machine_.form());
  totals.latency_low_seconds = interval.low;
  totals.latency_high_seconds = interval.high;
  const auto largest = std::ranges::max_element(by_bound_);
  totals.bound = static_cast<Bound>(largest - by_bound_.begin());
  const Count moved = totals.kernel_bytes_read + totals.kernel_bytes_written;
  if (moved.known() && moved.value() > 0) {
    totals.arithmetic_intensity = flops_ / moved.as_double();
  }
  if (!(totals.latency_seconds > 0)) return;
  if (flops_ > 0) totals.mfu = busy_at_peak_ / totals.latency_seconds;
  if (totals.arithmetic_intensity) {
    totals.mbu = moved.as_double() / (totals.latency_seconds * machine_.main().bandwidth);
  }
  totals.average_watts = totals.energy_joules / totals.latency_seconds;
}

void Estimator::capacity_note() {
  const Count weights = analysis_.sizes.weight_bytes;
  const Store& main = machine_.main();
  if (!weights.known() || main.capacity <= 0 || weights.as_double() <= main.capacity) return;
  remarks_.add(
      fmt::format("weights of {} bytes exceed the {:.0f} bytes of {}: {}", weights.value(),
                  main.capacity, main.name,
                  context_.streamed_share > 0
                      ? fmt::format("{:.0f} % of them come over {} in every inference",
                                    100 * context_.streamed_share, machine_.host().name)
                      : "no link to a host is described, so that times hold only if they fitted"));
}

}  // namespace

}  // namespace roofline

Estimate estimate(const Graph& graph, const Analysis& analysis, const Lowered& lowered,
                  const RuntimeProfile& profile, const Hardware& hardware) {
  return roofline::Estimator(graph, analysis, profile, hardware).run(lowered);
}

}  // namespace aiprof
