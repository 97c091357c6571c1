#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "aiprof/ops/op_spec.h"
#include "ops/families.h"

namespace aiprof {
namespace {

auto key(const OpSpec& s) { return std::tuple(s.domain, s.type, s.since); }

std::vector<OpSpec> joined() {
  std::vector<OpSpec> all;
  for (const auto family : {
           ops::control_ops,
           ops::elementwise_ops,
           ops::logic_ops,
           ops::cast_ops,
           ops::activation_ops,
           ops::reduction_ops,
           ops::softmax_ops,
           ops::normalization_ops,
           ops::loss_ops,
           ops::random_ops,
           ops::training_ops,
           ops::experimental_ops,
           ops::convolution_ops,
           ops::pooling_ops,
           ops::matmul_ops,
           ops::einsum_ops,
           ops::recurrent_ops,
           ops::attention_ops,
           ops::linear_attention_ops,
           ops::quantize_ops,
           ops::view_ops,
           ops::generate_ops,
           ops::movement_ops,
           ops::block_ops,
           ops::crop_ops,
           ops::resize_ops,
           ops::gather_ops,
           ops::scatter_ops,
           ops::select_ops,
           ops::rank_ops,
           ops::vision_ops,
           ops::signal_ops,
           ops::sequence_ops,
           ops::text_ops,
           ops::ml_ops,
           ops::ms_matmul_ops,
           ops::ms_moe_ops,
           ops::ms_attention_ops,
           ops::ms_mha_ops,
           ops::ms_gqa_ops,
           ops::ms_position_ops,
           ops::ms_nn_ops,
           ops::ms_misc_ops,
           ops::ms_quant_ops,
           ops::ms_rnn_ops,
           ops::ms_nchwc_ops,
           ops::ms_generation_ops,
           ops::ms_packed_ops,
           ops::ms_stream_ops,
           ops::ms_training_ops,
           ops::foreign_ops,
       }) {
    const auto rows = family();
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::sort(all.begin(), all.end(),
            [](const OpSpec& a, const OpSpec& b) { return key(a) < key(b); });
  return all;
}

const std::vector<OpSpec>& table() {
  static const std::vector<OpSpec> all = joined();
  return all;
}

}  // namespace

std::string_view canonical_domain(std::string_view domain) {
  return domain == "ai.onnx" ? std::string_view() : domain;
}

std::span<const OpSpec> all_ops() { return table(); }

const OpSpec* find_op(std::string_view domain, std::string_view type, int version) {
  const auto& all = table();
  const std::string_view d = canonical_domain(domain);
  const auto begin = std::lower_bound(
      all.begin(), all.end(), std::pair(d, type),
      [](const OpSpec& s, const auto& wanted) { return std::pair(s.domain, s.type) < wanted; });
  const OpSpec* found = nullptr;
  for (auto it = begin; it != all.end() && it->domain == d && it->type == type; ++it) {
    if (found == nullptr || it->since <= version) found = &*it;
  }
  return found;
}

std::string_view name(OpClass c) {
  static constexpr std::array<std::string_view, 26> kNames = {
      "gemm",       "convolution", "attention",   "rnn",      "normalization", "softmax",
      "reduction",  "pooling",     "elementwise", "movement", "gather",        "resize",
      "quantize",   "sort",        "transform",   "random",   "loss",          "optimizer",
      "ml",         "text",        "view",        "sequence", "control",       "constant",
      "collective", "custom"};
  return kNames[static_cast<std::size_t>(c)];
}

}  // namespace aiprof
