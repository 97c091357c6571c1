// Copies: no arithmetic; what is needed of the input is read, and the output is written.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

constexpr std::string_view kX = "float[2,3,4] x";
constexpr std::uint64_t kBytes = 4 * 2 * 3 * 4;

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "Transpose 1", .inputs = kX, .nodes = "y = Transpose(x)", .outputs = "float[4,3,2] y",
     .read = kBytes, .written = kBytes},
    {.op = "Transpose 1", .inputs = kX, .nodes = "y = Transpose <perm = [1,0,2]> (x)",
     .outputs = "float[3,2,4] y", .read = kBytes, .written = kBytes},
    {.op = "Transpose 1", .inputs = "int64[2,2] x = {1, 2, 3, 4}", .nodes = "y = Transpose(x)",
     .outputs = "int64[2,2] y = {1,3,2,4}", .status = Status::kFolded},
    // At first the axis was 1 unless given.
    {.op = "Concat 1", .inputs = "float[2,3] a, float[2,5] b", .nodes = "y = Concat(a, b)",
     .outputs = "float[2,8] y", .read = 4 * 2 * (3 + 5), .written = 4 * 2 * 8},
    {.op = "Concat 4",
     .inputs = "float[2,3] a, float[2,5] b", .nodes = "y = Concat <axis = -1> (a, b)",
     .outputs = "float[2,8] y", .read = 4 * 2 * (3 + 5), .written = 4 * 2 * 8},
    {.op = "Concat 4", .inputs = "int64[1] a = {5}, int64[2] b = {6, 7}",
     .nodes = "y = Concat <axis = 0> (a, b)", .outputs = "int64[3] y = {5,6,7}",
     .status = Status::kFolded},
    {.op = "Split 1",
     .inputs = "float[6,2] x", .nodes = "a, b = Split <axis = 0, split = [2,4]> (x)",
     .outputs = "float[2,2] a; float[4,2] b", .read = 4 * 12, .written = 4 * 12},
    {.op = "Split 2", .inputs = "float[6,2] x", .nodes = "a, b, c = Split(x)",
     .outputs = "float[2,2] a; float[2,2] b; float[2,2] c", .read = 4 * 12, .written = 4 * 12},
    {.op = "Split 13", .inputs = "float[6,2] x, int64[2] s = {1, 5}", .nodes = "a, b = Split(x, s)",
     .outputs = "float[1,2] a; float[5,2] b", .read = 4 * 12, .written = 4 * 12},
    // Parts of 3, the last one smaller.
    {.op = "Split 18", .inputs = "float[7,2] x", .nodes = "a, b, c = Split <num_outputs = 3> (x)",
     .outputs = "float[3,2] a; float[3,2] b; float[1,2] c", .read = 4 * 14, .written = 4 * 14},

    // Slice reads what it keeps.
    {.op = "Slice 1", .inputs = "float[10,4] x",
     .nodes = "y = Slice <starts = [2], ends = [-3], axes = [0]> (x)", .outputs = "float[5,4] y",
     .read = 4 * 20, .written = 4 * 20},
    {.op = "Slice 10",
     .inputs = "float[10,4] x, int64[1] b = {-1}, int64[1] e = {-9223372036854775808}, "
               "int64[1] a = {0}, int64[1] s = {-3}",
     .nodes = "y = Slice(x, b, e, a, s)", .outputs = "float[4,4] y", .read = 4 * 16,
     .written = 4 * 16},
    {.op = "Slice 10",
     .inputs = "int64[5] x = {10, 20, 30, 40, 50}, int64[1] b = {1}, "
               "int64[1] e = {9223372036854775807}",
     .nodes = "y = Slice(x, b, e)", .outputs = "int64[4] y = {20,30,40,50}",
     .status = Status::kFolded},
    {.op = "Pad 1", .inputs = "float[2,3] x", .nodes = "y = Pad <paddings = [0,1,0,2]> (x)",
     .outputs = "float[2,6] y", .read = 4 * 6, .written = 4 * 12},
    {.op = "Pad 2", .inputs = "float[2,3] x", .nodes = "y = Pad <pads = [1,0,1,0]> (x)",
     .outputs = "float[4,3] y", .read = 4 * 6, .written = 4 * 12},
    // A negative pad crops, and what it crops is not read.
    {.op = "Pad 11", .inputs = "float[2,3] x, int64[4] p = {0, -1, 0, 2}", .nodes = "y = Pad(x, p)",
     .outputs = "float[2,4] y", .read = 4 * 4, .written = 4 * 8},
    {.op = "Pad 18", .inputs = "float[2,3] x, int64[2] p = {1, 1}, float v, int64[1] a = {-1}",
     .nodes = "y = Pad(x, p, v, a)", .outputs = "float[2,5] y", .read = 4 * 6, .written = 4 * 10},
    {.op = "Pad 18", .inputs = "int64[3] x = {1, 2, 3}, int64[2] p = {2, 1}",
     .nodes = "y = Pad <mode = \"reflect\"> (x, p)", .outputs = "int64[6] y = {3,2,1,2,3,2}",
     .status = Status::kFolded},
    {.op = "Crop 1", .inputs = "float[1,3,8,8] x", .nodes = "y = Crop <border = [1,2,3,1]> (x)",
     .outputs = "float[1,3,5,4] y", .read = 4 * 3 * 5 * 4, .written = 4 * 3 * 5 * 4},
    // Cropped on one axis, padded on the other: 6 x 4 of the input are kept.
    {.op = "CenterCropPad 18", .inputs = "float[10,4] x, int64[2] s = {6, 9}",
     .nodes = "y = CenterCropPad(x, s)", .outputs = "float[6,9] y", .read = 4 * 6 * 4,
     .written = 4 * 6 * 9},
    {.op = "Tile 1", .inputs = "float[2,3] x, int64 t = {4}, int64 a = {1}",
     .nodes = "y = Tile(x, t, a)", .outputs = "float[2,12] y", .read = 4 * 6, .written = 4 * 24},
    {.op = "Tile 6", .inputs = "float[2,3] x, int64[2] t = {3, 2}", .nodes = "y = Tile(x, t)",
     .outputs = "float[6,6] y", .read = 4 * 6, .written = 4 * 36},
    {.op = "Expand 8",
     .inputs = "float[3,1] x, int64[3] s = {2, 1, 6}", .nodes = "y = Expand(x, s)",
     .outputs = "float[2,3,6] y", .read = 4 * 3, .written = 4 * 36},
    {.op = "DepthToSpace 1", .inputs = "float[1,8,2,3] x",
     .nodes = "y = DepthToSpace <blocksize = 2> (x)", .outputs = "float[1,2,4,6] y",
     .read = 4 * 48, .written = 4 * 48},
    {.op = "DepthToSpace 11", .inputs = "float[1,8,2,3] x",
     .nodes = "y = DepthToSpace <blocksize = 2, mode = \"CRD\"> (x)",
     .outputs = "float[1,2,4,6] y", .read = 4 * 48, .written = 4 * 48},
    {.op = "SpaceToDepth 1", .inputs = "float[1,2,4,6] x",
     .nodes = "y = SpaceToDepth <blocksize = 2> (x)", .outputs = "float[1,8,2,3] y",
     .read = 4 * 48, .written = 4 * 48},
    {.op = "SpaceToDepth 28", .inputs = "float[1,2,4,6] x",
     .nodes = "y = SpaceToDepth <blocksize = 2> (x)", .outputs = "float[1,8,2,3] y",
     .read = 4 * 48, .written = 4 * 48},
    // Every element of every block is added into the image.
    {.op = "Col2Im 18", .inputs = "float[1,10,12] x, int64[2] image = {5, 5}, int64[2] b = {1, 5}",
     .nodes = "y = Col2Im(x, image, b)", .outputs = "float[1,2,5,5] y", .flops = 10 * 12,
     .read = 4 * 120, .written = 4 * 50},
    {.op = "ReverseSequence 10", .inputs = "float[4,3] x, int64[3] n",
     .nodes = "y = ReverseSequence(x, n)", .outputs = "float[4,3] y", .read = 4 * 12 + 8 * 3,
     .written = 4 * 12},
    // The upper triangle of 3 x 4 has 4 + 3 + 2 elements.
    {.op = "Trilu 14", .inputs = "float[2,3,4] x", .nodes = "y = Trilu(x)",
     .outputs = "float[2,3,4] y", .read = 4 * 2 * (4 + 3 + 2), .written = kBytes},
    {.op = "Trilu 14",
     .inputs = "float[3,3] x, int64 k = {-1}", .nodes = "y = Trilu <upper = 0> (x, k)",
     .outputs = "float[3,3] y", .read = 4 * (0 + 1 + 2), .written = 4 * 9},
};
// clang-format on

}  // namespace

std::span<const OpCase> movement_cases() { return kCases; }

}  // namespace aiprof::test
