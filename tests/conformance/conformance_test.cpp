// ONNX's own node tests: dtypes and shapes of every output, and the work of operators against that
// of the bodies by which ONNX defines them. AIPROF_NODE_TESTS names another folder of cases
// (node_tests.py writes those of the newest ONNX).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aiprof/base/error.h"
#include "conformance/node_case.h"

namespace aiprof::conformance {
namespace {

std::string root() {
  if (const char* given = std::getenv("AIPROF_NODE_TESTS")) return given;
#ifdef AIPROF_ONNX_TESTDATA
  return AIPROF_ONNX_TESTDATA;
#else
  return {};
#endif
}

// Cases whose outputs do not follow from shapes and small integer inputs, or whose files are wrong.
struct Exception {
  std::string_view prefix;
  Verdict verdict;
  std::string_view reason;
};

constexpr std::string_view kNoLength = "how long an input sequence is cannot be given";

constexpr std::array kExceptions = {
    Exception{"test_nonmaxsuppression_identical_boxes", Verdict::kBounded, "boxes decide"},
    Exception{"test_nonmaxsuppression_suppress_by_IOU_and_scores", Verdict::kBounded,
              "boxes decide"},
    Exception{"test_unique_sorted_with_axis", Verdict::kBounded, "the elements decide"},
    Exception{"test_unique_sorted_with_negative_axis", Verdict::kBounded, "the elements decide"},
    Exception{"test_image_decoder_decode_", Verdict::kUnknown, "the picture says how large it is"},
    Exception{"test_optional_get_element", Verdict::kUnknown,
              "what an optional input holds cannot be given"},
    Exception{"test_identity_opt", Verdict::kUnknown, kNoLength},
    Exception{"test_identity_sequence", Verdict::kUnknown, kNoLength},
    Exception{"test_loop13_seq", Verdict::kUnknown, kNoLength},
    Exception{"test_sequence_insert_at_", Verdict::kUnknown, kNoLength},
    Exception{"test_sequence_map_", Verdict::kUnknown, kNoLength},
    Exception{"test_cast_FLOAT_to_BFLOAT16", Verdict::kWrong,
              "ONNX 1.12 stores the expected bfloat16 as uint16"},
    Exception{"test_castlike_BFLOAT16_to_FLOAT", Verdict::kWrong,
              "ONNX 1.12 stores one element for the declared [3,4]"},
    Exception{"test_castlike_FLOAT_to_BFLOAT16", Verdict::kWrong,
              "ONNX 1.12 stores one element for the declared [3,4]"},
};

const Exception* exception_of(std::string_view name) {
  const auto* it = std::find_if(kExceptions.begin(), kExceptions.end(), [&](const Exception& e) {
    return name.substr(0, e.prefix.size()) == e.prefix;
  });
  return it == kExceptions.end() ? nullptr : it;
}

// Inputs that contradict the model are refused with an Error; anything else that is thrown, or a
// crash, fails the test.
Outcome outcome_of(const NodeCase& node_case) {
  try {
    return run_case(node_case);
  } catch (const Error& e) {
    Outcome refused;
    refused.outputs = {Verdict::kWrong};
    refused.tensors = true;
    refused.detail = e.what();
    return refused;
  }
}

TEST(NodeTests, OutputsHaveTheShapesAndTypesOnFile) {
  if (root().empty()) GTEST_SKIP() << "libonnx-testdata is not installed";
  struct Score {
    std::size_t right = 0, of = 0;
  };
  Score tensors;
  Score others;  // sequences and optionals alone
  for (const NodeCase& c : find_cases(root())) {
    const Outcome o = outcome_of(c);
    if (!o.compared()) continue;
    Score& score = o.tensors ? tensors : others;
    ++score.of;
    const Verdict verdict = o.worst();
    if (verdict == Verdict::kRight) {
      ++score.right;
      continue;
    }
    const Exception* e = exception_of(c.name);
    EXPECT_TRUE(e != nullptr && e->verdict == verdict) << c.folder << ": " << o.detail;
    if (e != nullptr) fmt::print("  {}: {}\n", c.name, e->reason);
  }
  fmt::print("node tests: {} of {} with tensor outputs are right; {} of {} with others\n",
             tensors.right, tensors.of, others.right, others.of);
  // 1,737 of 1,777 of the newest ONNX.
  EXPECT_GE(tensors.right * 1777, tensors.of * 1737);
}

// Without the inputs' dims and contents there is less to know, and nothing to crash on.
TEST(NodeTests, ModelsAloneAreAnalysed) {
  if (root().empty()) GTEST_SKIP() << "libonnx-testdata is not installed";
  for (const NodeCase& c : find_cases(root())) EXPECT_NO_THROW(run_alone(c)) << c.folder;
}

// Operators whose work differs from that of their body.
constexpr std::array kOtherWork = {
    Exception{"test_greater_equal", Verdict::kRight,
              "1 comparison per element; the body makes two (Greater, Equal) and an Or"},
    Exception{"test_less_equal", Verdict::kRight,
              "1 comparison per element; the body makes two (Less, Equal) and an Or"},
    Exception{"test_sequence_map_", Verdict::kRight,
              "body x length, and how long a sequence input is cannot be given"},
};

bool has_other_work(std::string_view name) {
  return std::any_of(kOtherWork.begin(), kOtherWork.end(), [&](const Exception& e) {
    return name.substr(0, e.prefix.size()) == e.prefix;
  });
}

TEST(NodeTests, OperatorsCostWhatTheirBodiesCost) {
  if (root().empty()) GTEST_SKIP() << "libonnx-testdata is not installed";
  constexpr std::string_view kTwin = "_expanded";
  const auto cases = find_cases(root());
  std::size_t pairs = 0;
  std::size_t equal = 0;
  for (const NodeCase& body : cases) {
    const std::size_t at = body.name.find(kTwin);
    if (at == std::string::npos) continue;
    const std::string name = body.name.substr(0, at);
    const auto fused =
        std::find_if(cases.begin(), cases.end(), [&](const NodeCase& c) { return c.name == name; });
    const Exception* broken = exception_of(name);
    if (fused == cases.end() || (broken != nullptr && broken->verdict == Verdict::kWrong)) continue;
    const Outcome o = outcome_of(*fused);
    const Outcome b = outcome_of(body);
    const bool same =
        o.gaps + b.gaps == 0 && o.flops == b.flops && o.transcendentals == b.transcendentals;
    ++pairs;
    equal += same ? 1 : 0;
    if (has_other_work(name)) continue;
    EXPECT_TRUE(same) << body.folder << ": " << o.flops.value() << " FLOPs and "
                      << o.transcendentals.value() << " transcendentals, the body has "
                      << b.flops.value() << " and " << b.transcendentals.value() << "; " << o.detail
                      << b.detail;
  }
  fmt::print("operators and their bodies: {} of {} pairs agree\n", equal, pairs);
}

}  // namespace
}  // namespace aiprof::conformance
