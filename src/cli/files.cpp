#include "cli/files.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::cli {

std::string read_text(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    throw input_error(printable(file) + ": is a directory; expected a file");
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad() || !in.is_open()) {
    throw input_error(fmt::format("{}: cannot be read: {}", printable(file),
                                  std::generic_category().message(errno)));
  }
  return text;
}

}  // namespace aiprof::cli
