// What is assumed for dims that nobody gave, and what is said of it.
#include <gtest/gtest.h>

#include "aiprof/analysis/analysis.h"
#include "aiprof/analysis/dim_role.h"
#include "aiprof/base/error.h"
#include "support/onnx_text.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

using Dims = std::map<std::string, std::int64_t>;
using Shapes = std::map<std::string, std::vector<std::int64_t>>;

BindOptions with_both(const Dims& dims, const Shapes& shapes) {
  BindOptions o;
  o.dims = dims;
  o.shapes = shapes;
  return o;
}
BindOptions with_dims(const Dims& dims) { return with_both(dims, {}); }
BindOptions with_shapes(const Shapes& shapes) { return with_both({}, shapes); }
BindOptions with_values(const std::map<std::string, StoredTensor>& values) {
  BindOptions o;
  o.values = values;
  return o;
}

// An input with named dims; a name of digits is a number, "?" an unnamed dim.
struct Input {
  std::string name;
  int dtype;
  std::vector<std::string> dims;
};

Graph with_inputs(const std::vector<Input>& inputs) {
  Message g;
  for (const Input& input : inputs) {
    Message shape;
    for (const std::string& d : input.dims) {
      Message dim;
      if (std::isdigit(static_cast<unsigned char>(d[0])) != 0) {
        dim.number(1, std::stoll(d));
      } else if (d != "?") {
        dim.text(2, d);
      }
      shape.message(1, dim);
    }
    const Message type = Message().message(1, Message().number(1, input.dtype).message(2, shape));
    g.message(11, value_info(input.name, type));
  }
  return read_model(model(g).bytes());
}

constexpr int kFloat = 1, kInt64 = 7;

std::vector<std::int64_t> shape_of(const Graph& g, const Analysis& a, std::size_t input) {
  std::vector<std::int64_t> out;
  for (const Dim d : a[g.main().inputs[input]].shape) out.push_back(d.known() ? d.value() : -1);
  return out;
}

std::int64_t default_of(const std::string& dim) {
  return analyze(with_inputs({{"x", kFloat, {"7", dim}}})).dims.at(dim);
}

struct Row {
  const char* name;
  std::int64_t value;
};

class DefaultOf : public testing::TestWithParam<Row> {};

TEST_P(DefaultOf, Name) { EXPECT_EQ(default_of(GetParam().name), GetParam().value); }

INSTANTIATE_TEST_SUITE_P(
    Defaults, DefaultOf,
    testing::Values(Row{"batch", 1}, Row{"batch_size", 1}, Row{"BatchSize", 1},
                    Row{"Batch-Size", 1}, Row{"n", 1}, Row{"N", 1}, Row{"b", 1}, Row{"BS", 1},
                    Row{"seq", 128}, Row{"sequence", 128}, Row{"seq_len", 128}, Row{"seqLen", 128},
                    Row{"SEQ_LENGTH", 128}, Row{"sequence.length", 128}, Row{"tokens", 128},
                    Row{"num_tokens", 128}, Row{"length", 128}, Row{"s", 128}, Row{"L", 128},
                    Row{"encoder_sequence_length", 128}, Row{"past", 0},
                    Row{"past_sequence_length", 0}, Row{"pastSequenceLength", 0}, Row{"cache", 0},
                    Row{"cache_len", 0}, Row{"kv", 0}, Row{"kv_length", 0}, Row{"KV-cache", 0},
                    Row{"height", 224}, Row{"width", 224}, Row{"H", 224}, Row{"w", 224},
                    Row{"image_height", 224}, Row{"channels", 1}, Row{"foo", 1}, Row{"dim_0", 1},
                    Row{"nb", 1}, Row{"hw", 1}));

TEST(Defaults, SumsFollowFromTheirParts) {
  const Graph g = with_inputs({{"ids", kInt64, {"batch", "seq"}},
                               {"past", kFloat, {"batch", "4", "past_len", "8"}},
                               {"mask", kInt64, {"batch", "past_len + seq"}},
                               {"mask1", kInt64, {"batch", "seq+1"}},
                               {"total", kFloat, {"total_sequence_length"}}});
  const Analysis a = analyze(g, with_dims({{"past_len", 40}, {"seq", 2}}));
  EXPECT_EQ(a.dims.at("past_len + seq"), 40 + 2);
  EXPECT_EQ(a.dims.at("seq+1"), 2 + 1);
  EXPECT_EQ(a.dims.at("total_sequence_length"), 40 + 2);
  EXPECT_EQ(shape_of(g, a, 2), (std::vector<std::int64_t>{1, 42}));
}

TEST(Defaults, ASumOfWhatTheModelDoesNotHaveIsAssumed) {
  EXPECT_EQ(default_of("foo+bar"), 1);
  EXPECT_EQ(default_of("past_sequence_length + 1"), 0 + 1);
}

TEST(Defaults, AFixedSequenceOfOneIsADecoderStep) {
  const Graph g = with_inputs({{"ids", kInt64, {"batch", "1"}},
                               {"past", kFloat, {"batch", "4", "past_len", "8"}},
                               {"mask", kInt64, {"batch", "total_len"}}});
  const Analysis a = analyze(g);
  EXPECT_EQ(a.dims.at("past_len"), 1024);
  EXPECT_EQ(a.dims.at("total_len"), 1024 + 1);
  EXPECT_EQ(analyze(g, with_dims({{"total_len", 513}})).dims.at("past_len"), 513 - 1);
}

TEST(Defaults, ASequenceBoundToOneIsADecoderStep) {
  const Graph g = with_inputs(
      {{"ids", kInt64, {"batch", "seq"}}, {"past", kFloat, {"batch", "4", "past", "8"}}});
  EXPECT_EQ(analyze(g).dims.at("past"), 0);
  EXPECT_EQ(analyze(g, with_dims({{"seq", 1}})).dims.at("past"), 1024);
  EXPECT_EQ(analyze(g, with_shapes({{"ids", {1, 1}}})).dims.at("past"), 1024);
}

TEST(Defaults, AGivenTotalLeavesTheRestForTheOthers) {
  const Graph g = with_inputs({{"ids", kInt64, {"batch", "seq"}},
                               {"past", kFloat, {"batch", "4", "past", "8"}},
                               {"mask", kInt64, {"batch", "total"}}});
  EXPECT_EQ(analyze(g, with_dims({{"total", 512}})).dims.at("past"), 512 - 128);
  EXPECT_EQ(analyze(g, with_dims({{"total", 64}})).dims.at("seq"), 64);
  EXPECT_EQ(analyze(g, with_dims({{"total", 64}})).dims.at("past"), 0);
  EXPECT_EQ(analyze(g, with_dims({{"total", 64}, {"past", 60}})).dims.at("seq"), 64 - 60);
}

TEST(Defaults, UnnamedDims) {
  const Graph g = with_inputs({{"x", kFloat, {"?", "3", "?"}}});
  const Analysis a = analyze(g);
  EXPECT_EQ(shape_of(g, a, 0), (std::vector<std::int64_t>{1, 3, 1}));
  EXPECT_EQ(a[g.main().inputs[0]].basis, Basis::kAssumed);
  EXPECT_EQ(a.notes, (std::vector<std::string>{
                         "input x: unnamed dim 0 = 1 by default (--shape x=... changes it)",
                         "input x: unnamed dim 2 = 1 assumed (--shape x=... changes it)"}));
}

TEST(Defaults, OnlyGuessesAreAssumed) {
  const auto basis = [](const std::vector<std::string>& dims) {
    const Graph g = with_inputs({{"x", kFloat, dims}});
    return analyze(g)[g.main().inputs[0]].basis;
  };
  EXPECT_EQ(basis({"batch", "3", "height", "width"}), Basis::kExact);
  EXPECT_EQ(basis({"?", "3"}), Basis::kExact);
  EXPECT_EQ(basis({"batch", "foo"}), Basis::kAssumed);
}

TEST(Defaults, EveryDefaultIsNotedWithTheFlagThatChangesIt) {
  const Graph g = with_inputs({{"ids", kInt64, {"batch", "seq"}},
                               {"past", kFloat, {"batch", "past"}},
                               {"mask", kInt64, {"batch", "past+seq"}},
                               {"other", kFloat, {"foo"}}});
  EXPECT_EQ(analyze(g, with_dims({{"seq", 16}})).notes,
            (std::vector<std::string>{"dim batch = 1 by default (--dim batch=N changes it)",
                                      "dim past = 0 by default (--dim past=N changes it)",
                                      "dim past+seq = 16 follows from the others (--dim past+seq=N "
                                      "changes it)",
                                      "dim foo = 1 assumed (--dim foo=N changes it)"}));
}

// Exporters call dims s77 where nobody names them; what an input is called then says what they are.
TEST(Defaults, DimsWithoutAMeaningHaveThatOfTheirPlace) {
  const Graph g = with_inputs({{"input_ids", kInt64, {"s77", "s27"}},
                               {"attention_mask", kInt64, {"s43", "s53"}},
                               {"past_key_values_0_key", kFloat, {"s77", "2", "s11", "64"}},
                               {"pixel_values", kFloat, {"s5", "3", "s6", "s7"}}});
  const Analysis a = analyze(g, with_dims({{"s11", 1000}}));
  EXPECT_EQ(shape_of(g, a, 0), (std::vector<std::int64_t>{1, 128}));
  EXPECT_EQ(shape_of(g, a, 1), (std::vector<std::int64_t>{1, 1000 + 128}));
  EXPECT_EQ(shape_of(g, a, 3), (std::vector<std::int64_t>{1, 3, 224, 224}));
  EXPECT_EQ(a.notes[1], "dim s27 = 128 by default, as dim 1 of input_ids (--dim s27=N changes it)");
  EXPECT_EQ(a.notes[3],
            "dim s53 = 1128 follows from the others, as dim 1 of attention_mask "
            "(--dim s53=N changes it)");
}

TEST(Defaults, PlacesThatSayNothingStayAssumed) {
  const Graph g = with_inputs({{"input_ids", kInt64, {"s1", "s2", "s3"}},
                               {"features", kFloat, {"s4", "s5"}},
                               {"image", kFloat, {"s6", "8", "s7", "s8"}}});
  const Analysis a = analyze(g);
  EXPECT_EQ(shape_of(g, a, 0), (std::vector<std::int64_t>{1, 1, 1}));
  EXPECT_EQ(shape_of(g, a, 2), (std::vector<std::int64_t>{1, 8, 1, 1}));
  EXPECT_EQ(a[g.main().inputs[1]].basis, Basis::kAssumed);
}

TEST(Defaults, ADimOfZeroIsADim) {
  const Graph g = with_inputs({{"x", kFloat, {"batch", "3"}}});
  const Analysis a = analyze(g, with_dims({{"batch", 0}}));
  EXPECT_EQ(shape_of(g, a, 0), (std::vector<std::int64_t>{0, 3}));
}

TEST(Defaults, RolesOfNames) {
  EXPECT_EQ(role_of("a+b"), DimRole::kSum);
  EXPECT_EQ(role_of("totalSeq"), DimRole::kTotal);
  EXPECT_EQ(role_of("past_key_len"), DimRole::kPast);
  EXPECT_EQ(role_of(""), DimRole::kOther);
}

// --- given dims, shapes and values --------------------------------------------------------------

TEST(Given, ADimBindsItsNameEverywhere) {
  const Graph g = with_inputs({{"x", kFloat, {"n", "3"}}, {"y", kFloat, {"n"}}});
  const Analysis a = analyze(g, with_dims({{"n", 5}}));
  EXPECT_EQ(shape_of(g, a, 0), (std::vector<std::int64_t>{5, 3}));
  EXPECT_EQ(shape_of(g, a, 1), (std::vector<std::int64_t>{5}));
}

TEST(Given, AShapeBindsTheNamesInIt) {
  const Graph g = with_inputs({{"x", kFloat, {"n", "3"}}, {"y", kFloat, {"n"}}});
  const Analysis a = analyze(g, with_shapes({{"x", {5, 3}}}));
  EXPECT_EQ(shape_of(g, a, 1), (std::vector<std::int64_t>{5}));
}

TEST(Given, ShapesThatDisagreeAreTakenAsTheyAre) {
  const Graph g = with_inputs({{"x", kFloat, {"n", "3"}}, {"y", kFloat, {"n"}}});
  const Analysis a = analyze(g, with_shapes({{"x", {5, 3}}, {"y", {6}}}));
  EXPECT_EQ(shape_of(g, a, 0), (std::vector<std::int64_t>{5, 3}));
  EXPECT_EQ(shape_of(g, a, 1), (std::vector<std::int64_t>{6}));
  EXPECT_EQ(a.notes, std::vector<std::string>{
                         "--shape y has 6 where another input has 5 for the dimension 'n'"});
}

// The message of the usage error that `options` end with.
std::string complaint(const Graph& g, const BindOptions& options) {
  try {
    (void)analyze(g, options);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kUsage);
    return e.what();
  }
  return {};
}

StoredTensor int64_values(const std::vector<std::int64_t>& values) {
  auto v = std::make_shared<Value>();
  for (const std::int64_t n : values) v->elements.push_back(Scalar::of(n));
  StoredTensor t;
  t.dtype = DType::kInt64;
  t.shape = Shape{Dim(static_cast<std::int64_t>(values.size()))};
  t.value = v;
  return t;
}

TEST(Given, NamesThatTheModelDoesNotHave) {
  const Graph g = with_inputs({{"ids", kInt64, {"batch", "seq"}}, {"x", kFloat, {"3"}}});
  EXPECT_EQ(complaint(g, with_dims({{"bacth", 4}})),
            "--dim bacth=4: <test> has no input dimension 'bacth'; did you mean 'batch'? (it has: "
            "batch, seq)");
  EXPECT_EQ(complaint(g, with_shapes({{"idz", {1, 1}}})),
            "--shape idz: <test> has no input 'idz'; did you mean 'ids'? (it has: ids, x)");
  EXPECT_EQ(complaint(g, with_values({{"mask", int64_values({1})}})),
            "--value mask: <test> has no input 'mask' (it has: ids, x)");
  const Graph fixed = with_inputs({{"x", kFloat, {"3"}}});
  EXPECT_EQ(complaint(fixed, with_dims({{"batch", 4}})),
            "--dim batch=4: <test> has no input dimension 'batch' (it has: none, all dims are "
            "fixed)");
}

TEST(Given, SizesThatDoNotFit) {
  const Graph g = with_inputs({{"ids", kInt64, {"batch", "seq"}}, {"x", kFloat, {"batch"}}});
  EXPECT_EQ(complaint(g, with_dims({{"batch", -1}})), "--dim batch=-1: a dim cannot be negative");
  EXPECT_EQ(complaint(g, with_shapes({{"ids", {1, -5}}})), "--shape ids: the dim -5 is negative");
  EXPECT_EQ(complaint(g, with_shapes({{"ids", {1, 2, 3}}})),
            "--shape ids: 3 dims given, but the input has rank 2");
  EXPECT_EQ(complaint(g, with_both({{"batch", 2}}, {{"ids", {3, 8}}})),
            "--shape ids sets the dimension 'batch' to 3, but --dim batch gives 2");
}

TEST(Given, ValuesThatDoNotFit) {
  const Graph g = with_inputs({{"ids", kInt64, {"2", "3"}}, {"x", kFloat, {"2"}}});
  EXPECT_EQ(complaint(g, with_values({{"ids", int64_values({1, 2})}})),
            "--value ids: 2 elements given, but the input has 6");
  EXPECT_EQ(complaint(g, with_values({{"x", int64_values({1, 2})}})),
            "--value x: int64 elements given, but the input is float32");
  StoredTensor unreadable;
  unreadable.dtype = DType::kInt64;
  unreadable.shape = Shape{Dim(4)};
  EXPECT_EQ(complaint(g, with_values({{"ids", unreadable}})),
            "--value ids: the contents cannot be read, or are more than 65536 elements");
}

TEST(Given, OneValueOrOneRowFillsTheInput) {
  const Graph g = with_inputs({{"ids", kInt64, {"2", "3"}}});
  const auto values = [&](const std::vector<std::int64_t>& given) {
    std::vector<std::int64_t> out;
    const Analysis a = analyze(g, with_values({{"ids", int64_values(given)}}));
    for (const Scalar& s : a[g.main().inputs[0]].value->elements) out.push_back(s.i);
    return out;
  };
  EXPECT_EQ(values({7}), (std::vector<std::int64_t>{7, 7, 7, 7, 7, 7}));
  EXPECT_EQ(values({1, 2, 3}), (std::vector<std::int64_t>{1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(values({1, 2, 3, 4, 5, 6}), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
}

TEST(Given, StringsAreNoNumbers) {
  Message g;
  g.message(11, value_info("x", tensor_type(8, {3, 2})));
  const Graph graph = read_model(model(g).bytes());
  auto v = std::make_shared<Value>();
  v->kind = Value::Kind::kString;
  v->strings = {"a", "b"};
  StoredTensor t;
  t.dtype = DType::kString;
  t.shape = Shape{Dim(2)};
  t.value = v;
  EXPECT_EQ(complaint(graph, with_values({{"x", t}})),
            "--value x: 2 elements given, but the input has 6");
}

TEST(Given, AnInputTooLargeToCountIsAnErrorOfTheFile) {
  const Graph g = with_inputs({{"x", kFloat, {"4000000000", "4000000000", "n"}}});
  try {
    (void)analyze(g, with_dims({{"n", 1000}}));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    EXPECT_STREQ(e.what(),
                 "<test>: input 'x' has dims whose size does not fit in 64 bits; give others with "
                 "--dim or --shape");
  }
}

TEST(Given, HugeDimsDoNotWrapAround) {
  const Graph g = with_inputs({{"ids", kInt64, {"1", "seq"}},
                               {"p", kFloat, {"0", "past"}},
                               {"m", kFloat, {"0", "past+seq"}},
                               {"t", kFloat, {"0", "total"}}});
  const Analysis a = analyze(g, with_dims({{"past", INT64_MAX}, {"seq", 5}}));
  EXPECT_EQ(a.dims.at("past+seq"), INT64_MAX);
  EXPECT_EQ(a.dims.at("total"), INT64_MAX);
}

}  // namespace
}  // namespace aiprof::test
