// The process: arguments in, exit code out. Everything else is aiprof::cli::run.
#include <csignal>
#include <string>
#include <vector>

#include "cli/run.h"
#include "cli/terminal.h"

int main(int argc, char** argv) {
  // A reader that goes away shows as a failed write, with an exit code of its own.
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return aiprof::cli::run(arguments, aiprof::cli::process_streams());
}
