// Mutated models, the same ones on every run: none may crash, whatever it says.
// AIPROF_FUZZ_ROUNDS=N tries N mutations of every model instead of the usual few.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzz_model.h"
#include "support/onnx_text.h"

namespace aiprof::test {
namespace {

std::size_t rounds() {
  const char* given = std::getenv("AIPROF_FUZZ_ROUNDS");
  return given == nullptr ? 400 : std::strtoull(given, nullptr, 10);
}

std::uint32_t seed() {
  const char* given = std::getenv("AIPROF_FUZZ_SEED");
  return given == nullptr ? 1 : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
}

// model_bytes() of a text in which `{*}` stands for as many zeros as the dims before it say.
std::string seed_model(std::string text) {
  for (std::size_t at; (at = text.find("{*}")) != std::string::npos;) {
    const std::size_t open = text.rfind('[', at);
    std::size_t n = 1;
    for (std::size_t i = open + 1; text[i - 1] != ']';) {
      std::size_t end = 0;
      n *= std::stoul(text.substr(i), &end);
      i += end + 1;
    }
    std::string zeros = "{0";
    for (std::size_t i = 1; i < n; ++i) zeros += ", 0";
    text.replace(at, 3, zeros + "}");
  }
  return model_bytes(text);
}

// Small models that between them use every part of the format and many rules.
const std::vector<std::string>& seeds() {
  static const std::vector<std::string> kSeeds = {
      seed_model(R"(<ir_version: 8, opset_import: ["": 17]>
        g (float[N,3,8,8] x) => (float[N,10] y)
          <float[4,3,3,3] w = {*}, float[4] s = {*}, float[4,10] f = {*}, int64[2] t = {0, -1}> {
          c = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 2]> (x, w)
          b = BatchNormalization (c, s, s, s, s)
          r = Relu (b)
          m = MaxPool <kernel_shape = [2, 2]> (r)
          p = GlobalAveragePool (m)
          v = Reshape (p, t)
          y = Gemm <transB = 0> (v, f)
        })"),
      seed_model(R"(<ir_version: 8, opset_import: ["": 17]>
        g (int64[batch,seq] ids, float[batch,2,past,4] past) => (float[batch,2,q,4] present, float[] o)
          <float[16,8] table = {*}, float[8,8] w = {*}, int64[4] split = {0, 0, 2, 4}, int64[1] zero = {0},
           int64[1] one = {1}, int64[1] two = {2}> {
          e = Gather (table, ids)
          n = LayerNormalization <axis = -1> (e, w)
          q = MatMul (n, w)
          h = Reshape (q, split)
          k = Transpose <perm = [0, 2, 1, 3]> (h)
          present = Concat <axis = 2> (past, k)
          kt = Transpose <perm = [0, 1, 3, 2]> (present)
          sc = MatMul (k, kt)
          a = Softmax <axis = -1> (sc)
          z = Shape (a)
          l = Gather (z, one)
          d = Slice (z, one, two, zero)
          u = Unsqueeze (l, zero)
          ex = Expand (a, z)
          wh = Where (d, l, u)
          rg = Range (zero, l, one)
          o = Einsum <equation = "bhqk,bhkd->bhqd"> (a, present)
        })"),
      seed_model(R"(<ir_version: 8, opset_import: ["": 17]>
        g (float[N,4] x, bool c, int64 n) => (float[N,4] y, float[K,N,4] all) {
          y, all = Loop (n, c, x) <body = b (int64 i, bool go, float[N,4] s) => (bool on, float[N,4] t, float[N,4] scan) {
            on = Identity (go)
            t = If (on) <then_branch = th () => (float[N,4] r) { r = Add (s, x) },
                         else_branch = el () => (float[N,4] r) { r = Sub (s, x) }>
            scan = Relu (t)
          }>
        })"),
      seed_model(R"(<ir_version: 8, opset_import: ["": 17]>
        g (float[T,B,6] x, float[B,5] h0) => (float[B,5] h, float[T,B,5] ys, float[T,1,B,5] r)
          <float[6,5] w = {*}, float[1,20,6] lw = {*}, float[1,20,5] lr = {*}> {
          h, ys = Scan <num_scan_inputs = 1, body = b (float[B,5] s, float[B,6] e) => (float[B,5] t, float[B,5] o) {
            p = MatMul (e, w)
            t = Add (s, p)
            o = Tanh (t)
          }> (h0, x)
          r, hn, cn = LSTM <hidden_size = 5> (x, lw, lr)
        })"),
      seed_model(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
        g (float[N,4] x) => (float[N,4] y) {
          a = local.twice <alpha = 0.5> (x)
          y = local.twice (a)
        }
        <opset_import: ["": 17], domain: "local">
        twice <alpha> (a) => (c) {
          b = LeakyRelu <alpha: float = @alpha> (a)
          c = Neg (b)
        })"),
      seed_model(R"(<ir_version: 8, opset_import: ["": 17, "com.microsoft": 1]>
        g (float[B,S,32] x, int8[64,32] q) => (float[B,S,64] y, float[B,S,32] z, int64[M] nz)
          <uint8[64,2,8] w4 = {*}, float[128] s4 = {*}, float[1] sc = {*}, int8[1] zp = {*}, int64[1] k = {3}> {
          y = com.microsoft.MatMulNBits <K = 32, N = 64, bits = 4, block_size = 16> (x, w4, s4)
          dq = DequantizeLinear (q, sc, zp)
          z1 = com.microsoft.Gelu (x)
          tv, ti = TopK (z1, k)
          nz = NonZero (tv)
          seq = SplitToSequence <axis = 1> (x)
          z = ConcatFromSequence <axis = 1> (seq)
          pd = Resize <mode = "nearest"> (x, _, s4)
        })")};
  return kSeeds;
}

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

// One edit of the kinds that break parsers: flipped bits, bytes that are lengths or huge numbers,
// pieces cut out, doubled, or moved between models.
void mutate(std::string& s, Random& random) {
  static constexpr unsigned char kOdd[] = {0, 1, 2, 7, 8, 0x10, 0x3F, 0x7F, 0x80, 0xFE, 0xFF};
  const std::size_t at = below(random, s.size());
  const std::size_t n = 1 + below(random, 12);
  switch (below(random, 7)) {
    case 0:
      s[at] = static_cast<char>(s[at] ^ (1 << below(random, 8)));
      break;
    case 1:
      s[at] = static_cast<char>(kOdd[below(random, sizeof kOdd)]);
      break;
    case 2:
      s.erase(at, n);
      break;
    case 3:
      s.insert(at, s, below(random, s.size()), n);
      break;
    case 4:
      s[at] = static_cast<char>(s[at] + (random() % 2 == 0 ? 1 : -1));
      break;
    case 5: {
      const std::string& other = seeds()[below(random, seeds().size())];
      const std::size_t from = below(random, other.size());
      s.replace(at, n, other, from, n);
      break;
    }
    default:
      s.insert(at, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F");
      break;
  }
  if (s.empty()) s = "\x08";
}

// Edits that keep every length: names, numbers and types change, the structure stays readable.
void mutate_in_place(std::string& s, Random& random) {
  const std::size_t at = below(random, s.size());
  switch (below(random, 3)) {
    case 0:
      s[at] = static_cast<char>(random());
      break;
    case 1:
      s[at] = s[below(random, s.size())];
      break;
    default:
      s[at] = static_cast<char>(s[at] ^ (1 << below(random, 8)));
  }
}

TEST(Fuzz, SeedsAreSoundModels) {
  for (const std::string& bytes : seeds()) EXPECT_NO_THROW((void)read_model(bytes));
}

TEST(Fuzz, MutatedModelsNeverCrash) {
  Random random(seed());
  for (const std::string& bytes : seeds()) {
    for (std::size_t i = 0; i < rounds(); ++i) {
      std::string mutant = bytes;
      for (std::size_t k = 1 + below(random, 4); k-- > 0;) {
        if (i % 4 == 0) {
          mutate(mutant, random);
        } else {
          mutate_in_place(mutant, random);
        }
      }
      try_model(std::as_bytes(std::span<const char>(mutant)));
    }
  }
}

}  // namespace
}  // namespace aiprof::test
