// Operators that rearrange image blocks: DepthToSpace, SpaceToDepth, Col2Im, MaxUnpool.
#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

// --- DepthToSpace, SpaceToDepth -----------------------------------------------------------------

std::int64_t block_size(const OpView& v) {
  const std::int64_t block = v.attr_int("blocksize", 0);
  if (block <= 0) v.fail("blocksize " + std::to_string(block));
  if (v.in(0).has_shape && v.in(0).rank() != 4) v.fail("the input has not rank 4");
  return block;
}

Dim divided(const OpView& v, Dim extent, Dim by) {
  if (extent.known() && by.known() && extent.value() % by.value() != 0) {
    v.fail("an extent of " + std::to_string(extent.value()) + " is not a multiple of " +
           std::to_string(by.value()));
  }
  return extent / by;
}

void depth_to_space(const InferView& v) {
  const Dim block = block_size(v);
  if (!v.in(0).has_shape) return v.set(0, v.in(0).dtype, unknown_shape(4));
  const Shape& in = v.in(0).shape;
  v.set(0, v.in(0).dtype, {in[0], divided(v, in[1], block * block), in[2] * block, in[3] * block});
}

void space_to_depth(const InferView& v) {
  const Dim block = block_size(v);
  if (!v.in(0).has_shape) return v.set(0, v.in(0).dtype, unknown_shape(4));
  const Shape& in = v.in(0).shape;
  v.set(0, v.in(0).dtype,
        {in[0], in[1] * (block * block), divided(v, in[2], block), divided(v, in[3], block)});
}

// --- Col2Im -------------------------------------------------------------------------------------

void col2im_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (in.has_shape && in.rank() != 3) v.fail("the input has not rank 3");
  const auto image = int_operand(v, 1);
  if (!image) return v.set_unknown_rank(0, in.dtype);
  const auto block = int_operand(v, 2);
  Dim points = block ? Dim(1) : Dim();
  for (std::size_t i = 0; block && i < block->size(); ++i) {
    const Scalar s = (*block)[i];
    if (s.known && s.i <= 0) v.fail("a block of extent " + std::to_string(s.i));
    points = points * (s.known ? Dim(s.i) : Dim());
  }
  Shape out = {v.in_dim(0, 0), divided(v, v.in_dim(0, 1), points)};
  for (const Scalar& s : *image) {
    if (s.known && s.i < 0) v.fail("an image of extent " + std::to_string(s.i));
    out.push_back(s.known ? Dim(s.i) : Dim());
  }
  v.set(0, in.dtype, out);
}

Work col2im_work(const OpView& v) { return arithmetic(v.in(0).dtype, v.in(0).elements(), 1); }

// --- MaxUnpool ----------------------------------------------------------------------------------

// The extents that MaxPool would have started from: (extent - 1) * stride + kernel - pads.
Shape unpooled(const OpView& v) {
  const Shape& in = v.in(0).shape;
  const auto kernel = v.attr_ints("kernel_shape");
  const auto stride = v.attr_ints("strides");
  const auto pads = v.attr_ints("pads");
  if (in.size() < 3 || kernel.size() != in.size() - 2)
    v.fail("kernel_shape does not fit the input");
  if ((!stride.empty() && stride.size() != kernel.size()) ||
      (!pads.empty() && pads.size() != 2 * kernel.size())) {
    v.fail("strides or pads do not fit the input");
  }
  Shape out = {in[0], in[1]};
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const Dim step = stride.empty() ? Dim(1) : Dim(stride[i]);
    const Dim padding = pads.empty() ? Dim(0) : Dim(pads[i]) + Dim(pads[i + kernel.size()]);
    out.push_back((in[i + 2] - Dim(1)) * step + Dim(kernel[i]) - padding);
  }
  return out;
}

void max_unpool_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (v.has_in(2)) {
    const auto given = int_operand(v, 2);
    if (!given) return v.set_unknown_rank(0, in.dtype);
    Shape out;
    for (const Scalar& s : *given) out.push_back(s.known ? Dim(s.i) : Dim());
    return v.set(0, in.dtype, out);
  }
  if (!in.has_shape) return v.set_unknown_rank(0, in.dtype);
  v.set(0, in.dtype, unpooled(v));
}

void max_unpool_traffic(const OpView& /*v*/, Traffic& t) {
  t.read(0);
  t.read(1);
  t.write(0);
}

constexpr std::string_view kCopied = "reads the input and writes the output";

constexpr OpSpec kBlocks[] = {
    {"", "DepthToSpace", 1, OpClass::kMovement, depth_to_space, no_work, each_once, kCopied},
    {"", "DepthToSpace", 11, OpClass::kMovement, depth_to_space, no_work, each_once, kCopied},
    {"", "SpaceToDepth", 1, OpClass::kMovement, space_to_depth, no_work, each_once, kCopied},
    {"", "SpaceToDepth", 28, OpClass::kMovement, space_to_depth, no_work, each_once, kCopied},
    {"", "Col2Im", 18, OpClass::kMovement, col2im_shape, col2im_work, first_once,
     "1 add per input element, into the image; reads the input and writes the output"},
    {"", "MaxUnpool", 9, OpClass::kMovement, max_unpool_shape, no_work, max_unpool_traffic,
     "reads the input and its indices and writes the output"},
};

}  // namespace

std::span<const OpSpec> block_ops() { return kBlocks; }

}  // namespace aiprof::ops
