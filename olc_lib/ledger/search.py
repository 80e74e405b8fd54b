"""Search at size: the plain product of *Searching with a voice* against indexes of FAISS, on the same codes."""

import statistics
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from olc_lib import augment, data, stored
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import batched
from olc_lib.systems import Experiment

from .timing import in_turn

#: Codes on the shelf, every image of MNIST, and as many as a large collection has.
SIZES = (70_000, 1_000_000)
#: How many answers are asked for.
ANSWERS = 10
#: Two cosines that differ by less are the same; single precision knows no better.
TIE = 1e-6


def shelf(run: str, size: int, seed: int, splits: tuple[str, ...] = data.SPLITS) -> tuple[Tensor, Tensor]:
    """Digit blocks of pictures: first those of all images of a run's corpus, then others made from them.

    Those others are real codes plus a real change: what turning, scaling and shifting one of 5,000 images did to its
    code is added to the code of another image of the digit.

    Args:
        run: of the system ``placed``.
        size: how many codes.
        seed: of the changes.
        splits: of the corpus, all by default.

    Returns:
        Codes ``[size, 10]`` of length 1, and digits ``[size]``.
    """
    trained, generator = stored.load(run, only=["image"], quiet=True), torch.Generator().manual_seed(seed)

    def blocks(pixels):
        return IMAGE.split(batched(trained.image.encode, pixels))["digit"]

    corpus = [data.images(trained.settings.images, split) for split in splits]
    pixels, digit = torch.cat([part.pixels for part in corpus]), torch.cat([part.digit for part in corpus])
    codes = blocks(pixels)
    codes, digit, pixels = (x[torch.randperm(len(codes), generator=torch.Generator().manual_seed(0))]
                            for x in (codes, digit, pixels))  # fmt: skip
    if size <= len(codes):
        return codes[:size].contiguous(), digit[:size]
    change = blocks(augment.images(pixels[:5000], generator)) - codes[:5000]
    rows = torch.randint(len(codes), (size - len(codes),), generator=generator)
    moved = torch.empty(len(rows), codes.shape[1])
    for d in range(10):
        own, of_digit = (digit[rows] == d).nonzero()[:, 0], change[digit[: len(change)] == d]
        moved[own] = of_digit[torch.randint(len(of_digit), (len(own),), generator=generator)]
    made = F.normalize(codes[rows] + moved, dim=1)
    return torch.cat([codes, made]), torch.cat([digit, digit[rows]])


def indexes(codes: Tensor) -> dict[str, tuple[Callable[[Tensor], Tensor], float, float]]:
    """The plain product and three indexes of FAISS, each on one thread.

    ``flat`` compares with every code, as the product does; ``ivf`` (inverted file) looks into the 8 nearest cells
    of as many as the square root of the size; ``hnsw`` (Malkov & Yashunin 2020) walks a graph of neighbours.
    Codes have length 1, so the order by distance is that by cosine.

    Args:
        codes: ``[N, n]`` of length 1.

    Returns:
        Name to search (queries ``[Q, n]`` to places ``[Q, 10]``), seconds it took to build, and MiB it holds.

    Raises:
        ModuleNotFoundError: if FAISS is not installed.
    """
    try:
        import faiss
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('indexes are those of FAISS: `pip install "olc_lib[search]"`') from error
    faiss.omp_set_num_threads(1)
    size, made = codes.shape, {}
    kinds = {"flat": "Flat", "ivf": f"IVF{round(size[0] ** 0.5)},Flat", "hnsw": "HNSW16"}
    for name, words in kinds.items():
        began = time.process_time()
        index = faiss.index_factory(size[1], words)
        index.train(codes.numpy())
        index.add(codes.numpy())
        if name == "ivf":
            index.nprobe = 8
        if name == "hnsw":
            index.hnsw.efSearch = 64
        built = time.process_time() - began

        def search(queries: Tensor, index=index) -> Tensor:
            return torch.from_numpy(index.search(queries.numpy(), ANSWERS)[1])

        made[name] = (search, built, len(faiss.serialize_index(index)) / 2**20)

    def product(queries: Tensor) -> Tensor:
        return (queries @ codes.T).topk(ANSWERS).indices

    return {"product": (product, 0.0, codes.numel() * 4 / 2**20), **made}


def found(places: Tensor, codes: Tensor, queries: Tensor) -> dict[str, float]:
    """How many of the ten nearest codes were found.

    Args:
        places: ``[Q, 10]``, -1 where an index gave up.
        codes: ``[N, n]``.
        queries: ``[Q, n]``.

    Returns:
        ``recall``: percent of answers whose cosine is at least that of the true tenth, less :data:`TIE`; ``same``:
        percent of the true ten that are among the answers.
    """
    near, same = [], []
    exact = codes.double()
    for query, answers in zip(queries.double(), places, strict=True):
        cosine = exact @ query
        best = cosine.topk(ANSWERS)
        near.append(((cosine[answers] >= best.values[-1] - TIE) & (answers >= 0)).double().mean())
        same.append(torch.isin(best.indices, answers).double().mean())
    return {"recall": 100 * torch.stack(near).mean().item(), "same": 100 * torch.stack(same).mean().item()}


def search(
    seed: int, device: str = "cpu", run: str = "slim", sizes: tuple[int, ...] = SIZES, one: int = 100, rounds: int = 5
) -> dict:
    """Spoken test digits search shelves of pictures, one query after the other, and many at a time.

    Args:
        seed: a repetition: the changes that make a large shelf are drawn again.
        device: the CPU, whatever is said.
        run: of the system ``placed``: its voice model asks, its image model filled the shelf.
        sizes: of the shelves.
        one: queries that are asked one after the other in one turn.
        rounds: see :func:`olc_lib.ledger.timing.in_turn`.

    Returns:
        ``size/index/metric``: ``recall`` and ``same``, see :func:`found`; ``right``, percent of answers of the spoken
        digit; ``build``, seconds; ``mib``; ``each_ms``, milliseconds a query asked alone, and ``many_ms``, of all
        asked in blocks of 50; ``faster`` and ``many_faster``, how many times faster than the product in the same
        round, the median.
    """
    trained = stored.load(run, only=["voice"], quiet=True)
    voices = data.voices(trained.settings.voices, "test")
    sound = trained.settings.spectrogram(voices.waves, voices.lengths)
    queries = VOICE.split(batched(trained.voice.encode, sound))["digit"].contiguous()
    result, order = {}, torch.randperm(len(queries), generator=torch.Generator().manual_seed(seed))
    for size in sizes:
        codes, digit = shelf(run, size, seed)
        made = indexes(codes)
        blocks = {"each": queries[order[:one]].split(1), "many": queries.split(50)}
        taken = {key: in_turn(_turns(made, parts), "cpu", rounds) for key, parts in blocks.items()}
        for name, (ask, built, mib) in made.items():
            places = torch.cat([ask(part) for part in blocks["many"]])
            scores = found(places, codes, queries) | {"build": built, "mib": mib}
            scores["right"] = 100 * (digit[places] == voices.digit[:, None]).double().mean().item()
            for key, seconds in taken.items():
                count = sum(map(len, blocks[key]))
                scores[f"{key}_ms"] = 1000 * statistics.median(seconds[name]) / count
                ratios = [a / b for a, b in zip(seconds["product"], seconds[name], strict=True)]
                scores["faster" if key == "each" else "many_faster"] = statistics.median(ratios)
            result |= {f"{size}/{name}/{key}": value for key, value in scores.items()}
    return result


def _turns(made: dict, parts: Sequence[Tensor]) -> dict[str, Callable]:
    return {name: lambda ask=ask: [ask(part) for part in parts] for name, (ask, *_) in made.items()}


EXPERIMENTS = {
    "search": Experiment(
        "How much faster is an index than a plain product, and what does it miss?",
        search,
        {"spoken digits": {}},
        seeds=3,
    ),
}
