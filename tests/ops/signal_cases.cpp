// Fourier transforms and windows.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// A window of n points, as ONNX's function body forms it: 4 FLOPs and a division for the angle's
// step, a range (n + 1 additions, 2 to round and clip its length, a division), then per point 4
// multiplications, 2 additions and 2 cosines.
constexpr std::uint64_t window_flops(std::uint64_t n) { return 4 + (n + 1 + 2) + n * (4 + 2); }
constexpr std::uint64_t window_transcendentals(std::uint64_t n) { return 1 + 1 + 2 * n; }

// clang-format off
constexpr OpCase kCases[] = {
    // 3 real signals of 16 points: 5 n log2 n, and half of it as they are real.
    {.op = "DFT 17", .inputs = "float[3,16,1] x", .nodes = "y = DFT(x)",
     .outputs = "float[3,16,2] y", .flops = 3 * 5 * 16 * 4 / 2, .read = 4 * 48,
     .written = 4 * 96},
    // Padded to 20 points, log2 rounded up to 5; one side of the spectrum.
    {.op = "DFT 20", .inputs = "float[3,16,1] x, int64 n = {20}",
     .nodes = "y = DFT <onesided = 1> (x, n)", .outputs = "float[3,11,2] y",
     .flops = 3 * 5 * 20 * 5 / 2, .read = 4 * 48, .written = 4 * 66},
    {.op = "DFT 20", .inputs = "float[3,16,2] x", .nodes = "y = DFT <inverse = 1> (x)",
     .outputs = "float[3,16,2] y", .flops = 3 * 5 * 16 * 4 + 3 * 16 * 2, .read = 4 * 96,
     .written = 4 * 96},
    // (64 - 16) / 8 + 1 = 7 frames, each multiplied with the window and transformed.
    {.op = "STFT 17", .inputs = "float[2,64,1] x, int64 step = {8}, float[16] window",
     .nodes = "y = STFT(x, step, window)", .outputs = "float[2,7,9,2] y",
     .flops = 2 * 7 * (16 + 5 * 16 * 4 / 2), .read = 4 * (128 + 16), .written = 4 * 2 * 7 * 18},
    {.op = "HannWindow 17", .inputs = "float[10] x",
     .nodes = "n = Size(x) y = HannWindow(n)", .outputs = "float[10] y",
     .status = Status::kFolded},
    {.op = "HannWindow 17", .inputs = "int64 n", .nodes = "y = HannWindow(n)",
     .outputs = "float[?] y", .status = Status::kGap, .reason = "unknown"},
    {.op = "HammingWindow 17", .inputs = "int64 n", .nodes = "y = HammingWindow(n)",
     .outputs = "float[10] y", .flops = window_flops(10),
     .transcendentals = window_transcendentals(10), .written = 4 * 10, .values = "n = 10"},
    {.op = "BlackmanWindow 17", .inputs = "int64 n",
     .nodes = "y = BlackmanWindow <output_datatype = 11> (n)", .outputs = "double[10] y",
     .flops = window_flops(10), .transcendentals = window_transcendentals(10),
     .written = 8 * 10, .values = "n = 10"},
    // 8 bands over 17 bins. Both edges to mel: add, multiply; a log and a division. Of 10 corners:
    // to mel (multiply, add), back to hertz (divide, power, subtract, multiply), to a bin
    // (multiply, divide). A bin is on a rising and a falling side: subtract and divide for each.
    {.op = "MelWeightMatrix 17",
     .inputs = "int64 bands, int64 length, int64 rate, float low, float high",
     .nodes = "y = MelWeightMatrix(bands, length, rate, low, high)", .outputs = "float[17,8] y",
     .flops = 2 * 2 + 10 * 5 + 2 * 17, .transcendentals = 2 * 2 + 10 * 3 + 2 * 17,
     .written = 4 * 17 * 8, .values = "bands = 8, length = 32"},
};
// clang-format on

}  // namespace

std::span<const OpCase> signal_cases() { return kCases; }

}  // namespace aiprof::test
