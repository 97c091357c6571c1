// Resizing, and sampling at computed places.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

constexpr std::string_view kX = "float[1,2,4,4] x";

// clang-format off
constexpr OpCase kCases[] = {
    // Nearest neighbours are copied.
    {.op = "Upsample 1", .inputs = kX,
     .nodes = "y = Upsample <height_scale = 2.0, width_scale = 3.0> (x)",
     .outputs = "float[1,2,8,12] y", .read = 4 * 32, .written = 4 * 2 * 96},
    {.op = "Upsample 7", .inputs = kX,
     .nodes = "y = Upsample <scales = [1.0, 1.0, 2.0, 2.0]> (x)", .outputs = "float[1,2,8,8] y",
     .read = 4 * 32, .written = 4 * 128},
    // Linear, axis by axis: 3 FLOPs (2 multiplies, an add) for each of 8 x 4, then 8 x 8 points.
    {.op = "Upsample 9", .inputs = "float[1,2,4,4] x, float[4] s = {1.0, 1.0, 2.0, 2.0}",
     .nodes = "y = Upsample <mode = \"linear\"> (x, s)", .outputs = "float[1,2,8,8] y",
     .flops = 3 * 2 * (8 * 4 + 8 * 8), .read = 4 * 32, .written = 4 * 128},
    {.op = "Resize 10", .inputs = "float[1,2,4,4] x, float[4] s = {1.0, 1.0, 0.5, 1.75}",
     .nodes = "y = Resize(x, s)", .outputs = "float[1,2,2,7] y", .read = 4 * 2 * 2 * 4,
     .written = 4 * 2 * 14},
    {.op = "Resize 11",
     .inputs = "float[1,2,4,4] x, float[0] roi = {}, float[0] s = {}, int64[4] n = {1, 2, 6, 4}",
     .nodes = "y = Resize <mode = \"cubic\"> (x, roi, s, n)", .outputs = "float[1,2,6,4] y",
     .flops = 7 * 2 * 6 * 4, .read = 4 * 32, .written = 4 * 48},
    {.op = "Resize 13", .inputs = "float[1,2,4,4] x, float[4] s = {1.0, 1.0, 2.0, 2.0}",
     .nodes = "y = Resize <mode = \"linear\"> (x, _, s)", .outputs = "float[1,2,8,8] y",
     .flops = 3 * 2 * (8 * 4 + 8 * 8), .read = 4 * 32, .written = 4 * 128},
    // Halving with antialiasing mixes 2 * ceil(1 * 4 / 2) = 4 points: 7 FLOPs.
    {.op = "Resize 18", .inputs = "float[1,2,4,4] x, int64[1] n = {2}",
     .nodes = "y = Resize <mode = \"linear\", antialias = 1, axes = [3]> (x, _, _, n)",
     .outputs = "float[1,2,4,2] y", .flops = 7 * 2 * 4 * 2, .read = 4 * 32, .written = 4 * 16},
    // 3 / 4 is the smaller of the two ratios and sets both axes.
    {.op = "Resize 19", .inputs = "float[1,2,4,8] x, int64[2] n = {3, 10}",
     .nodes = "y = Resize <axes = [2,3], keep_aspect_ratio_policy = \"not_larger\"> (x, _, _, n)",
     .outputs = "float[1,2,3,6] y", .read = 4 * 2 * 3 * 6, .written = 4 * 2 * 18},

    // 5 regions, 2 x 2 bins of 2 x 2 samples: 12 FLOPs for place and weights, then 8 for each of 3
    // channels; 4 points are read for each, at most the map.
    {.op = "RoiAlign 10", .inputs = "float[1,3,16,16] x, float[5,4] roi, int64[5] image",
     .nodes = "y = RoiAlign <output_height = 2, output_width = 2, sampling_ratio = 2> "
              "(x, roi, image)",
     .outputs = "float[5,3,2,2] y", .flops = 5 * 4 * 4 * 12 + 5 * 4 * 4 * 3 * 8,
     .read = 4 * (3 * 256 + 20) + 8 * 5, .written = 4 * 60},
    {.op = "RoiAlign 16", .inputs = "float[1,3,16,16] x, float[2,4] roi, int64[2] image",
     .nodes = "y = RoiAlign <output_height = 2, output_width = 2> (x, roi, image)",
     .outputs = "float[2,3,2,2] y", .flops = 2 * 4 * 4 * 12 + 2 * 4 * 4 * 3 * 8,
     .read = 4 * (2 * 4 * 4 * 3 * 4 + 8) + 8 * 2, .written = 4 * 24,
     .status = Status::kAssumed, .reason = "2 x 2 samples"},
    {.op = "MaxRoiPool 1", .inputs = "float[1,3,16,16] x, float[5,5] roi",
     .nodes = "y = MaxRoiPool <pooled_shape = [2,2]> (x, roi)", .outputs = "float[5,3,2,2] y",
     .flops = 5 * 3 * 256, .read = 4 * (3 * 256 + 25), .written = 4 * 60,
     .status = Status::kAssumed, .reason = "whole map"},
    // 20 points on 2 axes: 3 FLOPs for the place, 2 for weights; 4 products of weights; then 4
    // multiplies and 3 adds for each of 3 channels.
    {.op = "GridSample 16", .inputs = "float[1,3,6,6] x, float[1,4,5,2] grid",
     .nodes = "y = GridSample(x, grid)", .outputs = "float[1,3,4,5] y",
     .flops = 20 * 2 * (3 + 2) + 20 * 4 + 20 * 3 * 7, .read = 4 * (3 * 36 + 40),
     .written = 4 * 60},
    {.op = "GridSample 20", .inputs = "float[1,3,6,6,6] x, float[1,2,4,5,3] grid",
     .nodes = "y = GridSample <mode = \"nearest\"> (x, grid)", .outputs = "float[1,3,2,4,5] y",
     .flops = 40 * 3 * 3, .read = 4 * (120 + 120), .written = 4 * 120},
    // [3,4] by [4, points] for each image, as ONNX's body does; ones and the three coordinates are
    // spread (4 adds a point); for each axis a range, scaled and shifted (2 FLOPs, and an integer
    // addition, each; 2 FLOPs, 1 integer addition and 1 division for its length), half a step for
    // the start, and 2 divisions for the step.
    {.op = "AffineGrid 20", .inputs = "float[2,2,3] theta, int64[4] size = {2, 3, 5, 6}",
     .nodes = "y = AffineGrid(theta, size)", .outputs = "float[2,5,6,2] y",
     .macs = 2 * 3 * 4 * 30,
     .flops = 2 * 2 * 3 * 4 * 30 + 4 * 30 + 2 * (5 + 6) + 2 * (2 + 1),
     .transcendentals = 2 * (1 + 2), .integer_ops = 5 + 6 + 2, .read = 4 * 12,
     .written = 4 * 120},
    // How large the picture is, only its bytes say; where the model declares it, the samples of a
    // JPEG are counted: 16 transforms of 8 points (40 operations) for 64, and 3 for colours.
    {.op = "ImageDecoder 20", .inputs = "uint8[1000] x", .nodes = "y = ImageDecoder(x)",
     .outputs = "uint8[?,?,3] y", .status = Status::kGap, .reason = "unknown"},
    {.op = "ImageDecoder 20", .inputs = "uint8[1000] x", .nodes = "y = ImageDecoder(x)",
     .outputs = "uint8[32,40,3] y", .integer_ops = 32 * 40 * 3 * (16 * 40 / 64 + 3),
     .read = 1000, .written = 32 * 40 * 3, .status = Status::kAssumed, .reason = "JPEG",
     .declared = true},

    // Plugins of TensorRT. Boxes of 16 x 16 with 7 classes; 10 are kept, 50 pairs of them.
    {.op = "EfficientNMS_TRT 1", .inputs = "float[1,256,4] boxes, float[1,256,7] scores",
     .nodes = "n, b, s, c = EfficientNMS_TRT <max_output_boxes = 10> (boxes, scores)",
     .outputs = "int32[1,1] n; float[1,10,4] b; float[1,10] s; int32[1,10] c",
     .flops = 256 * 7 + 50 * 18, .transcendentals = 50, .read = 4 * 256 * (4 + 7),
     .written = 4 * (1 + 40 + 10 + 10)},
    {.op = "MultilevelCropAndResize_TRT 1", .inputs = "float[1,5,4] boxes, float[1,8,16,16] map",
     .nodes = "y = MultilevelCropAndResize_TRT <pooled_size = 4> (boxes, map)",
     .outputs = "float[1,5,8,4,4] y", .flops = 7 * 5 * 8 * 16, .read = 4 * (20 + 8 * 256),
     .written = 4 * 5 * 8 * 16},
    // 4 samples of 7 FLOPs, their sum (3 adds) and a division by 4; 1 more to weigh each.
    {.op = "PyramidROIAlign_TRT 1", .inputs = "float[1,5,4] boxes, float[1,8,16,16] map",
     .nodes = "y = PyramidROIAlign_TRT <pooled_size = 4, sampling_ratio = 2> (boxes, map)",
     .outputs = "float[1,5,8,4,4] y", .flops = 5 * 8 * 16 * (4 * 7 + 3),
     .transcendentals = 5 * 8 * 16, .read = 4 * (20 + 8 * 256), .written = 4 * 5 * 8 * 16},
    {.op = "DisentangledAttention_TRT 1",
     .inputs = "float[2,8,8] a, float[2,8,8] b, float[2,8,8] c",
     .nodes = "y = DisentangledAttention_TRT(a, b, c)", .outputs = "float[2,8,8] y",
     .flops = 3 * 128, .read = 3 * 4 * 128, .written = 4 * 128},
};
// clang-format on

}  // namespace

std::span<const OpCase> vision_cases() { return kCases; }

}  // namespace aiprof::test
