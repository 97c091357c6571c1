// From a checked document to the structs of hardware.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aiprof/hardware/hardware.h"
#include "hardware/document.h"

namespace aiprof::hw {

// `document` has passed check_document.
[[nodiscard]] Hardware read_document(const Json& document);

// The selectors by which --set paths and Quantity::path name the elements of a list: the word of
// the element (unit, level, end) if only it has that word, else its name if unique, else its
// position.
[[nodiscard]] std::vector<std::string> selectors(const Json& list);

// The word that says what an element of engines, memory or links is; empty elsewhere.
[[nodiscard]] std::string element_word(const Json& element);

// Lower case, and everything but letters and digits as one '-': "PCIe 4.0 x16" is "pcie-4-0-x16".
[[nodiscard]] std::string slug(std::string_view text);

}  // namespace aiprof::hw
