#include "roofline/systolic.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "roofline/engine.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

class Systolic {
 public:
  Systolic(const Job& job, const Machine& machine, const Context& context)
      : job_(job), machine_(machine), context_(context) {
    t_.time_class = classify(job, machine);
    t_.rate = &main_rate(job, machine);
    t_.runnable = t_.rate->engine != nullptr;
  }

  KernelTime run(Trace* trace) {
    if (!t_.runnable || !is_contraction(job_) || !on_array()) {
      return plain_time(job_, machine_, context_, trace);
    }
    products();
    const double on_vector = vector_seconds(job_, machine_);
    const ClassConstants& c = machine_.constants(t_.time_class);
    // The vector unit works on one tile while the array computes the next.
    t_.compute = std::max(array_seconds_ / c.sustained, on_vector);
    memory(c);
    t_.body = smooth_max(c.overlap, {t_.compute, t_.cache, t_.memory, t_.link});
    const KernelTime vector = on_vector_unit();
    if (vector.rate->engine != nullptr && vector.body < t_.body) {
      t_ = vector;
      if (trace != nullptr) trace->step("on the vector unit", t_.body, "s", "faster than arrays");
      return t_;
    }
    if (trace != nullptr) explain(*trace);
    return t_;
  }

 private:
  [[nodiscard]] bool on_array() const { return t_.rate->engine->array.has_value(); }

  [[nodiscard]] ArrayShape array() const {
    const Engine& engine = *t_.rate->engine;
    const SystolicArray& a = *engine.array;
    const double cells = 2.0 * a.rows * a.cols * engine.count.value_or(1);
    return {.rows = static_cast<double>(a.rows),
            .cols = static_cast<double>(a.cols),
            .arrays = engine.count.value_or(1),
            .dataflow = a.dataflow,
            .step_seconds = cells / t_.rate->peak,
            .fill_hidden = machine_.constants(TimeClass::kGemm).fill_hidden};
  }

  void add(const ArrayProduct& p, double times) {
    last_ = array_time(p, array());
    array_seconds_ += times * last_.seconds;
  }

  void products() {
    switch (job_.shape) {
      case Geometry::Kind::kAttention:
        add({job_.m, job_.n, job_.k, job_.batch}, job_.useful);
        add({job_.m, job_.value_size, job_.n, job_.batch}, job_.useful);
        break;
      case Geometry::Kind::kRnn:
        // Each step waits for the state that the one before wrote.
        add({job_.m, job_.n, job_.k, job_.batch}, job_.steps);
        break;
      default:
        add({job_.m, job_.n, job_.k, job_.batch}, 1);
    }
  }

  // A shared scratchpad holds one panel while the other operand streams by: where neither fits in
  // half of it, the cheaper order reads the other operand once for each panel.
  void memory(const ClassConstants& c) {
    const double weights = job_.weight_bytes;
    const double inputs = job_.read_bytes - weights;
    double bytes = job_.bytes();
    const double panel = machine_.cache().capacity * 0.5;
    if (panel > 0 && inputs > panel && weights > panel) {
      bytes = job_.written_bytes + std::min(inputs + weights * ceil_div(inputs, panel),
                                            weights + inputs * ceil_div(weights, panel));
    }
    t_.link_bytes = context_.streamed_share * weights;
    t_.memory_bytes = bytes - t_.link_bytes;
    t_.memory = t_.memory_bytes / (machine_.main().bandwidth * c.memory_fraction);
    t_.cache_bytes = machine_.cache().capacity > 0 ? bytes : 0;
    if (machine_.cache().exists()) t_.cache = t_.cache_bytes / machine_.cache().bandwidth;
    if (t_.link_bytes > 0) t_.link = t_.link_bytes / machine_.host().sustained;
  }

  // Depthwise convolutions fill one column of an array; the vector unit does them faster.
  [[nodiscard]] KernelTime on_vector_unit() const {
    KernelTime v = t_;
    v.rate = &machine_.vector(job_.math);
    if (v.rate->engine == nullptr) return v;
    const ClassConstants& c = machine_.constants(TimeClass::kDepthwise);
    v.compute = 2 * job_.macs / (v.rate->rate() * c.sustained) + vector_seconds(job_, machine_);
    v.body = smooth_max(c.overlap, {v.compute, v.cache, v.memory, v.link});
    return v;
  }

  void explain(Trace& trace) const {
    trace.step("folds", last_.folds, "",
               "batch x ceil(rows of the stationary operand / array rows) x ceil(columns / array "
               "columns) x parts of the streamed operand");
    trace.step("steps of the busiest array", last_.steps, "",
               "folds / arrays x (streamed vectors + what is not hidden of 2 rows + cols - 2)");
    trace.step("utilisation of the cells", last_.utilisation, "", "MACs / (cells x steps)");
    trace.step("compute time", t_.compute, "s", "steps x time of a wavefront / sustained");
    trace.step("main memory time", t_.memory, "s",
               "bytes / (bandwidth x memory_fraction), panels re-read where neither operand fits");
    if (t_.link > 0) trace.step("link time", t_.link, "s", "streamed weights / link bandwidth");
    trace.step("run time", t_.body, "s", "(sum of time^overlap)^(1 / overlap) over the terms");
  }

  const Job& job_;
  const Machine& machine_;
  const Context& context_;
  KernelTime t_;
  ArrayTime last_;
  double array_seconds_ = 0;
};

}  // namespace

ArrayTime array_time(const ArrayProduct& p, const ArrayShape& a) {
  const bool weights = a.dataflow == Dataflow::kWeightStationary;
  const double stationary_rows = weights ? p.k : p.m;
  const double streamed = weights ? p.m : p.k;
  const double folds = p.batch * ceil_div(stationary_rows, a.rows) * ceil_div(p.n, a.cols);
  const double fill = 2 * a.rows + a.cols - 2;
  ArrayTime best;
  best.seconds = INFINITY;
  const auto most = static_cast<std::uint64_t>(std::min(a.arrays, streamed));
  for (std::uint64_t cut = 1; cut <= most; cut *= 2) {
    const auto parts = static_cast<double>(cut);
    const double vectors = ceil_div(streamed, parts);
    // Hidden loading still takes a step for each row.
    const double fold =
        a.fill_hidden * std::max(vectors, a.rows) + (1 - a.fill_hidden) * (vectors + fill);
    ArrayTime t;
    t.folds = folds * parts;
    t.parts = parts;
    t.steps = ceil_div(t.folds, a.arrays) * fold + a.fill_hidden * fill;
    t.seconds = t.steps * a.step_seconds;
    t.utilisation = p.batch * p.m * p.n * p.k / (t.steps * a.rows * a.cols * a.arrays);
    if (t.seconds < best.seconds) best = t;
  }
  return best;
}

KernelTime systolic_time(const Job& job, const Machine& machine, const Context& context,
                         Trace* trace) {
  return Systolic(job, machine, context).run(trace);
}

}  // namespace aiprof::roofline
