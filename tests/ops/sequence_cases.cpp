// Sequences and optionals hold handles; strings count as references of 8 bytes; control flow costs
// what its bodies cost.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "SequenceConstruct 11", .inputs = "float[2] a, float[3] b",
     .nodes = "s = SequenceConstruct(a, b)", .outputs = "seq(float[2], float[3]) s"},
    {.op = "SequenceEmpty 11", .inputs = "", .nodes = "s = SequenceEmpty <dtype = 7> ()",
     .outputs = "seq() s", .status = Status::kFolded},
    {.op = "SequenceInsert 11", .inputs = "float[2] a, float[3] b, int64 at = {0}",
     .nodes = "s = SequenceConstruct(a) t = SequenceInsert(s, b, at)",
     .outputs = "seq(float[3], float[2]) t"},
    {.op = "SequenceErase 11", .inputs = "float[2] a, float[3] b, int64 at = {-2}",
     .nodes = "s = SequenceConstruct(a, b) t = SequenceErase(s, at)",
     .outputs = "seq(float[3]) t"},
    {.op = "SequenceAt 11", .inputs = "float[2] a, float[3] b, int64 at = {1}",
     .nodes = "s = SequenceConstruct(a, b) y = SequenceAt(s, at)", .outputs = "float[3] y"},
    {.op = "SequenceLength 11", .inputs = "float[2] a, float[3] b",
     .nodes = "s = SequenceConstruct(a, b) y = SequenceLength(s)", .outputs = "int64 y = {2}"},
    {.op = "SplitToSequence 11", .inputs = "float[5,4] x, int64 n = {2}",
     .nodes = "s = SplitToSequence(x, n)",
     .outputs = "seq(float[2,4], float[2,4], float[1,4]) s", .read = 4 * 20, .written = 4 * 20},
    {.op = "ConcatFromSequence 11", .inputs = "float[2,4] a, float[3,4] b",
     .nodes = "s = SequenceConstruct(a, b) y = ConcatFromSequence <axis = 0> (s)",
     .outputs = "float[5,4] y", .read = 4 * 20, .written = 4 * 20},
    {.op = "Optional 15", .inputs = "float[2] x", .nodes = "o = Optional(x)",
     .outputs = "optional(float[2]) o"},
    {.op = "OptionalGetElement 15", .inputs = "float[2] x",
     .nodes = "o = Optional(x) y = OptionalGetElement(o)", .outputs = "float[2] y"},
    {.op = "OptionalGetElement 18", .inputs = "float[2] x", .nodes = "y = OptionalGetElement(x)",
     .outputs = "float[2] y"},
    {.op = "OptionalHasElement 15", .inputs = "float[2] x",
     .nodes = "o = Optional(x) y = OptionalHasElement(o)", .outputs = "bool y = {1}"},
    {.op = "OptionalHasElement 18", .inputs = "float[2] x", .nodes = "y = OptionalHasElement(x)",
     .outputs = "bool y = {1}", .status = Status::kFolded},

    {.op = "StringNormalizer 10", .inputs = "string[3] x = {\"Ab\", \"cD\", \"stop\"}",
     .nodes = "y = StringNormalizer <case_change_action = \"UPPER\", is_case_sensitive = 1, "
              "stopwords = [\"stop\"]> (x)",
     .outputs = "string[2] y = {\"AB\",\"CD\"}", .status = Status::kFolded},
    {.op = "StringConcat 20",
     .inputs = "string[3] x, string[3] y", .nodes = "z = StringConcat(x, y)",
     .outputs = "string[3] z", .read = 2 * 8 * 3, .written = 8 * 3},
    {.op = "StringSplit 20", .inputs = "string[2] x = {\"a b c\", \"d\"}",
     .nodes = "y, n = StringSplit(x)",
     .outputs = "string[2,3] y = {\"a\",\"b\",\"c\",\"d\",\"\",\"\"}; int64[2] n = {3,1}",
     .status = Status::kFolded},
    {.op = "StringSplit 20",
     .inputs = "string[2] x", .nodes = "y, n = StringSplit <maxsplit = 4> (x)",
     .outputs = "string[2,5] y; int64[2] n", .read = 8 * 2, .written = 8 * 10 + 8 * 2,
     .status = Status::kAssumed, .reason = "maxsplit"},
    {.op = "RegexFullMatch 20", .inputs = "string[4] x",
     .nodes = "y = RegexFullMatch <pattern = \"a+\"> (x)", .outputs = "bool[4] y", .read = 8 * 4,
     .written = 4},
    // Of 6 tokens, 6 single ones and 5 pairs are looked up.
    {.op = "TfIdfVectorizer 9", .inputs = "int64[6] x",
     .nodes = "y = TfIdfVectorizer <mode = \"TF\", min_gram_length = 1, max_gram_length = 2, "
              "max_skip_count = 0, ngram_counts = [0, 2], ngram_indexes = [0, 1, 2], "
              "pool_int64s = [2, 3, 5, 4]> (x)",
     .outputs = "float[3] y", .integer_ops = 6 + 5, .read = 8 * 6, .written = 4 * 3},

    // The branch that is taken; 3 trips of the body; one trip for each of 5 rows; one for each of 2
    // elements.
    {.op = "If 1", .inputs = "float[8] x, bool c = {1}",
     .nodes = "y = If <then_branch = a () => (float[] p) { p = Neg(x) }, "
              "else_branch = b () => (float[] q) { q = Exp(x) }> (c)",
     .outputs = "float[8] y", .flops = 8, .read = 4 * 8, .written = 4 * 8},
    {.op = "Loop 1", .inputs = "float[8] x, int64 n = {3}, bool c = {1}",
     .nodes = "y = Loop <body = b (int64 i, bool p, float[8] u) => (bool q, float[8] v) "
              "{ q = Identity(p) v = Neg(u) }> (n, c, x)",
     .outputs = "float[8] y", .flops = 3 * 8, .read = 3 * 4 * 8, .written = 3 * 4 * 8},
    {.op = "Scan 8", .inputs = "float[2,5,4] x, float[2,4] h",
     .nodes = "last, all = Scan <num_scan_inputs = 1, body = b (float[4] u, float[4] v) => "
              "(float[4] w, float[4] z) { w = Add(u, v) z = Identity(w) }> (_, h, x)",
     .outputs = "float[2,4] last; float[2,5,4] all", .flops = 2 * 5 * 4,
     .read = 2 * 5 * 2 * 4 * 4, .written = 2 * 5 * 4 * 4},
    {.op = "SequenceMap 17", .inputs = "float[2] a, float[3] b",
     .nodes = "s = SequenceConstruct(a, b) "
              "t = SequenceMap <body = m (float[] u) => (float[] v) { v = Neg(u) }> (s)",
     .outputs = "seq(float[2], float[3]) t", .flops = 2 + 3, .read = 4 * 5, .written = 4 * 5},
};
// clang-format on

}  // namespace

std::span<const OpCase> sequence_cases() { return kCases; }

}  // namespace aiprof::test
