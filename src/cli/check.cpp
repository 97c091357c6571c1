// aiprof check MODEL --limit LIMIT... | --budget FILE
#include "aiprof/gate/check.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iterator>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/gate/budget.h"
#include "cli/arguments.h"
#include "cli/files.h"
#include "cli/output.h"
#include "cli/parallel.h"
#include "cli/reports.h"

namespace aiprof::cli {
namespace {

using Arguments = std::vector<std::string>;

struct CheckOptions {
  ModelOptions model;
  MachineOptions machines;
  std::vector<std::string> limits, increases, decreases;
  std::string base, budget, today, output;
  std::string format = "text";
  bool certain = false;
};

constexpr const char* kGates = "Gates";

void add_gate_options(CLI::App& app, CheckOptions& o) {
  add_repeated(app, "--limit", o.limits,
               "[SCOPE] METRIC<=VALUE, such as latency<=5ms, 'block:layer3 flops<=2G', "
               "'node:*/attn/* latency<=1ms', 'op:Softmax latency_share<=5%', mbu>=40%",
               "LIMIT")
      ->group(kGates);
  app.add_option("--base", o.base, "the model before the change; it is estimated anew")
      ->type_name("FILE")
      ->group(kGates);
  add_repeated(app, "--max-increase", o.increases,
               "[SCOPE] METRIC=AMOUNT: how much more than the base, such as latency=2% or "
               "weight_bytes=1MB",
               "CHANGE")
      ->group(kGates);
  add_repeated(app, "--max-decrease", o.decreases,
               "the same of metrics that should be large, such as throughput=2%", "CHANGE")
      ->group(kGates);
  app.add_flag("--certain", o.certain,
               "a limit within the error interval of the times cannot be decided")
      ->group(kGates);
  app.add_option("--budget", o.budget,
                 "a file of models x hardware x limits instead of MODEL (docs/gates.md)")
      ->type_name("FILE")
      ->group(kGates);
  app.add_option("--today", o.today, "the day that waivers are judged on; default: today, in UTC")
      ->type_name("YYYY-MM-DD")
      ->group(kGates);
}

void add_options(CLI::App& app, CheckOptions& o) {
  add_model_options(app, o.model);
  app.get_option("MODEL")->required(false);
  add_machine_options(app, o.machines);
  add_gate_options(app, o);
  constexpr const char* kOutput = "Output";
  app.add_option("--format", o.format,
                 join(format_names(gate::check_formats()), ", ") + " (default: text)")
      ->type_name("FORMAT")
      ->group(kOutput);
  app.add_option("-o,--output", o.output, "write the result to a file instead of standard output")
      ->type_name("FILE")
      ->group(kOutput);
  app.footer(
      "Metrics: latency, throughput, tokens, energy, power, mfu, mbu, intensity, flops, macs, "
      "bytes,\n"
      "peak_memory, weight_bytes, parameters, kv_bytes_per_token, modelled, gaps and more: see\n"
      "docs/gates.md.\n\n"
      "Exit codes: 0 held, 1 broken, 4 cannot be decided, 2 what was typed is wrong, 3 what a "
      "file\n"
      "contains is wrong or it cannot be read.\n\n"
      "Examples:\n"
      "  aiprof check model.onnx --hw a100 --limit \"latency<=5ms\" --limit \"peak_memory<=2GB\"\n"
      "  aiprof check new.onnx --hw t4 --base old.onnx --max-increase latency=2%\n"
      "  aiprof check --budget budget.json --format junit -o report.xml");
}

gate::Date today_of(const std::string& given) {
  if (!given.empty()) {
    if (const auto date = gate::parse_date(given)) return *date;
    throw usage_error(
        fmt::format("--today: '{}' is no date; expected YYYY-MM-DD", printable(given)));
  }
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  return {static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month())),
          static_cast<int>(static_cast<unsigned>(day.day()))};
}

// What is judged as one case: a model, perhaps its base, perhaps a machine.
struct Job {
  std::shared_ptr<SharedModel> model, base;
  std::shared_ptr<const Machine> machine;
  std::shared_ptr<const std::vector<gate::Rule>> rules;
  gate::Certainty certainty = gate::Certainty::kEstimate;
  std::string place;  // in the budget; empty: typed
};

std::vector<gate::Rule> typed_rules(const CheckOptions& o) {
  std::vector<gate::Rule> rules;
  const auto add = [&](gate::Limit limit) { rules.push_back({std::move(limit), {}, {}}); };
  for (const std::string& text : o.limits) add(gate::parse_limit(text, "--limit"));
  for (const std::string& text : o.increases) {
    add(gate::parse_change(text, gate::Direction::kIncrease, "--max-increase"));
  }
  for (const std::string& text : o.decreases) {
    add(gate::parse_change(text, gate::Direction::kDecrease, "--max-decrease"));
  }
  if (rules.empty()) {
    throw usage_error(
        "nothing to check: give --limit, --max-increase with --base, or --budget (see aiprof check "
        "--help)");
  }
  const bool against = !o.increases.empty() || !o.decreases.empty();
  if (against && o.base.empty())
    throw usage_error("--max-increase and --max-decrease need --base FILE");
  return rules;
}

// One job for each machine, or one without.
void add_jobs(const Job& job, std::vector<Machine> machines, std::vector<Job>& jobs) {
  if (machines.empty()) {
    jobs.push_back(job);
    return;
  }
  for (Machine& machine : machines) {
    jobs.push_back(job);
    jobs.back().machine = std::make_shared<const Machine>(std::move(machine));
  }
}

std::vector<Job> typed_jobs(const CheckOptions& o) {
  if (o.model.file.empty()) throw usage_error("which model? aiprof check MODEL, or --budget FILE");
  Job job;
  job.rules = std::make_shared<const std::vector<gate::Rule>>(typed_rules(o));
  job.certainty = o.certain ? gate::Certainty::kInterval : gate::Certainty::kEstimate;
  job.model = std::make_shared<SharedModel>(o.model);
  if (!o.base.empty()) {
    ModelOptions base = o.model;
    base.file = o.base;
    job.base = std::make_shared<SharedModel>(std::move(base));
  }
  std::vector<Job> jobs;
  add_jobs(job, load_machines(o.machines), jobs);
  return jobs;
}

ModelOptions model_options(const gate::BudgetEntry& entry, const std::string& file) {
  ModelOptions m;
  m.file = file;
  for (const auto& [dim, n] : entry.dims) m.dims.push_back(fmt::format("{}={}", dim, n));
  for (const auto& [node, n] : entry.trips) m.trips.push_back(fmt::format("{}={}", node, n));
  for (const auto& [input, shape] : entry.shapes)
    m.shapes.push_back(fmt::format("{}={}", input, shape));
  for (const auto& [input, value] : entry.values)
    m.values.push_back(fmt::format("{}={}", input, value));
  m.rules = entry.op_rules;
  return m;
}

// A file that is wrong is exit code 3, whatever it is that is wrong about it.
template <typename Work>
void in_budget(const std::string& place, const Work& work) {
  try {
    work();
  } catch (const Error& e) {
    if (place.empty()) throw;
    throw input_error(place + ": " + e.what());
  }
}

class BudgetJobs {
 public:
  std::vector<Job> run(const gate::Budget& budget, const CheckOptions& o) {
    for (std::size_t i = 0; i < budget.entries.size(); ++i) {
      const std::string place = fmt::format("{}: /budgets/{}", printable(budget.file), i);
      in_budget(place, [&] { add(budget.entries[i], place, o); });
    }
    return std::move(jobs_);
  }

 private:
  void add(const gate::BudgetEntry& entry, const std::string& place, const CheckOptions& o) {
    Job job;
    job.place = place;
    job.rules = std::make_shared<const std::vector<gate::Rule>>(entry.rules);
    job.certainty = o.certain ? gate::Certainty::kInterval : entry.certainty;
    if (!entry.base.empty()) job.base = shared(model_options(entry, entry.base));
    const std::vector<Machine> machines =
        load_machines({entry.hardware, entry.runtime, entry.edits, {}});
    for (const std::string& file : entry.models) {
      job.model = shared(model_options(entry, file));
      add_jobs(job, machines, jobs_);
    }
  }

  // Entries that bind the same model alike share it.
  std::shared_ptr<SharedModel> shared(ModelOptions options) {
    std::vector<std::string> key = {options.file};
    for (const auto* list :
         {&options.dims, &options.shapes, &options.values, &options.trips, &options.rules}) {
      key.push_back(std::to_string(list->size()));
      key.insert(key.end(), list->begin(), list->end());
    }
    std::shared_ptr<SharedModel>& slot = models_[key];
    if (!slot) slot = std::make_shared<SharedModel>(std::move(options));
    return slot;
  }

  std::map<std::vector<std::string>, std::shared_ptr<SharedModel>> models_;
  std::vector<Job> jobs_;
};

void refuse_mixture(const CheckOptions& o) {
  const bool typed = !o.model.file.empty() || !o.limits.empty() || !o.increases.empty() ||
                     !o.decreases.empty() || !o.base.empty() || !o.machines.hardware.empty() ||
                     !o.machines.runtime.empty() || !o.machines.edits.empty() ||
                     !o.machines.what_ifs.empty() || !o.model.dims.empty() ||
                     !o.model.shapes.empty() || !o.model.values.empty() || !o.model.trips.empty() ||
                     !o.model.rules.empty();
  if (!typed) return;
  throw usage_error(
      "--budget says which models, machines, dims and limits: give no MODEL and no other such "
      "options with it");
}

gate::CheckCase judge(Job& job, gate::Date today) {
  gate::CheckCase result;
  in_budget(job.place, [&] {
    const Report report = make_report(job.model->get(), job.machine.get());
    std::optional<Report> base;
    if (job.base) base = make_report(job.base->get(), job.machine.get());
    result = gate::judge({report, base ? &*base : nullptr, *job.rules, job.certainty, today});
  });
  job.model.reset();  // the last user of a model frees it
  job.base.reset();
  return result;
}

}  // namespace

int run_check(const Arguments& arguments, const Streams& streams) {
  CheckOptions o;
  CLI::App app("Are limits on latency, memory, FLOPs, energy and the like kept?", "aiprof check");
  add_options(app, o);
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const gate::CheckFormat& format = find_format(gate::check_formats(), o.format);
  gate::Check check;
  check.today = today_of(o.today);
  check.budget = o.budget;
  std::vector<Job> jobs;
  if (o.budget.empty()) {
    jobs = typed_jobs(o);
  } else {
    refuse_mixture(o);
    jobs = BudgetJobs().run(gate::parse_budget(read_text(o.budget), o.budget), o);
  }
  check.cases.resize(jobs.size());
  for_each_index(
      jobs.size(), [&](std::size_t i) { check.cases[i] = judge(jobs[i], check.today); }, streams);

  const WriteOptions written = o.output.empty() ? terminal_options(streams) : WriteOptions();
  emit(format.write(check, written), o.output, streams);
  if (!o.output.empty() || format.name != "text") {
    streams.err << "aiprof: " << gate::verdict_text(check) << '\n';
  }
  return static_cast<int>(gate::exit_code(check));
}

}  // namespace aiprof::cli
