#include "aiprof/gate/saved_report.h"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "gate/strict_json.h"

namespace aiprof::gate {
namespace {

template <typename Enum, std::size_t n>
Enum by_name(const std::string& text, const std::array<Enum, n>& all, const Place& place) {
  for (const Enum e : all) {
    if (text == name(e)) return e;
  }
  place.fail(fmt::format("'{}' is not known", printable(text)));
}

constexpr std::array kStatuses = {NodeStatus::kExact, NodeStatus::kAssumed, NodeStatus::kFolded,
                                  NodeStatus::kGap};
constexpr std::array kBounds = {Bound::kCompute, Bound::kMemory, Bound::kOverhead};

// Typed access to the keys of one object. What is absent is absent; another type is an error.
class Object {
 public:
  Object(const InputJson& value, Place place)
      : value_(object_at(value, place)), place_(std::move(place)) {}

  [[nodiscard]] const InputJson* find(const char* key) const {
    const auto it = value_.find(key);
    return it == value_.end() ? nullptr : &*it;
  }
  [[nodiscard]] Place at(const char* key) const { return place_.at(key); }
  [[nodiscard]] const Place& place() const { return place_; }

  [[nodiscard]] std::string text(const char* key) const {
    const InputJson* v = find(key);
    if (v == nullptr) return {};
    if (!v->is_string()) at(key).fail("expected a text");
    return v->get<std::string>();
  }
  [[nodiscard]] std::optional<std::uint64_t> whole(const char* key) const {
    const InputJson* v = find(key);
    if (v == nullptr) return std::nullopt;
    if (!v->is_number_unsigned()) at(key).fail("expected a whole number of at least 0");
    return v->get<std::uint64_t>();
  }
  [[nodiscard]] Count count(const char* key) const {
    const auto n = whole(key);
    return n ? Count(*n) : Count::unknown();
  }
  [[nodiscard]] std::optional<double> number(const char* key) const {
    const InputJson* v = find(key);
    if (v == nullptr) return std::nullopt;
    if (!v->is_number()) at(key).fail("expected a number");
    return v->get<double>();
  }
  [[nodiscard]] std::optional<Bound> bound() const {
    if (find("bound") == nullptr) return std::nullopt;
    return by_name(text("bound"), kBounds, at("bound"));
  }
  // The elements of a list, each with its place; none where the key is absent.
  template <typename Each>
  void each(const char* key, const Each& take) const {
    const InputJson* v = find(key);
    if (v == nullptr) return;
    const Place inner = at(key);
    const InputJson& list = array_at(*v, inner);
    for (std::size_t i = 0; i < list.size(); ++i) take(list[i], inner.at(i));
  }

 private:
  const InputJson& value_;
  Place place_;
};

class Reader {
 public:
  Report run(const Object& o) {
    if (o.text("schema_version") != "1") {
      o.place().fail("is no report of aiprof: \"schema_version\" is not \"1\"");
    }
    for (const char* key : {"model", "coverage", "totals", "nodes"}) {
      if (o.find(key) == nullptr) o.place().fail(fmt::format("has no \"{}\"", key));
    }
    read_model(Object(*o.find("model"), o.at("model")));
    if (o.find("hardware") != nullptr) read_hardware(Object(*o.find("hardware"), o.at("hardware")));
    r_.runtime = o.text("runtime");
    o.each("notes", [&](const InputJson& v, const Place& p) {
      if (!v.is_string()) p.fail("expected a text");
      r_.notes.push_back(v.get<std::string>());
    });
    read_coverage(Object(*o.find("coverage"), o.at("coverage")));
    o.each("nodes", [&](const InputJson& v, const Place& p) { read_node(Object(v, p)); });
    o.each("kernels", [&](const InputJson& v, const Place& p) { read_kernel(Object(v, p)); });
    check_kernels(o);
    read_totals(Object(*o.find("totals"), o.at("totals")));
    return std::move(r_);
  }

 private:
  // The same name is the same tensor, so that producers meet their consumers.
  std::vector<std::size_t> read_tensors(const Object& o, const char* key) {
    std::vector<std::size_t> ids;
    o.each(key, [&](const InputJson& v, const Place& p) {
      const Object t(v, p);
      const auto [it, fresh] = tensors_.try_emplace(t.text("name"), r_.tensors.size());
      if (fresh) r_.tensors.push_back(read_tensor(t));
      ids.push_back(it->second);
    });
    return ids;
  }

  static TensorRow read_tensor(const Object& t) {
    TensorRow row;
    row.name = t.text("name");
    row.dtype = t.text("dtype");
    if (t.find("shape") == nullptr) return row;
    row.shape.emplace();
    t.each("shape", [&](const InputJson& dim, const Place& place) {
      if (dim.is_string()) {
        row.shape->emplace_back(dim.get<std::string>());
      } else {
        row.shape->emplace_back(whole_at(dim, place));
      }
    });
    return row;
  }

  void read_model(const Object& o) {
    r_.model.file = o.text("file");
    if (o.find("dims") != nullptr) {
      const Place place = o.at("dims");
      for (const auto& [dim, n] : object_at(*o.find("dims"), place).items()) {
        r_.model.dims[dim] = whole_at(n, place.at(dim));
      }
    }
    r_.model.inputs = read_tensors(o, "inputs");
    r_.model.outputs = read_tensors(o, "outputs");
  }

  void read_hardware(const Object& o) {
    HardwareRow& h = r_.hardware.emplace();
    h.id = o.text("id");
    h.name = o.text("name");
    h.hash = o.text("hash");
    h.calibration = o.text("calibration");
    h.memory_bytes = o.whole("memory_capacity_bytes").value_or(0);
  }

  void read_coverage(const Object& o) {
    r_.coverage = {o.whole("nodes").value_or(0), o.whole("exact").value_or(0),
                   o.whole("assumed").value_or(0), o.whole("folded").value_or(0),
                   o.whole("gaps").value_or(0)};
  }

  static WorkRow read_work(const Object& o) {
    WorkRow w;
    w.flops = o.count("flops");
    w.macs = o.count("macs");
    w.transcendentals = o.count("transcendentals");
    w.integer_ops = o.count("integer_ops");
    w.bytes_read = o.count("bytes_read");
    w.bytes_written = o.count("bytes_written");
    w.weight_bytes_read = o.count("weight_bytes_read");
    return w;
  }

  static std::optional<Seconds> read_seconds(const Object& o) {
    if (o.find("latency_seconds") == nullptr) return std::nullopt;
    Seconds s;
    s.latency = o.number("latency_seconds").value_or(0);
    s.compute = o.number("compute_seconds").value_or(0);
    s.memory = o.number("memory_seconds").value_or(0);
    s.overhead = o.number("overhead_seconds").value_or(0);
    s.joules = o.number("energy_joules").value_or(0);
    return s;
  }

  void read_node(const Object& o) {
    NodeRow row;
    row.index = r_.nodes.size();
    row.name = o.text("name");
    row.path = o.text("path");
    row.op_type = o.text("op_type");
    row.domain = o.text("domain");
    row.op_class = o.text("op_class");
    row.block = o.text("block");
    row.reason = o.text("reason");
    row.status = by_name(o.text("status"), kStatuses, o.at("status"));
    row.trips = o.whole("trips");
    row.inputs = read_tensors(o, "inputs");
    row.outputs = read_tensors(o, "outputs");
    if (row.status != NodeStatus::kGap) row.work = read_work(o);
    row.arithmetic_intensity = o.number("arithmetic_intensity");
    row.seconds = read_seconds(o);
    row.bound = o.bound();
    if (const auto kernel = o.whole("kernel")) row.kernel = static_cast<std::size_t>(*kernel);
    r_.nodes.push_back(std::move(row));
  }

  void read_kernel(const Object& o) {
    KernelRow row;
    row.index = r_.kernels.size();
    row.name = o.text("name");
    row.op_class = o.text("op_class");
    row.fusion = o.text("fusion");
    row.engine = o.text("engine");
    row.unsupported = o.text("unsupported");
    row.flops = o.whole("flops");
    row.bytes_read = o.whole("bytes_read");
    row.bytes_written = o.whole("bytes_written");
    row.seconds = read_seconds(o).value_or(Seconds());
    row.latency_low_seconds = o.number("latency_low_seconds").value_or(row.seconds.latency);
    row.latency_high_seconds = o.number("latency_high_seconds").value_or(row.seconds.latency);
    row.bound = o.bound().value_or(Bound::kMemory);
    r_.kernels.push_back(std::move(row));
  }

  void check_kernels(const Object& o) const {
    for (const NodeRow& row : r_.nodes) {
      if (!row.kernel || *row.kernel < r_.kernels.size()) continue;
      o.at("nodes").at(row.index).fail(fmt::format("there is no kernel {}", *row.kernel));
    }
  }

  void read_totals(const Object& o) {
    ReportTotals& t = r_.totals;
    t.work = read_work(o);
    t.seconds = read_seconds(o);
    t.kernel_bytes_read = o.whole("kernel_bytes_read");
    t.kernel_bytes_written = o.whole("kernel_bytes_written");
    t.parameters = o.whole("parameters");
    t.buffers = o.whole("buffers");
    t.weight_bytes = o.whole("weight_bytes");
    t.peak_activation_bytes = o.whole("peak_activation_bytes");
    t.kv_cache_bytes = o.whole("kv_cache_bytes");
    t.kv_cache_bytes_per_token = o.whole("kv_cache_bytes_per_token");
    t.memory_bytes = o.whole("memory_bytes");
    t.latency_low_seconds = o.number("latency_low_seconds");
    t.latency_high_seconds = o.number("latency_high_seconds");
    t.throughput_per_second = o.number("throughput_per_second");
    t.tokens_per_second = o.number("tokens_per_second");
    t.arithmetic_intensity = o.number("arithmetic_intensity");
    t.mfu = o.number("mfu");
    t.mbu = o.number("mbu");
    t.average_watts = o.number("average_watts");
    t.bound = o.bound();
  }

  Report r_;
  std::unordered_map<std::string, std::size_t> tensors_;
};

}  // namespace

bool looks_like_report(std::string_view first_bytes) {
  const std::size_t at = first_bytes.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && first_bytes[at] == '{';
}

std::vector<Report> parse_reports(std::string_view text, const std::string& file) {
  const InputJson root = parse_json(text, file);
  const Object o(root, Place(file));
  std::vector<Report> reports;
  if (o.find("reports") == nullptr) {
    reports.push_back(Reader().run(o));
  } else {
    o.each("reports", [&](const InputJson& v, const Place& p) {
      reports.push_back(Reader().run(Object(v, p)));
    });
  }
  if (reports.empty()) o.place().fail("holds no report");
  return reports;
}

}  // namespace aiprof::gate
