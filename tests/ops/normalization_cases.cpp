// Normalisations, losses and random tensors. A mean is its additions and a division; normalising
// divides every element by its row's deviation, as ONNX's function bodies do.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// clang-format off
constexpr OpCase kCases[] = {
    // Two rows of 8: mean (7 adds, a division), squares 8, mean of squares (7 adds, a division),
    // mean squared and subtracted 2, + epsilon 1, root; then subtract, divide, scale, add a bias.
    {.op = "LayerNormalization 17", .inputs = "float[2,8] x, float[8] scale, float[8] bias",
     .nodes = "y = LayerNormalization(x, scale, bias)", .outputs = "float[2,8] y",
     .flops = 2 * (7 + 8 + 7 + 2 + 1 + 8 + 8 + 8), .transcendentals = 2 * (2 + 1 + 8),
     .read = 4 * (2 * 8 + 8 + 8), .written = 4 * 2 * 8},
    {.op = "LayerNormalization 17", .inputs = "float16[2,8] x, float16[8] scale",
     .nodes = "y, mean, inverse = LayerNormalization(x, scale)",
     .outputs = "float16[2,8] y; float[2,1] mean; float[2,1] inverse",
     .flops = 2 * (7 + 8 + 7 + 2 + 1 + 8 + 8), .transcendentals = 2 * (2 + 1 + 8 + 1),
     .read = 2 * (2 * 8 + 8), .written = 2 * 2 * 8 + 4 * (2 + 2)},
    // As ONNX Runtime registered it before opset 17.
    {.op = "LayerNormalization 1", .inputs = "float[2,8] x, float[8] scale, float[8] bias",
     .nodes = "y = LayerNormalization <axis = -1> (x, scale, bias)", .outputs = "float[2,8] y",
     .flops = 2 * (7 + 8 + 7 + 2 + 1 + 8 + 8 + 8), .transcendentals = 2 * (2 + 1 + 8),
     .read = 4 * (2 * 8 + 8 + 8), .written = 4 * 2 * 8},
    // Squares, their mean, + epsilon, root; divide and scale.
    {.op = "RMSNormalization 23", .inputs = "float[2,8] x, float[8] scale",
     .nodes = "y = RMSNormalization(x, scale)", .outputs = "float[2,8] y",
     .flops = 2 * (8 + 7 + 1 + 8), .transcendentals = 2 * (1 + 1 + 8),
     .read = 4 * (2 * 8 + 8), .written = 4 * 2 * 8},
    {.op = "SimplifiedLayerNormalization 1", .inputs = "float[2,8] x, float[8] scale",
     .nodes = "y = SimplifiedLayerNormalization(x, scale)", .outputs = "float[2,8] y",
     .flops = 2 * (8 + 7 + 1 + 8), .transcendentals = 2 * (1 + 1 + 8),
     .read = 4 * (2 * 8 + 8), .written = 4 * 2 * 8},
    // A row is an image's channel.
    {.op = "InstanceNormalization 1",
     .inputs = "float[2,3,4,5] x, float[3] scale, float[3] bias",
     .nodes = "y = InstanceNormalization(x, scale, bias)", .outputs = "float[2,3,4,5] y",
     .flops = 2 * 3 * (19 + 20 + 19 + 2 + 1 + 3 * 20), .transcendentals = 2 * 3 * (2 + 1 + 20),
     .read = 4 * (2 * 3 * 20 + 3 + 3), .written = 4 * 2 * 3 * 20},
    // A row is a group of an image's channels: 2 groups of 2 channels of 20 points.
    {.op = "GroupNormalization 18",
     .inputs = "float[2,4,4,5] x, float[4] scale, float[4] bias",
     .nodes = "y = GroupNormalization <num_groups = 2> (x, scale, bias)",
     .outputs = "float[2,4,4,5] y", .flops = 2 * 2 * (39 + 40 + 39 + 2 + 1 + 3 * 40),
     .transcendentals = 2 * 2 * (2 + 1 + 40), .read = 4 * (2 * 4 * 20 + 4 + 4),
     .written = 4 * 2 * 4 * 20},
    // Two constants for each channel, then a multiplication and an addition for each element.
    {.op = "BatchNormalization 1",
     .inputs = "float[2,3,4,4] x, float[3] scale, float[3] bias, float[3] mean, float[3] var",
     .nodes = "y = BatchNormalization(x, scale, bias, mean, var)", .outputs = "float[2,3,4,4] y",
     .flops = 2 * 2 * 3 * 16 + 4 * 3, .transcendentals = 3, .read = 4 * (2 * 3 * 16 + 4 * 3),
     .written = 4 * 2 * 3 * 16},
    {.op = "BatchNormalization 14",
     .inputs = "float[2,3,4,4] x, float[3] scale, float[3] bias, float[3] mean, float[3] var",
     .nodes = "y = BatchNormalization(x, scale, bias, mean, var)", .outputs = "float[2,3,4,4] y",
     .flops = 2 * 2 * 3 * 16 + 4 * 3, .transcendentals = 3, .read = 4 * (2 * 3 * 16 + 4 * 3),
     .written = 4 * 2 * 3 * 16},
    // Training: the batch's mean and variance (31 adds each, subtract, square, 2 divisions) and the
    // update of the running ones (3 FLOPs each) for every channel.
    {.op = "BatchNormalization 14",
     .inputs = "float[2,3,4,4] x, float[3] scale, float[3] bias, float[3] mean, float[3] var",
     .nodes = "y, m, v = BatchNormalization <training_mode = 1> (x, scale, bias, mean, var)",
     .outputs = "float[2,3,4,4] y; float[3] m; float[3] v",
     .flops = 2 * 2 * 3 * 16 + 4 * 3 + 3 * (31 + 31 + 2 * 32 + 2 * 3),
     .transcendentals = 3 + 2 * 3, .read = 4 * (2 * 3 * 16 + 4 * 3),
     .written = 4 * (2 * 3 * 16 + 3 + 3)},
    {.op = "LpNormalization 1", .inputs = "float[2,8] x", .nodes = "y = LpNormalization(x)",
     .outputs = "float[2,8] y", .flops = 2 * (8 + 7), .transcendentals = 2 * (8 + 1),
     .read = 4 * 16, .written = 4 * 16},
    {.op = "LpNormalization 1",
     .inputs = "float[2,8] x", .nodes = "y = LpNormalization <p = 1> (x)",
     .outputs = "float[2,8] y", .flops = 2 * (8 + 7), .transcendentals = 2 * 8, .read = 4 * 16,
     .written = 4 * 16},
    // Over batch and space: 3 rows of 2 * 16. Mean, powers and their mean, the mean's power,
    // variance 1, root; then subtract, + epsilon, divide.
    {.op = "MeanVarianceNormalization 9", .inputs = "float[2,3,4,4] x",
     .nodes = "y = MeanVarianceNormalization(x)", .outputs = "float[2,3,4,4] y",
     .flops = 3 * (31 + 31 + 1 + 32 + 1), .transcendentals = 3 * (2 + 32 + 1 + 1 + 32),
     .read = 4 * 96, .written = 4 * 96},
    // At first, each image and channel for itself.
    {.op = "MeanVarianceNormalization 1", .inputs = "float[2,3,4,4] x",
     .nodes = "y = MeanVarianceNormalization(x)", .outputs = "float[2,3,4,4] y",
     .flops = 6 * (15 + 15 + 1 + 16 + 1), .transcendentals = 6 * (2 + 16 + 1 + 1 + 16),
     .read = 4 * 96, .written = 4 * 96},
    // Windows of 3 of 4 channels: 2, 3, 3 and 2 squares are summed. Squares, sums, * alpha / size,
    // + bias; power and division.
    {.op = "LRN 1", .inputs = "float[1,4,5,5] x", .nodes = "y = LRN <size = 3> (x)",
     .outputs = "float[1,4,5,5] y", .flops = 25 * (4 + (1 + 2 + 2 + 1) + 2 * 4),
     .transcendentals = 25 * 4 * 2, .read = 4 * 100, .written = 4 * 100},

    // Losses. One negation a label; with weights a product; the mean divides by the weights' sum.
    {.op = "NegativeLogLikelihoodLoss 12", .inputs = "float[6,5] x, int64[6] t",
     .nodes = "y = NegativeLogLikelihoodLoss <reduction = \"none\"> (x, t)",
     .outputs = "float[6] y", .flops = 6, .read = 4 * 6 + 8 * 6, .written = 4 * 6},
    {.op = "NegativeLogLikelihoodLoss 12", .inputs = "float[6,5] x, int64[6] t, float[5] w",
     .nodes = "y = NegativeLogLikelihoodLoss(x, t, w)", .outputs = "float y",
     .flops = 6 + 6 + 5 + 5, .transcendentals = 1, .read = 4 * 6 + 8 * 6 + 4 * 5, .written = 4},
    // Log-softmax over 5 classes (max 4, subtract 5, sum 4, subtract 5; 5 exp and a log), then as
    // above: negate, sum and divide.
    {.op = "SoftmaxCrossEntropyLoss 12", .inputs = "float[6,5] x, int64[6] t",
     .nodes = "y, p = SoftmaxCrossEntropyLoss(x, t)", .outputs = "float y; float[6,5] p",
     .flops = 6 * (4 + 5 + 4 + 5) + 6 + 5, .transcendentals = 6 * (5 + 1) + 1,
     .read = 4 * 30 + 8 * 6, .written = 4 + 4 * 30},

    // Random numbers: low + (high - low) * u, and Box-Muller.
    {.op = "RandomUniform 1", .inputs = "", .nodes = "y = RandomUniform <shape = [3,4]> ()",
     .outputs = "float[3,4] y", .flops = 2 * 12, .written = 4 * 12},
    {.op = "RandomUniformLike 1", .inputs = "float16[3,4] x", .nodes = "y = RandomUniformLike(x)",
     .outputs = "float16[3,4] y", .flops = 2 * 12, .written = 2 * 12},
    {.op = "RandomNormal 1", .inputs = "",
     .nodes = "y = RandomNormal <shape = [3,4], dtype = 11> ()", .outputs = "double[3,4] y",
     .flops = 4 * 12, .transcendentals = 2 * 12, .written = 8 * 12},
    {.op = "RandomNormalLike 1", .inputs = "float[3,4] x",
     .nodes = "y = RandomNormalLike <dtype = 10> (x)", .outputs = "float16[3,4] y",
     .flops = 4 * 12, .transcendentals = 2 * 12, .written = 2 * 12},
    {.op = "Bernoulli 15", .inputs = "float[3,4] x", .nodes = "y = Bernoulli <dtype = 9> (x)",
     .outputs = "bool[3,4] y", .flops = 3 * 12, .read = 4 * 12, .written = 12},
    // 2 rows of 8 classes: max 7, subtract 8, exp 8, running sum 7; a sample searches 8 sums in 3
    // steps and scales its random number.
    {.op = "Multinomial 7", .inputs = "float[2,8] x",
     .nodes = "y = Multinomial <sample_size = 10> (x)", .outputs = "int32[2,10] y",
     .flops = 2 * (7 + 8 + 7) + 2 * 10 * (3 + 1), .transcendentals = 2 * 8, .read = 4 * 16,
     .written = 4 * 20},
};
// clang-format on

}  // namespace

std::span<const OpCase> normalization_cases() { return kCases; }

}  // namespace aiprof::test
