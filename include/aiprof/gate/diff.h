// What changed between two models, or between one model's reports on two machines: totals, and the
// operators and blocks that their differences come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/gate/metric.h"
#include "aiprof/report/write.h"

namespace aiprof::gate {

enum class ChangeKind : std::uint8_t {
  kAdded,
  kRemoved,
  kChanged,   // other operator type, dtypes, shapes or work
  kAffected,  // the same operator at another cost: it is fused or launched differently
  kUnchanged,
};
[[nodiscard]] std::string_view name(ChangeKind kind);

// One number on both sides. Absent: unknown on that side.
struct Pair {
  std::optional<double> before, after;
  // after - before; absent unless both are known. Exact for counts below 2^53.
  [[nodiscard]] std::optional<double> delta() const;
};

// What one operator, block or model costs on both sides; of an added one `before` is 0.
struct Costs {
  Pair latency, energy, flops, macs, bytes_read, bytes_written, weight_bytes_read;
};

struct OperatorChange {
  ChangeKind kind = ChangeKind::kUnchanged;
  std::optional<std::size_t> old_node, new_node;  // in the reports
  std::string label;                              // of the new side, else of the old one
  std::string op_type;
  std::string block;  // module path
  std::string what;   // "input 1: 256x1024x1x1 -> 320x1024x1x1"; empty unless kChanged
  Costs costs;
};

struct BlockChange {
  std::string block;
  std::size_t added = 0, removed = 0, changed = 0, affected = 0, unchanged = 0;
  Costs costs;
};

struct TotalChange {
  const Metric* metric = nullptr;
  Pair values;
};

struct DiffSide {
  std::string file;
  std::string hardware;  // id or name; empty without
  std::string runtime;
  std::size_t nodes = 0, gaps = 0;
};

struct Diff {
  DiffSide before, after;
  std::vector<TotalChange> totals;        // every metric that either side knows
  std::vector<OperatorChange> operators;  // all, largest change of latency (or FLOPs) first
  std::vector<BlockChange> blocks;        // all, in the same order
  std::size_t added = 0, removed = 0, changed = 0, affected = 0, unchanged = 0;
  bool timed = false;  // both sides have a machine
};

// Sums of the operators' and of the blocks' differences are the differences of the totals.
[[nodiscard]] Diff diff(const Report& before, const Report& after, std::size_t block_depth = 2);

// Sentences for people: "latency +0.8 ms (+12 %): 91 % of it from layer3.2/conv2 (Conv)".
[[nodiscard]] std::string headline(const Diff& diff);

struct DiffFormat {
  std::string_view name;
  std::string (*write)(const Diff& diff, const WriteOptions& options);
};
[[nodiscard]] std::span<const DiffFormat> diff_formats();

}  // namespace aiprof::gate
