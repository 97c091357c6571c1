#include "conformance/node_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "aiprof/frontend/onnx.h"
#include "support/onnx_data.h"
#include "support/onnx_text.h"

namespace aiprof::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFedFloats = 8;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool is_fed(const StoredTensor& t) {
  const std::uint64_t n = num_elements(t.shape).value_or(UINT64_MAX);
  return n <= (is_float(t.dtype) ? kMaxFedFloats : kMaxValueElements) && !is_complex(t.dtype);
}

// The files behind tensors that were handed to the analysis.
using Owners = std::vector<std::shared_ptr<void>>;

BindOptions bind_inputs(const Graph& graph, const fs::path& data, Owners& owners) {
  BindOptions options;
  const auto& inputs = graph.main().inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& tensor = graph[inputs[i]];
    const fs::path file = data / fmt::format("input_{}.pb", i);
    const bool is_tensor = tensor.declared != nullptr && tensor.declared->kind == TypeKind::kTensor;
    if (!is_tensor || !fs::exists(file)) continue;
    const StoredTensor given = load_tensor(file.string(), owners.emplace_back());
    std::vector<std::int64_t>& shape = options.shapes[std::string(tensor.name)];
    for (const Dim d : given.shape) shape.push_back(d.value());
    const bool fits = given.dtype == tensor.declared->dtype;  // 1.12 stores bfloat16 as uint16
    if (fits && is_fed(given) && decode(given)) options.values[std::string(tensor.name)] = given;
  }
  return options;
}

std::string to_text(DType dtype, const Shape& shape) {
  std::string out(name(dtype));
  for (const Dim d : shape) out += d.known() ? fmt::format(" {}", d.value()) : " ?";
  return out;
}

Verdict compare(const TensorFact& found, const StoredTensor& expected) {
  if (!found.shape_known() || found.dtype == DType::kUndefined) return Verdict::kUnknown;
  if (found.dtype != expected.dtype || found.rank() != expected.shape.size())
    return Verdict::kWrong;
  if (found.shape == expected.shape) return Verdict::kRight;
  for (std::size_t i = 0; i < found.rank(); ++i) {
    if (found.shape[i].value() < expected.shape[i].value()) return Verdict::kWrong;
  }
  return found.basis == Basis::kAssumed ? Verdict::kBounded : Verdict::kWrong;
}

// A sequence is as right as its worst element; what holds no tensors is compared by its elements.
Verdict compare(const TensorFact& found, const test::SequenceData& expected) {
  if (found.sequence == nullptr) {
    const bool same = found.dtype == DType::kUndefined || found.dtype == expected.dtype;
    return same ? Verdict::kUnknown : Verdict::kWrong;
  }
  const auto& elements = found.sequence->elements;
  const bool wraps = found.kind == TypeKind::kOptional && elements.size() == 1 &&
                     elements[0].kind == TypeKind::kSequence;
  if (wraps) return compare(elements[0], expected);
  if (elements.size() != expected.elements.size()) {  // a length may rest on assumed trips
    return found.basis == Basis::kAssumed ? Verdict::kUnknown : Verdict::kWrong;
  }
  Verdict worst = Verdict::kRight;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    worst = std::max(worst, compare(elements[i], expected.elements[i]));
  }
  return worst;
}

std::string found_text(const TensorFact& found) {
  if (found.sequence != nullptr) return fmt::format("{} elements", found.sequence->elements.size());
  if (found.kind != TypeKind::kTensor) return std::string(name(found.dtype)) + ", no length";
  return found.has_shape ? to_text(found.dtype, found.shape) : "no rank";
}

void compare_outputs(const Graph& graph, const std::vector<TypeKind>& kinds, const Analysis& a,
                     const fs::path& data, Outcome& outcome) {
  const auto& outputs = graph.main().outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const fs::path file = data / fmt::format("output_{}.pb", i);
    if (!fs::exists(file)) {
      outcome.outputs.push_back(Verdict::kAbsent);
      continue;
    }
    const TensorFact& found = a[outputs[i]];
    std::string expected;
    if (kinds[i] == TypeKind::kTensor) {
      outcome.tensors = true;
      std::shared_ptr<void> owner;
      const StoredTensor tensor = load_tensor(file.string(), owner);
      expected = to_text(tensor.dtype, tensor.shape);
      outcome.outputs.push_back(compare(found, tensor));
    } else {
      const test::SequenceData sequence =
          test::read_sequence(read_file(file), kinds[i] == TypeKind::kOptional);
      expected = fmt::format("{} elements", sequence.elements.size());
      outcome.outputs.push_back(compare(found, sequence));
    }
    if (outcome.outputs.back() == Verdict::kRight || !outcome.detail.empty()) continue;
    outcome.detail = fmt::format("{}: {} expected, {} found; ", graph[outputs[i]].name, expected,
                                 found_text(found));
  }
}

void add_costs(const Graph& graph, const Analysis& a, Outcome& outcome) {
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    const NodeResult& r = a.nodes[i];
    const std::string type(graph.op_type(graph.nodes[i]).type);
    if (r.status == NodeStatus::kGap) {
      if (outcome.gaps++ == 0) outcome.detail += fmt::format("gap at {}: {}", type, r.reason);
      continue;
    }
    outcome.flops += r.cost.flops;
    outcome.transcendentals += r.cost.transcendentals;
    if (r.cost.flops.value() != 0) outcome.flops_by_op[type] += r.cost.flops.value();
    if (r.cost.transcendentals.value() != 0) {
      outcome.transcendentals_by_op[type] += r.cost.transcendentals.value();
    }
  }
}

}  // namespace

bool Outcome::compared() const {
  return std::any_of(outputs.begin(), outputs.end(),
                     [](Verdict v) { return v != Verdict::kAbsent; });
}

Verdict Outcome::worst() const {
  Verdict worst = Verdict::kRight;
  for (const Verdict v : outputs) {
    if (v != Verdict::kAbsent) worst = std::max(worst, v);
  }
  return worst;
}

std::vector<NodeCase> find_cases(const std::string& root) {
  std::vector<NodeCase> cases;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().filename() != "model.onnx") continue;
    const fs::path folder = entry.path().parent_path();
    cases.push_back({folder.filename().string(), folder.string()});
  }
  std::sort(cases.begin(), cases.end(),
            [](const NodeCase& a, const NodeCase& b) { return a.folder < b.folder; });
  return cases;
}

Outcome run_case(const NodeCase& node_case) {
  const fs::path folder(node_case.folder);
  const fs::path data = folder / "test_data_set_0";
  const std::string bytes = read_file(folder / "model.onnx");
  const Graph declared = test::read_model(bytes);
  std::vector<TypeKind> kinds;
  for (const TensorId id : declared.main().outputs) {
    const Type* type = declared[id].declared;
    kinds.push_back(type == nullptr ? TypeKind::kTensor : type->kind);
  }
  const Graph graph = test::read_model(test::without_declared_types(bytes));
  Owners owners;
  const BindOptions options = bind_inputs(graph, data, owners);
  const Analysis analysis = analyze(graph, options);
  Outcome outcome;
  compare_outputs(graph, kinds, analysis, data, outcome);
  add_costs(graph, analysis, outcome);
  return outcome;
}

void run_alone(const NodeCase& node_case) {
  const Graph graph = load_onnx(node_case.folder + "/model.onnx");
  const Analysis analysis = analyze(graph);
  (void)liveness(graph, analysis);
}

}  // namespace aiprof::conformance
