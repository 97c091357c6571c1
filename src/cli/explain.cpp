// aiprof explain MODEL NODE [--hw NAME|FILE]
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/report/describe.h"
#include "cli/machines.h"
#include "cli/model.h"
#include "cli/output.h"

namespace aiprof::cli {
namespace {

std::string full_name(const Node& node) {
  return node.path.empty() ? std::string(node.name) : fmt::format("{}/{}", node.path, node.name);
}

bool has_output(const Graph& graph, const Node& node, const std::string& name) {
  for (const TensorId t : node.outputs) {
    if (t != kNoTensor && graph[t].name == name) return true;
  }
  return false;
}

// "#12", or digits that are no node's name.
std::optional<NodeId> by_index(const Graph& graph, std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  std::size_t i = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), i);
  if (error != std::errc() || end != text.data() + text.size() || i >= graph.nodes.size()) {
    return std::nullopt;
  }
  return static_cast<NodeId>(i);
}

// By name, by path and name, by the name of an output, or by index. Names need not be unique.
NodeId find_node(const Graph& graph, const std::string& wanted) {
  std::vector<std::string> names;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    names.push_back(full_name(node));
    const bool named = node.name == wanted || names.back() == wanted;
    if (named || has_output(graph, node, wanted)) found.push_back(i);
  }
  if (found.size() == 1) return static_cast<NodeId>(found.front());
  if (found.empty()) {
    if (const auto id = by_index(graph, wanted)) return *id;
    throw usage_error(
        fmt::format("{} has no node '{}'{} (by name, path/name, output, or #0 to #{})", graph.file,
                    printable(wanted), did_you_mean(wanted, names),
                    graph.nodes.empty() ? 0 : graph.nodes.size() - 1));
  }
  std::string list;
  for (const std::size_t i : found) {
    list += fmt::format("{}#{} {}", list.empty() ? "" : ", ", i, printable(names[i]));
  }
  throw usage_error(
      fmt::format("{} has {} nodes '{}': {}", graph.file, found.size(), printable(wanted), list));
}

}  // namespace

int run_explain(const std::vector<std::string>& arguments, const Streams& streams) {
  ModelOptions model_options;
  MachineOptions machine_options;
  std::string node;
  CLI::App app("How the numbers of one operator come about.", "aiprof explain");
  add_model_options(app, model_options);
  app.add_option("NODE", node, "its name, path/name, an output of it, or #index")
      ->required()
      ->type_name("");
  add_machine_options(app, machine_options);
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const std::vector<Machine> machines = load_machines(machine_options);
  const LoadedModel model = load_model(model_options);
  const NodeId id = find_node(model.graph, node);
  const WriteOptions written = terminal_options(streams);
  std::string out;
  for (const Machine& machine : machines) {
    const MachineRun run = run_machine(model.graph, model.analysis, machine);
    const MachineEstimate estimated{machine.profile, machine.hardware, run.lowered, run.estimated};
    const Report report = build_report(model.graph, model.analysis, &estimated);
    if (!out.empty()) out += "\n";
    out += write_explanation({model.graph, model.analysis, report, &estimated}, id, written);
  }
  if (machines.empty()) {
    const Report report = build_report(model.graph, model.analysis, nullptr);
    out = write_explanation({model.graph, model.analysis, report, nullptr}, id, written);
  }
  emit(out, "", streams);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace aiprof::cli
