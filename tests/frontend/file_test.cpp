// A model read from a file is the model that its bytes are, however its parts lie in the file.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "aiprof/frontend/onnx.h"
#include "support/files.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

class ModelFile {
 public:
  explicit ModelFile(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("aiprof_file_test_" + std::to_string(::getpid()) + ".onnx")) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  ~ModelFile() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void expect_same(const Graph& a, const Graph& b) {
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(a.nodes[i].name, b.nodes[i].name);
    EXPECT_TRUE(std::ranges::equal(a.nodes[i].inputs, b.nodes[i].inputs));
    EXPECT_TRUE(std::ranges::equal(a.nodes[i].outputs, b.nodes[i].outputs));
  }
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].name, b.tensors[i].name);
    const StoredTensor* s = a.tensors[i].stored;
    const StoredTensor* t = b.tensors[i].stored;
    ASSERT_EQ(s == nullptr, t == nullptr) << a.tensors[i].name;
    if (s == nullptr) continue;
    EXPECT_EQ(s->dtype, t->dtype);
    EXPECT_EQ(s->shape, t->shape);
    EXPECT_TRUE(std::ranges::equal(s->raw, t->raw)) << a.tensors[i].name;
  }
}

void expect_same_from_file(const std::string& bytes) {
  const ModelFile file(bytes);
  expect_same(load_onnx(file.path()), read_onnx(std::as_bytes(std::span(bytes)), "memory"));
}

// A chain of as many Adds as there are weights, of these numbers of float32 elements.
std::string adds(const std::vector<std::int64_t>& elements, std::size_t name_length) {
  Message g;
  Message weights;
  std::string in = "x";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string out = "y" + std::to_string(i);
    std::string name = "w" + std::to_string(i);
    name.resize(std::max(name.size(), name_length), '_');
    g.message(1, node("Add", {in, name}, {out}));
    const std::string raw(static_cast<std::size_t>(4 * elements[i]), static_cast<char>('a' + i));
    weights.message(5, tensor(name, 1, {elements[i]}).text(9, raw));
    in = out;
  }
  g.raw(weights.bytes());
  g.message(11, value_info("x", tensor_type(1, {1})));
  g.message(12, value_info(in, tensor_type(1, {1})));
  return model(g).bytes();
}

TEST(File, ShippedModels) {
  for (const std::string& path : shipped_models()) {
    const std::string bytes = file_bytes(path);
    expect_same(load_onnx(path), read_onnx(std::as_bytes(std::span(bytes)), path));
  }
}

TEST(File, WeightsOfAllSizesBesideEachOther) {
  expect_same_from_file(adds({1, 0, 100, 127, 128, 129, 1000, 16383, 16384, 16385, 50000, 3}, 2));
  expect_same_from_file(adds({300000, 2, 300000, 2, 300000}, 2));
}

TEST(File, NamesLongerThanAnyWindow) {
  expect_same_from_file(adds({10, 100000, 10}, 500));
  expect_same_from_file(adds({10, 100000, 10}, 70000));
}

TEST(File, ManySmallWeights) {
  expect_same_from_file(adds(std::vector<std::int64_t>(20000, 2), 40));
}

}  // namespace
}  // namespace aiprof::test
