// Search shows excerpts by fetching the pages it found; a browser refuses that for pages opened from a folder.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Paper is white: the light theme while the page is printed. Short code stays on one sheet, long code may break.
let themeOfScreen;
addEventListener("beforeprint", () => {
  for (const code of document.querySelectorAll("div.highlight")) {
    code.classList.toggle("long", code.textContent.split("\n").length > 24);
  }
  themeOfScreen = document.documentElement.dataset.theme;
  if (themeOfScreen) document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  if (themeOfScreen) document.documentElement.dataset.theme = themeOfScreen;
});
