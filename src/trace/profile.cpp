#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>
#include <unordered_map>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "trace/formats.h"

namespace aiprof {
namespace trace {
namespace {

double statistic(std::vector<double> values, RunStatistic which) {
  switch (which) {
    case RunStatistic::kMinimum:
      return *std::ranges::min_element(values);
    case RunStatistic::kMean:
      return std::accumulate(values.begin(), values.end(), 0.0) /
             static_cast<double>(values.size());
    case RunStatistic::kMedian:
      break;
  }
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

void combine(std::vector<RunEvents> runs, const TraceOptions& options, MeasuredProfile& out) {
  const std::size_t warm_up = runs.size() > options.warm_up ? options.warm_up : 0;
  if (warm_up > 0) {
    out.notes.push_back(fmt::format("{} of {} runs left out as warm-up", warm_up, runs.size()));
  }
  runs.erase(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(warm_up));
  out.runs = runs.size();
  std::unordered_map<std::string, std::size_t> places;
  std::vector<std::vector<double>> seconds;
  for (const RunEvents& run : runs) {
    for (const TraceEvent& e : run.events) {
      const auto [it, fresh] = places.try_emplace(e.name, out.events.size());
      if (fresh) {
        out.events.push_back(e);
        seconds.emplace_back();
      }
      seconds[it->second].push_back(e.seconds);
    }
  }
  for (std::size_t i = 0; i < out.events.size(); ++i) {
    out.events[i].runs = seconds[i].size();
    // An event that some runs lack (another branch was taken) counts with its share of the runs.
    const double share = static_cast<double>(seconds[i].size()) / static_cast<double>(runs.size());
    out.events[i].seconds = share * statistic(seconds[i], options.statistic);
  }
}

namespace {

// Parses; JSON that is cut off at its end, as a process that dies leaves it, says so.
Json parse_json(std::string_view text, std::string_view file) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    throw input_error(fmt::format("{}: not valid JSON: {}", printable(file), printable(e.what())));
  }
}

bool is_onnxruntime(const Json& document) {
  return document.is_array() && std::ranges::any_of(document, [](const Json& e) {
           return e.is_object() && e.contains("cat") && e.contains("dur");
         });
}

bool is_tensorrt(const Json& document) {
  return document.is_array() && std::ranges::any_of(document, [](const Json& e) {
           return e.is_object() && e.contains("name") && e.contains("averageMs");
         });
}

}  // namespace
}  // namespace trace

std::string_view name(TraceFormat format) {
  switch (format) {
    case TraceFormat::kOnnxRuntime:
      return "ONNX Runtime profile";
    case TraceFormat::kTensorRt:
      return "TensorRT profile";
    case TraceFormat::kTable:
      return "table";
  }
  return "table";
}

MeasuredProfile parse_profile(std::string_view text, std::string_view file,
                              const TraceOptions& options) {
  MeasuredProfile out;
  out.file = file;
  const auto first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) throw input_error(printable(file) + ": is empty");
  if (text[first] != '[' && text[first] != '{') {
    out.format = TraceFormat::kTable;
    trace::read_table(text, file, out);
    return out;
  }
  trace::Json document = trace::parse_json(text, file);
  // Chrome's trace viewer wraps the list.
  if (document.is_object() && document.contains("traceEvents")) {
    document = trace::Json(document["traceEvents"]);
  }
  if (trace::is_onnxruntime(document)) {
    out.format = TraceFormat::kOnnxRuntime;
    trace::read_onnxruntime(document, file, options, out);
  } else if (trace::is_tensorrt(document)) {
    out.format = TraceFormat::kTensorRt;
    trace::read_tensorrt(document, file, options, out);
  } else {
    throw input_error(printable(file) +
                      ": is JSON, but neither a profile of ONNX Runtime nor one "
                      "of trtexec --exportProfile");
  }
  if (out.events.empty()) throw input_error(printable(file) + ": has no event of an operator");
  return out;
}

MeasuredProfile load_profile(const std::string& path, const TraceOptions& options) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw input_error(printable(path) + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return parse_profile(text, path, options);
}

}  // namespace aiprof
