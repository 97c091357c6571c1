// Reads the data of the page and puts its parts together.
const data = JSON.parse(document.getElementById("data").textContent);
const get = (id) => document.getElementById(id);
const make = charts.make;

// Values stand once; texts may continue the text before them.
const values = (function () {
  let previous = "";
  return data.values.map((v) => {
    if (Array.isArray(v)) v = previous.slice(0, v[0]) + v[1];
    if (typeof v === "string") previous = v;
    return v;
  });
})();
function column(id, rows) {
  const c = data.columns[id];
  if (Array.isArray(c)) return c.map((v) => values[v]);
  const out = new Array(rows);
  for (let i = 0; i < rows; ++i) out[i] = values[c.all !== undefined ? c.all : c.from + i];
  return out;
}
function tableOf(packed) {
  const out = { rows: packed.rows };
  for (const key of Object.keys(packed.columns)) out[key] = column(packed.columns[key], packed.rows);
  return out;
}

const opened = new Map();

// A report with its columns unpacked, and what the charts need of them.
function open(index) {
  if (opened.has(index)) return opened.get(index);
  const r = data.reports[index];
  const nodes = tableOf(r.nodes), kernels = r.kernels ? tableOf(r.kernels) : { rows: 0 };
  const steps = tableOf(r.steps);
  nodes.timed = r.kernels !== undefined;
  nodes.total = r.totals;
  nodes.total.arithmetic_intensity = null;
  const seconds = r.totals.latency_seconds;
  nodes.share = nodes.latency_seconds.map((s) => (s === null || !(seconds > 0) ? null : s / seconds));
  nodes.bytes = nodes.bytes_read.map((b, i) => (b === null ? null : b + nodes.bytes_written[i]));
  nodes.searched = nodes.name.map((name, i) =>
    [name, nodes.op_type[i], nodes.block[i], nodes.op_class[i]].join(" ").toLowerCase());
  const members = Array.from({ length: kernels.rows }, () => []);
  nodes.kernel.forEach((k, i) => k !== null && members[k].push(i));
  const out = { ...r, nodes, kernels, steps, members };
  opened.set(index, out);
  return out;
}

let report = null, roofline = null, treeChart = null, by = "op_type";

// ---- Parts -----------------------------------------------------------------------------------------

function kernelFacts(r, k) {
  const K = r.kernels;
  const facts = [["time", format.seconds(K.latency_seconds[k]) + " (" +
    format.percent(K.latency_seconds[k] / r.totals.latency_seconds) + " %)"]];
  if (K.flops[k] > 0 && K.latency_seconds[k] > 0) {
    facts.push(["reached", format.si(K.flops[k] / K.latency_seconds[k], "FLOP/s")]);
  }
  if (K.arithmetic_intensity[k] !== null) {
    facts.push(["intensity", format.ratio(K.arithmetic_intensity[k]) + " FLOP/B"]);
  }
  if (K.measured_seconds && K.measured_seconds[k] !== null) {
    facts.push(["measured", format.seconds(K.measured_seconds[k]) +
      (K.flops[k] > 0 ? ", " + format.si(K.measured_flops_per_second[k], "FLOP/s") : "")]);
  }
  facts.push(["bound", K.bound[k]]);
  if (K.engine[k]) facts.push(["engine", K.engine[k]]);
  if (r.members[k].length > 1) {
    facts.push(["fused", r.members[k].length + " operators" + (K.fusion[k] ? ", " + K.fusion[k] : "")]);
  }
  return facts;
}

function measuredFacts(K, k) {
  const parts = [format.seconds(K.measured_seconds[k])];
  const add = (value, text) => value !== null && parts.push(text(value));
  add(K.ratio[k], (x) => "predicted / measured " + format.ratio(x));
  add(K.measured_flops_per_second[k], (x) => format.si(x, "FLOP/s"));
  add(K.measured_bytes_per_second[k], (x) => format.si(x, "B/s"));
  add(K.measured_mfu[k], (x) => "MFU " + format.percent(x) + " %");
  add(K.measured_mbu[k], (x) => "MBU " + format.percent(x) + " %");
  return parts.join(", ") + (K.measured_with[k] === null ? ""
    : "; the runtime ran it together with other kernels, the time is split by the predictions");
}

// Everything that is known of one operator.
function nodeFacts(r, i) {
  const N = r.nodes, K = r.kernels, facts = [];
  const add = (label, value) => {
    if (value !== null && value !== undefined && value !== "") facts.push([label, value]);
  };
  add("type", (N.domain[i] ? N.domain[i] + "." : "") + N.op_type[i] + ", class " + N.op_class[i]);
  add("status", N.status[i] + (N.reason[i] ? ": " + N.reason[i] : ""));
  add("inputs", N.inputs[i]);
  add("outputs", N.outputs[i]);
  if (N.trips[i] !== null && N.trips[i] !== 1) add("executions", format.exact(N.trips[i]));
  if (N.flops[i] !== null) {
    add("counts", format.exact(N.flops[i]) + " FLOPs, " + format.exact(N.macs[i]) + " MACs, " +
      format.exact(N.transcendentals[i]) + " transcendentals, " + format.exact(N.integer_ops[i]) + " integer operations");
    add("bytes", format.exact(N.bytes_read[i]) + " read (" + format.exact(N.weight_bytes_read[i]) +
      " of weights), " + format.exact(N.bytes_written[i]) + " written");
  }
  const k = N.kernel[i];
  if (k === null || k === undefined) return facts;
  const others = r.members[k].length;
  add("kernel", K.name[k] + (others > 1 ? ": " + others + " operators fused" + (K.fusion[k] ? " by " + K.fusion[k] : "") : "") +
    (K.launches[k] > 1 ? ", " + format.exact(K.launches[k]) + " launches" : ""));
  add("kernel time", format.seconds(K.latency_seconds[k]) + " (80 % interval " +
    format.seconds(K.latency_low_seconds[k]) + " to " + format.seconds(K.latency_high_seconds[k]) + "): compute " +
    format.seconds(K.compute_seconds[k]) + ", memory " + format.seconds(K.memory_seconds[k]) + ", overhead " +
    format.seconds(K.overhead_seconds[k]) + "; " + K.bound[k] + "-bound");
  if (others > 1 && N.latency_seconds[i] !== null) {
    add("its share", format.seconds(N.latency_seconds[i]) + ", split by what each operator would take alone");
  }
  if (K.measured_seconds && K.measured_seconds[k] !== null) add("measured", measuredFacts(K, k));
  add("engine", K.engine[k]);
  add("unsupported", K.unsupported[k]);
  const use = [];
  if (K.mfu[k] !== null) use.push("MFU " + format.percent(K.mfu[k]) + " %");
  if (K.mbu[k] !== null) use.push("MBU " + format.percent(K.mbu[k]) + " %");
  if (K.saved_bytes[k] > 0) use.push(format.bytes(K.saved_bytes[k]) + " less moved by fusing");
  add("use", use.join(", "));
  add("energy of the kernel", format.joules(K.energy_joules[k]));
  add("more", "aiprof explain MODEL NODE prints the whole derivation");
  return facts;
}

function choose(i) {
  operatorTable.reveal(i);
  pick(i);
}
// The mark of an operator in the roofline.
function pick(i) {
  const k = i < 0 ? null : report.nodes.kernel[i];
  if (roofline) roofline.mark(k === null || k === undefined ? -1 : k);
}

function drawRoofline() {
  const r = report, K = r.kernels, marks = [];
  let unplaced = 0, unplacedSeconds = 0;
  for (let k = 0; k < K.rows; ++k) {
    const seconds = K.latency_seconds[k];
    if (!(K.flops[k] > 0 && K.arithmetic_intensity[k] > 0 && seconds > 0)) {
      ++unplaced;
      unplacedSeconds += seconds;
      continue;
    }
    marks.push({ id: k, label: K.name[k], family: K.family[k], x: K.arithmetic_intensity[k],
      y: K.flops[k] / seconds, measured: K.measured_flops_per_second ? K.measured_flops_per_second[k] : null, share: seconds / r.totals.latency_seconds, facts: () => kernelFacts(r, k) });
  }
  marks.sort((a, b) => b.share - a.share || a.id - b.id);
  get("roofline-note").textContent = unplaced === 0 ? "" : unplaced + " of " + K.rows +
    " kernels compute nothing (copies, gathers) and have no mark; they take " +
    format.percent(unplacedSeconds / r.totals.latency_seconds) + " % of the time.";
  if (K.measured_seconds) get("roofline-note").textContent += " A line leads from a mark to where it was measured.";
  roofline = charts.roofline(get("roofline-chart"),
    { kernels: marks, families: data.families, ceilings: r.ceilings, slopes: r.slopes, extent: r.extent },
    { say: (text) => { get("roofline-said").textContent = text; },
      choose: (k) => choose(r.members[k.id].find((i) => r.nodes.name[i] === k.label) || r.members[k.id][0] || 0) });
  drawLegend(marks);
}
function drawLegend(marks) {
  const counts = data.families.map(() => 0);
  for (const m of marks) ++counts[m.family];
  get("roofline-legend").replaceChildren();
  data.families.forEach((family, f) => {
    if (counts[f] === 0) return;
    const button = make("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    button.title = "Show or hide";
    const svg = d3.select(button).append("svg").attr("width", 16).attr("height", 16).attr("aria-hidden", "true");
    svg.append("path").attr("d", charts.outline(family, 8, 8, 6)).attr("fill", "var(--f" + f + ")");
    button.append(family.name + " (" + counts[f] + ")");
    button.addEventListener("click", () => button.setAttribute("aria-pressed", String(roofline.toggle(f))));
    get("roofline-legend").append(button);
  });
}

// ---- Where it goes ---------------------------------------------------------------------------------

const measures = [
  { key: "latency_seconds", name: "time", show: format.seconds, timed: true },
  { key: "energy_joules", name: "energy", show: format.joules, timed: true },
  { key: "flops", name: "FLOPs", show: (x) => format.si(x, "FLOP") },
  { key: "bytes", name: "bytes moved by operators", show: format.bytes },
  { key: "weight_bytes_read", name: "bytes of weights read", show: format.bytes },
];
const measure = () => measures.find((m) => m.key === get("metric").value);

function groupKey(N, i) {
  if (by === "op_type") return (N.domain[i] ? N.domain[i] + "." : "") + N.op_type[i];
  if (by === "name") return i;
  return (N.block[i] || "(top level)").split("/").slice(0, 2).join("/");
}
function drawWhere() {
  const N = report.nodes, m = measure(), groups = new Map();
  let sum = 0;
  for (let i = 0; i < N.rows; ++i) {
    const value = N[m.key][i] || 0, key = groupKey(N, i);
    sum += value;
    const g = groups.get(key) || { key, value: 0, count: 0, bounds: { compute: 0, memory: 0, overhead: 0 } };
    g.value += value;
    ++g.count;
    if (N.bound[i]) g.bounds[N.bound[i]] += value;
    groups.set(key, g);
  }
  const sorted = [...groups.values()].sort((a, b) => b.value - a.value);
  const shown = sorted.slice(0, 12), rest = sorted.slice(12);
  const table = make("table"), body = make("tbody");
  const head = make("tr");
  for (const [text, className] of [[{ op_type: "type", block: "block", name: "operator" }[by], ""],
    ["share", ""], [m.name, "n"], ["%", "n"], ["operators", "n"]]) {
    const th = make("th", text, className);
    th.scope = "col";
    head.append(th);
  }
  const thead = make("thead");
  thead.append(head);
  const most = shown.length ? shown[0].value : 0;
  for (const g of shown) body.append(groupRow(g, N, m, sum, most));
  if (rest.length) {
    const other = { value: d3.sum(rest, (g) => g.value), count: d3.sum(rest, (g) => g.count), key: null, bounds: {} };
    other.label = rest.length + " more";
    body.append(groupRow(other, N, m, sum, most));
  }
  table.append(make("caption", "Largest first" + (m.timed && N.timed ? "; colours: what limits the kernels" : "")), thead, body);
  get("where-table").replaceChildren(table);
  if (N.timed && m.timed) get("where-table").append(boundKeys());
}
const bounds = [["memory", "memory-bound"], ["compute", "compute-bound"], ["overhead", "overhead-bound"]];
function boundKeys() {
  const keys = make("p", undefined, "bar");
  for (const [bound, name] of bounds) {
    const key = make("span"), box = make("i", undefined, "key");
    box.style.background = "var(--" + bound + ")";
    key.append(box, name);
    keys.append(key);
  }
  return keys;
}
function groupRow(g, N, m, sum, most) {
  const tr = make("tr"), name = make("th"), bars = make("td", undefined, "bars");
  name.scope = "row";
  const label = g.label || (by === "name" ? N.name[g.key] : g.key);
  if (g.label) {
    name.textContent = label;
  } else {
    const button = charts.fillName(make("button", undefined, "open"), label);
    button.type = "button";
    button.title = "Show in the table of operators";
    button.addEventListener("click", () => {
      if (by === "name") choose(g.key);
      else if (by === "op_type") operatorTable.narrow({ type: N.op_type[N.op_type.findIndex((t, i) => groupKey(N, i) === g.key)] });
      else operatorTable.narrow({ text: g.key === "(top level)" ? "" : g.key });
    });
    name.append(button);
  }
  const total = g.bounds.compute + g.bounds.memory + g.bounds.overhead;
  const parts = m.timed && total > 0 ? bounds.map(([b]) => ["var(--" + b + ")", g.bounds[b]]) : [["var(--f0)", g.value]];
  for (const [colour, value] of parts) {
    if (!(value > 0) || !(most > 0)) continue;
    const bar = make("span", undefined, "share");
    bar.style.width = Math.min(100, 100 * value / most) + "%";
    bar.style.background = colour;
    bars.append(bar);
  }
  tr.append(name, bars, make("td", m.show(g.value), "n"), make("td", sum > 0 ? format.percent(g.value / sum) : "", "n"),
    make("td", format.exact(g.count), "n"));
  return tr;
}

// The module tree with the sums of a measure; modules with one child are joined with it.
function moduleTree(N, key) {
  const root = { name: report.model, value: 0, count: 0, children: new Map(), families: new Map() };
  const add = (n, value, family) => {
    n.value += value;
    ++n.count;
    n.families.set(family, (n.families.get(family) || 0) + value);
  };
  for (let i = 0; i < N.rows; ++i) {
    const value = N[key][i] || 0, k = N.kernel[i];
    const family = data.classes[N.op_class[i]];
    let n = root;
    add(n, value, family);
    for (const part of (N.block[i] || "").split("/").filter(Boolean)) {
      if (!n.children.has(part)) n.children.set(part, { name: part, value: 0, count: 0, children: new Map(), families: new Map() });
      n = n.children.get(part);
      add(n, value, family);
    }
    const leaf = N.name[i].slice(N.name[i].lastIndexOf("/") + 1) || N.op_type[i];
    n.children.set("\0" + i, { name: leaf, value, count: 1, node: i, families: new Map([[family, value]]) });
  }
  return finishTree(root, true);
}
function finishTree(n, isRoot) {
  const most = [...n.families].sort((a, b) => b[1] - a[1])[0];
  const out = { name: n.name, value: n.value, count: n.count, family: most ? most[0] : 0, node: n.node };
  if (!n.children) return out;
  out.children = [...n.children.values()].filter((c) => c.value > 0).map((c) => finishTree(c, false));
  out.children.sort((a, b) => b.value - a.value);
  const only = out.children.length === 1 ? out.children[0] : null;
  if (only && !isRoot) return { ...only, name: n.name + "/" + only.name };
  return out;
}
function drawTree() {
  const m = measure();
  get("tree-metric").textContent = m.name;
  treeChart = charts.tree(get("tree"), moduleTree(report.nodes, m.key), {
    measure: () => m.name, show: m.show, family: (f) => data.families[f].name,
    say: (text) => { get("tree-said").textContent = text; }, choose });
}

// ---- Memory and energy -----------------------------------------------------------------------------

function drawMemory() {
  const S = report.steps, t = report.totals, steps = [];
  for (let i = 0; i < S.rows; ++i) steps.push({ node: S.node[i], bytes: S.bytes[i] });
  get("memory-note").textContent = "What is live while each operator runs: inputs, outputs and every result that is still needed" +
    (t.weight_bytes !== undefined ? ", on top of " + format.bytes(t.weight_bytes) + " of weights" : "") + "." +
    (t.memory_bytes !== undefined && report.capacity_bytes ? " At the peak " + format.bytes(t.memory_bytes) + " of " +
      format.capacity(report.capacity_bytes) + " (" + format.percent(t.memory_bytes / report.capacity_bytes) + " %)." : "");
  charts.memory(get("memory-chart"), steps, t.weight_bytes || 0, report.capacity_bytes, {
    label: (i) => report.nodes.name[i], say: (text) => { get("memory-said").textContent = text; }, choose });
  drawGrowth();
}
function drawGrowth() {
  const t = report.totals, perToken = t.kv_cache_bytes_per_token;
  get("kv").hidden = !(perToken > 0) || t.kv_cache_bytes === undefined || t.memory_bytes === undefined;
  if (get("kv").hidden) return;
  // A cache that is not updated in place stands in memory twice while it is copied.
  const copies = report.kv_copies;
  const rest = Math.max(t.weight_bytes || 0, t.memory_bytes - copies * t.kv_cache_bytes);
  const kv = { tokens: t.kv_cache_bytes / perToken, perToken, rest, capacity: report.capacity_bytes };
  const slope = copies * perToken;
  if (kv.capacity) kv.fit = (kv.capacity - rest) / slope;
  get("kv-note").textContent = format.bytes(perToken) + " for every token" +
    (report.batch > 1 ? " of " + report.batch + " sequences" : "") + ", " + format.bytes(t.kv_cache_bytes) + " now." +
    (copies > 1 ? " The model copies the cache in every step, so that it stands in memory twice." : "") +
    (kv.fit > 0 ? " About " + format.exact(Math.floor(kv.fit)) + " tokens fill the memory." : "") +
    " Other activations are taken to stay as they are.";
  charts.growth(get("kv-chart"), { ...kv, slope });
}
function drawEnergy() {
  const parts = report.energy, total = d3.sum(parts, (p) => p.joules);
  const stack = make("div", undefined, "stack"), table = make("table"), body = make("tbody");
  stack.setAttribute("aria-hidden", "true");
  const colours = ["var(--f1)", "var(--f3)", "var(--f0)", "var(--f4)", "var(--f5)"];
  parts.forEach((p, i) => {
    if (!(p.joules > 0)) return;
    const bar = make("i"), tr = make("tr"), name = make("th"), key = make("i", undefined, "key");
    bar.style.width = 100 * p.joules / total + "%";
    bar.style.background = key.style.background = colours[i];
    stack.append(bar);
    name.scope = "row";
    name.append(key, p.cause);
    tr.append(name, make("td", format.joules(p.joules), "n"), make("td", format.percent(p.joules / total) + " %", "n"));
    body.append(tr);
  });
  table.append(make("caption", format.joules(report.totals.energy_joules) + " for one inference"), body);
  get("energy-chart").replaceChildren(stack, table);
}

// ---- Side by side ----------------------------------------------------------------------------------

function drawComparison() {
  const box = get("compare-chart");
  if (!box) return;
  const race = make("div", undefined, "race");
  const timed = data.reports.filter((r) => r.totals.latency_seconds > 0);
  const longest = d3.max(timed, (r) => r.totals.latency_high_seconds || r.totals.latency_seconds);
  const models = new Set(data.reports.map((r) => r.model)).size > 1;
  data.reports.forEach((r, index) => {
    if (!(r.totals.latency_seconds > 0)) return;
    const percent = (x) => 100 * x / longest + "%";
    const track = make("div", undefined, "track"), N = open(index).nodes;
    for (const [bound] of bounds) {
      const bar = make("i");
      bar.style.width = percent(d3.sum(N.latency_seconds, (s, i) => (N.bound[i] === bound ? s : 0)));
      bar.style.background = "var(--" + bound + ")";
      track.append(bar);
    }
    const span = make("span", undefined, "span");
    span.style.left = percent(r.totals.latency_low_seconds);
    span.style.width = percent(r.totals.latency_high_seconds - r.totals.latency_low_seconds);
    track.append(span);
    const name = make("button", (models ? r.model + " on " : "") + r.machine, "open");
    name.type = "button";
    name.title = "Show this report";
    name.addEventListener("click", () => {
      get("report").value = String(index);
      show(index);
    });
    race.append(name, track, make("span", format.seconds(r.totals.latency_seconds)));
  });
  const keys = boundKeys();
  keys.append("line: 80 % interval");
  keys.classList.add("keys");
  race.append(keys);
  box.replaceChildren(race);
}

// ---- Everything together ---------------------------------------------------------------------------

const columns = data.table.slice();
columns.splice(columns.findIndex((c) => c.key === "latency_seconds") + 1, 0,
  { key: "share", header: "%", unit: "", style: "percent" });

function drawCharts() {
  if (report.nodes.timed) drawRoofline();
  drawTree();
  drawMemory();
}
function show(index) {
  report = open(index);
  document.querySelectorAll("[data-report]").forEach((n) => { n.hidden = n.dataset.report !== String(index); });
  document.querySelectorAll("[data-reports]").forEach((n) => { n.hidden = !n.dataset.reports.includes(" " + index + " "); });
  document.querySelectorAll("[data-timed]").forEach((n) => { n.hidden = !report.nodes.timed; });
  const available = measures.filter((m) => report.nodes.timed || !m.timed);
  const before = get("metric").value;
  get("metric").replaceChildren(...available.map((m) => new Option(m.name, m.key)));
  if (available.some((m) => m.key === before)) get("metric").value = before;
  operatorTable.show(report.nodes, columns, { pick, facts: (i) => nodeFacts(report, i) });
  drawCharts();
  drawWhere();
  if (report.nodes.timed && report.energy) drawEnergy();
}

get("metric").addEventListener("change", () => {
  drawWhere();
  drawTree();
});
function chooseGrouping(button) {
  by = button.dataset.by;
  get("where-by").querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
}
get("where-by").querySelectorAll("button").forEach((button) => {
  if (button.dataset.by === by) chooseGrouping(button);
  button.addEventListener("click", () => {
    chooseGrouping(button);
    drawWhere();
  });
});
get("zoom-in").addEventListener("click", () => roofline.zoomBy(1.6));
get("zoom-out").addEventListener("click", () => roofline.zoomBy(1 / 1.6));
get("zoom-reset").addEventListener("click", () => roofline.reset());
if (get("report")) get("report").addEventListener("change", () => show(Number(get("report").value)));

let drawnWidth = innerWidth, pending = 0;
addEventListener("resize", () => {
  if (innerWidth === drawnWidth) return;
  drawnWidth = innerWidth;
  clearTimeout(pending);
  pending = setTimeout(drawCharts, 150);
});

// On paper everything is open and the table is longer.
let restore = null;
addEventListener("beforeprint", () => {
  const folded = [...document.querySelectorAll("main details:not(.menu):not([open])")];
  folded.forEach((d) => { d.open = true; });
  const unprint = operatorTable.forPrint(100);
  restore = () => {
    folded.forEach((d) => { d.open = false; });
    unprint();
  };
});
addEventListener("afterprint", () => restore && restore());

show(0);
drawComparison();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
