#include "aiprof/calibration/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "calibration/operator_model.h"
#include "calibration/script.h"

namespace aiprof {
namespace {

constexpr int kDispatched = 64;  // operators of dispatch.onnx; time_models.py divides by it

// Elements between 1/16 and 1/8 of alternating sign: sums of thousands stay small, no element is
// denormal, and no kernel can take a short way around zeros.
std::string weight_pattern(DType dtype, std::int64_t elements) {
  const std::uint64_t size = packed_bytes(dtype, Count(elements)).value();
  std::string out(size, '\0');
  std::uint32_t state = 1;
  const auto next = [&] { return state = state * 1664525U + 1013904223U; };
  const unsigned width = bits(dtype);
  for (std::uint64_t at = 0; at < size; at += std::max(1U, width / 8)) {
    const std::uint32_t r = next();
    const std::uint32_t sign = r >> 31;
    if (dtype == DType::kFloat32) {
      const std::uint32_t value = sign << 31 | 123U << 23 | (r & 0x7FFFFF);
      std::memcpy(&out[at], &value, sizeof value);
    } else if (dtype == DType::kFloat16) {
      const auto value = static_cast<std::uint16_t>(sign << 15 | 11U << 10 | (r >> 8 & 0x3FF));
      std::memcpy(&out[at], &value, sizeof value);
    } else if (dtype == DType::kBfloat16) {
      const auto value = static_cast<std::uint16_t>(sign << 15 | 123U << 7 | (r >> 8 & 0x7F));
      std::memcpy(&out[at], &value, sizeof value);
    } else {
      out[at] = static_cast<char>(r >> 24);
    }
  }
  return out;
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.flush();
  if (!out) throw input_error(printable(path.string()) + ": cannot be written");
}

std::string overhead_model() {
  calibration::ModelBuilder g(21);
  g.input("x", DType::kFloat32, {1});
  g.node("Identity", {"x"}, {"y"});
  g.output("y", DType::kFloat32, {1});
  return g.finish("overhead");
}

// Operators one after another that compute next to nothing: what remains is their dispatch. Those
// that exporters write around shapes: Concat, Gather, Unsqueeze, Squeeze.
std::string dispatch_model() {
  calibration::ModelBuilder g(21);
  g.input("x0", DType::kFloat32, {1});
  const std::int64_t zero = 0;
  const std::string first = g.integers("first", {&zero, 1});
  for (int i = 0; i < kDispatched; ++i) {
    const std::string in = fmt::format("x{}", i);
    const std::string out = fmt::format("x{}", i + 1);
    if (i % 4 == 0) g.node("Concat", {in, in}, {out}, {.ints = {{"axis", 0}}});
    if (i % 4 == 1) g.node("Gather", {in, first}, {out});
    if (i % 4 == 2) g.node("Unsqueeze", {in, first}, {out});
    if (i % 4 == 3) g.node("Squeeze", {in, first}, {out});
  }
  g.output(fmt::format("x{}", kDispatched), DType::kFloat32, {1});
  return g.finish("dispatch");
}

// Products one after another, each by weights of its own, until `weight_set` bytes have passed: as
// in a network, the weights of one come back only after those of all others.
std::string cold_products(const Measurement& row) {
  const Extents& e = row.extents;
  const std::int64_t copies = bench_copies(row);
  calibration::ModelBuilder g(21);
  g.input("x0", row.dtype, {e.m, e.k});
  for (std::int64_t i = 0; i < copies; ++i) {
    const std::string weight = fmt::format("w{}", i);
    g.weight_at(weight, row.dtype, {e.k, e.n}, i * e.k * e.n);
    g.node("MatMul", {fmt::format("x{}", i), weight}, {fmt::format("x{}", i + 1)});
  }
  g.output(fmt::format("x{}", copies), row.dtype, {e.m, e.n});
  return g.finish("cold");
}

}  // namespace

std::int64_t bench_copies(const Measurement& row) {
  const Extents& e = row.extents;
  if (!row.weight_set || row.op != "MatMul" || e.n != e.k || e.b > 1) return 1;
  const double one = static_cast<double>(e.n) * static_cast<double>(e.k) * bits(row.dtype) / 8.0;
  return std::max<std::int64_t>(1, std::llround(*row.weight_set / one));
}

BenchFile bench_model(const Measurement& row) {
  if (bench_copies(row) > 1) return {.name = row.label, .content = cold_products(row)};
  return {.name = row.label, .content = calibration::operator_model(row).bytes};
}

std::vector<BenchFile> bench_files(const std::vector<Measurement>& rows) {
  std::map<DType, std::int64_t> most;
  for (const Measurement& row : rows) {
    for (const auto& [dtype, elements] : calibration::operator_model(row).weights) {
      most[dtype] = std::max(most[dtype], elements * bench_copies(row));
    }
  }
  MeasurementFile manifest;
  manifest.rows = rows;
  std::vector<BenchFile> files;
  files.push_back({.name = "manifest.csv", .content = write_measurements(manifest)});
  files.push_back({.name = "overhead.onnx", .content = overhead_model()});
  files.push_back({.name = "dispatch.onnx", .content = dispatch_model()});
  files.push_back({.name = "time_models.py", .content = std::string(calibration::timing_script())});
  for (const auto& [dtype, elements] : most) {
    files.push_back(
        {.name = calibration::weight_file(dtype), .content = weight_pattern(dtype, elements)});
  }
  return files;
}

std::size_t write_bench(const std::string& directory, const BenchOptions& options) {
  const std::filesystem::path folder(directory);
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) {
    throw input_error(
        fmt::format("{}: cannot be made: {}", printable(directory), failure.message()));
  }
  const std::vector<Measurement> rows = bench_shapes(options);
  for (const Measurement& row : rows) {
    const BenchFile file = bench_model(row);
    write_file(folder / file.name, file.content);
  }
  for (const BenchFile& file : bench_files(rows)) write_file(folder / file.name, file.content);
  return rows.size();
}

}  // namespace aiprof
