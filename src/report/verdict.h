// What a person would quote: the opening of every people-facing report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aiprof/report/report.h"

namespace aiprof {

// How a line reads: writers give it a colour or a style, or ignore it.
enum class Tone : std::uint8_t { kPlain, kGood, kWarning, kBad };

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

// Operators that have no counts, or rest on an assumption, by reason, most frequent first.
struct Reason {
  std::string op_types;  // "Add x2, Cast x1"
  std::string reason;
  std::string example;  // the first node
  std::size_t nodes = 0;
};
[[nodiscard]] std::vector<Reason> reasons(const Report& report, NodeStatus status);

}  // namespace aiprof
