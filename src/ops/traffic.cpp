#include "aiprof/ops/op_spec.h"

namespace aiprof {

// An operator that names one tensor twice (Mul(x, x)) reads it once.
void Traffic::add(OperandTraffic operand) {
  const auto& inputs = view_->node().inputs;
  if (!operand.write) {
    for (OperandTraffic& known : operands_) {
      if (known.write || inputs[known.slot] != inputs[operand.slot]) continue;
      known.elements = max(known.elements, operand.elements);
      return;
    }
  }
  operands_.push_back(operand);
}

void Traffic::read(std::size_t i) { read(i, view_->in(i).elements()); }

void Traffic::read(std::size_t i, Count elements) {
  if (view_->has_in(i)) read_as(i, view_->in(i).dtype, elements);
}

void Traffic::write(std::size_t o) { write(o, view_->out(o).elements()); }

void Traffic::write(std::size_t o, Count elements) {
  if (view_->has_out(o)) write_as(o, view_->out(o).dtype, elements);
}

void Traffic::read_as(std::size_t i, DType dtype, Count elements) {
  add({.slot = static_cast<std::uint32_t>(i), .dtype = dtype, .elements = elements});
}

void Traffic::write_as(std::size_t o, DType dtype, Count elements) {
  add({.slot = static_cast<std::uint32_t>(o), .write = true, .dtype = dtype, .elements = elements});
}

void Traffic::read_state(std::size_t i, Count elements) {
  if (!view_->has_in(i)) return;
  add({.slot = static_cast<std::uint32_t>(i),
       .state = true,
       .dtype = view_->in(i).dtype,
       .elements = elements});
}

void Traffic::write_state(std::size_t o, Count elements) {
  if (!view_->has_out(o)) return;
  add({.slot = static_cast<std::uint32_t>(o),
       .write = true,
       .state = true,
       .dtype = view_->out(o).dtype,
       .elements = elements});
}

void Traffic::read_all() {
  for (std::size_t i = 0; i < view_->num_inputs(); ++i) read(i);
}

void Traffic::write_all() {
  for (std::size_t o = 0; o < view_->num_outputs(); ++o) write(o);
}

Work no_work(const OpView& /*v*/) { return {}; }
void no_traffic(const OpView& /*v*/, Traffic& /*t*/) {}
void each_once(const OpView& /*v*/, Traffic& t) {
  t.read_all();
  t.write_all();
}

}  // namespace aiprof
