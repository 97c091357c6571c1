// Pooling: kernel points less one operations for each output element.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// [1,2,7,7] pooled by 3 x 3 in steps of 2: 3 x 3 points; where extents are rounded up, as many.
constexpr std::string_view kX = "float[1,2,7,7] x";
constexpr std::uint64_t kRead = 4 * 2 * 49;
constexpr std::uint64_t kOut = 2 * 3 * 3;

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "MaxPool 1", .inputs = kX,
     .nodes = "y = MaxPool <kernel_shape = [3,3], strides = [2,2]> (x)",
     .outputs = "float[1,2,3,3] y", .flops = kOut * (9 - 1), .read = kRead, .written = 4 * kOut},
    {.op = "MaxPool 1", .inputs = "float[1,2,8,8] x",
     .nodes = "y, i = MaxPool <kernel_shape = [3,3], strides = [2,2], ceil_mode = 1> (x)",
     .outputs = "float[1,2,4,4] y; int64[1,2,4,4] i", .flops = 2 * 16 * (9 - 1),
     .read = 4 * 2 * 64, .written = (4 + 8) * 2 * 16},
    // Of 4 padded by 1 in steps of 3, a second window of 1 would start in the padding at the end:
    // since opset 22 it does not count.
    {.op = "MaxPool 1", .inputs = "float[1,1,4] x",
     .nodes = "y = MaxPool <kernel_shape = [1], strides = [5], pads = [1,1], ceil_mode = 1> (x)",
     .outputs = "float[1,1,2] y", .read = 4 * 4, .written = 4 * 2},
    {.op = "MaxPool 22", .inputs = "float[1,1,4] x",
     .nodes = "y = MaxPool <kernel_shape = [1], strides = [5], pads = [1,1], ceil_mode = 1> (x)",
     .outputs = "float[1,1,1] y", .read = 4 * 4, .written = 4},
    {.op = "AveragePool 1", .inputs = kX,
     .nodes = "y = AveragePool <kernel_shape = [3,3], strides = [2,2]> (x)",
     .outputs = "float[1,2,3,3] y", .flops = kOut * (9 - 1), .transcendentals = kOut,
     .read = kRead, .written = 4 * kOut},
    {.op = "AveragePool 22", .inputs = kX,
     .nodes = "y = AveragePool <kernel_shape = [3,3], strides = [2,2], dilations = [2,2]> (x)",
     .outputs = "float[1,2,2,2] y", .flops = 2 * 4 * (9 - 1), .transcendentals = 2 * 4,
     .read = kRead, .written = 4 * 2 * 4},
    // Squares, their sum and its root; for p = 1 absolute values and no root.
    {.op = "LpPool 1", .inputs = kX,
     .nodes = "y = LpPool <kernel_shape = [3,3], strides = [2,2]> (x)",
     .outputs = "float[1,2,3,3] y", .flops = kOut * (9 + 9 - 1), .transcendentals = kOut,
     .read = kRead, .written = 4 * kOut},
    {.op = "LpPool 22", .inputs = kX,
     .nodes = "y = LpPool <kernel_shape = [3,3], strides = [2,2], p = 1> (x)",
     .outputs = "float[1,2,3,3] y", .flops = kOut * (9 + 9 - 1), .read = kRead,
     .written = 4 * kOut},
    {.op = "GlobalMaxPool 1", .inputs = kX, .nodes = "y = GlobalMaxPool(x)",
     .outputs = "float[1,2,1,1] y", .flops = 2 * (49 - 1), .read = kRead, .written = 4 * 2},
    {.op = "GlobalAveragePool 1", .inputs = kX, .nodes = "y = GlobalAveragePool(x)",
     .outputs = "float[1,2,1,1] y", .flops = 2 * (49 - 1), .transcendentals = 2, .read = kRead,
     .written = 4 * 2},
    {.op = "GlobalLpPool 1", .inputs = kX, .nodes = "y = GlobalLpPool(x)",
     .outputs = "float[1,2,1,1] y", .flops = 2 * (49 + 49 - 1), .transcendentals = 2,
     .read = kRead, .written = 4 * 2},
    // Unpooling writes every maximum back to where it came from.
    {.op = "MaxUnpool 9", .inputs = "float[1,1,2,2] x, int64[1,1,2,2] i",
     .nodes = "y = MaxUnpool <kernel_shape = [2,2], strides = [2,2]> (x, i)",
     .outputs = "float[1,1,4,4] y", .read = (4 + 8) * 4, .written = 4 * 16},
    {.op = "MaxUnpool 9",
     .inputs = "float[1,1,2,2] x, int64[1,1,2,2] i, int64[4] shape = {1, 1, 5, 5}",
     .nodes = "y = MaxUnpool <kernel_shape = [2,2], strides = [2,2]> (x, i, shape)",
     .outputs = "float[1,1,5,5] y", .read = (4 + 8) * 4, .written = 4 * 25},
};
// clang-format on

}  // namespace

std::span<const OpCase> pooling_cases() { return kCases; }

}  // namespace aiprof::test
