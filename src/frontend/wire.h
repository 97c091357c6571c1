// The protobuf wire format, read in place. Reference: protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "aiprof/base/error.h"

namespace aiprof::wire {

using Bytes = std::span<const std::byte>;

inline std::string_view text(Bytes b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

// One field of a message. `bytes` is the payload of length-delimited fields, `number` of the rest;
// the other of the two is empty, so a field of an unexpected wire type reads as 0 or as nothing.
struct Field {
  std::uint32_t id = 0;
  std::uint8_t type = 0;  // 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32
  std::uint64_t number = 0;
  Bytes bytes;

  [[nodiscard]] bool is_bytes() const { return type == 2; }
  [[nodiscard]] std::int64_t integer() const { return static_cast<std::int64_t>(number); }
  [[nodiscard]] float real() const {
    const auto low = static_cast<std::uint32_t>(number);
    float f = 0;
    std::memcpy(&f, &low, sizeof f);
    return f;
  }
};

// How a reader gets at the bytes of tags and numbers: where they lie, or (FileWindow) otherwise.
struct InPlace {
  std::byte operator()(const std::byte* at) const { return *at; }
};

// Walks the fields of one message. Payloads are not touched, so skipping a gigabyte costs nothing.
template <typename Access>
class BasicReader {
 public:
  explicit BasicReader(Bytes message, Access access = {})
      : at_(message.data()), end_(at_ + message.size()), access_(access) {}

  // False at the end of the message. Throws Error(kInput) where the bytes are not a message.
  bool next(Field& f) {
    if (at_ == end_) return false;
    const std::uint64_t tag = varint();
    f.id = static_cast<std::uint32_t>(tag >> 3);
    f.type = static_cast<std::uint8_t>(tag & 7);
    if (f.id == 0 || tag > 0xFFFFFFFFU) malformed("has an impossible number");
    f.number = 0;
    f.bytes = {};
    switch (f.type) {
      case 0:
        f.number = varint();
        break;
      case 1:
        f.number = fixed(8);
        break;
      case 2: {
        const std::uint64_t length = varint();
        if (length > static_cast<std::uint64_t>(end_ - at_)) malformed("is cut off");
        f.bytes = Bytes(at_, static_cast<std::size_t>(length));
        at_ += length;
        break;
      }
      case 5:
        f.number = fixed(4);
        break;
      default:
        malformed("has a wire type that ONNX does not use");
    }
    return true;
  }

  // Where the next field begins.
  [[nodiscard]] const std::byte* position() const { return at_; }

  // One more varint of a packed field; `at_end` first.
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) malformed("is cut off");
      const auto byte = static_cast<std::uint64_t>(access_(at_++));
      v |= shift < 64 ? (byte & 0x7F) << shift : 0;
      if ((byte & 0x80) == 0) return v;
    }
    malformed("has an endless number");
  }

 private:
  std::uint64_t fixed(std::size_t n) {
    if (static_cast<std::size_t>(end_ - at_) < n) malformed("is cut off");
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < n; ++i) v |= static_cast<std::uint64_t>(access_(at_++)) << (8 * i);
    return v;
  }
  [[noreturn]] static void malformed(const char* what) {
    throw input_error(std::string("not a readable ONNX model: a field ") + what +
                      "; is the file truncated or of another format?");
  }

  const std::byte* at_;
  const std::byte* end_;
  Access access_;
};
using Reader = BasicReader<InPlace>;

// Calls f(field) for every field of a message.
template <typename F, typename Access = InPlace>
void for_each_field(Bytes message, F&& f, Access access = {}) {
  BasicReader<Access> reader(message, access);
  Field field;
  while (reader.next(field)) f(field);
}

}  // namespace aiprof::wire
