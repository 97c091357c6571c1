#include <algorithm>
#include <array>

#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "frontend/graph_reader.h"
#include "frontend/mapped_file.h"
#include "frontend/model_file.h"

namespace aiprof {
namespace {

using wire::Bytes;
using wire::Field;
using wire::text;

// The opset released together with each IR version, for files that import none
// (onnx/docs/Versioning.md; IR 3 spans several releases, 7 is the newest that all of them read).
constexpr std::array<int, 15> kOpsetOfIr = {1, 1, 1, 7, 9, 10, 12, 14, 18, 20, 22, 23, 24, 27, 28};

struct ModelFields {
  Bytes graph;
  std::vector<Bytes> functions;
  bool has_graph = false;
  bool has_training = false;
};

ModelFields read_model_fields(Bytes bytes, Graph& graph) {
  ModelFields fields;
  wire::for_each_field(bytes, [&](const Field& f) {
    switch (f.id) {
      case 1:
        graph.ir_version = f.integer();
        break;
      case 2:
        if (f.is_bytes()) graph.producer = printable(text(f.bytes));
        break;
      case 7:
        if (f.is_bytes()) fields.graph = f.bytes, fields.has_graph = true;
        break;
      case 8:
        if (f.is_bytes()) graph.opsets.push_back(read_opset(f.bytes));
        break;
      case 20:
        fields.has_training = true;
        break;
      case 25:
        if (f.is_bytes()) fields.functions.push_back(f.bytes);
        break;
      default:
        break;
    }
  });
  return fields;
}

// Text in an .onnx file is usually a Git LFS pointer, an HTML error page or a textual protobuf.
bool looks_like_text(Bytes bytes) {
  const std::string_view head = text(bytes.first(std::min<std::size_t>(bytes.size(), 256)));
  return std::none_of(head.begin(), head.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 && u != '\n' && u != '\r' && u != '\t';
  });
}

void assume_opset(Graph& graph) {
  const bool stated = std::any_of(graph.opsets.begin(), graph.opsets.end(),
                                  [](const OpsetImport& o) { return o.domain.empty(); });
  if (stated) return;
  const auto ir = static_cast<std::size_t>(std::clamp<std::int64_t>(graph.ir_version, 0, 14));
  graph.opsets.push_back({"", kOpsetOfIr[ir]});
  if (graph.ir_version >= 3) {
    graph.notes.push_back("the model imports no ai.onnx opset: " + std::to_string(kOpsetOfIr[ir]) +
                          " assumed from its IR version " + std::to_string(graph.ir_version));
  }
}

Graph read_checked(Bytes bytes, const std::string& name, std::shared_ptr<ModelStorage> storage) {
  Graph graph;
  graph.file = name;
  const ModelFields fields = read_model_fields(bytes, graph);
  if (!fields.has_graph) {
    throw input_error("not an ONNX model: it holds no graph");
  }
  assume_opset(graph);
  if (fields.has_training) graph.notes.emplace_back("training_info is present and not analysed");
  GraphReader reader(graph, *storage);
  for (const Bytes& f : fields.functions) reader.add_function(f);
  reader.read_main(fields.graph);
  storage->window.reset();
  order_nodes(graph);
  graph.storage = std::move(storage);
  return graph;
}

Graph read_model(Bytes bytes, const std::string& name, std::shared_ptr<ModelStorage> storage) {
  try {
    refuse_other_files(bytes);
    return read_checked(bytes, name, std::move(storage));
  } catch (const Error& e) {
    throw e.in(name);
  }
}

}  // namespace

void refuse_other_files(Bytes bytes) {
  if (bytes.empty()) throw input_error("the file is empty; expected an ONNX model");
  if (looks_like_text(bytes)) {
    throw input_error(
        "this is a text file; expected a binary ONNX model (a Git LFS pointer or a download that "
        "failed?)");
  }
}

Graph read_onnx(Bytes bytes, const std::string& name, std::shared_ptr<void> owner) {
  auto storage = std::make_shared<ModelStorage>();
  storage->file = std::move(owner);
  return read_model(bytes, name, std::move(storage));
}

Graph load_onnx(const std::string& path) {
  MappedFile file = map_file(path);
  auto storage = std::make_shared<ModelStorage>();
  const Bytes bytes = file.bytes;
  storage->file = file.owner;
  storage->window = std::make_unique<FileWindow>(std::move(file));
  return read_model(bytes, path, std::move(storage));
}

StoredTensor load_tensor(const std::string& path, std::shared_ptr<void>& owner) {
  MappedFile file = map_file(path);
  owner = std::move(file.owner);
  try {
    return read_tensor(file.bytes).tensor;
  } catch (const Error& e) {
    throw e.in(path);
  }
}

}  // namespace aiprof
