// Matrix products on systolic arrays, in closed form.
#pragma once

#include "aiprof/hardware/hardware.h"

namespace aiprof::roofline {

struct ArrayShape {
  double rows = 128, cols = 128;
  double arrays = 1;
  Dataflow dataflow = Dataflow::kWeightStationary;
  double step_seconds = 0;  // of one wavefront: a multiply-accumulate in every cell
  // Share of filling and draining that the next fold hides: 0 where a fold ends before the next
  // begins, 1 with double-buffered weights or results.
  double fill_hidden = 0;
};

struct ArrayProduct {
  double m = 1, n = 1, k = 1, batch = 1;  // batch products of [m, k] by [k, n]
};

struct ArrayTime {
  double seconds = 0;
  double steps = 0;        // wavefronts of the busiest array
  double folds = 0;        // tiles of the stationary operand, of all products
  double parts = 1;        // pieces that the streamed operand is cut into
  double utilisation = 0;  // multiply-accumulates over cells x steps
};

// Folds of rows x cols of the stationary operand, one after another on each array. A fold that
// streams t vectors takes 2 rows + cols + t - 2 steps (Samajdar et al., ISPASS 2020): loading, the
// skew of the wavefront, t, draining. Stationary weights: [k, n] is folded and t = m; stationary
// outputs: [m, n] is folded and t = k. Edges of the operand leave cells idle. The fastest of
// cutting the streamed operand into as many parts as there are arrays, or fewer.
[[nodiscard]] ArrayTime array_time(const ArrayProduct& product, const ArrayShape& array);

}  // namespace aiprof::roofline
