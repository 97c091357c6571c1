// What is not a model, or not a sound one: the exit code and the whole message.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"
#include "support/files.h"
#include "support/onnx_text.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

// What reading `bytes` ends with; empty if they are accepted.
std::string complaint(const std::string& bytes) {
  try {
    (void)read_model(bytes);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    return e.what();
  }
  return {};
}

std::string text_complaint(const std::string& text) { return complaint(model_bytes(text)); }

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("aiprof_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return (path_ / name).string();
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string load_complaint(const std::string& path) {
  try {
    (void)load_onnx(path);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    return e.what();
  }
  return {};
}

TEST(Refused, FilesThatAreNoModels) {
  const Folder folder;
  const std::string empty = folder.file("empty.onnx", "");
  const std::string pointer =
      folder.file("lfs.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
  EXPECT_EQ(load_complaint(folder.path() + "/none.onnx"),
            folder.path() + "/none.onnx: cannot open: No such file or directory");
  EXPECT_EQ(load_complaint(folder.path()),
            folder.path() + ": is a directory; expected an .onnx file");
  EXPECT_EQ(load_complaint(empty), empty + ": the file is empty; expected an ONNX model");
  EXPECT_EQ(load_complaint(pointer),
            pointer +
                ": this is a text file; expected a binary ONNX model (a Git LFS pointer or a "
                "download that failed?)");
  EXPECT_EQ(load_complaint("/dev/null"),
            "/dev/null: is not a regular file and cannot be mapped; save it to a file");
}

TEST(Refused, BytesThatAreNoModels) {
  EXPECT_EQ(complaint(""), "<test>: the file is empty; expected an ONNX model");
  EXPECT_EQ(complaint("<!DOCTYPE html>"),
            "<test>: this is a text file; expected a binary ONNX model (a Git LFS pointer or a "
            "download that failed?)");
  EXPECT_EQ(complaint(Message().number(1, 8).bytes()),
            "<test>: not an ONNX model: it holds no graph");
  EXPECT_EQ(complaint(std::string("PK\x03\x04\x14\x00\x00\x00", 8)),
            "<test>: not a readable ONNX model: a field has an impossible number; is the file "
            "truncated or of another format?");
  EXPECT_EQ(complaint(std::string("\x0B\x0C\x01", 3)),
            "<test>: not a readable ONNX model: a field has a wire type that ONNX does not use; is "
            "the file truncated or of another format?");
}

TEST(Refused, ATruncatedModelAtEveryByte) {
  const std::string whole = model_bytes(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N,4] x, bool c) => (float[N,4] y) <float[4] w = {1, 2, 3, 4}> {
      a = Add (x, w)
      y = If (c) <then_branch = t () => (float[N,4] r) { r = Relu (a) },
                  else_branch = e () => (float[N,4] r) { r = Neg (a) }>
    })");
  ASSERT_EQ(complaint(whole), "");
  std::size_t refused = 0;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string message = complaint(whole.substr(0, n));
    if (message.empty()) continue;
    ++refused;
    EXPECT_EQ(message.rfind("<test>: ", 0), 0U) << message;
  }
  // The model is one graph and a few short fields around it: cut inside the graph, it is refused.
  EXPECT_GT(refused, whole.size() * 9 / 10);
}

TEST(Refused, Cycle) {
  EXPECT_EQ(text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x) => (float[N] y) { a = Add (x, b)  b = Relu (a)  y = Neg (b) })"),
            "<test>: the graph has a cycle through node 0 (Add); an ONNX graph must be "
            "acyclic");
}

TEST(Refused, SelfLoop) {
  EXPECT_NE(text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x) => (float[N] y) { y = Add (x, y) })")
                .find("the graph has a cycle through node"),
            std::string::npos);
}

TEST(Refused, DanglingInput) {
  EXPECT_EQ(text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x) => (float[N] y) { y = Add (x, nowhere) })"),
            "<test>: node 0 (Add) reads 'nowhere', which no node produces and which is neither "
            "a graph input nor an initializer");
}

TEST(Refused, DanglingOutput) {
  EXPECT_EQ(
      text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x) => (float[N] z) { y = Relu (x) })"),
      "<test>: the graph output 'z' is produced by no node and is neither a graph input nor an "
      "initializer");
  EXPECT_EQ(
      text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x, bool c) => (float[N] y) {
                y = If (c) <then_branch = t () => (float[N] r) { q = Relu (x) },
                            else_branch = e () => (float[N] r) { r = Neg (x) }> })"),
      "<test>: the graph output 'r' of 'If/then_branch' is produced by no node and is neither "
      "a graph input nor an initializer");
}

TEST(Refused, DuplicateNames) {
  EXPECT_EQ(text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x) => (float[N] y) { y = Relu (x)  y = Neg (x) })"),
            "<test>: the tensor 'y' is defined twice, by node 0 (Relu) and another node");
  EXPECT_EQ(text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x, int64[1] k) => (float[N] y) { y, y = TopK (x, k) })"),
            "<test>: the tensor 'y' is defined twice, by node 0 (TopK)");
  EXPECT_EQ(text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x) => (float[N] y) { x = Relu (x)  y = Neg (x) })"),
            "<test>: the tensor 'x' is defined twice, by a node and as an input or initializer");
  EXPECT_EQ(text_complaint(R"(<ir_version: 8, opset_import: ["": 17]>
              g (float[N] x, float[N] x) => (float[N] y) { y = Neg (x) })"),
            "<test>: the graph input 'x' is declared twice");
  Message g;
  g.message(1, node("Neg", {"w"}, {"y"})).message(5, tensor("w", 1, {2}));
  g.message(5, tensor("w", 1, {2})).message(12, Message().text(1, "y"));
  EXPECT_EQ(complaint(model(g).bytes()), "<test>: the initializer 'w' is defined twice");
}

// The complaint about a model with this initializer.
std::string tensor_complaint(const Message& t) {
  Message g;
  g.message(1, node("Neg", {"w"}, {"y"})).message(5, t).message(12, Message().text(1, "y"));
  return complaint(model(g).bytes());
}

TEST(Refused, TensorsThatCannotBe) {
  EXPECT_EQ(tensor_complaint(tensor("w", 1, {3, -2})),
            "<test>: tensor 'w': has the negative dimension -2");
  EXPECT_EQ(tensor_complaint(tensor("w", 1, {1LL << 40, 1LL << 40})),
            "<test>: tensor 'w': has dims whose product does not fit in 64 bits");
  EXPECT_EQ(tensor_complaint(tensor("w", 99, {1})),
            "<test>: tensor 'w': has the data_type 99, which ONNX does not define");
  EXPECT_EQ(tensor_complaint(Message().number(1, 2).text(8, "w")),
            "<test>: tensor 'w': states no data_type");
  EXPECT_EQ(tensor_complaint(tensor("w", 1, {4}).text(9, "12345678")),
            "<test>: tensor 'w': stores 8 bytes, but its dims and dtype float32 need 16");
}

TEST(Refused, TensorsOfAbsurdRank) {
  Message t;
  for (int i = 0; i < 1025; ++i) t.number(1, 1);
  EXPECT_EQ(tensor_complaint(t.number(2, 1).text(8, "w")),
            "<test>: tensor 'w': has more than 1024 dims");
}

TEST(Refused, NegativeDimsOfInputs) {
  Message g;
  g.message(1, node("Neg", {"x"}, {"y"})).message(12, Message().text(1, "y"));
  g.message(11, value_info("x", tensor_type(1, {2, -7})));
  EXPECT_EQ(complaint(model(g).bytes()), "<test>: graph input 'x': has the negative dimension -7");
}

TEST(Refused, NamesInMessagesAreOnePrintableLine) {
  Message g;
  g.message(1, node("Neg", {"a\nb\xFF"}, {"y"})).message(12, Message().text(1, "y"));
  EXPECT_EQ(complaint(model(g).bytes()),
            "<test>: node 'y' (Neg) reads 'a b\xEF\xBF\xBD', which no node produces and which is "
            "neither a graph input nor an initializer");
}

TEST(Refused, DeepNesting) {
  Message body;
  body.message(1, node("Neg", {"x"}, {"r"})).message(12, Message().text(1, "r"));
  for (int depth = 0; depth < 1200; ++depth) {
    Message n = node("If", {"c"}, {"r"});
    n.message(5, Message().text(1, "then_branch").message(6, body).number(20, 5));
    Message outer;
    outer.message(1, n).message(12, Message().text(1, "r"));
    body = outer;
  }
  body.message(11, value_info("x", tensor_type(1, {2})))
      .message(11, value_info("c", tensor_type(9, {})));
  const std::string message = complaint(model(body).bytes());
  EXPECT_EQ(
      message.rfind("<test>: subgraphs and function calls are nested deeper than 1000 levels", 0),
      0U)
      << message.substr(0, 200);
}

}  // namespace
}  // namespace aiprof::test
