// Activations, counted as ONNX's function bodies write them.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

constexpr std::string_view kX = "float[2,8] x";
constexpr std::string_view kOut = "float[2,8] y";
constexpr std::uint64_t kN = 2 * 8;
constexpr std::uint64_t kBytes = 4 * kN;

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "Relu 1", .inputs = kX, .nodes = "y = Relu(x)", .outputs = kOut, .flops = kN,
     .read = kBytes, .written = kBytes},
    {.op = "Relu 1", .inputs = "int8[5] x", .nodes = "y = Relu(x)", .outputs = "int8[5] y",
     .integer_ops = 5, .read = 5, .written = 5},
    // Compare and multiply.
    {.op = "LeakyRelu 1", .inputs = kX, .nodes = "y = LeakyRelu <alpha = 0.1> (x)",
     .outputs = kOut, .flops = 2 * kN, .read = kBytes, .written = kBytes},
    {.op = "PRelu 1", .inputs = "float[2,8] x, float[8] slope", .nodes = "y = PRelu(x, slope)",
     .outputs = kOut, .flops = 2 * kN, .read = kBytes + 4 * 8, .written = kBytes},
    {.op = "ThresholdedRelu 1", .inputs = kX, .nodes = "y = ThresholdedRelu <alpha = 2.0> (x)",
     .outputs = kOut, .flops = kN, .read = kBytes, .written = kBytes},
    // One comparison for each bound that is given: an attribute at first, an input since 11.
    {.op = "Clip 1", .inputs = kX, .nodes = "y = Clip <min = 0.0, max = 6.0> (x)",
     .outputs = kOut, .flops = 2 * kN, .read = kBytes, .written = kBytes},
    {.op = "Clip 1", .inputs = kX, .nodes = "y = Clip <max = 6.0> (x)", .outputs = kOut,
     .flops = kN, .read = kBytes, .written = kBytes},
    // alpha * (exp(x) - 1) below zero: compare, exp, subtract, multiply.
    {.op = "Elu 1", .inputs = kX, .nodes = "y = Elu(x)", .outputs = kOut, .flops = 3 * kN,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Celu 12", .inputs = kX, .nodes = "y = Celu <alpha = 2.0> (x)", .outputs = kOut,
     .flops = 4 * kN, .transcendentals = 2 * kN, .read = kBytes, .written = kBytes},
    {.op = "Selu 1", .inputs = kX, .nodes = "y = Selu(x)", .outputs = kOut, .flops = 5 * kN,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    // 1 / (1 + exp(-x)).
    {.op = "Sigmoid 1", .inputs = kX, .nodes = "y = Sigmoid(x)", .outputs = kOut,
     .flops = 2 * kN, .transcendentals = 2 * kN, .read = kBytes, .written = kBytes},
    {.op = "HardSigmoid 1", .inputs = kX, .nodes = "y = HardSigmoid(x)", .outputs = kOut,
     .flops = 4 * kN, .read = kBytes, .written = kBytes},
    {.op = "HardSwish 14", .inputs = kX, .nodes = "y = HardSwish(x)", .outputs = kOut,
     .flops = (4 + 1) * kN, .read = kBytes, .written = kBytes},
    {.op = "Tanh 1", .inputs = kX, .nodes = "y = Tanh(x)", .outputs = kOut,
     .transcendentals = kN, .read = kBytes, .written = kBytes},
    // log(exp(x) + 1).
    {.op = "Softplus 1", .inputs = kX, .nodes = "y = Softplus(x)", .outputs = kOut, .flops = kN,
     .transcendentals = 2 * kN, .read = kBytes, .written = kBytes},
    // x / (1 + |x|).
    {.op = "Softsign 1", .inputs = kX, .nodes = "y = Softsign(x)", .outputs = kOut,
     .flops = 2 * kN, .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "Shrink 9", .inputs = kX, .nodes = "y = Shrink <lambd = 0.5> (x)", .outputs = kOut,
     .flops = 4 * kN, .read = kBytes, .written = kBytes},
    // Exact: x / sqrt(2), erf, + 1, * x, * 0.5.
    {.op = "Gelu 20", .inputs = kX, .nodes = "y = Gelu(x)", .outputs = kOut, .flops = 3 * kN,
     .transcendentals = 2 * kN, .read = kBytes, .written = kBytes},
    {.op = "Gelu 20", .inputs = kX, .nodes = "y = Gelu <approximate = \"tanh\"> (x)",
     .outputs = kOut, .flops = 6 * kN, .transcendentals = 2 * kN, .read = kBytes,
     .written = kBytes},
    // x * tanh(log(1 + exp(x))).
    {.op = "Mish 18", .inputs = kX, .nodes = "y = Mish(x)", .outputs = kOut, .flops = 2 * kN,
     .transcendentals = 3 * kN, .read = kBytes, .written = kBytes},
    // x * sigmoid(alpha * x).
    {.op = "Swish 24", .inputs = kX, .nodes = "y = Swish <alpha = 1.5> (x)", .outputs = kOut,
     .flops = (2 + 2) * kN, .transcendentals = 2 * kN, .read = kBytes, .written = kBytes},
    // Swish of the gate, times the other operand.
    {.op = "SwiGLU 28", .inputs = "float[2,8] a, float[2,8] b", .nodes = "y = SwiGLU(a, b)",
     .outputs = kOut, .flops = (4 + 1) * kN, .transcendentals = 2 * kN, .read = 2 * kBytes,
     .written = kBytes},

    // Row by row: max, subtract, exp, sum, divide.
    {.op = "Softmax 1", .inputs = "float[2,3,5] x", .nodes = "y = Softmax <axis = 1> (x)",
     .outputs = "float[2,3,5] y", .flops = 2 * ((15 - 1) + 15 + (15 - 1)),
     .transcendentals = 2 * (15 + 15), .read = 4 * 2 * 15, .written = 4 * 2 * 15},
    {.op = "Softmax 13", .inputs = "float[2,3,5] x", .nodes = "y = Softmax <axis = 1> (x)",
     .outputs = "float[2,3,5] y", .flops = 2 * 5 * ((3 - 1) + 3 + (3 - 1)),
     .transcendentals = 2 * 5 * (3 + 3), .read = 4 * 2 * 15, .written = 4 * 2 * 15},
    // max, subtract, exp, sum, log, subtract.
    {.op = "LogSoftmax 1", .inputs = "float[2,3,5] x", .nodes = "y = LogSoftmax <axis = 1> (x)",
     .outputs = "float[2,3,5] y", .flops = 2 * ((15 - 1) + 15 + (15 - 1) + 15),
     .transcendentals = 2 * (15 + 1), .read = 4 * 2 * 15, .written = 4 * 2 * 15},
    {.op = "LogSoftmax 13", .inputs = "float[2,3,5] x", .nodes = "y = LogSoftmax(x)",
     .outputs = "float[2,3,5] y", .flops = 2 * 3 * ((5 - 1) + 5 + (5 - 1) + 5),
     .transcendentals = 2 * 3 * (5 + 1), .read = 4 * 2 * 15, .written = 4 * 2 * 15},
    {.op = "Hardmax 1", .inputs = "float[2,3,5] x", .nodes = "y = Hardmax <axis = 1> (x)",
     .outputs = "float[2,3,5] y", .flops = 2 * (15 - 1), .read = 4 * 2 * 15,
     .written = 4 * 2 * 15},
    {.op = "Hardmax 13", .inputs = "float[2,3,5] x", .nodes = "y = Hardmax(x)",
     .outputs = "float[2,3,5] y", .flops = 2 * 3 * (5 - 1), .read = 4 * 2 * 15,
     .written = 4 * 2 * 15},

    // Until opset 6: alpha * tanh(beta * x), alpha * log(exp(beta * x) + 1).
    {.op = "ScaledTanh 1", .inputs = kX, .nodes = "y = ScaledTanh <alpha = 2.0, beta = 0.5> (x)",
     .outputs = kOut, .flops = 2 * kN, .transcendentals = kN, .read = kBytes, .written = kBytes},
    {.op = "ParametricSoftplus 1", .inputs = kX,
     .nodes = "y = ParametricSoftplus <alpha = 2.0, beta = 0.5> (x)", .outputs = kOut,
     .flops = 3 * kN, .transcendentals = 2 * kN, .read = kBytes, .written = kBytes},
    // Dropout does nothing in inference, except that a mask that is asked for is written.
    {.op = "Dropout 1", .inputs = kX, .nodes = "y = Dropout(x)", .outputs = kOut},
    {.op = "Dropout 10", .inputs = kX, .nodes = "y, mask = Dropout(x)",
     .outputs = "float[2,8] y; bool[2,8] mask", .written = kN},
    {.op = "Dropout 12", .inputs = "float[2,8] x, float ratio = {0.5}, bool train = {1}",
     .nodes = "y, mask = Dropout(x, ratio, train)", .outputs = "float[2,8] y; bool[2,8] mask",
     .flops = 5 * kN, .read = kBytes, .written = kBytes + kN},
};
// clang-format on

}  // namespace

std::span<const OpCase> activation_cases() { return kCases; }

}  // namespace aiprof::test
