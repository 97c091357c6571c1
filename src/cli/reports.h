// Reports of several models and machines, each model read once.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "cli/machines.h"
#include "cli/model.h"

namespace aiprof::cli {

// `machine` may be null: counted only.
[[nodiscard]] Report make_report(const LoadedModel& model, const Machine* machine);

// A model that is read when it is first asked for, from any thread, and freed with its last user.
class SharedModel {
 public:
  explicit SharedModel(ModelOptions options) : options_(std::move(options)) {}
  // Throws Error as load_model does, to everybody who asks.
  [[nodiscard]] const LoadedModel& get();

 private:
  ModelOptions options_;
  std::mutex mutex_;
  std::optional<LoadedModel> model_;
};

}  // namespace aiprof::cli
