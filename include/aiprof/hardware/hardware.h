// A machine as its description file states it: engines, memory levels, links, costs of launching,
// power, calibration. The format is documented in docs/hardware-schema.md. Values are SI base units
// (operations, bytes, seconds, hertz, watts, joules). What kind of machine it is follows from which
// entries the file has, never from a name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/hardware/math_type.h"

namespace aiprof {

// How far a number can be trusted.
enum class Status : std::uint8_t {
  kAbsent,    // the file does not give it
  kVerified,  // read in the source named
  kDerived,   // computed from verified numbers, or carried over from a part of the same family
  kRecalled,  // from memory or convention; not checked against a document
  kUser,      // a plain number in a user's file, or set on the command line
};
[[nodiscard]] std::string_view name(Status status);

// A number of a hardware file with where it comes from.
struct Quantity {
  double value = 0;  // 0 while absent
  Status status = Status::kAbsent;
  std::string path{};    // dotted, as --set takes it: "memory.dram.bandwidth_bytes_per_second"
  std::string source{};  // a key of Hardware::sources; empty: none stated
  std::string note{};

  [[nodiscard]] bool known() const { return status != Status::kAbsent; }
  [[nodiscard]] double value_or(double other) const { return known() ? value : other; }
};

struct Source {
  std::string key;
  std::string title;
  std::string url;   // may be empty
  std::string date;  // ISO 8601, as far as known; may be empty
};

enum class EngineUnit : std::uint8_t { kMatrix, kVector, kScalar, kInMemory };
[[nodiscard]] std::string_view name(EngineUnit unit);

enum class Dataflow : std::uint8_t { kWeightStationary, kOutputStationary };
[[nodiscard]] std::string_view name(Dataflow dataflow);

// The smallest product that a matrix instruction computes, for 16-bit operands. For operands of b
// bits, k is k * 16 / b; m and n stay.
struct MatrixTile {
  std::uint32_t m = 0;
  std::uint32_t n = 0;
  std::uint32_t k = 0;
  Status status = Status::kUser;
  std::string source;
};

// A systolic array of rows x cols multiply-accumulators; Engine::count is the number of arrays.
struct SystolicArray {
  std::uint32_t rows = 0;  // along the contraction where weights are stationary
  std::uint32_t cols = 0;
  Dataflow dataflow = Dataflow::kWeightStationary;
  Status status = Status::kUser;
  std::string source;
};

struct Sparsity {
  std::string pattern;  // "2:4", "unstructured"
  Quantity factor;      // peak with that sparsity over the dense peak
};

// Identical units that compute. A machine may have several engines of one unit, such as a float64
// matrix path with a clock of its own; a type has its rate in one of them.
struct Engine {
  std::string name;
  EngineUnit unit = EngineUnit::kVector;
  std::string unit_name;  // what is counted: "SM", "CU", "core", "array"; may be empty
  Quantity count;
  Quantity clock_hz;                          // the clock at which the peaks are rated
  PerMathType<Quantity> peaks;                // dense operations per second, a MAC being two
  PerMathType<Quantity> ops_per_clock;        // of one unit; peak = count * clock * ops_per_clock
  PerMathType<Quantity> achievable_fraction;  // best measured large product over the peak
  PerMathType<Quantity> joules_per_operation;
  PerMathType<std::optional<MathType>> accumulate;
  std::optional<MatrixTile> tile;
  std::optional<SystolicArray> array;
  Quantity simd_lanes;  // of one unit, 32-bit (16-bit where the unit has no float32)
  std::optional<Sparsity> sparsity;
  Quantity special_function_rate;  // exp, rsqrt, tanh ... per second, whole device
  Quantity cluster_units;          // that can share one load from the cache; absent: 1
  std::string note;
};

enum class MemoryKind : std::uint8_t {
  kRegister,
  kScratchpad,  // software-managed: shared memory, LDS, VMEM
  kL1,
  kL2,
  kLlc,   // a cache behind the L2
  kSram,  // main memory on chip or on wafer
  kDram,  // main memory
  kHost,  // the host's memory, reached over a link
  kStorage,
};
[[nodiscard]] std::string_view name(MemoryKind kind);

enum class Scope : std::uint8_t { kShared, kPerUnit };
[[nodiscard]] std::string_view name(Scope scope);

// A level of memory; levels are ordered from nearest to farthest.
struct MemoryLevel {
  std::string name;
  MemoryKind kind = MemoryKind::kDram;
  Scope scope = Scope::kShared;
  Quantity units;           // instances where per unit; absent: one
  Quantity capacity_bytes;  // of one instance
  // Data sheet, measured by a streaming or cache benchmark, and their ratio. Of the whole device,
  // reads and writes together. Caches often have only the measured one.
  Quantity bandwidth_bytes_per_second;
  Quantity measured_bandwidth_bytes_per_second;
  Quantity achievable_fraction;
  Quantity effective_capacity_fraction;  // of the capacity that holds data before hit rates fall
  // How long data stays although there is room: of caches that others share, as those of the guests
  // of one processor. Absent: until something displaces it.
  Quantity residency_seconds;
  Quantity latency_seconds;
  Quantity joules_per_byte;
  std::string note;

  // All instances.
  [[nodiscard]] double total_capacity_bytes() const;
  // Measured, else data sheet x achievable fraction, else data sheet; 0 if neither is known.
  [[nodiscard]] double sustained_bandwidth() const;
  // Data sheet, else measured; 0 if neither is known.
  [[nodiscard]] double peak_bandwidth() const;
};

enum class LinkEnd : std::uint8_t { kPeer, kHost, kNetwork };
[[nodiscard]] std::string_view name(LinkEnd end);

struct Link {
  std::string name;
  LinkEnd to = LinkEnd::kHost;
  Quantity bandwidth_bytes_per_second;  // one direction, all lanes and links together
  Quantity achievable_fraction;
  Quantity latency_seconds;
  Quantity joules_per_byte;
  std::string note;
};

// What it costs to start one kernel, by how it is started. Absent: not measured.
struct Launch {
  Quantity stream_seconds;        // between kernels of a stream whose queue is full
  Quantity graph_seconds;         // between kernels of a recorded graph
  Quantity dispatch_seconds;      // host time of an eager framework for one operator
  Quantity kernel_floor_seconds;  // shortest kernel from start to end, launch excluded
};

struct Power {
  Quantity tdp_watts;
  Quantity idle_watts;
};

// What software cannot run on this machine, said by the file beyond what follows from the rates.
struct Unsupported {
  std::vector<std::string> operators;   // ONNX operator types
  std::vector<std::string> op_classes;  // as in reports: "gemm", "convolution", ...
  std::vector<std::string> dtypes;      // ONNX element types
};

// Quantiles of measured / predicted time over the measurements of one class.
struct Residual {
  Quantity n;
  Quantity p10;
  Quantity p50;
  Quantity p90;
};

enum class CalibrationState : std::uint8_t {
  kDatasheet,  // nothing measured: constants are the defaults of the model
  kFamily,     // constants fitted on parts of the same family
  kFitted,     // fitted on measurements of this part
};
[[nodiscard]] std::string_view name(CalibrationState state);

struct Calibration {
  CalibrationState state = CalibrationState::kDatasheet;
  // By the names of constants.h; a constant that is not here has its default.
  std::map<std::string, Quantity, std::less<>> constants;
  std::map<std::string, Residual, std::less<>> residuals;  // by class of operators
  std::vector<std::string> fitted_on;
  std::string date;
  std::string notes;
};

struct Hardware {
  std::string id;  // empty in files that give none
  std::string name;
  std::string vendor;
  std::string process;
  std::string description;
  std::optional<int> year;
  std::vector<std::string> aliases;
  std::vector<std::string> notes;  // where data sheets disagree, and other things to know
  std::vector<Source> sources;
  std::vector<Engine> engines;
  std::vector<MemoryLevel> memory;
  std::vector<Link> links;
  Launch launch;
  Power power;
  Unsupported unsupported;
  Calibration calibration;

  std::string file;                // as given: a path, or "NAME (built in)"
  std::string hash;                // 16 hex digits of the description's content, edits included
  std::vector<std::string> edits;  // what --set changed, one line each: "path: old -> new"

  [[nodiscard]] bool has(EngineUnit unit) const;
  [[nodiscard]] bool has_systolic() const;  // some engine is a systolic array
  // The memory that weights and activations live in: the first DRAM level, else the first SRAM
  // level. Every parsed description has one, with a bandwidth and a capacity.
  [[nodiscard]] const MemoryLevel& main_memory() const;
  [[nodiscard]] bool on_chip_only() const;  // no DRAM of its own
  // The first level of that kind, or null.
  [[nodiscard]] const MemoryLevel* level(MemoryKind kind) const;
  // The cache in front of main memory: the LLC, else the L2; null without either.
  [[nodiscard]] const MemoryLevel* last_cache() const;
  // The fastest link to that end, or null.
  [[nodiscard]] const Link* link(LinkEnd to) const;
  // The source of a quantity, or null.
  [[nodiscard]] const Source* source(std::string_view key) const;
};

// A rate that was looked up. `engine` and `peak` point into the Hardware.
struct Rate {
  const Engine* engine = nullptr;
  MathType type = MathType::kFloat32;  // what the work runs as
  const Quantity* peak = nullptr;
  bool substituted = false;  // on another unit or in another type than asked for
};

// The dense rate for work in `type` on `unit`. Tried in this order:
//   1. the type on the unit; 2. the type on the vector unit (where a matrix unit lacks it; a vector
//   unit's is the scalar unit); 3. each of fallbacks(type) on the unit; 4. on the vector unit.
// In-memory units take step 1 and 3 alone: what they lack has to leave the memory. No value if none
// has it: the machine cannot do this work.
[[nodiscard]] std::optional<Rate> find_rate(const Hardware& hardware, EngineUnit unit,
                                            MathType type);

// Every number of the description, section by section. The pointers are into it.
[[nodiscard]] std::vector<const Quantity*> quantities(const Hardware& hardware);
std::vector<const Quantity*> quantities(const Hardware&& hardware) = delete;

}  // namespace aiprof
