// What a description may not say, and the exact words it is refused with.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "aiprof/hardware/constants.h"
#include "hardware/samples.h"

namespace aiprof::testing {
namespace {

std::string input_error_of(const std::string& text) {
  return error_of(ExitCode::kInput, [&] { (void)parse_hardware(text, "chip.json"); });
}
std::string input_error_of(const char* text) { return input_error_of(std::string(text)); }
std::string input_error_of(const Json& json) { return input_error_of(json.dump()); }

// The minimal description with `value` at `pointer`.
Json with(const char* pointer, const Json& value) {
  Json json = minimal();
  json[Json::json_pointer(pointer)] = value;
  return json;
}
Json without(const char* parent, const char* key) {
  Json json = minimal();
  json[Json::json_pointer(parent)].erase(key);
  return json;
}

TEST(HardwareErrors, TheMinimalDescriptionIsAccepted) {
  EXPECT_EQ(parse(minimal()).name, "my chip");
}

TEST(HardwareErrors, EmptyText) {
  EXPECT_EQ(input_error_of(" \n"), "chip.json: is empty; expected a JSON hardware description");
}

TEST(HardwareErrors, TrailingCommaInAnObject) {
  EXPECT_EQ(input_error_of("{\n  \"name\": \"x\",\n}"),
            "chip.json:3:1: not valid JSON: trailing comma before '}'; remove it");
}

TEST(HardwareErrors, TrailingCommaInAList) {
  EXPECT_EQ(input_error_of("{\"aliases\": [\"a\", ]}"),
            "chip.json:1:19: not valid JSON: trailing comma before ']'; remove it");
}

TEST(HardwareErrors, Truncated) {
  EXPECT_EQ(input_error_of("{\"name\": \"x\""),
            "chip.json:1:13: not valid JSON: unexpected end of input; expected '}'");
}

TEST(HardwareErrors, NotJson) {
  EXPECT_EQ(input_error_of("peak = 3"),
            "chip.json:1:1: not valid JSON: invalid literal; last read: 'p'");
}

TEST(HardwareErrors, NumberTooLargeForADouble) {
  EXPECT_EQ(input_error_of("{\"year\": 1e999}"),
            "chip.json: not valid JSON: number overflow parsing '1e999'");
}

TEST(HardwareErrors, NotAnObject) {
  EXPECT_EQ(input_error_of("[1]"), "chip.json: /: found a list; expected an object");
}

TEST(HardwareErrors, AKeyTwice) {
  EXPECT_EQ(input_error_of(R"({"memory": [{"name": "a"}, {"name": "a", "name": "b"}]})"),
            "chip.json: /memory/1/name: this key stands twice; remove one");
}

TEST(HardwareErrors, UnknownKeyWithASuggestion) {
  EXPECT_EQ(input_error_of(with("/memory/0/latency_second", 1e-7)),
            "chip.json: /memory/0/latency_second: unknown key; did you mean 'latency_seconds'? "
            "Expected one of: name, level, scope, units, capacity_bytes, "
            "bandwidth_bytes_per_second, measured_bandwidth_bytes_per_second, "
            "achievable_fraction, effective_capacity_fraction, residency_seconds, "
            "latency_seconds, joules_per_byte, note");
}

TEST(HardwareErrors, UnknownKeyWithoutASuggestion) {
  EXPECT_EQ(input_error_of(with("/power/horsepower", 1)),
            "chip.json: /power/horsepower: unknown key. Expected one of: tdp_watts, idle_watts");
}

TEST(HardwareErrors, OtherVersion) {
  EXPECT_EQ(input_error_of(with("/schema_version", "2")),
            "chip.json: /schema_version: found the text \"2\"; expected \"1\"");
}

TEST(HardwareErrors, MissingVersion) {
  EXPECT_EQ(input_error_of(without("", "schema_version")),
            "chip.json: /: the key 'schema_version' is missing: The version of this format.");
}

TEST(HardwareErrors, TextWhereANumberIsExpected) {
  EXPECT_EQ(input_error_of(with("/engines/0/peaks/int8", "4e12")),
            "chip.json: /engines/0/peaks/int8: found the text \"4e12\"; expected a number greater "
            "than 0, or an object with value, status and source");
}

TEST(HardwareErrors, ZeroRate) {
  EXPECT_EQ(input_error_of(with("/engines/0/peaks/float16", 0)),
            "chip.json: /engines/0/peaks/float16: found 0; expected a number greater than 0 "
            "(leave the key out if the device does not have it)");
}

TEST(HardwareErrors, NegativeRate) {
  EXPECT_EQ(input_error_of(with("/memory/0/bandwidth_bytes_per_second", -3e10)),
            "chip.json: /memory/0/bandwidth_bytes_per_second: found -30000000000.0; expected a "
            "number greater than 0");
}

TEST(HardwareErrors, MissingRateOfMainMemory) {
  EXPECT_EQ(input_error_of(without("/memory/0", "bandwidth_bytes_per_second")),
            "chip.json: /memory/0: the key 'bandwidth_bytes_per_second' is missing; main memory "
            "('dram' or 'sram') needs it");
}

TEST(HardwareErrors, NoMainMemory) {
  EXPECT_EQ(input_error_of(with("/memory/0/level", "l2")),
            "chip.json: /memory: no level is 'dram' or 'sram'; expected the main memory");
}

TEST(HardwareErrors, AnEngineWithoutRates) {
  EXPECT_EQ(input_error_of(with("/engines/0/peaks", Json::object())),
            "chip.json: /engines/0/peaks: found no entry; expected at least one: Dense operations "
            "per second of the whole device by operand type, a multiply-accumulate being two. A "
            "type that the hardware lacks is left out.");
}

TEST(HardwareErrors, NoEngine) {
  EXPECT_EQ(input_error_of(with("/engines", Json::array())),
            "chip.json: /engines: found an empty list; expected at least one: What computes; at "
            "least one.");
}

TEST(HardwareErrors, FractionAboveOne) {
  EXPECT_EQ(input_error_of(with("/memory/0/achievable_fraction", 90)),
            "chip.json: /memory/0/achievable_fraction: found 90; expected a fraction, greater "
            "than 0 and at most 1");
}

TEST(HardwareErrors, OperandTypeInAShortForm) {
  const std::string message = input_error_of(with("/engines/0/peaks/fp16", 1e12));
  EXPECT_EQ(message.substr(0, message.find('?')),
            "chip.json: /engines/0/peaks/fp16: unknown operand type; did you mean 'float16'");
}

TEST(HardwareErrors, AccumulatorThatIsNoType) {
  const std::string message = input_error_of(with("/engines/0/accumulate", {{"int8", "integer"}}));
  EXPECT_EQ(message.substr(0, message.find(" float64")),
            "chip.json: /engines/0/accumulate/int8: found the text \"integer\"; expected one of");
}

TEST(HardwareErrors, UnknownWord) {
  EXPECT_EQ(input_error_of(with("/engines/0/unit", "vektor")),
            "chip.json: /engines/0/unit: found the text \"vektor\"; expected one of \"matrix\", "
            "\"vector\", \"scalar\", \"in_memory\"; did you mean 'vector'?");
}

TEST(HardwareErrors, UnknownConstant) {
  const std::string known(constant_specs().front().name);
  const std::string message =
      input_error_of(with("/calibration", {{"constants", {{known + "s", 0.5}}}}));
  EXPECT_EQ(message.substr(0, message.find('?')), "chip.json: /calibration/constants/" + known +
                                                      "s: unknown constant; did you mean '" +
                                                      known + "'");
}

TEST(HardwareErrors, ConstantOutsideItsPhysicalRange) {
  for (const ConstantSpec& constant : constant_specs()) {
    const auto file = [&](double value) {
      return with("/calibration", {{"constants", {{std::string(constant.name), value}}}});
    };
    EXPECT_NO_THROW((void)parse(file(constant.low)));
    EXPECT_NO_THROW((void)parse(file(constant.high)));
    const std::string message = input_error_of(file(constant.high * 2));
    EXPECT_NE(message.find("expected a number from"), std::string::npos) << message;
    EXPECT_THROW((void)parse(file(constant.low - 1)), Error);
  }
}

TEST(HardwareErrors, SourceThatIsNotInTheTable) {
  Json json = consistent();
  json["engines"][1]["peaks"]["float32"]["source"] = "sheat";
  EXPECT_EQ(input_error_of(json),
            "chip.json: /engines/1/peaks/float32/source: no entry 'sheat' in the table /sources; "
            "did you mean 'sheet'?");
}

TEST(HardwareErrors, ValueWithoutStatus) {
  EXPECT_EQ(input_error_of(with("/power", {{"tdp_watts", {{"value", 5}}}})),
            "chip.json: /power/tdp_watts: the key 'status' is missing");
}

TEST(HardwareErrors, FractionalTile) {
  EXPECT_EQ(input_error_of(with("/engines/0/tile", {{"m", 16}, {"n", 8.5}, {"k", 16}})),
            "chip.json: /engines/0/tile/n: found 8.5; expected a whole number, 1 or more");
}

TEST(HardwareErrors, EmptyTextValue) {
  EXPECT_EQ(input_error_of(with("/vendor", "")),
            "chip.json: /vendor: found an empty text; leave the key out instead");
}

TEST(HardwareErrors, NullIsNotAbsence) {
  EXPECT_EQ(input_error_of(with("/power", nullptr)),
            "chip.json: /power: found null; expected an object");
}

TEST(HardwareErrors, EveryPrefixOfAFileEndsInAnError) {
  const std::string text = hardware_text("tpu-v4").text;
  for (std::size_t n = 0; n + 2 < text.size(); n += 37) {
    EXPECT_THROW((void)parse_hardware(text.substr(0, n), "cut.json"), Error) << n;
  }
}

TEST(HardwareErrors, UnknownName) {
  EXPECT_EQ(error_of(ExitCode::kUsage, [] { (void)load_hardware("h1000"); }),
            "unknown hardware 'h1000': no such file and no built-in description; did you mean "
            "'h100'? (list them: aiprof hw list)");
}

TEST(HardwareErrors, MissingFile) {
  EXPECT_EQ(error_of(ExitCode::kInput, [] { (void)load_hardware("no/such/chip.json"); }),
            "no/such/chip.json: no such file");
}

TEST(HardwareErrors, Directory) {
  const std::string path = ::testing::TempDir();
  EXPECT_EQ(error_of(ExitCode::kInput, [&] { (void)load_hardware(path); }),
            path + ": is a directory; expected a hardware description");
}

TEST(HardwareErrors, AFileIsNamedInItsErrors) {
  const std::string path = ::testing::TempDir() + "aiprof_bad_chip.json";
  std::ofstream(path) << "{}";
  const std::string message = error_of(ExitCode::kInput, [&] { (void)load_hardware(path); });
  EXPECT_EQ(message,
            path + ": /: the key 'schema_version' is missing: The version of this format.");
  std::remove(path.c_str());
}

}  // namespace
}  // namespace aiprof::testing
