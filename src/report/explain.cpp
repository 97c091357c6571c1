#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/text.h"
#include "aiprof/report/describe.h"
#include "aiprof/report/format.h"
#include "aiprof/report/layout.h"
#include "report/attribute.h"
#include "report/rows.h"

namespace aiprof {
namespace {

std::string exact(Count c, std::string_view unit = {}) {
  if (!c.known()) return c.state() == Count::State::kOverflow ? "more than 64 bits" : "unknown";
  return format_exact(c.value()) + (unit.empty() ? "" : " " + std::string(unit));
}

std::string_view role_of_operand(const Operand& o) {
  if (o.weight) return "weights";
  return o.state ? "state" : "activations";
}

class Explanation {
 public:
  Explanation(const Explained& what, NodeId node, const WriteOptions& options)
      : graph_(what.graph),
        analysis_(what.analysis),
        report_(what.report),
        id_(node),
        machine_(what.machine),
        width_(options.width),
        pen_(options.colour) {}

  std::string run() {
    head();
    tensors();
    if (result().status == NodeStatus::kGap) {
      section("Not modelled");
      line(printable(result().reason));
      return std::move(out_);
    }
    rule();
    counts();
    bytes();
    if (machine_ != nullptr) kernel();
    return std::move(out_);
  }

 private:
  [[nodiscard]] const NodeResult& result() const { return analysis_[id_]; }
  [[nodiscard]] const NodeRow& row() const { return report_.nodes[index(id_)]; }

  void section(std::string_view title) {
    out_ += "\n" + pen_(Ink::kBold, std::string(title)) + "\n";
  }
  void line(const std::string& text) { out_ += "  " + wrap(text, width_ - 2, 4) + "\n"; }
  void pair(std::string_view label, const std::string& text) {
    const std::size_t indent = label_ + 2;
    out_ += "  " + pad_right(label, label_) + wrap_after(text, width_, indent) + "\n";
  }

  void head() {
    const NodeRow& r = row();
    const OpType& op = graph_.op_type(graph_[id_]);
    const std::string domain = r.domain.empty() ? "ai.onnx" : printable(r.domain);
    out_ +=
        pen_(Ink::kBold, fmt::format("{} ({})", printable(r.name), printable(r.op_type))) + "\n";
    pair("node", fmt::format("{} of {}", r.index, printable(report_.model.file)));
    if (!r.path.empty()) pair("inside", printable(r.path));
    if (!r.block.empty()) pair("block", printable(r.block));
    pair("operator", fmt::format("{} {}, {}", domain, op.version, r.op_class));
    pair("status",
         std::string(name(r.status)) + (r.reason.empty() ? "" : ": " + printable(r.reason)));
    if (result().trips != Count(1U)) pair("executions", exact(result().trips));
  }

  void tensors() {
    section("Inputs and outputs");
    const auto list = [&](std::string_view label, const std::vector<std::size_t>& ids) {
      for (const std::size_t t : ids) {
        const TensorRow& tensor = report_.tensors[t];
        const TensorFact& fact = analysis_.facts[t];
        pair(label, fmt::format("{} {}  {}{}", tensor.dtype.empty() ? "?" : tensor.dtype,
                                shape_text(tensor), printable(tensor.name),
                                fact.basis == Basis::kAssumed ? "  (assumed)" : ""));
      }
    };
    list("input", row().inputs);
    list("output", row().outputs);
  }

  void rule() {
    section("Rule");
    const OpSpec* spec = result().spec;
    if (spec == nullptr) return line("the work stands in the body of the called function");
    line(std::string(spec->formula));
    if (result().status == NodeStatus::kFolded) {
      line(
          "folded: every input is constant, so it is computed once, ahead of time, and costs "
          "nothing in an inference");
    }
    geometry(result().cost.geometry);
  }

  void geometry(const Geometry& g) {
    const auto n = [](Count c) { return exact(c); };
    switch (g.kind) {
      case Geometry::Kind::kNone:
        return;
      case Geometry::Kind::kGemm:
        return pair("as products", fmt::format("{} of [{}, {}] x [{}, {}]", n(g.batch), n(g.m),
                                               n(g.k), n(g.k), n(g.n)));
      case Geometry::Kind::kConvolution:
        return pair("as products",
                    fmt::format("{} of [{} points, {} taps] x [{} taps, {} channels]", n(g.batch),
                                n(g.m), n(g.k), n(g.k), n(g.n)));
      case Geometry::Kind::kAttention:
        return pair("as attention", fmt::format("{} heads, {} queries, {} keys, head size {}",
                                                n(g.batch), n(g.m), n(g.n), n(g.k)));
      case Geometry::Kind::kRnn:
        return pair("as products",
                    fmt::format("{} steps x {} directions of [{}, {}] x [{}, {}]", n(g.steps),
                                n(g.batch), n(g.m), n(g.k), n(g.k), n(g.n)));
      case Geometry::Kind::kRows:
        return pair("as rows", fmt::format("{} rows of {}", n(g.rows), n(g.cols)));
    }
  }

  // The product behind the MACs, with the numbers put in, where the geometry gives exactly them.
  [[nodiscard]] std::string product(const OpCost& c) const {
    const Geometry& g = c.geometry;
    if (g.kind != Geometry::Kind::kGemm && g.kind != Geometry::Kind::kConvolution) return {};
    if (c.macs == Count(0U) || g.batch * g.m * g.n * g.k * result().trips != c.macs) return {};
    std::string text =
        fmt::format(" = {} x {} x {} x {}", exact(g.batch), exact(g.m), exact(g.n), exact(g.k));
    if (result().trips != Count(1U)) text += " x " + exact(result().trips);
    return text;
  }

  void counts() {
    const OpCost& c = result().cost;
    section("Counts, of all executions");
    pair("MACs", exact(c.macs) + product(c));
    pair("FLOPs", exact(c.flops) + (c.macs.known() && c.macs.value() > 0
                                        ? fmt::format(" = 2 x {} + {}", exact(c.macs),
                                                      exact(c.flops - c.macs * 2U))
                                        : ""));
    pair("transcendentals", exact(c.transcendentals));
    pair("integer ops", exact(c.integer_ops));
    if (c.useful_macs.known() && c.useful_macs != c.macs) pair("useful MACs", exact(c.useful_macs));
  }

  void bytes() {
    const OpCost& c = result().cost;
    section("Bytes that move once, packed");
    for (const Operand& o : c.operands) {
      const std::string tensor =
          o.tensor == kNoTensor ? std::string() : printable(graph_[o.tensor].name);
      pair(o.write ? "write" : "read",
           fmt::format("{} = {} x {} bits, {} {}", exact(o.bytes(), "B"), exact(o.elements),
                       bits(o.dtype), role_of_operand(o), tensor));
    }
    pair("all reads", exact(c.bytes_read(), "B"));
    pair("all writes", exact(c.bytes_written(), "B"));
    if (row().arithmetic_intensity) {
      pair("intensity", format_ratio(*row().arithmetic_intensity) + " FLOP/B");
    }
  }

  void kernel() {
    if (!row().kernel) {
      section("Time");
      return line("launches nothing on the machine: it takes no time of its own");
    }
    const KernelRow& k = report_.kernels[*row().kernel];
    const Kernel& kernel = machine_->lowered.kernels[k.index];
    section(fmt::format("Kernel {} on {}, runtime {}", k.index, printable(machine_->hardware.name),
                        machine_->profile.name));
    if (k.nodes.size() > 1) pair("fused by", printable(k.fusion));
    for (const std::size_t n : k.nodes) {
      pair(n == k.nodes.front() ? "operators" : "", node_name(n));
    }
    pair("moves",
         fmt::format("{} read, {} written, {} saved by fusion", exact(kernel.bytes_read(), "B"),
                     exact(kernel.bytes_written(), "B"), exact(kernel.saved_bytes, "B")));
    if (!k.unsupported.empty()) pair("not supported", printable(k.unsupported));
    terms(kernel);
    result_lines(k);
  }

  [[nodiscard]] std::string node_name(std::size_t n) const {
    const NodeRow& r = report_.nodes[n];
    return fmt::format("{} ({})", printable(r.name), printable(r.op_type));
  }

  void terms(const Kernel& kernel) {
    section("Time of the kernel, term by term");
    const auto& weights = report_.totals.weight_bytes;
    const std::vector<Term> list =
        derive(kernel, machine_->profile, machine_->hardware,
               weights ? Count(*weights) : Count::unknown(), machine_->estimate.reuse_seconds);
    for (const Term& t : list) label_ = std::max(label_, display_width(t.name) + 2);
    for (const Term& t : list) {
      pair(t.name, format_term(t));
      if (!t.formula.empty()) pair("", "= " + t.formula);
      if (!t.source.empty()) pair("", "from " + printable(t.source));
    }
  }

  static std::string format_term(const Term& t) {
    if (t.unit == "s") return format_seconds(t.value);
    if (t.unit == "J") return format_joules(t.value);
    if (t.unit.empty()) return format_plain(t.value);
    // "byte/s" takes prefixes as "B/s".
    const bool bytes = t.unit.starts_with("byte");
    return format_si(t.value, bytes ? "B" + std::string(t.unit.substr(4)) : std::string(t.unit));
  }

  void result_lines(const KernelRow& k) {
    section("Result");
    pair("bound", std::string(name(k.bound)));
    pair("kernel", fmt::format("{} ({} to {})", format_seconds(k.seconds.latency),
                               format_seconds(k.latency_low_seconds),
                               format_seconds(k.latency_high_seconds)));
    if (k.mfu) pair("MFU", format_percent(*k.mfu) + " %");
    if (k.mbu) pair("MBU", format_percent(*k.mbu) + " %");
    if (k.seconds.joules > 0) pair("energy", format_joules(k.seconds.joules));
    if (k.nodes.size() < 2 || !row().seconds) return;
    double all = 0;
    for (const std::size_t n : k.nodes) all += unfused_seconds(analysis_.nodes[n].cost, *machine_);
    const double own = unfused_seconds(result().cost, *machine_);
    pair("this operator", fmt::format("{}: its share by unfused roofline time, {} of {}",
                                      format_seconds(row().seconds->latency), format_seconds(own),
                                      format_seconds(all)));
  }

  const Graph& graph_;
  const Analysis& analysis_;
  const Report& report_;
  NodeId id_;
  const MachineEstimate* machine_;
  std::size_t width_;
  Pen pen_;
  std::size_t label_ = 18;  // columns of the labels
  std::string out_;
};

}  // namespace

std::string write_explanation(const Explained& what, NodeId node, const WriteOptions& options) {
  return Explanation(what, node, options).run();
}

}  // namespace aiprof
