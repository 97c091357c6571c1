#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace aiprof::cli {

Streams process_streams() {
  Streams s{std::cout, std::cerr};
  s.progress = isatty(STDERR_FILENO) != 0;
  if (isatty(STDOUT_FILENO) == 0) return s;
  s.terminal = true;
  winsize size = {};
  constexpr std::size_t kNarrowest = 60;  // below that, lines are left to wrap
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    s.width = std::max<std::size_t>(kNarrowest, size.ws_col);
  }
  // https://no-color.org: present and not empty.
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool refused = no_color != nullptr && *no_color != '\0';
  s.colour = !refused && term != nullptr && std::string_view(term) != "dumb";
  return s;
}

}  // namespace aiprof::cli
