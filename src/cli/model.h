// The options of every job that reads a model, and the reading.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aiprof/analysis/analysis.h"
#include "cli/arguments.h"

namespace aiprof::cli {

struct ModelOptions {
  std::string file;
  std::vector<std::string> dims;    // NAME=N
  std::vector<std::string> shapes;  // INPUT=1x3x224x224
  std::vector<std::string> values;  // INPUT=1,2,3 or INPUT=@FILE
  std::vector<std::string> trips;   // NODE=N
  std::vector<std::string> rules;   // files of operator rules
};

// Adds MODEL and the group "Input" to a command line.
void add_model_options(CLI::App& app, ModelOptions& options);
// The group alone, for jobs that take models otherwise.
void add_input_options(CLI::App& app, ModelOptions& options);

struct LoadedModel {
  std::unique_ptr<OpRules> rules;  // behind the analysis; null without --op-rules
  Graph graph;
  Analysis analysis;
};

// Reads, binds and counts. Throws Error.
[[nodiscard]] LoadedModel load_model(const ModelOptions& options);

}  // namespace aiprof::cli
