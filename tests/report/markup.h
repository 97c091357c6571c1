// Whether markup is well formed: every element that is opened is closed, in order, and attributes
// are quoted. Enough for what the writers emit; scripts and styles are skipped.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::test {

// Elements of HTML that have no end.
inline bool is_void(std::string_view tag) {
  constexpr std::array<std::string_view, 6> kVoid = {"meta", "link", "br", "input", "img", "hr"};
  return std::find(kVoid.begin(), kVoid.end(), tag) != kVoid.end();
}

// What is wrong with the attributes between a tag's name and its end; empty: nothing.
inline std::string attribute_error(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && text[i] == '=' && (i + 1 == text.size() || text[i + 1] != '"')) {
      return "attribute without quotes in '" + std::string(text) + "'";
    }
    if (!quoted && text[i] == '<') return "'<' in '" + std::string(text) + "'";
  }
  return quoted ? "quote without end in '" + std::string(text) + "'" : "";
}

// The position of the '>' that ends the tag at `from`; attributes may contain one in quotes.
inline std::size_t tag_end(std::string_view page, std::size_t from) {
  bool quoted = false;
  for (std::size_t i = from; i < page.size(); ++i) {
    if (page[i] == '"') quoted = !quoted;
    if (page[i] == '>' && !quoted) return i;
  }
  return std::string_view::npos;
}

// The first thing that is wrong; empty: nothing.
inline std::string markup_error(std::string_view page) {
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string_view::npos; at = page.find('<', at)) {
    const std::size_t end = tag_end(page, at);
    if (end == std::string_view::npos) return "tag without end";
    std::string_view tag = page.substr(at + 1, end - at - 1);
    at = end;
    if (tag.starts_with('!')) continue;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) {
        return "'" + std::string(tag) + "' closes '" + (open.empty() ? "nothing" : open.back()) +
               "'";
      }
      open.pop_back();
      continue;
    }
    const bool closed = tag.ends_with('/');
    if (closed) tag.remove_suffix(1);
    const std::string name(tag.substr(0, tag.find_first_of(" \n")));
    if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0])) == 0) {
      return "'<' that is no tag before '" + std::string(tag.substr(0, 40)) + "'";
    }
    if (std::string error = attribute_error(tag.substr(name.size())); !error.empty()) return error;
    if (name == "script" || (name == "style" && !closed)) {
      at = page.find("</" + name + ">", at);
      if (at == std::string_view::npos) return name + " without end";
      at += name.size() + 3;
    } else if (!closed && !is_void(name)) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "'" + open.back() + "' is not closed";
}

}  // namespace aiprof::test
