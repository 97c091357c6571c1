// Arithmetic on elements. Every operand moves once; an operation on integers is an integer
// operation, on floats a FLOP or, for divisions, roots and functions, a transcendental.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

constexpr std::string_view kXy = "float[2,3,4] x, float[2,3,4] y";
constexpr std::string_view kX = "float[2,3,4] x";
constexpr std::string_view kOut = "float[2,3,4] z";
constexpr std::uint64_t kN = 2 * 3 * 4;
constexpr std::uint64_t kBytes = 4 * kN;

// clang-format off
constexpr OpCase kCases[] = {
    // Two operands, as in opset 1 (no broadcasting unless asked for) and since opset 7.
    {.op = "Add 1", .inputs = kXy, .nodes = "z = Add(x, y)", .outputs = kOut, .flops = kN,
     .read = 2 * kBytes, .written = kBytes},
    {.op = "Add 1", .inputs = "float[2,3,4] x, float[3] y",
     .nodes = "z = Add <broadcast = 1, axis = 1> (x, y)", .outputs = kOut, .flops = kN,
     .read = kBytes + 4 * 3, .written = kBytes},
    {.op = "Add 7", .inputs = "float[2,1,4] x, float[3,1] y", .nodes = "z = Add(x, y)",
     .outputs = kOut, .flops = kN, .read = 4 * (2 * 4 + 3), .written = kBytes},
    {.op = "Add 7", .inputs = "int64[8] x, int64 y", .nodes = "z = Add(x, y)",
     .outputs = "int64[8] z", .integer_ops = 8, .read = 8 * (8 + 1), .written = 8 * 8},
    {.op = "Add 7", .inputs = "int64[3] x = {1, -2, 9223372036854775807}, int64 y = {1}",
     .nodes = "z = Add(x, y)", .outputs = "int64[3] z = {2,-1,-9223372036854775808}",
     .status = Status::kFolded},
    {.op = "Sub 1", .inputs = kXy, .nodes = "z = Sub(x, y)", .outputs = kOut, .flops = kN,
     .read = 2 * kBytes, .written = kBytes},
    {.op = "Sub 7", .inputs = "float16[2,3,4] x, float16[4] y", .nodes = "z = Sub(x, y)",
     .outputs = "float16[2,3,4] z", .flops = kN, .read = 2 * (kN + 4), .written = 2 * kN},
    {.op = "Mul 1", .inputs = kXy, .nodes = "z = Mul(x, y)", .outputs = kOut, .flops = kN,
     .read = 2 * kBytes, .written = kBytes},
    // A tensor that is both operands is read once.
    {.op = "Mul 7", .inputs = kX, .nodes = "z = Mul(x, x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    {.op = "Div 1", .inputs = kXy, .nodes = "z = Div(x, y)", .outputs = kOut,
     .transcendentals = kN, .read = 2 * kBytes, .written = kBytes},
    {.op = "Div 7", .inputs = kXy, .nodes = "z = Div(x, y)", .outputs = kOut,
     .transcendentals = kN, .read = 2 * kBytes, .written = kBytes},
    {.op = "Div 7", .inputs = "int32[5] x, int32[5] y", .nodes = "z = Div(x, y)",
     .outputs = "int32[5] z", .integer_ops = 5, .read = 2 * 4 * 5, .written = 4 * 5},
    // Integers truncate toward zero; a division by zero has no value.
    {.op = "Div 7", .inputs = "int64[3] x = {7, -7, 1}, int64[3] y = {2, 2, 0}",
     .nodes = "z = Div(x, y)", .outputs = "int64[3] z = {3,-3,?}", .status = Status::kFolded},
    {.op = "Pow 1", .inputs = kXy, .nodes = "z = Pow(x, y)", .outputs = kOut,
     .transcendentals = kN, .read = 2 * kBytes, .written = kBytes},
    {.op = "Pow 7", .inputs = "float[2,3,4] x, int64 y", .nodes = "z = Pow(x, y)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes + 8, .written = kBytes},
    {.op = "Pow 7", .inputs = "int64[2] x = {2, 3}, float y = {3.0}", .nodes = "z = Pow(x, y)",
     .outputs = "int64[2] z = {8,27}", .status = Status::kFolded},
    // x - y * round(x / y).
    {.op = "Mod 10", .inputs = kXy, .nodes = "z = Mod <fmod = 1> (x, y)", .outputs = kOut,
     .flops = 3 * kN, .transcendentals = kN, .read = 2 * kBytes, .written = kBytes},
    {.op = "Mod 10", .inputs = "int64[2] x = {-7, 7}, int64[2] y = {3, -3}",
     .nodes = "z = Mod(x, y)", .outputs = "int64[2] z = {2,-2}", .status = Status::kFolded},
    {.op = "BitShift 11", .inputs = "uint8[6] x, uint8[6] y",
     .nodes = "z = BitShift <direction = \"LEFT\"> (x, y)", .outputs = "uint8[6] z",
     .integer_ops = 6, .read = 2 * 6, .written = 6},
    {.op = "BitShift 11", .inputs = "uint8[2] x = {3, 200}, uint8[2] y = {1, 1}",
     .nodes = "z = BitShift <direction = \"LEFT\"> (x, y)", .outputs = "uint8[2] z = {6,144}",
     .status = Status::kFolded},

    // Any number of operands: one operation less than operands.
    {.op = "Sum 1", .inputs = "float[5] a, float[5] b, float[5] c", .nodes = "z = Sum(a, b, c)",
     .outputs = "float[5] z", .flops = (3 - 1) * 5, .read = 3 * 4 * 5, .written = 4 * 5},
    {.op = "Max 1", .inputs = "float[5] a, float[5] b, float[5] c", .nodes = "z = Max(a, b, c)",
     .outputs = "float[5] z", .flops = (3 - 1) * 5, .read = 3 * 4 * 5, .written = 4 * 5},
    {.op = "Max 1", .inputs = "int64[2] a = {1, 5}, int64 b = {3}", .nodes = "z = Max(a, b)",
     .outputs = "int64[2] z = {3,5}", .status = Status::kFolded},
    {.op = "Min 1", .inputs = "float[5] a", .nodes = "z = Min(a)", .outputs = "float[5] z",
     .read = 4 * 5, .written = 4 * 5},
    {.op = "Mean 1", .inputs = "float[5] a, float[5] b, float[5] c", .nodes = "z = Mean(a, b, c)",
     .outputs = "float[5] z", .flops = (3 - 1) * 5, .transcendentals = 5, .read = 3 * 4 * 5,
     .written = 4 * 5},

    // One operand.
    {.op = "Neg 1", .inputs = kX, .nodes = "z = Neg(x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    {.op = "Abs 1", .inputs = kX, .nodes = "z = Abs(x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    {.op = "Abs 1", .inputs = "int8[7] x", .nodes = "z = Abs(x)", .outputs = "int8[7] z",
     .integer_ops = 7, .read = 7, .written = 7},
    {.op = "Sign 9", .inputs = kX, .nodes = "z = Sign(x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    {.op = "Floor 1", .inputs = kX, .nodes = "z = Floor(x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    {.op = "Floor 1", .inputs = "float[2] x = {1.5, -1.5}", .nodes = "z = Floor(x)",
     .outputs = "float[2] z = {1,-2}", .status = Status::kFolded},
    {.op = "Ceil 1", .inputs = kX, .nodes = "z = Ceil(x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    {.op = "Round 11", .inputs = kX, .nodes = "z = Round(x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    // Halves go to the even neighbour.
    {.op = "Round 11", .inputs = "float[3] x = {0.5, 1.5, -2.5}", .nodes = "z = Round(x)",
     .outputs = "float[3] z = {0,2,-2}", .status = Status::kFolded},
    {.op = "Sqrt 1", .inputs = kX, .nodes = "z = Sqrt(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Exp 1", .inputs = "bfloat16[2,3,4] x", .nodes = "z = Exp(x)",
     .outputs = "bfloat16[2,3,4] z", .transcendentals = kN, .read = 2 * kN, .written = 2 * kN},
    {.op = "Log 1", .inputs = kX, .nodes = "z = Log(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Reciprocal 1", .inputs = kX, .nodes = "z = Reciprocal(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Erf 9", .inputs = kX, .nodes = "z = Erf(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Sin 7", .inputs = kX, .nodes = "z = Sin(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Cos 7", .inputs = kX, .nodes = "z = Cos(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Tan 7", .inputs = kX, .nodes = "z = Tan(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Asin 7", .inputs = kX, .nodes = "z = Asin(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Acos 7", .inputs = kX, .nodes = "z = Acos(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Atan 7", .inputs = kX, .nodes = "z = Atan(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Sinh 9", .inputs = kX, .nodes = "z = Sinh(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Cosh 9", .inputs = kX, .nodes = "z = Cosh(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Asinh 9", .inputs = kX, .nodes = "z = Asinh(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Acosh 9", .inputs = kX, .nodes = "z = Acosh(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Atanh 9", .inputs = kX, .nodes = "z = Atanh(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},

    // Operands that contradict each other are a gap, not a guess.
    {.op = "Add 7", .inputs = "float[2,3] x, float[4] y", .nodes = "z = Add(x, y)",
     .outputs = "undefined[...] z", .status = Status::kGap, .reason = "3 against 4"},

    // Removed after opset 6: scaling and shifting, met in files converted long ago.
    {.op = "Affine 1", .inputs = kX, .nodes = "z = Affine <alpha = 2.0, beta = 1.0> (x)",
     .outputs = kOut, .flops = 2 * kN, .read = kBytes, .written = kBytes},
    {.op = "ImageScaler 1", .inputs = "float[1,3,8,8] x",
     .nodes = "z = ImageScaler <scale = 0.5, bias = [1.0, 2.0, 3.0]> (x)",
     .outputs = "float[1,3,8,8] z", .flops = 2 * 3 * 8 * 8, .read = 4 * 3 * 8 * 8,
     .written = 4 * 3 * 8 * 8},
    {.op = "Scale 1", .inputs = kX, .nodes = "z = Scale <scale = 2.0> (x)", .outputs = kOut,
     .flops = kN, .read = kBytes, .written = kBytes},
};
// clang-format on

}  // namespace

std::span<const OpCase> elementwise_cases() { return kCases; }

}  // namespace aiprof::test
