// Comparisons, logic and casts. A comparison of floats is a FLOP, of anything else an integer
// operation, as are operations on bools; casts and Where compute nothing.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

constexpr std::string_view kBools = "bool[2,3] x, bool[2,3] y";
constexpr std::string_view kFloats = "float[2,3] x, float[2,3] y";
constexpr std::string_view kOut = "bool[2,3] z";
constexpr std::uint64_t kN = 2 * 3;

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "And 1", .inputs = kBools, .nodes = "z = And(x, y)", .outputs = kOut,
     .integer_ops = kN, .read = 2 * kN, .written = kN},
    {.op = "And 7", .inputs = "bool[2,1] x, bool[3] y", .nodes = "z = And(x, y)", .outputs = kOut,
     .integer_ops = kN, .read = 2 + 3, .written = kN},
    {.op = "Or 1", .inputs = kBools, .nodes = "z = Or(x, y)", .outputs = kOut,
     .integer_ops = kN, .read = 2 * kN, .written = kN},
    {.op = "Or 7", .inputs = kBools, .nodes = "z = Or(x, y)", .outputs = kOut,
     .integer_ops = kN, .read = 2 * kN, .written = kN},
    {.op = "Or 7", .inputs = "bool[2] x = {0, 1}, bool[2] y = {0, 0}", .nodes = "z = Or(x, y)",
     .outputs = "bool[2] z = {0,1}", .status = Status::kFolded},
    {.op = "Xor 1", .inputs = kBools, .nodes = "z = Xor(x, y)", .outputs = kOut,
     .integer_ops = kN, .read = 2 * kN, .written = kN},
    {.op = "Xor 7", .inputs = kBools, .nodes = "z = Xor(x, y)", .outputs = kOut,
     .integer_ops = kN, .read = 2 * kN, .written = kN},
    {.op = "Not 1", .inputs = "bool[2,3] x", .nodes = "z = Not(x)", .outputs = kOut,
     .integer_ops = kN, .read = kN, .written = kN},

    {.op = "Equal 1", .inputs = "int32[2,3] x, int32[2,3] y", .nodes = "z = Equal(x, y)",
     .outputs = kOut, .integer_ops = kN, .read = 2 * 4 * kN, .written = kN},
    {.op = "Equal 7", .inputs = kFloats, .nodes = "z = Equal(x, y)", .outputs = kOut, .flops = kN,
     .read = 2 * 4 * kN, .written = kN},
    {.op = "Equal 7", .inputs = "int64[3] x = {2, -1, 4}, int64 y = {-1}",
     .nodes = "z = Equal(x, y)", .outputs = "bool[3] z = {0,1,0}", .status = Status::kFolded},
    {.op = "Greater 1", .inputs = kFloats, .nodes = "z = Greater(x, y)", .outputs = kOut,
     .flops = kN, .read = 2 * 4 * kN, .written = kN},
    {.op = "Greater 7", .inputs = kFloats, .nodes = "z = Greater(x, y)", .outputs = kOut,
     .flops = kN, .read = 2 * 4 * kN, .written = kN},
    {.op = "Less 1", .inputs = kFloats, .nodes = "z = Less(x, y)", .outputs = kOut, .flops = kN,
     .read = 2 * 4 * kN, .written = kN},
    {.op = "Less 7", .inputs = "int64[6] x, int64 y", .nodes = "z = Less(x, y)",
     .outputs = "bool[6] z", .integer_ops = 6, .read = 8 * (6 + 1), .written = 6},
    // One comparison, where the ONNX body makes two and joins them.
    {.op = "GreaterOrEqual 12", .inputs = kFloats, .nodes = "z = GreaterOrEqual(x, y)",
     .outputs = kOut, .flops = kN, .read = 2 * 4 * kN, .written = kN},
    {.op = "LessOrEqual 12", .inputs = kFloats, .nodes = "z = LessOrEqual(x, y)", .outputs = kOut,
     .flops = kN, .read = 2 * 4 * kN, .written = kN},
    {.op = "IsNaN 9", .inputs = "float16[2,3] x", .nodes = "z = IsNaN(x)", .outputs = kOut,
     .flops = kN, .read = 2 * kN, .written = kN},
    {.op = "IsInf 10", .inputs = "float[2,3] x", .nodes = "z = IsInf(x)", .outputs = kOut,
     .flops = 2 * kN, .read = 4 * kN, .written = kN},
    {.op = "IsInf 10", .inputs = "float[2,3] x", .nodes = "z = IsInf <detect_negative = 0> (x)",
     .outputs = kOut, .flops = kN, .read = 4 * kN, .written = kN},

    {.op = "BitwiseAnd 18", .inputs = "int32[6] x, int32[6] y", .nodes = "z = BitwiseAnd(x, y)",
     .outputs = "int32[6] z", .integer_ops = 6, .read = 2 * 4 * 6, .written = 4 * 6},
    {.op = "BitwiseAnd 18", .inputs = "int32[2] x = {12, 10}, int32 y = {6}",
     .nodes = "z = BitwiseAnd(x, y)", .outputs = "int32[2] z = {4,2}",
     .status = Status::kFolded},
    {.op = "BitwiseOr 18", .inputs = "int32[6] x, int32[6] y", .nodes = "z = BitwiseOr(x, y)",
     .outputs = "int32[6] z", .integer_ops = 6, .read = 2 * 4 * 6, .written = 4 * 6},
    {.op = "BitwiseXor 18", .inputs = "int32[6] x, int32[6] y", .nodes = "z = BitwiseXor(x, y)",
     .outputs = "int32[6] z", .integer_ops = 6, .read = 2 * 4 * 6, .written = 4 * 6},
    {.op = "BitwiseNot 18", .inputs = "uint8[6] x", .nodes = "z = BitwiseNot(x)",
     .outputs = "uint8[6] z", .integer_ops = 6, .read = 6, .written = 6},

    // A choice is no arithmetic; all three operands are read.
    {.op = "Where 9", .inputs = "bool[2,1] c, float[2,3] x, float y", .nodes = "z = Where(c, x, y)",
     .outputs = "float[2,3] z", .read = 2 + 4 * kN + 4, .written = 4 * kN},
    {.op = "Where 9", .inputs = "bool[2] c = {1, 0}, int64[2] x = {5, 6}, int64 y = {0}",
     .nodes = "z = Where(c, x, y)", .outputs = "int64[2] z = {5,0}", .status = Status::kFolded},

    {.op = "Cast 1", .inputs = "float[2,3] x", .nodes = "z = Cast <to = 10> (x)",
     .outputs = "float16[2,3] z", .read = 4 * kN, .written = 2 * kN},
    // int4 is packed, two elements to a byte.
    {.op = "Cast 1", .inputs = "float[5] x", .nodes = "z = Cast <to = 22> (x)",
     .outputs = "int4[5] z", .read = 4 * 5, .written = (5 + 1) / 2},
    {.op = "Cast 1", .inputs = "float[3] x = {1.9, -1.9, 0.0}", .nodes = "z = Cast <to = 7> (x)",
     .outputs = "int64[3] z = {1,-1,0}", .status = Status::kFolded},
    {.op = "CastLike 15", .inputs = "float[2,3] x, float8e4m3fn[1] like",
     .nodes = "z = CastLike(x, like)", .outputs = "float8e4m3fn[2,3] z", .read = 4 * kN,
     .written = kN},
    {.op = "BitCast 26", .inputs = "float[2,3] x", .nodes = "z = BitCast <to = 6> (x)",
     .outputs = "int32[2,3] z"},
};
// clang-format on

}  // namespace

std::span<const OpCase> logic_cases() { return kCases; }

}  // namespace aiprof::test
