// What the elements of a page share: small helpers, controls, the card, the address, and the two faces of those that compute
// by themselves. No dependency, no network, no build step. explorer.js, kernelpad.js, sketchpad.js, attentionpad.js follow.
//
// helpers → numbers and colours → controls → the card → the address → the two faces
var courseElement = (() => {
  "use strict";

  // ------------------------------------------------------------------------------------------------- small helpers
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
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const slug = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}_.]+/gu, "-").replace(/^-+|-+$/g, "");
  let counter = 0;
  const newId = (kind = "ce") => `${kind}-${++counter}`;

  // -------------------------------------------------------------------------------------------- numbers and colours
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

  const say = (value, digits = 3) => String(Number(value.toFixed(digits)) || 0).replace("-", "−"); // 0.3, never 0.300 or −0

  const MAPS = {
    sequential: [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140], [40, 174, 128],
      [94, 201, 98], [173, 220, 48], [253, 231, 37]], // viridis
    diverging: [[213, 94, 0], [247, 247, 247], [0, 114, 178]],
    gray: [[0, 0, 0], [255, 255, 255]],
  };

  function mix(map, share) { // share 0 to 1
    const stops = MAPS[map], place = clamp(share, 0, 1) * (stops.length - 1);
    const i = Math.min(Math.floor(place), stops.length - 2);
    return stops[i].map((c, j) => Math.round(c + (stops[i + 1][j] - c) * (place - i)));
  }

  // ------------------------------------------------------------------------------------------------------ controls
  function field(label, input, shown = true) { // any input with its label, and a place for its value
    const id = newId("cf"), value = html("output", { class: "ce-value", for: id });
    input.id = id;
    return { input, value, node: html("div", { class: "ce-control" },
      html("div", { class: "ce-name" }, html("label", { for: id }, label), shown ? value : null), input) };
  }

  function button(label, act) {
    const node = html("button", { type: "button" }, label);
    node.addEventListener("click", () => act(node));
    return node;
  }

  // Those below each return {node, show(value)}; change(value) is called when the reader moves it.
  const nearest = (values, value) =>
    values.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(values[best] - value) ? i : best), 0);

  function slider({ name, values, whole }, change, live) {
    const id = newId(), low = values[0], high = values[values.length - 1];
    const input = html("input", { type: "range", id, min: 0, max: values.length - 1, step: 1 });
    input.addEventListener("input", () => change(values[+input.value]));
    const box = live // any value between the first and the last, where somebody can compute it
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
    if (values.length > 5 || values.join("").length > 44) {
      const { node, input } = field(name, html("select", {}, ...values.map((value) => html("option", { value }, value))), false);
      input.addEventListener("change", () => change(input.value));
      return { node, show(value) { input.value = value; } };
    }
    const id = newId(), inputs = values.map((value) => html("input", { type: "radio", name: id, value }));
    for (const input of inputs) input.addEventListener("change", () => change(input.value));
    const options = inputs.map((input) => html("label", {}, input, html("span", {}, input.value)));
    return {
      node: html("fieldset", { class: "ce-control" }, html("legend", { class: "ce-name" }, name),
        html("div", { class: "ce-options" }, ...options)),
      show(value) { for (const input of inputs) input.checked = input.value === value; },
    };
  }

  function text({ name, values }, change, live) { // choices, and any text where Python can read it
    if (!live) {
      const made = choice({ name, values }, change);
      made.node.append(html("small", { class: "ce-hint" }, "Any other text needs a running kernel."));
      return made;
    }
    const typed = html("option", { value: "", hidden: "" }, "typed by you");
    const { node, input } = field(name, html("select", {}, ...values.map((value) => html("option", { value }, value)), typed), false);
    const box = html("input", { type: "text", class: "ce-text", autocomplete: "off", spellcheck: "false", "aria-label": `${name}, any text` });
    let told; // Enter and leaving the field both say the same text
    const commit = () => { if (box.value !== told) change(told = box.value); };
    input.addEventListener("change", () => change(input.value));
    box.addEventListener("change", commit);
    box.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); });
    node.append(box);
    return {
      node,
      show(value) {
        box.value = told = value;
        typed.hidden = values.includes(value);
        input.value = typed.hidden ? value : "";
      },
    };
  }

  function toggle({ name }, change) {
    const state = html("span", { class: "ce-value", "aria-hidden": "true" });
    const { node, input } = field(name, html("input", { type: "checkbox", role: "switch", class: "ce-switch" }), false);
    node.firstChild.append(state);
    input.addEventListener("change", () => change(input.checked));
    return { node, show(value) { input.checked = value; state.textContent = value ? "on" : "off"; } };
  }

  // ------------------------------------------------------------------------------------------------------ the card
  const line = (kind, attributes = {}) => html("p", { class: `ce-${kind}`, ...attributes });
  const spokenLine = () => line("spoken", { "aria-live": "polite" });
  const errorLine = () => line("error", { role: "alert" });

  function lookFor(text) {
    const node = line("look");
    if (text) node.append(html("strong", {}, "Look for: "), text);
    return node;
  }

  // Fill an element with its title and its parts. Returns a function that takes it down.
  function card(root, title, ...parts) {
    root.classList.add("course-explorer");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", title);
    root.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the controls
    root.replaceChildren(html("p", { class: "ce-title" }, title), ...parts);
    const stopKey = (event) => event.stopPropagation();
    root.addEventListener("keydown", stopKey);
    return () => root.removeEventListener("keydown", stopKey);
  }

  // --------------------------------------------------------------------------------------------------- the address
  const isPage = (live) => !live && !document.body.dataset.jpThemeLight; // published: its address may name a setting

  function decoded(part) {
    try {
      return decodeURIComponent(part);
    } catch (error) {
      if (error instanceof URIError) return part;
      throw error;
    }
  }

  // #id:learning-rate=0.1;dropout=0.2. pairs() says the state; take(pairs) follows an address, its names are slugs.
  function address(root, pairs, take) {
    const fragment = () => `#${root.id}:` + pairs().map(([key, value]) =>
      `${slug(key)}=${encodeURIComponent(value).replace(/%2C/g, ",")}`).join(";");
    function follow(event) {
      const [found, rest] = location.hash.slice(1).split(/:(.*)/s);
      if (found !== root.id || rest === undefined) return;
      take(rest.split(";").map((part) => {
        const [key, raw = ""] = part.split(/=(.*)/s);
        return [decoded(key), decoded(raw)];
      }));
      const calm = !event || matchMedia("(prefers-reduced-motion: reduce)").matches;
      root.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    }
    let timer;
    return {
      href: () => location.href.split("#")[0] + fragment(),
      write() {
        clearTimeout(timer);
        timer = setTimeout(() => history.replaceState(history.state, "", fragment()), 250);
      },
      listen() {
        follow();
        window.addEventListener("hashchange", follow);
      },
      stop() {
        clearTimeout(timer);
        window.removeEventListener("hashchange", follow);
      },
    };
  }

  function copyButton(label, words, status, spoken) {
    let timer;
    return button(label, async (node) => {
      try {
        await navigator.clipboard.writeText(words());
        node.textContent = spoken.textContent = "Copied";
        clearTimeout(timer);
        timer = setTimeout(() => { node.textContent = label; }, 1500);
      } catch { // no permission, or no secure context: the reader copies it by hand
        status.textContent = words();
      }
    });
  }

  // ------------------------------------------------------------------------------------------------- the two faces
  // One element after the other, in the page's order: the first answers the reader before the last is drawn.
  let turn = Promise.resolve();
  const inTurn = (work) => { turn = turn.then(work).then(() => new Promise((done) => setTimeout(done))); };

  // On a page: begin(root, data) gets the JSON that stands in the element, once.
  function define(tag, begin) {
    class CourseElement extends HTMLElement {
      connectedCallback() { // where a page still loads: wait for the last of the children, a paragraph
        if (document.readyState !== "loading" || this.querySelector("p")) this.go();
        else setTimeout(() => this.connectedCallback(), 30);
      }

      go() {
        const script = this.querySelector('script[type="application/json"]');
        if (!script || this.begun || !this.isConnected) return;
        this.begun = true;
        inTurn(async () => {
          try {
            await begin(this, JSON.parse(script.textContent));
          } catch (error) { // the picture stays
            this.append(html("p", { class: "ce-error", role: "alert" }, error.message));
            console.error(error);
          }
        });
      }
    }
    if (!customElements.get(tag)) customElements.define(tag, CourseElement);
  }

  // In a notebook, for anywidget, where JavaScript needs nothing of Python but the book.
  const live = (mount) => ({ model, el }) => {
    const root = html("div");
    el.append(root);
    return mount(root, JSON.parse(model.get("book")), true);
  };

  return { address, button, card, choice, clamp, copyButton, define, errorLine, field, grouped, html, isPage, line, live, lookFor,
    mix, nearest, newId, range, say, short, slider, slug, spokenLine, svg, text, toggle };
})();
