#include "frontend/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "aiprof/base/error.h"

namespace aiprof {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

MappedFile map_file(const std::string& path) {
  const Descriptor fd(path);
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
  return {{static_cast<const std::byte*>(at), size}, std::move(owner)};
}

}  // namespace aiprof
