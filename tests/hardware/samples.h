// Descriptions that the tests start from.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "aiprof/base/error.h"
#include "aiprof/hardware/catalogue.h"

namespace aiprof::testing {

using Json = nlohmann::ordered_json;

// The least that a description needs.
inline Json minimal() {
  return Json::parse(R"({
    "schema_version": "1",
    "name": "my chip",
    "engines": [{"name": "npu", "unit": "matrix", "peaks": {"int8": 4e12}}],
    "memory": [
      {"name": "DDR", "level": "dram", "capacity_bytes": 8e9, "bandwidth_bytes_per_second": 3e10}
    ]
  })");
}

// A machine with numbers that fit together: 4 cores x 1 GHz x 512 float16 and 1024 int8 operations,
// and 4 x 1 GHz x 2 x 16 lanes of float32.
inline Json consistent() {
  return Json::parse(R"({
    "schema_version": "1",
    "id": "test-chip",
    "name": "test chip",
    "sources": {"sheet": {"title": "data sheet"}},
    "engines": [
      {"name": "mma", "unit": "matrix", "count": 4, "clock_hz": 1e9,
       "peaks": {"float16": 2.048e12, "int8": 4.096e12},
       "ops_per_clock": {"float16": 512, "int8": 1024},
       "joules_per_operation": {"float16": 1e-12}},
      {"name": "simd", "unit": "vector", "count": 4, "clock_hz": 1e9, "simd_lanes": 16,
       "peaks": {"float32": {"value": 1.28e11, "status": "verified", "source": "sheet"}},
       "special_function_rate": 1.6e10}
    ],
    "memory": [
      {"name": "L1", "level": "l1", "scope": "per_unit", "units": 4, "capacity_bytes": 65536,
       "bandwidth_bytes_per_second": 5.12e11},
      {"name": "L2", "level": "l2", "capacity_bytes": 2097152,
       "bandwidth_bytes_per_second": 2.5e11, "measured_bandwidth_bytes_per_second": 2e11},
      {"name": "LPDDR5", "level": "dram", "capacity_bytes": 8589934592,
       "bandwidth_bytes_per_second": 5.12e10, "achievable_fraction": 0.8}
    ],
    "links": [{"name": "PCIe 4.0 x4", "to": "host", "bandwidth_bytes_per_second": 7.9e9}],
    "launch": {"stream_seconds": 3e-6, "graph_seconds": 1e-6},
    "power": {"tdp_watts": 10, "idle_watts": 2}
  })");
}

inline Hardware parse(const Json& json) { return parse_hardware(json.dump(), "chip.json"); }

// The message of the Error that `body` throws, which has to have that exit code.
template <typename Body>
std::string error_of(ExitCode code, const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace aiprof::testing
