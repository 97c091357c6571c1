// A reader of the XML that tests expect: elements, attributes and text, the five entities, no
// DOCTYPE, no CDATA. It refuses everything else, so that text that was not escaped shows.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::test {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<Element> children;
  std::string text;
};

class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : s_(text) {}

  Element run() {
    expect("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    skip_space();
    Element root = element();
    skip_space();
    if (at_ != s_.size()) fail("text after the root");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + " at " + std::to_string(at_) + ": " +
                             std::string(s_.substr(at_, 40)));
  }
  void expect(std::string_view token) {
    if (!s_.substr(at_).starts_with(token)) fail("expected " + std::string(token));
    at_ += token.size();
  }
  void skip_space() {
    while (at_ < s_.size() && (s_[at_] == ' ' || s_[at_] == '\n')) ++at_;
  }
  std::string word() {
    const std::size_t begin = at_;
    while (at_ < s_.size() && (std::isalnum(static_cast<unsigned char>(s_[at_])) != 0 ||
                               s_[at_] == '-' || s_[at_] == '_')) {
      ++at_;
    }
    if (begin == at_) fail("expected a name");
    return std::string(s_.substr(begin, at_ - begin));
  }
  // Text up to one of the ends, which stays.
  std::string text(char end) {
    std::string out;
    while (at_ < s_.size() && s_[at_] != end) {
      const char c = s_[at_];
      if (c == '<' || c == '>' || (c == '"' && end == '"')) fail("markup in text");
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n') fail("control character");
      out += c == '&' ? entity() : std::string(1, c);
      if (c != '&') ++at_;
    }
    return out;
  }
  std::string entity() {
    static const std::map<std::string_view, std::string> kEntities = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
    for (const auto& [name, character] : kEntities) {
      if (!s_.substr(at_).starts_with(name)) continue;
      at_ += name.size();
      return character;
    }
    fail("unknown entity");
  }
  Element element() {
    expect("<");
    Element e;
    e.name = word();
    for (skip_space(); at_ < s_.size() && s_[at_] != '>' && s_[at_] != '/'; skip_space()) {
      const std::string name = word();
      expect("=\"");
      if (!e.attributes.emplace(name, text('"')).second) fail("attribute twice");
      expect("\"");
    }
    if (s_.substr(at_).starts_with("/>")) {
      at_ += 2;
      return e;
    }
    expect(">");
    while (true) {
      e.text += text('<');
      if (s_.substr(at_).starts_with("</")) break;
      e.children.push_back(element());
    }
    expect("</" + e.name + ">");
    return e;
  }

  std::string_view s_;
  std::size_t at_ = 0;
};

}  // namespace aiprof::test
