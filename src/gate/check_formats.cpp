#include "gate/check_write.h"

namespace aiprof::gate {
namespace {

constexpr CheckFormat kFormats[] = {
    {"text", "for a terminal and logs", write_check_text},
    {"json", "for programs", write_check_json},
    {"junit", "JUnit XML, for test viewers", write_junit},
    {"sarif", "SARIF 2.1.0, for code scanning", write_sarif},
    {"github", "annotations in a GitHub workflow", write_github},
};

}  // namespace

std::span<const CheckFormat> check_formats() { return kFormats; }

}  // namespace aiprof::gate
