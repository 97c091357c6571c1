// libFuzzer's entry.
#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aiprof::test::try_model(std::as_bytes(std::span(data, size)));
  return 0;
}
