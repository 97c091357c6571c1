// The code blocks of a Markdown document, as the tests run them.
//
//   ```sh        commands: every line that begins with `aiprof ` is run; its output is not looked
//   at
//   ```console   a session: every line that begins with `$ ` is run, and the lines up to the next
//                one are what it must print, on standard output and standard error together
//
// A `\` at the end of a line continues it. A command must end with exit code 0, or with the one
// that a comment behind it states: `# exits with 3`. A block after a line `<!-- file: NAME -->` is
// the content of a file that later commands of the document find; a block after
// `<!-- not run: REASON -->` is left alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace aiprof::test {

struct Block {
  std::string language;  // after the opening fence
  std::string comment;   // the HTML comment on the line before, without its marks
  std::size_t line = 0;  // of the opening fence, from 1
  std::vector<std::string> lines;
};

struct DocumentCommand {
  std::string text;
  std::size_t line = 0;  // in the document, from 1
  int exit_code = 0;
  bool has_output = false;  // of a session
  std::vector<std::string> output;
  // The lines of the document that hold the output: [first, first + output.size()), from 1.
  std::size_t output_line = 0;
};

[[nodiscard]] std::vector<Block> blocks_of(const std::string& markdown);
[[nodiscard]] std::vector<DocumentCommand> commands_of(const Block& block);

// "budget.json" of a block after `<!-- file: budget.json -->`; empty for others.
[[nodiscard]] std::string file_name(const Block& block);

// The targets of the links of a document, but those to the web and to places in the same document.
[[nodiscard]] std::vector<std::string> local_links(const std::string& markdown);

[[nodiscard]] std::vector<std::string> split_lines(const std::string& text);

}  // namespace aiprof::test
