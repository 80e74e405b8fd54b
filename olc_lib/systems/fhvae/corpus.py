"""What an FHVAE reads: utterances as log-mel sequences, clean or spoilt, cut into segments; and how it is trained."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from olc_lib import data, spectra
from olc_lib.systems import Stage, Training
from olc_lib.train import Turn

from .model import FHVAE, SegmentVAE, divergence, log_density, s_vector, terms


@dataclass(frozen=True)
class Settings:
    """Everything a run is made of.

    Args:
        corpus: ``"librispeech"``, or ``"embedded"`` for the four people and the synthetic speakers.
        spoilt: what is added to the training utterances, see :func:`olc_lib.systems.fhvae.corpus.spoil`; a spoilt
            copy joins the clean one.
        frames: of a segment, 10 ms each.
        shift: frames from one training segment to the next.
        hidden: of each LSTM.
        size: of ``z1`` and of ``z2``.
        alpha: weight of the discriminative term (Eq. 3).
        beta: weight of both divergences; 1 in the paper.
        one_clock: train the rival without s-vectors, a :class:`~.model.SegmentVAE`, instead.
        variances: of ``z1``, of ``z2`` around its s-vector, of s-vectors.
        table_start: deviation of the s-vectors at the start.
        table_rate: how much faster than the networks the table moves.
        refresh: steps between two resets of the table by Eq. 5; 0 for none.
        compete: how many sequences are in the table at a time; ``None`` for all (hierarchical sampling if fewer).
        training: steps, batch, rate.
        seed: of the weights and of all that training draws.
    """

    corpus: str = "librispeech"
    spoilt: str = ""
    frames: int = 20
    shift: int = 8
    hidden: int = 64
    size: int = 16
    alpha: float = 10.0
    beta: float = 1.0
    one_clock: bool = False
    variances: tuple[float, float, float] = (1.0, 0.25, 1.0)
    table_start: float = 0.1
    table_rate: float = 5.0
    refresh: int = 200
    compete: int | None = None
    training: Training = field(default_factory=lambda: Training(steps=1600, batch_size=64, lr=3e-3))
    seed: int = 0


def utterances(corpus: str, split: str) -> data.Sentences:
    """The utterances of a split. No speaker of the LibriSpeech splits, and no sentence of any, is in another split.

    Args:
        corpus: ``"librispeech"``, ``"people"`` or ``"synthetic"``.
        split: LibriSpeech: ``"train"`` (251 readers, one utterance each), ``"trial"`` and ``"validation"`` (four
            fifths of these and the rest, to choose settings on) and ``"test"`` (ten readers, ten utterances each).
            The embedded ones: ``"train"`` and ``"test"``; people by sentence, synthetic by speaker.

    Returns:
        The sentences.

    Raises:
        ValueError: for an unknown split.
    """
    known = ("train", "test", "trial", "validation") if corpus == "librispeech" else ("train", "test")
    if split not in known:
        raise ValueError(f"split is {split!r}, expected one of {', '.join(known)} for {corpus!r}")
    everything = data.sentences(corpus)
    if corpus != "librispeech":
        cut = data.split_sentences if corpus == "people" else data.split_speakers
        return cut(everything)[known.index(split)]
    wanted = "test-other" if split == "test" else "train-clean-100"
    part = data.select(everything, torch.tensor([name == wanted for name in everything.subset]))
    if split in ("trial", "validation"):
        part = data.split_speakers(part, 0.2)[split == "validation"]
    return part


def noise(length: int, generator: torch.Generator) -> Tensor:
    """Pink noise: every octave has the same power.

    Args:
        length: in samples.
        generator: of the draw.

    Returns:
        ``[length]``, of mean square 1.
    """
    spectrum = torch.fft.rfft(torch.randn(length, generator=generator))
    spectrum = spectrum / (1 + torch.arange(len(spectrum))).sqrt()
    pink = torch.fft.irfft(spectrum, length)
    return pink / pink.square().mean().sqrt()


def spoil(wave: Tensor, how: str, rate: int, generator: torch.Generator) -> Tensor:
    """An utterance as it might sound in another place.

    Args:
        wave: ``[T]``.
        how: ``"noise"``, pink, 0 to 15 dB below the speech; ``"room"``, a random coloration that stays; ``"rooms"``,
            a new one every 1.5 s; ``""`` for the wave as it is.
        rate: samples a second.
        generator: of every draw.

    Returns:
        ``[T]``.

    Raises:
        ValueError: for another ``how``.
    """
    if how == "":
        return wave
    if how == "noise":
        level = 10 ** (-15 * torch.rand((), generator=generator) / 20)
        return wave + wave.square().mean().sqrt() * level * noise(len(wave), generator)
    if how not in ("room", "rooms"):
        raise ValueError(f"how is {how!r}, expected 'noise', 'room', 'rooms' or ''")
    pieces = wave.split(round(1.5 * rate)) if how == "rooms" else (wave,)
    decay = torch.exp(-torch.arange(64) / 12.0)
    coloured = []
    for piece in pieces:
        taps = torch.randn(64, generator=generator) * decay * 0.5
        taps[0] = 1.0
        coloured.append(F.conv1d(F.pad(piece, (63, 0))[None, None], taps.flip(0)[None, None])[0, 0])
    return torch.cat(coloured)


def log_mels(sentences: data.Sentences, how: str = "", seed: int = 0) -> list[Tensor]:
    """Log-mel sequences ``[T_n, 80]``, one an utterance, 10 ms a frame.

    Args:
        sentences: N utterances.
        how: see :func:`olc_lib.systems.fhvae.corpus.spoil`.
        seed: of what is added.

    Returns:
        N tensors.
    """
    generator = torch.Generator().manual_seed(seed)
    waves = (spoil(wave, how, sentences.rate, generator) for wave in sentences.waves)
    return [spectra.log_mel(wave, sentences.rate) for wave in waves]


def training_sequences(settings: Settings) -> list[Tensor]:
    """All sequences of a run.

    Args:
        settings: of the run.

    Returns:
        Log-mel ``[T_n, 80]`` each; their order is the order of the table's rows.
    """
    if settings.corpus == "embedded":
        return [mel for name in ("people", "synthetic") for mel in log_mels(utterances(name, "train"))]
    corpus, _, split = settings.corpus.partition(":")
    part = utterances(corpus, split or "train")
    return log_mels(part) + (log_mels(part, settings.spoilt, 1 + settings.seed) if settings.spoilt else [])


def build(settings: Settings, sequences: int | None = None) -> dict[str, torch.nn.Module]:
    """The model of a run, freshly initialized.

    Args:
        settings: of the run.
        sequences: rows of the table; ``None`` counts the training sequences, or takes ``settings.compete``.

    Returns:
        ``{"fhvae": model}``.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(settings.seed)
        if settings.one_clock:
            return {"fhvae": SegmentVAE(frames=settings.frames, hidden=settings.hidden, size=2 * settings.size)}
        rows = settings.compete or sequences or len(training_sequences(settings))
        shape = {"frames": settings.frames, "hidden": settings.hidden, "size": settings.size}
        return {"fhvae": FHVAE(rows, **shape, table_start=settings.table_start, table_rate=settings.table_rate)}


def turn(model: FHVAE | SegmentVAE, settings: Settings, sequences: Sequence[Tensor], device: str = "cpu"):
    """The objective of a run and its data, for :func:`olc_lib.train.fit`.

    With ``settings.compete`` the table holds a few sequences at a time, drawn anew at every refresh: a step
    has as many segments as before, however many sequences there are.

    Args:
        model: to be trained; its normalization is set here.
        settings: of the run.
        sequences: log-mel ``[T_n, F]`` each.
        device: where.

    Returns:
        ``([turn], data)``.

    Raises:
        ValueError: if a sequence is shorter than a segment.
    """
    pieces, owner, _ = spectra.segments(list(sequences), settings.frames, settings.shift)
    model.mean.copy_(pieces.mean((0, 1)))
    model.deviation.copy_(pieces.std((0, 1)))
    model.to(device)
    pieces, owner = model.standard(pieces.to(device)), owner.to(device)
    count = torch.bincount(owner, minlength=len(sequences))
    if not count.all():
        raise ValueError(f"{int((count == 0).sum())} sequences are shorter than {settings.frames} frames")
    first = count.cumsum(0) - count
    share, few = 1 / count, settings.compete or len(sequences)

    def active(step: int) -> Tensor:
        """The sequences in the table at a step, ``[few]``."""
        if few == len(sequences):
            return torch.arange(few, device=device)
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + step // settings.refresh)
        return torch.randperm(len(sequences), generator=generator)[:few].to(device)

    def pool(step: int) -> tuple[Tensor, Tensor]:
        """The segments of the active sequences, and each sequence's row of the table (-1: not there)."""
        row = torch.full((len(sequences),), -1, device=device)
        row[active(step)] = torch.arange(few, device=device)
        return (row[owner] >= 0).nonzero()[:, 0], row

    here = {"since": 0, "pool": pool(0)}

    def loss(batch, step, generator):
        since = step // settings.refresh if settings.refresh else 0
        if since != here["since"]:
            here.update(since=since, pool=pool(step))
        segments, row = here["pool"]
        chosen = segments[batch["segment"] % len(segments)]
        x, whose = pieces[chosen], owner[chosen]
        if settings.one_clock:
            q = model.read(x)
            likelihood, kl = log_density(x, model.write(q.sample(generator))).sum(-1), divergence(q, 0.0, 1.0)
            return (settings.beta * kl - likelihood).mean(), {"likelihood": likelihood.mean(), "kl": kl.mean()}
        found = terms(model, x, row[whose], share[whose], generator, settings.variances)
        bound = found.likelihood - settings.beta * (found.kl1 + found.kl2) + found.prior
        record = {name: value.detach().mean() for name, value in found._asdict().items()}
        return -(bound + settings.alpha * found.which).mean(), record

    @torch.no_grad()
    def refresh(step: int, optimizer) -> None:
        """Put the table where Eq. 5 has it, and forget how it was moving."""
        if not settings.refresh or step % settings.refresh:
            return
        of = active(step)
        spread = torch.linspace(0, 1, 24, device=device)  # two dozen segments of each are enough
        own = (first[of, None] + spread * (count[of, None] - 1)).long()
        means = torch.cat([model.encode2(pieces[some]).mean for some in own.flatten().split(512)])
        rows = [s_vector(some, *settings.variances[1:]) for some in means.view(*own.shape, -1)]
        model.weight.copy_(torch.stack(rows) / model.table_rate)
        optimizer.state.pop(model.weight, None)

    weights, training = list(model.parameters()), settings.training
    after = None if settings.one_clock else refresh
    one = Turn(loss, weights, training.lr, "bound", training.weight_decay, betas=(0.95, 0.999), clip=5.0, after=after)
    return [one], {"segment": torch.arange(len(pieces))}


def stages(settings: Settings) -> list[Stage]:
    """The one stage of a run.

    Args:
        settings: of the run.

    Returns:
        See :class:`olc_lib.systems.Stage`.
    """

    def prepare(models, settings, device):
        return turn(models["fhvae"], settings, training_sequences(settings), device)

    return [Stage("fhvae", settings.training, (), prepare)]
