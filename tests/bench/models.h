// Models that the benchmark makes itself, so that it needs no file but the shipped ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace aiprof::bench {

// A chain that repeats Conv, BatchNormalization, Relu, Add.
[[nodiscard]] std::string chain(std::int64_t nodes);

// VGG-16 as a file with or without the 553 MB of its weights, which are a hole in the file: reading
// them gives zeros, and they take no space on the disk. The file is removed with the object.
enum class Weights : std::uint8_t { kInside, kLeftOut };
class VggFile {
 public:
  explicit VggFile(Weights weights);
  VggFile(const VggFile&) = delete;
  VggFile& operator=(const VggFile&) = delete;
  ~VggFile();
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace aiprof::bench
