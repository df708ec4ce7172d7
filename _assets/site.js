// Search shows excerpts by fetching the pages it found; a browser refuses that for pages opened from a folder.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
