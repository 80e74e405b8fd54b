"""Built pages in a real browser: formulas, widgets and alt text are there, and nothing is asked of the outside."""

import functools
import json
import re
import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import nbformat
import pytest
from execute import build, execute, use_python
from toc import pages

from conftest import ROOT

BROWSER = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome", "chrome"])), None)
with_browser = pytest.mark.skipif(not BROWSER, reason="no chromium or chrome on this machine")
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --virtual-time-budget=20000 --dump-dom""".split()

PAGE = [
    "# A page\n\nInline $x^2$ and\n\n$$\n\\cancel{y} = \\sum_k f_k^2\n$$",
    "import ipywidgets as widgets\nimport matplotlib.pyplot as plt\n\nplt.plot([0, 1])\nplt.show()",
    'slider = widgets.IntSlider(description="drag", value=3)\nnumber = widgets.IntText()\n'
    'link = widgets.jslink((slider, "value"), (number, "value"))\nwidgets.VBox([slider, number, widgets.Play()])',
    "<details>\n<summary>Solution</summary>\n\n```python\nanswer = 42\n```\n\n</details>",
]


class Quiet(SimpleHTTPRequestHandler):
    """A file server that prints nothing."""

    def log_message(self, *args):
        """Drops the line."""


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """The HTML of a book of one page, with this book's configuration."""
    root = tmp_path_factory.mktemp("book")
    use_python(root / "jupyter")
    (root / "book").mkdir()
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    shutil.copy(ROOT / "book" / "no_thebe.py", root / "book")
    shutil.copy(ROOT / "book" / "references.bib", root / "book")
    shutil.copy(ROOT / "_config.yml", root)
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    make = {True: nbformat.v4.new_code_cell, False: nbformat.v4.new_markdown_cell}
    notebook = nbformat.v4.new_notebook(cells=[make["widgets" in source](source) for source in PAGE])
    notebook.cells[1].metadata["mystnb"] = {"image": {"alt": "A line that rises"}}
    nbformat.write(notebook, root / "source.ipynb")
    assert execute(root / "source.ipynb", root / "book" / "index.ipynb", {}) is None
    assert build(root)
    return root / "_build" / "html"


def visit(html, page, folder):
    """Opens a page through a local server.

    Args:
        html: folder of the built book.
        page: path of the page in it.
        folder: an empty folder for the browser.

    Returns:
        The page after its scripts ran, and every http address that the page asked for, the server's own aside.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}"
    log = folder / "net.json"
    outside = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    command = [BROWSER, *FLAGS, outside, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}"]
    try:
        shown = subprocess.run([*command, f"{home}/{page}"], capture_output=True, text=True, timeout=120)
    finally:
        server.shutdown()
    asked = set()
    for event in json.loads(log.read_text(encoding="utf-8"))["events"]:
        details = event.get("params", {})
        if "url" in details and details.get("initiator", "").startswith(home):  # the browser asks on its own, too
            asked.add(details["url"])
    assert any("/_static/" in url for url in asked), f"the browser did not load the page: {shown.stderr[-500:]}"
    return shown.stdout, sorted(url for url in asked if url.startswith(("http", "ws")) and not url.startswith(home))


@with_browser
def test_page_renders_without_the_outside(small_book, tmp_path):
    """MathJax, widgets and the theme come from _static."""
    page, outside = visit(small_book, "book/index.html", tmp_path)
    assert outside == []
    assert len(re.findall("<mjx-container", page)) == 2 and "<mjx-merror" not in page
    assert "<mjx-menclose" in page, "an extension of TeX"
    assert re.search(r'class="[^"]*\bwidget-slider\b', page) and re.search(r'class="[^"]*\bwidget-play\b', page)
    assert 'alt="A line that rises"' in page
    assert re.search(r"(?s)<details>.*answer.*42.*</details>", page)


def test_page_names_no_script_or_style_of_the_outside(small_book):
    """The same, read from the file, for machines without a browser."""
    for path in small_book.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert not re.findall(r"""<(?:script|img|audio|iframe)\b[^>]*\ssrc=["'](?:https?:)?//[^>]*>""", page)
        links = re.findall(r"<link\b[^>]*>", page)
        assert not [link for link in links if re.search(r'href="(https?:)?//', link) and "canonical" not in link]


@pytest.mark.slow
@with_browser
@pytest.mark.parametrize("page", pages())
def test_built_book_asks_nothing_of_the_outside(page, tmp_path):
    """Every page of the real book, as `jupyter-book build .` left it."""
    html = ROOT / "_build" / "html"
    if not html.exists():
        pytest.skip("the book is not built: jupyter-book build .")
    text, outside = visit(html, f"{page}.html", tmp_path)
    assert outside == [] and "<mjx-merror" not in text
