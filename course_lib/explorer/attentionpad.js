// Attention by hand: scores, weights and context of numbers that the reader edits, computed in the page.
// attentionpad.py writes the query, the states and the start.
//
// attention → the element
var courseAttentionpad = (() => {
  "use strict";
  const { address, button, card, copyButton, define, errorLine, html, isPage, line, live: liveWith, lookFor, say, short, slider, slug,
    spokenLine, toggle } = courseElement;

  // ------------------------------------------------------------------------------------------------------ attention
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const dot = (a, b) => sum(a.map((value, i) => value * b[i]));

  function softmax(scores, temperature) { // as functional.softmax: the largest is taken off, so that exp cannot overflow
    const top = Math.max(...scores), powers = scores.map((score) => Math.exp((score - top) / temperature)), total = sum(powers);
    return powers.map((power) => power / total);
  }

  function attend({ query, states, temperature, scaled }) {
    const scores = states.map((state) => dot(state, query) / (scaled ? Math.sqrt(query.length) : 1));
    const weights = softmax(scores, temperature), parts = states.map((state, t) => state.map((value) => weights[t] * value));
    return { scores, weights, parts, context: query.map((_, d) => sum(parts.map((part) => part[d]))) };
  }

  // ---------------------------------------------------------------------------------------------------- the element
  const row = (values, digits = 3) => `[${values.map((value) => say(value, digits)).join(", ")}]`;
  const factor = (value) => (value < 0 ? `(${say(value, 4)})` : say(value, 4));
  const percent = (share) => `${(100 * share).toFixed(1)}%`;

  // root: where; book: what attentionpad.py wrote. Returns a function that takes the pad down.
  function mount(root, book, live) {
    const page = isPage(live), { reach } = book, D = book.query.length;
    const begin = () => ({ query: [...book.query], states: book.states.map((state) => [...state]), ...book.start });
    let now = begin(); // the numbers last understood

    // What it is made of
    const temperature = slider({ name: "temperature", values: book.temperatures }, (value) => { now.temperature = value; moved(); }, true);
    const scaled = toggle({ name: `scores divided by √${D}` }, (value) => { now.scaled = value; moved(); });
    const boxes = []; // of all numbers: the query's first, then state by state
    function editable(what, values) {
      return html("div", { class: "ca-numbers" }, ...values().map((_, d) => {
        const node = html("input", { type: "number", step: 1, class: "ce-number", "aria-label": `${what}, number ${d + 1}` });
        const box = { node, get: () => values()[d], set: (value) => { values()[d] = value; } };
        node.addEventListener("input", () => {
          if (understood(box)) box.set(+node.value);
          moved();
        });
        boxes.push(box);
        return node;
      }));
    }
    const cell = (kind, role, ...content) => html("div", { class: `ca-${kind}`, role }, ...content);
    const numbers = (kind) => cell(kind, "cell", ...book.query.map(() => html("span", {})));
    const queryRow = cell("row", "row", cell("name", "rowheader", "query s"), cell("editable", "cell", editable("query", () => now.query)));
    const rows = book.states.map((_, t) => {
      const parts = { score: cell("score", "cell"), bar: html("div", {}), share: html("span", {}), part: numbers("part") };
      const node = cell("row", "row", cell("name", "rowheader", `state ${t + 1}`),
        cell("editable", "cell", editable(`state ${t + 1}`, () => now.states[t])), parts.score,
        cell("weight", "cell", html("div", { class: "ca-bar" }, parts.bar), parts.share), parts.part);
      return { node, ...parts };
    });
    const context = numbers("part"), heads = ["", "numbers, to be edited", "1. score", "2. weight", "3. weight × state"];
    const sheet = html("div", { class: "ca-sheet", role: "table", "aria-label": "attention, step by step" },
      cell("row ca-heads", "row", ...heads.map((head) => cell("head", head ? "columnheader" : "cell", head))), queryRow, ...rows.map(({ node }) => node),
      cell("row ca-sum", "row", cell("name", "rowheader", "4. context"), context));
    const error = errorLine(), summary = line("summary"), note = line("note"), status = line("status"), spoken = spokenLine();

    // The address, and what is copied
    const pairs = () => [["query", now.query.join(",")], ...now.states.map((state, t) => [`state ${t + 1}`, state.join(",")]),
      ["temperature", now.temperature], ["scaled", now.scaled]];
    const place = address(root, pairs, (found) => {
      const known = new Map(found), [low, high] = [book.temperatures[0], book.temperatures.at(-1)];
      now = begin();
      for (const [name, old] of pairs()) { // what is unknown or wrong is left out
        const said = (known.get(slug(name)) ?? "").trim(), values = said.split(",").map(Number);
        if (!said) continue;
        if (name === "scaled") now.scaled = said === "true";
        else if (name === "temperature") now.temperature = +said >= low && +said <= high ? +said : old;
        else if (values.length === D && values.every((value) => Math.abs(value) <= reach)) {
          const target = name === "query" ? now.query : now.states[name.split(" ")[1] - 1];
          values.forEach((value, d) => { target[d] = value; });
        }
      }
      write();
    });
    const python = () => `query=${row(now.query, 4)}, states=[${now.states.map((state) => row(state, 4)).join(", ")}], ` +
      `temperature=${now.temperature}, scaled=${now.scaled ? "True" : "False"}`;
    const close = card(root, book.title, html("div", { class: "ce-controls" }, temperature.node, scaled.node), error, sheet, summary, note,
      status, lookFor(book.lookFor), html("div", { class: "ce-footer" }, button("Reset", () => { now = begin(); write(); place.write(); }),
        page ? copyButton("Copy link", place.href, status, spoken)
          : copyButton("Copy settings", () => python().replace(/−/g, "-"), status, spoken)), spoken);

    // What the reader does
    const understood = ({ node }) => node.value.trim() !== "" && Math.abs(+node.value) <= reach;
    function write() { // all numbers into their boxes
      for (const box of boxes) box.node.value = box.get();
      redraw();
    }
    function moved() {
      redraw();
      if (page) place.write();
    }

    // What the reader sees
    function redraw() {
      temperature.show(now.temperature);
      scaled.show(now.scaled);
      for (const box of boxes) box.node.setAttribute("aria-invalid", String(!understood(box)));
      const bad = boxes.find((box) => !understood(box)), label = bad?.node.getAttribute("aria-label");
      const told = bad ? `${label[0].toUpperCase()}${label.slice(1)}: a number from −${reach} to ${reach} is needed; the sheet goes on ` +
        `with ${say(bad.get(), 4)}.` : "";
      if (error.textContent !== told) error.textContent = told;
      const found = attend(now), top = Math.max(...now.states.flat().map(Math.abs)) || 1;
      root.found = found;
      const fill = (node, values) => [...node.children].forEach((span, d) => {
        span.textContent = say(values[d], 2);
        span.style.background = `color-mix(in srgb, var(--ce-${values[d] < 0 ? 2 : 1}) ${45 * Math.abs(values[d]) / top}%, transparent)`;
      });
      rows.forEach(({ score, bar, share, part }, t) => {
        score.textContent = short(found.scores[t], 4);
        bar.style.width = `${100 * found.weights[t]}%`;
        share.textContent = short(found.weights[t]);
        fill(part, found.parts[t]);
      });
      fill(context, found.context);
      const winner = found.weights.indexOf(Math.max(...found.weights)), state = now.states[winner], score = found.scores[winner];
      summary.textContent = `State ${winner + 1} has ${percent(found.weights[winner])} of the weight. Context ${row(found.context, 2)}.`;
      note.textContent = `Its score: ${now.query.map((value, d) => `${factor(value)}·${factor(state[d])}`).join(" + ")}` +
        `${now.scaled ? `, divided by √${D},` : ""} = ${short(score, 4)}.`;
      spoken.textContent = summary.textContent;
    }

    write();
    if (page) place.listen();
    return () => { close(); place.stop(); };
  }

  define("course-attentionpad", mount);
  return { attend, live: liveWith(mount), mount };
})();
