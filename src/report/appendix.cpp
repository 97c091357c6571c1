#include "aiprof/report/appendix.h"

#include <map>
#include <tuple>

#include "aiprof/report/report.h"

namespace aiprof {
namespace {

std::vector<MemoryRow> memory_rows(const Hardware& hardware) {
  std::vector<MemoryRow> rows;
  const MemoryLevel& main = hardware.main_memory();
  for (const MemoryLevel& level : hardware.memory) {
    MemoryRow row;
    row.kind = std::string(name(level.kind));
    row.name = level.name.empty() ? row.kind : level.name;
    row.main = &level == &main;
    if (level.capacity_bytes.known()) row.capacity_bytes = level.total_capacity_bytes();
    if (level.peak_bandwidth() > 0) row.bytes_per_second = level.peak_bandwidth();
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<QuantityRow> quantity_rows(const Hardware& hardware) {
  std::vector<QuantityRow> rows;
  for (const Quantity* q : quantities(hardware)) {
    if (!q->known()) continue;
    rows.push_back({q->path, q->value, std::string(name(q->status)), q->source, q->note});
  }
  return rows;
}

RuntimeRow runtime_row(const RuntimeProfile& profile) {
  RuntimeRow row;
  row.name = profile.name;
  row.description = profile.description;
  row.file = profile.file;
  row.launch = std::string(name(profile.launch));
  row.float32_math = profile.float32_math == Float32Math::kTf32 ? "tf32" : "float32";
  for (const FusionRule& rule : profile.fusions) row.fusions.push_back(rule.name);
  return row;
}

MachineAppendix machine_appendix(const MachineEstimate& machine) {
  MachineAppendix a;
  a.memory = memory_rows(machine.hardware);
  a.quantities = quantity_rows(machine.hardware);
  a.sources = machine.hardware.sources;
  a.notes = machine.hardware.notes;
  a.fitted_on = machine.hardware.calibration.fitted_on;
  a.runtime = runtime_row(machine.profile);
  a.energy = machine.estimate.totals.energy;
  return a;
}

std::vector<FormulaRow> formula_rows(const Graph& graph, const Analysis& analysis) {
  std::map<std::tuple<std::string_view, std::string_view, int>, FormulaRow> rows;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const OpSpec* spec = analysis.nodes[n].spec;
    if (spec == nullptr) continue;
    FormulaRow& row = rows[{spec->domain, spec->type, spec->since}];
    if (row.nodes++ > 0) continue;
    row.domain = std::string(spec->domain);
    row.op_type = std::string(spec->type);
    row.op_class = std::string(name(spec->op_class));
    row.since = spec->since;
    row.formula = std::string(spec->formula);
  }
  std::vector<FormulaRow> out;
  for (auto& [key, row] : rows) out.push_back(std::move(row));
  return out;
}

}  // namespace

Appendix build_appendix(const Graph& graph, const Analysis& analysis,
                        const MachineEstimate* machine) {
  Appendix appendix;
  appendix.formulas = formula_rows(graph, analysis);
  if (machine != nullptr) appendix.machine = machine_appendix(*machine);
  return appendix;
}

}  // namespace aiprof
