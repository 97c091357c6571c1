#include "report/block.h"

#include <vector>

#include "aiprof/base/text.h"

namespace aiprof {
namespace {

using Parts = std::vector<std::string>;

// What torch.onnx writes where it knows no module.
constexpr std::string_view kNoModule = "_empty_nn_module_stack_from_metadata_hook";

void add_part(Parts& parts, std::string_view part) {
  if (!part.empty() && part != kNoModule) parts.emplace_back(part);
}

// "/features: torch.nn...Sequential/features.1: .../conv2d: aten.conv2d.default": name and class of
// each module, then of the operator.
Parts parts_of_scope(std::string_view scope) {
  Parts parts;
  for (const std::string& entry : split(scope, '/')) {
    add_part(parts, std::string_view(entry).substr(0, entry.find(": ")));
  }
  return parts;
}

// "['', 'features', 'features.1', 'conv2d']": the same as a Python list.
Parts parts_of_list(std::string_view list) {
  Parts parts;
  const std::vector<std::string> pieces = split(list, '\'');
  for (std::size_t i = 1; i < pieces.size(); i += 2) add_part(parts, pieces[i]);
  return parts;
}

Parts parts_of_name(std::string_view name) {
  Parts parts;
  const char separator = name.find('/') != std::string_view::npos ? '/' : '.';
  for (const std::string& part : split(name, separator)) add_part(parts, part);
  return parts;
}

Parts parts_of(const Node& node) {
  if (node.scope.empty()) return parts_of_name(node.name);
  return node.scope.front() == '[' ? parts_of_list(node.scope) : parts_of_scope(node.scope);
}

}  // namespace

std::string block_path(const Node& node) {
  Parts parts;
  for (const std::string& part : split(node.path, '/')) add_part(parts, part);
  Parts own = parts_of(node);
  if (!own.empty()) own.pop_back();  // the operator itself
  parts.insert(parts.end(), own.begin(), own.end());
  return join(parts, "/");
}

std::string block_prefix(std::string_view path, std::size_t depth) {
  Parts shown;
  std::size_t taken = 0;
  for (const std::string& part : split(path, '/')) {
    if (depth != 0 && taken++ == depth) break;
    const bool repeats = !shown.empty() && part.size() > shown.back().size() &&
                         part.starts_with(shown.back()) && part[shown.back().size()] == '.';
    if (repeats) {
      shown.back() = part;
    } else {
      shown.push_back(part);
    }
  }
  return join(shown, "/");
}

}  // namespace aiprof
