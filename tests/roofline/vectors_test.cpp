// The closed forms against numbers that an independent implementation computed.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "roofline/gpu.h"
#include "roofline/launch.h"
#include "roofline/power.h"

namespace aiprof::roofline {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-9;

const json& vectors() {
  static const json all = [] {
    std::ifstream file(AIPROF_SOURCE_DIR "/tests/roofline/data/vectors.json");
    return json::parse(file);
  }();
  return all;
}

GpuRates rates(const json& hw) {
  return {.units = hw.at("units"),
          .clock = hw.at("clock"),
          .peak = hw.at("peak").get<double>() * hw.value("power_factor", 1.0),
          .main_bandwidth = hw.at("dram_bw"),
          .cache_bandwidth = hw.at("l2_bw"),
          .usable_cache = hw.at("l2_usable").get<double>() * hw.at("l2_bytes").get<double>(),
          .cluster = hw.at("cluster")};
}

// Constants by the field names of hardware files.
ClassConstants constants(const json& row) {
  ModelConstants all = {};
  ClassConstants& c = all[0];
  c.overlap = 3;  // what vector operators have, whose rows do not say it
  for (const auto& [key, value] : row.items()) {
    if (double* field = find_constant(all, std::string(name(TimeClass::kGemm)) + "_" + key)) {
      *field = value;
    }
  }
  return c;
}

double number(const json& op, const char* key, double other) { return op.value(key, other); }

GemmShape gemm_shape(const json& op) {
  GemmShape s = {.m = op.at("m"), .n = op.at("n"), .k = op.at("k"), .batch = number(op, "b", 1)};
  s.bytes_a = op.at("bytes_a");
  s.bytes_w = number(op, "bytes_w", s.bytes_a);
  s.a_bytes = s.batch * s.m * s.k * s.bytes_a;
  s.w_bytes = s.batch * s.n * s.k * s.bytes_w;
  s.out_bytes = s.batch * s.m * s.n * number(op, "bytes_out", s.bytes_a);
  s.weight_set = number(op, "weight_set", s.w_bytes);
  s.k_step = number(op, "k_step", 32);
  return s;
}

AttentionShape attention_shape(const json& op, double queries, double keys) {
  const double b = op.at("b");
  const double d = op.at("d");
  AttentionShape s = {.heads = b * op.at("h").get<double>(),
                      .kv_heads = b * op.at("kv").get<double>(),
                      .queries = queries,
                      .keys = keys,
                      .size = d,
                      .value_size = d,
                      .element_bytes = 2};
  s.useful = queries > 1 ? 0.5 : 1;
  return s;
}

struct Result {
  double body = 0, fixed = 0;
  json intermediates;
};

Result run_gemm(const json& op, const GpuRates& gpu, const ClassConstants& c) {
  const GemmShape s = gemm_shape(op);
  const GemmTime t = gemm_time(s, gpu, c);
  Result r = {.body = t.body, .fixed = c.fixed_cycles / gpu.clock, .intermediates = {}};
  r.intermediates = {{"compute", t.compute},
                     {"l2", t.cache},
                     {"dram", t.memory},
                     {"l2_bytes", t.cache_bytes},
                     {"dram_bytes", t.memory_bytes},
                     {"tile_m", t.tile_m},
                     {"tile_n", t.tile_n},
                     {"split", t.split},
                     {"blocks", t.blocks},
                     {"waves", t.waves},
                     {"tile_efficiency", t.tile_efficiency}};
  return r;
}

Result run_attention(const json& op, const GpuRates& gpu, const ClassConstants& c) {
  const bool decode = op.at("class") == "attention_decode";
  const double keys = decode ? op.at("l") : op.at("s");
  AttentionShape s = attention_shape(op, decode ? 1 : keys, keys);
  const double b = op.at("b");
  const double h = op.at("h");
  const double kv = op.at("kv");
  const double d = op.at("d");
  if (!decode) s.useful = 0.5;  // causal, also where there is but one query
  s.bytes = decode ? 4 * b * kv * keys * d + 4 * b * h * d
                   : 2 * (2 * b * h * keys * d + 4 * b * kv * keys * d);
  const AttentionTime t = decode ? decode_time(s, gpu, c) : prefill_time(s, gpu, c);
  Result r = {.body = t.body, .fixed = c.fixed_cycles / gpu.clock, .intermediates = {}};
  r.intermediates = {{"compute", t.compute},
                     {"l2", t.cache},
                     {"dram", t.memory},
                     {"bytes", s.bytes},
                     {"blocks", t.blocks},
                     {"waves", t.waves},
                     {decode ? "split" : "tile_q", t.tile}};
  return r;
}

Result run_vector(const json& op, const GpuRates& gpu, const ClassConstants& c) {
  const std::string kind = op.at("kind");
  const VectorShape s = {.kind = kind == "elementwise"      ? VectorKind::kElementwise
                                 : kind == "transcendental" ? VectorKind::kPower
                                                            : VectorKind::kRows,
                         .elements = op.at("elements"),
                         .bytes = op.at("bytes"),
                         .rows = op.at("rows"),
                         .cols = op.at("cols")};
  const VectorTime t = vector_time(s, gpu, c);
  Result r = {.body = t.body + t.ramp, .fixed = 0, .intermediates = {}};
  r.intermediates = {{"memory", t.memory + t.cache},
                     {"compute", t.compute},
                     {"miss", t.miss_share},
                     {"reread_bytes", t.reread_bytes}};
  return r;
}

Result run_convolution(const json& op, const GpuRates& gpu, const ClassConstants& c) {
  const double side_in = op.at("hw");
  const double ks = op.at("ks");
  const double e = op.at("bytes");
  const double b = op.at("b");
  const double side =
      std::floor((side_in + 2 * op.at("pad").get<double>() - ks) / op.at("stride").get<double>()) +
      1;
  ConvolutionShape s;
  s.in_channels = op.at("ci");
  s.out_channels = op.at("co");
  s.images = b;
  s.side = side;
  s.element_bytes = e;
  s.product = {.m = b * side * side,
               .n = s.out_channels,
               .k = s.in_channels * ks * ks,
               .bytes_a = e,
               .bytes_w = e};
  s.product.a_bytes = e * s.product.m * s.product.k;
  s.product.w_bytes = e * s.product.n * s.product.k;
  s.product.out_bytes = e * s.product.m * s.product.n;
  s.product.weight_set = s.product.w_bytes;
  s.product.k_step = number(op, "k_step", 8);
  s.in_bytes = e * b * s.in_channels * side_in * side_in;
  s.out_bytes = s.product.out_bytes;
  s.weight_bytes = s.product.w_bytes;
  s.winograd = ks == 3 && op.at("stride") == 1 && op.value("winograd", true);
  const ConvolutionTime t = convolution_time(s, gpu, c);
  Result r = {.body = t.body, .fixed = c.fixed_cycles / gpu.clock, .intermediates = {}};
  const auto way = [&](ConvolutionAlgorithm algorithm) {
    return convolution_time(s, gpu, c, algorithm);
  };
  r.intermediates = {{"implicit", way(ConvolutionAlgorithm::kImplicit).body}};
  if (s.winograd) {
    const ConvolutionTime winograd = way(ConvolutionAlgorithm::kWinograd);
    r.intermediates["winograd_fused"] = way(ConvolutionAlgorithm::kWinogradFused).body;
    r.intermediates["winograd"] = winograd.body;
    r.intermediates["transform"] = winograd.transform;
  }
  return r;
}

Result run_depthwise(const json& op, const json& hw, GpuRates gpu, const ClassConstants& c) {
  const double out = op.at("b").get<double>() * op.at("ch").get<double>() *
                     op.at("ho").get<double>() * op.at("wo").get<double>();
  const double points = std::pow(op.at("ks").get<double>(), 2);
  const double e = op.at("bytes");
  const double bytes = e * out * (1 + std::pow(op.at("stride").get<double>(), 2)) +
                       e * op.at("ch").get<double>() * points;
  gpu.peak = hw.at("vector_peak");
  const DepthwiseTime t = depthwise_time(2 * out * points, bytes, gpu, c);
  Result r = {.body = t.body + t.ramp, .fixed = 0, .intermediates = {}};
  r.intermediates = {{"memory", t.memory}, {"compute", t.compute}, {"bytes", bytes}};
  return r;
}

Result run(const json& op, const json& hw, const ClassConstants& c) {
  const GpuRates gpu = rates(hw);
  const std::string kind = op.at("class");
  if (kind == "gemm") return run_gemm(op, gpu, c);
  if (kind == "vector") return run_vector(op, gpu, c);
  if (kind == "conv2d") return run_convolution(op, gpu, c);
  if (kind == "depthwise_conv2d") return run_depthwise(op, hw, gpu, c);
  return run_attention(op, gpu, c);
}

double seconds(const json& op, const json& hw, const json& row, const Result& r) {
  const std::string regime = op.at("regime");
  LaunchCost launch;
  if (regime == "graph") launch = {.regime = Regime::kGraph, .seconds = hw.at("launch")};
  if (regime == "queue") launch = {.regime = Regime::kQueue, .seconds = row.at("host_queue")};
  if (regime == "isolated") {
    launch = {.regime = Regime::kIsolated,
              .seconds = row.at("host_launch"),
              .isolated_overlap = row.value("launch_overlap", 1.0)};
  }
  return with_launch(launch, r.body, r.fixed);
}

TEST(ReferenceVectors, PowerFactor) {
  for (const json& row : vectors().at("power")) {
    const auto a = row.at("args").get<std::vector<double>>();
    const double expected = row.at("expected");
    EXPECT_NEAR(power_factor(a[0], a[1], a[2], a[3]), expected, kTolerance * expected);
  }
}

TEST(ReferenceVectors, TimesAndIntermediates) {
  ASSERT_EQ(vectors().at("cases").size(), 77U);
  for (const json& row : vectors().at("cases")) {
    SCOPED_TRACE(row.at("name"));
    const json& op = row.at("op");
    const json& hw = vectors().at("hw").at(row.at("hw").get<std::size_t>());
    const json& c = vectors().at("constants").at(row.at("constants").get<std::size_t>());
    const Result r = run(op, hw, constants(c));
    const json& expected = row.at("expected");
    const auto near = [&](const std::string& what, double value) {
      ASSERT_TRUE(expected.contains(what)) << what;
      const double e = expected.at(what);
      EXPECT_NEAR(value, e, kTolerance * std::abs(e)) << what;
    };
    near("seconds", seconds(op, hw, c, r));
    near("body", r.body);
    for (const auto& [key, value] : r.intermediates.items()) near(key, value);
  }
}

}  // namespace
}  // namespace aiprof::roofline
