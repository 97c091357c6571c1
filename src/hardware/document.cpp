#include "hardware/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::hw {
namespace {

constexpr std::uint64_t kFnvOffsetBasis = 0xcbf29ce484222325;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

Position position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto newline = before.rfind('\n');
  return {.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')),
          .column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1};
}

// The parser's own words without "[json.exception...]" and "parse error at ...: syntax error ... -
// ".
std::string syntax_problem(std::string_view what) {
  if (const auto end = what.find("] "); end != std::string_view::npos) what.remove_prefix(end + 2);
  for (const std::string_view mark : {std::string_view(" - "), std::string_view(": ")}) {
    if (const auto at = what.find(mark); at != std::string_view::npos) {
      return printable(what.substr(at + mark.size()));
    }
  }
  return printable(what);
}

// nlohmann counts bytes from 1, and points at the last byte it read.
[[noreturn]] void throw_syntax(std::string_view text, std::string_view file,
                               const Json::parse_error& error) {
  const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
  const Position at = position(text, offset);
  std::string problem = syntax_problem(error.what());
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto last = before.find_last_not_of(" \t\r\n");
  const bool closing = offset < text.size() && (text[offset] == '}' || text[offset] == ']');
  if (closing && last != std::string_view::npos && before[last] == ',') {
    problem = fmt::format("trailing comma before '{}'; remove it", text[offset]);
  }
  throw input_error(fmt::format("{}:{}:{}: not valid JSON: {}", file, at.line, at.column, problem));
}

// Follows the parser through objects and lists, to know where a key stands.
class DuplicateKeys {
 public:
  explicit DuplicateKeys(std::string_view file) : file_(file) {}

  bool operator()(int /*depth*/, Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        begin_element();
        levels_.emplace_back().list = event == Event::array_start;
        break;
      case Event::object_end:
      case Event::array_end:
        levels_.pop_back();
        break;
      case Event::key:
        enter_key(parsed.get<std::string>());
        break;
      case Event::value:
        begin_element();
        break;
    }
    return true;
  }

 private:
  struct Level {
    bool list = false;
    std::size_t elements = 0;
    std::string key;
    std::set<std::string, std::less<>> seen;
  };

  void begin_element() {
    if (!levels_.empty() && levels_.back().list) ++levels_.back().elements;
  }
  void enter_key(std::string key) {
    Level& level = levels_.back();
    level.key = std::move(key);
    if (level.seen.insert(level.key).second) return;
    std::string path;
    for (const Level& l : levels_) {
      path += '/' + (l.list ? std::to_string(l.elements - 1) : printable(l.key));
    }
    throw input_error(fmt::format("{}: {}: this key stands twice; remove one", file_, path));
  }

  std::string_view file_;
  std::vector<Level> levels_;
};

}  // namespace

Json parse_document(std::string_view text, std::string_view file) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw input_error(fmt::format("{}: is empty; expected a JSON hardware description", file));
  }
  try {
    return Json::parse(text.begin(), text.end(), DuplicateKeys(file));
  } catch (const Json::parse_error& error) {
    throw_syntax(text, file, error);
  } catch (const Json::exception& error) {
    throw input_error(fmt::format("{}: not valid JSON: {}", file, syntax_problem(error.what())));
  }
}

std::string content_hash(const Json& document) {
  std::uint64_t hash = kFnvOffsetBasis;
  for (const char c : document.dump()) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * kFnvPrime;
  }
  return fmt::format("{:016x}", hash);
}

std::string describe(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return fmt::format("the text \"{}\"", printable(value.get<std::string>()));
    default:
      return value.dump();
  }
}

}  // namespace aiprof::hw
