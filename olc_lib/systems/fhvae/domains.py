"""Does z1 carry a recognizer of words to speakers and to noise that it was not trained on (Tables 2 and 3, small)?"""

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from olc_lib import data, metrics, spectra, train
from olc_lib.systems import Training

from .corpus import Settings, build, log_mels, spoil, turn, utterances

#: Frames that a word is brought to, and from one segment of it to the next.
FRAMES, SHIFT = 80, 5
_PLAN = Training(steps=800, batch_size=64, lr=3e-3)


def words(voices: data.Voices, how: str = "", seed: int = 0) -> Tensor:
    """Words as log-mel ``[N, FRAMES, 80]``, silence or noise after each up to the common length.

    Args:
        voices: N words.
        how: see :func:`~.corpus.spoil`.
        seed: of what is added.

    Returns:
        The log-mels.
    """
    generator, length = torch.Generator().manual_seed(seed), FRAMES * data.RATE // 100
    waves = [F.pad(wave, (0, length))[:length] for wave in voices.waves]
    return torch.stack([spectra.log_mel(spoil(wave, how, data.RATE, generator), data.RATE)[:FRAMES] for wave in waves])


def strings(mels: Tensor, voices: data.Voices) -> list[Tensor]:
    """Words of one speaker end to end, a string a take, as the sequences that an FHVAE needs.

    Args:
        mels: log-mel ``[N, FRAMES, 80]``.
        voices: N words.

    Returns:
        Log-mel ``[T, 80]`` each.
    """
    places = torch.stack([voices.speaker, voices.take], 1)
    return [mels[(places == place).all(1)].flatten(0, 1) for place in places.unique(dim=0)]


class Recognizer(nn.Module):
    """A GRU over what it is given of a word, ten scores at the end.

    Args:
        inputs: numbers a step.
        hidden: of the GRU.
    """

    def __init__(self, inputs: int, hidden: int = 48):
        super().__init__()
        self.gru, self.head = nn.GRU(inputs, hidden, batch_first=True), nn.Linear(hidden, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the ten digits.

        Args:
            x: ``[B, steps, D]``.

        Returns:
            ``[B, 10]``.
        """
        return self.head(self.gru(x)[0].mean(1))


def recognize(known: Tensor, digit: Tensor, asked: dict[str, Tensor], seed: int) -> dict[str, Tensor]:
    """Train a recognizer in one domain, and let it read others.

    Args:
        known: ``[N, steps, D]``.
        digit: ``[N]``.
        asked: domain to ``[K, steps, D]``.
        seed: of weights and batches.

    Returns:
        Domain to digits read, ``[K]``.
    """
    mean, deviation = known.mean((0, 1)), known.std((0, 1)) + 1e-3
    torch.manual_seed(seed)
    reader = Recognizer(known.shape[2])

    def loss(batch, step, generator):
        return F.cross_entropy(reader(batch["x"]), batch["digit"]), {}

    items = {"x": (known - mean) / deviation, "digit": digit}
    train.fit(reader, loss, items, 400, batch_size=64, lr=5e-3, weight_decay=0.01, seed=seed, progress=False)
    with torch.no_grad():
        return {name: reader((x - mean) / deviation).argmax(1) for name, x in asked.items()}


@torch.no_grad()
def views(fhvae, vae, mels: Tensor) -> dict[str, Tensor]:
    """What a recognizer may be given of words.

    Args:
        fhvae: with two clocks.
        vae: with one.
        mels: log-mel ``[N, FRAMES, 80]``.

    Returns:
        ``[N, steps, D]`` each: the features, these centred word by word, and the codes.
    """
    segments = mels.unfold(1, 20, SHIFT).transpose(2, 3)
    flat = segments.flatten(0, 1)
    shape = (*segments.shape[:2], -1)
    z1, z2 = (code.view(shape) for code in fhvae.codes(flat))
    features = mels.unflatten(1, (-1, SHIFT)).mean(2)
    centred = features - features.mean(1, keepdim=True)
    return {"features": features, "centred": centred, "vae": vae.codes(flat)[0].view(shape), "z1": z1, "z2": z2}


def carry(seed: int, device: str = "cpu", corpus: str = "embedded") -> dict:
    """Train encoders on all domains without labels, and recognizers in one; test these in another.

    Args:
        seed: of every training.
        device: where.
        corpus: ``"embedded"``, six voices; or ``"fsdd"``, six men (noise only).

    Returns:
        Digits right, in percent: ``women_KIND``, trained on men, tested on women (``men_KIND``: on men);
        ``noisy_KIND``, trained on clean words, tested on noisy ones (``clean_KIND``: on clean ones).
        Kinds: :func:`views`.
    """
    known, asked = data.voices(corpus, "train"), data.voices(corpus, "test")
    if corpus == "fsdd":
        known = data.select(known, known.take % 4 == 0)  # a quarter is enough
    clean, noisy = words(known), words(known, "noise", 1 + seed)
    sequences = strings(clean, known) + strings(noisy, known)
    if corpus == "embedded":
        sequences += log_mels(utterances("synthetic", "train"))
    base = Settings(seed=seed, training=_PLAN)
    models = []
    for settings in (base, replace(base, one_clock=True)):
        model = build(settings, len(sequences))["fhvae"]
        turns, items = turn(model, settings, sequences, device)
        train.fit(model, turns, items, _PLAN.steps, batch_size=_PLAN.batch_size, seed=seed, progress=False)
        models.append(model.cpu())
    seen, test = views(*models, clean), {"clean": words(asked), "noisy": words(asked, "noise", 99)}
    test = {name: views(*models, mels) for name, mels in test.items()}
    found = {}
    woman = torch.tensor([name in ("anna", "bea", "cora") for name in known.speakers])
    for kind, x in seen.items():
        read = recognize(x, known.digit, {name: some[kind] for name, some in test.items()}, seed)
        found |= {f"{name}_{kind}": metrics.accuracy(digits, asked.digit) for name, digits in read.items()}
        if corpus == "embedded":
            man = ~woman[known.speaker]
            rows = {"women": woman[asked.speaker], "men": ~woman[asked.speaker]}
            read = recognize(x[man], known.digit[man], {n: test["clean"][kind][r] for n, r in rows.items()}, seed)
            found |= {f"{name}_{kind}": metrics.accuracy(read[name], asked.digit[r]) for name, r in rows.items()}
    return found
