#include "analysis/words.h"

#include <algorithm>
#include <cctype>

namespace aiprof {

std::vector<std::string> words(std::string_view name) {
  std::vector<std::string> out(1);
  char previous = '\0';
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    const bool separator = std::isalnum(u) == 0;
    const bool hump =
        std::isupper(u) != 0 && std::islower(static_cast<unsigned char>(previous)) != 0;
    if ((separator || hump) && !out.back().empty()) out.emplace_back();
    if (!separator) out.back() += static_cast<char>(std::tolower(u));
    previous = c;
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

bool has_word(const std::vector<std::string>& list, std::initializer_list<std::string_view> any) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& w) {
    return std::find(any.begin(), any.end(), w) != any.end();
  });
}

}  // namespace aiprof
