// Views, constants and shapes: nothing moves, but values travel on to whatever needs them.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

constexpr std::string_view kX = "float[2,3,4] x";

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "Identity 1", .inputs = kX, .nodes = "y = Identity(x)", .outputs = "float[2,3,4] y"},
    {.op = "Reshape 1", .inputs = kX, .nodes = "y = Reshape <shape = [0,-1]> (x)",
     .outputs = "float[2,12] y"},
    {.op = "Reshape 5", .inputs = "float[2,3,4] x, int64[2] s = {4, -1}",
     .nodes = "y = Reshape(x, s)", .outputs = "float[4,6] y"},
    {.op = "Reshape 14", .inputs = "float[0,3,4] x, int64[2] s = {0, 7}",
     .nodes = "y = Reshape <allowzero = 1> (x, s)", .outputs = "float[0,7] y"},
    {.op = "Reshape 14", .inputs = "float[2,3,4] x, int64[2] s = {5, 5}",
     .nodes = "y = Reshape(x, s)", .outputs = "undefined[...] y", .status = Status::kGap,
     .reason = "cannot become 5x5"},
    {.op = "Flatten 1", .inputs = kX, .nodes = "y = Flatten <axis = 2> (x)",
     .outputs = "float[6,4] y"},
    {.op = "Flatten 1", .inputs = kX, .nodes = "y = Flatten <axis = 0> (x)",
     .outputs = "float[1,24] y"},
    {.op = "Squeeze 1", .inputs = "float[1,3,1] x", .nodes = "y = Squeeze <axes = [0]> (x)",
     .outputs = "float[3,1] y"},
    {.op = "Squeeze 13", .inputs = "float[1,3,1] x", .nodes = "y = Squeeze(x)",
     .outputs = "float[3] y"},
    {.op = "Squeeze 13", .inputs = "float[1,3,1] x, int64[1] a = {-1}",
     .nodes = "y = Squeeze(x, a)", .outputs = "float[1,3] y"},
    {.op = "Unsqueeze 1", .inputs = kX, .nodes = "y = Unsqueeze <axes = [0,4]> (x)",
     .outputs = "float[1,2,3,4,1] y"},
    {.op = "Unsqueeze 13", .inputs = "float[2,3,4] x, int64[1] a = {-1}",
     .nodes = "y = Unsqueeze(x, a)", .outputs = "float[2,3,4,1] y"},

    {.op = "Shape 1", .inputs = kX, .nodes = "y = Shape(x)", .outputs = "int64[3] y = {2,3,4}",
     .status = Status::kFolded},
    {.op = "Shape 15", .inputs = kX, .nodes = "y = Shape <start = -2, end = -1> (x)",
     .outputs = "int64[1] y = {3}", .status = Status::kFolded},
    {.op = "Size 1", .inputs = kX, .nodes = "y = Size(x)", .outputs = "int64 y = {24}",
     .status = Status::kFolded},
    {.op = "Constant 1", .inputs = "", .nodes = "y = Constant <value = float[2] {1.5, -2.0}> ()",
     .outputs = "float[2] y = {1.5,-2}", .status = Status::kFolded},
    {.op = "Constant 1", .inputs = "", .nodes = "y = Constant <value_ints = [7, 8, 9]> ()",
     .outputs = "int64[3] y = {7,8,9}", .status = Status::kFolded},
    {.op = "Constant 1", .inputs = "", .nodes = "y = Constant <value_string = \"a\"> ()",
     .outputs = "string y = {\"a\"}", .status = Status::kFolded},
    {.op = "GivenTensorFill 1", .inputs = "",
     .nodes = "y = GivenTensorFill <shape = [2,2], values = [1.0, 2.0, 3.0, 4.0]> ()",
     .outputs = "float[2,2] y = {1,2,3,4}", .status = Status::kFolded},

    // Generated tensors are written. Here their size comes from a shape, hence they are constants.
    {.op = "ConstantOfShape 9", .inputs = "int64[2] s = {2, 3}",
     .nodes = "y = ConstantOfShape <value = int64[1] {7}> (s)",
     .outputs = "int64[2,3] y = {7,7,7,7,7,7}", .status = Status::kFolded},
    {.op = "Range 11", .inputs = "int64 a = {2}, int64 b = {9}, int64 d = {3}",
     .nodes = "y = Range(a, b, d)", .outputs = "int64[3] y = {2,5,8}",
     .status = Status::kFolded},
    {.op = "Range 11", .inputs = "int64 a = {5}, int64 b = {0}, int64 d = {-2}",
     .nodes = "y = Range(a, b, d)", .outputs = "int64[3] y = {5,3,1}",
     .status = Status::kFolded},
    {.op = "Range 27", .inputs = "float a = {0.0}, float b = {1.0}, float d = {0.25}",
     .nodes = "y = Range(a, b, d)", .outputs = "float[4] y = {0,0.25,0.5,0.75}",
     .status = Status::kFolded},
    // Only the shape of its input matters, not its contents.
    {.op = "EyeLike 9", .inputs = "float[3,4] x", .nodes = "y = EyeLike <k = 1, dtype = 6> (x)",
     .outputs = "int32[3,4] y", .written = 4 * 12},
};
// clang-format on

}  // namespace

std::span<const OpCase> shape_cases() { return kCases; }

}  // namespace aiprof::test
