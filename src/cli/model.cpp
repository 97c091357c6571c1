#include "cli/model.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <set>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "cli/values.h"

namespace aiprof::cli {
namespace {

constexpr const char* kGroup = "Input";

void set_dims(const std::vector<std::string>& given, std::map<std::string, std::int64_t>& into,
              std::string_view flag, std::int64_t low) {
  for (const std::string& text : given) {
    const auto [name, number] = assignment(text, flag);
    const std::int64_t n = parse_whole(number, fmt::format("{} {}", flag, printable(name)), low);
    const auto [it, added] = into.try_emplace(name, n);
    if (!added && it->second != n) {
      throw usage_error(
          fmt::format("{} {}: given twice, as {} and as {}", flag, printable(name), it->second, n));
    }
  }
}

// "1x3x224x224", or "scalar" for rank 0.
std::vector<std::int64_t> parse_shape(std::string_view text, std::string_view flag) {
  std::vector<std::int64_t> dims;
  if (text == "scalar") return dims;
  for (const std::string& part : split(text, 'x')) dims.push_back(parse_whole(part, flag, 0));
  return dims;
}

// A trip count that no node takes would change nothing without a word.
void check_trips(const Graph& graph, const std::map<std::string, std::int64_t>& trips) {
  if (trips.empty()) return;
  std::vector<std::string> loops;
  for (const Node& node : graph.nodes) {
    const std::string_view type = graph.op_type(node).type;
    if (type != "Loop" && type != "Scan") continue;
    loops.emplace_back(node.name);
    if (!node.path.empty()) loops.push_back(fmt::format("{}/{}", node.path, node.name));
  }
  for (const auto& [name, n] : trips) {
    if (std::find(loops.begin(), loops.end(), name) != loops.end()) continue;
    throw usage_error(fmt::format("--trip {}={}: {} has no Loop or Scan '{}'{}", printable(name), n,
                                  graph.file, printable(name), did_you_mean(name, loops)));
  }
}

// Names that no output or value can be cut at are the model's own: the longest input name that the
// text starts with, so that names with "=" in them can be given.
std::pair<std::string, std::string> value_assignment(const Graph& graph, const std::string& text) {
  std::string best;
  for (const TensorId id : graph.main().inputs) {
    const std::string name(graph[id].name);
    const bool fits =
        text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=';
    if (fits && name.size() > best.size()) best = name;
  }
  const std::size_t at = best.empty() ? text.find('=') : best.size();
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    throw usage_error(
        fmt::format("--value {}: expected INPUT=VALUES or INPUT=@FILE", printable(text)));
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

void add_model_options(CLI::App& app, ModelOptions& options) {
  app.add_option("MODEL", options.file, "an ONNX file; its weights are not read and may be missing")
      ->required()
      ->type_name("");
  add_input_options(app, options);
}

void add_input_options(CLI::App& app, ModelOptions& options) {
  add_repeated(app, "--dim", options.dims, "bind a symbolic dimension everywhere", "NAME=N")
      ->group(kGroup);
  add_repeated(app, "--shape", options.shapes,
               "shape of one input: 1x3x224x224, or scalar for rank 0", "INPUT=SHAPE")
      ->group(kGroup);
  add_repeated(app, "--value", options.values,
               "values of an input that shapes depend on: 1,2,3 (one value fills it), or @FILE, an "
               "ONNX TensorProto",
               "INPUT=VALUES")
      ->group(kGroup);
  add_repeated(app, "--trip", options.trips, "trips of a Loop that the model does not give",
               "NODE=N")
      ->group(kGroup);
  add_repeated(app, "--op-rules", options.rules,
               "rules for operators that aiprof does not know (docs/op-rules.md)", "FILE")
      ->group(kGroup);
}

LoadedModel load_model(const ModelOptions& options) {
  BindOptions bind;
  set_dims(options.dims, bind.dims, "--dim", 0);
  set_dims(options.trips, bind.trips, "--trip", 0);
  for (const std::string& text : options.shapes) {
    const auto [name, shape] = assignment(text, "--shape");
    bind.shapes[name] = parse_shape(shape, "--shape " + printable(name));
  }
  LoadedModel model{nullptr, load_onnx(options.file), {}};
  if (!options.rules.empty()) {
    model.rules = std::make_unique<OpRules>();
    for (const std::string& file : options.rules) model.rules->add_file(file);
    bind.rules = model.rules.get();
  }
  check_trips(model.graph, bind.trips);
  std::vector<std::shared_ptr<void>> files;  // behind values that were read from one
  for (const std::string& text : options.values) {
    const auto [name, value] = value_assignment(model.graph, text);
    bind.values[name] = input_value(model.graph, name, value, files);
  }
  model.analysis = analyze(model.graph, bind);
  return model;
}

}  // namespace aiprof::cli
