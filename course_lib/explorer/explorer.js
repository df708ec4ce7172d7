// Explorers: draws runs and lets the reader choose among them. No dependency, no network, no build step.
// On a page, a <course-explorer> element holds all runs (packing.py wrote them); in a notebook, live() asks Python.
//
// helpers → unpacking → scales and axes → series and colours → five panels → controls → explorer → two faces
var courseExplorer = (() => {
  "use strict";

  // ------------------------------------------------------------------------------------------- small helpers
  const maker = (space) => (tag, attributes = {}, ...children) => {
    const node = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== null) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== undefined && child !== null));
    return node;
  };
  const html = maker(""), svg = maker("http://www.w3.org/2000/svg");
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const round = (value) => Math.round(value * 10) / 10;
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const longest = (texts) => texts.reduce((most, text) => Math.max(most, text.length), 0);
  const slug = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}_.]+/gu, "-").replace(/^-+|-+$/g, "");
  let counter = 0; // for ids

  // 0.0012, 3.14, 12,000, 4×10⁻⁷: short, and never misleadingly exact.
  function short(value, digits = 3) {
    if (Number.isNaN(value)) return "undefined";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    if (size && (size < 1e-3 || size >= 1e6)) {
      const [mantissa, exponent] = value.toExponential(digits - 1).split("e").map(Number);
      const raised = String(exponent).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
      return `${mantissa === 1 ? "" : mantissa + "×"}10${raised}`.replace("-", "−");
    }
    const whole = Math.ceil(Math.log10(size + 1)); // digits before the point are never rounded away
    return grouped(+value.toPrecision(Math.max(digits, whole)), 6);
  }

  function grouped(value, decimals) {
    const options = { maximumFractionDigits: decimals, useGrouping: Math.abs(value) >= 1e4 };
    return value.toLocaleString("en-GB", options).replace("-", "−");
  }

  // ------------------------------------------------------------------------------- unpacking: see packing.py
  async function unpack(bytes) {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("This browser is too old to unpack the runs. The picture shows one of them.");
    }
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
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

  // ----------------------------------------------------------------------------------------- scales and axes
  function scale([low, high], from, to, log) {
    const f = log ? Math.log10 : (v) => v, a = f(low), k = (to - from) / (f(high) - a || 1);
    const map = (value) => from + (f(value) - a) * k;
    map.invert = (place) => (log ? 10 ** (a + (place - from) / k) : a + (place - from) / k);
    map.ticks = log ? logTicks(low, high) : ticks(low, high, clamp(Math.abs(to - from) / 45, 2.5, 7));
    return map;
  }

  // Steps of 1, 2 or 5 times a power of ten, as many as come closest to the wished count.
  function ticks(low, high, count) {
    const power = 10 ** Math.floor(Math.log10((high - low) / count));
    const far = (step) => Math.abs(Math.log((high - low) / step / count));
    const step = [1, 2, 5, 10].map((m) => m * power).reduce((best, s) => (far(s) < far(best) ? s : best));
    const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
    const values = range(Math.max(last - first + 1, 0)).map((i) => (first + i) * step);
    return values.map((value) => ({ value, text: tickText(value, step) }));
  }

  function tickText(value, step) {
    if (Math.abs(value) < step * 1e-6) return "0";
    if (step < 1e-4 || Math.abs(value) >= 1e6) return short(value);
    return grouped(value, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  }

  function logTicks(low, high) {
    const decades = Math.log10(high / low), stride = Math.ceil(decades / 7), out = [];
    const within = decades < 1 ? [1, 2, 3, 5, 7] : decades < 2.2 ? [1, 2, 5] : [1];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power++) {
      if (power % stride) continue;
      for (const m of within) {
        const value = m * 10 ** power, text = power < -3 || power > 5 ? short(value) : tickText(value, 10 ** power);
        if (value >= low * 0.999 && value <= high * 1.001) out.push({ value, text });
      }
    }
    return out;
  }

  const sheet = (width, height) => svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  const words = (x, y, text, more = {}) => svg("text", { x: round(x), y: round(y), ...more }, text);
  const MIDDLE = { "text-anchor": "middle" }, END = { "text-anchor": "end" };
  const SOFT = { class: "ce-soft" }, SOFT_MIDDLE = { ...SOFT, ...MIDDLE }, SOFT_END = { ...SOFT, ...END };

  // A drawing with its axes. The y axis' name stands above it, where it can be read without turning the head.
  function frame(width, height, { x, y, xLimits, yLimits, logX, logY, foot, right = 8, grid = true, xNumbers = true }) {
    const top = y ? 24 : 10, bottom = height - (foot ?? (xNumbers ? 22 : 6)) - (x ? 17 : 0);
    const sy = scale(yLimits, bottom, top, logY);
    const left = 12 + 6.8 * Math.max(2, longest(sy.ticks.map((tick) => tick.text)));
    const sx = scale(xLimits, left, width - right, logX);
    const root = sheet(width, height), id = `ce-clip-${++counter}`;
    root.append(svg("clipPath", { id },
      svg("rect", { x: left, y: top - 2, width: width - right - left, height: bottom - top + 4 })));
    for (const tick of sy.ticks) {
      const place = round(sy(tick.value));
      if (grid) root.append(svg("line", { class: "ce-grid", x1: left, x2: width - right, y1: place, y2: place }));
      root.append(words(left - 6, place + 4, tick.text, SOFT_END));
    }
    let free = -Infinity;
    for (const tick of xNumbers ? sx.ticks : []) {
      const half = tick.text.length * 3.4, at = round(sx(tick.value)), place = clamp(at, half, width - half);
      root.append(svg("line", { class: "ce-axis", x1: at, x2: at, y1: bottom, y2: bottom + 4 }));
      if (place - half < free) continue; // never one number over another
      free = place + half + 6;
      root.append(words(place, bottom + 17, tick.text, SOFT_MIDDLE));
    }
    if (xNumbers) root.append(svg("line", { class: "ce-axis", x1: left, x2: width - right, y1: bottom, y2: bottom }));
    if (x) root.append(words((left + width - right) / 2, height - 5, x, MIDDLE));
    if (y) root.append(words(2, 12, y));
    const plot = svg("g", { "clip-path": `url(#${id})` });
    root.append(plot);
    return { root, plot, sx, sy, box: { left, top, right: width - right, bottom } };
  }

  // -------------------------------------------------------------------------------------- series and colours
  const DASHES = [null, "7 4", "2 3", "9 3 2 3", "14 4", "1 4", "5 2 1 2 1 2"];
  const DOTTED = { "stroke-dasharray": "2 4" };
  const colour = (i) => `var(--ce-${i % 7 + 1})`;
  const polygon = (corners) => (x, y, r) =>
    "M" + corners.map(([a, b]) => `${round(x + a * r)} ${round(y + b * r)}`).join("L") + "z";
  const MARKERS = [ // circle, square, triangle, diamond, cross, plus, triangle upside down
    (x, y, r) => `M${round(x - r)} ${round(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    polygon([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]),
    polygon([[0, -1.2], [1.15, 0.9], [-1.15, 0.9]]),
    polygon([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]),
    polygon([[-1.2, -0.8], [-0.8, -1.2], [0, -0.4], [0.8, -1.2], [1.2, -0.8], [0.4, 0], [1.2, 0.8], [0.8, 1.2],
      [0, 0.4], [-0.8, 1.2], [-1.2, 0.8], [-0.4, 0]]),
    polygon([[-0.4, -1.3], [0.4, -1.3], [0.4, -0.4], [1.3, -0.4], [1.3, 0.4], [0.4, 0.4], [0.4, 1.3], [-0.4, 1.3],
      [-0.4, 0.4], [-1.3, 0.4], [-1.3, -0.4], [-0.4, -0.4]]),
    polygon([[0, 1.2], [1.15, -0.9], [-1.15, -0.9]]),
  ];
  const dots = (xs, ys, form, r) => // none far outside: browsers refuse paths with huge numbers
    xs.map((x, i) => (Math.hypot(x, ys[i]) < 1e4 ? MARKERS[form % 7](x, ys[i], r) : "")).join("");

  function polyline(xs, ys) { // a gap where a number is missing
    let path = "", pen = "M";
    for (let i = 0; i < xs.length; i++) {
      const drawn = Number.isFinite(xs[i] + ys[i]);
      if (drawn) path += `${pen}${round(clamp(xs[i], -1e4, 1e4))} ${round(clamp(ys[i], -1e4, 1e4))}`;
      pen = drawn ? "L" : "M";
    }
    return path;
  }

  const stroke = (d, ink, width, more = {}) =>
    svg("path", { d, fill: "none", stroke: ink, "stroke-width": width, "stroke-linejoin": "round", ...more });
  const outlined = (d, ink, dash) => [ // dark over light, seen on any ground
    stroke(d, "var(--ce-card)", 5, { "stroke-opacity": 0.75 }), stroke(d, ink, 1.9, { "stroke-dasharray": dash })];

  function entry(i, label, form) { // of a legend
    const ink = form === "path" ? "currentColor" : colour(i);
    const sign = form === "dots" ? svg("path", { d: MARKERS[i % 7](11, 6, 4.5), fill: ink })
      : form === "bar" ? svg("rect", { x: 5, y: 0, width: 12, height: 12, fill: ink })
        : stroke("M0 6H22", ink, 2.4, { "stroke-dasharray": DASHES[i % 7] });
    return html("span", {}, svg("svg", { width: 22, height: 12, "aria-hidden": "true" }, sign), label);
  }

  function curve(array, first) { // (n,) or (2, n)
    if (!array) return { x: [], y: [] };
    if (array.shape.length === 1) return { x: Array.from(array, (_, i) => first + i), y: Array.from(array) };
    const n = array.shape[1];
    return { x: Array.from(array.subarray(0, n)), y: Array.from(array.subarray(n)) };
  }

  const MAPS = {
    sequential: [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140], [40, 174, 128],
      [94, 201, 98], [173, 220, 48], [253, 231, 37]], // viridis
    diverging: [[213, 94, 0], [247, 247, 247], [0, 114, 178]],
    gray: [[0, 0, 0], [255, 255, 255]],
  };
  const CLASSES = [[0, 114, 178], [213, 94, 0], [0, 128, 94], [169, 79, 136], [138, 106, 0], [68, 68, 68],
    [43, 149, 204]];

  function mix(map, share) {
    const stops = MAPS[map], place = clamp(share, 0, 1) * (stops.length - 1);
    const i = Math.min(Math.floor(place), stops.length - 2);
    return stops[i].map((c, j) => Math.round(c + (stops[i + 1][j] - c) * (place - i)));
  }

  // A canvas with one pixel for each value; rgba(value) gives its colour, NaN stays transparent.
  function pixels(values, offset, height, width, flip, rgba) {
    const canvas = html("canvas", { width, height }), context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const value = values[offset + row * width + column];
        const at = ((flip ? height - 1 - row : row) * width + column) * 4;
        if (!Number.isNaN(value)) image.data.set(rgba(value), at);
      }
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  // The canvas under a drawing, in the drawing's coordinates, as sharp as the screen.
  function backdrop(width, height, { left, top, right, bottom }) {
    const sharp = Math.min(window.devicePixelRatio || 1, 2), part = (a, b) => `${a / b * 100}%`;
    const canvas = html("canvas", { "aria-hidden": "true",
      width: Math.round((right - left) * sharp), height: Math.round((bottom - top) * sharp),
      style: `left:${part(left, width)};top:${part(top, height)};` +
        `width:${part(right - left, width)};height:${part(bottom - top, height)}` });
    const context = canvas.getContext("2d");
    context.scale(sharp, sharp);
    return { canvas, context };
  }

  // Where a field crosses a level: in each square of four values a segment, its ends interpolated.
  function contour(field, height, width, level, place) {
    let path = "";
    const sides = range(height).map((i) => range(width).map((j) => field(i, j) - level));
    for (let i = 0; i + 1 < height; i++) {
      for (let j = 0; j + 1 < width; j++) {
        const above = [sides[i][j], sides[i][j + 1], sides[i + 1][j + 1], sides[i + 1][j]], first = above[0] < 0;
        if (first === (above[1] < 0) && first === (above[2] < 0) && first === (above[3] < 0)) continue; // mostly
        const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]], cuts = [];
        for (let k = 0; k < 4; k++) {
          const a = above[k], b = above[(k + 1) % 4], t = a / (a - b);
          if ((a < 0) === (b < 0) || !Number.isFinite(t)) continue;
          const [p, q] = [corners[k], corners[(k + 1) % 4]];
          cuts.push(place(p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])).map(round).join(" "));
        }
        for (let k = 0; k + 1 < cuts.length; k += 2) path += `M${cuts[k]}L${cuts[k + 1]}`;
      }
    }
    return path;
  }

  function arrow(x1, y1, x2, y2, size = 9) { // a head at the second end
    const angle = Math.atan2(y2 - y1, x2 - x1);
    if (!(Math.hypot(x2, y2) < 1e4)) return "";
    const at = (turn) => `${round(x2 - size * Math.cos(angle + turn))} ${round(y2 - size * Math.sin(angle + turn))}`;
    return `M${round(x2)} ${round(y2)}L${at(0.42)}L${at(-0.42)}z`;
  }

  // ------------------------------------------------------------------------------------------ the five panels
  // draw[kind](panel, get, limits, width, kept): get(key) is the run's data, kept(key) that of the run kept for
  // comparison. Returns {root, canvas, legend, text, probe}: the drawing, what lies under it, entries of the legend,
  // a description for those who cannot see it, and probe(x, y): what to say about a place.
  const draw = {};

  draw.lines = (panel, get, limits, width, kept) => {
    const { root, plot, sx, sy, box } = frame(width, clamp(width * 0.64, 190, 340), {
      x: panel.x, y: panel.y, xLimits: limits.x, yLimits: limits.y, logX: panel.logX, logY: panel.log });
    const legend = [], told = [], shown = [], wide = box.right - box.left;
    for (const { label, key } of panel.marks) {
      const y = sy(get(key)?.[0]);
      if (!(y >= box.top - 2 && y <= box.bottom + 2)) continue;
      plot.append(stroke(`M${box.left} ${round(y)}H${box.right}`, "var(--ce-soft)", 1.3, DOTTED));
      root.append(words(box.right - 4, y < box.top + 16 ? y + 14 : y - 5, label, { class: "ce-halo ce-soft", ...END }));
    }
    for (const { label, key } of panel.vmarks) {
      const x = sx(get(key)?.[0]), early = x < box.left + wide * 0.6;
      if (!(x >= box.left - 1 && x <= box.right + 1)) continue;
      plot.append(stroke(`M${round(x)} ${box.top}V${box.bottom}`, "var(--ce-soft)", 1.3, DOTTED));
      root.append(words(x + (early ? 5 : -5), box.top + 11, label, { class: "ce-halo ce-soft", ...(early ? {} : END) }));
    }
    if (kept) {
      panel.series.forEach((series, i) => {
        const { x, y } = curve(kept(series.key), panel.first);
        plot.append(stroke(polyline(x.map(sx), y.map(sy)), colour(i), 5, { class: "ce-kept" }));
      });
    }
    [...panel.series, ...panel.points].forEach((series, i) => {
      const { x, y } = curve(get(series.key), panel.first), px = x.map(sx), py = y.map(sy);
      const form = i < panel.series.length ? "line" : "dots";
      plot.append(form === "line" && x.length !== 1
        ? stroke(polyline(px, py), colour(i), 2.2, { "stroke-dasharray": DASHES[i % 7] })
        : svg("path", { d: dots(px, py, i, 4), fill: colour(i), stroke: "var(--ce-card)", "stroke-width": 0.7 }));
      if (series.label) legend.push(entry(i, series.label, form));
      if (!x.length) return;
      told.push(`${series.label || "a curve"} goes from ${short(y[0])} to ${short(y[y.length - 1])}`);
      shown.push({ label: series.label, px, py, y });
    });
    if (!shown.length) {
      root.append(words(box.left + wide / 2, (box.top + box.bottom) / 2, "nothing to draw", SOFT_MIDDLE));
    }
    const probe = (at) => {
      const places = shown.flatMap((one) => one.px).filter(Number.isFinite);
      if (!places.length) return null;
      const x = places.reduce((best, place) => (Math.abs(place - at) < Math.abs(best - at) ? place : best));
      const hits = shown.map((one) => ({ one, i: one.px.findIndex((place) => Math.abs(place - x) < 0.5) }))
        .filter(({ i }) => i >= 0);
      return {
        text: [`${panel.x || "x"} ${short(sx.invert(x))}`,
          ...hits.map(({ one, i }) => (one.label ? `${one.label}: ` : "") + short(one.y[i]))].join("\n"),
        line: { x1: x, x2: x, y1: box.top, y2: box.bottom },
        dots: hits.map(({ one, i }) => one.py[i]).filter((y) => y >= box.top - 2 && y <= box.bottom + 2),
      };
    };
    return { root, legend, text: told.join("; "), probe };
  };

  draw.bars = (panel, get, limits, width) => {
    const labels = get(panel.labels), named = Array.isArray(labels), all = panel.series, legend = [], told = [];
    const count = labels ? labels.length - (named ? 0 : 1) : 1, letters = named ? longest(labels) : 0;
    const slanted = letters * 6.8 > (width - 50) / count - 2, tall = slanted ? Math.min(14 + letters * 4.2, 80) : 22;
    const { root, plot, sx, sy, box } = frame(width, clamp(width * 0.64, 190, 340) + tall - 22, {
      x: panel.x, y: panel.y, yLimits: limits.y, logY: panel.log, foot: tall, xNumbers: !named,
      xLimits: named ? [-0.5, count - 0.5] : limits.x || [0, 1] });
    const base = round(clamp(sy(panel.log ? limits.y[0] : 0), box.top, box.bottom));
    all.forEach((series, k) => {
      const values = get(series.key);
      if (!values || !labels) return;
      const bars = Array.from(values, (value, i) => {
        if (Number.isNaN(value)) return "";
        const left = named ? sx(i - 0.4 + 0.8 * k / all.length) : sx(labels[i]);
        const right = named ? sx(i - 0.4 + 0.8 * (k + 1) / all.length) - 1 : sx(labels[i + 1]);
        const end = panel.log && value <= 0 ? base : clamp(sy(value), box.top - 2, box.bottom + 2);
        return `M${round(left)} ${base}V${round(end)}H${round(right)}V${base}z`;
      });
      const opacity = named || all.length === 1 ? 1 : 0.55; // histograms lie over each other
      plot.append(svg("path", { d: bars.join(""), fill: colour(k), "fill-opacity": opacity,
        stroke: named ? "none" : "var(--ce-card)", "stroke-width": 0.8 }));
      if (series.label && all.length > 1) legend.push(entry(k, series.label, "bar"));
      const top = values.indexOf(Math.max(...values.filter((v) => !Number.isNaN(v))));
      if (top >= 0) told.push(`${series.label || "the values"}: highest ${short(values[top])} at ${name(top)}`);
    });
    function name(i) { return named ? labels[i] : `${short(labels[i])} to ${short(labels[i + 1])}`; }
    root.append(svg("line", { class: "ce-axis", x1: box.left, x2: box.right, y1: base, y2: base }));
    const every = slanted ? Math.ceil(count * 13 / (box.right - box.left)) : 1;
    for (let i = 0; named && i < count; i += every) {
      const x = round(sx(i)), y = box.bottom + (slanted ? 12 : 16);
      const turn = slanted ? { ...END, transform: `rotate(-35 ${x} ${y})` } : MIDDLE;
      root.append(words(x, y, labels[i], { ...SOFT, ...turn }));
    }
    const probe = (x) => {
      const at = sx.invert(x);
      if (!labels) return null;
      const i = named ? Math.round(at) : labels.findIndex((edge, j) => at >= edge && at < labels[j + 1]);
      if (i < 0 || i >= count) return null;
      const values = all.filter((series) => get(series.key));
      const lines = values.map(({ label, key }) => (label ? `${label}: ` : "") + short(get(key)[i]));
      return { text: [name(i), ...lines].join("\n") };
    };
    return { root, legend, text: told.join("; "), probe };
  };

  draw.image = (panel, get, limits, width) => {
    const array = get(panel.image), [low, high] = limits.v, { extent } = panel;
    const shades = range(256).map((i) => [...mix(panel.colors, i / 255), 255]);
    const paint = (value) => shades[Math.round(clamp((value - low) / (high - low), 0, 1) * 255)];
    const captions = get(panel.captions), xLabels = get(panel.xLabels), yLabels = get(panel.yLabels);
    const [H, W] = array ? array.shape.slice(-2) : [1, 1], many = array?.shape.length === 3, axes = extent && !many;
    const count = many ? array.shape[0] : 1, bar = panel.colorbar ? 58 : 4;
    const columns = many ? Math.min(panel.columns || Math.ceil(Math.sqrt(count * 1.4)), count) : 1;
    const rows = Math.ceil(count / columns), gap = many ? 5 : 0, under = captions ? 17 : gap, most = many ? 460 : 340;
    let root, left = many || !yLabels ? 2 : 10 + 6.8 * longest(yLabels), top = panel.y ? 24 : 8, w, h;
    if (axes) {
      const tall = clamp(width * 0.7, 200, most), made = frame(width, tall, { x: panel.x, y: panel.y, right: bar,
        xLimits: extent.slice(0, 2), yLimits: extent.slice(2), grid: false });
      ({ root } = made);
      ({ left, top } = made.box);
      [w, h] = [made.box.right - left, made.box.bottom - top];
    } else { // square cells, unless that makes a ribbon
      const ratio = H / W >= 1 / 3 && H / W <= 3 ? H / W : 0.7;
      w = (width - left - bar - gap * (columns - 1)) / columns;
      h = Math.min(w * ratio, most / rows - under);
      w = Math.min(w, h / ratio);
    }
    const right = left + columns * (w + gap) - gap, bottom = top + rows * (h + (many || captions ? under : 0));
    if (!axes) {
      root = sheet(width, Math.ceil(bottom + (xLabels && !many ? 20 : 4) + (panel.x ? 17 : 0)));
      if (panel.x) root.append(words((left + right) / 2, root.getAttribute("height") - 4, panel.x, MIDDLE));
      if (panel.y) root.append(words(2, 13, panel.y));
    }
    const { canvas, context } = backdrop(width, +root.getAttribute("height"), { left, top, right: width, bottom });
    context.imageSmoothingEnabled = false;
    const corner = (k) => [(k % columns) * (w + gap), Math.floor(k / columns) * (h + under)];
    for (let k = 0; array && k < count; k++) {
      const [x, y] = corner(k);
      context.drawImage(pixels(array, k * H * W, H, W, !!extent, paint), ...[x, y, w, h].map(Math.round));
      root.append(svg("rect", { class: "ce-grid", fill: "none", x: left + x, y: top + y, width: w, height: h }));
      const small = { ...MIDDLE, style: "font-size:11px" };
      if (captions) root.append(words(left + x + w / 2, top + y + h + 12, captions[k], small));
      const size = Math.min(12, w / W * 0.42, h / H * 0.7);
      for (let i = 0; panel.annotate && size >= 5 && i < H * W; i++) {
        const value = array[k * H * W + i];
        if (!Number.isFinite(value)) continue; // a gap
        const [r, g, b] = paint(value), row = extent ? H - 1 - Math.floor(i / W) : Math.floor(i / W);
        const ink = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#000" : "#fff";
        root.append(words(left + x + (i % W + 0.5) * w / W, top + y + (row + 0.5) * h / H + size / 3,
          short(value), { ...MIDDLE, style: `font-size:${round(size)}px;fill:${ink}` }));
      }
    }
    if (!many && !axes && array) { // names of columns and rows, as many as there is room for
      const stepX = Math.ceil(W * (8 + 6.5 * longest(xLabels || [])) / w), stepY = Math.ceil(H * 13 / h);
      for (let i = 0; xLabels && i < W; i += stepX) {
        root.append(words(left + (i + 0.5) * w / W, bottom + 15, xLabels[i], SOFT_MIDDLE));
      }
      for (let i = 0; yLabels && i < H; i += stepY) {
        root.append(words(left - 5, top + (i + 0.5) * h / H + 4, yLabels[i], SOFT_END));
      }
    }
    if (panel.colorbar) {
      const tall = Math.min(bottom - top, 260), sy = scale([low, high], top + tall, top, false);
      for (let i = 0; i < tall; i++) {
        context.fillStyle = `rgb(${mix(panel.colors, 1 - i / tall)})`;
        context.fillRect(right + 12 - left, i, 11, 1.5);
      }
      for (const tick of sy.ticks) root.append(words(right + 27, Math.max(sy(tick.value) + 4, top + 9), tick.text, SOFT));
    }
    const probe = (px, py) => {
      const [x, y] = [px - left, py - top], column = Math.floor(x / (w + gap)), line = Math.floor(y / (h + under));
      const k = line * columns + column, inside = (v, n) => v >= 0 && v < n;
      const j = Math.floor((x - column * (w + gap)) / w * W), i = Math.floor((y - line * (h + under)) / h * H);
      if (!array || !inside(column, columns) || !inside(k, count) || !inside(i, H) || !inside(j, W)) return null;
      const along = (a, b, share) => short(a + (b - a) * share);
      const place = extent ? [along(extent[0], extent[1], (j + 0.5) / W), along(extent[3], extent[2], (i + 0.5) / H)]
        : [yLabels ? yLabels[i] : `row ${i + 1}`, xLabels ? xLabels[j] : `column ${j + 1}`];
      const value = array[k * H * W + (extent ? H - 1 - i : i) * W + j];
      return { text: `${[captions?.[k], ...place].filter(Boolean).join(", ")}: ${short(value)}` };
    };
    const finite = array ? array.filter(Number.isFinite) : [];
    const span = finite.length ? `, values from ${short(Math.min(...finite))} to ${short(Math.max(...finite))}` : "";
    return { root, canvas, text: (many ? `${count} pictures` : `${H} by ${W}`) + span, probe };
  };

  draw.scatter = (panel, get, limits, width) => {
    const height = clamp(width * 0.82, 220, 400), legend = [], told = [];
    const { root, plot, sx, sy, box } = frame(width, height, {
      x: panel.x, y: panel.y, xLimits: limits.x, yLimits: limits.y, grid: false });
    const points = get(panel.scatter), classes = get(panel.classes), region = get(panel.region);
    const count = classes?.length ? Math.max(...classes) + 1 : 1, two = count <= 2;
    const [H, W] = region?.shape || [1, 1], w = box.right - box.left, h = box.bottom - box.top;
    let canvas;
    if (region) {
      const layer = backdrop(width, height, box);
      const strength = (p) => 255 * (0.06 + 0.3 * Math.min(1, Math.abs(2 * p - 1)));
      const tint = (v) => (two ? [...CLASSES[v > 0.5 ? 1 : 0], strength(v)] : [...CLASSES[Math.round(v) % 7], 82]);
      layer.context.imageSmoothingEnabled = two;
      layer.context.drawImage(pixels(region, 0, H, W, true, tint), 0, 0, w, h);
      ({ canvas } = layer);
      const place = (i, j) => [box.left + (j + 0.5) / W * w, box.bottom - (i + 0.5) / H * h];
      for (let k = 0; k < (two ? 1 : count); k++) {
        const field = (i, j) => (two ? region[i * W + j] : Math.round(region[i * W + j]) === k ? 1 : 0);
        plot.append(...outlined(contour(field, H, W, 0.5, place), "var(--ce-ink)"));
      }
    }
    const levels = get(panel.levels), coloured = panel.paths.length > 1 && !classes;
    if (levels) {
      const { x, y } = curve(levels, 0);
      plot.append(stroke(polyline(x.map(sx), y.map(sy)), "var(--ce-soft)", 0.8, { "stroke-opacity": 0.55 }));
    }
    for (let k = 0; points && k < count; k++) {
      const members = range(points.shape[0]).filter((i) => !classes || classes[i] === k);
      const d = dots(members.map((i) => sx(points[2 * i])), members.map((i) => sy(points[2 * i + 1])), k,
        points.shape[0] > 400 ? 2.6 : 3.8);
      plot.append(svg("path", { d, fill: colour(k), stroke: "var(--ce-card)", "stroke-width": 0.8 }));
      if (classes) legend.push(entry(k, `class ${k}`, "dots"));
    }
    panel.paths.forEach((path, i) => {
      const { x, y } = curve(get(path.key), 0), px = x.map(sx), py = y.map(sy), n = px.length;
      if (!n) return;
      const ink = coloured ? colour(i) : "var(--ce-ink)";
      plot.append(...outlined(polyline(px, py), ink, DASHES[i % 7]));
      if (panel.arrows && n > 1) {
        const d = arrow(px[n - 2], py[n - 2], px[n - 1], py[n - 1]);
        plot.append(svg("path", { d, fill: ink }));
      }
      if (path.label) legend.push(entry(i, path.label, coloured ? "line" : "path"));
      told.push(`${path.label || "a path"} ends at ${short(x[n - 1])}, ${short(y[n - 1])}`);
    });
    const probe = (px, py) => {
      if (px < box.left || px > box.right || py < box.top || py > box.bottom) return null;
      const text = `${panel.x || "x"} ${short(sx.invert(px))}, ${panel.y || "y"} ${short(sy.invert(py))}`;
      if (!region) return { text };
      const i = clamp(Math.floor((box.bottom - py) / h * H), 0, H - 1);
      const j = clamp(Math.floor((px - box.left) / w * W), 0, W - 1), value = region[i * W + j];
      return { text: `${text}\n${two ? `class 1: ${short(100 * value, 2)} %` : `class ${Math.round(value)}`}` };
    };
    const parts = [points && `${points.shape[0]} points`, region && "decision regions", ...told];
    return { root, canvas, legend, text: parts.filter(Boolean).join("; "), probe };
  };

  draw.diagram = (panel, get, limits, width) => {
    const [nodes, edges, weights, values, labels, edgeLabels] =
      ["nodes", "edges", "weights", "values", "labels", "edgeLabels"].map((name) => get(panel[name]));
    const ids = range(nodes ? nodes.shape[0] : 0), lines = (i) => (labels ? labels[i].split("\n") : [""]);
    const half = ids.map((i) => { // half the width and height: a disc around a number, a box around words
      const letters = longest(lines(i)), disc = Math.max(12, letters * 3.6 + 5);
      return letters <= 5 && lines(i).length === 1 ? [disc, disc] : [letters * 3.4 + 9, lines(i).length * 7.5 + 6];
    });
    const beside = Math.max(14, ...half.map(([w]) => w)) + 6, above = Math.max(14, ...half.map(([, h]) => h)) + 6;
    const foot = panel.x ? 40 : 0, head = panel.y ? 18 : 0, flat = ids.every((i) => nodes[2 * i + 1] === nodes[1]);
    const height = clamp(width * (flat ? 0.3 : 0.66), 2 * above + foot + head, 340);
    const sx = scale(limits.x, beside + (panel.y ? 34 : 0), width - beside, false);
    const sy = scale(limits.y, height - above - foot, above + head, false), root = sheet(width, height);
    if (panel.x) {
      const year = limits.x[0] > 999 && limits.x[1] < 3000, y = height - 38;
      root.append(svg("line", { class: "ce-axis", x1: 8, x2: width - 8, y1: y, y2: y }),
        words(width / 2, height - 4, panel.x, MIDDLE));
      for (const { value, text } of sx.ticks) root.append(words(sx(value), y + 17, year ? value : text, SOFT_MIDDLE));
    }
    if (panel.y) root.append(words(2, 12, panel.y));
    for (const { value, text } of panel.y ? sy.ticks : []) root.append(words(30, sy(value) + 4, text, SOFT_END));
    const at = (i) => [sx(nodes[2 * i]), sy(nodes[2 * i + 1])], onEdges = [];
    for (let k = 0; nodes && edges && k < edges.shape[0]; k++) {
      const [a, b] = [edges[2 * k], edges[2 * k + 1]], [x1, y1] = at(a), [x2, y2] = at(b);
      const weight = weights ? clamp(weights[k] / limits.weights, -1, 1) || 0 : 0, size = Math.abs(weight);
      // Stop at the border of the second node, so that an arrow's head is seen.
      const [w, h] = half[b], t = Math.min(Math.abs(w / (x2 - x1 || 1e-9)), Math.abs(h / (y2 - y1 || 1e-9)), 1);
      const x = x2 - t * (x2 - x1), y = y2 - t * (y2 - y1);
      const ink = weights ? colour(weight >= 0 ? 0 : 1) : "var(--ce-soft)";
      root.append(svg("line", { x1: round(x1), y1: round(y1), x2: round(x), y2: round(y), stroke: ink,
        "stroke-width": weights ? round(0.8 + 4 * size) : 1.4, "stroke-opacity": weights ? 0.3 + 0.7 * size : 1 }));
      if (panel.arrows) root.append(svg("path", { d: arrow(x1, y1, x, y), fill: ink }));
      if (edgeLabels) onEdges.push(words((x1 + x) / 2, (y1 + y) / 2 + 4, edgeLabels[k], { class: "ce-halo", ...MIDDLE }));
    }
    for (const i of ids) {
      const [x, y] = at(i), [w, h] = half[i], value = values ? clamp(values[i] / limits.values, -1, 1) || 0 : 0;
      const shape = { x: round(x - w), y: round(y - h), width: round(2 * w), height: round(2 * h), rx: w === h ? w : 8 };
      root.append(svg("rect", { ...shape, fill: "var(--ce-card)" }), svg("rect", { ...shape, "stroke-width": 1.3,
        fill: colour(value >= 0 ? 0 : 1), "fill-opacity": 0.5 * Math.abs(value), stroke: "var(--ce-soft)" }));
      lines(i).forEach((line, k) => root.append(words(x, y + 4 + (k - (lines(i).length - 1) / 2) * 15, line, MIDDLE)));
    }
    root.append(...onEdges);
    const parts = [`${ids.length} nodes`, edges && `${edges.shape[0]} edges`, labels?.join(", ").replace(/\n/g, " ")];
    return { root, text: parts.filter(Boolean).join("; ") };
  };

  // ------------------------------------------------------------------------------------------------- controls
  // Each returns {node, show(value)}; change(value) is called when the reader moves it.
  const nearest = (values, value) =>
    values.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(values[best] - value) ? i : best), 0);

  function slider({ name, values, whole }, change, live) {
    const id = `ce-${++counter}`, low = values[0], high = values[values.length - 1];
    const input = html("input", { type: "range", id, min: 0, max: values.length - 1, step: 1 });
    input.addEventListener("input", () => change(values[+input.value]));
    const box = live // any value between the first and the last, where Python can run it
      ? html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${name}, exact value`,
        "aria-describedby": `${id}-error` })
      : html("output", { class: "ce-value", for: id });
    const error = html("p", { class: "ce-error", role: "alert", id: `${id}-error` });
    const complain = (text) => {
      error.textContent = text;
      if (live) box.setAttribute("aria-invalid", String(!!text));
    };
    function commit() {
      const text = box.value.trim(), value = Number(text.replace(/^[−–]/, "-"));
      const wanted = `${name} must be a ${whole ? "whole " : ""}number between ${low} and ${high}`;
      const good = text && value >= low && value <= high && (!whole || Number.isInteger(value));
      if (good) change(value); else complain(`${wanted}, but is “${text}”.`);
    }
    if (live) {
      box.addEventListener("change", commit);
      box.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); });
    }
    return {
      node: html("div", { class: "ce-control" },
        html("div", { class: "ce-name" }, html("label", { for: id }, name), box), input, error),
      show(value) {
        input.value = nearest(values, value);
        input.setAttribute("aria-valuetext", short(value, 6));
        if (live) box.value = value; else box.textContent = short(value, 6);
        complain("");
      },
    };
  }

  function choice({ name, values }, change) {
    const id = `ce-${++counter}`;
    if (values.length > 5 || values.join("").length > 44) {
      const select = html("select", { id }, ...values.map((value) => html("option", { value }, value)));
      select.addEventListener("change", () => change(select.value));
      const node = html("div", { class: "ce-control" },
        html("div", { class: "ce-name" }, html("label", { for: id }, name)), select);
      return { node, show(value) { select.value = value; } };
    }
    const inputs = values.map((value) => html("input", { type: "radio", name: id, value }));
    for (const input of inputs) input.addEventListener("change", () => change(input.value));
    const options = inputs.map((input) => html("label", {}, input, html("span", {}, input.value)));
    return {
      node: html("fieldset", { class: "ce-control" }, html("legend", { class: "ce-name" }, name),
        html("div", { class: "ce-options" }, ...options)),
      show(value) { for (const input of inputs) input.checked = input.value === value; },
    };
  }

  function toggle({ name }, change) {
    const id = `ce-${++counter}`, input = html("input", { type: "checkbox", role: "switch", id, class: "ce-switch" });
    const state = html("span", { class: "ce-value", "aria-hidden": "true" });
    input.addEventListener("change", () => change(input.checked));
    return {
      node: html("div", { class: "ce-control" },
        html("div", { class: "ce-name" }, html("label", { for: id }, name), state), input),
      show(value) { input.checked = value; state.textContent = value ? "on" : "off"; },
    };
  }

  const CONTROLS = { slider, choice, switch: toggle };

  // --------------------------------------------------------------------------------------------- the explorer
  // root: where; book: what unpack() gave; ask(values): a promise of {cell, limits}, where Python is there to answer.
  // Returns a function that takes the explorer down.
  function mount(root, { spec, cells: [constants, ...cells] }, ask) {
    const page = !ask && !document.body.dataset.jpThemeLight; // a published page: its address may name a setting
    const runs = new Map(cells.map((cell, i) => [JSON.stringify(spec.runs[i]), cell]));
    let values = [...spec.start], shown = null, kept = null, running = false;
    const timers = {};
    const later = (name, wait, act) => { clearTimeout(timers[name]); timers[name] = setTimeout(act, wait); };
    const onOff = (value) => (typeof value === "boolean" ? (value ? "on" : "off") : value);
    const describe = () => spec.controls.map(({ name }, i) => `${name} ${onOff(values[i])}`).join(", ");

    // What it is made of
    const inputs = spec.controls.map((control, i) =>
      CONTROLS[control.kind](control, (value) => { values[i] = value; moved(true); }, !!ask));
    const line = (name, attributes = {}) => html("p", { class: `ce-${name}`, ...attributes });
    const alert = line("error", { role: "alert" }), summary = line("summary"), note = line("note");
    const status = line("status"), spoken = line("spoken", { "aria-live": "polite" });
    const button = (label, act) => {
      const node = html("button", { type: "button" }, label);
      node.addEventListener("click", () => act(node));
      return node;
    };
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
    const buttons = [button("Reset", () => { values = [...spec.start]; moved(true); }),
      button(page ? "Copy link" : "Copy settings", copy)];
    if (spec.panels.some((panel) => panel.kind === "lines")) buttons.push(button("Keep for comparison", keep));

    root.classList.add("course-explorer");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", spec.title);
    root.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the controls
    root.replaceChildren(html("p", { class: "ce-title" }, spec.title),
      html("div", { class: "ce-controls" }, ...inputs.map((input) => input.node)), alert, panels, summary, note, status,
      html("p", { class: "ce-look" }, ...(spec.lookFor ? [html("strong", {}, "Look for: "), spec.lookFor] : [])),
      html("div", { class: "ce-footer" }, ...buttons), spoken);
    const stopKey = (event) => event.stopPropagation();
    root.addEventListener("keydown", stopKey);
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
        const drawn = draw[kind](view.panel, get, spec.limits[i], width, old);
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
      if (page && byReader) later("address", 250, () => history.replaceState(history.state, "", fragment()));
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

    // The address of a setting: #name:learning-rate=0.1;dropout=0.2
    function fragment() {
      const parts = spec.controls.map(({ name }, i) => `${slug(name)}=${encodeURIComponent(values[i])}`);
      return `#${spec.name}:${parts.join(";")}`;
    }

    function decoded(text) {
      try {
        return decodeURIComponent(text);
      } catch (error) {
        if (error instanceof URIError) return text;
        throw error;
      }
    }

    function follow(event) { // to the nearest setting there is; what is unknown is left out
      const [name, rest] = location.hash.slice(1).split(/:(.*)/s);
      if (name !== spec.name || rest === undefined) return;
      values = [...spec.start];
      for (const part of rest.split(";")) {
        const [key, raw = ""] = part.split(/=(.*)/s), text = decoded(raw).trim();
        const i = spec.controls.findIndex((control) => slug(control.name) === decoded(key));
        if (i < 0) continue;
        const { kind, values: known } = spec.controls[i];
        if (kind === "slider" && text && Number.isFinite(+text)) values[i] = known[nearest(known, +text)];
        if (kind === "switch" && ["true", "false"].includes(text)) values[i] = text === "true";
        if (kind === "choice") values[i] = known.find((v) => slug(v) === slug(text)) ?? values[i];
      }
      moved(false);
      const calm = !event || matchMedia("(prefers-reduced-motion: reduce)").matches;
      root.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    }

    async function copy(node) {
      const label = page ? "Copy link" : "Copy settings";
      const python = (v) => (typeof v === "boolean" ? (v ? "True" : "False") : JSON.stringify(v));
      const text = page ? location.href.split("#")[0] + fragment()
        : spec.controls.map(({ name }, i) => `${name.replace(/ /g, "_")}=${python(values[i])}`).join(", ");
      try {
        await navigator.clipboard.writeText(text);
        node.textContent = spoken.textContent = "Copied";
        later("copied", 1500, () => { node.textContent = label; });
      } catch { // no permission, or no secure context: the reader copies it by hand
        status.textContent = text;
      }
    }

    moved(false);
    if (page) {
      follow();
      window.addEventListener("hashchange", follow);
    }
    return () => {
      observer.disconnect();
      root.removeEventListener("keydown", stopKey);
      window.removeEventListener("hashchange", follow);
      Object.values(timers).forEach(clearTimeout);
    };
  }

  // --------------------------------------------------------------------------------------------- the two faces
  function bytesOf(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  }

  class CourseExplorer extends HTMLElement {
    connectedCallback() { // the children may not be parsed yet when the element is
      const begin = () => this.begin();
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
      else setTimeout(begin, 0);
    }

    async begin() {
      const script = this.querySelector('script[type="application/json"]');
      if (!script || this.begun || !this.isConnected) return;
      this.begun = true;
      try {
        mount(this, await unpack(bytesOf(JSON.parse(script.textContent).packed)));
      } catch (error) { // the picture stays
        this.append(html("p", { class: "ce-error", role: "alert" }, error.message));
      }
    }
  }
  if (!customElements.get("course-explorer")) customElements.define("course-explorer", CourseExplorer);

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
