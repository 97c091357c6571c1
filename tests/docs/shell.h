// Runs what a reader of the documentation would type.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace aiprof::test {

struct Outcome {
  int exit_code = -1;  // -1: ended by a signal
  std::string output;  // standard output and standard error, as they come
};

// A folder of its own, removed with this object, that looks like the root of the repository: what
// commands write there stays out of the repository. The built aiprof is on the path.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  void write(const std::string& name, std::string_view text) const;
  // `shell`: the program that reads the command.
  [[nodiscard]] Outcome run(const std::string& command, const std::string& shell = "sh") const;

 private:
  std::filesystem::path folder_;
};

}  // namespace aiprof::test
