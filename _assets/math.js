// Formulas when the explorers have drawn, in reading order, a few at a time: a long chapter has hundreds, and a slow phone
// would neither scroll nor let an explorer begin before the last one is set. First what is in sight.
(() => {
  "use strict";
  const BATCH = 6, PATIENCE = 4000;
  const pause = () => new Promise((go) => setTimeout(go, 0));

  function explorersDrawn() {
    const waiting = () => [...document.querySelectorAll("course-explorer")].some(
      (e) => !e.querySelector(".ce-panels svg, .ce-error:not(:empty)"));
    return new Promise((go) => {
      const start = performance.now();
      (function look() {
        if (!waiting() || performance.now() - start > PATIENCE) go();
        else setTimeout(look, 30);
      })();
    });
  }

  // An address that names a place in the page: what is set above it pushes it away, so it is found again, until the reader moves.
  let moved = false;
  for (const kind of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(kind, () => { moved = true; }, { once: true, passive: true, capture: true });
  }
  function stay() {
    if (!moved) document.getElementById(location.hash.slice(1).split(":")[0])?.scrollIntoView({ behavior: "instant" });
  }

  async function inOrder() {
    const all = [...document.querySelectorAll("span.math, div.math")];
    const inSight = (e) => {
      const { top, bottom } = e.getBoundingClientRect();
      return bottom >= 0 && top < 2 * innerHeight;
    };
    const first = all.filter(inSight), rest = all.filter((e) => !first.includes(e));
    await MathJax.typesetPromise(first);
    stay();
    while (rest.length) {
      await pause();
      await MathJax.typesetPromise(rest.splice(0, BATCH));
      stay();
    }
    await MathJax.typesetPromise(); // formulas in the outputs of cells
    stay();
    reachable();
  }

  // Formulas make tables and lines wider than a phone: what now scrolls sideways must scroll by keyboard too.
  function reachable() {
    for (const box of document.querySelectorAll(".pst-scrollable-table-container, div.math, .cell_output")) {
      if (box.scrollWidth > box.clientWidth + 1 && !box.querySelector("a, button, input, [tabindex]")) box.tabIndex = 0;
    }
  }

  window.MathJax = { ...window.MathJax, startup: { pageReady: inOrder } };
  document.addEventListener("DOMContentLoaded", async () => {
    const mathjax = document.getElementById("mathjax");
    if (!mathjax) return;
    await explorersDrawn();
    const script = document.createElement("script");
    script.src = mathjax.href;
    document.head.append(script);
  });
})();
