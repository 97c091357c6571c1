#include "ops/op_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "aiprof/analysis/analysis.h"
#include "support/onnx_text.h"

namespace aiprof::test {
namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.front())) != 0) s.remove_prefix(1);
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.back())) != 0) s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!trim(text).empty()) {
    const std::size_t at = std::min(text.find(separator), text.size());
    parts.push_back(trim(text.substr(0, at)));
    text.remove_prefix(std::min(at + 1, text.size()));
  }
  return parts;
}

// "y" of "float[2,3] y = {1,2}".
std::string_view output_name(std::string_view output) {
  output = trim(output.substr(0, output.find('=')));
  return output.substr(output.rfind(' ') + 1);
}

std::string model_text(const OpCase& c) {
  const RowName row = row_name(c.op);
  std::string imports = fmt::format("\"{}\": {}", row.domain, row.since);
  if (!row.domain.empty()) imports += fmt::format(", \"\": {}", c.opset);
  if (row.domain != "com.microsoft") imports += ", \"com.microsoft\": 1";
  std::string outputs;
  for (const std::string_view o : parts_of(c.outputs, ';')) {
    const std::string output =
        c.declared ? std::string(o) : fmt::format("float[] {}", output_name(o));
    outputs += (outputs.empty() ? "" : ", ") + output;
  }
  return fmt::format("<ir_version: 8, opset_import: [{}]> model ({}) => ({}) {{ {} }}", imports,
                     c.inputs, outputs, c.nodes);
}

std::string shape_text(const TensorFact& f) {
  if (!f.has_shape) return "[...]";
  if (f.shape.empty()) return "";
  std::string out;
  for (const Dim d : f.shape) {
    out += (out.empty() ? "[" : ",") + (d.known() ? std::to_string(d.value()) : "?");
  }
  return out + "]";
}

std::string type_text(const TensorFact& f) {
  const std::string tensor = std::string(name(f.dtype)) + shape_text(f);
  switch (f.kind) {
    case TypeKind::kUnknown:
      return "nothing";
    case TypeKind::kTensor:
      return tensor;
    case TypeKind::kSparseTensor:
      return "sparse(" + tensor + ")";
    case TypeKind::kMap:
      return "map";
    case TypeKind::kSequence:
    case TypeKind::kOptional:
      break;
  }
  std::string out = f.kind == TypeKind::kSequence ? "seq(" : "optional(";
  if (!f.sequence) return out + "?)";
  for (const TensorFact& e : f.sequence->elements) {
    out += (out.back() == '(' ? "" : ", ") + std::string(name(e.dtype)) + shape_text(e);
  }
  return out + ")";
}

std::string value_text(const Value& v) {
  std::string out = "{";
  const auto add = [&out](const std::string& element) {
    out += (out.size() == 1 ? "" : ",") + element;
  };
  for (const std::string& s : v.strings) add('"' + s + '"');
  for (const Scalar& s : v.elements) {
    if (!s.known) {
      add("?");
    } else if (v.kind == Value::Kind::kFloat) {
      add(fmt::format("{}", s.f));
    } else {
      add(std::to_string(s.i));
    }
  }
  return out + "}";
}

std::string outputs_text(const Graph& graph, const Analysis& a, std::string_view expected) {
  std::string out;
  const auto parts = parts_of(expected, ';');
  for (std::size_t i = 0; i < graph.main().outputs.size(); ++i) {
    const TensorId id = graph.main().outputs[i];
    const TensorFact& f = a[id];
    if (!out.empty()) out += "; ";
    out += type_text(f) + " " + std::string(graph[id].name);
    const bool asked = parts[i].find('=') != std::string_view::npos;
    if (asked) out += " = " + (f.value ? value_text(*f.value) : "unknown");
  }
  return out;
}

Status status_of(NodeStatus s) {
  switch (s) {
    case NodeStatus::kExact:
      return Status::kExact;
    case NodeStatus::kAssumed:
      return Status::kAssumed;
    case NodeStatus::kFolded:
      return Status::kFolded;
    case NodeStatus::kGap:
      return Status::kGap;
  }
  return Status::kGap;
}

void add(const OpCost& c, OpResult& r) {
  r.macs += c.macs.value();
  r.useful += c.useful_macs.value();
  r.flops += c.flops.value();
  r.transcendentals += c.transcendentals.value();
  r.integer_ops += c.integer_ops.value();
  r.read += c.bytes_read().value();
  r.written += c.bytes_written().value();
}

// "n = 10, k = 3" as contents of the int64 scalars n and k; `numbers` keeps them.
BindOptions bind_values(std::string_view values, std::vector<std::int64_t>& numbers) {
  BindOptions options;
  const auto parts = parts_of(values, ',');
  numbers.reserve(parts.size());
  for (const std::string_view part : parts) {
    const std::size_t equals = part.find('=');
    const std::string_view number = trim(part.substr(equals + 1));
    std::from_chars(number.data(), number.data() + number.size(), numbers.emplace_back());
    StoredTensor t;
    t.dtype = DType::kInt64;
    t.raw = std::as_bytes(std::span(&numbers.back(), 1));
    options.values[std::string(trim(part.substr(0, equals)))] = t;
  }
  return options;
}

// A dtype at `text[i]` as aiprof spells it, and how long it is there.
std::string spelled(std::string_view text, std::size_t i, std::size_t& length) {
  std::size_t end = i;
  while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
  length = end - i;
  const std::string_view word = text.substr(i, length);
  const bool at_type = end < text.size() && (text[end] == '[' || text[end] == ' ' ||
                                             text[end] == ')' || text[end] == ',');
  const auto dtype = at_type ? parse_dtype(word) : std::nullopt;
  return std::string(dtype ? name(*dtype) : word);
}

}  // namespace

RowName row_name(std::string_view op) {
  RowName row;
  const std::size_t space = op.rfind(' ');
  const std::string_view number = op.substr(space + 1);
  std::from_chars(number.data(), number.data() + number.size(), row.since);
  const std::string_view full = op.substr(0, space);
  const std::size_t dot = full.rfind('.');
  if (dot != std::string_view::npos) row.domain = full.substr(0, dot);
  row.type = full.substr(dot == std::string_view::npos ? 0 : dot + 1);
  return row;
}

std::string canonical_outputs(std::string_view outputs) {
  std::string out;
  for (const std::string_view part : parts_of(outputs, ';')) {
    if (!out.empty()) out += "; ";
    for (std::size_t i = 0; i < part.size();) {
      const bool word_start = std::isalpha(static_cast<unsigned char>(part[i])) != 0 &&
                              (i == 0 || part[i - 1] == '(' || part[i - 1] == ' ');
      std::size_t length = 1;
      out += word_start ? spelled(part, i, length) : std::string(1, part[i]);
      i += length;
    }
  }
  return out;
}

OpResult run(const OpCase& c) {
  const RowName row = row_name(c.op);
  std::string bytes = model_bytes(model_text(c));
  if (c.nonzeros != 0) bytes = with_sparse_input(bytes, "a", c.nonzeros);
  const Graph graph = read_model(c.declared ? bytes : without_declared_types(bytes));
  std::vector<std::int64_t> numbers;
  const Analysis a = analyze(graph, bind_values(c.values, numbers));
  OpResult r;
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    const NodeResult& node = a.nodes[i];
    const OpSpec* s = node.spec;
    const bool is_row =
        s != nullptr && s->domain == row.domain && s->type == row.type && s->since == row.since;
    if (node.status != NodeStatus::kGap) add(node.cost, r);
    if (!is_row || r.found_row) continue;
    r.found_row = true;
    r.status = status_of(node.status);
    r.reason = node.reason;
  }
  r.outputs = outputs_text(graph, a, c.outputs);
  return r;
}

std::vector<OpCase> all_cases() {
  std::vector<OpCase> all;
  for (const auto table :
       {elementwise_cases,   logic_cases,       activation_cases,  reduction_cases,
        normalization_cases, contraction_cases, attention_cases,   pooling_cases,
        shape_cases,         movement_cases,    gather_cases,      vision_cases,
        signal_cases,        sequence_cases,    ml_cases,          training_cases,
        ms_attention_cases,  ms_matmul_cases,   ms_quant_cases,    ms_nn_cases,
        ms_misc_cases,       ms_packed_cases,   ms_training_cases, foreign_cases}) {
    const auto rows = table();
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace aiprof::test
