#include "hardware/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "aiprof/base/text.h"
#include "aiprof/hardware/constants.h"
#include "aiprof/hardware/math_type.h"

namespace aiprof::hw {
namespace {

using enum FieldKind;

constexpr double kUnbounded = std::numeric_limits<double>::max();
constexpr std::size_t kMostListed = 24;  // a description and each of its sections have fewer keys

constexpr FieldSpec text(std::string_view key, std::string_view meaning,
                         Need need = Need::kOptional) {
  return {.key = key, .kind = kText, .meaning = meaning, .need = need};
}
constexpr FieldSpec texts(std::string_view key, std::string_view meaning) {
  return {.key = key, .kind = kTextList, .meaning = meaning};
}
constexpr FieldSpec whole(std::string_view key, std::string_view meaning,
                          Need need = Need::kOptional) {
  return {.key = key, .kind = kInteger, .meaning = meaning, .need = need};
}
constexpr FieldSpec word(std::string_view key, std::span<const std::string_view> words,
                         std::string_view meaning, Need need = Need::kOptional) {
  return {.key = key, .kind = kWord, .meaning = meaning, .need = need, .words = words};
}
constexpr FieldSpec number(std::string_view key, Range range, std::string_view meaning,
                           Need need = Need::kOptional) {
  return {.key = key, .kind = kQuantity, .meaning = meaning, .range = range, .need = need};
}
constexpr FieldSpec per_type(std::string_view key, Range range, std::string_view meaning,
                             Need need = Need::kOptional) {
  return {.key = key,
          .kind = kQuantityMap,
          .meaning = meaning,
          .range = range,
          .need = need,
          .keys = Keys::kMathTypes};
}
constexpr FieldSpec object(std::string_view key, const ObjectSpec& spec, std::string_view meaning) {
  return {.key = key, .kind = kObject, .meaning = meaning, .object = &spec};
}

constexpr auto kStatusInFile = std::span(kStatusWords).subspan(1);

constexpr FieldSpec kQuantityFields[] = {
    {.key = "value", .kind = kQuantity, .meaning = "The number.", .need = Need::kRequired},
    word("status", kStatusInFile, "How far it can be trusted.", Need::kRequired),
    text("source", "A key of the table 'sources'."),
    text("note", "Where data sheets disagree, how it was derived."),
};
constexpr ObjectSpec kQuantitySpec = {
    "quantity", "A number with its source and status. A plain number has the status 'user'.",
    kQuantityFields};

constexpr FieldSpec kSourceFields[] = {
    text("title", "The document.", Need::kRequired),
    text("url", "Where it can be read."),
    text("date", "Of the document or the reading, ISO 8601."),
};
constexpr ObjectSpec kSourceSpec = {"source", "A document that numbers were taken from.",
                                    kSourceFields};

constexpr FieldSpec kTileFields[] = {
    whole("m", "Rows of the result.", Need::kRequired),
    whole("n", "Columns of the result.", Need::kRequired),
    whole("k", "Length of the contraction for 16-bit operands; for b bits it is k * 16 / b.",
          Need::kRequired),
    word("status", kStatusInFile, "How far it can be trusted."),
    text("source", "A key of the table 'sources'."),
};
constexpr ObjectSpec kTileSpec = {"tile", "The smallest product of one matrix instruction.",
                                  kTileFields};

constexpr FieldSpec kArrayFields[] = {
    whole("rows", "Multiply-accumulators along the contraction, where weights are stationary.",
          Need::kRequired),
    whole("cols", "Multiply-accumulators across.", Need::kRequired),
    word("dataflow", kDataflowWords, "What stays in the array.", Need::kRequired),
    word("status", kStatusInFile, "How far it can be trusted."),
    text("source", "A key of the table 'sources'."),
};
constexpr ObjectSpec kArraySpec = {"array", "A systolic array; 'count' of the engine counts them.",
                                   kArrayFields};

constexpr FieldSpec kSparsityFields[] = {
    text("pattern", "\"2:4\", \"unstructured\", ...", Need::kRequired),
    number("factor", Range::kAtLeastOne, "Peak with that sparsity over the dense peak.",
           Need::kRequired),
};
constexpr ObjectSpec kSparsitySpec = {"sparsity", "What pruned weights can gain.", kSparsityFields};

constexpr FieldSpec kEngineFields[] = {
    text("name", "For people and for --set.", Need::kRequired),
    word("unit", kUnitWords, "What it computes with.", Need::kRequired),
    text("unit_name", "What 'count' counts: SM, CU, core, array."),
    number("count", Range::kAtLeastOne, "Identical units."),
    number("clock_hz", Range::kPositive, "The clock at which the peaks are rated."),
    per_type(
        "peaks", Range::kPositive,
        "Dense operations per second of the whole device by operand type, a multiply-accumulate "
        "being two. A type that the hardware lacks is left out.",
        Need::kRequired),
    per_type("ops_per_clock", Range::kPositive, "Operations per clock of one unit, dense."),
    per_type("achievable_fraction", Range::kFraction,
             "What the best large product was measured to reach, over the peak."),
    per_type("joules_per_operation", Range::kPositive,
             "Energy of one operation, operands included."),
    {.key = "accumulate",
     .kind = kWordMap,
     .meaning = "Type of the accumulator by operand type.",
     .keys = Keys::kMathTypes},
    object("tile", kTileSpec, "The tile of a matrix instruction."),
    object("array", kArraySpec, "The shape, where the unit is a systolic array."),
    number("simd_lanes", Range::kAtLeastOne,
           "32-bit multiply-accumulators of one unit (16-bit where it has no float32)."),
    object("sparsity", kSparsitySpec, "Never part of the peaks."),
    number("special_function_rate", Range::kPositive,
           "exp, rsqrt, tanh and the like per second, whole device."),
    number(
        "cluster_units", Range::kAtLeastOne,
        "Units that can share one load from the cache, as thread-block clusters with multicast."),
    text("note", "For people."),
};
constexpr ObjectSpec kEngineSpec = {"engine", "Identical units that compute.", kEngineFields};

constexpr FieldSpec kMemoryFields[] = {
    text("name", "For people and for --set.", Need::kRequired),
    word("level", kLevelWords,
         "Its place. 'dram' and 'sram' are main memories: they need a capacity and a bandwidth.",
         Need::kRequired),
    word("scope", kScopeWords, "One for all units, or one each; 'shared' if not given."),
    number("units", Range::kAtLeastOne, "Instances, where per unit."),
    number("capacity_bytes", Range::kPositive, "Of one instance, as the device reports it."),
    number("bandwidth_bytes_per_second", Range::kPositive,
           "Data sheet; whole device, decimal, reads and writes together."),
    number("measured_bandwidth_bytes_per_second", Range::kPositive,
           "By a streaming or cache benchmark; whole device."),
    number("achievable_fraction", Range::kFraction, "Measured over data-sheet bandwidth."),
    number("effective_capacity_fraction", Range::kFraction,
           "Share of the capacity that holds data before hit rates fall."),
    number("residency_seconds", Range::kPositive,
           "How long data stays although there is room, in a cache that other guests share."),
    number("latency_seconds", Range::kPositive, "Of one dependent read."),
    number("joules_per_byte", Range::kPositive, "Energy to move one byte to the level nearer."),
    text("note", "For people."),
};
constexpr ObjectSpec kMemorySpec = {"memory_level", "A level of memory, nearest first.",
                                    kMemoryFields};

constexpr FieldSpec kLinkFields[] = {
    text("name", "For people and for --set.", Need::kRequired),
    word("to", kLinkWords, "The other end.", Need::kRequired),
    number("bandwidth_bytes_per_second", Range::kPositive,
           "One direction, all lanes and links together.", Need::kRequired),
    number("achievable_fraction", Range::kFraction, "Of the bandwidth, for large transfers."),
    number("latency_seconds", Range::kPositive, "From call to first byte."),
    number("joules_per_byte", Range::kPositive, "Both ends together."),
    text("note", "For people."),
};
constexpr ObjectSpec kLinkSpec = {"link", "A way to other devices or to the host.", kLinkFields};

constexpr FieldSpec kLaunchFields[] = {
    number("stream_seconds", Range::kNonNegative, "Per kernel, from a stream whose queue is full."),
    number("graph_seconds", Range::kNonNegative, "Per kernel, from a recorded graph."),
    number("dispatch_seconds", Range::kNonNegative,
           "Host time of an eager framework for one operator."),
    number("kernel_floor_seconds", Range::kNonNegative,
           "Shortest kernel from start to end, launch excluded."),
};
constexpr ObjectSpec kLaunchSpec = {"launch", "What it costs to start one kernel.", kLaunchFields};

constexpr FieldSpec kPowerFields[] = {
    number("tdp_watts", Range::kPositive, "Sustained limit of the board or package."),
    number("idle_watts", Range::kPositive, "Drawn while nothing runs."),
};
constexpr ObjectSpec kPowerSpec = {"power", "Limits and idle draw.", kPowerFields};

constexpr FieldSpec kUnsupportedFields[] = {
    texts("operators", "ONNX operator types."),
    texts("op_classes", "Classes of operators, named as in reports."),
    texts("dtypes", "ONNX element types."),
};
constexpr ObjectSpec kUnsupportedSpec = {
    "unsupported", "What cannot run here, beyond what follows from the rates.", kUnsupportedFields};

constexpr FieldSpec kResidualFields[] = {
    number("n", Range::kAtLeastOne, "Measurements.", Need::kRequired),
    number("p10", Range::kPositive, "10th percentile of measured over predicted time.",
           Need::kRequired),
    number("p50", Range::kPositive, "Median.", Need::kRequired),
    number("p90", Range::kPositive, "90th percentile.", Need::kRequired),
};
constexpr ObjectSpec kResidualSpec = {"residual", "Quantiles of measured over predicted time.",
                                      kResidualFields};

constexpr FieldSpec kCalibrationFields[] = {
    word("state", kStateWords, "What the constants rest on; 'datasheet' if not given."),
    {.key = "constants",
     .kind = kQuantityMap,
     .meaning = "Constants of the time model that differ from its defaults.",
     .range = Range::kByConstant,
     .keys = Keys::kConstants},
    {.key = "residuals",
     .kind = kObjectMap,
     .meaning = "What the fit left, by class of operators.",
     .object = &kResidualSpec},
    texts("fitted_on", "The measurements."),
    text("date", "Of the fit, ISO 8601."),
    text("notes", "For people."),
};
constexpr ObjectSpec kCalibrationSpec = {
    "calibration", "How the time model was fitted to this device.", kCalibrationFields};

constexpr std::string_view kVersions[] = {kSchemaVersion};

constexpr FieldSpec kDescriptionFields[] = {
    word("schema_version", kVersions, "The version of this format.", Need::kRequired),
    text("$schema", "For editors; ignored."),
    text("id", "The name that --hw takes: lower case letters, digits and '-'."),
    text("name", "For people.", Need::kRequired),
    text("vendor", "Who makes it."),
    whole("year", "Of its introduction."),
    text("process", "Of its manufacture."),
    text("description", "One sentence."),
    texts("aliases", "Other names that --hw takes."),
    texts("notes", "Where data sheets disagree, and other things to know."),
    {.key = "sources",
     .kind = kObjectMap,
     .meaning = "The documents that the numbers name.",
     .object = &kSourceSpec},
    {.key = "engines",
     .kind = kObjectList,
     .meaning = "What computes; at least one.",
     .need = Need::kRequired,
     .object = &kEngineSpec},
    {.key = "memory",
     .kind = kObjectList,
     .meaning = "Levels of memory, nearest first; at least one 'dram' or 'sram'.",
     .need = Need::kRequired,
     .object = &kMemorySpec},
    {.key = "links",
     .kind = kObjectList,
     .meaning = "Ways to other devices and to the host.",
     .object = &kLinkSpec},
    object("launch", kLaunchSpec, "What it costs to start one kernel."),
    object("power", kPowerSpec, "Limits and idle draw."),
    object("unsupported", kUnsupportedSpec, "What cannot run here."),
    object("calibration", kCalibrationSpec, "How the time model was fitted to this device."),
};
constexpr ObjectSpec kDescriptionSpec = {"hardware", "A hardware description for aiprof.",
                                         kDescriptionFields};

}  // namespace

const FieldSpec* ObjectSpec::find(std::string_view key) const {
  const auto it = std::ranges::find(fields, key, &FieldSpec::key);
  return it == fields.end() ? nullptr : &*it;
}

std::vector<std::string> ObjectSpec::keys() const {
  std::vector<std::string> result;
  for (const FieldSpec& field : fields) result.emplace_back(field.key);
  return result;
}

const ObjectSpec& description_spec() { return kDescriptionSpec; }
const ObjectSpec& quantity_spec() { return kQuantitySpec; }
std::span<const std::string_view> status_words() { return kStatusInFile; }

Bounds bounds(Range range, std::string_view name) {
  switch (range) {
    case Range::kPositive:
      return {0, kUnbounded, true};
    case Range::kNonNegative:
      return {0, kUnbounded, false};
    case Range::kFraction:
      return {0, 1, true};
    case Range::kAtLeastOne:
      return {1, kUnbounded, false};
    case Range::kByConstant:
      break;
  }
  const ConstantSpec* constant = find_constant_spec(name);
  return constant == nullptr ? Bounds{-kUnbounded, kUnbounded, false}
                             : Bounds{constant->low, constant->high, false};
}

std::string expected(Range range, std::string_view name) {
  switch (range) {
    case Range::kPositive:
      return "a number greater than 0";
    case Range::kNonNegative:
      return "a number, 0 or more";
    case Range::kFraction:
      return "a fraction, greater than 0 and at most 1";
    case Range::kAtLeastOne:
      return "a number, 1 or more";
    case Range::kByConstant:
      break;
  }
  const Bounds b = bounds(range, name);
  return fmt::format("a number from {:g} to {:g}", b.low, b.high);
}

bool within(double value, Range range, std::string_view name) {
  const Bounds b = bounds(range, name);
  return value <= b.high && (b.low_excluded ? value > b.low : value >= b.low);
}

std::vector<std::string> map_keys(Keys keys) {
  std::vector<std::string> result;
  if (keys == Keys::kMathTypes) {
    for (const MathType type : all_math_types()) result.emplace_back(name(type));
  } else if (keys == Keys::kConstants) {
    for (const ConstantSpec& constant : constant_specs()) result.emplace_back(constant.name);
  }
  return result;
}

std::string list_names(std::span<const std::string> names) {
  if (names.size() <= kMostListed) return join(names, ", ");
  return fmt::format("{} names, listed in docs/schema/hardware.schema.json", names.size());
}

bool is_map_key(Keys keys, std::string_view key) {
  switch (keys) {
    case Keys::kAny:
      return true;
    case Keys::kMathTypes:
      return std::ranges::any_of(all_math_types(), [&](MathType t) { return name(t) == key; });
    case Keys::kConstants:
      return find_constant_spec(key) != nullptr;
  }
  return false;
}

}  // namespace aiprof::hw
