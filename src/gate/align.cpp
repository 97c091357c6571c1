#include "gate/align.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "gate/structure.h"

namespace aiprof::gate {
namespace {

using Ids = std::vector<std::size_t>;

class Aligner {
 public:
  Aligner(const Report& old_report, const Report& new_report)
      : old_(structure_of(old_report)), new_(structure_of(new_report)) {
    result_.to_new.assign(old_.size(), kNoMatch);
    result_.to_old.assign(new_.size(), kNoMatch);
  }

  Alignment run() {
    // From the surest to the least sure. Every stage is followed by the neighbours of what it
    // paired, so that one safe pair settles the region around it.
    match_names(&Structure::near);
    follow(&Structure::signature);
    match_both_ways();
    match_equal(&Structure::up);
    match_equal(&Structure::down);
    follow(&Structure::signature);
    match_equal(&Structure::near);
    follow(&Structure::signature);
    // What is left has changed, or stands in changed surroundings.
    match_names(&Structure::label);
    follow(&Structure::label);
    match_equal(&Structure::signature);
    match_names(nullptr);
    return std::move(result_);
  }

 private:
  using Key = std::vector<Hash> Structure::*;

  [[nodiscard]] bool free_old(std::size_t n) const { return result_.to_new[n] == kNoMatch; }
  [[nodiscard]] bool free_new(std::size_t n) const { return result_.to_old[n] == kNoMatch; }

  void pair(std::size_t a, std::size_t b) {
    result_.to_new[a] = b;
    result_.to_old[b] = a;
    fresh_.push_back(a);
  }

  // Nodes with a name that only one free node of each side has; with a key, if that is equal too.
  void match_names(Key key) {
    struct Named {
      std::size_t a = kNoMatch, b = kNoMatch;
      bool ambiguous = false;
    };
    std::unordered_map<std::string_view, Named> by_name;
    for (std::size_t n = 0; n < old_.size(); ++n) {
      if (!free_old(n) || old_.names[n].empty()) continue;
      Named& named = by_name[old_.names[n]];
      named.ambiguous |= named.a != kNoMatch;
      named.a = n;
    }
    for (std::size_t n = 0; n < new_.size(); ++n) {
      const auto it = free_new(n) ? by_name.find(new_.names[n]) : by_name.end();
      if (it == by_name.end()) continue;
      it->second.ambiguous |= it->second.b != kNoMatch;
      it->second.b = n;
    }
    for (std::size_t n = 0; n < old_.size(); ++n) {  // in the order of nodes, not of the hash map
      if (!free_old(n) || old_.names[n].empty()) continue;
      const Named& named = by_name[old_.names[n]];
      if (named.ambiguous || named.b == kNoMatch) continue;
      if (key == nullptr || (old_.*key)[n] == (new_.*key)[named.b]) pair(n, named.b);
    }
  }

  // Pairs two lists of nodes in equal surroundings: equal names first, then in the order of data.
  void pair_lists(Ids& a, Ids& b) {
    const auto ranked = [](const Structure& s) {
      return [&s](std::size_t x, std::size_t y) { return s.rank[x] < s.rank[y]; };
    };
    std::sort(a.begin(), a.end(), ranked(old_));
    std::sort(b.begin(), b.end(), ranked(new_));
    if (a.size() > 1 || b.size() > 1) pair_named(a, b);
    std::size_t j = 0;
    for (const std::size_t n : a) {
      if (!free_old(n)) continue;
      while (j < b.size() && !free_new(b[j])) ++j;
      if (j == b.size()) return;
      pair(n, b[j]);
    }
  }

  void pair_named(const Ids& a, const Ids& b) {
    std::unordered_map<std::string_view, std::size_t> by_name;
    for (const std::size_t n : b) {
      if (!new_.names[n].empty()) by_name.emplace(new_.names[n], n);
    }
    for (const std::size_t n : a) {
      const auto it = by_name.find(old_.names[n]);
      if (it != by_name.end() && free_new(it->second)) pair(n, it->second);
    }
  }

  struct Bucket {
    Ids a, b;
  };

  template <typename KeyOf>
  void match_buckets(const KeyOf& key_of) {
    std::unordered_map<Hash, Bucket> buckets;
    std::vector<Hash> order;
    for (std::size_t n = 0; n < old_.size(); ++n) {
      if (!free_old(n)) continue;
      Bucket& bucket = buckets[key_of(old_, n)];
      if (bucket.a.empty()) order.push_back(key_of(old_, n));
      bucket.a.push_back(n);
    }
    for (std::size_t n = 0; n < new_.size(); ++n) {
      const auto it = free_new(n) ? buckets.find(key_of(new_, n)) : buckets.end();
      if (it != buckets.end()) it->second.b.push_back(n);
    }
    for (const Hash key : order) {
      Bucket& bucket = buckets[key];
      pair_lists(bucket.a, bucket.b);
    }
  }

  void match_equal(Key key) {
    match_buckets([key](const Structure& s, std::size_t n) { return (s.*key)[n]; });
  }

  void match_both_ways() {
    match_buckets([](const Structure& s, std::size_t n) {
      return s.up[n] * 0x9E3779B97F4A7C15U + s.down[n];
    });
  }

  // Neighbours of pairs through the same operand that agree in the key are pairs.
  void follow(Key key) {
    // Every pair is a start: what did not agree in a stricter key may agree in this one.
    fresh_.clear();
    for (std::size_t n = 0; n < old_.size(); ++n) {
      if (!free_old(n)) fresh_.push_back(n);
    }
    for (std::size_t at = 0; at < fresh_.size(); ++at) {
      const std::size_t a = fresh_[at];
      const std::size_t b = result_.to_new[a];
      match_edges(old_.consumers[a], new_.consumers[b], key);
      match_edges(old_.producers[a], new_.producers[b], key);
    }
  }

  void match_edges(const std::vector<Edge>& a, const std::vector<Edge>& b, Key key) {
    struct Item {
      Hash hash;
      std::size_t slot, node;
    };
    const auto less = [](const Item& x, const Item& y) {
      return std::tie(x.hash, x.slot) < std::tie(y.hash, y.slot);
    };
    std::vector<Item> left;
    std::vector<Item> right;
    for (const Edge& e : a) {
      if (free_old(e.node)) left.push_back({(old_.*key)[e.node], e.slot, e.node});
    }
    if (left.empty()) return;
    for (const Edge& e : b) {
      if (free_new(e.node)) right.push_back({(new_.*key)[e.node], e.slot, e.node});
    }
    std::stable_sort(left.begin(), left.end(), less);
    std::stable_sort(right.begin(), right.end(), less);
    for (std::size_t i = 0, j = 0; i < left.size() && j < right.size();) {
      if (less(left[i], right[j])) {
        ++i;
      } else if (less(right[j], left[i])) {
        ++j;
      } else {
        Ids x;
        Ids y;
        const Item first = left[i];
        for (; i < left.size() && !less(first, left[i]); ++i) x.push_back(left[i].node);
        for (; j < right.size() && !less(first, right[j]); ++j) y.push_back(right[j].node);
        pair_lists(x, y);
      }
    }
  }

  Structure old_, new_;
  Alignment result_;
  Ids fresh_;  // old nodes of pairs whose neighbours have not been looked at
};

// Names of unknown dims do not count.
bool same_shape(const TensorRow& s, const TensorRow& t) {
  if (!s.shape || !t.shape) return s.shape.has_value() == t.shape.has_value();
  return std::equal(s.shape->begin(), s.shape->end(), t.shape->begin(), t.shape->end(),
                    [](const DimText& a, const DimText& b) {
                      const bool named = a.index() == 1 && b.index() == 1;
                      return named || a == b;
                    });
}

}  // namespace

Alignment align(const Report& old_report, const Report& new_report) {
  return Aligner(old_report, new_report).run();
}

bool same_signature(const Report& a, const NodeRow& x, const Report& b, const NodeRow& y) {
  const auto same = [&](const std::vector<std::size_t>& p, const std::vector<std::size_t>& q) {
    return p.size() == q.size() &&
           std::equal(p.begin(), p.end(), q.begin(), [&](std::size_t i, std::size_t j) {
             const TensorRow& s = a.tensors[i];
             const TensorRow& t = b.tensors[j];
             return s.dtype == t.dtype && same_shape(s, t);
           });
  };
  return x.op_type == y.op_type && x.domain == y.domain && same(x.inputs, y.inputs) &&
         same(x.outputs, y.outputs);
}

}  // namespace aiprof::gate
