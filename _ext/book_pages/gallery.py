"""`{gallery}`: the stored picture of every explorer and pad, small, with a link to its place in the book.

The pictures come out of the notebooks' outputs, made smaller to one area each, as WebP; they are written beside the
page when the book is built.
"""

from __future__ import annotations

import base64
import functools
import html as markup
import io
import json
import math
import re
import struct
import zlib
from pathlib import Path

from docutils import nodes
from PIL import Image

from . import ledger
from .directive import PageDirective, html, tools
from .places import place

AREA, QUALITY = 42_000, 30                      # pixels of a picture, and WebP's quality: a hundred of them in 300 kB
FOLDER = "_images/gallery"
ELEMENT = re.compile(r'<(course-\w+) id="([^"]+)"[^>]*><script type="application/json">(.*?)</script>(<img[^>]*>)', re.S)


def description(payload):
    """Title and "look for" of an element's JSON; an explorer's is packed (`course_lib/explorer/packing.py`).

    Only the head is read, so that the book builds where the library is not installed.
    """
    payload = json.loads(payload)
    if "packed" in payload:
        raw = zlib.decompress(base64.b64decode(payload["packed"]))
        (length,) = struct.unpack_from("<I", raw)
        payload = json.loads(raw[4:4 + length])["spec"]
    return payload["title"], payload["lookFor"]


def elements(notebook):
    """Explorers and pads of a notebook, in order: name, title, what to look for, alt text, picture."""
    for _, data in ledger.outputs(notebook):
        for _, name, payload, image in ELEMENT.findall(ledger.text(data.get("text/html", ""))):
            alt = markup.unescape(re.search(r'alt="([^"]*)"', image)[1])
            picture = re.search(r'src="data:image/png;base64,([^"]+)"', image)[1]
            yield name, *description(payload), alt, picture


@functools.lru_cache(maxsize=256)
def small(picture):
    """The picture made smaller, as bytes of a WebP file, and its size.

    >>> dot = io.BytesIO(); Image.new("RGB", (600, 300)).save(dot, "PNG")
    >>> small(base64.b64encode(dot.getvalue()))[1]
    (290, 145)
    """
    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    scale = min(1, math.sqrt(AREA / (image.width * image.height)))
    size = round(image.width * scale), round(image.height * scale)
    file = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(file, "WEBP", quality=QUALITY, method=6)
    return file.getvalue(), size


class Gallery(PageDirective):
    def run(self):
        root = "../" * self.env.docname.count("/")
        home = {"file": "chapters/index.ipynb"}
        self.pictures = {}
        sections = []
        for chapter in [home, *self.syllabus()["chapters"]]:
            cards = [self.card(element, ledger.document(chapter), root) for element in elements(self.notebook(chapter))]
            if cards:
                title = f"Chapter {chapter['number']}: {chapter['title']}" if "number" in chapter else "The front page"
                section = nodes.section("", nodes.title("", title), names=[],
                                        ids=[f"gallery-{chapter.get('id', 'index')}"])
                section += nodes.container("", *cards, classes=["gallery"])
                sections.append(section)
        if not hasattr(self.env, "book_gallery"):
            self.env.book_gallery = {}
        self.env.book_gallery[self.env.docname] = self.pictures
        return [tools("Search the pictures", "pictures"), *sections]

    def card(self, element, document, root):
        name, title, look_for, alt, picture = element
        self.pictures[name], (width, height) = small(picture)
        link = place(document, name)
        link += [html(f'<img src="{root}{FOLDER}/{name}.webp" alt="{markup.escape(alt)}" '
                      f'width="{width}" height="{height}" loading="lazy" decoding="async">'), nodes.inline("", title, classes=["gallery-title"])]
        card = nodes.container("", nodes.paragraph("", "", link), classes=["gallery-card", "page-item"])
        if width > 2.6 * height:
            card["classes"].append("gallery-wide")
        if look_for:
            card += nodes.paragraph("", f"Look for {look_for.rstrip('.')}.")
        return card


def merge_pictures(app, env, documents, other):
    if not hasattr(env, "book_gallery"):
        env.book_gallery = {}
    env.book_gallery |= {name: found for name, found in getattr(other, "book_gallery", {}).items() if name in documents}


def write_pictures(app, exception):
    if exception is None and app.builder.format == "html":
        folder = Path(app.outdir) / FOLDER
        for pictures in getattr(app.env, "book_gallery", {}).values():
            folder.mkdir(parents=True, exist_ok=True)
            for name, picture in pictures.items():
                (folder / f"{name}.webp").write_bytes(picture)


def setup(app):
    app.connect("env-merge-info", merge_pictures)
    app.connect("build-finished", write_pictures)
