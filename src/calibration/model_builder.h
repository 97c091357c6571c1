// Making small ONNX models.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/frontend/wire_writer.h"
#include "aiprof/graph/dtype.h"

namespace aiprof::calibration {

using Dims = std::vector<std::int64_t>;

struct IntsAttribute {
  std::string_view name;
  Dims values;
};
struct IntAttribute {
  std::string_view name;
  std::int64_t value;
};
struct TextAttribute {
  std::string_view name;
  std::string_view value;
};
struct Attributes {
  std::vector<IntAttribute> ints = {};
  std::vector<IntsAttribute> lists = {};
  std::vector<TextAttribute> texts = {};
};

// Where the elements of weights stand: the first bytes of a file beside the model, one for each
// element type, so that hundreds of models share a few megabytes.
[[nodiscard]] std::string weight_file(DType dtype);

class ModelBuilder {
 public:
  // Of the default domain; `contrib` also imports com.microsoft version 1.
  explicit ModelBuilder(std::int64_t opset, bool contrib = false)
      : opset_(opset), contrib_(contrib) {}

  std::string input(std::string name, DType dtype, const Dims& dims);
  void output(const std::string& name, DType dtype, const Dims& dims);
  // Elements stand in weight_file(dtype).
  std::string weight(std::string name, DType dtype, const Dims& dims);
  // The same, from element `first` of the file on.
  std::string weight_at(std::string name, DType dtype, const Dims& dims, std::int64_t first);
  // A tensor whose every element is `value`, stored in the model itself. Of float32, float16 or
  // bfloat16, or integers of up to 64 bits.
  std::string constant(std::string name, DType dtype, const Dims& dims, double value);
  std::string integers(std::string name, std::span<const std::int64_t> values);
  void node(std::string_view op, std::initializer_list<std::string_view> inputs,
            std::initializer_list<std::string_view> outputs, const Attributes& attributes = {},
            std::string_view domain = "");

  // The serialized model.
  [[nodiscard]] std::string finish(const std::string& graph_name);
  // The most elements of each type that weight() asked for.
  [[nodiscard]] std::span<const std::pair<DType, std::int64_t>> weights() const { return weights_; }

 private:
  std::int64_t opset_;
  bool contrib_;
  wire::Writer nodes_, initializers_, inputs_, outputs_;
  std::vector<std::pair<DType, std::int64_t>> weights_;
};

}  // namespace aiprof::calibration
