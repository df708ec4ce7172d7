"""The built site in Chromium, as readers meet it: from a server under a sub-path, from a folder, on a phone, in the dark,
with the keyboard, with a screen reader, without scripts, without a network."""

import base64
import functools
import gzip
import http.server
import json
import os
import re
import threading
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
PAGE_BUDGET = 300_000           # bytes, compressed: the page and its own pictures, without the shared theme
DOCUMENTS = re.findall(r"^\s*(?:- file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"), re.M)
every_page = pytest.mark.parametrize("document", DOCUMENTS)


# ------------------------------------------------------------------------------------------------- the site

@pytest.fixture(scope="module")
def site():
    """The folder of the built site; `make test` builds it first."""
    for document in DOCUMENTS:
        page, source = SITE / f"{document}.html", next(ROOT.glob(f"{document}.*"))
        assert page.exists(), f"{page} is missing: run make book"
        assert page.stat().st_mtime >= source.stat().st_mtime, f"{page} is older than {source}: run make book"
    return SITE


@pytest.fixture(scope="module")
def address(site):
    """Where a server on this machine shows the site, below the sub-path /some/book/ as GitHub Pages does."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            inside = path.startswith("/some/book/")
            return super().translate_path(path.removeprefix("/some/book")) if inside else "/nonexistent"

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/some/book"
    server.shutdown()


@pytest.fixture
def visit(browser):
    """Open pages; each is returned with `.complaints`: errors, failed requests, requests to elsewhere."""
    contexts = []

    def open_page(url, *, leads_to=None, width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page, complaints = context.new_page(), []
        local = ("127.0.0.1", "")

        def route(route):
            parts = urlsplit(route.request.url)
            if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in local:
                complaints.append(f"asked another host: {route.request.url}")
                route.abort()
            else:
                route.continue_()

        page.route("**/*", route)
        page.on("console", lambda message: message.type == "error" and complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on("response", lambda response: response.status >= 400 and complaints.append(f"{response.status}: {response.url}"))
        page.goto(url, wait_until="load")
        if leads_to:
            page.wait_for_url(leads_to)
        page.complaints = complaints
        if options.get("java_script_enabled", True):
            settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def settle(page):
    """Wait until formulas are set, explorers have drawn and pictures are here, those too that wait for the reader to scroll."""
    page.evaluate("() => { for (const image of document.images) image.loading = 'eager'; }")
    page.wait_for_function("""() => [...document.querySelectorAll("div.math, span.math")].every(m => m.querySelector("mjx-container"))
        && [...document.querySelectorAll("course-explorer")].every(e => e.querySelector(".ce-panels svg, .ce-error:not(:empty)"))
        && [...document.images].every(i => i.complete)""", timeout=30_000)


def soup(site, document):
    return BeautifulSoup((site / f"{document}.html").read_text(encoding="utf-8"), "html.parser")


# ----------------------------------------------------------------------------------------- it opens, and is quiet

@every_page
@pytest.mark.parametrize("how", ["under a sub-path", "from a folder"])
def test_page_opens_quietly(visit, site, address, document, how):
    page = visit(f"{address}/{document}.html" if how == "under a sub-path" else (site / f"{document}.html").as_uri())
    assert not page.complaints
    assert page.locator("article h1").count() == 1
    assert page.locator("mjx-merror").count() == 0, page.locator("mjx-merror").first.get_attribute("title")
    assert page.evaluate("""() => document.fonts.ready.then(() => [...document.fonts].filter(f => f.status === "error").length)""") == 0
    broken = page.evaluate("() => [...document.images].filter(i => !i.naturalWidth).map(i => i.src.slice(0, 200))")
    assert not broken


def test_the_front_door_leads_to_the_book(visit, address):
    page = visit(f"{address}/index.html", leads_to=f"{address}/{DOCUMENTS[0]}.html")
    assert page.locator("course-explorer .ce-panels svg").count(), "the landing page shows a working explorer"


def test_search_works_without_a_network(visit, site):
    page = visit((site / "search.html").as_uri() + "?q=gradient")
    page.wait_for_selector("#search-results li, ul.search li", timeout=15_000)
    assert not page.complaints


@pytest.mark.parametrize("query, page", [
    ("softmax cross-entropy", "chapters/04_losses"),                    # a formula's name
    ("receptive field", "chapters/13_cnn"),
    ("Linnainmaa", "chapters/05_backprop"),                             # a paper's author
    ("Ribeiro", "chapters/bibliography"),
    ("clip_grad_norm", "chapters/16_lstm_gru"),                         # a function's name
    ("soft_threshold", "chapters/11_regularisation"),
    ("condition number", "chapters/glossary")])
@pytest.mark.parametrize("how", ["under a sub-path", "from a folder"])
def test_search_finds(visit, site, address, query, page, how):
    start = f"{address}/search.html" if how == "under a sub-path" else (site / "search.html").as_uri()
    results = visit(f"{start}?q={quote(query)}")
    results.wait_for_selector("ul.search li a", timeout=15_000)
    results.wait_for_function("document.querySelector('.search-summary')?.textContent.match(/found|finished/i)")
    found = results.eval_on_selector_all("ul.search li > a", "links => links.map(link => link.getAttribute('href'))")
    assert any(page in link for link in found), found
    assert not results.complaints


# --------------------------------------------------------------------------------------------- explorers answer

PICTURE = """e => [...e.querySelectorAll(".ce-plot")].map(p => [...p.children].map(
    c => c.tagName === "CANVAS" ? c.toDataURL() : c.outerHTML.replace(/ce-clip-\\d+/g, "")).join("")).join("")"""


def steps(control):
    """Keys that walk through all values of a control from its first, and the element that receives them."""
    if control.locator("input[type=range]").count():
        slider = control.locator("input[type=range]")
        return slider, ["Home"] + ["ArrowRight"] * int(slider.get_attribute("max"))
    if control.locator("input[type=radio]").count():
        return control.locator("input[type=radio]:checked"), ["ArrowRight"] * control.locator("input[type=radio]").count()
    if control.locator("select").count():
        return control.locator("select"), ["Home"] + ["ArrowDown"] * (control.locator("option").count() - 1)
    return control.locator("input[type=checkbox]"), ["Space", "Space"]


@every_page
def test_every_control_moves_its_picture_by_keyboard(visit, site, document):
    page = visit((site / f"{document}.html").as_uri())
    for explorer in page.locator("course-explorer").all():
        name, start = explorer.get_attribute("id"), explorer.evaluate(PICTURE)
        assert start, f"{name} draws nothing"
        for control in explorer.locator(".ce-control").all():
            pictures = set()
            element, keys = steps(control)
            element.focus()
            for key in keys:
                page.keyboard.press(key)
                assert not explorer.locator("> .ce-error").inner_text(), f"{name}: {explorer.locator('> .ce-error').inner_text()}"
                pictures.add(explorer.evaluate(PICTURE))
            assert len(pictures) > 1, f"{name}: '{control.inner_text().splitlines()[0]}' moves nothing"
            assert explorer.locator(".ce-summary").inner_text() or explorer.locator(".ce-note").inner_text(), f"{name} says nothing"
            explorer.get_by_role("button", name="Reset").press("Enter")
            assert explorer.evaluate(PICTURE) == start, f"{name}: Reset does not lead back"
    assert not page.complaints


@every_page
def test_an_address_keeps_the_setting(visit, site, document):
    url = (site / f"{document}.html").as_uri()
    page, pictures = visit(url), {}
    for explorer in page.locator("course-explorer").all():
        element, keys = steps(explorer.locator(".ce-control").first)
        element.focus()
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_function("name => location.hash.startsWith('#' + name + ':')", arg=explorer.get_attribute("id"))
        page.wait_for_timeout(300)
        pictures[page.evaluate("location.hash")] = explorer.evaluate(PICTURE)
    again = None
    for fragment, picture in pictures.items():
        if again is None:
            again = visit(url + fragment)                               # opened at the setting
        else:
            again.evaluate("fragment => { location.hash = fragment; }", fragment)   # a link followed within the page
            again.wait_for_timeout(200)
        name = fragment[1:].split(":")[0]
        assert again.locator(f"course-explorer#{name}").evaluate(PICTURE) == picture, f"{fragment} shows another setting"


@pytest.mark.parametrize("fragment", ["#attention-captions", "#attention-lab:", "#exercises"])
def test_an_address_leads_to_its_place(visit, site, fragment):
    """Formulas and explorers grow above it while the page loads."""
    page = visit((site / "chapters" / "17_attention.html").as_uri() + fragment)
    page.wait_for_timeout(500)
    top = page.locator(fragment.partition(":")[0]).evaluate("element => element.getBoundingClientRect().top")
    assert 0 <= top < 200


def test_a_reader_who_turns_the_wheel_is_left_alone(visit, site):
    page = visit("about:blank")
    page.add_init_script("""addEventListener("load", () => setTimeout(() => {
        dispatchEvent(new WheelEvent("wheel")); scrollTo({ top: 0, behavior: "instant" }); }, 50));""")
    page.goto((site / "chapters" / "17_attention.html").as_uri() + "#exercises")
    settle(page)
    page.wait_for_timeout(500)
    assert page.evaluate("scrollY") < 200


@every_page
def test_without_scripts_the_picture_and_a_sentence_remain(visit, site, document):
    page = visit((site / f"{document}.html").as_uri(), java_script_enabled=False)
    html = soup(site, document)
    assert not [complaint for complaint in page.complaints if not re.search(r"failed: .*\.js\b", complaint)]
    for explorer in html.find_all("course-explorer"):
        picture = page.locator(f"course-explorer#{explorer['id']} img")
        box = picture.bounding_box()
        assert box and box["width"] > 100 and box["height"] > 50
        assert base64.b64decode(explorer.img["src"].split(",")[1]).startswith((b"\x89PNG", b"<svg"))
        assert explorer.p.get_text(strip=True)
    for answer in page.locator(".admonition.dropdown").all():
        assert answer.locator("p").last.is_visible(), "a folded answer must open, or be open"


# ------------------------------------------------------------------------------------------------- a lecture room

@pytest.mark.parametrize("full", [True, False], ids=["full screen", "no full screen"])
@pytest.mark.parametrize("document", ["chapters/06_optimisers", "chapters/13_cnn"])
def test_explorers_fill_the_screen_of_a_lecture_room(visit, site, document, full):
    page = visit((site / f"{document}.html").as_uri(), width=1920, height=1080)
    if not full:
        page.evaluate("Element.prototype.requestFullscreen = undefined")
    explorers = page.locator(".course-explorer").all()
    assert explorers
    for number, explorer in enumerate(explorers):
        button = explorer.locator(".site-full")
        button.press("f") if number % 2 else button.press("Enter")
        page.wait_for_function("document.querySelector('.ce-full .site-full').textContent === 'Leave full screen'")
        if full:
            page.wait_for_function("document.fullscreenElement")
        box = explorer.bounding_box()
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1920, 1080)
        size = explorer.locator("p, .ce-name").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom")
        assert size >= 20, "legible from the last row"
        assert page.evaluate("e => e.contains(document.activeElement)", explorer.element_handle())
        reached = page.evaluate("""e => [...document.querySelectorAll("a[href], button, input, summary, select")].filter(
            other => !e.contains(other) && !other.closest("[inert]")).map(other => other.outerHTML.slice(0, 100))""",
                                explorer.element_handle())
        assert not reached, "what is covered cannot be reached"
        if number + 1 < len(explorers):
            page.keyboard.press("PageDown")
            page.wait_for_function("e => e.classList.contains('ce-full')", arg=explorers[number + 1].element_handle())
            page.keyboard.press("PageUp")
            page.wait_for_function("e => e.classList.contains('ce-full')", arg=explorer.element_handle())
        page.keyboard.press("Escape")
        page.wait_for_function("!document.fullscreenElement && !document.querySelector('.ce-full, [inert]')")
        assert button.inner_text() == "Full screen"
    assert not page.complaints


def test_a_letter_typed_into_a_field_stays_there(visit, site):
    page = visit((site / "chapters/13_cnn.html").as_uri())
    field = page.locator(".course-explorer input:not([type=range], [type=radio], [type=checkbox])").first
    field.press("f")
    assert not page.locator(".ce-full").count()


# ------------------------------------------------------------------------------------------------- for everybody

def violations(page, **options):
    """What axe-core finds serious or critical. Of code, each kind of token is looked at once: there are thousands."""
    page.evaluate("""() => { const seen = new Set(); document.querySelectorAll(".highlight pre span:not(:has(span))").forEach(
        s => seen.has(s.className) ? s.replaceWith(s.textContent) : seen.add(s.className)); }""")
    found = Axe().run(page, context={"exclude": [["mjx-container"]]},                       # MathJax's, thousands of nodes
                      options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{violation['id']} ({violation['impact']}): {violation['help']} at "
            + "; ".join(" ".join(node["target"][:1]) if isinstance(node["target"][0], str) else str(node["target"])
                        for node in violation["nodes"][:4])
            for violation in found if violation["impact"] in ("serious", "critical")]


@every_page
def test_no_serious_accessibility_violation(visit, site, document):
    page = visit((site / f"{document}.html").as_uri(), color_scheme="light", reduced_motion="reduce")
    assert page.locator("html").get_attribute("data-theme") == "light"
    found = violations(page)
    assert not found, "\n".join(found)


@every_page
def test_everything_is_legible_in_the_dark(visit, site, document):
    page = visit((site / f"{document}.html").as_uri(), color_scheme="dark", reduced_motion="reduce")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    filters = page.evaluate("""() => [...document.querySelectorAll(".cell:not(.tag_photo) .cell_output img")].filter(
        i => !i.closest("course-explorer")).map(i => getComputedStyle(i).filter)""")
    assert all("invert" in value for value in filters)
    verdicts = page.evaluate("() => [...document.querySelectorAll('.verdict')].map(v => getComputedStyle(v).color)")
    assert all(sum(map(int, re.findall(r"\d+", colour)[:3])) > 450 for colour in verdicts), verdicts
    found = violations(page, runOnly={"type": "rule", "values": ["color-contrast", "link-in-text-block"]})
    assert not found, "\n".join(found)             # the rest does not depend on colours and was asked in the light


@every_page
def test_a_phone_in_the_dark_is_for_everybody_too(visit, site, document):
    page = visit((site / f"{document}.html").as_uri(), width=390, height=800, has_touch=True, is_mobile=True,
                 color_scheme="dark", reduced_motion="reduce")
    found = violations(page)
    assert not found, "\n".join(found)


@every_page
def test_headings_are_in_order(site, document):
    levels = [int(heading.name[1]) for heading in soup(site, document).select("article :is(h1, h2, h3, h4, h5, h6)")]
    assert levels[0] == 1 and levels.count(1) == 1
    jumps = [(above, below) for above, below in zip(levels, levels[1:]) if below > above + 1]
    assert not jumps, f"a level is left out: {jumps}"


@every_page
def test_every_image_says_what_it_shows(site, document):
    silent = [image.get("src", "")[:80] for image in soup(site, document).find_all("img")
              if not image.get("alt", "").strip() and image.get("aria-hidden") != "true"]
    assert not silent


@every_page
def test_a_phone_scrolls_only_down(visit, site, document):
    page = visit((site / f"{document}.html").as_uri(), width=390, height=800, has_touch=True, is_mobile=True)
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        # Compared with the given width: a phone zooms out, and so widens innerWidth, where a page is too wide.
        wide = page.evaluate("""width => {
            const scrolls = e => e && (getComputedStyle(e).overflowX !== "visible" && e !== document.body && e.localName !== "html"
                || scrolls(e.parentElement));
            return [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > width + 1
                && !scrolls(e.parentElement)).slice(0, 5).map(e => e.outerHTML.slice(0, 150)); }""", width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{width} wide: {wide}"
    assert not page.complaints


# ----------------------------------------------------------------------------------------------- links and weight

@functools.cache
def ids(page):
    """All ids of a page; read once, for there are pages with hundreds of links into the chapters."""
    return {unquote(found) for found in re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf-8"))}


@every_page
def test_links_lead_somewhere(site, document):
    html, here = soup(site, document), site / f"{document}.html"
    broken = []
    for link in html.find_all("a", href=True):
        target, fragment = urldefrag(link["href"])
        if urlsplit(target).scheme:
            continue
        path = (here.parent / unquote(target)).resolve() if target else here
        if not path.is_file():
            broken.append(link["href"])
        elif fragment and path.suffix == ".html" and ":" not in fragment:
            if unquote(fragment) not in ids(path):
                broken.append(link["href"])
    assert not broken


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if re.match(r"chapters/\d\d_", name)])
def test_each_word_of_the_glossary_is_linked_once(site, document):
    """tests/test_glossary.py says which word; here: every chapter has them, once each, where a link may be."""
    html = soup(site, document)
    links = html.select("a.glossary-term")
    entries = {name["id"]: group for group, name in enumerate(soup(site, "chapters/glossary").select("dl.glossary dt"))}
    assert len(links) >= 15 and len({link["href"] for link in links}) == len(links)
    for link in links:
        assert urldefrag(link["href"]).fragment in entries
        assert link["title"], "a pointer resting on the link shows the definition"
        assert not link.find_parent(["h1", "h2", "h3", "pre", "code", "a", "summary"]) and not link.find_parent(class_="cell_output")
    # No use in running text stands before the linked one. (Shown for terms that no longer term contains.)
    for other in html.select("pre, code, h1, h2, h3, th, script, .math, .cell_output, a:not(.glossary-term), .footnote"):
        other.decompose()
    article = html.select_one("article")
    for link in links:
        word = link.get_text()
        if word in ("gradient descent", "learning rate", "softmax", "hidden units", "accuracy"):
            before = article.get_text().partition(word)[0]
            link.string = "\0"
            assert article.get_text().partition("\0")[0] == before
            link.string = word


@every_page
def test_nothing_is_loaded_from_elsewhere(site, document):
    outside = [tag.get("src") or tag.get("href") for tag in soup(site, document).find_all(["script", "link", "img", "iframe"])
               if urlsplit(tag.get("src") or tag.get("href") or "").netloc]
    assert not outside


@every_page
def test_the_notebook_can_be_downloaded(site, document):
    sources = [link["href"] for link in soup(site, document).select("a.btn-download-source-button")]
    assert len(sources) == 1
    file = (site / f"{document}.html").parent / sources[0]
    if file.suffix == ".ipynb":
        assert json.loads(file.read_text(encoding="utf-8"))["nbformat"] == 4


@every_page
def test_no_dead_launch_button(site, document):
    """Without a repository on GitHub there is neither Binder nor Colab; tests/test_course_site.py tests the other case."""
    urls = [link["href"] for link in soup(site, document).find_all("a", href=True)
            if re.search(r"binder|colab|/edit/", link["href"])]
    remote = os.popen(f"git -C {ROOT} remote -v").read()
    assert not urls or "github.com" in remote


@every_page
def test_weight(site, document):
    html = soup(site, document)
    page = len(gzip.compress((site / f"{document}.html").read_bytes()))
    pictures = {image["src"]: ((site / f"{document}.html").parent / image["src"]).stat().st_size
                for image in html.find_all("img") if not image.get("src", "").startswith("data:") and "_static" not in image["src"]}
    total = page + sum(pictures.values())
    assert total <= PAGE_BUDGET, f"{total // 1000} kB: page {page // 1000}, pictures {sorted(pictures.values())[::-1]}"
