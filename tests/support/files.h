// Files that tests read.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace aiprof::test {

// The shipped models, in order of name.
[[nodiscard]] inline std::vector<std::string> shipped_models() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(AIPROF_SOURCE_DIR "/models/onnx")) {
    if (entry.path().extension() == ".onnx") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

[[nodiscard]] inline std::string shipped(const std::string& name) {
  return AIPROF_SOURCE_DIR "/models/onnx/" + name + ".onnx";
}

[[nodiscard]] inline std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace aiprof::test
