// The formats of a check: their forms, and that no name can break or inject into them.
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "aiprof/gate/compare.h"
#include "gate/check_write.h"
#include "gate/hostile.h"
#include "gate/sample.h"
#include "gate/xml.h"
#include "report/markup.h"

namespace aiprof::gate {
namespace {

using test::Element;
using test::hand_report;
using test::hostile_name;
using test::kHostile;
using test::sample;

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// --- text ----------------------------------------------------------------------------------------

TEST(CheckText, VerdictFirstThenWhatBroke) {
  EXPECT_EQ(write_check_text(sample("m.onnx"), {}),
            "BROKEN: 2 of 5 limits (1 held, 1 cannot be decided, 1 waived) in 2 cases\n"
            "\n"
            "* m.onnx on toy\n"
            "  broken: latency: expected at most 4.00 ms, got 6.00 ms, 2.00 ms too much (50.0 %); "
            "owner m.onnx\n"
            "    - m.onnx (m.onnx) 5.00 ms, 83.3 %\n"
            "    - b (Relu) 1.00 ms, 16.7 %\n"
            "  waived: energy: expected at most 1.00 mJ, got 12.0 mJ, 11.0 mJ too much (1100 %); "
            "waived by m.onnx until 2027-01-01: m.onnx\n"
            "    - m.onnx (m.onnx) 10.0 mJ, 83.3 %\n"
            "    - b (Relu) 2.00 mJ, 16.7 %\n"
            "  held: latency of all Relu: expected at most 4.00 ms, got 1.00 ms\n"
            "\n"
            "* m.onnx on toy\n"
            "  broken: latency: expected at most 1.00 ms, got at least 5.00 ms, 4.00 ms too much "
            "(400 %); the waiver of m.onnx expired on 2025-01-01: m.onnx\n"
            "    - m.onnx (m.onnx) 5.00 ms, 100 %\n"
            "  cannot be decided: latency: expected at most 8.00 ms, got at least 5.00 ms: 1 of 2 "
            "operators are not modelled, so that it is at least this\n"
            "  note: 1 of 2 operators are not modelled (aiprof m.onnx names them)\n");
}

TEST(CheckText, HostileNamesMakeNoLinesAndNoCommands) {
  const std::string plain = write_check_text(sample("m.onnx"), {});
  const std::string hostile = write_check_text(sample(hostile_name()), {});
  EXPECT_EQ(lines(hostile), lines(plain));
  EXPECT_EQ(hostile.find('\x1b'), std::string::npos);
  EXPECT_EQ(hostile.find("\n::"), std::string::npos);
}

// --- JSON ----------------------------------------------------------------------------------------

TEST(CheckJson, SaysTheSame) {
  const auto o = nlohmann::json::parse(write_check_json(sample("m.onnx"), {}));
  EXPECT_EQ(o["verdict"], "broken");
  EXPECT_EQ(o["broken"], 2);
  EXPECT_EQ(o["held"], 1);
  EXPECT_EQ(o["undecided"], 1);
  EXPECT_EQ(o["waived"], 1);
  const auto& first = o["cases"][0]["limits"][0];
  EXPECT_EQ(first["outcome"], "broken");
  EXPECT_EQ(first["expected"], 0.004);
  EXPECT_EQ(first["got"]["value"], 0.006);
  EXPECT_NEAR(first["difference"].get<double>(), 0.002, 1e-12);
  EXPECT_EQ(first["causes"][0]["name"], "m.onnx");
  EXPECT_EQ(o["cases"][1]["limits"][1]["waiver"]["expired"], true);
}

TEST(CheckJson, HostileNamesStayText) {
  const auto o = nlohmann::json::parse(write_check_json(sample(hostile_name()), {}));
  EXPECT_EQ(o["cases"].size(), 2U);
  EXPECT_EQ(o["cases"][0]["limits"].size(), 3U);
}

// --- JUnit ---------------------------------------------------------------------------------------

// The rules of Ant's JUnit schema (JUnit.xsd, Windy Road Technology), which is stricter than
// Jenkins': which elements, in which order, with which attributes.
void expect_suite(const Element& suite, std::size_t id) {
  EXPECT_EQ(suite.name, "testsuite");
  std::set<std::string> attributes;
  for (const auto& [name, value] : suite.attributes) attributes.insert(name);
  EXPECT_EQ(attributes, (std::set<std::string>{"name", "package", "id", "timestamp", "hostname",
                                               "tests", "failures", "errors", "skipped", "time"}));
  EXPECT_EQ(suite.attributes.at("id"), std::to_string(id));
  EXPECT_EQ(suite.attributes.at("timestamp"), "2026-06-15T00:00:00");
  EXPECT_NE(suite.attributes.at("name"), "");
  ASSERT_GE(suite.children.size(), 3U);
  const std::size_t n = suite.children.size();
  EXPECT_EQ(suite.children[0].name, "properties");
  EXPECT_EQ(suite.children[n - 2].name, "system-out");
  EXPECT_EQ(suite.children[n - 1].name, "system-err");
  EXPECT_EQ(suite.attributes.at("tests"), std::to_string(n - 3));
  std::map<std::string, int> counts;
  for (std::size_t i = 1; i + 2 < n; ++i) {
    const Element& test = suite.children[i];
    EXPECT_EQ(test.name, "testcase");
    EXPECT_EQ(test.attributes.size(), 3U);
    for (const char* key : {"name", "classname", "time"}) EXPECT_NE(test.attributes.at(key), "");
    ASSERT_LE(test.children.size(), 1U);
    if (test.children.empty()) continue;
    const Element& problem = test.children[0];
    ++counts[problem.name];
    if (problem.name == "skipped") continue;
    EXPECT_NE(problem.attributes.at("type"), "");
    EXPECT_NE(problem.attributes.at("message"), "");
  }
  EXPECT_EQ(suite.attributes.at("failures"), std::to_string(counts["failure"]));
  EXPECT_EQ(suite.attributes.at("errors"), std::to_string(counts["error"]));
  EXPECT_EQ(suite.attributes.at("skipped"), std::to_string(counts["skipped"]));
}

TEST(JUnit, HasTheFormOfTheSchema) {
  for (const std::string& name : {std::string("m.onnx"), hostile_name()}) {
    const Element root = test::XmlReader(write_junit(sample(name), {})).run();
    EXPECT_EQ(root.name, "testsuites");
    EXPECT_TRUE(root.attributes.empty());
    ASSERT_EQ(root.children.size(), 2U);
    expect_suite(root.children[0], 0);
    expect_suite(root.children[1], 1);
  }
}

TEST(JUnit, OutcomesAreFailureErrorAndSkipped) {
  const Element root = test::XmlReader(write_junit(sample("m.onnx"), {})).run();
  EXPECT_EQ(root.children[0].attributes.at("failures"), "1");
  EXPECT_EQ(root.children[0].attributes.at("skipped"), "1");
  EXPECT_EQ(root.children[1].attributes.at("failures"), "1");
  EXPECT_EQ(root.children[1].attributes.at("errors"), "1");
  const Element& failure = root.children[0].children[1].children[0];
  EXPECT_TRUE(failure.attributes.at("message").starts_with("latency: expected at most 4.00 ms"));
  EXPECT_NE(failure.text.find("\n- m.onnx (m.onnx) 5.00 ms, 83.3 %"), std::string::npos);
}

TEST(JUnit, NoNameBecomesMarkup) {
  for (const std::string_view part : kHostile) {
    const Element root = test::XmlReader(write_junit(sample(std::string(part)), {})).run();
    ASSERT_EQ(root.children.size(), 2U) << part;
    EXPECT_EQ(root.children[0].children.size(), 1U + 3 + 2) << part;
  }
}

TEST(XmlText, EscapesMarkupAndReplacesWhatXmlCannotHold) {
  EXPECT_EQ(xml_text("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(xml_text("a\nb\r\x01"), "a\nb  ");
  EXPECT_EQ(xml_text("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(xml_text("\xef\xbf\xbf"), "\xef\xbf\xbd");
  EXPECT_EQ(xml_text(""), "");
}

// --- SARIF ---------------------------------------------------------------------------------------

// The parts of the SARIF 2.1.0 schema and text that results of this kind have to keep.
void expect_sarif(const std::string& text, std::size_t results) {
  const auto o = nlohmann::json::parse(text);
  EXPECT_EQ(o["version"], "2.1.0");
  ASSERT_EQ(o["runs"].size(), 1U);
  const auto& run = o["runs"][0];
  const auto& driver = run["tool"]["driver"];
  EXPECT_EQ(driver["name"], "aiprof");
  std::set<std::string> ids;
  for (const auto& rule : driver["rules"]) {
    EXPECT_TRUE(ids.insert(rule["id"]).second) << "rule ids are unique (3.19.23)";
    EXPECT_TRUE(rule["shortDescription"]["text"].is_string());
  }
  ASSERT_EQ(run["results"].size(), results);
  for (const auto& result : run["results"]) {
    EXPECT_EQ(driver["rules"][result["ruleIndex"].get<std::size_t>()]["id"], result["ruleId"]);
    EXPECT_FALSE(result["message"]["text"].get<std::string>().empty());
    // A result that is no failure has the level "none" (3.27.10).
    EXPECT_EQ(result["kind"] == "fail", result["level"] != "none");
    const auto& place = result["locations"][0]["physicalLocation"];
    for (const char c : place["artifactLocation"]["uri"].get<std::string>()) {
      EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  std::string("-._~/%:").find(c) != std::string::npos)
          << c;
    }
    EXPECT_GE(place["region"]["startLine"].get<int>(), 1);
  }
}

TEST(Sarif, HasTheFormOfTheSpecification) {
  expect_sarif(write_sarif(sample("m.onnx"), {}), 4);
  expect_sarif(write_sarif(sample(hostile_name()), {}), 4);
}

TEST(Sarif, WaivedResultsAreSuppressed) {
  const auto o = nlohmann::json::parse(write_sarif(sample("m.onnx"), {}));
  const auto& results = o["runs"][0]["results"];
  EXPECT_FALSE(results[0].contains("suppressions"));
  EXPECT_EQ(results[1]["suppressions"][0]["status"], "accepted");
  EXPECT_EQ(results[2]["kind"], "open");
}

TEST(Sarif, FingerprintsAreOfTheLimitAndNotOfItsNumbers) {
  const auto print = [](double seconds) {
    Check check;
    const Report r = hand_report({{"a", "Conv", seconds, 1}});
    const std::vector<Rule> rules = {{parse_limit("latency<=1ms", "x"), {}, {}}};
    check.cases.push_back(judge({r, nullptr, rules, Certainty::kEstimate, {2026, 6, 15}}));
    return nlohmann::json::parse(
        write_sarif(check, {}))["runs"][0]["results"][0]["partialFingerprints"];
  };
  EXPECT_EQ(print(2e-3), print(3e-3));
}

TEST(Sarif, NamesAreNoLinks) {
  const auto o = nlohmann::json::parse(write_sarif(sample("[a](b)"), {}));
  const std::string text = o["runs"][0]["results"][0]["message"]["text"];
  EXPECT_TRUE(text.starts_with("\\[a\\](b) on toy: latency")) << text;
}

// --- GitHub --------------------------------------------------------------------------------------

TEST(Github, OneLineEachWithFileAndTitle) {
  const std::string text = write_github(sample("m.onnx"), {});
  EXPECT_EQ(lines(text), 4U + 1);
  EXPECT_TRUE(text.starts_with(
      "::error file=m.onnx,title=aiprof%3A broken%3A latency<=4ms::m.onnx on toy: latency: "
      "expected "
      "at most 4.00 ms, got 6.00 ms, 2.00 ms too much (50.0 %25); owner m.onnx%0A- m.onnx"))
      << text;
  EXPECT_NE(text.find("\n::notice file=m.onnx,title=aiprof%3A waived%3A energy<=1mJ::"),
            std::string::npos);
  EXPECT_NE(text.find("\n::warning file=m.onnx,title=aiprof%3A cannot be decided"),
            std::string::npos);
  EXPECT_NE(text.find("\n::notice title=aiprof::BROKEN: 2 of 5 limits"), std::string::npos);
}

TEST(Github, EveryLineIsACommandOfOurs) {
  const std::string text = write_github(sample(hostile_name()), {});
  EXPECT_EQ(lines(text), 4U + 1);
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end - begin);
    const std::size_t properties = line.find(' ');
    const std::size_t message = line.find("::", 2);
    EXPECT_LT(properties, message) << line;
    // No property but file and title, though the name holds ",title=".
    const std::string list = line.substr(properties, message - properties);
    EXPECT_LE(std::count(list.begin(), list.end(), ','), 1) << line;
    EXPECT_EQ(line.find('\r'), std::string::npos);
  }
}

TEST(Github, Escapes) {
  EXPECT_EQ(github_property("100%: a,b\r\nc"), "100%25%3A a%2Cb%0D%0Ac");
  EXPECT_EQ(github_message("100%: a,b\r\nc"), "100%25: a,b%0D%0Ac");
}

// --- differences ---------------------------------------------------------------------------------

TEST(DiffFormats, HostileNamesStayInTheirCells) {
  const auto write = [](std::string_view format, const std::string& name) {
    const Report a = hand_report({{name, name, 1e-3, 1}}, name);
    const Report b = hand_report({{name, name, 2e-3, 2}}, name);
    for (const DiffFormat& f : diff_formats()) {
      if (f.name == format) return f.write(diff(a, b), {});
    }
    return std::string();
  };
  const auto unescaped = [](const std::string& text, char mark) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      n += text[i] == mark && (i == 0 || text[i - 1] != '\\') ? 1 : 0;
    }
    return n;
  };
  EXPECT_EQ(lines(write("table", hostile_name())), lines(write("table", "m")));
  EXPECT_EQ(lines(write("markdown", hostile_name())), lines(write("markdown", "m")));
  EXPECT_EQ(unescaped(write("markdown", hostile_name()), '|'),
            unescaped(write("markdown", "m"), '|'));
  EXPECT_EQ(unescaped(write("markdown", hostile_name()), '<'), 0U);
  EXPECT_TRUE(nlohmann::json::accept(write("json", hostile_name())));
  EXPECT_EQ(test::markup_error(write("html", hostile_name())), "");
  EXPECT_EQ(write("html", hostile_name()).find("<script"), std::string::npos);
}

// --- portfolios ----------------------------------------------------------------------------------

std::string portfolio(std::string_view format, const std::string& name) {
  const Report r = hand_report({{name, name, 1e-3, 1}, {"b", "Relu", 1e-3, 10}}, name);
  const Portfolio p = make_portfolio(
      {name, "other"}, {name, "toy"},
      {pair_row(r, 0, 0), pair_row(r, 0, 1), pair_row(r, 1, 0), pair_row(r, 1, 1)}, 0.9);
  for (const PortfolioFormat& f : portfolio_formats()) {
    if (f.name == format) return f.write(p, {});
  }
  return {};
}

TEST(PortfolioFormats, HostileNamesStayInTheirCells) {
  for (const char* format : {"markdown", "csv"}) {
    EXPECT_EQ(lines(portfolio(format, hostile_name())), lines(portfolio(format, "m"))) << format;
  }
  for (const std::string_view part : kHostile) {
    const std::string name(part);
    EXPECT_TRUE(nlohmann::json::accept(portfolio("json", name))) << name;
    EXPECT_EQ(portfolio("table", name).find('\x1b'), std::string::npos) << name;
    for (const char* format : {"html", "svg"}) {
      const std::string page = portfolio(format, name);
      EXPECT_EQ(test::markup_error(page), "") << format << ": " << name;
      EXPECT_EQ(page.find("<script"), std::string::npos) << format << ": " << name;
    }
  }
  EXPECT_NE(portfolio("csv", "=cmd()").find("\n'=cmd(),"), std::string::npos);
}

TEST(PortfolioFormats, PagesShowTheNumbersOfTheTable) {
  for (const char* part : {"2.00 ms", "m", "other", "toy"}) {
    for (const char* format : {"table", "markdown", "html", "svg"}) {
      EXPECT_NE(portfolio(format, "m").find(part), std::string::npos) << part << " in " << format;
    }
  }
  EXPECT_NE(portfolio("csv", "m").find("\nm,m,0.002,"), std::string::npos);
}

}  // namespace
}  // namespace aiprof::gate
