// Names of dims and tensors as their authors meant them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aiprof {

// Lower-case words of a name: "pastSequence_length" has past, sequence, length.
[[nodiscard]] std::vector<std::string> words(std::string_view name);

}  // namespace aiprof
