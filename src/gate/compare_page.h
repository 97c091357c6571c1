// A portfolio for a browser and for documents.
#pragma once

#include <string>

#include "aiprof/gate/compare.h"

namespace aiprof::gate {

[[nodiscard]] std::string write_portfolio_html(const Portfolio& portfolio, const WriteOptions&);
// One bar for each pair: what its time is limited by.
[[nodiscard]] std::string write_portfolio_svg(const Portfolio& portfolio, const WriteOptions&);

}  // namespace aiprof::gate
