// Measurements as jobs that the time model takes.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "aiprof/calibration/measurement.h"
#include "aiprof/hardware/hardware.h"
#include "roofline/engine.h"

namespace aiprof::calibration {

struct Sample {
  const Measurement* row = nullptr;
  std::size_t file = 0;
  std::size_t device = 0;
  roofline::Job job;
  std::vector<roofline::Job> others;  // kernels that the measured time also holds
  roofline::TimeClass time_class = roofline::TimeClass::kElementwise;
  double weight_set = 0;
  double seconds = 0;   // measured
  double roofline = 0;  // the longer of operations / peak and bytes / bandwidth
  bool at_floor = false;
};

// Rows of one class and regime.
struct SampleGroup {
  roofline::TimeClass time_class = roofline::TimeClass::kElementwise;
  TimingRegime regime = TimingRegime::kGraph;
  std::vector<Sample> samples;
};

// What the launch of a host takes where operators are timed alone.
struct HostLaunch {
  double seconds = 0;
  double overlap = 1;  // 1: added to the run time, large: hidden behind it
};

class SampleSet {
 public:
  // Rows whose machine has no rate for them are listed in notes().
  SampleSet(const Hardware& hardware, std::span<const MeasurementFile> files,
            std::size_t device = 0);

  [[nodiscard]] std::vector<SampleGroup>& groups() { return groups_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  void add(const roofline::Machine& machine, Sample sample);

  std::deque<Kernel> kernels_;  // behind the jobs
  std::vector<SampleGroup> groups_;
  std::vector<std::string> notes_;
  std::size_t not_runnable_ = 0;
};

// A machine for the two ways to multiply float32. Keeps a copy of its description.
class Machines {
 public:
  explicit Machines(Hardware hardware);
  Machines(const Machines&) = delete;
  Machines& operator=(const Machines&) = delete;

  [[nodiscard]] const roofline::Machine& of(const Measurement& row) const {
    return row.tf32 ? tf32_ : plain_;
  }

 private:
  Hardware hardware_;
  roofline::Machine plain_, tf32_;
};

// Predicted seconds as that regime would measure them.
[[nodiscard]] double predict(const Sample& sample, const roofline::Machine& machine,
                             const HostLaunch& host);

}  // namespace aiprof::calibration
