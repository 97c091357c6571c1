// What a person would quote: the opening of every people-facing report.
#pragma once

#include <string>
#include <vector>

#include "aiprof/report/layout.h"
#include "aiprof/report/report.h"

namespace aiprof {

struct VerdictLine {
  std::string label;  // "memory"; the same words in every report
  std::string text;
  Tone tone = Tone::kPlain;
  bool of_model = false;  // the same on every machine
};

struct Verdict {
  std::string title;     // the model, the machine and the runtime
  std::string headline;  // what it is bound by, how long it takes, how many a second
  std::vector<VerdictLine> lines;
};

// Assumptions that the verdict names one by one; the others stand in the notes.
[[nodiscard]] std::size_t assumptions_shown(const Report& report);

[[nodiscard]] Verdict verdict(const Report& report);

// Events of a profile that were not joined to nodes, for people.
struct UnmatchedEvents {
  std::vector<std::string> lines;  // "name (Type): 12 us, reason", longest first
  std::size_t more = 0;            // that are not listed
};
// At most `limit` lines; 0: all.
[[nodiscard]] UnmatchedEvents unmatched_events(const Report& report, std::size_t limit);

// Operators that have no counts, or rest on an assumption, by reason, most frequent first.
struct Reason {
  std::string op_types;  // "Add x2, Cast x1"
  std::string reason;
  std::string example;  // the first node
  std::size_t nodes = 0;
};
[[nodiscard]] std::vector<Reason> reasons(const Report& report, NodeStatus status);

}  // namespace aiprof
