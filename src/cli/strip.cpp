// aiprof strip MODEL -o FILE
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "cli/arguments.h"
#include "cli/output.h"

namespace aiprof::cli {
namespace {

std::string read_whole(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    throw input_error(printable(file) + ": is a directory; expected an .onnx file");
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  std::string bytes;
  if (in) bytes.resize(static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg())));
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) {
    throw input_error(fmt::format("{}: cannot be read: {}", printable(file),
                                  std::generic_category().message(errno)));
  }
  return bytes;
}

}  // namespace

int run_strip(const std::vector<std::string>& arguments, const Streams& streams) {
  std::string model;
  std::string output;
  CLI::App app("The same model without its weights: dims, dtypes and small shape tensors stay.",
               "aiprof strip");
  app.add_option("MODEL", model, "an ONNX file")->required()->type_name("");
  app.add_option("-o,--output", output, "the file to write")->required()->type_name("FILE");
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const std::string bytes = read_whole(model);
  const std::string stripped = strip_onnx(std::as_bytes(std::span(bytes)), model);
  emit(stripped, output, streams);
  streams.err << fmt::format("{}: {} bytes, {} before\n", printable(output), stripped.size(),
                             bytes.size());
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace aiprof::cli
