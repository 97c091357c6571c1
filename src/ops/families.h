// The tables that make up the registry, one per family file.
#pragma once

#include <span>

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

std::span<const OpSpec> control_ops();
std::span<const OpSpec> elementwise_ops();
std::span<const OpSpec> ml_ops();
std::span<const OpSpec> logic_ops();
std::span<const OpSpec> cast_ops();
std::span<const OpSpec> activation_ops();
std::span<const OpSpec> reduction_ops();
std::span<const OpSpec> softmax_ops();
std::span<const OpSpec> normalization_ops();
std::span<const OpSpec> loss_ops();
std::span<const OpSpec> random_ops();
std::span<const OpSpec> training_ops();
std::span<const OpSpec> experimental_ops();
std::span<const OpSpec> convolution_ops();
std::span<const OpSpec> pooling_ops();
std::span<const OpSpec> matmul_ops();
std::span<const OpSpec> einsum_ops();
std::span<const OpSpec> recurrent_ops();
std::span<const OpSpec> attention_ops();
std::span<const OpSpec> linear_attention_ops();
std::span<const OpSpec> quantize_ops();
std::span<const OpSpec> view_ops();
std::span<const OpSpec> generate_ops();
std::span<const OpSpec> movement_ops();
std::span<const OpSpec> block_ops();
std::span<const OpSpec> crop_ops();
std::span<const OpSpec> resize_ops();
std::span<const OpSpec> gather_ops();
std::span<const OpSpec> scatter_ops();
std::span<const OpSpec> select_ops();
std::span<const OpSpec> rank_ops();
std::span<const OpSpec> vision_ops();
std::span<const OpSpec> signal_ops();
std::span<const OpSpec> sequence_ops();
std::span<const OpSpec> text_ops();
std::span<const OpSpec> ms_matmul_ops();
std::span<const OpSpec> ms_moe_ops();
std::span<const OpSpec> ms_attention_ops();
std::span<const OpSpec> ms_mha_ops();
std::span<const OpSpec> ms_gqa_ops();
std::span<const OpSpec> ms_position_ops();
std::span<const OpSpec> ms_nn_ops();
std::span<const OpSpec> ms_misc_ops();
std::span<const OpSpec> ms_quant_ops();
std::span<const OpSpec> ms_rnn_ops();
std::span<const OpSpec> ms_nchwc_ops();
std::span<const OpSpec> ms_generation_ops();
std::span<const OpSpec> ms_packed_ops();
std::span<const OpSpec> ms_stream_ops();
std::span<const OpSpec> ms_training_ops();
std::span<const OpSpec> foreign_ops();

}  // namespace aiprof::ops
