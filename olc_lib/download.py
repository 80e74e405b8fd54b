"""FSDD, LibriSpeech, MNIST and Fashion-MNIST, fetched into the cache complete and verified, or not at all.

Everything is fetched and unpacked in a temporary folder inside the cache, checked there, and moved
to its place in one step. What already lies in place is checked too, and never overwritten.
"""

import gzip
import hashlib
import os
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import platformdirs
import pooch
import requests

from .train import live


@dataclass(frozen=True)
class Archive:
    """A corpus that a public repository carries at one commit.

    Attributes:
        name: as messages print it.
        folder: where it lies in the cache, one part of the path each.
        url: of the repository's archive, a tar.gz.
        inside: the folder of that archive that is taken.
        files: what is taken out of it: the whole path below ``inside``.
        count: how many files that is.
        sha256: what ``digest`` gives for them. Of the contents, not of the archive: GitHub does not
            promise to pack the same bytes every time.
        instead: the corpus that needs no network.
    """

    name: str
    folder: tuple[str, ...]
    url: str
    inside: str
    files: re.Pattern
    count: int
    sha256: str
    instead: str


@dataclass(frozen=True)
class Mirrored:
    """Pictures in four IDX files, laid out as torchvision expects them.

    Attributes:
        name: as messages print it; its folder in the cache is the same without the first hyphen.
        mirrors: addresses to try in turn, each ending in a slash.
        files: name -> (MD5 of the .gz, as in torchvision; MD5 of the file itself).
    """

    name: str
    mirrors: tuple[str, ...]
    files: Mapping[str, tuple[str, str]]


CLIP_NAME = re.compile(r"(\d)_([a-z]+)_(\d+)\.wav")  # digit, speaker, take
_GITHUB = "https://github.com/{}/archive/{}.tar.gz"
FSDD = Archive(
    name="FSDD",
    folder=("FSDD", "recordings"),
    url=_GITHUB.format("Jakobovski/free-spoken-digit-dataset", "26eb9aaf76e81b692f806f9140c2d2777410d7a1"),
    inside="recordings",
    files=CLIP_NAME,
    count=3000,
    sha256="45a9b976ba3397a2fd5c70a9f2e43c34f442a3a6be47392ecfc41174b678f37e",
    instead="embedded",
)
LIBRISPEECH = Archive(
    name="the LibriSpeech excerpt",
    folder=("LibriSpeech",),
    url=_GITHUB.format("resemble-ai/Resemblyzer", "15d828edebe06bc72b9cabc8ef8ca5ab2cb457ce"),
    inside="audio_data",
    files=re.compile(r"librispeech_(train-clean-100|test-other)/((\d+/)?\d+-\d+-\d+\.flac|SPEAKERS\.TXT|LICENSE\.TXT)"),
    count=354,
    sha256="09b6cb62675b6a368938ad6b8d4e0c360feea1a16a401901c362beae70ffc14c",
    instead="people",
)
MNIST = Mirrored(
    name="MNIST",
    mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
    files={
        "train-images-idx3-ubyte": ("f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"),
        "train-labels-idx1-ubyte": ("d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"),
        "t10k-images-idx3-ubyte": ("9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"),
        "t10k-labels-idx1-ubyte": ("ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637"),
    },
)
FASHION = Mirrored(
    name="Fashion-MNIST",
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    files={
        "train-images-idx3-ubyte": ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
        "train-labels-idx1-ubyte": ("25c81989df183df01b3e8a0aad5dffbe", "9018921c3c673c538a1fc5bad174d6f9"),
        "t10k-images-idx3-ubyte": ("bef4ecab320f06d8554ea6380940ec79", "8181f5470baa50b63fa0f6fddb340f0a"),
        "t10k-labels-idx1-ubyte": ("bb300cfdad3c16e7a12a480ee83cd310", "15d484375f8d13e6eb1aabb0c3f46965"),
    },
)
TIMEOUT = 20  # seconds without a single byte


def root() -> Path:
    """Returns the folder that holds downloaded corpora: $OLC_DATA, or the user's cache folder."""
    return Path(os.environ.get("OLC_DATA") or platformdirs.user_cache_dir("olc_lib", False))


def digest(files: Iterable[Path]) -> str:
    """Computes one digest of several files.

    Args:
        files: paths, in any order.

    Returns:
        The SHA-256, in hexadecimal, over name and bytes of each, in the order of their names.
    """
    total = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name):
        total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()


def members(folder: Path, corpus: Archive) -> list[Path]:
    """Lists the files of a corpus in a folder; others do not count.

    Args:
        folder: to look into.
        corpus: whose files.

    Returns:
        Their paths, sorted.
    """
    every = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return [file for file in every if corpus.files.fullmatch(file.relative_to(folder).as_posix())]


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


def unpack(archive: Path, folder: Path, corpus: Archive) -> None:
    """Takes the files of a corpus, and nothing else, out of a repository's tar.gz.

    Nothing in the archive can choose where it is written: only plain files whose path below
    ``corpus.inside`` is one of ``corpus.files`` are taken, and written under that path.
    (``extractall(filter="data")`` would do, but Python 3.11.0-3.11.3 do not have it.)

    Args:
        archive: the file to read.
        folder: the folder to make.
        corpus: what to look for.

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
                _, found, below = member.name.partition(f"/{corpus.inside}/")
                if found and corpus.files.fullmatch(below) and member.isreg():
                    (folder / below).parent.mkdir(parents=True, exist_ok=True)
                    (folder / below).write_bytes(tar.extractfile(member).read())
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"it is not a whole tar.gz ({type(error).__name__})") from None


def archived(corpus: Archive, download: bool = True, timeout: float = TIMEOUT) -> Path:
    """Makes sure that a corpus out of a repository is in the cache, whole and unchanged.

    Args:
        corpus: FSDD (16 MB to download) or LIBRISPEECH (about 80 MB).
        download: fetch it if it is missing.
        timeout: seconds to wait for the next byte.

    Returns:
        The folder of its files.

    Raises:
        FileNotFoundError: it is missing, and ``download`` is off.
        ConnectionError: it could not be downloaded.
        ValueError: what was downloaded, or what is there, is not this corpus.
    """
    folder = root().joinpath(*corpus.folder)
    if not folder.exists():
        if not download:
            raise FileNotFoundError(
                f"{corpus.name} is missing: {folder} does not exist; pass download=True, or put the folder "
                f"{corpus.inside}/ of {corpus.url} there (the variable OLC_DATA moves the cache)"
            )
        with _workshop() as workshop:
            packed, unpacked = workshop / "archive.tar.gz", workshop / "unpacked"
            try:
                fetch(corpus.url, packed, timeout)
            except ConnectionError as error:
                raise ConnectionError(_no_network(corpus.name, error, folder, corpus.instead)) from None
            try:
                unpack(packed, unpacked, corpus)
            except ValueError as error:
                raise ValueError(f"the archive of {corpus.name} was refused: {error}; from {corpus.url}") from None
            _check_files(corpus, unpacked, f"the archive {corpus.url}", "try again later")
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.replace(unpacked, folder)
            except OSError:
                if not folder.exists():  # else another process was faster, which is as good
                    raise
    _check_files(corpus, folder, folder, "delete that folder to download it anew")
    return folder


def mirrored(corpus: Mirrored, download: bool = True, timeout: float = TIMEOUT) -> Path:
    """Makes sure that the four files of a corpus of pictures are in the cache, whole and unchanged.

    Args:
        corpus: MNIST (12 MB in all) or FASHION (31 MB).
        download: fetch those files that are missing.
        timeout: seconds to wait for the next byte.

    Returns:
        The ``root`` to give to torchvision's data set.

    Raises:
        FileNotFoundError: a file is missing, and ``download`` is off.
        ConnectionError: no mirror gave the right file; names each mirror's fault.
        ValueError: a file that is there is not this corpus's.
    """
    folder = root() / corpus.name.replace("-", "", 1) / "raw"
    missing = [name for name in corpus.files if not (folder / name).exists()]
    if missing and not download:
        raise FileNotFoundError(
            f"{corpus.name} is missing: {folder} has no {', '.join(missing)}; pass download=True, or put "
            f"the unpacked files from {corpus.mirrors[0]} there (the variable OLC_DATA moves the cache)"
        )
    if missing:
        with _workshop() as workshop:
            for name in missing:
                try:
                    _from_mirrors(name, corpus.files[name], workshop, corpus.mirrors, timeout)
                except ConnectionError as error:
                    raise ConnectionError(_no_network(corpus.name, error, folder)) from None
            folder.mkdir(parents=True, exist_ok=True)
            for name in missing:
                os.replace(workshop / name, folder / name)
    for name, (_, md5) in corpus.files.items():
        if _md5(folder / name) != md5:
            raise ValueError(
                f"{folder / name} is damaged or not of {corpus.name}: its MD5 is {_md5(folder / name)}, "
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


def _check_files(corpus, folder, place, advice):
    found = members(folder, corpus)
    if digest(found) != corpus.sha256:
        raise ValueError(
            f"{place} does not hold {corpus.name}: {len(found):,} files with digest {digest(found)[:12]}…, "
            f"expected {corpus.count:,} with {corpus.sha256[:12]}…; {advice}"
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


def _no_network(name, error, folder, instead="embedded"):
    return (
        f"{name} could not be downloaded ({error}); check the network, or copy {folder} from a "
        f'machine that has it; the corpus "{instead}" needs no network'
    )


def _md5(file):
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
