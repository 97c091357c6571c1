// The formats of measured profiles.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "aiprof/trace/trace.h"

namespace aiprof::trace {

using Json = nlohmann::json;

// Events of one name in one run, added up.
struct RunEvents {
  std::vector<TraceEvent> events;  // in the order of their first appearance
};

// Joins runs to one: each event by the statistic over the runs that count.
void combine(std::vector<RunEvents> runs, const TraceOptions& options, MeasuredProfile& out);

void read_onnxruntime(const Json& document, std::string_view file, const TraceOptions& options,
                      MeasuredProfile& out);
void read_tensorrt(const Json& document, std::string_view file, const TraceOptions& options,
                   MeasuredProfile& out);
void read_table(std::string_view text, std::string_view file, MeasuredProfile& out);

}  // namespace aiprof::trace
