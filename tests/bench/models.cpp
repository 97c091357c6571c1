#include "bench/models.h"

#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "support/wire.h"

namespace aiprof::bench {
namespace {

using test::Message;

// Bytes of a file: text, then `hole` zeros.
struct Piece {
  std::string text;
  std::uint64_t hole = 0;
};

// The head of a length-delimited field whose payload of `size` bytes follows.
std::string head(std::uint32_t field, std::uint64_t size) {
  std::string out(1, static_cast<char>(field << 3 | 2));
  for (; size >= 0x80; size >>= 7) out += static_cast<char>((size & 0x7F) | 0x80);
  return out + static_cast<char>(size);
}

// The operators of VGG-16 (configuration D of Simonyan and Zisserman, arXiv 1409.1556) in a row.
class Vgg {
 public:
  explicit Vgg(Weights weights) : weights_(weights) {
    constexpr std::int64_t kPool = 0;
    std::int64_t channels = 3;
    for (const std::int64_t width :
         {64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0}) {
      if (width == kPool) {
        add("MaxPool", {}, Message().text(1, "kernel_shape").packed(8, {2, 2}).number(20, 7));
      } else {
        add("Conv", {width, channels, 3, 3},
            Message().text(1, "pads").packed(8, {1, 1, 1, 1}).number(20, 7));
        add("Relu", {}, Message());
        channels = width;
      }
    }
    add("Flatten", {}, Message());
    add_linear(4096, 512 * 7 * 7);
    add("Relu", {}, Message());
    add_linear(4096, 4096);
    add("Relu", {}, Message());
    add_linear(1000, 4096);
  }

  // The model file: everything but the weights, and where these lie.
  [[nodiscard]] std::vector<Piece> pieces() const {
    Message rest;
    rest.message(11, test::value_info("x", test::tensor_type(1, {1, 3, 224, 224})));
    rest.message(12, Message().text(1, name()));
    std::uint64_t size = nodes_.bytes().size() + rest.bytes().size();
    for (const Piece& p : stored_) size += p.text.size() + p.hole;
    std::vector<Piece> out = {{Message().number(1, 8).message(8, test::opset("", 17)).bytes() +
                               head(7, size) + nodes_.bytes()}};
    out.insert(out.end(), stored_.begin(), stored_.end());
    out.push_back({rest.bytes()});
    return out;
  }

 private:
  [[nodiscard]] std::string name() const {
    return count_ == 0 ? "x" : "t" + std::to_string(count_);
  }

  void add(std::string_view type, const std::vector<std::int64_t>& weight,
           const Message& attribute) {
    Message n;
    n.text(1, name());
    ++count_;
    if (!weight.empty()) {
      n.text(1, store(weight)).text(1, store({weight.front()}));
    }
    n.text(2, name()).text(3, name()).text(4, type);
    if (!attribute.bytes().empty()) n.message(5, attribute);
    nodes_.message(1, n);
  }

  void add_linear(std::int64_t out, std::int64_t in) {
    add("Gemm", {out, in}, Message().text(1, "transB").number(3, 1).number(20, 2));
  }

  // A float32 initializer; its name.
  std::string store(const std::vector<std::int64_t>& dims) {
    const std::string name = "w" + std::to_string(stored_.size());
    Message t;
    std::uint64_t bytes = 4;
    for (const std::int64_t d : dims) {
      t.number(1, d);
      bytes *= static_cast<std::uint64_t>(d);
    }
    t.number(2, 1).text(8, name);
    if (weights_ == Weights::kLeftOut) {
      t.message(13, Message().text(1, "location").text(2, "weights.bin")).number(14, 1);
      stored_.push_back({head(5, t.bytes().size()) + t.bytes()});
    } else {
      const std::string before = t.bytes() + head(9, bytes);
      stored_.push_back({head(5, before.size() + bytes) + before, bytes});
    }
    return name;
  }

  Weights weights_;
  Message nodes_;
  std::vector<Piece> stored_;
  std::size_t count_ = 0;
};

}  // namespace

std::string chain(std::int64_t nodes) {
  Message g;
  const auto name = [](std::int64_t i) { return i == 0 ? "x" : "tensor_" + std::to_string(i); };
  for (std::int64_t i = 0; i < nodes; ++i) {
    const std::string in = name(i);
    const std::string out = name(i + 1);
    switch (i % 4) {
      case 0:
        g.message(1,
                  test::node("Conv", {in, "w", "b"}, {out})
                      .message(5, Message().text(1, "pads").packed(8, {1, 1, 1, 1}).number(20, 7)));
        break;
      case 1:
        g.message(1, test::node("BatchNormalization", {in, "b", "b", "b", "b"}, {out}));
        break;
      case 2:
        g.message(1, test::node("Relu", {in}, {out}));
        break;
      default:
        g.message(1, test::node("Add", {in, name(i - 1)}, {out}));
    }
  }
  g.message(5, test::tensor("w", 1, {64, 64, 3, 3})).message(5, test::tensor("b", 1, {64}));
  g.message(11, test::value_info("x", test::tensor_type(1, {-1, 64, 56, 56})));
  return test::model(g.message(12, Message().text(1, name(nodes)))).bytes();
}

VggFile::VggFile(Weights weights)
    : path_(std::filesystem::temp_directory_path() /
            ("aiprof_bench_" + std::to_string(::getpid()) +
             (weights == Weights::kInside ? "_vgg16.onnx" : "_vgg16_stripped.onnx"))) {
  std::ofstream out(path_, std::ios::binary | std::ios::trunc);
  for (const Piece& p : Vgg(weights).pieces()) {
    out << p.text;
    out.seekp(static_cast<std::streamoff>(p.hole), std::ios::cur);
  }
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path_.string());
}

VggFile::~VggFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace aiprof::bench
