"""The live pages in Chromium and Firefox: a fake microphone, clips, bars, bad input, both themes, a narrow screen."""

import functools
import json
import re
import shutil
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer

import nbformat
import numpy as np
import pytest
import soundfile
from browsers import CHROMIUM, FIREFOX, Chromium, Firefox
from test_pages import Quiet

from conftest import ROOT

pytestmark = pytest.mark.slow
PART = "document.querySelector('.olc-live')"
DIGIT = f"{PART}.dataset.digit"
KINDS = ("codes", "walk", "landscape", "replay", "voice")
#: The theme's own: a theme that was never chosen, no icon.
KNOWN = ("theme mode", "favicon")


def made_clip(digit):
    """One of the clips that the page carries, as samples at 8 kHz."""
    import base64

    text = (ROOT / "book/_static/live/models/examples.js").read_text(encoding="utf-8")
    clips = json.loads(re.search(r"\((.*)\);", text)[1].split(",", 1)[1])
    packed = next(clip["sound"] for clip in clips if clip["kind"] == "model" and clip["digit"] == digit)
    x = np.frombuffer(base64.b64decode(packed), np.uint8) / 255 * 2 - 1
    return np.sign(x) * (256 ** np.abs(x) - 1) / 255


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """A book of two pages: the live page, and one with every explorer."""
    root = tmp_path_factory.mktemp("live")
    (root / "book").mkdir()
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    for name in ("references.bib", "no_thebe.py", "speak_see_draw.ipynb"):
        shutil.copy(ROOT / "book" / name, root / "book")
    shutil.copy(ROOT / "_config.yml", root)
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/speak_see_draw\nchapters:\n  - file: book/all\n  - file: book/plain\n"
    )
    parts = "\n\n".join(f'<div class="olc-live" data-live="{kind}">\n<p>still</p>\n</div>' for kind in KINDS)
    script = '<script src="../_static/live/live.js" defer></script>'
    cell = nbformat.v4.new_markdown_cell
    nbformat.write(nbformat.v4.new_notebook(cells=[cell("# All"), cell(f"{parts}\n{script}")]), root / "book/all.ipynb")
    (root / "book" / "plain.md").write_text("# Plain\n")
    main = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", main, "build", root, "--quiet"]  # the page's links lead out of this small book
    subprocess.run(command, check=True, capture_output=True)
    return root / "_build" / "html"


@pytest.fixture(scope="module")
def home(html):
    """The address of the book's folder, below a path of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/html/book"
    server.shutdown()


@pytest.fixture(params=["chromium", "firefox"])
def browser(request, tmp_path):
    """Each browser of this machine."""
    if not {"chromium": CHROMIUM, "firefox": FIREFOX}[request.param]:
        pytest.skip(f"no {request.param} on this machine")
    made = {"chromium": Chromium, "firefox": Firefox}[request.param](tmp_path / "profile")
    yield made
    made.close()


@pytest.fixture
def chromium(tmp_path):
    """Chromium with a microphone that hears a seven, again and again."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine")
    word = made_clip(7)
    wave = np.concatenate([np.zeros(4800), np.interp(np.arange(len(word) * 6) / 6, np.arange(len(word)), word)])
    soundfile.write(tmp_path / "seven.wav", np.concatenate([wave, np.zeros(24000)]), 48000)
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={tmp_path / 'seven.wav'}"]
    made = Chromium(tmp_path / "profile", *fake)
    yield made
    made.close()


def click(browser, text):
    """Presses the first button with this text or label."""
    browser.run(
        f"[...document.querySelectorAll('button')].find((b) => b.textContent === {text!r}"
        f" || b.getAttribute('aria-label') === {text!r}).click()"
    )


def said(browser):
    """The sentence that the page shows and reads out."""
    return browser.run("document.querySelector('.olc-live .status').textContent")


def ours(errors):
    """Errors that are not the theme's."""
    return [error for error in errors if not any(known in error for known in KNOWN)]


def give(browser, script):
    """Opens a file whose content is the value of a script, and waits for the page's answer."""
    browser.run(f"delete {DIGIT}, document.querySelector('.status').textContent = 'waiting'")
    browser.run(
        f"""(() => {{ const box = new DataTransfer(), input = document.querySelector('input[type=file]');
        box.items.add(new File([{script}], 'my.wav')); input.files = box.files;
        input.dispatchEvent(new Event('change')); }})()"""
    )
    browser.wait("!/waiting|Listening/.test(document.querySelector('.status').textContent)")
    return said(browser)


def test_a_clip_is_heard_drawn_and_spoken_back(browser, home):
    """The whole way in both browsers; dragging a bar changes the drawing; no error."""
    browser.open(f"{home}/speak_see_draw.html")
    browser.wait("document.querySelector('.olc-live.on')")
    click(browser, "Clip made by the model, digit 7")
    browser.wait(f"{DIGIT} === '7'")
    assert said(browser).startswith("I hear a 7")
    ink = "document.querySelectorAll('.olc-live canvas')[1].toDataURL()"
    browser.wait(f"(window.before = {ink}) && document.querySelectorAll('.bar').length === 16")
    browser.run(
        "(() => { const bar = document.querySelector('[aria-label=\"digit 2\"]'); bar.value = 1;"
        " bar.dispatchEvent(new Event('input')); })()"
    )
    browser.wait(f"{ink} !== window.before")
    click(browser, "Speak the code")
    browser.wait("/spoken as/.test(document.querySelector('.status').textContent)")
    assert ours(browser.errors) == []


def test_bad_files_get_one_sentence_and_lose_nothing(browser, home):
    """No sound, empty, silence, a minute of noise: the code on the page stays."""
    browser.open(f"{home}/speak_see_draw.html")
    browser.wait("document.querySelector('.olc-live.on')")
    click(browser, "Clip made by the model, digit 7")
    browser.wait(f"{DIGIT} === '7'")
    wav = """(() => {{ const n = {count}, v = new DataView(new ArrayBuffer(44 + 2 * n));
        [...'RIFF....WAVEfmt '].forEach((c, i) => v.setUint8(i, c.charCodeAt(0)));
        v.setUint32(16, 16, true); v.setUint16(20, 1, true); v.setUint16(22, 1, true); v.setUint32(24, 8000, true);
        v.setUint32(28, 16000, true); v.setUint16(32, 2, true); v.setUint16(34, 16, true);
        [...'data'].forEach((c, i) => v.setUint8(36 + i, c.charCodeAt(0))); v.setUint32(40, 2 * n, true);
        for (let i = 0; i < n; i++) v.setInt16(44 + 2 * i, {loud} * Math.random(), true); return v.buffer; }})()"""
    assert "no sound file" in give(browser, "'no sound'")
    assert "empty" in give(browser, "''")
    assert "silence" in give(browser, wav.format(count=8000, loud=0))
    assert "60 seconds" in give(browser, wav.format(count=480000, loud=9000))
    assert browser.run("+document.querySelector('[aria-label=\"digit 7\"]').value") > 0.8
    assert ours(browser.errors) == []


def test_the_microphone_is_read(chromium, home):
    """A fake microphone, fed with a sound file: the page reads the digit."""
    chromium.open(f"{home}/speak_see_draw.html")
    chromium.wait("document.querySelector('.olc-live.on')")
    click(chromium, "Record a digit")
    chromium.wait(f"{DIGIT} !== undefined", 30)
    assert chromium.run(DIGIT) == "7", said(chromium)
    assert ours(chromium.errors) == []


def test_a_refused_microphone_gets_one_sentence(browser, home):
    """And the button can be pressed again."""
    browser.open(f"{home}/speak_see_draw.html")
    browser.wait("document.querySelector('.olc-live.on')")
    browser.run(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')), 1"
    )
    click(browser, "Record a digit")
    browser.wait("/refused/.test(document.querySelector('.status').textContent)")
    assert browser.run("document.querySelector('.record').textContent") == "Record a digit"


def test_from_a_folder_it_works_but_for_the_microphone(browser, html):
    """file:// loads the models, too; the page says why it cannot record."""
    browser.open((html / "book" / "speak_see_draw.html").as_uri())
    browser.wait("document.querySelector('.olc-live.on')")
    click(browser, "Record a digit")
    browser.wait("/http.server/.test(document.querySelector('.status').textContent)")
    click(browser, "Clip made by the model, digit 7")
    browser.wait(f"{DIGIT} === '7'")


def test_every_explorer_comes_to_life(browser, home):
    """One click each; no error."""
    browser.open(f"{home}/all.html")
    browser.wait(f"document.querySelectorAll('.olc-live > button').length === {len(KINDS)}")
    browser.run("document.querySelectorAll('.olc-live > button').forEach((button) => button.click())")
    alive = "[...document.querySelectorAll('.olc-live')].filter((part) => part.querySelector('canvas'))"
    browser.wait(f"{alive}.length === {len(KINDS)}")
    browser.wait("/Step 1 of/.test(document.body.textContent) && /interpolation loss/.test(document.body.textContent)")
    assert ours(browser.errors) == []


def test_weight_outside_requests_and_narrow_screens(chromium, home, html):
    """At most 1.5 MB with everything used, none on a page that does not use it, nothing cut at the right edge."""
    chromium.open(f"{home}/plain.html")
    assert not [address for address in chromium.asked if "/live/" in address]
    for theme in ("light", "dark"):
        chromium.open(f"{home}/speak_see_draw.html", 390, 844)
        chromium.run(f"document.documentElement.dataset.theme = {theme!r}")
        chromium.wait("document.querySelector('.olc-live.on')")
        click(chromium, "Clip made by the model, digit 7")
        chromium.wait(f"{DIGIT} === '7'")
        click(chromium, "Speak the code")
        chromium.wait("/spoken as/.test(document.querySelector('.status').textContent)")
        assert chromium.run("document.documentElement.scrollWidth") <= 390
    outside = [a for a in chromium.asked if not a.startswith((home.rsplit("/", 2)[0], "data:", "blob:"))]
    assert outside == []
    names = {a.split("/_static/")[1].split("?")[0] for a in chromium.asked if "/_static/live/" in a}
    assert sum((html / "_static" / name).stat().st_size for name in names) < 1_500_000
