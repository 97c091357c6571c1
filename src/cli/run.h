// The whole program as a library call: arguments in, text and exit code out.
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::cli {

// Where output goes. `out` takes reports and nothing else; notes and errors go to `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;   // `out` is one
  std::size_t width = 80;  // of the terminal, in columns
  bool colour = false;
  bool progress = false;  // `err` is a terminal: long jobs show how far they are
};

// Runs one command line (without the program's name). Returns the exit code of the contract
// (aiprof/base/error.h); never throws.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const Streams& streams);

// A job with a name of its own: `aiprof NAME ...`. `run` gets the arguments after the name.
struct Command {
  std::string_view name;
  std::string_view usage;
  std::string_view what;
  int (*run)(const std::vector<std::string>& arguments, const Streams& streams);
};
[[nodiscard]] std::span<const Command> commands();

// The jobs. The first has no name: `aiprof MODEL ...`.
[[nodiscard]] int run_profile(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_hw(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_ops(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_explain(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_strip(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_check(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_diff(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_compare(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace aiprof::cli
