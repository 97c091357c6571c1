#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <new>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "cli/arguments.h"

namespace aiprof::cli {
namespace {

constexpr Command kCommands[] = {
    {"hw", "aiprof hw list | show | lint | detect | bench | fit | family | eval",
     "hardware: what aiprof knows, checks of files, and fits to measured times", run_hw},
    {"ops", "aiprof ops [MODEL [--hw NAME|FILE]]",
     "the operators that aiprof knows, or those of a model and who supports them", run_ops},
    {"explain", "aiprof explain MODEL NODE [--hw NAME|FILE]",
     "how the numbers of one operator come about", run_explain},
    {"strip", "aiprof strip MODEL -o FILE", "the same model without its weights", run_strip},
    {"check", "aiprof check MODEL --limit LIMIT... | --budget FILE",
     "are limits on latency, memory, FLOPs, energy ... kept? Exit code 1 if not", run_check},
    {"diff", "aiprof diff OLD NEW [--hw NAME|FILE]",
     "what changed between two models or saved reports, operator by operator", run_diff},
    {"compare", "aiprof compare MODEL... --hw NAME|FILE...",
     "many models on many machines: what stresses what, what is alike", run_compare},
};

int fail(const Streams& streams, ExitCode code, const std::string& message) {
  if (!message.empty()) streams.err << "aiprof: error: " << message << '\n' << std::flush;
  return static_cast<int>(code);
}

bool exists(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

const Command* find_command(const std::string& word) {
  const auto all = commands();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const Command& c) { return c.name == word; });
  return it == all.end() ? nullptr : &*it;
}

// `aiprof help [JOB]`: what --help says.
int run_help(const std::vector<std::string>& arguments, const Streams& streams) {
  if (arguments.size() < 2) return run_profile({"--help"}, streams);
  std::vector<std::string> forwarded(arguments.begin() + 2, arguments.end());
  forwarded.emplace_back("--help");
  if (const Command* c = find_command(arguments[1])) return c->run(forwarded, streams);
  std::vector<std::string> names;
  for (const Command& c : commands()) names.emplace_back(c.name);
  throw_unknown("aiprof help", "job", arguments[1], names);
}

// A word that is no file, and looks like none, is a job that does not exist.
void refuse_unknown_job(const std::string& word) {
  if (word.empty() || word.find_first_of("-./\\") != std::string::npos || exists(word)) return;
  std::vector<std::string> names;
  for (const Command& c : commands()) names.emplace_back(c.name);
  throw usage_error(fmt::format("'{}' is neither a file nor a job{} (jobs: {}; see aiprof --help)",
                                printable(word), did_you_mean(word, names), join(names, ", ")));
}

int dispatch(const std::vector<std::string>& arguments, const Streams& streams) {
  if (!arguments.empty()) {
    const std::string& word = arguments.front();
    if (const Command* c = find_command(word)) {
      return c->run({arguments.begin() + 1, arguments.end()}, streams);
    }
    if (word == "help" && !exists(word)) return run_help(arguments, streams);
    refuse_unknown_job(word);
  }
  return run_profile(arguments, streams);
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int run(const std::vector<std::string>& arguments, const Streams& streams) {
  try {
    return dispatch(arguments, streams);
  } catch (const Error& e) {
    return fail(streams, e.code(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(streams, ExitCode::kInput,
                "out of memory: the input needs more than this machine has");
  } catch (const std::exception& e) {
    return fail(streams, ExitCode::kBug,
                fmt::format("this is a bug in aiprof: {}; please report it with the command line "
                            "and the model (aiprof strip removes its weights)",
                            printable(e.what())));
  }
}

}  // namespace aiprof::cli
