#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::cli {
namespace {

constexpr Command kCommands[] = {
    {"hw", "aiprof hw list | show NAME | lint FILE",
     "the hardware that aiprof knows, and checks of files", run_hw},
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

int dispatch(const std::vector<std::string>& arguments, const Streams& streams) {
  if (!arguments.empty()) {
    const auto all = commands();
    const auto it = std::find_if(all.begin(), all.end(),
                                 [&](const Command& c) { return c.name == arguments.front(); });
    if (it != all.end()) return it->run({arguments.begin() + 1, arguments.end()}, streams);
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
