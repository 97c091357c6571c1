// Classical machine learning. Coefficients and trees are attributes: they are in no traffic.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// Two trees. The first: node 0 goes to 1 or to leaf 2, and 1 to leaves 3 and 4, hence 2 compares at
// most; the second is one compare.
#define AIPROF_TREES                                                                         \
  "nodes_treeids = [0,0,0,0,0,1,1,1], nodes_nodeids = [0,1,2,3,4,0,1,2], "                   \
  "nodes_featureids = [0,1,0,0,0,2,0,0], nodes_values = [1.0,2.0,0.0,0.0,0.0,3.0,0.0,0.0], " \
  "nodes_modes = [\"BRANCH_LEQ\",\"BRANCH_LEQ\",\"LEAF\",\"LEAF\",\"LEAF\",\"BRANCH_LEQ\","  \
  "\"LEAF\",\"LEAF\"], nodes_truenodeids = [1,3,0,0,0,1,0,0], "                              \
  "nodes_falsenodeids = [2,4,0,0,0,2,0,0]"

// A look-up for every element.
constexpr std::string_view kLabels = "string[6] x";

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "ai.onnx.ml.ArrayFeatureExtractor 1", .inputs = "float[10,8] x, int64[1,3] i",
     .nodes = "y = ai.onnx.ml.ArrayFeatureExtractor(x, i)", .outputs = "float[10,3] y",
     .read = 4 * 30 + 8 * 3, .written = 4 * 30},
    {.op = "ai.onnx.ml.Binarizer 1", .inputs = "float[10,8] x",
     .nodes = "y = ai.onnx.ml.Binarizer <threshold = 0.5> (x)", .outputs = "float[10,8] y",
     .flops = 80, .read = 4 * 80, .written = 4 * 80},
    // How large a map is, its type does not say.
    {.op = "ai.onnx.ml.CastMap 1", .inputs = "map(int64, float) m",
     .nodes = "y = ai.onnx.ml.CastMap <map_form = \"SPARSE\", max_map = 5> (m)",
     .outputs = "float[1,5] y", .read = 4 * 5, .written = 4 * 5},
    {.op = "ai.onnx.ml.CategoryMapper 1", .inputs = kLabels,
     .nodes = "y = ai.onnx.ml.CategoryMapper <cats_strings = [\"a\",\"b\"], cats_int64s = "
              "[1,2]> (x)",
     .outputs = "int64[6] y", .read = 8 * 6, .written = 8 * 6},
    {.op = "ai.onnx.ml.DictVectorizer 1", .inputs = "map(string, float) m",
     .nodes = "y = ai.onnx.ml.DictVectorizer <string_vocabulary = [\"a\",\"b\",\"c\"]> (m)",
     .outputs = "float[1,3] y", .read = 4 * 3, .written = 4 * 3},
    {.op = "ai.onnx.ml.FeatureVectorizer 1", .inputs = "float[10,3] a, float[10,5] b",
     .nodes = "y = ai.onnx.ml.FeatureVectorizer <inputdimensions = [3,5]> (a, b)",
     .outputs = "float[10,8] y", .read = 4 * 80, .written = 4 * 80},
    {.op = "ai.onnx.ml.Imputer 1", .inputs = "float[10,8] x",
     .nodes = "y = ai.onnx.ml.Imputer <imputed_value_floats = [0.0]> (x)",
     .outputs = "float[10,8] y", .flops = 80, .read = 4 * 80, .written = 4 * 80},
    {.op = "ai.onnx.ml.LabelEncoder 1", .inputs = kLabels,
     .nodes = "y = ai.onnx.ml.LabelEncoder <classes_strings = [\"a\",\"b\"]> (x)",
     .outputs = "int64[6] y", .read = 8 * 6, .written = 8 * 6},
    {.op = "ai.onnx.ml.LabelEncoder 2", .inputs = kLabels,
     .nodes = "y = ai.onnx.ml.LabelEncoder <keys_strings = [\"a\"], values_floats = [1.5]> (x)",
     .outputs = "float[6] y", .read = 8 * 6, .written = 4 * 6},
    {.op = "ai.onnx.ml.LabelEncoder 4", .inputs = kLabels,
     .nodes = "y = ai.onnx.ml.LabelEncoder <keys_tensor = string[1] {\"a\"}, "
              "values_tensor = int16[1] {3}> (x)",
     .outputs = "int16[6] y", .read = 8 * 6, .written = 2 * 6},
    // 3 scores of 4 features for 10 rows: intercepts, and 2 compares for the largest.
    {.op = "ai.onnx.ml.LinearClassifier 1", .inputs = "float[10,4] x",
     .nodes = "y, s = ai.onnx.ml.LinearClassifier <coefficients = "
              "[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0], intercepts = [0.0,0.0,0.0], "
              "classlabels_ints = [0,1,2], post_transform = \"LOGISTIC\"> (x)",
     .outputs = "int64[10] y; float[10,3] s", .macs = 10 * 3 * 4,
     .flops = 2 * 10 * 3 * 4 + 10 * 3 + 10 * 2 + 2 * 10 * 3, .transcendentals = 2 * 10 * 3,
     .read = 4 * 40, .written = 8 * 10 + 4 * 30},
    {.op = "ai.onnx.ml.LinearRegressor 1", .inputs = "float[10,4] x",
     .nodes = "y = ai.onnx.ml.LinearRegressor <coefficients = [1.0,1.0,1.0,1.0], "
              "intercepts = [0.5]> (x)",
     .outputs = "float[10,1] y", .macs = 10 * 4, .flops = 2 * 10 * 4 + 10, .read = 4 * 40,
     .written = 4 * 10},
    {.op = "ai.onnx.ml.Normalizer 1", .inputs = "float[10,8] x",
     .nodes = "y = ai.onnx.ml.Normalizer <norm = \"L2\"> (x)", .outputs = "float[10,8] y",
     .flops = 10 * (8 + 7), .transcendentals = 10 * (8 + 1), .read = 4 * 80, .written = 4 * 80},
    {.op = "ai.onnx.ml.OneHotEncoder 1", .inputs = "int64[10] x",
     .nodes = "y = ai.onnx.ml.OneHotEncoder <cats_int64s = [1,2,3]> (x)",
     .outputs = "float[10,3] y", .read = 8 * 10, .written = 4 * 30},
    // 5 support vectors of 4 features for 3 classes: a squared distance and exp(-gamma d) each;
    // 2 decisions a vector; 3 pairs of classes, each with an offset and a vote.
    {.op = "ai.onnx.ml.SVMClassifier 1", .inputs = "float[10,4] x",
     .nodes = "y, s = ai.onnx.ml.SVMClassifier <kernel_type = \"RBF\", vectors_per_class = "
              "[2,2,1], "
              "classlabels_ints = [0,1,2], rho = [0.1,0.2,0.3]> (x)",
     .outputs = "int64[10] y; float[10,3] s", .macs = 10 * 5 * 4 + 10 * 5 * 2,
     .flops = 2 * (10 * 5 * 4 + 10 * 5 * 2) + 10 * 5 * (4 + 1) + 10 * 3 * 2,
     .transcendentals = 10 * 5, .read = 4 * 40, .written = 8 * 10 + 4 * 30},
    {.op = "ai.onnx.ml.SVMRegressor 1", .inputs = "float[10,4] x",
     .nodes = "y = ai.onnx.ml.SVMRegressor <n_supports = 6, rho = [0.1]> (x)",
     .outputs = "float[10,1] y", .macs = 10 * 6 * 4 + 10 * 6,
     .flops = 2 * (10 * 6 * 4 + 10 * 6) + 10, .read = 4 * 40, .written = 4 * 10},
    {.op = "ai.onnx.ml.Scaler 1", .inputs = "int64[10,4] x",
     .nodes = "y = ai.onnx.ml.Scaler <offset = [1.0], scale = [2.0]> (x)",
     .outputs = "float[10,4] y", .flops = 2 * 40, .read = 8 * 40, .written = 4 * 40},
    // A row takes 2 + 1 compares and adds 2 leaves; the classifier then finds the larger score.
    {.op = "ai.onnx.ml.TreeEnsembleClassifier 1", .inputs = "float[10,4] x",
     .nodes = "y, s = ai.onnx.ml.TreeEnsembleClassifier <classlabels_int64s = [0,1], " AIPROF_TREES
              "> (x)",
     .outputs = "int64[10] y; float[10,2] s", .flops = 10 * (2 + 1 + 2 + 1), .read = 4 * 40,
     .written = 8 * 10 + 4 * 20},
    {.op = "ai.onnx.ml.TreeEnsembleClassifier 3", .inputs = "float[10,4] x",
     .nodes = "y, s = ai.onnx.ml.TreeEnsembleClassifier <classlabels_strings = [\"a\",\"b\"], "
              AIPROF_TREES "> (x)",
     .outputs = "string[10] y; float[10,2] s", .flops = 10 * (2 + 1 + 2 + 1), .read = 4 * 40,
     .written = 8 * 10 + 4 * 20},
    {.op = "ai.onnx.ml.TreeEnsembleClassifier 5", .inputs = "float[10,4] x",
     .nodes = "y, s = ai.onnx.ml.TreeEnsembleClassifier <classlabels_int64s = [0,1], "
              "post_transform = \"SOFTMAX\", " AIPROF_TREES "> (x)",
     .outputs = "int64[10] y; float[10,2] s", .flops = 10 * (2 + 1 + 2 + 1) + 10 * (1 + 2 + 1),
     .transcendentals = 10 * (2 + 2), .read = 4 * 40, .written = 8 * 10 + 4 * 20},
    {.op = "ai.onnx.ml.TreeEnsembleRegressor 1", .inputs = "float[10,4] x",
     .nodes = "y = ai.onnx.ml.TreeEnsembleRegressor <" AIPROF_TREES "> (x)",
     .outputs = "float[10,1] y", .flops = 10 * (2 + 1 + 2), .read = 4 * 40, .written = 4 * 10},
    {.op = "ai.onnx.ml.TreeEnsembleRegressor 3", .inputs = "float[10,4] x",
     .nodes = "y = ai.onnx.ml.TreeEnsembleRegressor <n_targets = 2, " AIPROF_TREES "> (x)",
     .outputs = "float[10,2] y", .flops = 10 * (2 + 1 + 2), .read = 4 * 40, .written = 4 * 20},
    {.op = "ai.onnx.ml.TreeEnsembleRegressor 5", .inputs = "float[10,4] x",
     .nodes = "y = ai.onnx.ml.TreeEnsembleRegressor <" AIPROF_TREES "> (x)",
     .outputs = "float[10,1] y", .flops = 10 * (2 + 1 + 2), .read = 4 * 40, .written = 4 * 10},
    // Node 0 goes to node 1 or a leaf, node 1 to leaves: 2 compares, 1 leaf.
    {.op = "ai.onnx.ml.TreeEnsemble 5", .inputs = "double[10,4] x",
     .nodes = "y = ai.onnx.ml.TreeEnsemble <n_targets = 1, tree_roots = [0], "
              "nodes_featureids = [0,1], nodes_truenodeids = [1,0], nodes_falsenodeids = [0,1], "
              "nodes_trueleafs = [0,1], nodes_falseleafs = [1,1]> (x)",
     .outputs = "double[10,1] y", .flops = 10 * (2 + 1), .read = 8 * 40, .written = 8 * 10},
    {.op = "ai.onnx.ml.ZipMap 1", .inputs = "float[10,3] x",
     .nodes = "y = ai.onnx.ml.ZipMap <classlabels_int64s = [0,1,2]> (x)", .outputs = "seq(?) y",
     .read = 4 * 30, .written = 4 * 30},
};
// clang-format on

#undef AIPROF_TREES

}  // namespace

std::span<const OpCase> ml_cases() { return kCases; }

}  // namespace aiprof::test
