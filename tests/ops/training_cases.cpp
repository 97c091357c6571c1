// Optimisers: a learning rate, an update count, then parameters, gradients and states.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "ai.onnx.preview.training.Momentum 1",
     .inputs = "float r, int64 t, float[10] x, float[10] g, float[10] v",
     .nodes = "y, w = ai.onnx.preview.training.Momentum <mode = \"standard\", alpha = 0.9, "
              "beta = 1.0, norm_coefficient = 0.01> (r, t, x, g, v)",
     .outputs = "float[10] y; float[10] w", .flops = 10 * (2 + 3 + 2),
     .read = 4 + 8 + 3 * 4 * 10, .written = 2 * 4 * 10},
    {.op = "ai.onnx.preview.training.Momentum 1",
     .inputs = "float r, int64 t, float[10] x, float[10] g, float[10] v",
     .nodes = "y, w = ai.onnx.preview.training.Momentum <mode = \"nesterov\"> (r, t, x, g, v)",
     .outputs = "float[10] y; float[10] w", .flops = 10 * (2 + 3 + 2 + 2),
     .read = 4 + 8 + 3 * 4 * 10, .written = 2 * 4 * 10},
    // Two parameters of 10 and 6. The rate of the step: 2 FLOPs and a division.
    {.op = "ai.onnx.preview.training.Adagrad 1",
     .inputs = "float r, int64 t, float[10] x, float[6] y, float[10] gx, float[6] gy, "
               "float[10] hx, float[6] hy",
     .nodes = "a, b, c, d = ai.onnx.preview.training.Adagrad(r, t, x, y, gx, gy, hx, hy)",
     .outputs = "float[10] a; float[6] b; float[10] c; float[6] d",
     .flops = 16 * (2 + 2 + 1 + 2) + 2, .transcendentals = 16 * 2 + 1,
     .read = 4 + 8 + 3 * 4 * 16, .written = 2 * 4 * 16},
    // The rate: 1 - beta^t, 1 - alpha^t, a product: 3 FLOPs; 2 powers, a root and a division.
    {.op = "ai.onnx.preview.training.Adam 1",
     .inputs = "float r, int64 t, float[10] x, float[10] g, float[10] v, float[10] h",
     .nodes = "a, b, c = ai.onnx.preview.training.Adam(r, t, x, g, v, h)",
     .outputs = "float[10] a; float[10] b; float[10] c",
     .flops = 10 * (2 + 3 + 4 + 1 + 2 + 1) + 3, .transcendentals = 10 * 2 + 4,
     .read = 4 + 8 + 4 * 4 * 10, .written = 3 * 4 * 10},
    // What is differentiated, the model does not write out.
    {.op = "ai.onnx.preview.training.Gradient 1", .inputs = "float[10] x",
     .nodes = "y = Exp(x) "
              "d = ai.onnx.preview.training.Gradient <xs = [\"x\"], y = \"y\"> (x)",
     .outputs = "float[10] d", .transcendentals = 10, .read = 4 * 10, .written = 4 * 10,
     .status = Status::kGap, .reason = "does not write out"},
};
// clang-format on

}  // namespace

std::span<const OpCase> training_cases() { return kCases; }

}  // namespace aiprof::test
