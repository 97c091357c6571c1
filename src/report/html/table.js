// The table of operators: sorted, filtered, a page at a time.
const operatorTable = (function () {
  const table = document.getElementById("operator-table");
  const get = (id) => document.getElementById(id);
  const make = charts.make;
  const state = { sort: null, down: true, page: 0, size: 50, open: -1, order: [], paper: false };
  let view = null, columns = [], hidden = new Set(), hooks = null;

  const isText = (c) => c.style === "text";

  // What is shown at first; the rest can be switched on.
  const first = ["name", "op_type", "latency_seconds", "measured_seconds", "ratio", "share", "bound", "flops", "bytes_read",
    "bytes_written", "weight_bytes_read", "arithmetic_intensity", "energy_joules"];

  function header(c) {
    const cell = make("th", undefined, isText(c) ? "" : "n");
    cell.scope = "col";
    // Repeated on every sheet of paper only if it is plain text.
    if (state.paper) {
      cell.textContent = c.header;
      return cell;
    }
    const sorted = state.sort === c.key;
    cell.setAttribute("aria-sort", sorted ? (state.down ? "descending" : "ascending") : "none");
    const button = make("button", c.header);
    button.type = "button";
    button.dataset.key = c.key;
    button.addEventListener("click", () => {
      state.down = sorted ? !state.down : !isText(c);
      state.sort = c.key;
      sort();
      draw();
      table.querySelector("thead button[data-key='" + c.key + "']").focus();
    });
    cell.append(button);
    return cell;
  }

  function matches(i, words) {
    if (get("filter-type").value && view.op_type[i] !== get("filter-type").value) return false;
    if (get("filter-bound").value && view.bound[i] !== get("filter-bound").value) return false;
    if (get("filter-status").value && view.status[i] !== get("filter-status").value) return false;
    return words.every((w) => view.searched[i].includes(w));
  }
  function filter() {
    const words = get("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    state.order = [];
    for (let i = 0; i < view.rows; ++i) {
      if (matches(i, words)) state.order.push(i);
    }
    state.page = 0;
    sort();
  }
  // What is unknown comes last either way; ties keep the order of the model.
  function sort() {
    const values = view[state.sort], sign = state.down ? -1 : 1;
    state.order.sort((a, b) => {
      const u = values[a], v = values[b];
      if (u === v) return a - b;
      if (u === null || u === undefined) return 1;
      if (v === null || v === undefined) return -1;
      return u < v ? -sign : sign;
    });
  }

  function row(i, shown) {
    const tr = make("tr");
    tr.dataset.node = i;
    if (i === state.open) tr.className = "picked";
    for (const c of shown) {
      const text = format.cell(view[c.key][i], c.style);
      if (c.key !== "name") {
        tr.append(make("td", text, isText(c) ? "" : "n"));
        continue;
      }
      const cell = make("th");
      cell.scope = "row";
      const button = charts.fillName(make("button", undefined, "open"), text);
      button.type = "button";
      button.setAttribute("aria-expanded", String(i === state.open));
      button.addEventListener("click", () => {
        state.open = state.open === i ? -1 : i;
        hooks.pick(state.open);
        draw();
        focusRow(i);
      });
      cell.append(button);
      tr.append(cell);
    }
    tr.addEventListener("pointerenter", () => hooks.pick(i));
    return tr;
  }
  function detail(i, shown) {
    const tr = make("tr", undefined, "more");
    const cell = make("td");
    cell.colSpan = shown.length;
    cell.append(charts.makeFacts(hooks.facts(i)));
    tr.append(cell);
    return tr;
  }
  function focusRow(i) {
    const button = table.querySelector("tr[data-node='" + i + "'] .open");
    if (button) button.focus({ preventScroll: true });
  }
  function total(shown) {
    const tr = make("tr");
    for (const c of shown) {
      const value = c.key === "name" ? "all " + view.rows + " operators"
        : c.key === "share" ? format.cell(view.total.latency_seconds > 0 ? 1 : null, "percent")
        : isText(c) ? "" : format.cell(view.total[c.key], c.style);
      const cell = make(c.key === "name" ? "th" : "td", value, isText(c) ? "" : "n");
      if (c.key === "name") cell.scope = "row";
      tr.append(cell);
    }
    return tr;
  }
  function draw() {
    const shown = columns.filter((c) => !hidden.has(c.key));
    const head = make("tr");
    head.append(...shown.map(header));
    table.tHead.replaceChildren(head);
    const body = document.createDocumentFragment();
    const from = state.page * state.size, to = Math.min(state.order.length, from + state.size);
    for (let r = from; r < to; ++r) {
      body.append(row(state.order[r], shown));
      if (state.order[r] === state.open) body.append(detail(state.open, shown));
    }
    table.tBodies[0].replaceChildren(body);
    table.tFoot.replaceChildren(total(shown));
    get("shown").textContent = state.order.length === view.rows
      ? format.exact(view.rows) + " operators"
      : format.exact(state.order.length) + " of " + format.exact(view.rows) + " operators";
    if (state.paper && to < state.order.length) {
      get("shown").textContent += ", the first " + to + " of them on paper";
    }
    const pages = Math.max(1, Math.ceil(state.order.length / state.size));
    get("page").textContent = "Page " + (state.page + 1) + " of " + pages;
    get("previous").disabled = state.page === 0;
    get("next").disabled = state.page + 1 >= pages;
  }
  function options(select, values, all) {
    const counts = new Map();
    for (const v of values) if (v) counts.set(v, (counts.get(v) || 0) + 1);
    select.replaceChildren(new Option(all, ""));
    for (const v of [...counts.keys()].sort()) select.append(new Option(v + " (" + counts.get(v) + ")", v));
  }
  function columnMenu() {
    const menu = get("columns");
    menu.replaceChildren();
    for (const c of columns) {
      if (c.key === "name") continue;
      const label = make("label"), box = make("input");
      box.type = "checkbox";
      box.checked = !hidden.has(c.key);
      box.addEventListener("change", () => {
        if (box.checked) hidden.delete(c.key);
        else hidden.add(c.key);
        draw();
      });
      label.append(box, " " + c.header + (c.header === c.key ? "" : " (" + c.key + ")"));
      menu.append(label);
    }
  }
  function refilter() {
    filter();
    draw();
  }
  function clear() {
    for (const id of ["filter", "filter-type", "filter-bound", "filter-status"]) get(id).value = "";
  }

  get("filter").addEventListener("input", refilter);
  for (const id of ["filter-type", "filter-bound", "filter-status"]) get(id).addEventListener("change", refilter);
  get("clear").addEventListener("click", () => {
    clear();
    refilter();
  });
  get("page-size").addEventListener("change", () => {
    state.size = Number(get("page-size").value);
    state.page = 0;
    draw();
  });
  get("previous").addEventListener("click", () => {
    --state.page;
    draw();
  });
  get("next").addEventListener("click", () => {
    ++state.page;
    draw();
  });

  return {
    // `nodes`: columns of values by key, with rows, total and searched; `h`: pick(i), facts(i).
    show(nodes, allColumns, h) {
      view = nodes;
      hooks = h;
      const has = (c) => (view[c.key] || []).some((v) => v !== null && v !== undefined && v !== "");
      const known = new Set(first);
      const rank = (c) => (known.has(c.key) ? first.indexOf(c.key) : first.length);
      columns = allColumns.filter(has).sort((a, b) => rank(a) - rank(b));
      hidden = new Set(columns.map((c) => c.key).filter((key) => !known.has(key)));
      state.sort = view.timed ? "latency_seconds" : "flops";
      state.down = true;
      state.open = -1;
      options(get("filter-type"), view.op_type, "all types");
      options(get("filter-bound"), view.bound, "all bounds");
      options(get("filter-status"), view.status, "all");
      columnMenu();
      clear();
      refilter();
    },
    // Shows one operator with its derivation, whatever was filtered.
    reveal(i) {
      clear();
      filter();
      state.page = Math.floor(state.order.indexOf(i) / state.size);
      state.open = i;
      draw();
      focusRow(i);
      table.querySelector("tr[data-node='" + i + "']").scrollIntoView({ block: "center" });
    },
    // Shows the operators of a group.
    narrow({ type, text }) {
      clear();
      if (type) get("filter-type").value = type;
      if (text) get("filter").value = text;
      refilter();
      get("operators").scrollIntoView();
    },
    // More rows on paper, where there is no next page.
    forPrint(rows) {
      const before = { size: state.size, page: state.page, paper: false };
      state.size = rows;
      state.page = 0;
      state.paper = true;
      draw();
      return () => {
        Object.assign(state, before);
        draw();
      };
    },
  };
})();
