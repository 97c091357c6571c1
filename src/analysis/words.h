// Names of dims and tensors as their authors meant them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof {

// Lower-case words of a name: "pastSequence_length" has past, sequence, length.
[[nodiscard]] std::vector<std::string> words(std::string_view name);

// Whether `list` has one of `any`.
[[nodiscard]] bool has_word(const std::vector<std::string>& list,
                            std::initializer_list<std::string_view> any);

}  // namespace aiprof
