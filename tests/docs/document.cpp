#include "docs/document.h"

#include <regex>
#include <sstream>

namespace aiprof::test {
namespace {

constexpr std::string_view kFence = "```";

// What a `<!-- key: value -->` line says; empty for other lines.
std::string html_comment(const std::string& line) {
  static const std::regex kComment("^<!-- *(.*?) *-->$");
  std::smatch found;
  return std::regex_match(line, found, kComment) ? found[1].str() : std::string();
}

int stated_exit_code(const std::string& command) {
  static const std::regex kStated("# exits with ([0-9]+)$");
  std::smatch found;
  return std::regex_search(command, found, kStated) ? std::stoi(found[1].str()) : 0;
}

// Appends to `text` the lines that its last one continues in; leaves `i` at the last line used.
void continue_lines(const std::vector<std::string>& lines, std::size_t& i, std::string& text) {
  while (text.ends_with('\\') && i + 1 < lines.size()) text += "\n" + lines[++i];
}

}  // namespace

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<Block> blocks_of(const std::string& markdown) {
  std::vector<Block> blocks;
  const std::vector<std::string> lines = split_lines(markdown);
  bool open = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool fence = lines[i].starts_with(kFence);
    if (fence && !open) {
      blocks.push_back({.language = lines[i].substr(kFence.size()),
                        .comment = i == 0 ? "" : html_comment(lines[i - 1]),
                        .line = i + 1,
                        .lines = {}});
    } else if (open && !fence) {
      blocks.back().lines.push_back(lines[i]);
    }
    if (fence) open = !open;
  }
  return blocks;
}

std::vector<DocumentCommand> commands_of(const Block& block) {
  const bool session = block.language == "console";
  if ((!session && block.language != "sh") || block.comment.starts_with("not run:")) return {};
  const std::string prompt = session ? "$ " : "aiprof ";
  std::vector<DocumentCommand> commands;
  for (std::size_t i = 0; i < block.lines.size(); ++i) {
    if (!block.lines[i].starts_with(prompt)) {
      if (session && !commands.empty()) commands.back().output.push_back(block.lines[i]);
      continue;
    }
    DocumentCommand command;
    command.text = block.lines[i];
    command.line = block.line + 1 + i;
    continue_lines(block.lines, i, command.text);
    if (session) command.text.erase(0, prompt.size());
    command.exit_code = stated_exit_code(command.text);
    command.has_output = session;
    command.output_line = block.line + 2 + i;
    commands.push_back(command);
  }
  return commands;
}

std::string file_name(const Block& block) {
  constexpr std::string_view kKey = "file: ";
  return block.comment.starts_with(kKey) ? block.comment.substr(kKey.size()) : std::string();
}

std::vector<std::string> local_links(const std::string& markdown) {
  static const std::regex kLink(R"(\]\(([^)#\s]+)(#[^)\s]*)?\))");
  std::vector<std::string> targets;
  for (std::sregex_iterator it(markdown.begin(), markdown.end(), kLink), end; it != end; ++it) {
    const std::string target = (*it)[1];
    if (target.find("://") == std::string::npos) targets.push_back(target);
  }
  return targets;
}

}  // namespace aiprof::test
