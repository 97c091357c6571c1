#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace aiprof::cli {

namespace {

// COLUMNS (POSIX: the wanted width, whatever the device says), else that of the terminal. 0: none.
std::size_t wanted_columns(bool terminal) {
  const char* text = std::getenv("COLUMNS");
  const std::string_view columns = text == nullptr ? std::string_view() : text;
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(columns.begin(), columns.end(), n);
  if (error == std::errc() && end == columns.end() && n > 0) return n;
  winsize size = {};
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) return size.ws_col;
  return 0;
}

}  // namespace

Streams process_streams() {
  Streams s{std::cout, std::cerr};
  s.progress = isatty(STDERR_FILENO) != 0;
  s.terminal = isatty(STDOUT_FILENO) != 0;
  if (const std::size_t columns = wanted_columns(s.terminal); columns > 0) {
    constexpr std::size_t kNarrowest = 60;  // below that, lines are left to wrap
    s.width = std::max(kNarrowest, columns);
  }
  if (!s.terminal) return s;
  // https://no-color.org: present and not empty.
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool refused = no_color != nullptr && *no_color != '\0';
  s.colour = !refused && term != nullptr && std::string_view(term) != "dumb";
  return s;
}

}  // namespace aiprof::cli
