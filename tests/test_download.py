"""The downloader against a local server that stalls, breaks off, lies, or attacks."""

import dataclasses
import gzip
import hashlib
import http.server
import io
import tarfile
import threading
import time

import pytest

from olc_lib import data, download, train

CLIPS = {f"{digit}_anna_{take}.wav": bytes([digit, take]) * 400 for digit in (0, 1) for take in (0, 1)}
TIMEOUT = 0.4


def archive(members=CLIPS, extra=()):
    """A tar.gz laid out as GitHub's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in {"README.md": b"hello", "recordings/notes.txt": b"no clip"}.items():
            add(tar, f"fsdd-26eb9aa/{name}", content)
        for name, content in members.items():
            add(tar, f"fsdd-26eb9aa/recordings/{name}", content)
        for member in extra:
            add(tar, *member)
    return buffer.getvalue()


def add(tar, name, content=b"", kind=tarfile.REGTYPE, link=""):
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = len(content), kind, link
    tar.addfile(member, io.BytesIO(content))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("OLC_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("CI", "1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    return tmp_path / "cache"


@pytest.fixture
def server():
    """Serves ``server.pages[path]``: bytes, a status, or a function of the handler."""
    release = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = self.server.pages.get(self.path, 404)
            if callable(page):
                page(self)
            elif isinstance(page, int):
                self.send_error(page)
            else:
                self.send(page)

        def send(self, content, promised=None):
            self.send_response(200)
            self.send_header("Content-Length", str(promised or len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads, httpd.pages, httpd.release = True, {}, release
    httpd.url = f"http://127.0.0.1:{httpd.server_port}/"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield httpd
    release.set()
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def sha256(tmp_path):
    return digest_of(tmp_path / "original", CLIPS)


def digest_of(folder, clips):
    folder.mkdir()
    for name, content in clips.items():
        (folder / name).write_bytes(content)
    return download.digest(folder.iterdir())


def fsdd(server, sha256, page, **options):
    server.pages["/a.tar.gz"] = page
    return download.archived(small(server.url, sha256), timeout=TIMEOUT, **options)


def small(url, sha256, corpus=download.FSDD):
    return dataclasses.replace(corpus, url=url + "a.tar.gz", sha256=sha256)


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def one_sentence(error):
    text = str(error.value)
    assert text and "\n" not in text and len(text) < 700, text
    return text


def stall_at_once(handler):
    handler.server.release.wait(5)


def stall_midway(handler):
    handler.send(archive()[:50], promised=10_000)
    handler.server.release.wait(5)


def test_fsdd_is_downloaded_once_and_only_its_clips_are_taken(server, cache, sha256, capfd):
    folder = fsdd(server, sha256, archive())
    assert folder == cache / "FSDD" / "recordings"
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == CLIPS
    assert everything(cache) == sorted(["FSDD", "FSDD/recordings", *(f"FSDD/recordings/{name}" for name in CLIPS)])
    assert capfd.readouterr() == ("", "")  # no bar where nobody watches
    assert fsdd(server, sha256, 500, download=False) == folder  # from the cache, no server needed


@pytest.mark.parametrize(
    "page, says",
    [
        (stall_at_once, "no byte within 0.4 s"),
        (stall_midway, "no byte within 0.4 s"),
        (404, "answered 404"),
        (500, "answered 500"),
        (lambda handler: handler.send(archive()[:80], promised=10_000), "broken off"),
        (lambda handler: handler.close_connection, "not reached, or broken off"),
    ],
    ids=["stalls", "stalls midway", "not found", "fails", "truncates", "says nothing"],
)
def test_network_faults_are_one_sentence_and_leave_nothing(server, cache, sha256, page, says):
    start = time.monotonic()
    with pytest.raises(ConnectionError) as error:
        fsdd(server, sha256, page)
    text = one_sentence(error)
    assert says in text and server.url in text and '"embedded" needs no network' in text
    assert time.monotonic() - start < 4
    assert everything(cache) == []


def test_no_server_at_all(cache, sha256):
    with pytest.raises(ConnectionError, match="not reached") as error:
        download.archived(small("http://127.0.0.1:9/", sha256), timeout=TIMEOUT)
    one_sentence(error)


LINK = ("fsdd/recordings/0_eve_0.wav", b"", tarfile.SYMTYPE)


@pytest.mark.parametrize(
    "content, says",
    [
        (b"<html>please log in</html>", "not a whole tar.gz"),
        (b"", "not a whole tar.gz"),
        (gzip.compress(b"no tar" * 200), "not a whole tar.gz"),
        (archive()[: len(archive()) // 2], "not a whole tar.gz"),
        (archive(extra=[("../x", b"evil")]), "unsafe member '../x'"),
        (archive(extra=[("../recordings/0_eve_0.wav", b"evil")]), "unsafe member"),
        (archive(extra=[("a/recordings/../../../0_eve_0.wav", b"evil")]), "unsafe member"),
        (archive(extra=[("/tmp/recordings/0_eve_0.wav", b"evil")]), "unsafe member"),
        (archive({**CLIPS, "0_anna_0.wav": b"changed"}), "does not hold FSDD: 4 files"),
        (archive({**CLIPS, "2_anna_0.wav": b"one more"}), "does not hold FSDD: 5 files"),
        (archive(dict(list(CLIPS.items())[:3])), "does not hold FSDD: 3 files"),
        (archive({}), "does not hold FSDD: 0 files"),
        (archive(dict(list(CLIPS.items())[1:]), [(*LINK, "/etc/passwd")]), "3 files"),
    ],
    ids="page,empty,no tar,half,../x,../clip,deep ../,absolute,changed,more,fewer,none,link".split(","),
)
def test_wrong_archives_are_refused_and_leave_nothing(server, cache, sha256, content, says):
    with pytest.raises(ValueError) as error:
        fsdd(server, sha256, content)
    text = one_sentence(error)
    assert says in text and server.url in text
    assert everything(cache) == []
    assert everything(cache.parent) == sorted(["cache", "original", *(f"original/{name}" for name in CLIPS)])


def test_links_are_never_taken(server, cache, sha256):
    links = [(*LINK, "/etc/passwd"), ("f/recordings/1_eve_0.wav", b"", tarfile.LNKTYPE, "README.md")]
    folder = fsdd(server, sha256, archive(extra=links))
    assert sorted(file.name for file in folder.iterdir()) == sorted(CLIPS)


def test_a_corpus_in_place_is_checked_and_never_overwritten(server, cache, sha256):
    folder = fsdd(server, sha256, archive())
    (folder / "0_anna_0.wav").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="delete that folder") as error:
        fsdd(server, sha256, archive())
    assert str(folder) in one_sentence(error)
    assert (folder / "0_anna_0.wav").read_bytes() == b"damaged"
    (folder / "0_anna_0.wav").unlink()
    with pytest.raises(ValueError, match="3 files"):
        fsdd(server, sha256, archive(), download=False)


def test_two_downloads_at_once(server, cache, sha256):
    results = []
    server.pages["/a.tar.gz"] = lambda handler: (time.sleep(0.05), handler.send(archive()))

    def work():
        results.append(download.archived(small(server.url, sha256), timeout=5))

    threads = [threading.Thread(target=work) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert results == [cache / "FSDD" / "recordings"] * 3
    assert not [name for name in everything(cache) if "partial" in name]


def test_missing_without_download_says_what_to_do(cache):
    with pytest.raises(FileNotFoundError) as error:
        data.voices("fsdd", download=False)
    text = one_sentence(error)
    assert str(cache / "FSDD" / "recordings") in text and download.FSDD.url in text
    assert "download=True" in text and "OLC_DATA" in text
    with pytest.raises(FileNotFoundError) as error:
        data.images("mnist", download=False)
    text = one_sentence(error)
    assert str(cache / "MNIST" / "raw") in text and download.MNIST.mirrors[0] in text
    assert "download=True" in text and not cache.exists()


def test_a_cache_that_cannot_be_written(tmp_path, cache, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("OLC_DATA", str(tmp_path / "file"))
    with pytest.raises(OSError, match="cannot be written") as error:
        download.mirrored(download.MNIST)
    assert "OLC_DATA" in one_sentence(error)


SPOKEN = {
    "librispeech_train-clean-100/19-198-0000.flac": b"one",
    "librispeech_train-clean-100/SPEAKERS.TXT": b"19 | F | train-clean-100 | 25.19 | somebody",
    "librispeech_train-clean-100/LICENSE.TXT": b"CC BY 4.0",
    "librispeech_test-other/367/367-130732-0001.flac": b"two",
}


def repository(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            add(tar, f"Resemblyzer-15d828e/{name}", content)
    return buffer.getvalue()


@pytest.fixture
def librispeech(server, tmp_path):
    """A call of download.archived for a LibriSpeech of four files."""
    folder = tmp_path / "original"
    for name, content in SPOKEN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    sha256 = download.digest(download.members(folder, download.LIBRISPEECH))
    corpus = small(server.url, sha256, download.LIBRISPEECH)
    inside = {f"audio_data/{name}": content for name, content in SPOKEN.items()}
    others = {
        "setup.py": b"no sound",
        "audio_data/X2zqiX6yL3I.mp3": b"an interview",
        "audio_data/librispeech_test-other/367/notes.flac": b"no utterance",
        "audio_data/librispeech_dev/367/367-130732-0001.flac": b"no such subset",
        "librispeech_test-other/367/367-130732-0002.flac": b"another folder",
    }
    server.pages["/a.tar.gz"] = repository(inside | others)
    return lambda **options: download.archived(corpus, timeout=TIMEOUT, **options)


def test_librispeech_keeps_its_folders_and_takes_nothing_else(cache, librispeech, server):
    folder = librispeech()
    assert folder == cache / "LibriSpeech"
    found = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert found == SPOKEN
    server.pages.clear()
    assert librispeech(download=False) == folder
    (folder / "librispeech_test-other/367/367-130732-0001.flac").write_bytes(b"too")
    with pytest.raises(ValueError, match="does not hold the LibriSpeech excerpt: 4 files") as error:
        librispeech()
    assert "delete that folder" in one_sentence(error)


@pytest.mark.parametrize(
    "page, kind, says",
    [
        (stall_at_once, ConnectionError, "no byte within 0.4 s"),
        (404, ConnectionError, '"people" needs no network'),
        (lambda handler: handler.send(b"half", promised=10_000), ConnectionError, "broken off"),
        (b"no archive", ValueError, "not a whole tar.gz"),
        (repository({"audio_data/librispeech_test-other/../../x.flac": b"evil"}), ValueError, "unsafe member"),
        (repository({f"audio_data/{name}": b"changed" for name in SPOKEN}), ValueError, "try again later"),
    ],
    ids="stalls,404,truncates,no archive,unsafe,changed".split(","),
)
def test_librispeech_faults_are_one_sentence_and_leave_nothing(cache, librispeech, server, page, kind, says):
    server.pages["/a.tar.gz"] = page
    with pytest.raises(kind) as error:
        librispeech()
    text = one_sentence(error)
    assert says in text and server.url in text and "LibriSpeech" in text
    assert everything(cache) == []


def test_librispeech_and_fashion_missing_without_download(cache):
    with pytest.raises(FileNotFoundError) as error:
        data.sentences("librispeech", download=False)
    text = one_sentence(error)
    assert str(cache / "LibriSpeech") in text and download.LIBRISPEECH.url in text and "audio_data/" in text
    with pytest.raises(FileNotFoundError) as error:
        data.images("fashion", download=False)
    text = one_sentence(error)
    assert str(cache / "FashionMNIST" / "raw") in text and download.FASHION.mirrors[0] in text
    assert not cache.exists()


FILES = {"train-images": b"pixels" * 50, "train-labels": b"labels" * 9}


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def mnist(server):
    """A call of download.mirrored with two mirrors on the local server, both right at first."""
    digests = {}
    for name, content in FILES.items():
        packed = gzip.compress(content, mtime=0)
        server.pages[f"/one/{name}.gz"] = server.pages[f"/two/{name}.gz"] = packed
        digests[name] = md5(packed), md5(content)
    mirrors = server.url + "one/", server.url + "two/"
    corpus = download.Mirrored("MNIST", mirrors, digests)
    return lambda **options: download.mirrored(corpus, timeout=TIMEOUT, **options)


def test_mnist_is_unpacked_into_torchvisions_layout(cache, mnist, server, capfd):
    assert mnist() == cache
    for name, content in FILES.items():
        assert (cache / "MNIST" / "raw" / name).read_bytes() == content
    server.pages.clear()
    assert mnist(download=False) == cache
    assert len(everything(cache)) == 4
    assert capfd.readouterr() == ("", "")


def test_fashion_lies_where_torchvision_looks(cache, mnist, server):
    mnist()  # sets up the pages
    packed = server.pages["/one/train-labels.gz"]
    files = {"train-labels": (md5(packed), md5(FILES["train-labels"]))}
    corpus = dataclasses.replace(download.FASHION, mirrors=(server.url + "one/",), files=files)
    assert download.mirrored(corpus, timeout=TIMEOUT) == cache
    assert (cache / "FashionMNIST" / "raw" / "train-labels").read_bytes() == FILES["train-labels"]
    server.pages["/one/train-labels.gz"] = 404
    (cache / "FashionMNIST" / "raw" / "train-labels").unlink()
    with pytest.raises(ConnectionError, match="Fashion-MNIST could not be downloaded") as error:
        download.mirrored(corpus, timeout=TIMEOUT)
    one_sentence(error)


@pytest.mark.parametrize("page", [stall_at_once, 503, b"wrong bytes"], ids=["stalls", "503", "wrong"])
def test_mnist_goes_on_to_the_next_mirror(cache, mnist, server, page):
    server.pages["/one/train-images.gz"] = page
    assert mnist() == cache
    assert (cache / "MNIST" / "raw" / "train-images").read_bytes() == FILES["train-images"]


def test_mnist_without_a_good_mirror_leaves_nothing(cache, mnist, server):
    server.pages["/one/train-labels.gz"] = b"wrong bytes"
    server.pages["/two/train-labels.gz"] = 404
    with pytest.raises(ConnectionError) as error:
        mnist()
    text = one_sentence(error)
    assert "/one/train-labels.gz: MD5" in text and "/two/train-labels.gz: the server answered 404" in text
    assert everything(cache) == []


def test_mnist_fetches_only_what_is_missing(cache, mnist, server):
    mnist()
    (cache / "MNIST" / "raw" / "train-labels").unlink()
    del server.pages["/one/train-images.gz"], server.pages["/two/train-images.gz"]
    with pytest.raises(FileNotFoundError, match="no train-labels;"):
        mnist(download=False)
    assert mnist() == cache


def test_a_damaged_mnist_file_is_named(cache, mnist):
    mnist()
    (cache / "MNIST" / "raw" / "train-labels").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="delete that file") as error:
        mnist()
    assert str(cache / "MNIST" / "raw" / "train-labels") in one_sentence(error)


@pytest.mark.parametrize(
    "variables, terminal, expected",
    [
        ({}, False, False),
        ({}, True, True),
        ({"CI": "true"}, True, False),
        ({"JPY_SESSION_NAME": "a.ipynb"}, False, True),
        ({"JPY_SESSION_NAME": "a.ipynb", "CI": "1"}, False, False),
    ],
)
def test_bars_are_shown_only_to_someone(monkeypatch, variables, terminal, expected):
    for name in ("CI", "JPY_SESSION_NAME", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(train.sys.stderr, "isatty", lambda: terminal, raising=False)
    assert train.live() is expected


def test_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("OLC_DATA", str(tmp_path))
    assert data.root() == tmp_path
    monkeypatch.delenv("OLC_DATA")
    assert "olc_lib" in str(data.root())
