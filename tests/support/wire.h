// Protobuf messages written field by field, for what ONNX's own library of the day cannot write:
// newer fields, broken files, odd encodings.
#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace aiprof::test {

class Message {
 public:
  Message& number(std::uint32_t field, std::int64_t v) {
    tag(field, 0);
    varint(static_cast<std::uint64_t>(v));
    return *this;
  }
  Message& text(std::uint32_t field, std::string_view v) {
    tag(field, 2);
    varint(v.size());
    bytes_ += v;
    return *this;
  }
  Message& message(std::uint32_t field, const Message& m) { return text(field, m.bytes_); }
  Message& real(std::uint32_t field, float v) {
    tag(field, 5);
    const auto word = std::bit_cast<std::uint32_t>(v);
    for (int i = 0; i < 4; ++i) bytes_ += static_cast<char>(word >> (8 * i));
    return *this;
  }
  Message& packed(std::uint32_t field, std::initializer_list<std::int64_t> list) {
    Message inner;
    for (const std::int64_t v : list) inner.varint(static_cast<std::uint64_t>(v));
    return message(field, inner);
  }
  Message& raw(std::string_view already_encoded) {
    bytes_ += already_encoded;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void tag(std::uint32_t field, std::uint32_t type) {
    varint((static_cast<std::uint64_t>(field) << 3) | type);
  }
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) bytes_ += static_cast<char>((v & 0x7F) | 0x80);
    bytes_ += static_cast<char>(v);
  }

  std::string bytes_;
};

// The messages of onnx.proto that tests write by hand; numbers are those of its fields.
[[nodiscard]] inline Message opset(std::string_view domain, std::int64_t version) {
  return Message().text(1, domain).number(2, version);
}

// A tensor type with the given dims; -1 is a dim without value or name.
[[nodiscard]] inline Message tensor_type(int dtype, std::initializer_list<std::int64_t> dims) {
  Message shape;
  for (const std::int64_t d : dims) {
    shape.message(1, d == -1 ? Message() : Message().number(1, d));
  }
  return Message().message(1, Message().number(1, dtype).message(2, shape));
}

[[nodiscard]] inline Message value_info(std::string_view name, const Message& type) {
  return Message().text(1, name).message(2, type);
}

[[nodiscard]] inline Message node(std::string_view type,
                                  std::initializer_list<std::string_view> inputs,
                                  std::initializer_list<std::string_view> outputs) {
  Message n;
  for (const auto i : inputs) n.text(1, i);
  for (const auto o : outputs) n.text(2, o);
  return n.text(3, outputs.size() == 0 ? type : *outputs.begin()).text(4, type);
}

[[nodiscard]] inline Message tensor(std::string_view name, int dtype,
                                    std::initializer_list<std::int64_t> dims) {
  Message t;
  for (const std::int64_t d : dims) t.number(1, d);
  return t.number(2, dtype).text(8, name);
}

[[nodiscard]] inline Message model(const Message& graph, std::int64_t ir = 8,
                                   std::int64_t opset_version = 17) {
  return Message().number(1, ir).message(7, graph).message(8, opset("", opset_version));
}

}  // namespace aiprof::test
