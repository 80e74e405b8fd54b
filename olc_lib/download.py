"""FSDD and MNIST, from the network into the cache: whole and verified, or not at all.

Everything is fetched and unpacked in a temporary folder inside the cache, checked there, and moved
to its place in one step. What already lies in place is checked too, and never overwritten.
"""

import gzip
import hashlib
import os
import re
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import platformdirs
import pooch
import requests

FSDD_COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
FSDD_URL = f"https://github.com/Jakobovski/free-spoken-digit-dataset/archive/{FSDD_COMMIT}.tar.gz"
# Of the recordings, not of the archive: GitHub does not promise to pack the same bytes every time.
FSDD_SHA256 = "45a9b976ba3397a2fd5c70a9f2e43c34f442a3a6be47392ecfc41174b678f37e"
FSDD_CLIPS = 3000
CLIP_NAME = re.compile(r"(\d)_([a-z]+)_(\d+)\.wav")  # digit, speaker, take

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
# file -> MD5 of the .gz (as in torchvision), MD5 of the file itself
MNIST_FILES = {
    "train-images-idx3-ubyte": (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "6bbc9ace898e44ae57da46a324031adb",
    ),
    "train-labels-idx1-ubyte": (
        "d53e105ee54ea40749a09fcbcd1e9432",
        "a25bea736e30d166cdddb491f175f624",
    ),
    "t10k-images-idx3-ubyte": (
        "9fb629c4189551a2d022fa330f9573f3",
        "2646ac647ad5339dbf082846283269ea",
    ),
    "t10k-labels-idx1-ubyte": (
        "ec29112dd5afa0611ce80d1b7f02629c",
        "27ae3e4e09519cfbb04c329615203637",
    ),
}
TIMEOUT = 20  # seconds without a single byte


def root() -> Path:
    """Returns the folder that holds downloaded corpora: $OLC_DATA, or the user's cache folder."""
    return Path(os.environ.get("OLC_DATA") or platformdirs.user_cache_dir("olc_lib", False))


def live() -> bool:
    """Tells whether someone is watching: a terminal, or a notebook that a person has open.

    A notebook that papermill, nbclient or nbval executes is not live: a progress bar there would
    end up in the stored outputs.
    """
    if os.environ.get("CI"):
        return False
    notebook = "JPY_SESSION_NAME" in os.environ or "COLAB_RELEASE_TAG" in os.environ
    return notebook or sys.stderr.isatty()  # a kernel's own stderr is none, wherever it was started


def digest(files: Iterable[Path]) -> str:
    """Digests some files.

    Args:
        files: paths, in any order.

    Returns:
        The SHA-256, in hexadecimal, over name and bytes of each, in the order of their names.
    """
    total = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name):
        total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()


def clips(folder: Path) -> list[Path]:
    """Lists the FSDD recordings in a folder; other files do not count.

    Args:
        folder: to look into.

    Returns:
        Their paths, sorted.
    """
    return sorted(file for file in folder.iterdir() if CLIP_NAME.fullmatch(file.name))


def fetch(url: str, path: Path, timeout: float = TIMEOUT) -> None:
    """Downloads one file.

    Args:
        url: http or https address.
        path: file to write.
        timeout: seconds to wait for the next byte.

    Raises:
        ConnectionError: one sentence, if the server cannot be reached, stalls, refuses or breaks off.
    """
    get = pooch.HTTPDownloader(progressbar=live(), timeout=timeout)
    try:
        get(url, str(path), None)
    except requests.HTTPError as error:
        reason = f"the server answered {error.response.status_code}"
    except requests.RequestException as error:
        stalled = "timed out" in str(error)
        reason = f"no byte within {timeout} s" if stalled else "not reached, or broken off"
    else:
        return
    raise ConnectionError(f"{url}: {reason}") from None


def unpack(archive: Path, folder: Path) -> None:
    """Takes the recordings, and nothing else, out of FSDD's tar.gz.

    Nothing in the archive can choose where it is written: only plain files
    ``*/recordings/{digit}_{speaker}_{take}.wav`` are taken, and written under that last name.
    (``extractall(filter="data")`` would do, but Python 3.11.0-3.11.3 do not have it.)

    Args:
        archive: the file to read.
        folder: the folder to make.

    Raises:
        ValueError: one sentence, if it is no whole tar.gz or has a member outside its own folder.
    """
    folder.mkdir()
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts:
                    raise ValueError(f"it has the unsafe member {member.name!r}")
                wanted = path.parent.name == "recordings" and CLIP_NAME.fullmatch(path.name)
                if wanted and member.isreg():
                    (folder / path.name).write_bytes(tar.extractfile(member).read())
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"it is not a whole tar.gz ({type(error).__name__})") from None


def fsdd(download: bool = True, url: str = FSDD_URL, sha256: str = FSDD_SHA256, timeout: float = TIMEOUT) -> Path:
    """Makes sure that FSDD is in the cache, whole and unchanged.

    Args:
        download: fetch it if it is missing (about 16 MB).
        url: the archive of the repository at ``FSDD_COMMIT``.
        sha256: what ``digest`` must give for the recordings.
        timeout: seconds to wait for the next byte.

    Returns:
        The folder of the 3,000 recordings.

    Raises:
        FileNotFoundError: it is missing, and ``download`` is off.
        ConnectionError: it could not be downloaded.
        ValueError: what was downloaded, or what is there, is not FSDD.
    """
    folder = root() / "FSDD" / "recordings"
    if not folder.exists():
        if not download:
            raise FileNotFoundError(
                f"FSDD is missing: {folder} does not exist; pass download=True, or put the folder "
                f"recordings/ of {url} there (the variable OLC_DATA moves the cache)"
            )
        with _workshop() as workshop:
            try:
                fetch(url, workshop / "fsdd.tar.gz", timeout)
            except ConnectionError as error:
                raise ConnectionError(_no_network("FSDD", error, folder)) from None
            try:
                unpack(workshop / "fsdd.tar.gz", workshop / "recordings")
            except ValueError as error:
                raise ValueError(f"FSDD's archive was refused: {error}; from {url}") from None
            _check_fsdd(workshop / "recordings", sha256, f"the archive {url}", "try again later")
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.replace(workshop / "recordings", folder)
            except OSError:
                if not folder.exists():  # else another process was faster, which is as good
                    raise
    _check_fsdd(folder, sha256, folder, "delete that folder to download it anew")
    return folder


def mnist(
    download: bool = True,
    mirrors: Sequence[str] = MNIST_MIRRORS,
    files: Mapping[str, tuple[str, str]] = MNIST_FILES,
    timeout: float = TIMEOUT,
) -> Path:
    """Makes sure that MNIST's four files are in the cache, whole and unchanged.

    Args:
        download: fetch those that are missing (12 MB in all).
        mirrors: addresses to try in turn, each ending in a slash.
        files: name -> (MD5 of the .gz, MD5 of the file); MNIST's own, but in tests.
        timeout: seconds to wait for the next byte.

    Returns:
        The ``root`` to give to ``torchvision.datasets.MNIST``.

    Raises:
        FileNotFoundError: a file is missing, and ``download`` is off.
        ConnectionError: no mirror gave the right file; names each mirror's fault.
        ValueError: a file that is there is not MNIST's.
    """
    folder = root() / "MNIST" / "raw"
    missing = [name for name in files if not (folder / name).exists()]
    if missing and not download:
        raise FileNotFoundError(
            f"MNIST is missing: {folder} has no {', '.join(missing)}; pass download=True, or put "
            f"the unpacked files from {mirrors[0]} there (the variable OLC_DATA moves the cache)"
        )
    if missing:
        with _workshop() as workshop:
            for name in missing:
                try:
                    _from_mirrors(name, files[name], workshop, mirrors, timeout)
                except ConnectionError as error:
                    raise ConnectionError(_no_network("MNIST", error, folder)) from None
            folder.mkdir(parents=True, exist_ok=True)
            for name in missing:
                os.replace(workshop / name, folder / name)
    for name, (_, md5) in files.items():
        if _md5(folder / name) != md5:
            raise ValueError(
                f"{folder / name} is damaged or not MNIST's: its MD5 is {_md5(folder / name)}, "
                f"expected {md5}; delete that file to download it anew"
            )
    return folder.parent.parent


def _from_mirrors(name, digests, workshop, mirrors, timeout):
    """Puts the file ``name`` into the workshop from the first mirror that has it right."""
    faults, packed = [], workshop / f"{name}.gz"
    for mirror in mirrors:
        try:
            fetch(f"{mirror}{name}.gz", packed, timeout)
        except ConnectionError as error:
            faults.append(str(error))
            continue
        if _md5(packed) == digests[0]:
            (workshop / name).write_bytes(gzip.decompress(packed.read_bytes()))
            return
        faults.append(f"{mirror}{name}.gz: MD5 {_md5(packed)}, expected {digests[0]}")
    raise ConnectionError("; ".join(faults))


def _check_fsdd(folder, sha256, place, advice):
    found = clips(folder) if folder.is_dir() else []
    if digest(found) != sha256:
        raise ValueError(
            f"{place} does not hold FSDD: {len(found):,} recordings with digest "
            f"{digest(found)[:12]}…, expected {FSDD_CLIPS:,} with {sha256[:12]}…; {advice}"
        )


@contextmanager
def _workshop():
    """A temporary folder on the same disk as the cache, so that moving out of it is one step."""
    try:
        root().mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".partial-", dir=root())
    except OSError as error:
        raise OSError(
            f"the cache {root()} cannot be written ({error.strerror}); set the variable OLC_DATA "
            "to a folder that can be"
        ) from None
    with folder as path:
        yield Path(path)


def _no_network(name, error, folder):
    return (
        f"{name} could not be downloaded ({error}); check the network, or copy {folder} from a "
        'machine that has it; the corpus "embedded" needs no network'
    )


def _md5(file):
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
