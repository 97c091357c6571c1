// What a machine's file says it cannot run, and the remarks that an estimate carries.
#pragma once

#include <string>
#include <vector>

#include "roofline/engine.h"

namespace aiprof::roofline {

// Why the machine cannot run a kernel; empty if it can.
[[nodiscard]] std::string unsupported_reason(const Graph& graph, const Kernel& kernel,
                                             const Job& job, const Machine& machine,
                                             const KernelTime& time);

// What the notes of an estimate are made from.
class Remarks {
 public:
  void kernel(const Job& job, const Machine& machine, const KernelTime& time, bool supported);
  void add(std::string note) { notes_.push_back(std::move(note)); }
  // In a fixed order, each once.
  [[nodiscard]] std::vector<std::string> take(const Machine& machine, LaunchMode mode);

 private:
  void rate(const UnitRate& rate);

  std::vector<const UnitRate*> rates_;
  std::size_t unsupported_ = 0, incomplete_ = 0, not_runnable_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace aiprof::roofline
