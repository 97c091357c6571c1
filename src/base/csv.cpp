#include "aiprof/base/csv.h"

#include <fmt/format.h>

#include <utility>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof {
namespace {

class Reader {
 public:
  Reader(std::string_view text, std::string_view file) : text_(text), file_(file) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // the byte order mark of spreadsheets
  }

  CsvTable table() {
    CsvTable t;
    while (at_ < text_.size() && (text_[at_] == '#' || line_ends_here())) {
      std::string comment = rest_of_line();
      if (!comment.empty()) t.comments.push_back(comment.substr(1));
    }
    if (at_ >= text_.size()) {
      throw input_error(fmt::format("{}:{}: has no header line", printable(file_), line_));
    }
    t.header = row();
    while (at_ < text_.size()) {
      if (line_ends_here() || text_[at_] == '#') {
        (void)rest_of_line();
        continue;
      }
      t.rows.push_back(row());
      check_width(t.header, t.rows.back());
    }
    return t;
  }

 private:
  [[nodiscard]] bool line_ends_here() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  void end_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  std::string rest_of_line() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !line_ends_here()) ++at_;
    std::string out(text_.substr(begin, at_ - begin));
    end_line();
    return out;
  }

  CsvRow row() {
    CsvRow r{.line = line_, .cells = {}};
    while (true) {
      r.cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
      if (at_ < text_.size() && text_[at_] == ',') {
        ++at_;
        continue;
      }
      end_line();
      return r;
    }
  }

  std::string plain() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && !line_ends_here()) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string quoted() {
    const std::size_t opened = line_;
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') return ++at_, out;
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      out += text_[at_];
    }
    throw input_error(
        fmt::format("{}:{}: a quote is opened and never closed", printable(file_), opened));
  }

  void check_width(const CsvRow& header, const CsvRow& r) const {
    if (r.cells.size() == header.cells.size()) return;
    throw input_error(fmt::format("{}:{}: has {} cells; the header has {} columns",
                                  printable(file_), r.line, r.cells.size(), header.cells.size()));
  }

  std::string_view text_;
  std::string_view file_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

CsvTable parse_csv(std::string_view text, std::string_view file) {
  return Reader(text, file).table();
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace aiprof
