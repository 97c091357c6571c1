// Errors that end the request, and the process exit codes of the command-line contract.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace aiprof {

// The process exit codes, a contract with scripts (docs/cli.md).
enum class ExitCode : int {
  kDone = 0,
  kLimitBroken = 1,  // `check` found a limit broken
  kUsage = 2,        // what was typed is wrong: flags, names, values, dims the model does not have
  kInput = 3,        // what a file contains is wrong, or it cannot be read
  kUndecided = 4,    // unknown shapes or unmodelled operators where the caller asked for certainty
  kBug = 70,
};

// A request that cannot go on. Thrown where the fact is known; context is added on the way up;
// caught once, at the command line. Expected gaps of a model are data, never an Error.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }
  // The same error with "where: " before its message.
  [[nodiscard]] Error in(std::string_view where) const {
    return {code_, std::string(where) + ": " + what()};
  }

 private:
  ExitCode code_;
};

[[nodiscard]] inline Error usage_error(const std::string& message) {
  return {ExitCode::kUsage, message};
}
[[nodiscard]] inline Error input_error(const std::string& message) {
  return {ExitCode::kInput, message};
}

}  // namespace aiprof
