"""Every built page, in both themes: axe-core finds nothing serious, and the browser's console is quiet."""

import functools
import json
import re
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from browsers import CHROMIUM, Chromium
from test_pages import Quiet
from toc import pages

from conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")]
HTML = ROOT / "_build" / "html"
#: All rules where the page is light; where it is dark, only the one that looks at colours.
RULES = {"light": "", "dark": 'runOnly: ["color-contrast"],'}
FOUND = """axe.run({%s resultTypes: ["violations"]}).then((found) => JSON.stringify(found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id} (${one.impact}): ${node.target}`))))"""


@pytest.fixture(scope="module")
def axe():
    """The script, as a package of PyPI carries it."""
    package = pytest.importorskip("axe_core_python")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """A browser, and the address of the book as `jupyter-book build .` left it."""
    if not HTML.exists():
        pytest.skip("the book is not built: jupyter-book build .")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=HTML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = Chromium(tmp_path_factory.mktemp("access") / "profile")
    yield browser, f"http://127.0.0.1:{server.server_port}"
    browser.close()
    server.shutdown()


def serious(browser, axe):
    """What axe-core calls serious or critical on the page that is open, in both themes."""
    browser.run(f"{axe}; 0")
    found = []
    for theme, rules in RULES.items():
        browser.run(f"document.documentElement.dataset.mode = document.documentElement.dataset.theme = '{theme}'")
        browser.run("new Promise((done) => setTimeout(done, 400))")  # the theme's colours change gradually
        found += [f"{theme}: {line}" for line in json.loads(browser.run(FOUND % rules))]
    return found


@pytest.mark.parametrize("page", pages())
def test_a_page_has_no_serious_finding_and_a_quiet_console(visitor, axe, page):
    browser, home = visitor
    browser.renew()
    browser.open(f"{home}/{page}.html")
    assert serious(browser, axe) == []
    assert browser.errors == []  # only now: widgets come late


def test_no_script_of_a_page_names_an_outside_address():
    """Neither where it comes from nor in what it says; data of widgets aside."""
    if not HTML.exists():
        pytest.skip("the book is not built: jupyter-book build .")
    for path in HTML.rglob("*.html"):
        for about, body in re.findall(r"(?s)<script\b([^>]*)>(.*?)</script>", path.read_text(encoding="utf-8")):
            if "application/" not in about or "javascript" in about:
                assert not re.search(r"https?:|[\"']//", about + body), f"{path.name}: {about} {body[:200]}"


def test_a_fault_would_be_found(visitor, axe):
    """A picture without alternative text, put into a page."""
    browser, home = visitor
    browser.open(f"{home}/book/map.html")
    browser.run("document.querySelector('.bd-article img').removeAttribute('alt')")
    assert any("image-alt" in line for line in serious(browser, axe))
