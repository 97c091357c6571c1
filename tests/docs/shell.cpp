#include "docs/shell.h"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace aiprof::test {
namespace fs = std::filesystem;
namespace {

constexpr const char* kScript = ".command";

}  // namespace

Workplace::Workplace() {
  std::string name = (fs::temp_directory_path() / "aiprof-docs-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  folder_ = name;
  for (const char* part : {"models", "docs", "README.md"}) {
    fs::create_symlink(fs::path(AIPROF_SOURCE_DIR) / part, folder_ / part);
  }
}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Workplace::write(const std::string& name, std::string_view text) const {
  fs::create_directories((folder_ / name).parent_path());
  std::ofstream(folder_ / name, std::ios::binary) << text;
}

Outcome Workplace::run(const std::string& command, const std::string& shell) const {
  write(kScript, command + "\n");
  const std::string line = "cd '" + folder_.string() + "' && unset COLUMNS && PATH='" +
                           fs::path(AIPROF_PROGRAM).parent_path().string() + "':\"$PATH\" " +
                           shell + " " + kScript + " 2>&1 </dev/null";
  std::FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + line);
  Outcome outcome;
  std::array<char, 4096> buffer = {};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), n);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

}  // namespace aiprof::test
