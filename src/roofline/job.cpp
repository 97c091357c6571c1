#include "roofline/job.h"

#include <algorithm>

namespace aiprof::roofline {
namespace {

// Turns counts into doubles and remembers whether all of them were known.
class Reader {
 public:
  explicit Reader(Job& job) : job_(job) {}

  [[nodiscard]] double total(Count c) {
    job_.complete = job_.complete && c.known();
    return c.as_double();
  }
  // Of one launch, from a count of all of them.
  [[nodiscard]] double each(Count c) { return job_.launches > 0 ? total(c) / job_.launches : 0; }

 private:
  Job& job_;
};

// At least 1; `other` where the count is unknown or was never set.
double extent(Count c, double other = 1) {
  return c.known() && c.value() > 0 ? c.as_double() : other;
}

void read_geometry(const Geometry& g, Job& job) {
  job.shape = g.kind;
  job.batch = extent(g.batch);
  job.m = extent(g.m);
  job.n = extent(g.n);
  job.k = extent(g.k);
  job.steps = extent(g.steps);
  job.kv_heads = extent(g.kv_heads, job.batch);
  job.value_size = extent(g.value_size, job.k);
  job.images = extent(g.images);
  job.kernel_points = extent(g.kernel_points);
  job.rows = extent(g.rows);
  job.cols = extent(g.cols);
  job.winograd = g.square3x3 && g.unit_stride && !g.transposed;
  job.unit_stride = g.unit_stride;
  job.transposed = g.transposed;
  job.image = g.image;
}

void read_operands(const Kernel& kernel, Reader& read, Job& job) {
  double heaviest = 0;
  for (const Operand& o : kernel.operands) {
    const double bytes = read.each(o.bytes());
    job.elements = std::max(job.elements, read.each(o.elements));
    (o.write ? job.written_bytes : job.read_bytes) += bytes;
    if (o.write) {
      if (job.result_bits == 0) job.result_bits = bits(o.dtype);
      continue;
    }
    if (!o.weight && job.first_bits == 0) job.first_bits = bits(o.dtype);
    if (!o.weight) continue;
    job.weight_bytes += bytes;
    if (bytes > heaviest) {
      heaviest = bytes;
      job.weight_bits = bits(o.dtype);
    }
  }
}

}  // namespace

Job make_job(const Kernel& kernel) {
  Job job;
  job.kernel = &kernel;
  job.op_class = kernel.op_class;
  job.math = kernel.math;
  Reader read(job);
  job.launches = read.total(kernel.launches);
  job.host_nodes = read.each(kernel.host_nodes);
  job.macs = read.each(kernel.macs);
  // A kernel that says nothing of masks has none.
  if (job.macs > 0 && kernel.useful_macs.value_or(0) > 0) {
    job.useful = std::clamp(kernel.useful_macs.as_double() / kernel.macs.as_double(), 0.0, 1.0);
  }
  job.flops = read.each(kernel.flops);
  job.vector_flops = std::max(0.0, job.flops - 2 * job.macs);
  job.transcendentals = read.each(kernel.transcendentals);
  job.integer_ops = read.each(kernel.integer_ops);
  read_operands(kernel, read, job);
  if (job.first_bits == 0) job.first_bits = job.weight_bits;
  if (job.first_bits == 0) job.first_bits = job.result_bits;
  job.general_power = kernel.general_power;
  read_geometry(kernel.geometry, job);
  return job;
}

bool is_contraction(const Job& job) { return job.macs > 0; }

}  // namespace aiprof::roofline
