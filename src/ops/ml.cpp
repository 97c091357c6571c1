// ai.onnx.ml: classical machine learning. Coefficients live in attributes, not in tensors, so they
// appear in no operand: traffic is that of rows and results alone.
#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

constexpr std::string_view kMl = "ai.onnx.ml";

Count length(std::size_t n) { return {static_cast<std::uint64_t>(n)}; }

std::size_t attr_length(const OpView& v, std::string_view name) {
  const Attribute* a = v.attr(name);
  if (a == nullptr) return 0;
  if (a->tensor != nullptr) return num_elements(a->tensor->shape).value_or(0);
  return std::max({a->ints.size(), a->floats.size(), a->strings.size()});
}

// A row vector counts as a batch of one.
Dim rows_of(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return {};
  return x.rank() < 2 ? Dim(1) : x.shape[0];
}

Count features_of(const OpView& v) { return v.in_dim(0, -1).count(); }

Dim dim_of(std::size_t n) { return {static_cast<std::int64_t>(n)}; }

void same_shape_float(const InferView& v) { copy_type(v, 0, 0, DType::kFloat32); }

// --- encoders and feature plumbing --------------------------------------------------------------

void array_feature_extractor_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() == 0) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.rank() == 1 ? Shape{1, Dim()} : x.shape;
  out.back() = Dim::from(v.in(1).elements());
  v.set(0, x.dtype, std::move(out));
}

void picked_elements(const OpView& v, Traffic& t) {
  t.read(0, v.out(0).elements());
  t.read(1);
  t.write(0);
}

void cast_map_shape(const InferView& v) {
  const auto to = v.attr_string("cast_to", "TO_FLOAT");
  const DType dtype = to == "TO_STRING"  ? DType::kString
                      : to == "TO_INT64" ? DType::kInt64
                                         : DType::kFloat32;
  const bool sparse = v.attr_string("map_form", "DENSE") == "SPARSE";
  v.set(0, dtype, {1, sparse ? Dim(v.attr_int("max_map", 1)) : Dim()});
}

// The size of a map is not in its type: it is taken to have as many entries as the output.
void map_as_large_as_output(const OpView& v, Traffic& t) {
  t.read_as(0, v.out(0).dtype, v.out(0).elements());
  t.write(0);
}

void category_mapper_shape(const InferView& v) {
  copy_type(v, 0, 0, v.in(0).dtype == DType::kString ? DType::kInt64 : DType::kString);
}

void dict_vectorizer_shape(const InferView& v) {
  const std::size_t n =
      std::max(attr_length(v, "string_vocabulary"), attr_length(v, "int64_vocabulary"));
  v.set(0, v.in(0).dtype, {1, dim_of(n)});
}

void feature_vectorizer_shape(const InferView& v) {
  Dim width = 0;
  const auto given = v.attr_ints("inputdimensions");
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    width = width + (i < given.size() ? Dim(given[i]) : v.in_dim(i, -1));
  }
  v.set(0, DType::kFloat32, {rows_of(v), width});
}

DType label_encoder_dtype(const OpView& v) {
  if (v.opset() < 2) return v.in(0).dtype == DType::kString ? DType::kInt64 : DType::kString;
  if (const Attribute* a = v.attr("values_tensor"); a != nullptr && a->tensor != nullptr) {
    return a->tensor->dtype;
  }
  if (v.attr("values_strings") != nullptr) return DType::kString;
  if (v.attr("values_int64s") != nullptr) return DType::kInt64;
  return v.attr("values_floats") != nullptr ? DType::kFloat32 : DType::kUndefined;
}

void label_encoder_shape(const InferView& v) { copy_type(v, 0, 0, label_encoder_dtype(v)); }

void one_hot_encoder_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, DType::kFloat32);
  Shape out = x.shape;
  out.push_back(dim_of(std::max(attr_length(v, "cats_int64s"), attr_length(v, "cats_strings"))));
  v.set(0, DType::kFloat32, std::move(out));
}

// Integers are scaled as floats too.
Work scaler_work(const OpView& v) { return arithmetic(DType::kFloat32, v.in(0).elements(), 2); }

Work normalizer_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count rows = rows_of(v).count();
  const auto norm = v.attr_string("norm", "MAX");
  Work w;
  w.flops = n - rows;               // the reduction
  if (norm != "MAX") w.flops += n;  // |x| or x * x
  w.transcendentals = norm == "L2" ? n + rows : n;
  w.geometry.kind = Geometry::Kind::kRows;
  w.geometry.rows = rows;
  w.geometry.cols = features_of(v);
  return w;
}

void zip_map_shape(const InferView& v) {
  TensorFact maps;
  maps.kind = TypeKind::kSequence;
  maps.dtype = v.in(0).dtype;
  v.set_fact(0, std::move(maps));
}

void zip_map_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  t.write_as(0, v.in(0).dtype, v.in(0).elements());
}

// --- linear models and support vector machines ---------------------------------------------------

DType label_dtype(const OpView& v, std::string_view strings) {
  return v.attr(strings) != nullptr && attr_length(v, strings) > 0 ? DType::kString : DType::kInt64;
}

std::size_t label_count(const OpView& v) {
  return std::max({attr_length(v, "classlabels_ints"), attr_length(v, "classlabels_int64s"),
                   attr_length(v, "classlabels_strings")});
}

// Score vectors that the coefficients hold: one per intercept.
std::size_t linear_scores(const OpView& v) {
  const std::size_t intercepts = attr_length(v, "intercepts");
  if (intercepts > 0) return intercepts;
  const Count per = length(attr_length(v, "coefficients")) / features_of(v);
  return std::max<std::size_t>(1, per.value_or(label_count(v)));
}

void linear_classifier_shape(const InferView& v) {
  const std::size_t scores = linear_scores(v);
  v.set(0, label_dtype(v, "classlabels_strings"), {rows_of(v)});
  // A single score vector with two labels yields both probabilities.
  v.set(1, DType::kFloat32, {rows_of(v), dim_of(scores == 1 && label_count(v) == 2 ? 2 : scores)});
}

void linear_regressor_shape(const InferView& v) {
  v.set(0, DType::kFloat32, {rows_of(v), Dim(v.attr_int("targets", 1))});
}

// What post_transform adds to `n` scores in `rows` rows.
void add_post_transform(const OpView& v, Count n, Count rows, Work& w) {
  const auto transform = v.attr_string("post_transform", "NONE");
  if (transform.starts_with("SOFTMAX")) {
    w.flops += n - rows + n + (n - rows);  // max, subtract, sum
    w.transcendentals += n + n;            // exp, divide
  } else if (transform == "LOGISTIC") {
    w.flops += n + n;  // negate, add
    w.transcendentals += n + n;
  } else if (transform == "PROBIT") {
    w.transcendentals += n;
  }
}

Work dense_scores(const OpView& v, Count vectors) {
  Work w = gemm_work({.m = rows_of(v).count(), .n = vectors, .k = features_of(v)});
  w.math = DType::kFloat32;
  return w;
}

Work linear_classifier_work(const OpView& v) {
  const Count scores = length(linear_scores(v));
  Work w = dense_scores(v, scores);
  const Count rows = rows_of(v).count();
  w.flops = rows * scores;                 // intercepts
  w.flops += rows * max(scores - 1U, 1U);  // the largest score, or the threshold of a single one
  add_post_transform(v, v.out(1).elements().known() ? v.out(1).elements() : rows * scores, rows, w);
  return w;
}

Work linear_regressor_work(const OpView& v) {
  const Count targets(v.attr_int("targets", 1));
  Work w = dense_scores(v, targets);
  if (v.attr("intercepts") != nullptr) w.flops = rows_of(v).count() * targets;
  add_post_transform(v, rows_of(v).count() * targets, rows_of(v).count(), w);
  return w;
}

Count support_vectors(const OpView& v) {
  Count n = 0U;
  for (const std::int64_t per_class : v.attr_ints("vectors_per_class")) n += Count(per_class);
  return n;
}

// Kernel values of every row against `vectors` support vectors: a dot product (RBF: a squared
// distance, one multiply-add and one subtraction per feature), then the kernel's own function.
Work kernel_work(const OpView& v, Count vectors) {
  Work w = dense_scores(v, vectors);
  const Count values = rows_of(v).count() * vectors;
  const auto kernel = v.attr_string("kernel_type", "LINEAR");
  if (kernel == "RBF") {
    w.flops = values * features_of(v) + values;  // differences, then * -gamma
    w.transcendentals = values;
  } else if (kernel != "LINEAR") {  // POLY, SIGMOID: gamma * dot + coef0, then pow or tanh
    w.flops = values * 2U;
    w.transcendentals = values;
  }
  return w;
}

void svm_classifier_shape(const InferView& v) {
  const std::size_t classes = label_count(v);
  const std::size_t pairs = classes * (classes - std::min<std::size_t>(classes, 1)) / 2;
  const bool per_class = v.attr_ints("vectors_per_class").empty() ||  // linear: one score a class
                         attr_length(v, "prob_a") > 0 || pairs <= 1;
  v.set(0, label_dtype(v, "classlabels_strings"), {rows_of(v)});
  v.set(1, DType::kFloat32,
        {rows_of(v), dim_of(per_class ? std::max<std::size_t>(classes, 1) : pairs)});
}

Work svm_classifier_work(const OpView& v) {
  const Count rows = rows_of(v).count();
  const Count classes = length(label_count(v));
  const Count vectors = support_vectors(v);
  if (vectors == Count(0U)) {
    Work w = kernel_work(v, classes);
    w.flops += rows * classes;
    return w;
  }
  Work w = kernel_work(v, vectors);
  // One against one: every support vector has a coefficient in each of (classes - 1) decisions.
  const Count pairs = classes * (classes - 1U) / 2U;
  w.macs += rows * vectors * (classes - 1U);
  w.flops += rows * pairs * 2U;  // + rho, then the vote's compare
  if (v.attr("prob_a") != nullptr) {
    w.flops += rows * pairs * 4U;  // a * score + b, negate, 1 +
    w.transcendentals += rows * pairs * 2U;
  }
  return w;
}

void svm_regressor_shape(const InferView& v) { v.set(0, DType::kFloat32, {rows_of(v), 1}); }

Work svm_regressor_work(const OpView& v) {
  const Count rows = rows_of(v).count();
  const Count supports(v.attr_int("n_supports", 0));
  if (supports == Count(0U)) {
    Work w = kernel_work(v, 1U);
    w.flops += rows;
    return w;
  }
  Work w = kernel_work(v, supports);
  w.macs += rows * supports;
  w.flops += rows;
  return w;
}

// --- trees ---------------------------------------------------------------------------------------

// Sum over all trees of the compares on the longest way from root to leaf.
struct Forest {
  std::uint64_t trees = 0;
  std::uint64_t depth = 0;
};

// One binary forest as child indices; leaves have none.
struct TreeNodes {
  std::vector<std::size_t> yes, no;  // child index, or kLeaf
  std::vector<std::size_t> roots;
};
constexpr std::size_t kLeaf = SIZE_MAX;

Forest measure(const TreeNodes& nodes) {
  Forest forest{.trees = nodes.roots.size()};
  std::vector<std::pair<std::size_t, std::uint64_t>> stack;
  for (const std::size_t root : nodes.roots) {
    std::uint64_t deepest = 0;
    // A well-formed tree visits a node once; more visits than nodes mean a cycle.
    std::size_t visits = 0;
    stack.assign(1, {root, 0});
    while (!stack.empty()) {
      const auto [node, depth] = stack.back();
      stack.pop_back();
      if (++visits > 2 * nodes.yes.size() + 1) throw RuleError("the tree has a cycle");
      if (node == kLeaf || node >= nodes.yes.size()) {
        deepest = std::max(deepest, depth);
        continue;
      }
      const bool is_leaf = nodes.yes[node] == kLeaf && nodes.no[node] == kLeaf;
      deepest = std::max(deepest, depth);
      if (is_leaf) continue;
      stack.emplace_back(nodes.yes[node], depth + 1);
      stack.emplace_back(nodes.no[node], depth + 1);
    }
    forest.depth += deepest;
  }
  return forest;
}

std::uint64_t node_key(std::int64_t tree, std::int64_t node) {
  return (static_cast<std::uint64_t>(tree) << 32U) ^ static_cast<std::uint32_t>(node);
}

// TreeEnsembleClassifier and TreeEnsembleRegressor: nodes named by (tree, node) pairs.
Forest measure_ensemble(const OpView& v) {
  const auto trees = v.attr_ints("nodes_treeids");
  const auto ids = v.attr_ints("nodes_nodeids");
  const auto yes = v.attr_ints("nodes_truenodeids");
  const auto no = v.attr_ints("nodes_falsenodeids");
  const Attribute* modes = v.attr("nodes_modes");
  const std::size_t n = trees.size();
  if (ids.size() != n || yes.size() != n || no.size() != n || modes == nullptr ||
      modes->strings.size() != n) {
    v.fail("the node attributes of the tree ensemble differ in length");
  }
  std::unordered_map<std::uint64_t, std::size_t> position;
  for (std::size_t i = 0; i < n; ++i) position.emplace(node_key(trees[i], ids[i]), i);
  TreeNodes nodes{.yes = std::vector(n, kLeaf), .no = std::vector(n, kLeaf), .roots = {}};
  std::vector<bool> child(n, false);
  const auto find = [&](std::int64_t tree, std::int64_t id) {
    const auto it = position.find(node_key(tree, id));
    if (it == position.end()) v.fail("a tree node has a child that does not exist");
    child[it->second] = true;
    return it->second;
  };
  for (std::size_t i = 0; i < n; ++i) {
    if (modes->strings[i] == "LEAF") continue;
    nodes.yes[i] = find(trees[i], yes[i]);
    nodes.no[i] = find(trees[i], no[i]);
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!child[i]) nodes.roots.push_back(i);
  }
  return measure(nodes);
}

// TreeEnsemble: children are positions in the node or the leaf arrays.
Forest measure_tree_ensemble(const OpView& v) {
  const auto yes = v.attr_ints("nodes_truenodeids");
  const auto no = v.attr_ints("nodes_falsenodeids");
  const auto yes_leaf = v.attr_ints("nodes_trueleafs");
  const auto no_leaf = v.attr_ints("nodes_falseleafs");
  const std::size_t n = yes.size();
  if (no.size() != n || yes_leaf.size() != n || no_leaf.size() != n) {
    v.fail("the node attributes of the tree ensemble differ in length");
  }
  TreeNodes nodes;
  for (std::size_t i = 0; i < n; ++i) {
    nodes.yes.push_back(yes_leaf[i] != 0 ? n : static_cast<std::size_t>(yes[i]));
    nodes.no.push_back(no_leaf[i] != 0 ? n : static_cast<std::size_t>(no[i]));
  }
  for (const std::int64_t root : v.attr_ints("tree_roots")) {
    nodes.roots.push_back(static_cast<std::size_t>(root));
  }
  return measure(nodes);
}

Work forest_work(const OpView& v, const Forest& forest, Count targets) {
  const Count rows = rows_of(v).count();
  Work w;
  w.flops = rows * length(forest.depth) + rows * length(forest.trees);  // compares, sums of leaves
  w.geometry.kind = Geometry::Kind::kRows;
  w.geometry.rows = rows;
  w.geometry.cols = length(forest.depth);
  add_post_transform(v, rows * targets, rows, w);
  return w;
}

std::size_t tree_classes(const OpView& v) { return std::max<std::size_t>(1, label_count(v)); }

void tree_classifier_shape(const InferView& v) {
  v.set(0, label_dtype(v, "classlabels_strings"), {rows_of(v)});
  v.set(1, DType::kFloat32, {rows_of(v), dim_of(tree_classes(v))});
}

Work tree_classifier_work(const OpView& v) {
  Work w = forest_work(v, measure_ensemble(v), length(tree_classes(v)));
  w.flops += rows_of(v).count() * length(tree_classes(v) - 1);  // the largest score
  return w;
}

void tree_regressor_shape(const InferView& v) {
  v.set(0, DType::kFloat32, {rows_of(v), Dim(v.attr_int("n_targets", 1))});
}

Work tree_regressor_work(const OpView& v) {
  return forest_work(v, measure_ensemble(v), Count(v.attr_int("n_targets", 1)));
}

void tree_ensemble_shape(const InferView& v) {
  v.set(0, v.in(0).dtype, {rows_of(v), Dim(v.attr_int("n_targets", 1))});
}

Work tree_ensemble_work(const OpView& v) {
  Forest forest = measure_tree_ensemble(v);
  // post_transform is an integer here; its names follow the order of the older attribute.
  Work w = forest_work(v, forest, Count(v.attr_int("n_targets", 1)));
  const Count n = v.out(0).elements();
  const Count rows = rows_of(v).count();
  switch (v.attr_int("post_transform", 0)) {
    case 2:  // SOFTMAX
    case 3:  // SOFTMAX_ZERO
      w.flops += n - rows + n + (n - rows);
      w.transcendentals += n + n;
      break;
    case 1:  // LOGISTIC
      w.flops += n + n;
      w.transcendentals += n + n;
      break;
    case 4:  // PROBIT
      w.transcendentals += n;
      break;
    default:
      break;
  }
  return w;
}

constexpr std::string_view kTrees =
    "rows x (sum over trees of the longest path's compares + 1 sum per tree) + post transform; an "
    "upper bound, rows may reach shallower leaves; nodes are attributes and not in the traffic";

constexpr OpSpec kMlOps[] = {
    {kMl, "ArrayFeatureExtractor", 1, OpClass::kGather, array_feature_extractor_shape, no_work,
     picked_elements, "no arithmetic; reads the elements it picks"},
    {kMl, "Binarizer", 1, OpClass::kMl, same_as_first, per_element<1>, each_once,
     "1 compare per element"},
    {kMl, "CastMap", 1, OpClass::kMl, cast_map_shape, no_work, map_as_large_as_output,
     "no arithmetic; the map is taken to be as large as the output"},
    {kMl, "CategoryMapper", 1, OpClass::kMl, category_mapper_shape, no_work, each_once,
     "no arithmetic: one table look-up per element"},
    {kMl, "DictVectorizer", 1, OpClass::kMl, dict_vectorizer_shape, no_work, map_as_large_as_output,
     "no arithmetic; the map is taken to be as large as the output"},
    {kMl, "FeatureVectorizer", 1, OpClass::kMovement, feature_vectorizer_shape, no_work, each_once,
     "no arithmetic: a concatenation and cast"},
    {kMl, "Imputer", 1, OpClass::kMl, same_as_first, per_element<1>, each_once,
     "1 compare per element"},
    {kMl, "LabelEncoder", 1, OpClass::kMl, label_encoder_shape, no_work, each_once,
     "no arithmetic: one table look-up per element"},
    {kMl, "LabelEncoder", 2, OpClass::kMl, label_encoder_shape, no_work, each_once,
     "no arithmetic: one table look-up per element"},
    {kMl, "LabelEncoder", 4, OpClass::kMl, label_encoder_shape, no_work, each_once,
     "no arithmetic: one table look-up per element"},
    {kMl, "LinearClassifier", 1, OpClass::kMl, linear_classifier_shape, linear_classifier_work,
     each_once, "rows x scores x features MACs + intercepts + largest score + post transform"},
    {kMl, "LinearRegressor", 1, OpClass::kMl, linear_regressor_shape, linear_regressor_work,
     each_once, "rows x targets x features MACs + intercepts + post transform"},
    {kMl, "Normalizer", 1, OpClass::kNormalization, same_shape_float, normalizer_work, each_once,
     "per row: n - 1 for the reduction (+ n for L1, L2), n divisions (+ 1 root for L2)"},
    {kMl, "OneHotEncoder", 1, OpClass::kMl, one_hot_encoder_shape, no_work, each_once,
     "no arithmetic: one look-up per element"},
    {kMl, "SVMClassifier", 1, OpClass::kMl, svm_classifier_shape, svm_classifier_work, each_once,
     "rows x support vectors x (features + classes - 1) MACs + kernel function + votes"},
    {kMl, "SVMRegressor", 1, OpClass::kMl, svm_regressor_shape, svm_regressor_work, each_once,
     "rows x support vectors x (features + 1) MACs + kernel function + rho"},
    {kMl, "Scaler", 1, OpClass::kMl, same_shape_float, scaler_work, each_once,
     "2 FLOPs (subtract, multiply) per element"},
    {kMl, "TreeEnsemble", 5, OpClass::kMl, tree_ensemble_shape, tree_ensemble_work, each_once,
     kTrees},
    {kMl, "TreeEnsembleClassifier", 1, OpClass::kMl, tree_classifier_shape, tree_classifier_work,
     each_once, kTrees},
    {kMl, "TreeEnsembleClassifier", 3, OpClass::kMl, tree_classifier_shape, tree_classifier_work,
     each_once, kTrees},
    {kMl, "TreeEnsembleClassifier", 5, OpClass::kMl, tree_classifier_shape, tree_classifier_work,
     each_once, kTrees},
    {kMl, "TreeEnsembleRegressor", 1, OpClass::kMl, tree_regressor_shape, tree_regressor_work,
     each_once, kTrees},
    {kMl, "TreeEnsembleRegressor", 3, OpClass::kMl, tree_regressor_shape, tree_regressor_work,
     each_once, kTrees},
    {kMl, "TreeEnsembleRegressor", 5, OpClass::kMl, tree_regressor_shape, tree_regressor_work,
     each_once, kTrees},
    {kMl, "ZipMap", 1, OpClass::kMl, zip_map_shape, no_work, zip_map_traffic,
     "no arithmetic: every score is copied into a map"},
};

}  // namespace

std::span<const OpSpec> ml_ops() { return kMlOps; }

}  // namespace aiprof::ops
