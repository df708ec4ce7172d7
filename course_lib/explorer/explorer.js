// Explorers: the reader chooses among runs, and panels.js draws them.
// On a page, a <course-explorer> element holds all runs (packing.py wrote them); in a notebook, live() asks Python.
//
// unpacking → the explorer → two faces
var courseExplorer = (() => {
  "use strict";
  const { address, button, card, choice, clamp, copyButton, define, errorLine, html, isPage, line, lookFor, nearest, range, slider,
    slug, spokenLine, svg, text, toggle } = courseElement;
  const CONTROLS = { slider, choice, text, switch: toggle };

  // ------------------------------------------------------------------------------- unpacking: see packing.py
  async function unpack(bytes) {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("This browser is too old to unpack the runs. The picture shows one of them.");
    }
    const stream = new Response(bytes).body.pipeThrough(new DecompressionStream("deflate"));
    const raw = new Uint8Array(await new Response(stream).arrayBuffer());
    const length = new DataView(raw.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
    const cells = range(header.count).map(() => ({}));
    let offset = 4 + length;
    for (const [key, column] of Object.entries(header.keys)) {
      let values = column.text;
      if (!values) {
        const sizes = column.arrays.map(([, , , ...shape]) => shape.reduce((a, b) => a * b, 1));
        const total = sizes.reduce((a, b) => a + b, 0);
        let first = offset;
        values = column.arrays.map((head, i) => {
          const array = decode(raw, first, total, sizes[i], column.bits, head);
          first += sizes[i];
          return array;
        });
        offset += total * column.bits / 8;
      }
      column.at.forEach((index, i) => { if (index >= 0) cells[i][key] = values[index]; });
    }
    return { spec: header.spec, cells };
  }

  function decode(raw, first, total, size, bits, [low, high, log, ...shape]) {
    const top = 2 ** bits - 5, mask = 2 ** bits - 1, special = [0, -Infinity, Infinity, NaN];
    const a = log ? Math.log(low) : low, b = log ? Math.log(high) : high, step = (b / 2 - a / 2) / top;
    const out = new Float64Array(size);
    for (let i = 0, code = 0; i < size; i++) {
      const change = bits === 16 ? raw[first + i] << 8 | raw[first + total + i] : raw[first + i];
      code = (code + change) & mask;
      const value = clamp((a / 2 + Math.min(code, top) * step) * 2, a, b);
      out[i] = code > top ? special[code - top - 1] : log ? Math.exp(value) : value;
    }
    out.shape = shape;
    return out;
  }

  // --------------------------------------------------------------------------------------------- the explorer
  // root: where; book: what unpack() gave; ask(values): a promise of {cell, limits}, where Python is there to answer.
  // Returns a function that takes the explorer down.
  function mount(root, { spec, cells: [constants, ...cells] }, ask) {
    const page = isPage(ask);
    const runs = new Map(cells.map((cell, i) => [JSON.stringify(spec.runs[i]), cell]));
    let values = [...spec.start], shown = null, kept = null, running = false;
    const timers = {};
    const later = (name, wait, act) => { clearTimeout(timers[name]); timers[name] = setTimeout(act, wait); };
    const onOff = (value) => (typeof value === "boolean" ? (value ? "on" : "off") : value);
    const describe = () => spec.controls.map(({ name }, i) => `${name} ${onOff(values[i])}`).join(", ");

    // What it is made of
    const inputs = spec.controls.map((control, i) =>
      CONTROLS[control.kind](control, (value) => { values[i] = value; moved(true); }, !!ask));
    const alert = errorLine(), summary = line("summary"), note = line("note"), status = line("status"), spoken = spokenLine();
    const views = spec.panels.map((panel) => {
      const legend = html("div", { class: "ce-legend" }), plot = html("div", { class: "ce-plot" });
      const view = { panel, legend, plot, probe: html("div", { class: "ce-probe", "aria-hidden": "true" }) };
      for (const kind of ["pointermove", "pointerdown"]) plot.addEventListener(kind, (event) => point(view, event));
      plot.addEventListener("pointerleave", () => point(view, null));
      return view;
    });
    const panels = html("div", { class: `ce-panels${[2, 4].includes(views.length) ? " ce-pairs" : ""}` },
      ...views.map(({ panel, legend, plot }) =>
        html("figure", { class: "ce-panel" }, html("figcaption", {}, panel.title), legend, plot)));
    const python = (v) => (typeof v === "boolean" ? (v ? "True" : "False") : JSON.stringify(v));
    const place = address(root, () => spec.controls.map(({ name }, i) => [name, values[i]]), take);
    const settings = () => spec.controls.map(({ name }, i) => `${name.replace(/ /g, "_")}=${python(values[i])}`).join(", ");
    const buttons = [button("Reset", () => { values = [...spec.start]; moved(true); }),
      page ? copyButton("Copy link", place.href, status, spoken) : copyButton("Copy settings", settings, status, spoken)];
    if (spec.panels.some((panel) => panel.kind === "lines")) buttons.push(button("Keep for comparison", keep));

    const close = card(root, spec.title, html("div", { class: "ce-controls" }, ...inputs.map((input) => input.node)), alert, panels,
      summary, note, status, lookFor(spec.lookFor), html("div", { class: "ce-footer" }, ...buttons), spoken);
    const observer = new ResizeObserver(() => {
      if (views.some((view) => Math.floor(view.plot.clientWidth) !== view.width)) redraw();
    });
    observer.observe(panels);

    // Showing a run
    function redraw() {
      if (!shown) return;
      const get = (key) => shown.cell[key] ?? constants[key];
      const old = kept && kept.cell !== shown.cell ? (key) => kept.cell[key] ?? constants[key] : null;
      views.forEach((view, i) => {
        const width = Math.floor(view.plot.clientWidth), { kind, title } = view.panel;
        if (!width) return; // not visible yet: the observer comes back
        const drawn = coursePanels[kind](view.panel, get, spec.limits[i], width, old);
        drawn.root.setAttribute("aria-label", [title, drawn.text].filter(Boolean).join(": ") || spec.title);
        Object.assign(view, { width, drawn });
        view.legend.replaceChildren(...(drawn.legend || []));
        view.plot.replaceChildren(...[drawn.canvas, drawn.root, view.probe].filter(Boolean));
        view.probe.textContent = "";
      });
      panels.classList.toggle("ce-legends", views.some((view) => view.legend.childElementCount));
    }

    function point(view, event) { // say what lies under the pointer
      view.cross?.remove();
      view.probe.textContent = "";
      if (!event || !view.drawn?.probe) return;
      const box = view.drawn.root.getBoundingClientRect(), zoom = view.width / box.width;
      const x = (event.clientX - box.left) * zoom, found = view.drawn.probe(x, (event.clientY - box.top) * zoom);
      if (!found) return;
      view.probe.textContent = found.text;
      view.probe.classList.toggle("ce-left", x > view.width / 2); // never under the pointer
      if (!found.line) return;
      view.cross = svg("g", {}, svg("line", { ...found.line, class: "ce-axis" }),
        ...found.dots.map((cy) => svg("circle", { class: "ce-dot", cx: found.line.x1, cy, r: 4 })));
      view.drawn.root.append(view.cross);
    }

    function show(cell) {
      shown = { cell, text: describe() };
      root.classList.remove("ce-stale");
      alert.textContent = status.textContent = "";
      summary.textContent = cell["#summary"] || "";
      note.textContent = cell["#note"] || "";
      redraw();
      later("speech", 700, () => { spoken.textContent = `${shown.text}. ${cell["#summary"] || ""}`; }); // once a drag
    }

    function fail(text) {
      root.classList.add("ce-stale");
      alert.textContent = text;
    }

    // Choosing a run
    function moved(byReader) {
      inputs.forEach((input, i) => input.show(values[i]));
      const cell = runs.get(JSON.stringify(values));
      if (cell) show(cell);
      else if (ask) request();
      else fail("This page holds only the starting setting.");
      if (page && byReader) place.write();
    }

    async function request() { // one run at a time; meanwhile only the latest wish is remembered
      if (running) return;
      running = true;
      const wish = [...values], name = JSON.stringify(wish);
      later("busy", 150, () => {
        root.classList.add("ce-busy");
        root.setAttribute("aria-busy", "true");
        status.textContent = "Running…";
      });
      later("late", 10000, () => {
        status.textContent = "Still waiting for Python. If another cell is running, this one follows; " +
          "if the kernel was stopped, run this cell again.";
      });
      let failure = "";
      try {
        const { cell, limits } = await ask(wish);
        runs.set(name, cell);
        spec.limits = limits;
      } catch (error) {
        failure = error.message;
      }
      clearTimeout(timers.busy);
      clearTimeout(timers.late);
      running = false;
      root.classList.remove("ce-busy");
      root.removeAttribute("aria-busy");
      status.textContent = "";
      if (JSON.stringify(values) !== name) moved(false);
      else if (failure) fail(failure);
      else show(runs.get(name));
    }

    function keep(node) {
      kept = kept ? null : shown;
      node.setAttribute("aria-pressed", String(!!kept));
      node.textContent = kept ? `Kept: ${kept.text} ✕` : "Keep for comparison";
      redraw();
    }

    function take(pairs) { // the nearest setting there is; what is unknown is left out
      values = [...spec.start];
      for (const [key, raw] of pairs) {
        const i = spec.controls.findIndex((control) => slug(control.name) === key), said = raw.trim();
        if (i < 0) continue;
        const { kind, values: known } = spec.controls[i];
        if (kind === "slider" && said && Number.isFinite(+said)) values[i] = known[nearest(known, +said)];
        if (kind === "switch" && ["true", "false"].includes(said)) values[i] = said === "true";
        if (["choice", "text"].includes(kind)) values[i] = known.find((v) => slug(v) === slug(said)) ?? values[i];
      }
      moved(false);
    }

    moved(false);
    if (page) place.listen();
    return () => {
      observer.disconnect();
      close();
      place.stop();
      Object.values(timers).forEach(clearTimeout);
    };
  }

  // --------------------------------------------------------------------------------------------- the two faces
  const bytesOf = (packed) => Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  define("course-explorer", async (root, { packed }) => mount(root, await unpack(bytesOf(packed))));

  // For anywidget: the same drawing, each new setting answered by Python (see live.py).
  async function live({ model, el }) {
    const waiting = new Map(), view = Math.random().toString(36).slice(2), root = html("div");
    let sent = 0;
    el.append(root);
    const hear = async ({ id, error }, buffers) => {
      const wish = waiting.get(id);
      if (!wish) return; // another view's
      waiting.delete(id);
      try {
        if (error) throw new Error(error);
        const { spec, cells } = await unpack(buffers[0]);
        wish.resolve({ cell: cells[0], limits: spec.limits });
      } catch (failure) {
        wish.reject(failure);
      }
    };
    const ask = (values) => new Promise((resolve, reject) => {
      const id = `${view}-${++sent}`;
      waiting.set(id, { resolve, reject });
      model.send({ id, values });
    });
    model.on("msg:custom", hear);
    const stop = mount(root, await unpack(model.get("payload")), ask);
    return () => { stop(); model.off("msg:custom", hear); };
  }

  return { live, mount, unpack };
})();
