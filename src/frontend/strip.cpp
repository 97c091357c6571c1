#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "aiprof/frontend/wire_writer.h"
#include "frontend/mapped_file.h"
#include "frontend/model_file.h"
#include "frontend/tensor_reader.h"
#include "frontend/wire.h"

namespace aiprof {
namespace {

using wire::Bytes;
using wire::Field;

constexpr std::string_view kWeightsFile = "weights.bin";

// The messages on the way from the model to its tensors.
enum class Kind : std::uint8_t {
  kModel,
  kTraining,
  kFunction,
  kGraph,
  kNode,
  kAttribute,
  kSparseTensor,
  kTensor,
};

// A field of `parent` that holds a message of `kind` (onnx.proto). What is not listed holds no
// tensor and is copied as it is.
struct Edge {
  Kind parent;
  std::uint32_t field;
  Kind kind;
};
constexpr std::array<Edge, 19> kEdges = {{
    {Kind::kModel, 7, Kind::kGraph},
    {Kind::kModel, 20, Kind::kTraining},
    {Kind::kModel, 25, Kind::kFunction},
    {Kind::kTraining, 1, Kind::kGraph},
    {Kind::kTraining, 2, Kind::kGraph},
    {Kind::kFunction, 7, Kind::kNode},
    {Kind::kFunction, 11, Kind::kAttribute},
    {Kind::kGraph, 1, Kind::kNode},
    {Kind::kGraph, 5, Kind::kTensor},
    {Kind::kGraph, 15, Kind::kSparseTensor},
    {Kind::kNode, 5, Kind::kAttribute},
    {Kind::kAttribute, 5, Kind::kTensor},
    {Kind::kAttribute, 6, Kind::kGraph},
    {Kind::kAttribute, 10, Kind::kTensor},
    {Kind::kAttribute, 11, Kind::kGraph},
    {Kind::kAttribute, 22, Kind::kSparseTensor},
    {Kind::kAttribute, 23, Kind::kSparseTensor},
    {Kind::kSparseTensor, 1, Kind::kTensor},
    {Kind::kSparseTensor, 2, Kind::kTensor},
}};

void put_varint(std::string& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) out += static_cast<char>((v & 0x7F) | 0x80);
  out += static_cast<char>(v);
}

std::size_t varint_size(std::uint64_t v) {
  std::size_t n = 1;
  for (; v >= 0x80; v >>= 7) ++n;
  return n;
}

bool holds_elements(std::uint32_t field) {
  using namespace onnx_field;  // NOLINT(google-build-using-namespace): field names only
  constexpr std::array<std::uint32_t, 9> kFields = {
      kTensorFloatData,  kTensorInt32Data,  kTensorStringData,   kTensorInt64Data,   kTensorRawData,
      kTensorDoubleData, kTensorUint64Data, kTensorExternalData, kTensorDataLocation};
  return std::find(kFields.begin(), kFields.end(), field) != kFields.end();
}

// Shapes, branches and trip counts follow from small tensors of these types. Few numbers of any
// other type may be all that a shape depends on (the scales of Resize), and tell little of a
// weight.
constexpr std::uint64_t kAlwaysKept = 8;

bool stays_inline(const StoredTensor& t, std::uint64_t keep_elements) {
  const std::uint64_t n = num_elements(t.shape).value();
  const bool counts = is_integer(t.dtype) || t.dtype == DType::kBool || t.dtype == DType::kString;
  return t.external || n == 0 || n <= (counts ? keep_elements : kAlwaysKept);
}

// Rewrites a model in one walk into pieces: ranges copied from the input, texts made here, and
// headers of messages whose length is known once their end is reached.
class Stripper {
 public:
  Stripper(Bytes model, std::uint64_t keep_elements) : model_(model), keep_(keep_elements) {}

  std::string run() {
    open_.push_back({wire::Reader(model_), Kind::kModel, model_.data(), kNoPiece, 0});
    while (!open_.empty()) {
      Field f;
      const std::byte* const begin = open_.back().at;
      if (open_.back().reader.next(f)) {
        open_.back().at = open_.back().reader.position();
        rewrite(f, Bytes(begin, open_.back().at));
      } else {
        close();
      }
    }
    if (!has_graph_) throw input_error("not an ONNX model: it holds no graph");
    return join();
  }

 private:
  static constexpr std::size_t kNoPiece = SIZE_MAX;

  struct Message {
    wire::Reader reader;
    Kind kind;
    const std::byte* at;  // where the next field begins
    std::size_t header;   // its piece, or kNoPiece for the model itself
    std::uint64_t size;   // of what has been written so far
  };
  struct Piece {
    Bytes copied;              // from the input; empty for the others
    std::string made;          // or written here
    std::uint32_t field = 0;   // or the header of a message in this field,
    std::uint64_t length = 0;  // with this many bytes to follow
  };

  void rewrite(const Field& f, Bytes whole) {
    const Kind parent = open_.back().kind;
    const auto edge = std::find_if(kEdges.begin(), kEdges.end(), [&](const Edge& e) {
      return e.parent == parent && e.field == f.id;
    });
    if (edge == kEdges.end() || !f.is_bytes()) {
      copy(whole);
    } else if (edge->kind == Kind::kTensor) {
      rewrite_tensor(f, whole);
    } else {
      has_graph_ = has_graph_ || (parent == Kind::kModel && edge->kind == Kind::kGraph);
      pieces_.push_back({.copied = {}, .made = {}, .field = f.id, .length = 0});
      open_.push_back({wire::Reader(f.bytes), edge->kind, f.bytes.data(), pieces_.size() - 1, 0});
    }
  }

  void rewrite_tensor(const Field& f, Bytes whole) {
    const StoredTensor tensor = read_tensor(f.bytes).tensor;
    if (stays_inline(tensor, keep_)) {
      copy(whole);
      return;
    }
    std::string kept;
    std::uint64_t text_bytes = 0;
    wire::Reader reader(f.bytes);
    const std::byte* begin = f.bytes.data();
    for (Field part; reader.next(part); begin = reader.position()) {
      if (part.id == onnx_field::kTensorStringData) text_bytes += part.bytes.size();
      if (!holds_elements(part.id)) kept += wire::text(Bytes(begin, reader.position()));
    }
    const Count packed = packed_bytes(tensor.dtype, num_elements(tensor.shape));
    kept += reference(tensor.dtype == DType::kString ? text_bytes : packed.value());
    wire::Writer field;
    field.bytes(f.id, kept);
    open_.back().size += field.text().size();
    pieces_.push_back({.copied = {}, .made = field.take(), .field = 0, .length = 0});
  }

  // The fields of a tensor that say where its elements would be: the next `length` bytes.
  std::string reference(std::uint64_t length) {
    wire::Writer out;
    const auto entry = [&](std::string_view key, std::string_view value) {
      wire::Writer e;
      e.bytes(1, key);
      e.bytes(2, value);
      out.message(onnx_field::kTensorExternalData, e);
    };
    entry("location", kWeightsFile);
    entry("offset", std::to_string(offset_));
    entry("length", std::to_string(length));
    out.integer(onnx_field::kTensorDataLocation, 1);  // TensorProto.EXTERNAL
    offset_ += length;
    return out.take();
  }

  void copy(Bytes bytes) {
    open_.back().size += bytes.size();
    if (!pieces_.empty()) {
      Bytes& last = pieces_.back().copied;
      if (!last.empty() && last.data() + last.size() == bytes.data()) {
        last = Bytes(last.data(), last.size() + bytes.size());
        return;
      }
    }
    pieces_.push_back({.copied = bytes, .made = {}, .field = 0, .length = 0});
  }

  void close() {
    const Message done = open_.back();
    open_.pop_back();
    if (done.header == kNoPiece) return;
    Piece& header = pieces_[done.header];
    header.length = done.size;
    open_.back().size += varint_size(static_cast<std::uint64_t>(header.field) << 3) +
                         varint_size(done.size) + done.size;
  }

  [[nodiscard]] std::string join() const {
    std::string out;
    for (const Piece& p : pieces_) {
      if (p.field != 0) {
        put_varint(out, (static_cast<std::uint64_t>(p.field) << 3) | 2);
        put_varint(out, p.length);
      }
      out += wire::text(p.copied);
      out += p.made;
    }
    return out;
  }

  Bytes model_;
  std::uint64_t keep_;
  bool has_graph_ = false;
  std::uint64_t offset_ = 0;  // of the next tensor in the weights file
  std::vector<Message> open_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::string strip_onnx(Bytes bytes, const std::string& name, std::uint64_t keep_elements) {
  try {
    refuse_other_files(bytes);
    return Stripper(bytes, keep_elements).run();
  } catch (const Error& e) {
    throw e.in(name);
  }
}

std::string strip_onnx_file(const std::string& path, std::uint64_t keep_elements) {
  const MappedFile file = map_file(path);
  return strip_onnx(file.bytes, path, keep_elements);
}

}  // namespace aiprof
