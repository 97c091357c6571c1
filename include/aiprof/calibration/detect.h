// A starting description of the machine that this program runs on.
#pragma once

#include <string>

namespace aiprof {

// The description of the host's processor as a hardware file: cores, clock, vector and matrix
// units, caches, memory, each with status and source. Every rate is derived from what the system
// says of itself (/proc, /sys); what it does not say is assumed and marked so, above all the
// bandwidth of main memory, which `hw fit` replaces by what the measurements show.
//
// `root` is put before every path that is read. Throws Error(kInput) on systems without
// /proc/cpuinfo, and for processors whose instruction sets it does not know.
[[nodiscard]] std::string detect_host(const std::string& root = "");

// The key of the source that assumed numbers name: `hw fit` may replace what rests on it.
inline constexpr const char* kAssumedSource = "assumed";

}  // namespace aiprof
