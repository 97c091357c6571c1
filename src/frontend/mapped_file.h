// A file mapped read-only, and a way to read from it without its pages.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aiprof {

// An open file descriptor.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path);
  Descriptor(Descriptor&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  [[nodiscard]] int get() const { return fd_; }  // negative: not open

 private:
  int fd_;
};

struct MappedFile {
  Descriptor fd;
  std::span<const std::byte> bytes;
  std::shared_ptr<void> owner;  // unmaps when the last copy goes
};

// Throws Error(kInput) when the file cannot be opened, is not a regular file, or is empty.
[[nodiscard]] MappedFile map_file(const std::string& path);

// Reads single bytes of a mapped file at its addresses, but by copying a window of it. Touching the
// mapping makes the system map 64 KiB around every weight whose head is read: that takes several
// times longer, and a file of many weights would come to lie in memory as a whole.
class FileWindow {
 public:
  explicit FileWindow(MappedFile file) : file_(std::move(file)), buffer_(kLargest) {}

  [[nodiscard]] std::byte operator()(const std::byte* at) {
    const auto offset = static_cast<std::size_t>(at - file_.bytes.data());
    if (offset - begin_ >= size_) move_to(offset, 1);
    return buffer_[offset - begin_];
  }

  // The same bytes in the window, until the next call; or where they are, if they are too many.
  [[nodiscard]] std::span<const std::byte> read(std::span<const std::byte> bytes);

 private:
  static constexpr std::size_t kSmallest = 512;  // the head of a weight
  static constexpr std::size_t kLargest = 1U << 14;

  // Fills the window from `offset` with at least `needed` bytes; with more while it moves on
  // step by step. Throws Error(kInput) when the file cannot be read any more.
  void move_to(std::size_t offset, std::size_t needed);

  MappedFile file_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0, size_ = 0;  // of the file, what is in the buffer
};

}  // namespace aiprof
