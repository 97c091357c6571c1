#include "cli/values.h"

#include <fmt/format.h>

#include <charconv>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "cli/arguments.h"

namespace aiprof::cli {
namespace {

const Tensor& find_input(const Graph& graph, const std::string& name) {
  std::vector<std::string> names;
  for (const TensorId id : graph.main().inputs) {
    if (graph[id].name == name) return graph[id];
    names.emplace_back(graph[id].name);
  }
  throw usage_error(fmt::format("--value {}: {} has no input '{}'{} (it has: {})", printable(name),
                                graph.file, printable(name), did_you_mean(name, names),
                                printable(join(names, ", "))));
}

// One integer within the range of its dtype; unsigned 64-bit as its bit pattern.
std::optional<Scalar> parse_integer(DType dtype, std::string_view text) {
  const char* end = text.data() + text.size();
  if (dtype == DType::kUint64) {
    std::uint64_t u = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, u);
    if (error != std::errc() || stop != end) return std::nullopt;
    return Scalar::of(static_cast<std::int64_t>(u));
  }
  std::int64_t i = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, i);
  if (error != std::errc() || stop != end) return std::nullopt;
  const unsigned width = bits(dtype);
  if (width < 64) {
    const std::int64_t low = is_signed(dtype) ? -(std::int64_t{1} << (width - 1)) : 0;
    const std::int64_t high = (std::int64_t{1} << (is_signed(dtype) ? width - 1 : width)) - 1;
    if (i < low || i > high) return std::nullopt;
  }
  return Scalar::of(i);
}

std::optional<Scalar> parse_scalar(DType dtype, std::string_view text) {
  if (dtype == DType::kBool) {
    if (text == "true" || text == "1") return Scalar::of(1);
    if (text == "false" || text == "0") return Scalar::of(0);
    return std::nullopt;
  }
  if (is_integer(dtype)) return parse_integer(dtype, text);
  const std::optional<double> x = parse_decimal(text);
  return x ? std::optional(Scalar::of_float(*x)) : std::nullopt;
}

std::string_view expected(DType dtype) {
  if (dtype == DType::kBool) return "true or false";
  return is_integer(dtype) ? "an integer in its range" : "a decimal number";
}

ValueRef parse_values(DType dtype, const std::string& input, std::string_view text) {
  auto value = std::make_shared<Value>();
  const std::vector<std::string> parts = split(text, ',');
  if (dtype == DType::kString) {
    value->kind = Value::Kind::kString;
    value->strings = parts;
    return value;
  }
  value->kind = is_float(dtype) ? Value::Kind::kFloat : Value::Kind::kInt;
  for (const std::string& part : parts) {
    const std::optional<Scalar> s = parse_scalar(dtype, part);
    if (!s) {
      throw usage_error(fmt::format("--value {}: '{}' is not {}, as the {} input takes",
                                    printable(input), printable(part), expected(dtype),
                                    name(dtype)));
    }
    value->elements.push_back(*s);
  }
  return value;
}

StoredTensor read_file(const std::string& input, const std::string& file, DType declared,
                       std::vector<std::shared_ptr<void>>& files) {
  std::shared_ptr<void> owner;
  StoredTensor tensor = load_tensor(file, owner);
  files.push_back(std::move(owner));
  if (declared != DType::kUndefined && tensor.dtype != declared) {
    throw usage_error(fmt::format("--value {}: {} holds {}, but the input is {}", printable(input),
                                  file, name(tensor.dtype), name(declared)));
  }
  return tensor;
}

}  // namespace

StoredTensor input_value(const Graph& graph, const std::string& input, std::string_view text,
                         std::vector<std::shared_ptr<void>>& files) {
  const Tensor& tensor = find_input(graph, input);
  const DType dtype = tensor.declared == nullptr ? DType::kUndefined : tensor.declared->dtype;
  if (text.starts_with('@')) {
    return read_file(input, std::string(text.substr(1)), dtype, files);
  }
  if (dtype == DType::kUndefined || is_complex(dtype)) {
    throw usage_error(fmt::format(
        "--value {}: values of type {} cannot be typed; give them as @FILE, an ONNX TensorProto",
        printable(input), name(dtype)));
  }
  StoredTensor given;
  given.dtype = dtype;
  given.value = parse_values(dtype, input, text);
  given.shape.push_back(Dim(static_cast<std::int64_t>(given.value->size())));
  return given;
}

}  // namespace aiprof::cli
