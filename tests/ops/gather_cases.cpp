// Indexed reads and writes, and operators whose extents depend on data.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// clang-format off
constexpr OpCase kCases[] = {
    // Of a table of 30,000 rows, the 12 rows that are looked up.
    {.op = "Gather 1", .inputs = "float16[30000,64] table, int64[2,6] ids",
     .nodes = "y = Gather(table, ids)", .outputs = "float16[2,6,64] y",
     .read = 2 * 2 * 6 * 64 + 8 * 12, .written = 2 * 2 * 6 * 64},
    // A scalar index drops its axis.
    {.op = "Gather 1", .inputs = "int64[4] x = {5, 6, 7, 8}, int64 i = {-1}",
     .nodes = "y = Gather(x, i)", .outputs = "int64 y = {8}", .status = Status::kFolded},
    // More are gathered than there are: everything is read once.
    {.op = "Gather 1", .inputs = "float[2,3] x, int64[5] i",
     .nodes = "y = Gather <axis = 1> (x, i)", .outputs = "float[2,5] y", .read = 4 * 6 + 8 * 5,
     .written = 4 * 10},
    {.op = "GatherElements 11", .inputs = "float[5,4] x, int64[2,4] i",
     .nodes = "y = GatherElements(x, i)", .outputs = "float[2,4] y", .read = 4 * 8 + 8 * 8,
     .written = 4 * 8},
    {.op = "GatherND 11", .inputs = "float[5,4,3] x, int64[7,2] i", .nodes = "y = GatherND(x, i)",
     .outputs = "float[7,3] y", .read = 4 * 21 + 8 * 14, .written = 4 * 21},
    {.op = "GatherND 12", .inputs = "float[2,4,3] x, int64[2,5,1] i",
     .nodes = "y = GatherND <batch_dims = 1> (x, i)", .outputs = "float[2,5,3] y",
     .read = 4 * 24 + 8 * 10, .written = 4 * 30},
    {.op = "OneHot 9", .inputs = "int64[6] i, int64 depth = {10}, float[2] v",
     .nodes = "y = OneHot(i, depth, v)", .outputs = "float[6,10] y", .read = 8 * 6 + 4 * 2,
     .written = 4 * 60},

    // Scatters give a new tensor: a functional copy.
    {.op = "Scatter 9", .inputs = "float[5,4] x, int64[2,4] i, float[2,4] u",
     .nodes = "y = Scatter(x, i, u)", .outputs = "float[5,4] y", .read = 4 * 20 + 8 * 8 + 4 * 8,
     .written = 4 * 20},
    {.op = "ScatterElements 11", .inputs = "float[5,4] x, int64[2,4] i, float[2,4] u",
     .nodes = "y = ScatterElements(x, i, u)", .outputs = "float[5,4] y",
     .read = 4 * 20 + 8 * 8 + 4 * 8, .written = 4 * 20},
    {.op = "ScatterElements 16", .inputs = "float[5,4] x, int64[2,4] i, float[2,4] u",
     .nodes = "y = ScatterElements <reduction = \"add\"> (x, i, u)", .outputs = "float[5,4] y",
     .flops = 8, .read = 4 * 20 + 8 * 8 + 4 * 8, .written = 4 * 20},
    {.op = "ScatterElements 18", .inputs = "float[5,4] x, int64[2,4] i, float[2,4] u",
     .nodes = "y = ScatterElements <reduction = \"max\"> (x, i, u)", .outputs = "float[5,4] y",
     .flops = 8, .read = 4 * 20 + 8 * 8 + 4 * 8, .written = 4 * 20},
    {.op = "ScatterND 11", .inputs = "float[5,4] x, int64[3,1] i, float[3,4] u",
     .nodes = "y = ScatterND(x, i, u)", .outputs = "float[5,4] y",
     .read = 4 * 20 + 8 * 3 + 4 * 12, .written = 4 * 20},
    {.op = "ScatterND 16", .inputs = "float[5,4] x, int64[3,1] i, float[3,4] u",
     .nodes = "y = ScatterND <reduction = \"mul\"> (x, i, u)", .outputs = "float[5,4] y",
     .flops = 12, .read = 4 * 20 + 8 * 3 + 4 * 12, .written = 4 * 20},
    {.op = "ScatterND 18",
     .inputs = "int64[4] x = {1, 2, 3, 4}, int64[2,1] i = {1, 3}, int64[2] u = {9, 8}",
     .nodes = "y = ScatterND(x, i, u)", .outputs = "int64[4] y = {1,9,3,8}",
     .status = Status::kFolded},
    // A cache is updated where it lies: only the new tokens move.
    {.op = "TensorScatter 24",
     .inputs = "float16[2,4,1000,64] cache, float16[2,4,1,64] u, int64[2] at",
     .nodes = "y = TensorScatter <axis = -2> (cache, u, at)",
     .outputs = "float16[2,4,1000,64] y", .read = 2 * 2 * 4 * 64 + 8 * 2,
     .written = 2 * 2 * 4 * 64},

    // Known contents give exact extents; unknown ones an upper bound that is marked.
    {.op = "NonZero 9", .inputs = "int64[4] x = {0, 3, 0, 5}", .nodes = "y = NonZero(x)",
     .outputs = "int64[1,2] y = {1,3}", .status = Status::kFolded},
    {.op = "NonZero 9", .inputs = "float[3,4] x", .nodes = "y = NonZero(x)",
     .outputs = "int64[2,12] y", .flops = 12, .read = 4 * 12, .written = 8 * 24,
     .status = Status::kAssumed, .reason = "--value"},
    {.op = "Compress 9", .inputs = "float[3,4] x, bool[3] c = {1, 0, 1}",
     .nodes = "y = Compress <axis = 0> (x, c)", .outputs = "float[2,4] y", .read = 4 * 8 + 3,
     .written = 4 * 8},
    {.op = "Compress 9", .inputs = "float[3,4] x, bool[3] c",
     .nodes = "y = Compress <axis = 0> (x, c)", .outputs = "float[3,4] y", .read = 4 * 12 + 3,
     .written = 4 * 12, .status = Status::kAssumed, .reason = "--value"},
    {.op = "Unique 11", .inputs = "int64[5] x = {4, 1, 4, 2, 1}",
     .nodes = "y, first, inverse, n = Unique(x)",
     .outputs = "int64[3] y = {1,2,4}; int64[3] first = {1,3,0}; int64[5] inverse = {2,0,2,1,0}; "
                "int64[3] n = {2,1,2}",
     .status = Status::kFolded},
    // Sorted in ceil(log2 8) = 3 compares an element.
    {.op = "Unique 11", .inputs = "float[8] x", .nodes = "y = Unique(x)", .outputs = "float[8] y",
     .flops = 3 * 8, .read = 4 * 8, .written = 4 * 8, .status = Status::kAssumed,
     .reason = "--value"},

    // A heap of 4 best in rows of 32: every element is compared with the root and may sink 2
    // levels; then the 4 are sorted.
    {.op = "TopK 1", .inputs = "float[2,32] x", .nodes = "v, i = TopK <k = 4> (x)",
     .outputs = "float[2,4] v; int64[2,4] i", .flops = 2 * (32 * (1 + 2) + 4 * 2),
     .read = 4 * 64, .written = (4 + 8) * 8},
    {.op = "TopK 10", .inputs = "float[2,32] x, int64[1] k = {4}", .nodes = "v, i = TopK(x, k)",
     .outputs = "float[2,4] v; int64[2,4] i", .flops = 2 * (32 * (1 + 2) + 4 * 2),
     .read = 4 * 64, .written = (4 + 8) * 8},
    {.op = "TopK 11", .inputs = "float[2,32] x, int64[1] k = {4}",
     .nodes = "v, i = TopK <axis = 0, sorted = 0> (x, k)",
     .outputs = "undefined[...] v; undefined[...] i", .status = Status::kGap, .reason = "k is 4"},
    {.op = "TopK 11", .inputs = "int64[4] x = {7, 9, 8, 9}, int64[1] k = {2}",
     .nodes = "v, i = TopK(x, k)", .outputs = "int64[2] v = {9,9}; int64[2] i = {1,3}",
     .status = Status::kFolded},
    {.op = "TopK 11", .inputs = "int64[2,32] x, int64[1] k = {1}",
     .nodes = "v, i = TopK <sorted = 0> (x, k)", .outputs = "int64[2,1] v; int64[2,1] i",
     .integer_ops = 2 * 32, .read = 8 * 64, .written = (8 + 8) * 2},
    // One image, 2 classes, 8 boxes of which at most 3 are kept: thresholds 8, a sort of 8 * 3, and
    // the overlap of every candidate with those kept before (8 * 3 - 6 pairs), 12 FLOPs and a
    // division each; areas 3 a box.
    {.op = "NonMaxSuppression 10",
     .inputs = "float[1,8,4] boxes, float[1,2,8] scores, int64 n = {3}",
     .nodes = "y = NonMaxSuppression(boxes, scores, n)", .outputs = "int64[6,3] y",
     .flops = 2 * (8 + 8 * 3 + (8 * 3 - 6) * 12) + 8 * 3, .transcendentals = 2 * (8 * 3 - 6),
     .read = 4 * (32 + 16), .written = 8 * 18, .status = Status::kAssumed, .reason = "selected"},
};
// clang-format on

}  // namespace

std::span<const OpCase> gather_cases() { return kCases; }

}  // namespace aiprof::test
