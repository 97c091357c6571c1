#include "frontend/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "aiprof/base/error.h"

namespace aiprof {

Descriptor::Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

MappedFile map_file(const std::string& path) {
  Descriptor fd(path);
  if (fd.get() < 0) throw input_error(path + ": cannot open: " + std::strerror(errno));
  struct stat info = {};
  if (::fstat(fd.get(), &info) != 0) throw input_error(path + ": " + std::strerror(errno));
  if (S_ISDIR(info.st_mode)) throw input_error(path + ": is a directory; expected an .onnx file");
  if (!S_ISREG(info.st_mode)) {
    throw input_error(path + ": is not a regular file and cannot be mapped; save it to a file");
  }
  if (info.st_size == 0) throw input_error(path + ": the file is empty; expected an ONNX model");
  const auto size = static_cast<std::size_t>(info.st_size);
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (at == MAP_FAILED) throw input_error(path + ": cannot map: " + std::strerror(errno));
  // Weights lie between the parts that are read: reading ahead would fetch them.
  ::madvise(at, size, MADV_RANDOM);
  std::shared_ptr<void> owner(at, [size](void* p) { ::munmap(p, size); });
  return {std::move(fd), {static_cast<const std::byte*>(at), size}, std::move(owner)};
}

std::span<const std::byte> FileWindow::read(std::span<const std::byte> bytes) {
  if (bytes.size() > kLargest) return bytes;
  const auto offset = static_cast<std::size_t>(bytes.data() - file_.bytes.data());
  if (offset < begin_ || offset + bytes.size() > begin_ + size_) move_to(offset, bytes.size());
  return {buffer_.data() + (offset - begin_), bytes.size()};
}

void FileWindow::move_to(std::size_t offset, std::size_t needed) {
  const std::size_t end = begin_ + size_;
  const bool next = offset >= end && offset - end < size_;
  std::size_t wanted = std::max(needed, next ? std::min(size_ * 2, kLargest) : kSmallest);
  wanted = std::min(wanted, file_.bytes.size() - offset);
  begin_ = offset;
  size_ = 0;
  while (size_ < wanted) {
    const ::ssize_t n = ::pread(file_.fd.get(), buffer_.data() + size_, wanted - size_,
                                static_cast<::off_t>(begin_ + size_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw input_error(std::string("cannot be read: ") + std::strerror(errno));
    if (n == 0) throw input_error("has become shorter while it was read");
    size_ += static_cast<std::size_t>(n);
  }
}

}  // namespace aiprof
