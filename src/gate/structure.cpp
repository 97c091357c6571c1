#include "gate/structure.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <tuple>

namespace aiprof::gate {
namespace {

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

// The finaliser of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
// 2014): every bit of the input changes half of the bits.
Hash mixed(Hash h) {
  h += 0x9E3779B97F4A7C15U;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9U;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBU;
  return h ^ (h >> 31);
}

Hash join(Hash a, Hash b) { return mixed(a ^ mixed(b)); }

// FNV-1a, then mixed: the same on every platform, so that output never depends on where it is made.
Hash hash_text(std::string_view text) {
  Hash h = 0xCBF29CE484222325U;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return mixed(h);
}

// Names of unknown dims do not count: a renamed dim changes nothing.
Hash hash_tensor(const TensorRow& tensor) {
  Hash h = hash_text(tensor.dtype);
  if (!tensor.shape) return join(h, 1);
  for (const DimText& dim : *tensor.shape) {
    const auto* n = std::get_if<std::int64_t>(&dim);
    h = join(h, n == nullptr ? hash_text("?") : mixed(static_cast<Hash>(*n)));
  }
  return join(h, tensor.shape->size() + 2);
}

class Builder {
 public:
  explicit Builder(const Report& report) : r_(report) {}

  Structure run() {
    const std::size_t n = r_.nodes.size();
    s_.producers.resize(n);
    s_.consumers.resize(n);
    connect();
    describe();
    sort_topologically();
    follow_up();
    follow_down();
    look_around();
    rank();
    return std::move(s_);
  }

 private:
  void connect() {
    std::vector<std::size_t> made_by(r_.tensors.size(), kNobody);
    for (const NodeRow& node : r_.nodes) {
      for (const std::size_t t : node.outputs) made_by[t] = node.index;
    }
    for (const NodeRow& node : r_.nodes) {
      for (std::size_t slot = 0; slot < node.inputs.size(); ++slot) {
        const std::size_t producer = made_by[node.inputs[slot]];
        if (producer == kNobody || producer == node.index) continue;
        s_.producers[node.index].push_back({producer, slot});
        s_.consumers[producer].push_back({node.index, slot});
      }
    }
  }

  void describe() {
    std::vector<Hash> tensors;
    tensors.reserve(r_.tensors.size());
    for (const TensorRow& t : r_.tensors) tensors.push_back(hash_tensor(t));
    for (const NodeRow& node : r_.nodes) {
      std::string name = node.name;
      if (!name.empty() && !node.path.empty()) name.insert(0, node.path + "/");
      s_.names.push_back(std::move(name));
      Hash h = join(hash_text(node.domain), hash_text(node.op_type));
      s_.label.push_back(h);
      for (const std::size_t t : node.inputs) h = join(h, tensors[t]);
      h = join(h, node.inputs.size());
      for (const std::size_t t : node.outputs) h = join(h, tensors[t]);
      s_.signature.push_back(h);
    }
  }

  // Producers first. Nodes on a cycle, which only a damaged report has, come last.
  void sort_topologically() {
    std::vector<std::size_t> waiting(r_.nodes.size());
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      waiting[i] = s_.producers[i].size();
      if (waiting[i] == 0) order_.push_back(i);
    }
    depth_.resize(waiting.size());
    for (std::size_t at = 0; at < order_.size(); ++at) {
      const std::size_t node = order_[at];
      for (const Edge& e : s_.consumers[node]) {
        depth_[e.node] = std::max(depth_[e.node], depth_[node] + 1);
        if (--waiting[e.node] == 0) order_.push_back(e.node);
      }
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i] != 0) order_.push_back(i);
    }
  }

  // A value for each node from those of its producers, in the order of its inputs, and a set of
  // those of its consumers.
  Hash from_producers(const std::vector<Hash>& of, std::size_t node, Hash h) const {
    for (const Edge& e : s_.producers[node]) h = join(h, join(of[e.node], e.slot));
    return h;
  }
  Hash from_consumers(const std::vector<Hash>& of, std::size_t node, Hash h) const {
    Hash sum = 0;  // a sum does not depend on their order
    for (const Edge& e : s_.consumers[node]) sum += join(of[e.node], e.slot);
    return join(h, sum);
  }

  void follow_up() {
    s_.up = s_.signature;
    for (const std::size_t n : order_) s_.up[n] = from_producers(s_.up, n, s_.up[n]);
  }

  void follow_down() {
    s_.down = s_.signature;
    for (std::size_t i = order_.size(); i-- > 0;) {
      s_.down[order_[i]] = from_consumers(s_.down, order_[i], s_.down[order_[i]]);
    }
  }

  void look_around() {
    s_.near = s_.signature;
    constexpr int kSteps = 2;
    for (int step = 0; step < kSteps; ++step) {
      const std::vector<Hash> before = s_.near;
      for (std::size_t n = 0; n < before.size(); ++n) {
        s_.near[n] = from_consumers(before, n, from_producers(before, n, before[n]));
      }
    }
  }

  void rank() {
    std::vector<std::size_t> sorted(r_.nodes.size());
    std::iota(sorted.begin(), sorted.end(), std::size_t{0});
    std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
      return std::tie(depth_[a], s_.up[a], s_.down[a], s_.names[a], a) <
             std::tie(depth_[b], s_.up[b], s_.down[b], s_.names[b], b);
    });
    s_.rank.resize(sorted.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) s_.rank[sorted[i]] = i;
  }

  const Report& r_;
  Structure s_;
  std::vector<std::size_t> order_, depth_;
};

}  // namespace

Structure structure_of(const Report& report) { return Builder(report).run(); }

}  // namespace aiprof::gate
