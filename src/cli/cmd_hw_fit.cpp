// aiprof hw detect | bench | fit | family | eval
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/calibration/bench.h"
#include "aiprof/calibration/detect.h"
#include "aiprof/calibration/fit.h"
#include "aiprof/hardware/catalogue.h"
#include "cli/arguments.h"
#include "cli/hw_jobs.h"
#include "cli/output.h"

namespace aiprof::cli {
namespace {

using Arguments = std::vector<std::string>;

constexpr int kDone = static_cast<int>(ExitCode::kDone);

struct FitArguments {
  std::string folds = "5";
  std::string seed = "1";
  std::string date;
  std::vector<std::string> classes;
  std::vector<std::string> fixed;
  std::string format = "table";

  [[nodiscard]] FitOptions options() const {
    FitOptions o;
    o.folds = static_cast<std::size_t>(parse_whole(folds, "--folds", 2));
    o.seed = static_cast<std::uint64_t>(parse_whole(seed, "--seed", 0));
    o.date = date;
    o.only = classes;
    for (const std::string& text : fixed) fix(text, o.fixed);
    return o;
  }

 private:
  static void fix(const std::string& text, FixedConstants& into) {
    const auto [name, number] = assignment(text, "--fix");
    const std::optional<double> value = parse_decimal(number);
    if (!value) {
      throw usage_error(fmt::format("--fix {}: '{}' is not a number", name, printable(number)));
    }
    if (!into.emplace(name, *value).second) {
      throw usage_error(fmt::format("--fix {}: given twice", printable(name)));
    }
  }
};

void add_fit_options(CLI::App& app, FitArguments& a) {
  app.add_option("--seed", a.seed, "of the choice of rows (default: 1)")->type_name("N");
  app.add_option("--date", a.date, "written to the file (default: the latest of the measurements)")
      ->type_name("DATE");
  add_repeated(app, "--class", a.classes, "fit this class alone, such as gemm", "CLASS");
  add_repeated(app, "--fix", a.fixed, "keep this constant at a value and fit the others",
               "CLASS_FIELD=VALUE");
}

std::vector<MeasurementFile> load_all(const std::vector<std::string>& paths) {
  std::vector<MeasurementFile> files;
  for (const std::string& path : paths) files.push_back(load_measurements(path));
  return files;
}

bool json_wanted(const std::string& format) {
  if (format != "table" && format != "json") {
    throw_unknown("--format", "format", format, std::array<std::string, 2>{"table", "json"});
  }
  return format == "json";
}

std::vector<DType> bench_types(const std::vector<std::string>& names) {
  if (names.empty()) return BenchOptions().dtypes;
  std::vector<DType> out;
  for (const std::string& n : names) {
    const auto type = parse_dtype(n);
    if (!type ||
        (*type != DType::kFloat32 && *type != DType::kFloat16 && *type != DType::kBfloat16)) {
      throw_unknown("--dtype", "type", n,
                    std::array<std::string, 3>{"float32", "float16", "bfloat16"});
    }
    out.push_back(*type);
  }
  return out;
}

// "NAME=FILE" as machines with their measurements, in the order in which they are first named.
std::vector<DeviceRows> load_devices(const std::vector<std::string>& pairs) {
  std::vector<DeviceRows> devices;
  std::vector<std::string> names;
  for (const std::string& pair : pairs) {
    const auto [name, file] = assignment(pair, "HW=CSV");
    std::size_t at = 0;
    while (at < names.size() && names[at] != name) ++at;
    if (at == names.size()) {
      names.push_back(name);
      devices.push_back({.hardware = load_hardware(name), .files = {}});
    }
    devices[at].files.push_back(load_measurements(file));
  }
  return devices;
}

}  // namespace

int run_hw_detect(const Arguments& arguments, const Streams& streams) {
  std::string output;
  CLI::App app(
      "A starting hardware file for the processor of this machine, from what Linux says of it.\n"
      "aiprof hw bench, its script and aiprof hw fit calibrate it.",
      "aiprof hw detect");
  app.add_option("-o,--output", output, "the file to write (default: standard output)")
      ->type_name("FILE");
  if (!parse(app, arguments, streams)) return kDone;
  emit(detect_host(), output, streams);
  return kDone;
}

int run_hw_bench(const Arguments& arguments, const Streams& streams) {
  std::string directory;
  std::vector<std::string> types;
  CLI::App app(
      "Writes single-operator ONNX models that span the shapes of networks, and time_models.py,\n"
      "which times them with ONNX Runtime into a file for aiprof hw fit.",
      "aiprof hw bench");
  app.add_option("MODELDIR", directory, "the directory to write")->required()->type_name("");
  add_repeated(app, "--dtype", types, "float32 (default), float16 or bfloat16", "TYPE");
  if (!parse(app, arguments, streams)) return kDone;
  const std::size_t n = write_bench(directory, {.dtypes = bench_types(types)});
  streams.err << fmt::format("{}: {} models; next: python {}/time_models.py {} -o measured.csv\n",
                             printable(directory), n, printable(directory), printable(directory));
  return kDone;
}

int run_hw_fit(const Arguments& arguments, const Streams& streams) {
  std::string base;
  std::string output;
  std::vector<std::string> paths;
  FitArguments a;
  CLI::App app(
      "Fits the constants of a hardware file to measurements (docs/calibration.md), reports the\n"
      "errors by cross-validation, and writes the file with constants and residuals.",
      "aiprof hw fit");
  app.add_option("BASE", base, "a hardware file or a built-in name")->required()->type_name("");
  app.add_option("CSV", paths, "measurements")->required()->type_name("");
  app.add_option("-o,--output", output, "the hardware file to write")
      ->required()
      ->type_name("FILE");
  app.add_option("--folds", a.folds, "of the cross-validation (default: 5)")->type_name("N");
  app.add_option("--format", a.format, "of the report: table or json")->type_name("FORMAT");
  add_fit_options(app, a);
  if (!parse(app, arguments, streams)) return kDone;
  const bool json = json_wanted(a.format);
  const FitOptions options = a.options();
  const HardwareText text = hardware_text(base);
  const std::vector<MeasurementFile> files = load_all(paths);
  const FitResult result = fit_constants(parse_hardware(text.text, text.file), files, options);
  emit(write_fit(text.text, text.file, result), output, streams);
  emit(json ? fit_json(result.classes) : format_fit(result), "", streams);
  return kDone;
}

int run_hw_family(const Arguments& arguments, const Streams& streams) {
  std::string base;
  std::string output;
  std::vector<std::string> pairs;
  FitArguments a;
  CLI::App app(
      "Fits one set of constants to the measurements of several machines, and writes BASE, which\n"
      "need not be among them, with these constants.",
      "aiprof hw family");
  app.add_option("BASE", base, "a hardware file or a built-in name")->required()->type_name("");
  app.add_option("HW=CSV", pairs, "measurements of a machine")->required()->type_name("");
  app.add_option("-o,--output", output, "the hardware file to write")
      ->required()
      ->type_name("FILE");
  add_fit_options(app, a);
  if (!parse(app, arguments, streams)) return kDone;
  const FitOptions options = a.options();
  const HardwareText text = hardware_text(base);
  const FitResult result = fit_family(load_devices(pairs), options);
  emit(write_fit(text.text, text.file, result), output, streams);
  return kDone;
}

int run_hw_eval(const Arguments& arguments, const Streams& streams) {
  std::string name;
  std::vector<std::string> paths;
  std::string format = "table";
  CLI::App app("Errors of predicted times against measurements, by class of operators.",
               "aiprof hw eval");
  app.add_option("HW", name, "a hardware file or a built-in name")->required()->type_name("");
  app.add_option("CSV", paths, "measurements")->required()->type_name("");
  app.add_option("--format", format, "table, json, or csv: every row with its prediction")
      ->type_name("FORMAT");
  if (!parse(app, arguments, streams)) return kDone;
  const bool csv = format == "csv";
  const bool json = !csv && json_wanted(format);
  const std::vector<MeasurementFile> files = load_all(paths);
  const auto classes = evaluate_constants(load_hardware(name), files);
  if (csv) {
    emit(rows_csv(classes), "", streams);
    return kDone;
  }
  emit(json ? fit_json(classes) : format_evaluation(classes), "", streams);
  return kDone;
}

}  // namespace aiprof::cli
