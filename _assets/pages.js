// Lists around the chapters: search, filters, folding. Without this script everything shows, and nothing is dead.
// The state is in the address: `claims.html#show:S4,refuted` and `lectures.html#find:softmax` can be sent to a class.
(() => {
  "use strict";
  const tools = document.querySelector(".page-tools");
  const items = [...document.querySelectorAll(".page-item")];
  const groups = [...document.querySelectorAll(".page-group")];
  if (!tools || !items.length) return;
  const texts = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
  const sections = [...document.querySelectorAll("article section section")].filter((s) => s.querySelector(".page-item"));
  let searched = false;
  const pressed = {};                                          // heading of the buttons -> class that must be there

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const search = make("input", { type: "search", autocomplete: "off" });
  const count = make("output");
  const buttons = new Map();
  tools.append(make("label", {}, tools.dataset.label, search));
  for (const [heading, choices] of Object.entries(JSON.parse(tools.dataset.filters))) {
    const group = make("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", heading);
    for (const [key, text] of Object.entries(choices)) {
      const button = make("button", { type: "button", textContent: text });
      button.addEventListener("click", () => {
        pressed[heading] = pressed[heading] === key ? undefined : key;
        show();
        remember();
      });
      buttons.set(key, [heading, button]);
      group.append(button);
    }
    tools.append(group);
  }
  if (groups.length) {
    const fold = make("button", { type: "button", textContent: "Open all" });
    fold.addEventListener("click", () => {
      const open = groups.some((group) => !group.open && !group.hidden);
      for (const group of groups) group.open = open;
    });
    const name = () => { fold.textContent = groups.some((group) => !group.open && !group.hidden) ? "Open all" : "Fold all"; };
    for (const group of groups) group.addEventListener("toggle", name);
    tools.append(fold);
  }
  tools.append(count);

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const classes = Object.values(pressed).filter(Boolean).map((key) => `is-${key}`);
    let shown = 0;
    for (const item of items) {
      item.hidden = !classes.every((name) => item.classList.contains(name)) || !words.every((word) => texts.get(item).includes(word));
      shown += !item.hidden;
    }
    for (const part of [...groups, ...sections]) part.hidden = !part.querySelector(".page-item:not([hidden])");
    if (words.length || searched) for (const group of groups) group.open = words.length > 0;   // the end of a search folds again
    searched = words.length > 0;
    for (const [key, [heading, button]] of buttons) button.setAttribute("aria-pressed", String(pressed[heading] === key));
    count.textContent = `${shown} of ${items.length} ${tools.dataset.things}`;
  }

  function remember() {
    const keys = Object.values(pressed).filter(Boolean);
    const parts = [...keys.length ? [`show:${keys}`] : [], ...search.value.trim() ? [`find:${encodeURIComponent(search.value.trim())}`] : []];
    history.replaceState(null, "", parts.length ? `#${parts.join(";")}` : location.pathname + location.search);
  }

  // An address with a setting is followed; one of an item opens the group around it.
  function follow() {
    const found = /^#(?:show:([\w,-]*))?;?(?:find:(.*))?$/.exec(location.hash);
    if (found && location.hash) {
      for (const heading of Object.keys(pressed)) pressed[heading] = undefined;
      for (const key of (found[1] || "").split(",")) if (buttons.has(key)) pressed[buttons.get(key)[0]] = key;
      search.value = decodeURIComponent(found[2] || "");
      show();
    } else if (location.hash) {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const group = target && target.closest(".page-group");
      if (group) { group.open = true; target.scrollIntoView(); }
    }
  }

  search.addEventListener("input", () => { show(); remember(); });
  for (const group of groups) group.open = false;
  show();
  follow();
  window.addEventListener("hashchange", follow);
})();
