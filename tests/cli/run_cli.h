// One command line, as a shell would see it, and files for it to read.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run.h"
#include "support/files.h"

namespace aiprof::test {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

inline Outcome run_cli(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Outcome o;
  o.code = cli::run(arguments, {out, err});
  o.out = out.str();
  o.err = err.str();
  return o;
}

// A dozen measurements of one class, for fits.
inline std::string softmax_rows() {
  std::string text = "operator,dtype,rows,cols,regime,seconds\n";
  for (int i = 1; i <= 12; ++i) {
    const int rows = 4096 * i;
    // 1.5 us and 250 GB/s.
    const double seconds = 1.5e-6 + 2.0 * 4 * 512 * rows / 250e9;
    text += "Softmax,float32," + std::to_string(rows) + ",512,graph," +
            std::to_string(1e6 * seconds) + "e-6\n";
  }
  return text;
}

// A directory that is gone when the test is over.
class Scratch {
 public:
  Scratch() {
    static int count = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("aiprof_cli_" + std::to_string(getpid()) + "_" + std::to_string(++count));
    std::filesystem::create_directories(directory_);
  }
  ~Scratch() { std::filesystem::remove_all(directory_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_ / name).string();
  }
  // Writes a file and returns its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      all.push_back(entry.path().filename().string());
    }
    return all;
  }

 private:
  std::filesystem::path directory_;
};

inline std::string catalogue_file(const std::string& id) {
  return file_bytes(AIPROF_SOURCE_DIR "/models/hardware/" + id + ".json");
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace aiprof::test
