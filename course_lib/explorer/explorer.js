// Explorers: draws runs and lets the reader choose among them. No dependency, no network.
// On a page, <course-explorer> elements hold all runs (packing.py wrote them); in a notebook, live() asks Python.
var courseExplorer = (() => {
  "use strict";

  // ---------------------------------------------------------------------------------------------- small helpers
  const make = (space) => (tag, attributes = {}, ...children) => {
    const node = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== null) node.setAttribute(name, value);
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const html = make(""), svg = make("http://www.w3.org/2000/svg");
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const round = (value) => Math.round(value * 10) / 10;
  const slug = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}_.]+/gu, "-").replace(/^-+|-+$/g, "");
  const superscript = (n) => String(n).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
  let counter = 0;

  // 0.0012, 3.14, 12,000, 4×10⁻⁷: short, and never misleadingly exact.
  function short(value, digits = 3) {
    if (Number.isNaN(value)) return "undefined";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    if (size && (size < 1e-3 || size >= 1e6)) {
      const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
      return (+mantissa === 1 ? "" : `${+mantissa}×`).replace("-", "−") + "10" + superscript(+exponent);
    }
    return (+value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 1))))).toLocaleString("en-GB", { maximumFractionDigits: 6 }).replace("-", "−");
  }

  // ---------------------------------------------------------------------------------- unpacking: see packing.py
  async function unpack(bytes) {
    if (typeof DecompressionStream === "undefined") throw new Error("This browser is too old to unpack the runs; the picture shows one of them.");
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const raw = new Uint8Array(await new Response(stream).arrayBuffer());
    const length = new DataView(raw.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
    const cells = Array.from({ length: header.count }, () => ({}));
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
    const out = new Float64Array(size), top = 2 ** bits - 5, mask = 2 ** bits - 1;
    const a = log ? Math.log(low) : low, b = log ? Math.log(high) : high, step = (b / 2 - a / 2) / top;
    for (let i = 0, code = 0; i < size; i++) {
      code = (code + (bits === 16 ? raw[first + i] << 8 | raw[first + total + i] : raw[first + i])) & mask;
      const value = clamp((a / 2 + Math.min(code, top) * step) * 2, a, b);
      out[i] = code > top ? [0, -Infinity, Infinity, NaN][code - top - 1] : log ? Math.exp(value) : value;
    }
    out.shape = shape;
    return out;
  }

  // ------------------------------------------------------------------------------------------------ scales, axes
  function scale([low, high], from, to, log) {
    const f = log ? Math.log10 : (v) => v, a = f(low), k = (to - from) / (f(high) - a || 1);
    const map = (value) => from + (f(value) - a) * k;
    map.invert = (place) => (log ? 10 ** (a + (place - from) / k) : a + (place - from) / k);
    map.ticks = log ? logTicks(low, high) : ticks(low, high, clamp(Math.round(Math.abs(to - from) / 55), 2, 7));
    return map;
  }

  function ticks(low, high, count) {
    const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((m) => m * power >= rough * 0.99) * power, out = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push({ value: i * step, text: tickText(i * step, step) });
    return out;
  }

  function tickText(value, step) {
    if (Math.abs(value) < step * 1e-6) return "0";
    if (step < 1e-4 || Math.abs(value) >= 1e6) return short(value);
    return value.toLocaleString("en-GB", { maximumFractionDigits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), useGrouping: Math.abs(value) >= 1e4 }).replace("-", "−");
  }

  function logTicks(low, high) {
    const first = Math.floor(Math.log10(low) + 1e-9), last = Math.ceil(Math.log10(high) - 1e-9), span = Math.log10(high / low);
    const stride = Math.ceil(span / 7), steps = span < 1 ? [1, 2, 3, 5, 7] : span < 2.2 ? [1, 2, 5] : [1], out = [];
    for (let power = first; power <= last; power++) {
      if (stride > 1 && power % stride) continue;
      for (const m of steps) {
        const value = m * 10 ** power;
        if (value >= low * 0.999 && value <= high * 1.001) out.push({ value, text: power < -3 || power > 5 ? short(value) : tickText(value, 10 ** power) });
      }
    }
    return out;
  }

  // A drawing of given size with room for its axes. The y axis' name stands above it, where it can be read.
  function frame(width, height, { x, y, xLimits, yLimits, logX, logY, left, bottom, right = 8, grid = true, numbers = [true, true] }) {
    const top = y ? 24 : 10, low = height - (bottom ?? (numbers[0] ? 22 : 6) + (x ? 17 : 0));
    const sy = scale(yLimits, low, top, logY);
    const start = left ?? (numbers[1] ? 12 + 6.8 * Math.max(2, ...sy.ticks.map((tick) => tick.text.length)) : 8);
    const sx = scale(xLimits, start, width - right, logX), room = width - right - start;
    const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
    const id = `ce-clip-${++counter}`;
    root.append(svg("clipPath", { id }, svg("rect", { x: start, y: top - 2, width: room, height: low - top + 4 })));
    if (numbers[1]) for (const tick of sy.ticks) {
      if (grid) root.append(svg("line", { class: "ce-grid", x1: start, x2: width - right, y1: sy(tick.value), y2: sy(tick.value) }));
      root.append(svg("text", { class: "ce-soft", x: start - 6, y: sy(tick.value) + 4, "text-anchor": "end" }, tick.text));
    }
    if (numbers[0]) {
      let free = -Infinity;
      for (const tick of sx.ticks) {
        const half = tick.text.length * 3.4, place = clamp(sx(tick.value), half, width - half);
        root.append(svg("line", { class: "ce-axis", x1: sx(tick.value), x2: sx(tick.value), y1: low, y2: low + 4 }));
        if (place - half < free) continue; // never one number over another
        free = place + half + 6;
        root.append(svg("text", { class: "ce-soft", x: place, y: low + 17, "text-anchor": "middle" }, tick.text));
      }
      root.append(svg("line", { class: "ce-axis", x1: start, x2: width - right, y1: low, y2: low }));
    }
    if (x) root.append(svg("text", { x: start + room / 2, y: height - 5, "text-anchor": "middle" }, x));
    if (y) root.append(svg("text", { x: 2, y: 12 }, y));
    const plot = svg("g", { "clip-path": `url(#${id})` });
    root.append(plot);
    return { root, plot, sx, sy, box: { left: start, top, right: width - right, bottom: low } };
  }

  // --------------------------------------------------------------------------------------- series: colour and form
  const DASHES = [null, "7 4", "2 3", "9 3 2 3", "14 4", "1 4"];
  const colour = (i) => `var(--ce-${i % 6 + 1})`;
  const MARKERS = [ // circle, square, triangle, diamond, cross, plus; each within a circle of radius r
    (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    (x, y, r) => `M${x - r * 0.9} ${y - r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}z`,
    (x, y, r) => `M${x} ${y - r * 1.2}l${r * 1.15} ${r * 2}h${-r * 2.3}z`,
    (x, y, r) => `M${x} ${y - r * 1.3}l${r * 1.3} ${r * 1.3}l${-r * 1.3} ${r * 1.3}l${-r * 1.3} ${-r * 1.3}z`,
    (x, y, r) => `M${x - r} ${y - r}l${r} ${r * 0.5}l${r} ${-r * 0.5}l${-r * 0.5} ${r}l${r * 0.5} ${r}l${-r} ${-r * 0.5}l${-r} ${r * 0.5}l${r * 0.5} ${-r}z`,
    (x, y, r) => `M${x - r * 0.4} ${y - r * 1.2}h${r * 0.8}v${r * 0.8}h${r * 0.8}v${r * 0.8}h${-r * 0.8}v${r * 0.8}h${-r * 0.8}v${-r * 0.8}h${-r * 0.8}v${-r * 0.8}h${r * 0.8}z`,
  ];
  const dots = (xs, ys, form, r) => xs.map((x, i) => (Number.isFinite(x + ys[i]) ? MARKERS[form % 6](round(x), round(ys[i]), r) : "")).join("");

  function polyline(xs, ys) { // a gap where a number is missing
    let path = "", pen = "M";
    for (let i = 0; i < xs.length; i++) {
      if (Number.isFinite(xs[i] + ys[i])) { path += `${pen}${round(xs[i])} ${round(clamp(ys[i], -9999, 9999))}`; pen = "L"; } else pen = "M";
    }
    return path;
  }

  function key(i, label, form) { // one entry of a legend
    const sign = form === "dots" ? svg("path", { d: MARKERS[i % 6](11, 6, 4.5), fill: colour(i) })
      : form === "bar" ? svg("rect", { x: 5, y: 0, width: 12, height: 12, fill: colour(i) })
        : svg("path", { d: "M0 6H22", stroke: form === "ink" ? "currentColor" : colour(i), "stroke-width": 2.4, "stroke-dasharray": DASHES[i % 6] });
    return html("span", {}, svg("svg", { width: 22, height: 12, "aria-hidden": "true" }, sign), label);
  }

  const column = (array, index, width) => Array.from({ length: array.length / width }, (_, i) => array[i * width + index]);
  function curve(array, first) { // (n,) or (2, n)
    if (!array) return { x: [], y: [] };
    if (array.shape.length === 1) return { x: Array.from(array, (_, i) => first + i), y: Array.from(array) };
    const n = array.shape[1];
    return { x: Array.from(array.subarray(0, n)), y: Array.from(array.subarray(n)) };
  }

  // ------------------------------------------------------------------------------------------------------- colours
  const MAPS = {
    sequential: [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140], [40, 174, 128], [94, 201, 98], [173, 220, 48], [253, 231, 37]], // viridis
    diverging: [[213, 94, 0], [247, 247, 247], [0, 114, 178]],
    gray: [[0, 0, 0], [255, 255, 255]],
  };
  const CLASSES = [[0, 114, 178], [213, 94, 0], [0, 128, 94], [169, 79, 136], [138, 106, 0], [68, 68, 68]];

  function mix(map, share) {
    const stops = MAPS[map], place = clamp(share, 0, 1) * (stops.length - 1), i = Math.min(Math.floor(place), stops.length - 2);
    return stops[i].map((c, j) => c + (stops[i + 1][j] - c) * (place - i));
  }

  // A small canvas with one pixel for each value; rgba(value) gives its colour.
  function pixels(values, offset, height, width, flip, rgba) {
    const canvas = html("canvas", { width, height }), context = canvas.getContext("2d"), data = context.createImageData(width, height);
    for (let row = 0; row < height; row++) for (let col = 0; col < width; col++) {
      const at = ((flip ? height - 1 - row : row) * width + col) * 4, value = values[offset + row * width + col];
      if (!Number.isNaN(value)) data.data.set(rgba(value), at);
    }
    context.putImageData(data, 0, 0);
    return canvas;
  }

  // The canvas under a drawing, in the drawing's coordinates, as sharp as the screen.
  function backdrop(width, height, box) {
    const dpr = Math.min(window.devicePixelRatio || 1, 2), w = box.right - box.left, h = box.bottom - box.top;
    const canvas = html("canvas", { width: Math.round(w * dpr), height: Math.round(h * dpr), "aria-hidden": "true",
      style: `left:${box.left / width * 100}%;top:${box.top / height * 100}%;width:${w / width * 100}%;height:${h / height * 100}%` });
    const context = canvas.getContext("2d");
    context.scale(dpr, dpr);
    return { canvas, context };
  }

  // Where a field crosses a level: one segment per cell of the grid, its ends interpolated (marching squares).
  function contour(field, H, W, level, place) {
    let path = "";
    for (let i = 0; i + 1 < H; i++) for (let j = 0; j + 1 < W; j++) {
      const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]], v = corners.map(([a, b]) => field(a, b) - level), cuts = [];
      for (let k = 0; k < 4; k++) {
        const a = v[k], b = v[(k + 1) % 4];
        if ((a < 0) !== (b < 0) && Number.isFinite(a - b)) {
          const [p, q] = [corners[k], corners[(k + 1) % 4]], t = a / (a - b);
          cuts.push(place(p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])));
        }
      }
      for (let k = 0; k + 1 < cuts.length; k += 2) path += `M${round(cuts[k][0])} ${round(cuts[k][1])}L${round(cuts[k + 1][0])} ${round(cuts[k + 1][1])}`;
    }
    return path;
  }

  // ------------------------------------------------------------------------------------------------- the five panels
  // Each takes (panel, get, limits, width) and returns {root, canvas?, legend?, text, probe?}: an SVG, what lies under
  // it, the legend's entries, the words for who cannot see it, and what to say about a place.
  const draw = {};

  draw.lines = (panel, get, limits, width, kept) => {
    const { root, plot, sx, sy, box } = frame(width, clamp(width * 0.64, 190, 340), {
      x: panel.x, y: panel.y, xLimits: limits.x, yLimits: limits.y, logX: panel.logX, logY: panel.log });
    const legend = [], words = [], shown = [];
    for (const mark of [...panel.marks, ...panel.vmarks]) {
      const value = get(mark.key)?.[0], across = panel.marks.includes(mark), place = across ? sy(value) : sx(value);
      const inside = across ? place >= box.top - 2 && place <= box.bottom + 2 : place >= box.left - 1 && place <= box.right + 1;
      if (!inside) continue;
      const ends = across ? { x1: box.left, x2: box.right, y1: place, y2: place } : { x1: place, x2: place, y1: box.top, y2: box.bottom };
      plot.append(svg("line", { ...ends, stroke: "var(--ce-soft)", "stroke-width": 1.3, "stroke-dasharray": "2 4" }));
      const early = place < box.left + (box.right - box.left) * 0.6;
      root.append(svg("text", { class: "ce-halo ce-soft", ...(across ? { x: box.right - 4, y: place < box.top + 16 ? place + 14 : place - 5, "text-anchor": "end" }
        : { x: place + (early ? 5 : -5), y: box.top + 11, "text-anchor": early ? "start" : "end" }) }, mark.label));
    }
    if (kept) for (const [i, series] of panel.series.entries()) { // the run kept for comparison, pale
      const { x, y } = curve(kept(series.key), panel.first);
      plot.append(svg("path", { class: "ce-kept", d: polyline(x.map(sx), y.map(sy)), fill: "none", stroke: colour(i), "stroke-width": 1.5, "stroke-opacity": 0.5 }));
    }
    panel.series.concat(panel.points).forEach((series, i) => {
      const form = i < panel.series.length ? "line" : "dots", { x, y } = curve(get(series.key), panel.first);
      const px = x.map(sx), py = y.map(sy), alone = form === "line" && x.length === 1;
      if (form === "line" && !alone) plot.append(svg("path", { d: polyline(px, py), fill: "none", stroke: colour(i), "stroke-width": 2.2, "stroke-dasharray": DASHES[i % 6], "stroke-linejoin": "round" }));
      else plot.append(svg("path", { d: dots(px, py, i, 4), fill: colour(i), stroke: "var(--ce-card)", "stroke-width": 0.7 }));
      if (series.label) legend.push(key(i, series.label, form));
      if (x.length) {
        words.push(`${series.label || "a curve"} goes from ${short(y[0])} to ${short(y[y.length - 1])}`);
        shown.push({ label: series.label, px, py, x, y });
      }
    });
    if (!shown.length) root.append(svg("text", { class: "ce-soft", x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, "text-anchor": "middle" }, "nothing to draw"));
    const probe = (px) => {
      let best = null;
      for (const s of shown) s.px.forEach((place) => { if (Number.isFinite(place) && (best === null || Math.abs(place - px) < Math.abs(best - px))) best = place; });
      if (best === null) return null;
      const lines = [], marks = [];
      for (const s of shown) {
        const i = s.px.findIndex((place) => Math.abs(place - best) < 0.5);
        if (i >= 0) { lines.push(`${s.label ? s.label + ": " : ""}${short(s.y[i])}`); marks.push([s.px[i], s.py[i]]); }
      }
      return { text: [`${panel.x || "x"} ${short(sx.invert(best))}`, ...lines].join("\n"), line: { x1: best, x2: best, y1: box.top, y2: box.bottom },
        marks: marks.filter(([, place]) => place >= box.top - 2 && place <= box.bottom + 2) };
    };
    return { root, legend, text: words.join("; "), probe };
  };

  draw.bars = (panel, get, limits, width) => {
    const labels = get(panel.labels), names = Array.isArray(labels), count = labels ? labels.length - (names ? 0 : 1) : 1;
    const longest = names ? Math.max(...labels.map((label) => label.length)) : 0, slanted = names && longest * 6.8 > (width - 50) / count - 2;
    const { root, plot, sx, sy, box } = frame(width, clamp(width * 0.64, 190, 340) + (slanted ? 20 : 0), {
      x: panel.x, y: panel.y, yLimits: limits.y, logY: panel.log, xLimits: names ? [-0.5, count - 0.5] : limits.x || [0, 1],
      numbers: [!names, true], bottom: names ? (slanted ? Math.min(14 + longest * 4.2, 80) : 22) + (panel.x ? 17 : 0) : undefined });
    const base = clamp(sy(panel.log ? limits.y[0] : 0), box.top, box.bottom), all = panel.series, legend = [], words = [];
    all.forEach((series, k) => {
      const values = get(series.key);
      if (!values || !labels) return;
      let path = "";
      values.forEach((value, i) => {
        if (Number.isNaN(value)) return;
        const left = names ? sx(i - 0.4 + 0.8 * k / all.length) : sx(labels[i]), right = names ? sx(i - 0.4 + 0.8 * (k + 1) / all.length) - 1 : sx(labels[i + 1]);
        const end = clamp(panel.log && value <= 0 ? base : sy(value), box.top - 2, box.bottom + 2);
        path += `M${round(left)} ${round(base)}V${round(end)}H${round(right)}V${round(base)}z`;
      });
      plot.append(svg("path", { d: path, fill: colour(k), "fill-opacity": names || all.length === 1 ? 1 : 0.55, stroke: names ? "none" : "var(--ce-card)", "stroke-width": 0.8 }));
      if (series.label && all.length > 1) legend.push(key(k, series.label, "bar"));
      const top = values.indexOf(Math.max(...values.filter((v) => !Number.isNaN(v))));
      if (top >= 0) words.push(`${series.label || "the values"}: highest ${short(values[top])} at ${names ? labels[top] : short(labels[top])}`);
    });
    root.append(svg("line", { class: "ce-axis", x1: box.left, x2: box.right, y1: base, y2: base }));
    const every = names && !slanted ? 1 : Math.ceil(count * 13 / (box.right - box.left));
    if (names) labels.forEach((label, i) => {
      if (i % every) return;
      const x = round(sx(i)), y = box.bottom + (slanted ? 12 : 16);
      root.append(svg("text", { class: "ce-soft", x, y, "text-anchor": slanted ? "end" : "middle", transform: slanted ? `rotate(-35 ${x} ${y})` : null }, label));
    });
    const probe = (px) => {
      const at = sx.invert(px), i = names ? Math.round(at) : labels ? labels.findIndex((edge, j) => at >= edge && at < labels[j + 1]) : -1;
      if (!labels || i < 0 || i >= count) return null;
      const head = names ? labels[i] : `${short(labels[i])} to ${short(labels[i + 1])}`;
      return { text: [head, ...all.filter((s) => get(s.key)).map((s) => `${s.label ? s.label + ": " : ""}${short(get(s.key)[i])}`)].join("\n") };
    };
    return { root, legend, text: words.join("; "), probe };
  };

  draw.image = (panel, get, limits, width) => {
    const array = get(panel.image), [low, high] = limits.v, share = (v) => (v - low) / (high - low), rgba = (v) => [...mix(panel.colors, share(v)), 255];
    const [H, W] = array ? array.shape.slice(-2) : [1, 1], many = array?.shape.length === 3, count = many ? array.shape[0] : 1;
    const captions = get(panel.captions), extent = panel.extent, xLabels = get(panel.xLabels), yLabels = get(panel.yLabels);
    const bar = panel.colorbar ? 58 : 0, columns = many ? Math.min(panel.columns || Math.ceil(Math.sqrt(count * 1.4)), count) : 1, rows = Math.ceil(count / columns);
    const head = panel.y ? 24 : 8, left = many ? 2 : extent ? 40 : yLabels ? 10 + 6.8 * Math.max(...yLabels.map((l) => l.length)) : 4;
    const room = width - left - bar - 4, gap = many ? 5 : 0, under = captions ? 17 : gap;
    const natural = H / W >= 1 / 3 && H / W <= 3 && !extent ? H / W : 0.7; // square cells, unless that makes a ribbon
    let w = (room - gap * (columns - 1)) / columns, h = w * natural;
    const most = many ? 460 : 340, total = rows * (h + under);
    if (total > most) { h = Math.max((most / rows) - under, 12); w = Math.min(w, h / natural); }
    const foot = (many ? 0 : extent || xLabels ? 20 : 4) + (panel.x ? 17 : 0), right = left + columns * w + (columns - 1) * gap, low_ = head + rows * h + (many ? rows * under : captions ? under : 0);
    const height = Math.ceil(Math.max(low_ + foot, 60)), box = { left, top: head, right, bottom: low_ };
    let root;
    if (extent && !many) {
      ({ root } = frame(width, height, { x: panel.x, y: panel.y, xLimits: extent.slice(0, 2), yLimits: extent.slice(2), left, right: width - right, bottom: foot, grid: false }));
      box.top = panel.y ? 24 : 10; box.bottom = height - foot; h = box.bottom - box.top;
    } else {
      root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
      if (panel.x) root.append(svg("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, panel.x));
      if (panel.y) root.append(svg("text", { x: 2, y: 13 }, panel.y));
    }
    const { canvas, context } = backdrop(width, height, { ...box, right: width });
    const place = (k) => [(k % columns) * (w + gap), Math.floor(k / columns) * (h + under)];
    if (array) for (let k = 0; k < count; k++) {
      const [x, y] = place(k), whole = (v) => Math.round(v);
      context.imageSmoothingEnabled = false;
      context.drawImage(pixels(array, k * H * W, H, W, !!extent, rgba), whole(x), whole(y), whole(w), whole(h));
      root.append(svg("rect", { x: left + x, y: box.top + y, width: w, height: h, fill: "none", class: "ce-grid" }));
      if (captions) root.append(svg("text", { x: left + x + w / 2, y: box.top + y + h + 12, "text-anchor": "middle", style: "font-size:11px" }, captions[k]));
    }
    if (!many && array) {
      const every = (n, size, text) => Math.ceil(n * text / size);
      xLabels?.forEach((label, i) => { if (i % every(W, w, 8 + 6.5 * Math.max(...xLabels.map((l) => l.length))) === 0) root.append(svg("text", { class: "ce-soft", x: left + (i + 0.5) * w / W, y: box.bottom + 15, "text-anchor": "middle" }, label)); });
      yLabels?.forEach((label, i) => { if (i % every(H, h, 13) === 0) root.append(svg("text", { class: "ce-soft", x: left - 5, y: box.top + (i + 0.5) * h / H + 4, "text-anchor": "end" }, label)); });
    }
    if (panel.annotate && array) for (let k = 0; k < count; k++) for (let i = 0; i < H * W; i++) {
      const [x, y] = place(k), value = array[k * H * W + i], [r, g, b] = rgba(value), row = Math.floor(i / W), size = Math.min(12, w / W * 0.42, h / H * 0.7);
      if (size >= 5) root.append(svg("text", { x: left + x + (i % W + 0.5) * w / W, y: box.top + y + ((extent ? H - 1 - row : row) + 0.5) * h / H + size * 0.35, "text-anchor": "middle",
        style: `font-size:${round(size)}px;fill:${0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#000" : "#fff"}` }, short(value)));
    }
    if (bar) {
      const x = right + 12, tall = Math.min(box.bottom - box.top, 260), sy = scale([low, high], box.top + tall, box.top, false);
      for (let i = 0; i < tall; i++) { context.fillStyle = `rgb(${mix(panel.colors, 1 - i / tall).map(Math.round)})`; context.fillRect(x - left, i, 11, 1.5); }
      for (const tick of sy.ticks) root.append(svg("text", { class: "ce-soft", x: x + 15, y: clamp(sy(tick.value) + 4, box.top + 9, 9999) }, tick.text));
    }
    const probe = (px, py) => {
      if (!array) return null;
      const x = px - left, y = py - box.top, col = Math.floor(x / (w + gap)), row = Math.floor(y / (h + under)), k = row * columns + col;
      const j = Math.floor((x - col * (w + gap)) / w * W), i = Math.floor((y - row * (h + under)) / h * H);
      if (col < 0 || col >= columns || row < 0 || k >= count || i < 0 || i >= H || j < 0 || j >= W) return null;
      const name = captions && captions[k] ? captions[k] + ", " : "", value = array[k * H * W + (extent ? H - 1 - i : i) * W + j];
      const at = extent ? `${short(extent[0] + (j + 0.5) / W * (extent[1] - extent[0]))}, ${short(extent[3] - (i + 0.5) / H * (extent[3] - extent[2]))}`
        : `${yLabels ? yLabels[i] : "row " + (i + 1)}, ${xLabels ? xLabels[j] : "column " + (j + 1)}`;
      return { text: `${name}${at}: ${short(value)}` };
    };
    const finite = array ? array.filter(Number.isFinite) : [];
    const range = finite.length ? `values from ${short(finite.reduce((a, b) => Math.min(a, b)))} to ${short(finite.reduce((a, b) => Math.max(a, b)))}` : "";
    return { root, canvas, text: `${many ? `${count} pictures` : `${H} by ${W}`}, ${range}`, probe };
  };

  draw.scatter = (panel, get, limits, width) => {
    const height = clamp(width * 0.82, 220, 400), { root, plot, sx, sy, box } = frame(width, height, { x: panel.x, y: panel.y, xLimits: limits.x, yLimits: limits.y, grid: false });
    const points = get(panel.scatter), classes = get(panel.classes), region = get(panel.region), legend = [], words = [];
    const count = classes?.length ? classes.reduce((a, b) => Math.max(a, b)) + 1 : 1;
    let canvas;
    if (region) {
      const [H, W] = region.shape, w = box.right - box.left, h = box.bottom - box.top, layer = backdrop(width, height, box);
      canvas = layer.canvas;
      layer.context.imageSmoothingEnabled = count <= 2;
      const tint = (v) => (count <= 2 ? [...CLASSES[v > 0.5 ? 1 : 0], 255 * (0.06 + 0.3 * Math.min(1, Math.abs(2 * v - 1)))] : [...CLASSES[Math.round(v) % 6], 82]);
      layer.context.drawImage(pixels(region, 0, H, W, true, tint), 0, 0, w, h);
      const place = (i, j) => [box.left + (j + 0.5) / W * w, box.bottom - (i + 0.5) / H * h];
      for (let k = 0; k < (count <= 2 ? 1 : count); k++) {
        const field = count <= 2 ? (i, j) => region[i * W + j] : (i, j) => (Math.round(region[i * W + j]) === k ? 1 : 0);
        const path = contour(field, H, W, 0.5, place);
        plot.append(svg("path", { d: path, fill: "none", stroke: "var(--ce-card)", "stroke-width": 4, "stroke-opacity": 0.7 }),
          svg("path", { d: path, fill: "none", stroke: "var(--ce-ink)", "stroke-width": 1.6 }));
      }
    }
    if (points) for (let k = 0; k < count; k++) {
      const chosen = Array.from({ length: points.shape[0] }, (_, i) => i).filter((i) => !classes || classes[i] === k), small = points.shape[0] > 400 ? 2.6 : 3.8;
      plot.append(svg("path", { d: dots(chosen.map((i) => sx(points[2 * i])), chosen.map((i) => sy(points[2 * i + 1])), k, small), fill: colour(k), stroke: "var(--ce-card)", "stroke-width": 0.8 }));
      if (classes) legend.push(key(k, `class ${k}`, "dots"));
    }
    panel.paths.forEach((path, i) => {
      const array = get(path.key);
      if (!array) return;
      const { x, y } = curve(array, 0), px = x.map(sx), py = y.map(sy), n = px.length, d = polyline(px, py);
      plot.append(svg("path", { d, fill: "none", stroke: "var(--ce-card)", "stroke-width": 5, "stroke-opacity": 0.8 }),
        svg("path", { d, fill: "none", stroke: "var(--ce-ink)", "stroke-width": 2, "stroke-dasharray": DASHES[i % 6] }));
      if (panel.arrows && n > 1) plot.append(svg("path", { d: arrow(px[n - 2], py[n - 2], px[n - 1], py[n - 1]), fill: "var(--ce-ink)" }));
      if (path.label) legend.push(key(i, path.label, "ink"));
      if (n) words.push(`${path.label || "a path"} ends at ${short(x[n - 1])}, ${short(y[n - 1])}`);
    });
    const probe = (px, py) => {
      if (px < box.left || px > box.right || py < box.top || py > box.bottom) return null;
      let text = `${panel.x || "x"} ${short(sx.invert(px))}, ${panel.y || "y"} ${short(sy.invert(py))}`;
      if (region) {
        const [H, W] = region.shape, i = clamp(Math.floor((box.bottom - py) / (box.bottom - box.top) * H), 0, H - 1), j = clamp(Math.floor((px - box.left) / (box.right - box.left) * W), 0, W - 1);
        text += count <= 2 ? `\nclass 1: ${short(100 * region[i * W + j], 2)} %` : `\nclass ${Math.round(region[i * W + j])}`;
      }
      return { text };
    };
    return { root, canvas, legend, text: [points ? `${points.shape[0]} points` : "", region ? "decision regions" : "", ...words].filter(Boolean).join("; "), probe };
  };

  function arrow(x1, y1, x2, y2, size = 9) { // a head at the second end
    const angle = Math.atan2(y2 - y1, x2 - x1), at = (turn) => `${round(x2 - size * Math.cos(angle + turn))} ${round(y2 - size * Math.sin(angle + turn))}`;
    return `M${round(x2)} ${round(y2)}L${at(0.42)}L${at(-0.42)}z`;
  }

  draw.diagram = (panel, get, limits, width) => {
    const nodes = get(panel.nodes), edges = get(panel.edges), weights = get(panel.weights), values = get(panel.values), labels = get(panel.labels), edgeLabels = get(panel.edgeLabels);
    const lines = (i) => (labels ? labels[i].split("\n") : [""]), ids = nodes ? Array.from({ length: nodes.shape[0] }, (_, i) => i) : [];
    const half = ids.map((i) => { const n = Math.max(...lines(i).map((line) => line.length)), k = lines(i).length; return n <= 5 && k === 1 ? [Math.max(12, n * 3.6 + 5), Math.max(12, n * 3.6 + 5)] : [n * 3.4 + 9, k * 7.5 + 6]; });
    const side = Math.max(14, ...half.map((size) => size[0])) + 6, above = Math.max(14, ...half.map((size) => size[1])) + 6, foot = panel.x ? 40 : 0, head = panel.y ? 18 : 0;
    const flat = limits.y[1] - limits.y[0] <= 1.001, height = clamp(width * (flat ? 0.3 : 0.66), 2 * above + foot + head, 340);
    const sx = scale(limits.x, side + (panel.y ? 34 : 0), width - side, false), sy = scale(limits.y, height - above - foot, above + head, false);
    const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
    if (panel.x) {
      root.append(svg("line", { class: "ce-axis", x1: sx(limits.x[0]) - side / 2, x2: sx(limits.x[1]) + side / 2, y1: height - 38, y2: height - 38 }), svg("text", { x: width / 2, y: height - 4, "text-anchor": "middle" }, panel.x));
      for (const tick of sx.ticks) root.append(svg("text", { class: "ce-soft", x: sx(tick.value), y: height - 21, "text-anchor": "middle" }, limits.x[0] > 999 && limits.x[1] < 3000 ? String(tick.value) : tick.text));
    }
    if (panel.y) {
      root.append(svg("text", { x: 2, y: 12 }, panel.y));
      for (const tick of sy.ticks) root.append(svg("text", { class: "ce-soft", x: 30, y: sy(tick.value) + 4, "text-anchor": "end" }, tick.text));
    }
    const at = (i) => [sx(nodes[2 * i]), sy(nodes[2 * i + 1])], halo = [];
    if (edges && nodes) for (let k = 0; k < edges.shape[0]; k++) {
      const [a, b] = [edges[2 * k], edges[2 * k + 1]], [x1, y1] = at(a), [x2, y2] = at(b), w = weights ? clamp(weights[k] / limits.weights, -1, 1) : 0, size = Math.abs(w);
      // stop at the border of the second node, so that an arrow's head is seen
      const t = Math.min(Math.abs(half[b][0] / (x2 - x1 || 1e-9)), Math.abs(half[b][1] / (y2 - y1 || 1e-9)), 1), ex = x2 - t * (x2 - x1), ey = y2 - t * (y2 - y1);
      const ink = weights ? colour(w >= 0 ? 0 : 1) : "var(--ce-soft)";
      root.append(svg("line", { x1, y1, x2: ex, y2: ey, stroke: ink, "stroke-width": round(weights ? 0.8 + 4 * size : 1.4), "stroke-opacity": weights ? 0.3 + 0.7 * size : 1 }));
      if (panel.arrows) root.append(svg("path", { d: arrow(x1, y1, ex, ey), fill: ink }));
      if (edgeLabels) halo.push(svg("text", { class: "ce-halo", x: (x1 + ex) / 2, y: (y1 + ey) / 2 + 4, "text-anchor": "middle" }, edgeLabels[k]));
    }
    for (const i of ids) {
      const [x, y] = at(i), [w, h] = half[i], v = values ? clamp(values[i] / limits.values, -1, 1) || 0 : 0, style = { x: x - w, y: y - h, width: 2 * w, height: 2 * h, rx: w === h ? w : 8 };
      root.append(svg("rect", { ...style, fill: "var(--ce-card)" }), svg("rect", { ...style, fill: colour(v >= 0 ? 0 : 1), "fill-opacity": 0.5 * Math.abs(v), stroke: "var(--ce-soft)", "stroke-width": 1.3 }));
      lines(i).forEach((line, k) => root.append(svg("text", { x, y: y + 4 + (k - (lines(i).length - 1) / 2) * 15, "text-anchor": "middle" }, line)));
    }
    root.append(...halo);
    return { root, text: [`${ids.length} nodes`, edges ? `${edges.shape[0]} edges` : "", labels ? labels.map((label) => label.replace(/\n/g, " ")).join(", ") : ""].filter(Boolean).join("; ") };
  };

  // ------------------------------------------------------------------------------------------------------ controls
  // Each returns {node, show(value)}; change(value) is called when the reader moves it.
  const controls = {
    slider(control, change, live) {
      const id = `ce-${++counter}`, { values } = control, text = (v) => (control.whole ? short(v, 6) : short(v, 6));
      const range = html("input", { type: "range", id, min: 0, max: values.length - 1, step: 1 });
      const shown = live ? html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${control.name}, exact value`, "aria-describedby": `${id}-error` })
        : html("output", { class: "ce-value", for: id });
      const error = html("p", { class: "ce-error", role: "alert", id: `${id}-error`, hidden: "" });
      const complain = (words) => { error.textContent = words; error.hidden = !words; if (live) shown.setAttribute("aria-invalid", String(!!words)); };
      range.addEventListener("input", () => change(values[+range.value]));
      if (live) {
        const commit = () => {
          const value = Number(shown.value.trim().replace(/[−–]/g, "-")), low = values[0], high = values[values.length - 1];
          if (shown.value.trim() === "" || !Number.isFinite(value) || value < low || value > high) return complain(`${control.name} must be a number between ${low} and ${high}, but is “${shown.value.trim()}”.`);
          if (control.whole && !Number.isInteger(value)) return complain(`${control.name} must be a whole number between ${low} and ${high}, but is ${shown.value.trim()}.`);
          return change(value);
        };
        shown.addEventListener("change", commit);
        shown.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); });
      }
      return {
        node: html("div", { class: "ce-control" }, html("div", { class: "ce-name" }, html("label", { for: id }, control.name), shown), range, error),
        show(value) {
          range.value = values.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(values[best] - value) ? i : best), 0);
          range.setAttribute("aria-valuetext", text(value));
          shown[live ? "value" : "textContent"] = live ? String(value) : text(value);
          complain("");
        },
      };
    },
    choice(control, change) {
      const { values, name } = control, id = `ce-${++counter}`;
      if (values.length > 5 || values.join("").length > 44) {
        const select = html("select", { id }, ...values.map((value) => html("option", { value }, value)));
        select.addEventListener("change", () => change(select.value));
        return { node: html("div", { class: "ce-control" }, html("label", { class: "ce-name", for: id }, name), select), show(value) { select.value = value; } };
      }
      const inputs = values.map((value) => html("input", { type: "radio", name: id, value }));
      inputs.forEach((input) => input.addEventListener("change", () => change(input.value)));
      return {
        node: html("fieldset", { class: "ce-control" }, html("legend", { class: "ce-name" }, name),
          html("div", { class: "ce-options" }, ...inputs.map((input) => html("label", {}, input, html("span", {}, input.value))))),
        show(value) { inputs.forEach((input) => { input.checked = input.value === value; }); },
      };
    },
    switch(control, change) {
      const input = html("input", { type: "checkbox", role: "switch" }), state = html("span", { class: "ce-value", "aria-hidden": "true" });
      input.addEventListener("change", () => change(input.checked));
      return {
        node: html("div", { class: "ce-control" }, html("label", { class: "ce-switch" }, input, control.name, state)),
        show(value) { input.checked = value; state.textContent = value ? "on" : "off"; },
      };
    },
  };

  // ------------------------------------------------------------------------------------------------- the explorer
  // root: where; book: what unpack() gave; ask(values): a promise of {cell, limits}, where Python is there to answer.
  function mount(root, { spec, cells }, ask) {
    const page = !ask && !document.body.dataset.jpThemeLight, constants = cells[0], runs = new Map(), views = [];
    spec.runs.forEach((values, i) => runs.set(JSON.stringify(values), cells[i + 1]));
    let values = spec.start.slice(), shownRun = null, kept = null, speech = 0, address = 0;

    root.classList.add("course-explorer");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", spec.title);
    root.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the controls
    const inputs = spec.controls.map((control, i) => controls[control.kind](control, (value) => { values[i] = value; moved(); }, !!ask));
    const summary = html("p", { class: "ce-summary" }), spoken = html("p", { class: "ce-spoken", "aria-live": "polite" });
    const note = html("p", { class: "ce-note" }), alert = html("p", { class: "ce-error", role: "alert" }), status = html("p", { class: "ce-status" });
    const panels = html("div", { class: "ce-panels" });
    const button = (label, act) => { const node = html("button", { type: "button" }, label); node.addEventListener("click", () => act(node)); return node; };
    const keep = button("Keep for comparison", () => {
      kept = kept || !shownRun ? null : { cell: shownRun, text: describe() };
      keep.setAttribute("aria-pressed", String(!!kept));
      keep.textContent = kept ? `Kept: ${kept.text} ✕` : "Keep for comparison";
      redraw();
    });
    const footer = html("div", { class: "ce-footer" }, button("Reset", () => { values = spec.start.slice(); moved(); }),
      button(page ? "Copy link" : "Copy settings", copy), spec.panels.some((panel) => panel.kind === "lines") ? keep : null);
    root.replaceChildren(html("p", { class: "ce-title" }, spec.title), html("div", { class: "ce-controls" }, ...inputs.map((input) => input.node)), alert, panels,
      summary, note, status, spec.lookFor ? html("p", { class: "ce-look" }, html("strong", {}, "Look for: "), spec.lookFor) : "", footer, spoken);

    for (const panel of spec.panels) {
      const view = { panel, legend: html("div", { class: "ce-legend" }), plot: html("div", { class: "ce-plot" }), words: html("div", { class: "ce-probe", hidden: "", "aria-hidden": "true" }) };
      view.figure = html("figure", { class: "ce-panel" }, panel.title ? html("figcaption", {}, panel.title) : null, view.legend, view.plot);
      view.plot.addEventListener("pointermove", (event) => point(view, event));
      view.plot.addEventListener("pointerdown", (event) => point(view, event));
      view.plot.addEventListener("pointerleave", () => { view.words.hidden = true; view.cross?.remove(); });
      panels.append(view.figure);
      views.push(view);
    }

    const describe = () => spec.controls.map((control, i) => `${control.name} ${typeof values[i] === "boolean" ? (values[i] ? "on" : "off") : values[i]}`).join(", ");

    function redraw() {
      if (!shownRun) return;
      const get = (name) => shownRun[name] ?? constants[name];
      views.forEach((view, i) => {
        const width = Math.floor(view.plot.clientWidth);
        if (!width) return; // not visible yet: the observer below comes back
        view.width = width;
        const drawn = draw[view.panel.kind](view.panel, get, spec.limits[i], width, kept && kept.cell !== shownRun ? (name) => kept.cell[name] : null);
        drawn.root.setAttribute("aria-label", [view.panel.title, drawn.text].filter(Boolean).join(": ") || spec.title);
        view.words.hidden = true;
        view.drawn = drawn;
        view.legend.replaceChildren(...(drawn.legend || []));
        view.legend.hidden = !drawn.legend?.length;
        view.plot.replaceChildren(...[drawn.canvas, drawn.root, view.words].filter(Boolean));
      });
    }

    function point(view, event) { // what lies under the pointer, in words
      const box = view.drawn?.root.getBoundingClientRect(), found = box && view.drawn.probe?.((event.clientX - box.left) / box.width * view.width, (event.clientY - box.top) / box.width * view.width);
      view.cross?.remove();
      view.words.hidden = !found;
      if (!found) return;
      view.words.textContent = found.text;
      const far = event.clientX - box.left > box.width / 2; // on the other side of the pointer
      view.words.style.left = far ? "0" : "auto";
      view.words.style.right = far ? "auto" : "0";
      if (found.line) {
        view.cross = svg("g", { "aria-hidden": "true" }, svg("line", { ...found.line, stroke: "var(--ce-soft)", "stroke-width": 1 }),
          ...found.marks.map(([cx, cy]) => svg("circle", { cx, cy, r: 4, fill: "var(--ce-ink)", stroke: "var(--ce-card)", "stroke-width": 1.5 })));
        view.drawn.root.append(view.cross);
      }
    }

    function show(cell) {
      shownRun = cell;
      root.classList.remove("ce-stale");
      alert.textContent = status.textContent = "";
      summary.textContent = cell["#summary"] || "";
      note.textContent = cell["#note"] || "";
      note.hidden = !cell["#note"];
      summary.hidden = !summary.textContent;
      redraw();
      clearTimeout(speech); // a drag is spoken once, at its end
      speech = setTimeout(() => { spoken.textContent = [describe(), cell["#summary"]].filter(Boolean).join(". "); }, 700);
    }

    function fail(words) {
      root.classList.add("ce-stale");
      alert.textContent = words;
    }

    // -------------------------------------------------------------------------------------------- choosing a run
    let running = null;
    function moved(byReader = true) {
      inputs.forEach((input, i) => input.show(values[i]));
      const name = JSON.stringify(values);
      if (runs.has(name)) show(runs.get(name));
      else if (ask) request();
      else fail("This page holds the starting setting alone.");
      if (page && byReader) { clearTimeout(address); address = setTimeout(() => history.replaceState(history.state, "", fragment()), 250); }
    }

    async function request() { // one run at a time; while it runs, only the latest wish is remembered
      if (running) return;
      const asked = JSON.stringify(running = values.slice());
      const soon = setTimeout(() => { root.classList.add("ce-busy"); root.setAttribute("aria-busy", "true"); status.textContent = "Running…"; }, 150);
      const late = setTimeout(() => { status.textContent = "Still waiting for Python. If another cell is running, this follows; if the kernel was stopped, run this cell again."; }, 10000);
      let failure = "";
      try {
        const { cell, limits } = await ask(running);
        runs.set(asked, cell);
        spec.limits = limits;
      } catch (error) {
        failure = error.message;
      }
      clearTimeout(soon);
      clearTimeout(late);
      running = null;
      root.classList.remove("ce-busy");
      root.removeAttribute("aria-busy");
      status.textContent = "";
      const wanted = JSON.stringify(values);
      if (wanted !== asked) moved();
      else if (failure) fail(failure);
      else show(runs.get(asked));
    }

    // ------------------------------------------------------------------------------------- the address of a setting
    const fragment = () => `#${spec.name}:` + spec.controls.map((control, i) => `${slug(control.name)}=${encodeURIComponent(values[i])}`).join(";");

    function follow() { // #name:learning-rate=0.1;dropout=0.2 — the nearest values there are; what is unknown is left out
      const [name, rest] = location.hash.slice(1).split(/:(.*)/s);
      if (name !== spec.name || rest === undefined) return;
      values = spec.start.slice();
      for (const part of rest.split(";")) {
        const [key_, raw = ""] = part.split(/=(.*)/s), i = spec.controls.findIndex((control) => slug(control.name) === key_);
        if (i < 0) continue;
        const { kind, values: known } = spec.controls[i];
        let text = raw;
        try { text = decodeURIComponent(raw); } catch (error) { if (!(error instanceof URIError)) throw error; }
        if (kind === "slider" && text.trim() && Number.isFinite(+text)) values[i] = known.reduce((best, v) => (Math.abs(v - text) < Math.abs(best - text) ? v : best));
        if (kind === "switch" && /^(true|false)$/.test(text)) values[i] = text === "true";
        if (kind === "choice") values[i] = known.find((v) => v === text) ?? known.find((v) => slug(v) === slug(text)) ?? values[i];
      }
      moved(false);
      root.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    }

    async function copy(node) {
      const python = (v) => (typeof v === "boolean" ? (v ? "True" : "False") : JSON.stringify(v));
      const text = page ? location.href.split("#")[0] + fragment() : spec.controls.map((control, i) => `${control.name.replace(/ /g, "_")}=${python(values[i])}`).join(", ");
      const label = page ? "Copy link" : "Copy settings";
      try {
        await navigator.clipboard.writeText(text);
        node.textContent = "Copied";
        spoken.textContent = "Copied.";
        setTimeout(() => { node.textContent = label; }, 1500);
      } catch { // no permission, or no secure context: the reader copies it by hand
        status.textContent = text;
      }
    }

    if (!root.courseKeys) { root.courseKeys = true; root.addEventListener("keydown", (event) => event.stopPropagation()); }
    const observer = new ResizeObserver(() => { if (views.some((view) => Math.floor(view.plot.clientWidth) !== view.width)) redraw(); });
    observer.observe(panels);
    moved(false);
    if (page) { follow(); window.addEventListener("hashchange", follow); }
    return () => { observer.disconnect(); window.removeEventListener("hashchange", follow); clearTimeout(speech); clearTimeout(address); };
  }

  // -------------------------------------------------------------------------------------------------- the two faces
  function bytesOf(text) {
    const binary = atob(text), bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  }

  if (!customElements.get("course-explorer")) customElements.define("course-explorer", class extends HTMLElement {
    connectedCallback() {
      if (this.started) return;
      const start = () => { // the children may not be parsed yet when the element is
        const script = this.querySelector('script[type="application/json"]');
        if (!script || this.started || !this.isConnected) return;
        this.started = true;
        unpack(bytesOf(JSON.parse(script.textContent).packed)).then((book) => mount(this, book))
          .catch((error) => { this.append(html("p", { class: "ce-error", role: "alert" }, error.message)); });
      };
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start, { once: true });
      else setTimeout(start, 0);
    }
  });

  // For anywidget: the same drawing, each new setting answered by Python.
  async function live({ model, el }) {
    const waiting = new Map(), root = html("div"), me = Math.random().toString(36).slice(2);
    let sent = 0;
    el.append(root);
    const hear = (message, buffers) => {
      const wish = waiting.get(message.id);
      if (!wish) return; // another view's
      waiting.delete(message.id);
      if (message.error) wish.reject(new Error(message.error));
      else unpack(buffers[0]).then(({ spec, cells }) => wish.resolve({ cell: cells[0], limits: spec.limits })).catch(wish.reject);
    };
    const ask = (values) => new Promise((resolve, reject) => {
      const id = `${me}-${++sent}`;
      waiting.set(id, { resolve, reject });
      model.send({ id, values });
    });
    model.on("msg:custom", hear);
    const stop = mount(root, await unpack(model.get("payload")), ask);
    return () => { stop(); model.off("msg:custom", hear); };
  }

  return { live, mount, unpack, draw };
})();
