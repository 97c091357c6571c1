#include "report/value_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"

namespace aiprof {
namespace {

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// UTF-16 units, which is what JavaScript counts.
std::size_t units(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) {
    if (continues_code_point(c)) continue;
    n += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
  }
  return n;
}

// Bytes that both begin with, whole code points.
std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const auto [ia, ib] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  auto n = static_cast<std::size_t>(ia - a.begin());
  while (n > 0 && ((n < a.size() && continues_code_point(a[n])) ||
                   (n < b.size() && continues_code_point(b[n])))) {
    --n;
  }
  return n;
}

std::string list(const std::vector<std::size_t>& ids) {
  std::string out = "[";
  for (const std::size_t id : ids) {
    if (out.size() > 1) out += ',';
    out += std::to_string(id);
  }
  return out + "]";
}

std::string column_text(const std::vector<std::size_t>& ids) {
  if (ids.size() < 2) return list(ids);
  bool same = true, ascending = true;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    same = same && ids[i] == ids[0];
    ascending = ascending && ids[i] == ids[0] + i;
  }
  if (same) return fmt::format("{{\"all\":{}}}", ids[0]);
  if (ascending) return fmt::format("{{\"from\":{}}}", ids[0]);
  return list(ids);
}

}  // namespace

std::string script_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '<':
      case '>':
      case '&':
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        break;
      default:
        out += c;
    }
  }
  // U+2028 and U+2029 end a line in older scripts, and in none of ours.
  for (const std::string_view separator : {"\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    for (auto at = out.find(separator); at != std::string::npos; at = out.find(separator, at)) {
      out.replace(at, separator.size(), separator.back() == '\xA8' ? "\\u2028" : "\\u2029");
    }
  }
  return out + '"';
}

std::string ValuePool::encode(const std::string& text) {
  constexpr std::size_t kWorth = 10;  // shorter prefixes save nothing
  const std::size_t n = shared_prefix(previous_, text);
  std::string out = n < kWorth ? script_string(text)
                               : fmt::format("[{},{}]", units(std::string_view(text).substr(0, n)),
                                             script_string(std::string_view(text).substr(n)));
  previous_ = text;
  return out;
}

std::size_t ValuePool::add(const Cell& cell) {
  std::string key;
  if (const auto* s = std::get_if<std::string>(&cell)) {
    if (s->empty()) return 0;
    key = "s" + printable(*s);
  } else if (const auto* n = std::get_if<std::uint64_t>(&cell)) {
    key = "n" + std::to_string(*n);
  } else if (const auto* x = std::get_if<double>(&cell)) {
    if (!std::isfinite(*x)) return 0;
    key = "n" + format_shortest(*x);
  } else {
    return 0;
  }
  const auto [it, is_new] = ids_.try_emplace(key, count_ + 1);
  if (is_new) {
    ++count_;
    const std::string text = key.substr(1);
    values_ += "," + (key[0] == 's' ? encode(text) : text);
  }
  return it->second;
}

std::size_t ValuePool::add_column(const std::vector<Cell>& cells) {
  std::vector<std::size_t> ids;
  ids.reserve(cells.size());
  for (const Cell& cell : cells) ids.push_back(add(cell));
  const auto [it, is_new] = column_ids_.try_emplace(column_text(ids), columns_.size());
  if (is_new) columns_.push_back(it->first);
  return it->second;
}

std::string ValuePool::columns() const {
  std::string out = "[";
  for (const std::string& column : columns_) out += (out.size() > 1 ? ",\n" : "\n") + column;
  return out + "\n]";
}

}  // namespace aiprof
