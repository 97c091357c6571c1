#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_write(const std::string& file, int error) {
  throw input_error(fmt::format(
      "{}: cannot be written: {}", printable(file),
      error == 0 ? std::string("unknown reason") : std::generic_category().message(error)));
}

void write_whole(const fs::path& path, const std::string& text) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) throw_write(path.string(), errno);
}

// Devices and pipes cannot be renamed over.
bool is_special(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

void replace_file(const fs::path& target, const std::string& text) {
  const fs::path temporary =
      target.parent_path() / fmt::format(".{}.{}.tmp", target.filename().string(), getpid());
  std::error_code error;
  try {
    write_whole(temporary, text);
  } catch (const Error&) {
    fs::remove(temporary, error);
    throw;
  }
  fs::rename(temporary, target, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw_write(target.string(), error.value());
}

}  // namespace

WriteOptions terminal_options(const Streams& streams) {
  WriteOptions w;
  w.width = streams.width;
  w.lines = streams.terminal ? LineMode::kWrapped : LineMode::kWhole;
  w.colour = streams.colour ? ColourMode::kColour : ColourMode::kPlain;
  return w;
}

void emit(const std::string& text, const std::string& file, const Streams& streams) {
  if (file.empty()) {
    errno = 0;
    streams.out.write(text.data(), static_cast<std::streamsize>(text.size()));
    streams.out.flush();
    // The reader has gone away and wants to hear no more: an exit code, and no message.
    if (!streams.out && errno == EPIPE) throw input_error("");
    if (!streams.out) throw_write("standard output", errno);
    return;
  }
  if (is_special(file)) return write_whole(file, text);
  std::error_code error;
  fs::path target = fs::weakly_canonical(file, error);  // a link stays a link to the new file
  if (error) target = file;
  const fs::path directory = target.parent_path();
  if (!directory.empty() && !fs::is_directory(directory, error)) {
    throw usage_error(fmt::format("-o {}: the directory {} does not exist", printable(file),
                                  printable(fs::path(file).parent_path().string())));
  }
  if (fs::is_directory(target, error)) {
    throw usage_error(fmt::format("-o {}: is a directory; expected a file", printable(file)));
  }
  replace_file(target, text);
}

}  // namespace aiprof::cli
