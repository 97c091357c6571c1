// com.microsoft: gradients and bookkeeping of training graphs, and collectives.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// dY and what the forward pass kept.
constexpr std::string_view kTwo = "float[2,8] d, float[2,8] x";
constexpr std::string_view kOut = "float[2,8] y";
constexpr std::uint64_t kN = 16;
constexpr std::uint64_t kRead = 4 * 2 * kN;

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "com.microsoft.ReluGrad 1", .inputs = kTwo, .nodes = "y = com.microsoft.ReluGrad(d, x)",
     .outputs = kOut, .flops = kN, .read = kRead, .written = 4 * kN},
    {.op = "com.microsoft.LeakyReluGrad 1", .inputs = kTwo,
     .nodes = "y = com.microsoft.LeakyReluGrad(d, x)", .outputs = kOut, .flops = 2 * kN,
     .read = kRead, .written = 4 * kN},
    // dY * Y * (1 - Y), dY * (1 - Y * Y).
    {.op = "com.microsoft.SigmoidGrad 1", .inputs = kTwo,
     .nodes = "y = com.microsoft.SigmoidGrad(d, x)", .outputs = kOut, .flops = 3 * kN,
     .read = kRead, .written = 4 * kN},
    {.op = "com.microsoft.TanhGrad 1", .inputs = kTwo, .nodes = "y = com.microsoft.TanhGrad(d, x)",
     .outputs = kOut, .flops = 3 * kN, .read = kRead, .written = 4 * kN},
    // dY * (0.5 * (1 + erf(x / sqrt 2)) + x * c * exp(-0.5 * x * x)).
    {.op = "com.microsoft.GeluGrad 1", .inputs = kTwo, .nodes = "y = com.microsoft.GeluGrad(d, x)",
     .outputs = kOut, .flops = (2 + 2 + 2 + 1 + 1) * kN, .transcendentals = 3 * kN, .read = kRead,
     .written = 4 * kN},
    {.op = "com.microsoft.FastGeluGrad 1", .inputs = kTwo,
     .nodes = "y = com.microsoft.FastGeluGrad(d, x)", .outputs = kOut, .flops = 15 * kN,
     .transcendentals = kN, .read = kRead, .written = 4 * kN},
    // dY * s * (1 + a * x * (1 - s)), s = 1 / (1 + exp(-a * x)).
    {.op = "com.microsoft.QuickGeluGrad 1", .inputs = kTwo,
     .nodes = "y = com.microsoft.QuickGeluGrad(d, x)", .outputs = kOut, .flops = (3 + 5) * kN,
     .transcendentals = 2 * kN, .read = kRead, .written = 4 * kN},
    {.op = "com.microsoft.BiasGeluGrad_dX 1", .inputs = "float[2,8] d, float[2,8] x, float[8] b",
     .nodes = "y = com.microsoft.BiasGeluGrad_dX(d, x, b)", .outputs = kOut, .flops = (8 + 1) * kN,
     .transcendentals = 3 * kN, .read = kRead + 4 * 8, .written = 4 * kN},
    {.op = "com.microsoft.BiasFastGeluGrad_dX 1",
     .inputs = "float[2,8] d, float[2,8] x, float[8] b",
     .nodes = "y = com.microsoft.BiasFastGeluGrad_dX(d, x, b)", .outputs = kOut,
     .flops = (15 + 1) * kN, .transcendentals = kN, .read = kRead + 4 * 8, .written = 4 * kN},
    {.op = "com.microsoft.DropoutGrad 1", .inputs = "float[2,8] d, bool[2,8] mask",
     .nodes = "y = com.microsoft.DropoutGrad(d, mask)", .outputs = kOut, .flops = 2 * kN,
     .read = 4 * kN + kN, .written = 4 * kN},
    {.op = "com.microsoft.BitmaskDropoutGrad 1", .inputs = "float[2,8] d, uint32[1] mask",
     .nodes = "y = com.microsoft.BitmaskDropoutGrad(d, mask)", .outputs = kOut, .flops = 2 * kN,
     .read = 4 * kN + 4, .written = 4 * kN},
    // Y * (dY - sum(dY * Y)), over rows from the axis on, or (13) along it.
    {.op = "com.microsoft.SoftmaxGrad 1", .inputs = "float[2,3,4] d, float[2,3,4] x",
     .nodes = "y = com.microsoft.SoftmaxGrad <axis = 1> (d, x)", .outputs = "float[2,3,4] y",
     .flops = 2 * (12 + 11 + 12 + 12), .read = 4 * 48, .written = 4 * 24},
    {.op = "com.microsoft.SoftmaxGrad_13 1", .inputs = "float[2,3,4] d, float[2,3,4] x",
     .nodes = "y = com.microsoft.SoftmaxGrad_13 <axis = 1> (d, x)", .outputs = "float[2,3,4] y",
     .flops = 8 * (3 + 2 + 3 + 3), .read = 4 * 48, .written = 4 * 24},
    // dY - exp(Y) * sum(dY).
    {.op = "com.microsoft.LogSoftmaxGrad 1", .inputs = "float[2,3,4] d, float[2,3,4] x",
     .nodes = "y = com.microsoft.LogSoftmaxGrad <axis = 1> (d, x)", .outputs = "float[2,3,4] y",
     .flops = 2 * (11 + 12 + 12), .transcendentals = 24, .read = 4 * 48, .written = 4 * 24},
    {.op = "com.microsoft.LogSoftmaxGrad_13 1", .inputs = "float[2,3,4] d, float[2,3,4] x",
     .nodes = "y = com.microsoft.LogSoftmaxGrad_13(d, x)", .outputs = "float[2,3,4] y",
     .flops = 6 * (3 + 4 + 4), .transcendentals = 24, .read = 4 * 48, .written = 4 * 24},
    {.op = "com.microsoft.SoftmaxCrossEntropyLossInternal 1", .inputs = "float[6,5] x, int64[6] t",
     .nodes = "y, p = com.microsoft.SoftmaxCrossEntropyLossInternal(x, t)",
     .outputs = "float y; float[6,5] p", .flops = 6 * (4 + 5 + 4 + 5) + 6 + 5,
     .transcendentals = 6 * (5 + 1) + 1, .read = 4 * 30 + 8 * 6, .written = 4 + 4 * 30},
    {.op = "com.microsoft.SoftmaxCrossEntropyLossInternalGrad 1",
     .inputs = "float d, float[6,5] p, int64[6] t",
     .nodes = "y = com.microsoft.SoftmaxCrossEntropyLossInternalGrad(d, p, t)",
     .outputs = "float[6,5] y", .flops = 30 + 6, .transcendentals = 30,
     .read = 4 + 4 * 30 + 8 * 6, .written = 4 * 30},
    // (x - mean) * inverse 2, dY * scale 1; sums of both (product, 7 and 7 adds a row); the
    // gradient 4; sums for scale (product, an add less than rows a column) and bias.
    {.op = "com.microsoft.LayerNormalizationGrad 1",
     .inputs = "float[2,8] d, float[2,8] x, float[8] s, float[2,1] mean, float[2,1] inverse",
     .nodes = "y, ds, db = com.microsoft.LayerNormalizationGrad(d, x, s, mean, inverse)",
     .outputs = "float[2,8] y; float[8] ds; float[8] db",
     .flops = 16 * (2 + 1) + 16 + 2 * (7 + 7) + 16 * 4 + 16 + 8 * (1 + 1),
     .transcendentals = 2 * 2, .read = 4 * (32 + 8 + 2 + 2), .written = 4 * (16 + 8 + 8)},
    {.op = "com.microsoft.SimplifiedLayerNormalizationGrad 1",
     .inputs = "float[2,8] d, float[2,8] x, float[8] s, float[2,1] inverse",
     .nodes = "y, ds = com.microsoft.SimplifiedLayerNormalizationGrad(d, x, s, inverse)",
     .outputs = "float[2,8] y; float[8] ds", .flops = 16 * (1 + 1) + 16 + 2 * 7 + 16 * 3 + 16 + 8,
     .transcendentals = 2, .read = 4 * (32 + 8 + 2), .written = 4 * (16 + 8)},
    {.op = "com.microsoft.BatchNormalizationGrad 1",
     .inputs = "float[2,3,4] d, float[2,3,4] x, float[3] s, float[3] mean, float[3] var",
     .nodes = "y, ds, db = com.microsoft.BatchNormalizationGrad(d, x, s, mean, var)",
     .outputs = "float[2,3,4] y; float[3] ds; float[3] db",
     .flops = 24 * 2 + 24 + 3 * (7 + 7) + 24 * 4, .transcendentals = 3 * 2,
     .read = 4 * (48 + 9), .written = 4 * (24 + 3 + 3)},
    // Both gradients take the forward convolution's MACs; the bias sums dY.
    {.op = "com.microsoft.ConvGrad 1",
     .inputs = "float[1,4,6,6] d, float[1,3,8,8] x, float[4,3,3,3] w",
     .nodes = "dx, dw, db = com.microsoft.ConvGrad(d, x, w)",
     .outputs = "float[1,3,8,8] dx; float[4,3,3,3] dw; float[4] db", .macs = 2 * 144 * 27,
     .flops = 2 * 2 * 144 * 27 + 144 - 4, .read = 4 * (144 + 192 + 108),
     .written = 4 * (192 + 108 + 4)},

    {.op = "com.microsoft.GatherGrad 1",
     .inputs = "int64[2] shape = {100, 8}, int64[6] i, float[6,8] d",
     .nodes = "y = com.microsoft.GatherGrad(shape, i, d)", .outputs = "float[100,8] y",
     .flops = 48, .read = 8 * 2 + 8 * 6 + 4 * 48, .written = 4 * 800},
    {.op = "com.microsoft.GatherNDGrad 1",
     .inputs = "int64[2] shape = {100, 8}, int64[6,1] i, float[6,8] d",
     .nodes = "y = com.microsoft.GatherNDGrad(shape, i, d)", .outputs = "float[100,8] y",
     .flops = 48, .read = 8 * 2 + 8 * 6 + 4 * 48, .written = 4 * 800},
    {.op = "com.microsoft.GatherElementsGrad 1",
     .inputs = "float[6,8] d, int64[2] shape = {100, 8}, int64[6,8] i",
     .nodes = "y = com.microsoft.GatherElementsGrad(d, shape, i)", .outputs = "float[100,8] y",
     .flops = 48, .read = 4 * 48 + 8 * 2 + 8 * 48, .written = 4 * 800},
    {.op = "com.microsoft.SliceGrad 1",
     .inputs = "float[6,8] d, int64[2] shape = {100, 8}, int64[1] b, int64[1] e",
     .nodes = "y = com.microsoft.SliceGrad(d, shape, b, e)", .outputs = "float[100,8] y",
     .read = 4 * 48 + 8 * 4, .written = 4 * 800},
    {.op = "com.microsoft.ShrunkenGather 1", .inputs = "float[100,8] x, int64[6] i",
     .nodes = "y = com.microsoft.ShrunkenGather(x, i)", .outputs = "float[6,8] y",
     .read = 4 * 48 + 8 * 6, .written = 4 * 48},
    {.op = "com.microsoft.ConcatTraining 1", .inputs = "float[2,3] a, float[2,5] b",
     .nodes = "y, n = com.microsoft.ConcatTraining <axis = 1> (a, b)",
     .outputs = "float[2,8] y; int64[2] n", .read = 4 * 16, .written = 4 * 16 + 8 * 2},
    {.op = "com.microsoft.ReduceSumTraining 1", .inputs = "float[2,8] x, int64[1] axes = {0}",
     .nodes = "y = com.microsoft.ReduceSumTraining(x, axes)", .outputs = "float[1,8] y",
     .flops = 16 - 8, .read = 4 * 16 + 8, .written = 4 * 8},
    {.op = "com.microsoft.BroadcastGradientArgs 1",
     .inputs = "int64[3] a = {2, 3, 4}, int64[2] b = {1, 4}",
     .nodes = "x, y = com.microsoft.BroadcastGradientArgs(a, b)",
     .outputs = "int64[0] x; int64[2] y = {1,0}", .status = Status::kFolded},
    {.op = "com.microsoft.YieldOp 1", .inputs = "float[2] a, float[3] b",
     .nodes = "y = com.microsoft.YieldOp <non_differentiable_outputs = [0], "
              "full_shape_outputs = [0]> (a, b)",
     .outputs = "float[3] y"},
    {.op = "com.microsoft.InPlaceAccumulatorV2 1", .inputs = "float[8] a, float[8] b",
     .nodes = "done, y = com.microsoft.InPlaceAccumulatorV2(a, b)",
     .outputs = "bool[1] done; float[8] y", .flops = 8, .read = 4 * 16, .written = 1 + 4 * 8},
    {.op = "com.microsoft.ZeroGradient 1", .inputs = "float[8] a, float[8] b",
     .nodes = "y = com.microsoft.ZeroGradient(a, b)", .outputs = "float[8] y", .written = 4 * 8},
    {.op = "com.microsoft.Scale 1", .inputs = "float[8] x, float s",
     .nodes = "y = com.microsoft.Scale(x, s)", .outputs = "float[8] y", .flops = 8, .read = 4 * 9,
     .written = 4 * 8},
    {.op = "com.microsoft.ReduceAllL2 1", .inputs = "float[8] a, float[3] b",
     .nodes = "y = com.microsoft.ReduceAllL2(a, b)", .outputs = "float y", .flops = 11 + 10,
     .transcendentals = 1, .read = 4 * 11, .written = 4},

    // A ring of 4: each device adds 3 / 4 of the elements.
    {.op = "com.microsoft.AllReduce 1", .inputs = "float[16] x",
     .nodes = "y = com.microsoft.AllReduce <group_size = 4> (x)", .outputs = "float[16] y",
     .flops = 16 * 3 / 4, .read = 64, .written = 64},
    {.op = "com.microsoft.NcclAllReduce 1", .inputs = "float[16] x",
     .nodes = "y = com.microsoft.NcclAllReduce <group_size = 4> (x)", .outputs = "float[16] y",
     .flops = 16 * 3 / 4, .read = 64, .written = 64},
    {.op = "com.microsoft.AllGather 1", .inputs = "float[4,4] x",
     .nodes = "y = com.microsoft.AllGather <group_size = 4> (x)", .outputs = "float[16,4] y",
     .read = 64, .written = 256},
    {.op = "com.microsoft.AllToAll 1", .inputs = "float[4,4] x",
     .nodes = "y = com.microsoft.AllToAll <group_size = 4> (x)", .outputs = "float[4,4] y",
     .read = 64, .written = 64},
};
// clang-format on

}  // namespace

std::span<const OpCase> ms_training_cases() { return kCases; }

}  // namespace aiprof::test
