#include "calibration/json_text.h"

#include <algorithm>

#include "aiprof/base/error.h"

namespace aiprof::calibration {
namespace {

// Walks text that a parser has accepted.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  std::optional<TextSpan> find(const std::vector<JsonStep>& path) {
    blanks();
    for (const JsonStep& step : path) {
      const bool found = std::holds_alternative<std::string>(step)
                             ? enter_key(std::get<std::string>(step))
                             : enter_element(std::get<std::size_t>(step));
      if (!found) return std::nullopt;
    }
    const std::size_t begin = at_;
    skip();
    return TextSpan{begin, at_};
  }

 private:
  [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void blanks() {
    while (here() == ' ' || here() == '\n' || here() == '\t' || here() == '\r') ++at_;
  }

  std::string_view quoted() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    return text_.substr(begin, at_++ - begin);
  }

  // Past one value.
  void skip() {
    std::size_t depth = 0;
    do {
      switch (here()) {
        case '"':
          (void)quoted();
          continue;
        case '{':
        case '[':
          ++depth;
          break;
        case '}':
        case ']':
          --depth;
          break;
        default:
          if (depth == 0) {
            at_ = std::min(text_.find_first_of(",}] \t\r\n", at_), text_.size());
            return;
          }
      }
      ++at_;
    } while (depth > 0 && at_ < text_.size());
  }

  bool enter_key(std::string_view key) {
    if (here() != '{') return false;
    for (++at_, blanks(); here() == '"'; blanks()) {
      const bool same = quoted() == key;
      blanks();
      ++at_;  // the colon
      blanks();
      if (same) return true;
      next();
    }
    return false;
  }

  bool enter_element(std::size_t index) {
    if (here() != '[') return false;
    ++at_;
    blanks();
    for (std::size_t i = 0; here() != ']' && here() != '\0'; ++i) {
      if (i == index) return true;
      next();
      blanks();
    }
    return false;
  }

  void next() {
    skip();
    blanks();
    if (here() == ',') ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<TextSpan> find_value(std::string_view text, const std::vector<JsonStep>& path) {
  return Walker(text).find(path);
}

std::string set_member(std::string_view text, const std::vector<JsonStep>& path,
                       const std::string& key, std::string_view value, std::size_t indent) {
  std::string out(text);
  std::vector<JsonStep> full = path;
  full.emplace_back(key);
  if (const auto old = find_value(text, full)) {
    return out.replace(old->begin, old->end - old->begin, value);
  }
  const auto object = find_value(text, path);
  if (!object || text[object->begin] != '{') throw input_error("no object to put '" + key + "' in");
  const std::size_t last = text.find_last_not_of(" \t\r\n", object->end - 2);
  const std::string pad(indent, ' ');
  const std::string comma = last == object->begin ? "" : ",";
  const std::string member = comma + "\n" + pad + "\"" + key + "\": " + std::string(value);
  const bool one_line = text.substr(last, object->end - last).find('\n') == std::string_view::npos;
  out.insert(last + 1,
             one_line ? member + "\n" + pad.substr(std::min<std::size_t>(2, indent)) : member);
  return out;
}

}  // namespace aiprof::calibration
