// A difference as a table, as JSON, as Markdown and as HTML.
#include <fmt/format.h>

#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "aiprof/report/format.h"
#include "aiprof/report/grid.h"
#include "aiprof/report/layout.h"
#include "aiprof/report/page.h"
#include "gate/diff_grid.h"
#include "gate/json_text.h"

namespace aiprof::gate {
namespace {

std::string operators_title(const DiffGrids& grids) {
  if (grids.shown_operators == grids.all_operators) {
    return fmt::format("All {} operators that changed", grids.all_operators);
  }
  return fmt::format("Top {} of {} operators that changed", grids.shown_operators,
                     grids.all_operators);
}

std::string write_table(const Diff& diff, const WriteOptions& options) {
  const Pen pen(options.colour);
  DiffGrids grids = diff_grids(diff, options);
  constexpr std::string_view kLeastWanted[] = {"weights", "energy", "affected", "bytes",
                                               "%",       "before", "what"};
  for (Grid* grid : {&grids.totals, &grids.operators, &grids.blocks}) {
    (void)drop_columns(*grid, kLeastWanted, options.width);
  }
  const auto wrapped = [&](const std::string& text) {
    return wrap(text, sentence_width(options), 2);
  };
  std::string out = pen(Ink::kBold, wrapped(diff_title(diff))) + "\n\n" +
                    pen(Ink::kBold, wrapped(headline(diff))) + "\n" + wrapped(diff_counts(diff)) +
                    "\n\n" + lay_out(grids.totals, options.width, 0, pen);
  if (grids.all_operators > 0) {
    out += "\n" + pen(Ink::kBold, operators_title(grids)) + "\n" +
           lay_out(grids.operators, options.width, grids.summary, pen);
    out += "\n" + pen(Ink::kBold, "Blocks that changed") + "\n" +
           lay_out(grids.blocks, options.width, 0, pen);
  }
  if (options.notes == NotesMode::kHide) return out;
  for (const std::string& note : diff_notes(diff)) out += "\n" + wrapped("- " + note);
  return diff_notes(diff).empty() ? out : out + "\n";
}

std::string write_markdown(const Diff& diff, const WriteOptions& options) {
  const DiffGrids grids = diff_grids(diff, options);
  std::string out =
      fmt::format("## {}\n\n**{}**\n\n{}\n\n{}", markdown_text(diff_title(diff)),
                  markdown_text(headline(diff)), diff_counts(diff), markdown_table(grids.totals));
  if (grids.all_operators > 0) {
    out += fmt::format("\n### {}\n\n{}\n### Blocks that changed\n\n{}", operators_title(grids),
                       markdown_table(grids.operators), markdown_table(grids.blocks));
  }
  if (options.notes == NotesMode::kHide || diff_notes(diff).empty()) return out;
  out += "\n";
  for (const std::string& note : diff_notes(diff)) out += "- " + markdown_text(note) + "\n";
  return out;
}

std::string html_section(std::string_view title, const std::string& body) {
  return "<section>\n" + html_element("h2", "", title) + "\n" + body + "</section>\n";
}

// Nothing is cut: a page has room.
std::string write_html(const Diff& diff, const WriteOptions& options) {
  WriteOptions all = options;
  all.top = 0;
  const DiffGrids grids = diff_grids(diff, all);
  std::string body = "<section aria-label=\"Verdict\">\n" +
                     html_element("p", "class=\"headline\"", headline(diff)) +
                     html_element("p", "class=\"lead\"", diff_counts(diff)) + "\n</section>\n";
  body += html_section("Totals", html_table(grids.totals, "Of one inference, before and after"));
  if (grids.all_operators > 0) {
    body += html_section("Blocks that changed",
                         html_table(grids.blocks, "Modules, largest difference first"));
    body +=
        html_section(operators_title(grids), html_table(grids.operators,
                                                        "Largest difference first; sums are the "
                                                        "differences of the totals"));
  }
  std::string notes;
  for (const std::string& note : diff_notes(diff)) notes += html_element("li", "", note) + "\n";
  if (!notes.empty() && options.notes == NotesMode::kShow) {
    body += html_section("Notes", "<ul>" + notes + "</ul>\n");
  }
  return html_page(diff_title(diff), body);
}

void put_pair(Json& o, const char* key, const Pair& pair) {
  Json p = Json::object();
  put_number(p, "before", pair.before);
  put_number(p, "after", pair.after);
  put_number(p, "delta", pair.delta());
  if (!p.empty()) o[key] = std::move(p);
}

void put_costs(Json& o, const Costs& c) {
  put_pair(o, "latency_seconds", c.latency);
  put_pair(o, "energy_joules", c.energy);
  put_pair(o, "flops", c.flops);
  put_pair(o, "macs", c.macs);
  put_pair(o, "bytes_read", c.bytes_read);
  put_pair(o, "bytes_written", c.bytes_written);
  put_pair(o, "weight_bytes_read", c.weight_bytes_read);
}

Json side_json(const DiffSide& side) {
  Json o = Json::object();
  o["file"] = side.file;
  put_text(o, "hardware", side.hardware);
  put_text(o, "runtime", side.runtime);
  o["nodes"] = side.nodes;
  o["gaps"] = side.gaps;
  return o;
}

template <typename Counts>
Json counts_json(const Counts& c) {
  return {{"added", c.added},
          {"removed", c.removed},
          {"changed", c.changed},
          {"affected", c.affected},
          {"unchanged", c.unchanged}};
}

Json operator_json(const OperatorChange& change) {
  Json o = Json::object();
  o["name"] = change.label;
  o["op_type"] = change.op_type;
  put_text(o, "block", change.block);
  o["change"] = std::string(name(change.kind));
  put_text(o, "what", change.what);
  if (change.old_node) o["before_index"] = *change.old_node;
  if (change.new_node) o["after_index"] = *change.new_node;
  put_costs(o, change.costs);
  return o;
}

std::string metric_key(const Metric& m) {
  const bool key = !m.alias.empty() && m.alias != "activations" && m.alias != "unmodelled";
  return std::string(key ? m.alias : m.name);
}

std::string write_json(const Diff& diff, const WriteOptions&) {
  Json o = Json::object();
  o["schema_version"] = "1";
  o["aiprof_version"] = std::string(program_version());
  o["headline"] = headline(diff);
  o["before"] = side_json(diff.before);
  o["after"] = side_json(diff.after);
  o["counts"] = counts_json(diff);
  o["totals"] = Json::object();
  for (const TotalChange& t : diff.totals) {
    put_pair(o["totals"], metric_key(*t.metric).c_str(), t.values);
  }
  // Operators that did not change have no differences: the sums hold without them.
  o["operators"] = Json::array();
  for (const OperatorChange& change : diff.operators) {
    if (change.kind != ChangeKind::kUnchanged) o["operators"].push_back(operator_json(change));
  }
  o["blocks"] = Json::array();
  for (const BlockChange& b : diff.blocks) {
    if (b.added + b.removed + b.changed + b.affected == 0) continue;
    Json block = Json::object();
    block["block"] = b.block;
    block["counts"] = counts_json(b);
    put_costs(block, b.costs);
    o["blocks"].push_back(std::move(block));
  }
  o["notes"] = diff_notes(diff);
  return dump(o);
}

constexpr DiffFormat kFormats[] = {{"table", write_table},
                                   {"json", write_json},
                                   {"markdown", write_markdown},
                                   {"html", write_html}};

}  // namespace

std::span<const DiffFormat> diff_formats() { return kFormats; }

}  // namespace aiprof::gate
