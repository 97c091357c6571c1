// Writing the protobuf wire format: enough to make ONNX files.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace aiprof::wire {

// Appends the fields of one message.
class Writer {
 public:
  void integer(std::uint32_t field, std::int64_t value) {
    varint(std::uint64_t{field} << 3);
    varint(static_cast<std::uint64_t>(value));
  }
  void real(std::uint32_t field, float value) {
    varint(std::uint64_t{field} << 3 | 5);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);  // hosts of this program are little-endian
    out_.append(bytes, sizeof bytes);
  }
  // Text, bytes, and messages that another Writer made.
  void bytes(std::uint32_t field, std::string_view value) {
    varint(std::uint64_t{field} << 3 | 2);
    varint(value.size());
    out_ += value;
  }
  void message(std::uint32_t field, const Writer& value) { bytes(field, value.out_); }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) out_ += static_cast<char>((v & 0x7F) | 0x80);
    out_ += static_cast<char>(v);
  }

  std::string out_;
};

}  // namespace aiprof::wire
