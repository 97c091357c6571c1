// aiprof strip MODEL -o FILE
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "cli/arguments.h"
#include "cli/output.h"

namespace aiprof::cli {

int run_strip(const std::vector<std::string>& arguments, const Streams& streams) {
  std::string model;
  std::string output;
  CLI::App app("The same model without its weights: dims, dtypes and small shape tensors stay.",
               "aiprof strip");
  app.add_option("MODEL", model, "an ONNX file")->required()->type_name("");
  app.add_option("-o,--output", output, "the file to write")->required()->type_name("FILE");
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const std::string stripped = strip_onnx_file(model);
  const auto before = std::filesystem::file_size(model);
  emit(stripped, output, streams);
  streams.err << fmt::format("{}: {} bytes, {} before\n", printable(output), stripped.size(),
                             before);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace aiprof::cli
