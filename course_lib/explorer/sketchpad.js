// "Draw, and it continues": a recurrent network in the page, from stored weights. No dependency, no network request.
// The reader draws with mouse or finger, or chooses a beginning; the network (sketch.py) goes on, several times.
//
// random numbers → strokes → the network → the mixture → drawing → the element
var courseSketchpad = (() => {
  "use strict";
  const { button, card, define, field, html, line, live: liveWith, lookFor, spokenLine, svg } = courseElement;

  // ---------------------------------------------------------------- random numbers that can be repeated (mulberry32)
  function generator(seed) {
    const uniform = () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return { uniform, normal };
  }

  // ------------------------------------------------------------------------------------------------------- strokes
  const [DOWN, LIFT, END] = [0, 1, 2];

  // Walk along a line and leave a mark whenever the last one is exactly one step away (sketch.resample).
  function resample(points) {
    const marks = [points[0]], far = ([x, y], [u, v]) => Math.hypot(x - u, y - v);
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1], points[i]], d = [b[0] - a[0], b[1] - a[1]], dd = d[0] ** 2 + d[1] ** 2;
      for (let mark = marks.at(-1); far(mark, b) >= 1; mark = marks.at(-1)) {
        const e = [a[0] - mark[0], a[1] - mark[1]], p = (d[0] * e[0] + d[1] * e[1]) / dd;
        const q = (e[0] ** 2 + e[1] ** 2 - 1) / dd, t = Math.sqrt(Math.max(p * p - q, 0)) - p;
        marks.push([a[0] + t * d[0], a[1] + t * d[1]]);
      }
    }
    return marks;
  }

  const toMoves = (marks) => marks.slice(1).map(([x, y], i) => [x - marks[i][0], y - marks[i][1], DOWN]);

  function toLines(moves, [x, y]) { // a new line wherever the pen was lifted
    const lines = [[[x, y]]];
    let lifted = false;
    for (const [dx, dy, pen] of moves) {
      [x, y] = [x + dx, y + dy];
      if (lifted) lines.push([]);
      lines.at(-1).push([x, y]);
      lifted = pen === LIFT;
    }
    return lines;
  }

  // --------------------------------------------------------------------------------------------------- the network
  const sigmoid = (a) => 1 / (1 + Math.exp(-a));

  // Stored are whole numbers of 8 or 16 bits and, for each part of an array, the step between them (quantize).
  function unpack({ parts, weights }) {
    const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0)), view = new DataView(bytes.buffer);
    const model = {};
    let at = 0;
    for (const { name, rows, columns, bits, scale } of parts) {
      const next = () => {
        at += bits / 8;
        return scale * (bits === 8 ? view.getInt8(at - 1) : view.getInt16(at - 2, true));
      };
      const matrix = Array.from({ length: rows }, () => Array.from({ length: columns }, next));
      model[name] = [...(model[name] || []), ...matrix];
    }
    return model;
  }

  const product = (matrix, [bias], x) =>
    matrix.map((row, i) => row.reduce((sum, weight, j) => sum + weight * x[j], bias[i]));

  // h' = (1 - z) n + z h, with gates r and z and the candidate n (nn.GRU, PyTorch's form).
  function gru(model, h, [dx, dy, pen]) {
    const H = h.length, x = [dx, dy, +(pen === DOWN), +(pen === LIFT), +(pen === END)];
    const a = product(model.weight_ih, model.bias_ih, x), u = product(model.weight_hh, model.bias_hh, h);
    return h.map((old, i) => {
      const r = sigmoid(a[i] + u[i]), z = sigmoid(a[H + i] + u[H + i]);
      const n = Math.tanh(a[2 * H + i] + r * u[2 * H + i]);
      return n + z * (old - n);
    });
  }

  function read(model, moves) { // the state after a pen put down and these moves
    const h = Array(model.weight_hh[0].length).fill(0);
    return moves.reduce((state, move) => gru(model, state, move), gru(model, h, [0, 0, DOWN]));
  }

  // --------------------------------------------------------------------------------------------------- the mixture
  function softmax(scores, temperature = 1) {
    const top = Math.max(...scores), e = scores.map((s) => Math.exp((s - top) / temperature));
    const total = e.reduce((a, b) => a + b);
    return e.map((v) => v / total);
  }

  // What the network expects next: M Gaussians and the pen (sketch.mixture).
  function mixture(model, h, temperature) {
    const out = product(model.weight, model.bias, h), M = (out.length - 3) / 6, part = (k) => out.slice(k * M, (k + 1) * M);
    const [weight, mx, my, sx, sy, r] = [0, 1, 2, 3, 4, 5].map(part), wide = Math.sqrt(temperature);
    return {
      weight: softmax(weight, temperature), pen: softmax(out.slice(6 * M)),
      mean: mx.map((x, m) => [x, my[m]]), rho: r.map((v) => model.rhoMax * Math.tanh(v)),
      sigma: sx.map((s, m) => [s, sy[m]].map((v) => (model.sigmaMin + Math.exp(v)) * wide)),
    };
  }

  function sample({ weight, mean, sigma, rho, pen }, random) { // first which Gaussian, then where in it; and the pen
    const pick = (chances) => {
      let left = random.uniform();
      return Math.max(chances.findIndex((chance) => (left -= chance) < 0), 0);
    };
    const m = pick(weight), a = random.normal(), b = rho[m] * a + Math.sqrt(1 - rho[m] ** 2) * random.normal();
    return [mean[m][0] + sigma[m][0] * a, mean[m][1] + sigma[m][1] * b, pick(pen)];
  }

  function proceed(model, h, temperature, random, longest = 80) {
    const moves = [];
    while (moves.length < longest && moves.at(-1)?.[2] !== END) {
      moves.push(sample(mixture(model, h, temperature), random));
      h = gru(model, h, moves.at(-1));
    }
    return moves;
  }

  // ------------------------------------------------------------------------------------------------------- drawing
  const WIDE = 40, HIGH = 27; // the paper, in steps
  const colour = (i) => `var(--ce-${i % 7 + 1})`;
  const hundredths = (v) => Math.round(v * 100) / 100;
  const path = (lines) => lines.filter((line) => line.length > 1)
    .map((line) => "M" + line.map((place) => place.map(hundredths).join(" ")).join("L")).join("");
  const ink = (d, stroke, width, more = {}) => svg("path", { d, stroke, fill: "none", "stroke-width": width,
    "stroke-linejoin": "round", "stroke-linecap": "round", ...more });
  // --------------------------------------------------------------------------------------------------- the element
  // root: where; book: what sketchpad.py wrote. Returns a function that takes the pad down.
  function mount(root, book) {
    const model = Object.assign(unpack(book), { sigmaMin: book.sigmaMin, rhoMax: book.rhoMax });
    const starts = Object.entries(book.starts), temperatures = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4];
    let points = [], drawing = false, seed = 1, shown = [], frame = 0;

    const start = field("a beginning", html("select", {}, html("option", { value: "" }, "drawn by you"),
      ...starts.map(([name]) => html("option", { value: name }, name))));
    const warm = field("temperature", html("input", { type: "range", min: 0, max: temperatures.length - 1, step: 1, value: 3 }));
    const many = field("continuations", html("input", { type: "range", min: 1, max: 6, step: 1, value: 5 }));
    const temperature = () => temperatures[+warm.input.value];
    const box = "display:block;width:100%;overflow:hidden;border:1px solid var(--ce-line);border-radius:8px;";
    const paper = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", class: "cs-paper",
      style: `${box}touch-action:none;cursor:crosshair;user-select:none` });
    const each = html("div", { class: "cs-each", style: "display:grid;grid-template-columns:repeat(3,1fr);gap:.4rem" });
    const next = svg("svg", { viewBox: "-1.75 -1.6 3.5 3.2", role: "img", class: "cs-next", style: `${box}max-width:17rem` });
    const summary = line("summary"), note = line("note"), spoken = spokenLine();
    const panel = (title, content, style = "") => html("figure", { class: "ce-panel", style },
      html("figcaption", {}, title), html("div", { class: "ce-plot" }, content));

    const close = card(root, book.title, html("div", { class: "ce-controls" }, start.node, warm.node, many.node),
      html("div", { class: "ce-panels" },
        panel("Draw here: press, draw the beginning of a shape, lift", paper, "grid-column:1/-1"),
        panel("Each way to go on", each), panel("Where the pen goes next", next)),
      summary, note, lookFor(book.lookFor),
      html("div", { class: "ce-footer" }, button("Again", () => { seed += 1; proceedAll(); }), button("Clear", clear)), spoken);

    // Drawing with a pointer; one unit of the paper is one step
    function place(event) {
      const frame = paper.getBoundingClientRect();
      return [(event.clientX - frame.left) / frame.width * WIDE, (event.clientY - frame.top) / frame.height * HIGH];
    }
    paper.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button) return;
      event.preventDefault();
      paper.setPointerCapture(event.pointerId);
      [points, drawing, shown, start.input.value] = [[place(event)], true, [], ""];
      summary.textContent = "You draw, the network reads.";
      redraw();
    });
    paper.addEventListener("pointermove", (event) => {
      if (!drawing || !event.isPrimary) return;
      const passed = event.getCoalescedEvents?.() || [];
      points.push(...(passed.length ? passed : [event]).map(place));
      redraw();
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      paper.addEventListener(kind, (event) => {
        if (!drawing || !event.isPrimary) return;
        drawing = false;
        proceedAll();
      });
    }

    // Going on
    function proceedAll() {
      const marks = points.length ? resample(points) : [], moves = toMoves(marks), random = generator(seed);
      shown = [];
      if (moves.length >= 2) {
        const h = read(model, moves);
        shown = Array.from({ length: +many.input.value }, () => proceed(model, h, temperature(), random));
      }
      say(marks, moves);
      if (!shown.length || matchMedia("(prefers-reduced-motion: reduce)").matches) redraw();
      else animate(performance.now());
    }

    function animate(begun) { // 60 moves a second, all continuations at once
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame((now) => {
        const upTo = Math.ceil((now - begun) * 0.06);
        redraw(upTo);
        if (upTo < 80) animate(begun);
      });
    }

    function clear() {
      [points, shown, seed, start.input.value] = [[], [], 1, ""];
      say([], []);
      redraw();
    }

    function redraw(upTo = Infinity) {
      if (upTo === Infinity) cancelAnimationFrame(frame);
      warm.value.textContent = temperature();
      many.value.textContent = many.input.value;
      const marks = points.length ? resample(points) : [], own = path([drawing ? points : marks]);
      const ways = shown.map((moves) => path(toLines(moves.slice(0, upTo), marks.at(-1))));
      paper.replaceChildren(...ways.map((d, i) => ink(d, colour(i), 0.22, { "stroke-opacity": 0.8 })),
        ink(own, "var(--ce-ink)", 0.34));
      paper.setAttribute("aria-label", points.length ? `A line of ${marks.length - 1} steps and ${ways.length} continuations`
        : "Empty paper: draw here, or choose a beginning above");
      each.replaceChildren(...ways.map((d, i) => svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", style: box,
        "aria-label": `Continuation ${i + 1}: ${shown[i].length} moves` },
      ink(own, "var(--ce-ink)", 0.9), ink(d, colour(i), 0.9))));
      drawNext(toMoves(marks));
    }

    // The Gaussians, each two standard deviations wide, around the pen; how the pen came there; one step all around.
    function drawNext(moves) {
      const last = toLines(moves.slice(-3).reverse().map(([dx, dy]) => [-dx, -dy, DOWN]), [0, 0]);
      const mix = mixture(model, read(model, moves), temperature()), strongest = Math.max(...mix.weight);
      next.replaceChildren(svg("circle", { r: 1, fill: "none", stroke: "var(--ce-line)", "stroke-width": 0.02 }),
        ink(path(last), "var(--ce-ink)", 0.06),
        ...mix.weight.map((weight, m) => {
          const [sx, sy] = mix.sigma[m], c = mix.rho[m] * sx * sy, half = (sx * sx - sy * sy) / 2;
          const mid = (sx * sx + sy * sy) / 2, off = Math.hypot(half, c), turn = Math.atan2(c, half) / 2 * 180 / Math.PI;
          return svg("ellipse", { rx: 2 * Math.sqrt(mid + off), ry: 2 * Math.sqrt(Math.max(mid - off, 0)),
            transform: `translate(${mix.mean[m].map(hundredths)}) rotate(${turn})`, "data-weight": weight,
            fill: "var(--ce-1)", "fill-opacity": hundredths(0.75 * Math.sqrt(weight)), stroke: "none" });
        }));
      const [down, lift, end] = mix.pen.map((p) => `${Math.round(100 * p)} %`);
      next.setAttribute("aria-label", `${mix.weight.length} Gaussians, the strongest with weight ${hundredths(strongest)}`);
      note.textContent = `The pen after the next move: stays down ${down}, is lifted ${lift}, finishes ${end}.`;
    }

    function say(marks, moves) {
      let text = "The paper is empty: draw the beginning of a shape, or choose one.";
      if (points.length) text = "Too short to go on: draw a little more.";
      if (shown.length) {
        const near = shown.filter((way) => toLines(way, marks.at(-1)).flat().slice(3)
          .some(([x, y]) => Math.hypot(x - marks[0][0], y - marks[0][1]) < 1.2));
        const lengths = shown.map((way) => way.length), low = Math.min(...lengths), high = Math.max(...lengths);
        const back = shown.length === 1 ? (near.length ? "It comes back" : "It does not come back")
          : `${near.length || "None"} of them come${near.length === 1 ? "s" : ""} back`;
        text = `After ${moves.length} moves, ${shown.length} continuation${shown.length > 1 ? "s" : ""} of ` +
          `${low === high ? low : `${low} to ${high}`} moves. ${back} to within a step of the beginning.`;
      }
      summary.textContent = spoken.textContent = text;
    }

    function begin() { // with a stored beginning
      const found = starts.find(([name]) => name === start.input.value);
      if (!found) return clear();
      points = found[1];
      proceedAll();
    }
    start.input.addEventListener("change", begin);
    for (const { input } of [warm, many]) input.addEventListener("input", proceedAll);
    start.input.value = starts[0][0];
    begin();
    return () => { cancelAnimationFrame(frame); close(); };
  }

  define("course-sketchpad", mount);
  return { generator, live: liveWith(mount), mixture, mount, proceed, read, resample, toMoves, unpack };
})();
