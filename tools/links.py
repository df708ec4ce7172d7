"""The links that leave the book: `--write` lists them in tests/external_links.txt, without it each is asked (`make links`).

Asking needs a network and other people's servers, so no test does it. A host that refuses robots (403, 429) is not dead.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "external_links.txt"
AGENT = "Mozilla/5.0 (compatible; link check of a course book)"
DEAD = {404, 410}


def addresses(text):
    """Addresses in Markdown: links, bare and bracketed ones; not those in code.

    >>> sorted(addresses("[x](https://a.example) and `https://b.example`"))
    ['https://a.example']
    """
    text = re.sub(r"```.*?```|`[^`\n]*`", " ", text, flags=re.S)
    found = set()
    for address in re.findall(r"https?://[^\s<>\"'\]\\]+", text):
        depth = 0
        for end, letter in enumerate(address + ")"):
            depth += {"(": 1, ")": -1}.get(letter, 0)
            if depth < 0:                                 # the bracket that closes [text](address)
                break
        found.add(address[:end].rstrip(".,;:!?"))
    return found


def external_links():
    """All addresses of the chapters' text, the other pages, the bibliography and the README, sorted."""
    found = set()
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                found |= addresses("".join(cell["source"]))
    for path in [*sorted((ROOT / "chapters").glob("*.md")), *sorted(ROOT.glob("*.md"))]:
        found |= addresses(path.read_text(encoding="utf-8"))
    bib = (ROOT / "chapters" / "references.bib").read_text(encoding="utf-8")
    found |= {f"https://doi.org/{number}" for number in re.findall(r"doi = \{(.+?)\}", bib)}
    found |= {f"https://arxiv.org/abs/{number}" for number in re.findall(r"eprint = \{(.+?)\}", bib)}
    return sorted(found)


def verdict(status):
    """What is wrong with an answer, or ""."""
    return f"{status}: gone" if status in DEAD else ""


def ask(address):
    """What is wrong with an address, or ""."""
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return verdict(answer.status)
    except urllib.error.HTTPError as error:
        return verdict(error.code)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        return f"no answer: {getattr(error, 'reason', error)}"


def main(write):
    found = external_links()
    if write:
        LIST.write_text("\n".join(found) + "\n", encoding="utf-8")
        print(f"{LIST.relative_to(ROOT)}: {len(found)} links")
        return
    with ThreadPoolExecutor(8) as pool:
        answers = list(tqdm(pool.map(ask, found), total=len(found), desc="links"))
    wrong = [(address, answer) for address, answer in zip(found, answers) if answer]
    for address, answer in wrong:
        print(f"{address}  {answer}")
    print(f"{len(found) - len(wrong)} of {len(found)} answer")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="list the links; ask nobody")
    main(parser.parse_args().write)
