// The operators that measurements can name, and what their rows have to give.
#include <algorithm>

#include "aiprof/calibration/measurement.h"

namespace aiprof {
namespace {

constexpr std::string_view kTable = "rows cols";
constexpr std::string_view kUnary = "one tensor of rows x cols in, one out";
constexpr std::string_view kBinary =
    "two tensors of rows x cols in, one out; reads = 1: the second operand is a scalar";
constexpr std::string_view kImage = "n images of c channels of h x w; kernel HxW";

constexpr OperatorForm kForms[] = {
    {"MatMul", "gemm", "m n k", "b",
     "b products of [m, k] by [k, n]; b = 1: by stored weights, else by a second activation"},
    {"MatMulNBits", "gemm", "m n k", "", "[m, k] by stored 4-bit weights in blocks of 32"},
    {"Conv", "convolution", "n c h w k kernel", "stride pad groups",
     "n images of c channels of h x w to k channels, without bias"},
    {"ConvTranspose", "convolution", "n c h w k kernel", "stride pad groups",
     "n images of c channels of h x w to k channels, without bias"},
    {"Attention", "attention", "b s heads d", "l kv",
     "s queries over l keys (default s) of b sequences, heads of d, kv of them for keys and values "
     "(default heads); causal where s > 1"},
    {"LSTM", "rnn", "b s k d", "", "one direction: b sequences of s steps, input k, hidden d"},
    {"GRU", "rnn", "b s k d", "", "one direction: b sequences of s steps, input k, hidden d"},
    {"Softmax", "softmax", kTable, "", "over cols"},
    {"LayerNormalization", "normalization", kTable, "", "over cols, with scale and bias"},
    {"BatchNormalization", "normalization", "n c h w", "", "inference"},
    {"InstanceNormalization", "normalization", "n c h w", "", "over h x w"},
    {"ReduceMean", "reduction", kTable, "", "over cols"},
    {"ReduceMax", "reduction", kTable, "", "over cols"},
    {"MaxPool", "pooling", "n c h w kernel", "stride pad", kImage},
    {"AveragePool", "pooling", "n c h w kernel", "stride pad", kImage},
    {"GlobalAveragePool", "pooling", "n c h w", "", "over h x w"},
    {"Add", "elementwise", kTable, "reads", kBinary},
    {"Sub", "elementwise", kTable, "reads", kBinary},
    {"Mul", "elementwise", kTable, "reads", kBinary},
    {"Div", "elementwise", kTable, "reads", kBinary},
    {"Pow", "elementwise", kTable, "reads", kBinary},
    {"Relu", "elementwise", kTable, "", kUnary},
    {"LeakyRelu", "elementwise", kTable, "", kUnary},
    {"Neg", "elementwise", kTable, "", kUnary},
    {"Sigmoid", "elementwise", kTable, "", kUnary},
    {"HardSigmoid", "elementwise", kTable, "", kUnary},
    {"Tanh", "elementwise", kTable, "", kUnary},
    {"Erf", "elementwise", kTable, "", kUnary},
    {"Exp", "elementwise", kTable, "", kUnary},
    {"Sqrt", "elementwise", kTable, "", kUnary},
    {"Gelu", "elementwise", kTable, "", kUnary},
    {"Transpose", "movement", kTable, "b d",
     "[b, rows, cols, d] with the middle axes exchanged; b and d are 1 by default"},
    {"Concat", "movement", kTable, "", "two halves of cols, joined to rows x cols"},
    {"Slice", "movement", kTable, "", "the second half of the columns of rows x 2 cols"},
    {"Resize", "resize", "n c h w", "", "nearest, twice the height and width"},
    {"Gather", "gather", "rows cols k", "", "rows of cols elements out of a table of k rows"},
    {"QuantizeLinear", "quantize", kTable, "", "to uint8 with one scale"},
    {"DequantizeLinear", "quantize", kTable, "", "from uint8 with one scale"},
};

}  // namespace

std::span<const OperatorForm> operator_forms() { return kForms; }

const OperatorForm* find_operator_form(std::string_view op) {
  const auto* it = std::ranges::find(kForms, op, &OperatorForm::op);
  return it == std::end(kForms) ? nullptr : it;
}

}  // namespace aiprof
