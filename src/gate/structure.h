// The graph of a report as hashes: what a node is, and what surrounds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "aiprof/report/report.h"

namespace aiprof::gate {

using Hash = std::uint64_t;

// A neighbour and the operand through which it is one.
struct Edge {
  std::size_t node;
  std::size_t slot;  // of a consumer: its input; of a producer: the input that it feeds
};

struct Structure {
  // By node.
  std::vector<std::string> names;  // path and name; empty: has none
  std::vector<Hash> label;         // operator type
  std::vector<Hash> signature;     // ... with dtypes and shapes of the operands
  std::vector<Hash> near;          // ... with those of neighbours at most two steps away
  std::vector<Hash> up;            // ... with everything it is computed from
  std::vector<Hash> down;          // ... with everything that is computed from it
  std::vector<std::vector<Edge>> producers;
  std::vector<std::vector<Edge>> consumers;  // in ascending order of node and slot
  // Position in an order that follows the data and depends on nothing but structure, except between
  // nodes that structure cannot tell apart.
  std::vector<std::size_t> rank;

  [[nodiscard]] std::size_t size() const { return label.size(); }
};

[[nodiscard]] Structure structure_of(const Report& report);

}  // namespace aiprof::gate
