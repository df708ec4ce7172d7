"""The system's Chromium, which site tests, PDF and benchmarks drive."""
import os
import shutil

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


def launch(playwright):
    """Start the browser: $CHROMIUM, or the first of its usual names. FileNotFoundError if there is none."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    path = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if not path:
        raise FileNotFoundError("no Chromium: apt-get install chromium, or set CHROMIUM=/path/to/chrome")
    return playwright.chromium.launch(executable_path=path, args=FLAGS)
