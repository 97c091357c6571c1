// The formats of a check. Names of models and operators are text in all of them: none can end a
// string, an element, a line or a command.
#pragma once

#include <string>

#include "aiprof/gate/check.h"

namespace aiprof::gate {

[[nodiscard]] std::string write_check_text(const Check& check, const WriteOptions& options);
[[nodiscard]] std::string write_check_json(const Check& check, const WriteOptions& options);
// For test viewers: the form of Ant's and Jenkins' JUnit reports. One suite for each case, one test
// for each limit; broken is a failure, undecided an error, waived skipped.
[[nodiscard]] std::string write_junit(const Check& check, const WriteOptions& options);
// SARIF 2.1.0, for code scanning: one result for each limit that did not hold.
[[nodiscard]] std::string write_sarif(const Check& check, const WriteOptions& options);
// GitHub workflow commands: one annotation for each limit that did not hold, and one with the
// verdict.
[[nodiscard]] std::string write_github(const Check& check, const WriteOptions& options);

// Text inside an XML attribute or element: markup escaped, what XML cannot hold replaced.
[[nodiscard]] std::string xml_text(std::string_view text);
// Values of GitHub workflow commands: of a property, where ":" and "," end it, and of the message.
[[nodiscard]] std::string github_property(std::string_view text);
[[nodiscard]] std::string github_message(std::string_view text);

}  // namespace aiprof::gate
