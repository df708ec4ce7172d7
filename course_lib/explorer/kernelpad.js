// Convolution with an editable kernel, computed in the page. No dependency, no network request, no Python.
// kernelpad.py writes the images and the kernels; the reader edits weights and moves the window.
//
// convolution → drawing → the element
var courseKernelpad = (() => {
  "use strict";
  const { address, button, card, copyButton, define, errorLine, field, html, isPage, line, live: liveWith, lookFor, mix, say, slug, spokenLine, svg } = courseElement;

  // --------------------------------------------------------------------------------------------------- convolution
  // As in deep learning, the kernel is not turned (cross-correlation). An image is {rows, columns, values}.
  function pad({ rows, columns, values }, by) {
    const wide = columns + 2 * by, out = { rows: rows + 2 * by, columns: wide, values: new Float64Array((rows + 2 * by) * wide) };
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) out.values[(i + by) * wide + j + by] = values[i * columns + j];
    }
    return out;
  }

  const outputSize = (n, k, stride, padding) => Math.floor((n + 2 * padding - k) / stride) + 1;

  function products(padded, kernel, top, left) { // pixel times weight, in the window that begins at (top, left)
    return kernel.map((row, u) => row.map((weight, v) => [padded.values[(top + u) * padded.columns + left + v], weight]));
  }

  // null where no window fits
  function convolve(image, kernel, { stride = 1, padding = 0 } = {}) {
    const padded = pad(image, padding), [rows, columns] = [image.rows, image.columns]
      .map((n) => outputSize(n, kernel.length, stride, padding));
    if (rows < 1 || columns < 1) return null;
    const values = new Float64Array(rows * columns);
    for (let at = 0; at < values.length; at++) {
      const top = Math.floor(at / columns) * stride, left = (at % columns) * stride;
      for (const [pixel, weight] of products(padded, kernel, top, left).flat()) values[at] += pixel * weight;
    }
    return { rows, columns, values };
  }

  function unpack({ rows, columns, pixels }) { // stored in bytes, 255 is 1
    return { rows, columns, values: Float64Array.from(atob(pixels), (letter) => letter.charCodeAt(0) / 255) };
  }

  // ------------------------------------------------------------------------------------------------------- drawing
  const linear = (c) => (c <= 10 ? c / 3295 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const readable = ([r, g, b]) => (0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) > 0.18 ? "#000" : "#fff");
  const diverging = (share) => mix("diverging", (share + 1) / 2), gray = (share) => [255 * share, 255 * share, 255 * share];
  const SIDE = 32, MOST_NUMBERS = 12; // a pixel's side in the drawing; larger pictures show no numbers

  function outline(top, left, rows, columns, colour, dashes = "") { // light below, so that it stands out on everything
    return ["#fff", colour].map((stroke, i) => svg("rect", { x: left * SIDE, y: top * SIDE, width: columns * SIDE,
      height: rows * SIDE, fill: "none", stroke, "stroke-width": i ? 2.5 : 5, "vector-effect": "non-scaling-stroke",
      "stroke-dasharray": i ? dashes : "" }));
  }

  // Pixels in a canvas; numbers and outlines over it. onPick gets the row and column that are pointed at.
  function picture(onPick) {
    const canvas = html("canvas", { style: "left:0;top:0;width:100%;height:100%", "aria-hidden": "true" });
    const over = svg("svg", { role: "img", style: "cursor:crosshair" });
    let size = [1, 1];
    const pick = (event) => {
      const box = over.getBoundingClientRect();
      onPick(Math.floor((event.clientY - box.top) / box.height * size[0]), Math.floor((event.clientX - box.left) / box.width * size[1]));
    };
    over.addEventListener("pointerdown", (event) => { if (event.isPrimary && !event.button) pick(event); });
    over.addEventListener("pointermove", (event) => { if (event.isPrimary && event.buttons) pick(event); });
    function draw({ rows, columns, values }, colour, label, ...outlines) {
      const data = new ImageData(columns, rows), colours = Array.from(values, colour);
      colours.forEach((rgb, at) => data.data.set([...rgb, 255], 4 * at));
      [size, canvas.width, canvas.height] = [[rows, columns], columns, rows];
      canvas.getContext("2d").putImageData(data, 0, 0);
      const numbers = Math.max(rows, columns) > MOST_NUMBERS ? [] : colours.map((rgb, at) => svg("text", {
        x: (at % columns + 0.5) * SIDE, y: (Math.floor(at / columns) + 0.5) * SIDE, "text-anchor": "middle",
        "dominant-baseline": "central", style: `fill:${readable(rgb)}` }, say(values[at], 2)));
      over.setAttribute("viewBox", `0 0 ${columns * SIDE} ${rows * SIDE}`);
      over.setAttribute("aria-label", label);
      over.replaceChildren(...numbers, ...outlines.flat());
    }
    return { node: html("div", { class: "ce-plot" }, canvas, over), draw };
  }

  // --------------------------------------------------------------------------------------------------- the element
  // root: where; book: what kernelpad.py wrote. Returns a function that takes the pad down.
  function mount(root, book, live) {
    const page = isPage(live);
    const images = Object.fromEntries(Object.entries(book.images).map(([name, image]) => [name, unpack(image)]));
    const k = Object.values(book.kernels)[0].length;
    let kernel, place = [0, 0], map = null; // the weights last understood; the window's row and column in the map

    const choice = (names) => html("select", {}, ...names.map((name) => html("option", {}, name)));
    const range = (min, max) => html("input", { type: "range", min, max, step: 1, value: min });
    const image = field("image", choice(Object.keys(images)), false), preset = field("kernel", choice(Object.keys(book.kernels)), false);
    const edited = html("option", { value: "", hidden: "" }, "edited by you");
    preset.input.append(edited);
    const stride = field("stride", range(1, 3)), padding = field("padding", range(0, 2)), window_ = field("window", range(1, 1));
    const relu = field("ReLU", html("input", { type: "checkbox", role: "switch", class: "ce-switch" }), false);
    const cells = Array.from({ length: k * k }, (_, at) => html("input", { type: "number", step: 0.5,
      "aria-label": `row ${Math.floor(at / k) + 1}, column ${at % k + 1}`, class: "ce-number" }));
    const weights = html("fieldset", { class: "ce-control", style: "grid-row:span 4" }, html("legend", { class: "ce-name" }, "weights, to be edited"),
      html("div", { style: `display:grid;grid-template-columns:repeat(${k},1fr);gap:.3rem;max-width:17rem` }, ...cells),
      html("div", { class: "ce-beside" }, button("Turn by 180°", turn)));
    const error = errorLine(), summary = line("summary"), note = line("note"), status = line("status"), spoken = spokenLine();
    const panel = (title, { node }) => html("figure", { class: "ce-panel" }, html("figcaption", {}, title), node);
    const before = picture((row, column) => move([row, column].map((at) => Math.round((at - (k - 1) / 2) / +stride.input.value))));
    const after = picture((row, column) => move([row, column]));

    // The address, and what is copied
    const name = () => Object.keys(book.kernels).find((one) => String(book.kernels[one]) === String(kernel));
    const pairs = () => [["image", image.input.value], ["kernel", name() ?? kernel.flat().join(",")], ["stride", stride.input.value],
      ["padding", padding.input.value], ["ReLU", relu.input.checked], ["window", place.map((at) => at + 1).join(",")]];
    const link = address(root, pairs, (found) => {
      reset();
      const known = new Map(found), said = (key) => known.get(slug(key))?.trim() || "";
      const numbers = (key) => said(key).split(",").map((part) => (part.trim() ? +part : NaN));
      const one = (names, text) => names.find((each) => slug(each) === slug(text)); // what is unknown is left out
      image.input.value = one(Object.keys(images), said("image")) ?? book.start.image;
      const chosen = one(Object.keys(book.kernels), said("kernel")), typed = numbers("kernel");
      if (chosen) fill(book.kernels[chosen]);
      else if (typed.length === k * k && typed.every((weight) => Math.abs(weight) <= 100)) fill(rowsOf(typed));
      for (const [key, { input }] of [["stride", stride], ["padding", padding]]) {
        const [value] = numbers(key);
        if (value >= +input.min && value <= +input.max) input.value = Math.round(value);
      }
      relu.input.checked = said("ReLU") === "true";
      if (numbers("window").length === 2 && numbers("window").every(Number.isInteger)) place = numbers("window").map((at) => at - 1);
      redraw();
    });
    const python = () => `image=${JSON.stringify(image.input.value)}, kernel=${JSON.stringify(kernel)}, stride=${stride.input.value}, ` +
      `padding=${padding.input.value}`;

    const close = card(root, book.title,
      html("div", { class: "ce-controls" }, image.node, preset.node, weights, stride.node, padding.node, window_.node, relu.node), error,
      html("div", { class: "ce-panels" }, panel("image, and the window", before), panel("feature map", after)), summary, note,
      status, lookFor(book.lookFor), html("div", { class: "ce-footer" }, button("Reset", () => { reset(); moved(); }),
        page ? copyButton("Copy link", link.href, status, spoken) : copyButton("Copy settings", python, status, spoken)), spoken);

    // What the reader does
    const rowsOf = (flat) => Array.from({ length: k }, (_, u) => flat.slice(u * k, u * k + k));
    function fill(rows) {
      kernel = rows.map((row) => [...row]);
      cells.forEach((cell, at) => { cell.value = Number(rows.flat()[at].toFixed(4)); });
    }
    function moved() {
      redraw();
      if (page) link.write();
    }
    function turn() {
      fill(rowsOf(kernel.flat().reverse()));
      moved();
    }
    function reset() {
      [image.input.value, preset.input.value] = [book.start.image, book.start.kernel];
      [stride.input.value, padding.input.value, relu.input.checked, place] = [book.start.stride, book.start.padding, false, [0, 0]];
      fill(book.kernels[book.start.kernel]);
    }
    function move(to) {
      place = to;
      moved();
    }
    cells.forEach((cell, at) => cell.addEventListener("input", () => {
      if (understood(cell)) kernel[Math.floor(at / k)][at % k] = +cell.value;
      moved();
    }));
    preset.input.addEventListener("change", () => {
      fill(book.kernels[preset.input.value]);
      moved();
    });
    window_.input.addEventListener("input", () => {
      if (map) move([Math.floor((window_.input.value - 1) / map.columns), (window_.input.value - 1) % map.columns]);
    });
    for (const { input } of [image, stride, padding, relu]) input.addEventListener("input", moved);

    // What the reader sees
    const understood = (cell) => cell.value.trim() !== "" && Math.abs(+cell.value) <= 100;

    function redraw() {
      const x = images[image.input.value], [s, p] = [+stride.input.value, +padding.input.value], padded = pad(x, p);
      const all = convolve(x, kernel, { stride: s, padding: p });
      map = all && relu.input.checked ? { ...all, values: all.values.map((v) => Math.max(v, 0)) } : all;
      root.map = map;
      preset.input.value = name() ?? "";
      edited.hidden = name() !== undefined;
      const top = Math.max(...kernel.flat().map(Math.abs)) || 1;
      cells.forEach((cell, at) => {
        const rgb = diverging(0.8 * kernel[Math.floor(at / k)][at % k] / top);
        [cell.style.background, cell.style.color] = [`rgb(${rgb})`, readable(rgb)];
        cell.setAttribute("aria-invalid", String(!understood(cell)));
      });
      const bad = cells.find((cell) => !understood(cell)), tell = (text) => { if (error.textContent !== text) error.textContent = text; };
      [stride.value.textContent, padding.value.textContent] = [s, p];
      if (!map) {
        tell(`No window fits: the kernel of ${k} × ${k} is larger than the image, ${padded.rows} × ${padded.columns} with its padding.`);
        [window_.value.textContent, summary.textContent, note.textContent, spoken.textContent] = ["none", "", "", ""];
        before.draw(padded, gray, "The image; no window fits", outline(p, p, x.rows, x.columns, "#8a6a00", "5 4"));
        return after.draw({ rows: 1, columns: 1, values: [] }, gray, "No feature map");
      }
      const [i, j] = place = [Math.max(Math.min(place[0], map.rows - 1), 0), Math.max(Math.min(place[1], map.columns - 1), 0)];
      tell(bad ? `${bad.getAttribute("aria-label").replace("row", "Row")}: a number from −100 to 100 is needed; the map goes on with ` +
        `${say(kernel.flat()[cells.indexOf(bad)])}.` : "");
      [window_.input.max, window_.input.value] = [map.values.length, i * map.columns + j + 1];
      window_.value.textContent = `${window_.input.value} of ${map.values.length}`;
      window_.input.setAttribute("aria-valuetext", `row ${i + 1}, column ${j + 1} of the map`);

      const pairs = products(padded, kernel, i * s, j * s).flat(), sum = all.values[i * all.columns + j];
      const strongest = map.values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      const reach = Math.max(strongest, 1e-9 * top), factor = (v) => (v < 0 ? `(${say(v)})` : say(v));
      before.draw(padded, gray, `${image.input.value}, ${padded.rows} by ${padded.columns} pixels with its padding; the window begins at row ${i * s + 1}, column ${j * s + 1}`,
        p ? outline(p, p, x.rows, x.columns, "#8a6a00", "5 4") : [], outline(i * s, j * s, k, k, "#a94f88"));
      after.draw(map, (v) => diverging(v / reach), `Feature map, ${map.rows} by ${map.columns}, strongest value ${say(strongest)}`,
        outline(i, j, 1, 1, "#a94f88"));
      const size = (n) => `⌊(${n}${p ? ` + 2·${p}` : ""} − ${k}) / ${s}⌋ + 1 = ${outputSize(n, k, s, p)}`;
      const slide = (n) => `(${n}${p ? ` + 2·${p}` : ""} − ${k} + 1) / (${s} + 1) = ${say((n + 2 * p - k + 1) / (s + 1), 2)}`;
      const sides = x.rows === x.columns ? [x.rows] : [x.rows, x.columns];
      summary.textContent = `Row ${i + 1}, column ${j + 1} of the map: the nine products sum to ${say(sum)}` +
        `${relu.input.checked && sum < 0 ? ", of which ReLU makes 0" : ""}. Size of the map: ${sides.map(size).join(" by ")}; ` +
        `the slide's formula says ${sides.map(slide).join(" by ")}.`;
      note.textContent = `${pairs.map(([pixel, weight]) => `${say(pixel, 2)}·${factor(weight)}`).join(" + ")} = ${say(sum)}. ` +
        `The weights sum to ${say(kernel.flat().reduce((a, b) => a + b))}; the strongest response is ${say(strongest)}.`;
      spoken.textContent = summary.textContent;
    }
    reset();
    redraw();
    if (page) link.listen();
    return () => { close(); link.stop(); };
  }

  define("course-kernelpad", mount);
  return { convolve, live: liveWith(mount), mount, outputSize, unpack };
})();
