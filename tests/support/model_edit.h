// Changes to whole models, as pull requests make them. Models go in and out as serialized bytes.
#pragma once

#include <cstdint>
#include <string>

namespace aiprof::test {

// Every node and every tensor gets a new name, except inputs and outputs of the model.
[[nodiscard]] std::string rename_all(const std::string& model);

// The same nodes in another order that is still executable: as late as possible, last one first
// where several are possible.
[[nodiscard]] std::string reorder_nodes(const std::string& model);

// Weights whose names begin with `prefix`: every extent of `from` becomes `to`. Types that the
// model declares for what lies between are dropped, as they would no longer be true.
[[nodiscard]] std::string resize_weights(const std::string& model, const std::string& prefix,
                                         std::int64_t from, std::int64_t to);

// The node with this name called otherwise.
[[nodiscard]] std::string rename_node(const std::string& model, const std::string& from,
                                      const std::string& to);

}  // namespace aiprof::test
