"""Codes over time: a VAE at every step of a recurrent network, beside recurrent networks without a code.

Frames are columns of the book's log-mel pictures, in tens of decibels. White noise of one decibel is added to them, in
training and in tests: a density of numbers that are exactly 0 in every silence could be as large as one likes. With the
noise nobody can score more than :data:`CEILING` on average, and no deviation below :data:`NOISE` is of use.
"""

import functools
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olc_lib import data, spectra

from .divergences import gaussians_kl
from .network import _layers, standard

Normal = tuple[Tensor, Tensor]
Generator = torch.Generator
BANDS = spectra.SIZE
#: Tens of decibels from black to white in a picture, and the deviation of the noise that is added.
RANGE, NOISE = 6.0, 0.1
#: The negative entropy of the noise alone, the most that any model can reach on average (nats a frame).
CEILING = -BANDS * (math.log(2 * math.pi * math.e) / 2 + math.log(NOISE))


@functools.lru_cache(4)
def frames(corpus: str, split: str) -> tuple[Tensor, Tensor]:
    """Clips as sequences of frames, without noise.

    Args:
        corpus: of :func:`olc_lib.data.voices`.
        split: "train", "validation" or "test".

    Returns:
        Frames ``[N, 32, BANDS]`` in tens of decibels, time before bands, the mean frame taken off; and that mean
        ``[BANDS]``, of the training clips.
    """
    voices = data.voices(corpus, split)
    x = RANGE * spectra.LogMel()(voices.waves, voices.lengths)[:, 0].mT
    mean = x.mean((0, 1)) if split == "train" else frames(corpus, "train")[1]
    return x - mean, mean


def picture(x: Tensor, mean: Tensor) -> Tensor:
    """Frames as a picture that :meth:`olc_lib.spectra.LogMel.listen` takes.

    Args:
        x: ``[..., 32, BANDS]``, as :func:`frames` gives them.
        mean: ``[BANDS]``.

    Returns:
        ``[..., BANDS, 32]`` in 0 to 1.
    """
    return ((x + mean) / RANGE).clamp(0, 1).mT


def noisy(x: Tensor, generator: Generator) -> Tensor:
    """Adds the noise that makes densities comparable.

    Args:
        x: of any shape.
        generator: source.

    Returns:
        Likewise.
    """
    return x + NOISE * torch.randn(x.shape, generator=generator)


def log_normal(x: Tensor, about: Normal) -> Tensor:
    """Log density of independent normal numbers.

    Args:
        x: ``[..., n]``.
        about: mean and logarithm of the deviation, likewise.

    Returns:
        ``[...]``, nats.
    """
    mean, log_sd = about
    return standard((x - mean) * (-log_sd).exp()) - log_sd.sum(-1)


def _net(*sizes: int) -> nn.Sequential:
    return nn.Sequential(*_layers(*sizes))


def _spread(outputs: Tensor) -> Normal:
    """Halves of an output as mean and log deviation; the deviation is never below that of the noise."""
    mean, raw = outputs.chunk(2, -1)
    return mean, math.log(NOISE) + F.softplus(raw + 2)


class VRNN(nn.Module):
    """The variational recurrent network (Chung et al. 2015): at each step a VAE whose prior is made from the past.

    Args:
        latent: d, numbers of the code of a frame.
        state: numbers that remember the past; 0 makes a plain VAE of single frames.
        width: units of every net.
        learned: whether the prior depends on the past; else it is N(0, I), which is VRNN-I there.
    """

    def __init__(self, latent: int = 12, state: int = 64, width: int = 64, learned: bool = True):
        super().__init__()
        self.latent, self.state, self.learned = latent, state, learned and state > 0
        self.see = nn.Sequential(_net(BANDS, width), nn.ReLU())
        self.feel = nn.Sequential(_net(latent, width), nn.ReLU())
        self.prior_net = _net(state, width, 2 * latent) if self.learned else None
        self.posterior_net = _net(width + state, width, 2 * latent)
        self.decoder = _net(width + state, width, 2 * BANDS)
        self.cell = nn.GRUCell(2 * width, state) if state else None

    def prior(self, h: Tensor) -> Normal:
        """What the next code may be, before the frame is seen.

        Args:
            h: the past, ``[..., state]``.

        Returns:
            Mean and log deviation, ``[..., d]``.
        """
        if self.prior_net is None:
            return h.new_zeros(*h.shape[:-1], self.latent), h.new_zeros(*h.shape[:-1], self.latent)
        mean, log_sd = self.prior_net(h).chunk(2, -1)
        return mean, log_sd.clamp(-5, 3)

    def posterior(self, seen: Tensor, h: Tensor) -> Normal:
        """What it may be once the frame is seen. The frames after it are not looked at.

        Args:
            seen: the frame, through ``see``.
            h: the past.

        Returns:
            Mean and log deviation, ``[..., d]``.
        """
        mean, log_sd = self.posterior_net(torch.cat([seen, h], -1)).chunk(2, -1)
        return mean, (log_sd - 1).clamp(-5, 3)

    def decode(self, z: Tensor, h: Tensor) -> Normal:
        """The frame that a code stands for, after this past.

        Args:
            z: ``[..., d]``.
            h: the past.

        Returns:
            Mean and log deviation, ``[..., BANDS]``.
        """
        return _spread(self.decoder(torch.cat([self.feel(z), h], -1)))

    def move(self, seen: Tensor, z: Tensor, h: Tensor) -> Tensor:
        """The past one step later: it remembers the frame and its code.

        Args:
            seen: ``[B, width]``.
            z: ``[B, d]``.
            h: ``[B, state]``.

        Returns:
            ``[B, state]``.
        """
        return self.cell(torch.cat([seen, self.feel(z)], -1), h) if self.cell else h

    def score(self, x: Tensor, generator: Generator) -> Tensor:
        """A lower bound of the log-likelihood, from one sample.

        Args:
            x: ``[B, T, BANDS]``.
            generator: of the codes.

        Returns:
            ``[B, T]``, nats.
        """
        return walk(self, x, generator)[0]

    def draw(self, count: int, steps: int, generator: Generator, noise: bool = True) -> Tensor:
        """New clips: prior, code, frame, and the frame becomes part of the past.

        Args:
            count: how many.
            steps: frames of each.
            generator: source.
            noise: draw frames; else take the expected frame of each code.

        Returns:
            ``[count, steps, BANDS]``.
        """
        h, drawn = torch.zeros(count, self.state), []
        for _ in range(steps):
            z = sample(self.prior(h), generator)
            about = self.decode(z, h)
            drawn.append(sample(about, generator) if noise else about[0])
            h = self.move(self.see(drawn[-1]), z, h)
        return torch.stack(drawn, 1)


def sample(about: Normal, generator: Generator) -> Tensor:
    """A draw with its gradient.

    Args:
        about: mean and log deviation.
        generator: source.

    Returns:
        Of the same shape.
    """
    mean, log_sd = about
    return mean + log_sd.exp() * torch.randn(mean.shape, generator=generator, dtype=mean.dtype)


def walk(model, x: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Through every clip once, each code drawn from its posterior.

    Args:
        model: with the methods of :class:`VRNN`.
        x: ``[B, T, n]``.
        generator: of the codes.

    Returns:
        What every step adds to the bound, the divergence in closed form, and to the logarithm of the importance
        weight; both ``[B, T]``, nats, and the same on average.
    """
    seen, h, past, codes, means, log_sds = model.see(x), x.new_zeros(len(x), model.state), [], [], [], []
    for t in range(x.shape[1]):
        q = model.posterior(seen[:, t], h)
        z = sample(q, generator)
        for row, value in zip((past, codes, means, log_sds), (h, z, *q), strict=True):
            row.append(value)
        h = model.move(seen[:, t], z, h)
    states, z, *q = (torch.stack(row, 1) for row in (past, codes, means, log_sds))
    p, fidelity = model.prior(states), log_normal(x, model.decode(z, states))
    return fidelity - gaussians_kl(q, p), fidelity + log_normal(z, p) - log_normal(z, q)


@torch.no_grad()
def filtered(model, x: Tensor, particles: int, generator: Generator) -> Tensor:
    """A tighter lower bound, by a particle filter: pasts that explain the frames badly are given up on the way.

    Its exponential is right on average, so its own average is a bound (Maddison et al. 2017).

    Args:
        model: with the methods of :class:`VRNN`.
        x: ``[B, T, n]``.
        particles: pasts of each clip that are followed at a time.
        generator: source.

    Returns:
        ``[B]``, nats a clip.
    """
    count, seen = len(x), model.see(x)
    h, total = x.new_zeros(count, particles, model.state), x.new_zeros(count)
    for t in range(x.shape[1]):
        now = seen[:, t, None].expand(-1, particles, -1)
        q = model.posterior(now, h)
        z = sample(q, generator)
        log_w = log_normal(x[:, t, None], model.decode(z, h)) + log_normal(z, model.prior(h)) - log_normal(z, q)
        total += log_w.logsumexp(1) - math.log(particles)
        chosen = torch.multinomial(log_w.softmax(1), particles, replacement=True, generator=generator)[..., None]
        z, h = (value.gather(1, chosen.expand(-1, -1, value.shape[-1])) for value in (z, h))
        h = model.move(now.flatten(0, 1), z.flatten(0, 1), h.flatten(0, 1)).view(count, particles, -1)
    return total


class RNN(nn.Module):
    """A recurrent network without a code: the past alone makes the next frame's distribution. Nothing is a bound.

    Args:
        state: numbers that remember the past.
        width: units of the nets before and after it.
        parts: of a mixture of Gaussians.
        rank: directions in which bands deviate together; 0 leaves them independent.
    """

    def __init__(self, state: int, width: int = 64, parts: int = 1, rank: int = 0):
        super().__init__()
        self.state, self.parts, self.rank = state, parts, rank
        self.see = nn.Sequential(_net(BANDS, width), nn.ReLU())
        self.memory = nn.GRU(width, state, batch_first=True)
        self.head = _net(state, width, parts * (2 * BANDS + 1) + rank * BANDS)

    def about(self, h: Tensor) -> torch.distributions.Distribution:
        """What the next frame may be.

        Args:
            h: the past, ``[..., state]``.

        Returns:
            A distribution over ``[BANDS]``.
        """
        outputs, kinds = self.head(h), torch.distributions
        each = outputs[..., : self.parts * (2 * BANDS + 1)].unflatten(-1, (self.parts, -1))
        mean, log_sd = _spread(each[..., 1:])
        if self.rank:
            factor = outputs[..., -self.rank * BANDS :].unflatten(-1, (BANDS, self.rank)) / 4
            return kinds.LowRankMultivariateNormal(mean[..., 0, :], factor, (2 * log_sd[..., 0, :]).exp())
        parts = kinds.Independent(kinds.Normal(mean, log_sd.exp(), validate_args=False), 1)
        return kinds.MixtureSameFamily(kinds.Categorical(logits=each[..., 0]), parts, validate_args=False)

    def score(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        """The exact log-likelihood of each frame, given all before it.

        Args:
            x: ``[B, T, BANDS]``.
            generator: not used.

        Returns:
            ``[B, T]``, nats.
        """
        states, _ = self.memory(self.see(x))
        return self.about(F.pad(states, (0, 0, 1, 0))[:, :-1]).log_prob(x)

    def draw(self, count: int, steps: int, generator: Generator, noise: bool = True) -> Tensor:
        """New clips, frame by frame.

        Args:
            count: how many.
            steps: frames of each.
            generator: source.
            noise: draw frames; else take the expected frame.

        Returns:
            ``[count, steps, BANDS]``.
        """
        h, drawn = torch.zeros(1, count, self.state), []
        with torch.random.fork_rng([]):
            torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))  # distributions take no generator
            for _ in range(steps):
                about = self.about(h[0])
                drawn.append(about.sample() if noise else about.mean)
                _, h = self.memory(self.see(drawn[-1])[:, None], h)
        return torch.stack(drawn, 1)
