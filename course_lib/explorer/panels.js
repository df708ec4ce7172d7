// The panels of an explorer: lines, bars, images, scatter plots, diagrams. Each draws what one run returned.
//
// scales and axes → series and colours → five panels
var coursePanels = (() => {
  "use strict";
  const { clamp, grouped, html, mix, newId, range, short, svg } = courseElement;
  const round = (value) => Math.round(value * 10) / 10;
  const longest = (texts) => texts.reduce((most, text) => Math.max(most, text.length), 0);

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
    const root = sheet(width, height), id = newId("ce-clip");
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

  const CLASSES = [[0, 114, 178], [213, 94, 0], [0, 128, 94], [169, 79, 136], [138, 106, 0], [68, 68, 68],
    [43, 149, 204]];

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

  return draw;
})();
