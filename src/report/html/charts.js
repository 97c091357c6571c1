// Charts. Each takes its container and data, draws with D3, and says what the reader points at through
// `hooks`. Text from the model is only ever set as text.
const charts = (function () {
  const tip = document.getElementById("tip");

  // A title and pairs of label and value beside the pointer; the same as one sentence for others.
  function showTip(title, facts, x, y) {
    tip.textContent = "";
    tip.append(make("b", title), makeFacts(facts));
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = x + 16 + box.width > innerWidth ? x - 16 - box.width : x + 16;
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = Math.max(4, Math.min(y + 12, innerHeight - box.height - 8)) + "px";
  }
  function hideTip() {
    tip.hidden = true;
  }
  function sentence(title, facts) {
    return title + ": " + facts.map(([label, value]) => label + " " + value).join(", ");
  }
  function make(tag, text, className) {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  }
  // Text that may be broken before the slashes of its path.
  function fillName(node, text) {
    text.split(/(?=\/)/).forEach((part, i) => node.append(...(i ? [make("wbr"), part] : [part])));
    return node;
  }
  function makeFacts(facts) {
    const list = make("dl", undefined, "facts");
    for (const [label, value] of facts) list.append(make("dt", label), make("dd", value));
    return list;
  }

  function outline(family, x, y, r) {
    if (family.outline.length === 0) {
      return "M" + (x - r).toFixed(1) + "," + y.toFixed(1) + "a" + r + "," + r + " 0 1,0 " + 2 * r +
        ",0a" + r + "," + r + " 0 1,0 " + -2 * r + ",0z";
    }
    return "M" + family.outline.map(([dx, dy]) =>
      (x + r * dx).toFixed(1) + "," + (y + r * dy).toFixed(1)).join("L") + "z";
  }
  function canvas(container, height, label) {
    container.textContent = "";
    const width = Math.max(300, container.clientWidth || 960);
    const svg = d3.select(container).append("svg").attr("viewBox", "0 0 " + width + " " + height)
      .attr("aria-hidden", "true");
    return { svg, width, height };
  }
  // "100", "10 G": what a tick of an axis says.
  function tick(value) {
    return value < 1e4 ? String(Number(value.toPrecision(3)))
      : format.si(value, "").replace(/\.0+ /, " ");
  }
  function logTicks(scale, pixels) {
    const [low, high] = scale.domain();
    const decades = Math.log10(high / low);
    const steps = pixels / decades > 150 ? [1, 2, 5] : [1];
    const out = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e) {
      for (const s of steps) {
        const value = Number(s + "e" + e);
        if (value >= low && value <= high) out.push(value);
      }
    }
    return out;
  }

  // ---- Roofline -----------------------------------------------------------------------------------

  // `kernels`: {id, label, family, x, y, seconds, share, facts()}, longest first.
  function roofline(container, data, hooks) {
    const narrow = container.clientWidth < 600;
    const { svg, width, height } = canvas(container, narrow ? 380 : 540);
    const frame = { left: narrow ? 46 : 66, top: 10, right: width - 12, bottom: height - 46 };
    const [xLow, xHigh, yLow, yHigh] = data.extent;
    const x0 = d3.scaleLog().domain([xLow, xHigh]).range([frame.left, frame.right]);
    const y0 = d3.scaleLog().domain([yLow, yHigh]).range([frame.bottom, frame.top]);
    let x = x0, y = y0, tree = null, at = -1;
    const hidden = new Set();

    svg.append("clipPath").attr("id", "roofline-clip").append("rect").attr("x", frame.left)
      .attr("y", frame.top).attr("width", frame.right - frame.left)
      .attr("height", frame.bottom - frame.top);
    const axes = svg.append("g");
    svg.append("rect").attr("class", "frame").attr("x", frame.left).attr("y", frame.top)
      .attr("width", frame.right - frame.left).attr("height", frame.bottom - frame.top);
    svg.append("text").attr("x", (frame.left + frame.right) / 2).attr("y", height - 6)
      .attr("text-anchor", "middle").text("arithmetic intensity (FLOP per byte of main memory)");
    svg.append("text").attr("transform", "translate(12," + (frame.top + frame.bottom) / 2 +
      ") rotate(-90)").attr("text-anchor", "middle").text("FLOP/s");
    const inside = svg.append("g").attr("clip-path", "url(#roofline-clip)");
    const roofs = inside.append("g"), spans = inside.append("path").attr("class", "spare"), marks = inside.append("g");
    const labels = inside.append("g").attr("pointer-events", "none");
    const ring = inside.append("path").attr("class", "ring");

    const largest = d3.max(data.kernels, (k) => k.share) || 1;
    const radius = (k) => 3.5 + 9 * Math.sqrt(k.share / largest);
    const visible = () => data.kernels.filter((k) => !hidden.has(k.family));

    function drawAxes() {
      axes.selectAll("*").remove();
      for (const v of logTicks(x, frame.right - frame.left)) {
        axes.append("path").attr("class", "grid").attr("d", "M" + x(v) + "," + frame.top + "V" + frame.bottom);
        axes.append("text").attr("class", "dim").attr("x", x(v)).attr("y", frame.bottom + 16)
          .attr("text-anchor", "middle").text(tick(v));
      }
      for (const v of logTicks(y, frame.bottom - frame.top)) {
        axes.append("path").attr("class", "grid").attr("d", "M" + frame.left + "," + y(v) + "H" + frame.right);
        axes.append("text").attr("class", "dim").attr("x", frame.left - 6).attr("y", y(v) + 4)
          .attr("text-anchor", "end").text(tick(v));
      }
    }
    function drawRoofs() {
      roofs.selectAll("*").remove();
      labels.selectAll("*").remove();
      const used = data.ceilings.filter((c) => c.used);
      const top = d3.max(used.length ? used : data.ceilings, (c) => c.flops_per_second) || 0;
      const fastest = d3.max(data.slopes, (s) => s.bytes_per_second);
      const taken = used.map((c) => y(c.flops_per_second));
      for (const c of data.ceilings) {
        const level = y(c.flops_per_second);
        const ridge = fastest ? x(c.flops_per_second / fastest) : frame.left;
        roofs.append("path").attr("class", c.used ? "roof" : "spare")
          .attr("d", "M" + Math.min(Math.max(frame.left, ridge), frame.right) + "," + level + "H" + frame.right);
        if (!c.used && taken.some((t) => Math.abs(t - level) < 15)) continue;
        if (!c.used) taken.push(level);
        // Where the line begins, beside the slopes: no kernel can be there.
        const text = c.name + " " + format.si(c.flops_per_second, "FLOP/s");
        const from = Math.max(frame.left, ridge) + 24, fits = from + 6.4 * text.length < frame.right;
        labels.append("text").attr("class", "halo" + (c.used ? "" : " dim"))
          .attr("x", fits ? from : frame.right - 6).attr("y", level - 4)
          .attr("text-anchor", fits ? "start" : "end").text(text);
      }
      for (const s of data.slopes) {
        const [low] = x.domain(), [floor] = y.domain();
        const from = Math.max(low, floor / s.bytes_per_second), to = top / s.bytes_per_second;
        if (to <= from) continue;
        const a = [x(from), y(from * s.bytes_per_second)], b = [x(to), y(top)];
        roofs.append("path").attr("class", s.main ? "roof" : "spare").attr("d", "M" + a + "L" + b);
        const angle = Math.atan2(b[1] - a[1], b[0] - a[0]) * 180 / Math.PI;
        labels.append("text").attr("class", "halo" + (s.main ? "" : " dim")).attr("dy", -5)
          .attr("transform", "translate(" + (a[0] + 0.06 * (b[0] - a[0])) + "," +
            (a[1] + 0.06 * (b[1] - a[1])) + ") rotate(" + angle + ")")
          .text(s.name + " " + format.si(s.bytes_per_second, "B/s"));
      }
    }
    function drawMarks() {
      const shown = visible();
      for (const k of shown) {
        k.px = x(k.x);
        k.py = y(k.y);
      }
      spans.attr("d", shown.filter((k) => k.measured > 0)
        .map((k) => "M" + k.px + "," + k.py + "V" + y(k.measured) + "m-3,0h6").join("") || null);
      // Thousands of elements would be slow, and no one could tell them apart: one for each family.
      const groups = shown.length <= 1500 ? shown.map((k) => [k])
        : data.families.map((family, f) => shown.filter((k) => k.family === f));
      marks.selectAll("path").data(groups.filter((g) => g.length)).join("path").attr("class", "mark")
        .attr("fill", (g) => "var(--f" + g[0].family + ")")
        .attr("d", (g) => g.map((k) => outline(data.families[k.family], k.px, k.py, radius(k))).join(""));
      tree = d3.quadtree().x((k) => k.px).y((k) => k.py).addAll(shown);
      drawRing();
    }
    function drawRing() {
      const k = at < 0 ? null : data.kernels[at];
      ring.attr("d", k && !hidden.has(k.family)
        ? outline(data.families[k.family], x(k.x), y(k.y), radius(k) + 3) : null);
    }
    function draw() {
      drawAxes();
      drawRoofs();
      drawMarks();
    }
    function point(k) {
      at = k ? data.kernels.indexOf(k) : -1;
      drawRing();
      hooks.say(k ? sentence(k.label, k.facts()) : "");
    }

    const zoom = d3.zoom().scaleExtent([1, 60])
      .translateExtent([[0, 0], [width, height]])
      // The wheel scrolls the page unless Ctrl is held, as on maps.
      .filter(() => {
        const e = d3.event || {};
        return e.type !== "wheel" || e.ctrlKey || e.metaKey;
      })
      .on("zoom", (e) => {
        const t = (e && e.transform) || d3.event.transform;
        x = t.rescaleX(x0);
        y = t.rescaleY(y0);
        draw();
      });
    svg.call(zoom).on("dblclick.zoom", null);

    function nearest(event) {
      const box = svg.node().getBoundingClientRect();
      const scale = width / box.width;
      const px = (event.clientX - box.left) * scale, py = (event.clientY - box.top) * scale;
      return tree && tree.find(px, py, 40 * scale);
    }
    const node = svg.node();
    node.addEventListener("pointermove", (event) => {
      const k = nearest(event);
      if (!k) {
        hideTip();
        return;
      }
      point(k);
      showTip(k.label, k.facts(), event.clientX, event.clientY);
    });
    node.addEventListener("pointerleave", hideTip);
    node.addEventListener("click", (event) => {
      const k = nearest(event);
      if (k) hooks.choose(k);
    });
    container.onkeydown = (event) => {
      const list = visible();
      const now = list.indexOf(data.kernels[at]);
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step && list.length) {
        point(list[(now + step + list.length) % list.length]);
      } else if (event.key === "Enter" && at >= 0) {
        hooks.choose(data.kernels[at]);
      } else if (event.key === "+" || event.key === "-") {
        zoomBy(event.key === "+" ? 1.6 : 1 / 1.6);
      } else {
        return;
      }
      event.preventDefault();
    };
    function zoomBy(factor) {
      svg.call(zoom.scaleBy, factor);
    }
    draw();
    return {
      zoomBy,
      reset: () => svg.call(zoom.transform, d3.zoomIdentity),
      mark: (id) => {
        at = data.kernels.findIndex((k) => k.id === id);
        drawRing();
      },
      toggle: (family) => {
        if (!hidden.delete(family)) hidden.add(family);
        drawMarks();
        return !hidden.has(family);
      },
    };
  }

  // ---- Tree of modules ------------------------------------------------------------------------------

  // `root`: {name, value, family, children, node}, children largest first; leaves have `node`.
  function tree(container, root, hooks) {
    const levels = 5, rowHeight = 40;
    let focus = root, current = root, cells = [];
    const parents = new Map();
    (function link(n) {
      for (const child of n.children || []) {
        parents.set(child, n);
        link(child);
      }
    })(root);

    function pathOf(n) {
      const parts = [];
      for (let p = n; p && p !== root; p = parents.get(p)) parts.unshift(p.name);
      return parts.join("/") || root.name;
    }
    function facts(n) {
      const list = [[hooks.measure(), hooks.show(n.value) + " (" + format.percent(n.value / root.value) + " %)"]];
      list.push(["operators", String(n.count)], ["mostly", hooks.family(n.family)]);
      return list;
    }
    function lay(n, left, right, depth) {
      cells.push({ n, left, right, depth });
      if (depth === levels || !n.children || n.value <= 0) return;
      let x = left;
      for (const child of n.children) {
        const w = (right - left) * child.value / n.value;
        if (w >= 0.6) lay(child, x, x + w, depth + 1);
        x += w;
      }
    }
    function draw() {
      const { svg, width } = canvas(container, 1);
      cells = [];
      lay(focus, 0, width, 0);
      const height = rowHeight * (1 + d3.max(cells, (c) => c.depth));
      svg.attr("viewBox", "0 0 " + width + " " + height);
      const g = svg.selectAll("g").data(cells).join("g")
        .attr("transform", (c) => "translate(" + c.left.toFixed(2) + "," + c.depth * rowHeight + ")");
      g.append("rect").attr("class", (c) => (c.right - c.left < 3 ? "cell thin" : "cell")).attr("width", (c) => Math.max(0.5, c.right - c.left))
        .attr("height", rowHeight - 1).attr("fill", (c) => "var(--f" + c.n.family + ")")
        .attr("fill-opacity", (c) => (c.n.children ? 0.3 : 0.85));
      const wide = g.filter((c) => c.right - c.left > 34);
      const fit = (c, text) => {
        const letters = Math.floor((c.right - c.left - 10) / 6.7);
        return text.length <= letters ? text : letters < 4 ? "" : text.slice(0, letters - 2) + "..";
      };
      wide.append("text").attr("class", (c) => (c.n.children ? "" : "leaf")).attr("x", 6).attr("y", 17)
        .text((c) => fit(c, c.depth === 0 && c.n !== root ? "\u2190 " + pathOf(c.n) : c.n.name));
      wide.append("text").attr("class", (c) => (c.n.children ? "dim" : "leaf")).attr("x", 6).attr("y", 32)
        .text((c) => fit(c, hooks.show(c.n.value) + ", " + format.percent(c.n.value / root.value) + " %"));
      g.on("pointermove", function () {
        const c = d3.select(this).datum(), event = window.event;
        showTip(pathOf(c.n), facts(c.n), event.clientX, event.clientY);
      }).on("pointerleave", hideTip).on("click", function () {
        open(d3.select(this).datum().n);
      });
      highlight();
    }
    function highlight() {
      d3.select(container).selectAll("rect.cell")
        .classed("on", (c) => c.n === current && document.activeElement === container);
    }
    function open(n) {
      hideTip();
      if (n.node !== undefined) {
        hooks.choose(n.node);
        return;
      }
      focus = n === focus ? parents.get(n) || root : n;
      current = focus;
      draw();
      say();
    }
    function say() {
      hooks.say(sentence(pathOf(current), facts(current)));
    }
    container.onfocus = container.onblur = highlight;
    container.onkeydown = (event) => {
      const up = parents.get(current);
      const siblings = current === focus || !up ? [current] : up.children;
      const i = siblings.indexOf(current);
      const next = {
        ArrowRight: siblings[i + 1], ArrowLeft: siblings[i - 1],
        ArrowDown: current.children && current.children[0],
        ArrowUp: current === focus ? null : up,
      }[event.key];
      if (next && cells.some((c) => c.n === next)) {
        current = next;
        highlight();
        say();
      } else if (event.key === "Enter" && current !== focus) {
        open(current);
      } else if (event.key === "Backspace" && focus !== root) {
        open(focus);
      } else if (!event.key.startsWith("Arrow")) {
        return;
      }
      event.preventDefault();
    };
    draw();
    return { draw };
  }

  // ---- Memory over the schedule ---------------------------------------------------------------------

  // `steps`: {node, bytes}; `base`: bytes that lie below all the time (weights), or null.
  function memory(container, steps, base, capacity, hooks) {
    const { svg, width, height } = canvas(container, 300);
    const frame = { left: 70, top: 14, right: width - 14, bottom: height - 40 };
    const peak = d3.max(steps, (s) => s.bytes || 0);
    // Weights that dwarf the activations would leave nothing of them to see.
    const below = base;
    if (base > 2 * peak) base = 0;
    const showCapacity = capacity && base === below && capacity < 3 * (base + peak);
    const x = d3.scaleLinear().domain([0, Math.max(1, steps.length)]).range([frame.left, frame.right]);
    const y = d3.scaleLinear().domain([0, 1.08 * Math.max(base + peak, showCapacity ? capacity : 0) || 1])
      .range([frame.bottom, frame.top]);
    axisLeft(svg, frame, y);
    svg.append("text").attr("x", (frame.left + frame.right) / 2).attr("y", height - 4)
      .attr("text-anchor", "middle").text("operators in the order in which they run");
    // Steps, not slopes: bytes hold while an operator runs. Unknown sizes leave a gap.
    const known = steps.map((s, i) => ({ i, bytes: s.bytes })).filter((s) => s.bytes !== null);
    const outlineOf = (top) => known.map((s) =>
      "M" + x(s.i).toFixed(1) + "," + y(base).toFixed(1) + "V" + y(top(s)).toFixed(1) + "H" +
      x(s.i + 1).toFixed(1) + "V" + y(base).toFixed(1) + "z").join("");
    if (base) {
      svg.append("rect").attr("class", "base").attr("x", frame.left).attr("y", y(base))
        .attr("width", frame.right - frame.left).attr("height", frame.bottom - y(base));
      svg.append("text").attr("class", "halo").attr("x", frame.left + 8).attr("y", y(base / 2) + 4)
        .text("weights " + format.bytes(base));
    }
    svg.append("path").attr("class", "area").attr("d", outlineOf((s) => base + s.bytes));
    if (showCapacity) {
      svg.append("path").attr("class", "limit").attr("d", "M" + frame.left + "," + y(capacity) + "H" + frame.right);
      svg.append("text").attr("class", "halo").attr("x", frame.right - 6).attr("y", y(capacity) - 5)
        .attr("text-anchor", "end").text("capacity " + format.capacity(capacity));
    }
    const top = known.find((s) => s.bytes === peak);
    if (top) {
      const right = x(top.i) < (frame.left + frame.right) / 2;
      svg.append("circle").attr("r", 4).attr("cx", x(top.i + 0.5)).attr("cy", y(base + peak)).attr("fill", "var(--ink)");
      svg.append("text").attr("class", "halo").attr("x", x(top.i + 0.5) + (right ? 9 : -9)).attr("y", y(base + peak) - 3)
        .attr("text-anchor", right ? "start" : "end").text("peak of activations " + format.bytes(peak));
    }
    const cursor = svg.append("path").attr("class", "ring");
    let at = -1;
    function point(i) {
      at = i;
      cursor.attr("d", "M" + x(i + 0.5) + "," + frame.top + "V" + frame.bottom);
      hooks.say(sentence(hooks.label(steps[i].node), facts(i)));
    }
    function facts(i) {
      const bytes = steps[i].bytes;
      return [["step", i + 1 + " of " + steps.length],
        ["live activations", bytes === null ? "unknown" : format.bytes(bytes)]];
    }
    const node = svg.node();
    node.addEventListener("pointermove", (event) => {
      const box = node.getBoundingClientRect();
      const i = Math.floor(x.invert((event.clientX - box.left) * width / box.width));
      if (i < 0 || i >= steps.length) {
        hideTip();
        return;
      }
      point(i);
      showTip(hooks.label(steps[i].node), facts(i), event.clientX, event.clientY);
    });
    node.addEventListener("pointerleave", hideTip);
    node.addEventListener("click", () => at >= 0 && hooks.choose(steps[at].node));
    container.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) point(Math.max(0, Math.min(steps.length - 1, at + step)));
      else if (event.key === "Enter" && at >= 0) hooks.choose(steps[at].node);
      else return;
      event.preventDefault();
    };
  }
  function axisLeft(svg, frame, y) {
    for (const v of y.ticks(5)) {
      svg.append("path").attr("class", "grid").attr("d", "M" + frame.left + "," + y(v) + "H" + frame.right);
      svg.append("text").attr("class", "dim").attr("x", frame.left - 8).attr("y", y(v) + 4)
        .attr("text-anchor", "end").text(v === 0 ? "0" : format.bytes(v).replace(/\.0+ /, " "));
    }
    svg.append("path").attr("class", "frame").attr("d", "M" + frame.left + "," + frame.top + "V" + frame.bottom + "H" + frame.right);
  }

  // ---- Growth of the KV cache -----------------------------------------------------------------------

  // `kv`: {tokens, perToken, slope, rest, capacity, fit}: tokens now, bytes of the cache and of all memory
  // for each more, the memory that does not grow, and the tokens that fill the capacity.
  function growth(container, kv) {
    const { svg, width, height } = canvas(container, 280);
    const frame = { left: 76, top: 16, right: width - 20, bottom: height - 42 };
    const last = kv.fit && kv.fit > 0 ? Math.max(1.15 * kv.fit, 1.5 * kv.tokens) : 4 * Math.max(kv.tokens, 256);
    const all = (n) => kv.rest + n * kv.slope;
    const x = d3.scaleLinear().domain([0, last]).range([frame.left, frame.right]);
    const y = d3.scaleLinear().domain([0, 1.08 * Math.max(all(last), kv.capacity || 0)]).range([frame.bottom, frame.top]);
    axisLeft(svg, frame, y);
    for (const v of x.ticks(width < 600 ? 4 : 8)) {
      svg.append("text").attr("class", "dim").attr("x", x(v)).attr("y", frame.bottom + 16)
        .attr("text-anchor", "middle").text(tick(v));
    }
    svg.append("text").attr("x", (frame.left + frame.right) / 2).attr("y", height - 6)
      .attr("text-anchor", "middle").text("tokens in the cache of every sequence");
    const line = (f) => "M" + [0, last].map((n) => x(n) + "," + y(f(n))).join("L");
    svg.append("path").attr("class", "stroke").attr("d", line((n) => n * kv.perToken));
    svg.append("path").attr("class", "stroke2").attr("d", line(all));
    const label = (f, text, above) => svg.append("text").attr("class", "halo").attr("x", x(0.62 * last))
      .attr("y", y(f(0.62 * last)) + (above ? -10 : 20)).attr("text-anchor", "end").text(text);
    label(all, "all memory", true);
    label((n) => n * kv.perToken, "KV cache", false).attr("text-anchor", "start");
    if (kv.capacity) {
      svg.append("path").attr("class", "limit").attr("d", "M" + frame.left + "," + y(kv.capacity) + "H" + frame.right);
      svg.append("text").attr("class", "halo").attr("x", frame.left + 8).attr("y", y(kv.capacity) - 6)
        .text("capacity " + format.capacity(kv.capacity));
    }
    const dot = (n, text) => {
      svg.append("circle").attr("r", 4).attr("cx", x(n)).attr("cy", y(all(n))).attr("fill", "var(--ink)");
      svg.append("text").attr("class", "halo").attr("x", x(n) + 8).attr("y", y(all(n)) + 16).text(text);
    };
    dot(kv.tokens, "now: " + format.exact(Math.round(kv.tokens)));
    if (kv.fit && kv.fit > kv.tokens) dot(kv.fit, "full: " + format.exact(Math.floor(kv.fit)));
  }

  return { roofline, tree, memory, growth, outline, make, makeFacts, fillName };
})();
