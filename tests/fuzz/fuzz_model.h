// What every fuzzer does with the bytes it makes up.
#pragma once

#include <cstddef>
#include <span>

namespace aiprof::test {

// Opens the bytes as a model and does all that needs no hardware with it. Anything but a clean
// result or an aiprof::Error is a bug, and ends the program.
void try_model(std::span<const std::byte> bytes);

}  // namespace aiprof::test
