// What tells an ONNX model from any other file.
#pragma once

#include "frontend/wire.h"

namespace aiprof {

// Throws Error(kInput) for an empty file and for text: a Git LFS pointer, an HTML error page or a
// textual protobuf.
void refuse_other_files(wire::Bytes bytes);

}  // namespace aiprof
