// aiprof compare MODEL... --hw NAME|FILE...
#include "aiprof/gate/compare.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/parallel.h"
#include "cli/reports.h"

namespace aiprof::cli {
namespace {

struct CompareOptions {
  std::vector<std::string> models;
  ModelOptions inputs;
  MachineOptions machines;
  std::string format = "table";
  std::string output;
  std::string alike = "90%";
};

void add_options(CLI::App& app, CompareOptions& o) {
  app.add_option("MODEL", o.models, "ONNX files")->required()->type_name("...");
  add_input_options(app, o.inputs);
  add_machine_options(app, o.machines);
  constexpr const char* kOutput = "Output";
  app.add_option("--alike", o.alike,
                 "models are alike from this cosine similarity of how their time is spent "
                 "(default: 90%)")
      ->type_name("PERCENT")
      ->group(kOutput);
  app.add_option("--format", o.format,
                 join(format_names(gate::portfolio_formats()), ", ") + " (default: table)")
      ->type_name("FORMAT")
      ->group(kOutput);
  app.add_option("-o,--output", o.output, "write to a file instead of standard output")
      ->type_name("FILE")
      ->group(kOutput);
  app.footer(
      "Words that follow a --hw and are not files of models are hardware too.\n\n"
      "Examples:\n"
      "  aiprof compare models/*.onnx --hw a100 h100 tpu-v5e\n"
      "  aiprof compare resnet50.onnx vit.onnx --hw a100,t4 --format csv");
}

bool is_model_file(const std::string& word) {
  std::error_code ignored;
  return !word.ends_with(".json") &&
         (word.ends_with(".onnx") || std::filesystem::is_regular_file(word, ignored));
}

// "--hw a b" as "--hw a --hw b": a name after a machine is a machine, unless a model is called so.
std::vector<std::string> spread_hardware(const std::vector<std::string>& arguments) {
  std::vector<std::string> spread;
  bool after_machine = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--hw" && i + 1 < arguments.size()) {
      spread.insert(spread.end(), {word, arguments[++i]});
      after_machine = true;
    } else if (after_machine && !word.starts_with('-') && !is_model_file(word)) {
      spread.insert(spread.end(), {"--hw", word});
    } else {
      spread.push_back(word);
      after_machine = word.starts_with("--hw=");
    }
  }
  return spread;
}

std::string machine_name(const Machine& machine) {
  HardwareRow row;
  row.id = machine.hardware.id;
  row.name = machine.hardware.name;
  row.edits = machine.hardware.edits;
  return machine_label(row);
}

gate::Portfolio build(const CompareOptions& o, double threshold, const Streams& streams) {
  const std::vector<Machine> machines = load_machines(o.machines);
  if (machines.empty())
    throw usage_error("aiprof compare needs machines: --hw NAME (aiprof hw list)");
  std::vector<std::shared_ptr<SharedModel>> models;
  for (const std::string& file : o.models) {
    ModelOptions options = o.inputs;
    options.file = file;
    models.push_back(std::make_shared<SharedModel>(std::move(options)));
  }
  std::vector<gate::PairRow> rows(models.size() * machines.size());
  // One model is one piece of work: it is read, put on every machine, and freed.
  for_each_index(
      models.size(),
      [&](std::size_t i) {
        for (std::size_t m = 0; m < machines.size(); ++m) {
          const Report report = make_report(models[i]->get(), &machines[m]);
          rows[i * machines.size() + m] = gate::pair_row(report, i, m);
        }
        models[i].reset();
      },
      streams);
  std::vector<std::string> names;
  names.reserve(machines.size());
  for (const Machine& machine : machines) names.push_back(machine_name(machine));
  // Names that say the same are of machines with other runtimes.
  std::vector<std::string> labels = names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool again = std::count(names.begin(), names.end(), names[i]) > 1;
    if (again) labels[i] += ", runtime " + machines[i].profile.name;
  }
  return gate::make_portfolio(o.models, std::move(labels), std::move(rows), threshold);
}

}  // namespace

int run_compare(const std::vector<std::string>& arguments, const Streams& streams) {
  CompareOptions o;
  CLI::App app("Many models on many machines: what stresses what, and what is alike.",
               "aiprof compare");
  add_options(app, o);
  if (!parse(app, spread_hardware(arguments), streams)) return static_cast<int>(ExitCode::kDone);

  constexpr double kHundred = 100;
  const gate::PortfolioFormat& format = find_format(gate::portfolio_formats(), o.format);
  const double threshold = parse_percent(o.alike, "--alike") / kHundred;
  const gate::Portfolio portfolio = build(o, threshold, streams);
  const WriteOptions written = o.output.empty() ? terminal_options(streams) : WriteOptions();
  emit(format.write(portfolio, written), o.output, streams);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace aiprof::cli
