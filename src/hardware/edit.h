// --set on a document tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hardware/document.h"

namespace aiprof::hw {

// Applies FIELD=VALUE (see apply_set in catalogue.h) to a checked document, which stays one that
// check_document accepts. Returns what changed, one line each. Throws Error kUsage.
std::vector<std::string> edit_document(Json& document, std::string_view file,
                                       std::string_view edit);

}  // namespace aiprof::hw
