// Each explorer fills the screen of a lecture room: a button in its footer, or the key f while the focus is in it.
// Escape leaves; Page Down and Page Up, the keys of a presenter's remote, go to the next and the previous one.
// Where the browser has no full screen, it fills the window.
(() => {
  "use strict";
  const ALL = ".course-explorer:has(.ce-footer)", WRITING = "input:not([type=range], [type=radio], [type=checkbox]), select, textarea";
  let shown = null, hidden = [], ours = false;

  // Large type; then the pictures shrink until all fits without scrolling, to no less than half their width.
  function magnify() {
    if (!shown) return;
    shown.style.zoom = Math.max(1, Math.min(innerWidth / 960, innerHeight / 720, 2.2)).toFixed(2);
    for (let share = 100; share >= 50; share -= 5) {
      shown.style.setProperty("--ce-share", `${share}%`);
      if (shown.scrollHeight <= shown.clientHeight) break;
    }
  }

  function label(explorer, full) {
    const button = explorer.querySelector(".site-full");
    if (button) button.textContent = full ? "Leave full screen" : "Full screen";
  }

  // The explorer covers the page, and nothing else can be reached. The page, not the explorer, is what the browser makes
  // full, so that the next explorer can take its place.
  function cover(explorer) {
    uncover();
    shown = explorer;
    explorer.classList.add("ce-full");
    document.documentElement.classList.add("ce-covered");
    for (let node = explorer; node !== document.body; node = node.parentElement) {
      hidden.push(...[...node.parentElement.children].filter((other) => other !== node && !other.inert));
    }
    for (const element of hidden) element.inert = true;
    label(explorer, true);
    magnify();
  }

  function uncover() {
    if (!shown) return;
    shown.classList.remove("ce-full");
    shown.style.zoom = "";
    shown.style.removeProperty("--ce-share");
    label(shown, false);
    for (const element of hidden) element.inert = false;
    hidden = [];
    document.documentElement.classList.remove("ce-covered");
    shown = null;
  }

  async function enter(explorer) {
    const focused = explorer.contains(document.activeElement) ? document.activeElement : explorer.querySelector(".site-full");
    cover(explorer);
    focused.focus();
    if (document.fullscreenElement || !document.documentElement.requestFullscreen) return;
    try {
      await document.documentElement.requestFullscreen();
      ours = true;
    } catch (error) { // refused: covering the page must do
      if (!(error instanceof TypeError)) throw error;
    }
  }

  function leave() {
    const explorer = shown;
    uncover();
    if (ours && document.fullscreenElement) document.exitFullscreen();
    ours = false;
    explorer.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = [...document.querySelectorAll(ALL)];
    const next = all[all.indexOf(shown) + by];
    if (next) enter(next);
  }

  function addButtons() {
    for (const footer of document.querySelectorAll(".course-explorer .ce-footer:not(:has(.site-full))")) {
      const button = document.createElement("button"), explorer = footer.closest(".course-explorer");
      button.type = "button";
      button.className = "site-full";
      button.title = "or the key f; Escape leaves, Page Down and Page Up change the explorer";
      button.addEventListener("click", () => (shown === explorer ? leave() : enter(explorer)));
      footer.append(button);
      label(explorer, false);
    }
  }

  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && shown && ours) leave();
  });
  addEventListener("resize", magnify);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const here = event.target.closest?.(ALL), pages = { PageDown: 1, PageUp: -1 }[event.key];
    if (event.key === "f" && here && !event.target.matches(WRITING)) {
      if (shown) leave();
      else enter(here);
    } else if (shown && pages) step(pages);
    else if (shown && event.key === "Escape") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true); // on the way down: explorers keep their keys from the page, as a notebook would take them for commands
  document.addEventListener("DOMContentLoaded", () => { // explorers build themselves a moment after the page
    addButtons();
    const observer = new MutationObserver(() => {
      addButtons();
      if (!document.querySelector(".course-explorer:not(:has(.site-full))")) observer.disconnect();
    });
    if (document.querySelector(".course-explorer")) observer.observe(document.body, { childList: true, subtree: true });
  });
})();
