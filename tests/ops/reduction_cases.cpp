// Reductions: in - out operations; axes are an attribute first and an input later.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// [2,3,4] summed over its last axis: 6 sums of 4.
constexpr std::string_view kX = "float[2,3,4] x";
constexpr std::string_view kXAxes = "float[2,3,4] x, int64[1] axes = {-1}";
constexpr std::string_view kOut = "float[2,3,1] y";
constexpr std::uint64_t kIn = 2 * 3 * 4;
constexpr std::uint64_t kRows = 2 * 3;
constexpr std::uint64_t kRead = 4 * kIn;
constexpr std::uint64_t kWritten = 4 * kRows;

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "ReduceSum 1", .inputs = kX, .nodes = "y = ReduceSum <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceSum 13", .inputs = kXAxes, .nodes = "y = ReduceSum(x, axes)",
     .outputs = kOut, .flops = kIn - kRows, .read = kRead, .written = kWritten},
    // No axes: all of them, unless that is declared to mean none.
    {.op = "ReduceSum 13", .inputs = kX, .nodes = "y = ReduceSum <keepdims = 0> (x)",
     .outputs = "float y", .flops = kIn - 1, .read = kRead, .written = 4},
    {.op = "ReduceSum 13", .inputs = kX, .nodes = "y = ReduceSum <noop_with_empty_axes = 1> (x)",
     .outputs = "float[2,3,4] y", .read = kRead, .written = kRead},
    {.op = "ReduceSum 13", .inputs = "int64[2,2] x = {1, 2, 3, 4}, int64[1] axes = {0}",
     .nodes = "y = ReduceSum <keepdims = 0> (x, axes)", .outputs = "int64[2] y = {4,6}",
     .status = Status::kFolded},
    {.op = "ReduceMean 1", .inputs = kX, .nodes = "y = ReduceMean <axes = [-1]> (x)",
     .outputs = kOut, .flops = kIn - kRows, .transcendentals = kRows, .read = kRead,
     .written = kWritten},
    {.op = "ReduceMean 18", .inputs = kXAxes, .nodes = "y = ReduceMean(x, axes)",
     .outputs = kOut, .flops = kIn - kRows, .transcendentals = kRows, .read = kRead,
     .written = kWritten},
    {.op = "ReduceMax 1", .inputs = kX, .nodes = "y = ReduceMax <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceMax 18", .inputs = kXAxes, .nodes = "y = ReduceMax(x, axes)",
     .outputs = kOut, .flops = kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceMin 1", .inputs = kX, .nodes = "y = ReduceMin <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceMin 18", .inputs = kXAxes, .nodes = "y = ReduceMin(x, axes)",
     .outputs = kOut, .flops = kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceProd 1", .inputs = kX, .nodes = "y = ReduceProd <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceProd 18", .inputs = "int64[6] x", .nodes = "y = ReduceProd <keepdims = 0> (x)",
     .outputs = "int64 y", .integer_ops = 6 - 1, .read = 8 * 6, .written = 8},
    {.op = "ReduceProd 18", .inputs = "int64[3] x = {2, 3, 7}",
     .nodes = "y = ReduceProd <keepdims = 0> (x)", .outputs = "int64 y = {42}",
     .status = Status::kFolded},
    // An absolute value or a square for every element, then the sum.
    {.op = "ReduceL1 1", .inputs = kX, .nodes = "y = ReduceL1 <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn + kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceL1 18", .inputs = kXAxes, .nodes = "y = ReduceL1(x, axes)",
     .outputs = kOut, .flops = kIn + kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceL2 1", .inputs = kX, .nodes = "y = ReduceL2 <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn + kIn - kRows, .transcendentals = kRows, .read = kRead,
     .written = kWritten},
    {.op = "ReduceL2 18", .inputs = kXAxes, .nodes = "y = ReduceL2(x, axes)",
     .outputs = kOut, .flops = kIn + kIn - kRows, .transcendentals = kRows, .read = kRead,
     .written = kWritten},
    {.op = "ReduceSumSquare 1", .inputs = kX, .nodes = "y = ReduceSumSquare <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn + kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceSumSquare 18", .inputs = kXAxes, .nodes = "y = ReduceSumSquare(x, axes)",
     .outputs = kOut, .flops = kIn + kIn - kRows, .read = kRead, .written = kWritten},
    {.op = "ReduceLogSum 1", .inputs = kX, .nodes = "y = ReduceLogSum <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn - kRows, .transcendentals = kRows, .read = kRead,
     .written = kWritten},
    {.op = "ReduceLogSum 18", .inputs = kXAxes, .nodes = "y = ReduceLogSum(x, axes)",
     .outputs = kOut, .flops = kIn - kRows, .transcendentals = kRows, .read = kRead,
     .written = kWritten},
    {.op = "ReduceLogSumExp 1", .inputs = kX, .nodes = "y = ReduceLogSumExp <axes = [2]> (x)",
     .outputs = kOut, .flops = kIn - kRows, .transcendentals = kIn + kRows, .read = kRead,
     .written = kWritten},
    {.op = "ReduceLogSumExp 18", .inputs = kXAxes, .nodes = "y = ReduceLogSumExp(x, axes)",
     .outputs = kOut, .flops = kIn - kRows, .transcendentals = kIn + kRows, .read = kRead,
     .written = kWritten},
    {.op = "ArgMax 1", .inputs = kX, .nodes = "y = ArgMax <axis = 2, keepdims = 0> (x)",
     .outputs = "int64[2,3] y", .flops = kIn - kRows, .read = kRead, .written = 8 * kRows},
    {.op = "ArgMax 1", .inputs = "int64[3] x = {4, 9, 9}",
     .nodes = "y = ArgMax <keepdims = 0> (x)", .outputs = "int64 y = {1}",
     .status = Status::kFolded},
    {.op = "ArgMin 1", .inputs = kX, .nodes = "y = ArgMin <axis = 2> (x)",
     .outputs = "int64[2,3,1] y", .flops = kIn - kRows, .read = kRead, .written = 8 * kRows},

    // A running sum has an addition less than elements in every row; one less again where the
    // element itself is left out.
    {.op = "CumSum 11",
     .inputs = "float[2,3,4] x, int64 axis = {2}", .nodes = "y = CumSum(x, axis)",
     .outputs = "float[2,3,4] y", .flops = kRows * (4 - 1), .read = kRead, .written = kRead},
    {.op = "CumSum 11", .inputs = "float[2,3,4] x, int64 axis = {2}",
     .nodes = "y = CumSum <exclusive = 1> (x, axis)", .outputs = "float[2,3,4] y",
     .flops = kRows * (4 - 2), .read = kRead, .written = kRead},
    {.op = "CumSum 11", .inputs = "int64[4] x = {1, 2, 3, 4}, int64 axis = {0}",
     .nodes = "y = CumSum(x, axis)", .outputs = "int64[4] y = {1,3,6,10}",
     .status = Status::kFolded},
    {.op = "CumProd 26", .inputs = "float[2,3,4] x, int64 axis = {2}",
     .nodes = "y = CumProd(x, axis)", .outputs = "float[2,3,4] y", .flops = kRows * (4 - 1),
     .read = kRead, .written = kRead},
};
// clang-format on

}  // namespace

std::span<const OpCase> reduction_cases() { return kCases; }

}  // namespace aiprof::test
