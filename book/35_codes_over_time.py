# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Codes over time
#
# All members of the family so far have one code for one thing. A spoken word is a sequence: what comes next depends on what has been said. A recurrent network remembers the past; a VAE explains a frame by a code. The **variational recurrent network** (VRNN; Chung et al. 2015) does both: at every step it has a small VAE whose prior is made from the past.
#
# ![Block diagram of a neighbouring system: past, prior, code, sample, decoder, next frame, new past. Lit here: the past, which the prior of the next code is made from.](_static/spine/codes_over_time.svg)
#
# **Time:** 30 minutes to read, one minute to run.
#
# **Needs:** [The bound](30_the_bound.ipynb); [The voice VAE](12_the_voice_vae.ipynb) for log-mel pictures.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - write the bound of a sequence as a sum over steps, and say what each net in it sees;
# - compare densities of sequences without being fooled by silence;
# - say why the VRNN's posterior is not exact even if every net is perfect, and tighten its bound with a particle filter;
# - decide whether a code is worth its weights, beside recurrent networks of the same size.

# %% tags=["setup", "hide-cell"]
# Where olc_lib is missing, as on Colab, fetch it; torch and numpy stay as they are.
import importlib.util
import os
import subprocess
import sys

if not importlib.util.find_spec("olc_lib"):
    source = os.environ.get("OLC_SOURCE", "")
    if not source:
        raise RuntimeError("olc_lib is not installed, and OLC_SOURCE names no wheel, folder or URL to install it from.")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source], check=True)
    importlib.invalidate_caches()

# %%
import inspect
import math

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML, Audio

from olc_lib import checks, plots
from olc_lib.ledger import experiments, family_table, overtime_claims, rules
from olc_lib.spectra import LogMel
from olc_lib.systems.family import divergences, network, overtime, overtime_studies, quality, vaegan

# %% [markdown]
# ## A word, frame by frame
#
# A clip is the log-mel picture of the book's voice model, read from left to right: 32 frames of 32 ms, each with 32 bands. We measure in tens of decibels, and subtract the mean frame.

# %% mystnb={"image": {"alt": "Six log-mel pictures of spoken digits: a bright word in the middle, with harmonics and silence around it."}}
train, mean = overtime.frames("embedded", "train")
test, _ = overtime.frames("embedded", "test")
figure = plots.mosaic([list(overtime.picture(test[::20], mean)[:, None])], ["real"], size=1.0)

# %% [markdown]
# ## Noise first
#
# Before and after the word there is silence, and every number of it is the same. A density of numbers that never change has no upper limit: a model that puts all of it on that one value wins any comparison, whatever it does with speech.

# %%
silence = torch.zeros(1, overtime.BANDS)
for sd in (0.1, 0.001, 0.00001):
    log_sd = torch.full_like(silence, math.log(sd))
    print(f"deviation {sd:g}: {overtime.log_normal(silence, (silence, log_sd)).item():6.0f} nats for a silent frame")

# %% [markdown]
# So all frames, in training and in tests, get white noise with a deviation of one decibel. It is too little to hear, and now nobody can score more than the noise allows: on average at most its negative entropy, $-32\,(\tfrac12 \log 2\pi e + \log 0.1)$ nats a frame.

# %%
print(f"no model can exceed {overtime.CEILING:.1f} nats a frame")
held = overtime.noisy(test, checks.check.seeded())

# %% [markdown]
# ## Without a code
#
# The rival comes first. A recurrent network (here a GRU) turns all earlier frames into a state $h_t$ and outputs a mean and a deviation for each band of the next frame. Its log-likelihood is exact:
#
# $$\log p(x_{1:T}) = \sum_t \log \mathcal N(x_t;\, \mu(h_t), \sigma^2(h_t)).$$
#
# Given the past, the bands of a frame are independent. But what the past does not tell concerns many bands at once: a vowel that begins now, or a little later, raises them together. The network must take that for noise in each band.

# %% [markdown]
# ## With a code
#
# The VRNN explains what is new in a frame by a code $z_t$. Four nets share a state $h_t$ that remembers frames *and* codes:
#
# | net | sees | gives |
# |---|---|---|
# | prior | $h_t$ | $p(z_t \mid x_{<t}, z_{<t})$ |
# | posterior | $h_t$, $x_t$ | $q(z_t \mid x_{\le t}, z_{<t})$ |
# | decoder | $h_t$, $z_t$ | $p(x_t \mid z_{\le t}, x_{<t})$ |
# | memory | $h_t$, $x_t$, $z_t$ | $h_{t+1}$ |
#
# The bound is the VAE's, summed over steps; the codes before $t$ are drawn from their posteriors:
#
# $$\log p(x_{1:T}) \ge \mathbb E_q \sum_t \big[\log p(x_t \mid z_{\le t}, x_{<t}) - D_{KL}\big(q(z_t \mid x_{\le t}, z_{<t}) \,\|\, p(z_t \mid x_{<t}, z_{<t})\big)\big].$$

# %% [markdown]
# Written out, one clip after the other would take these lines:


# %%
def bound(model, x, generator):
    h, total = torch.zeros(len(x), model.state), torch.zeros(len(x))
    for t in range(x.shape[1]):
        seen = model.see(x[:, t])
        prior, posterior = model.prior(h), model.posterior(seen, h)
        z = overtime.sample(posterior, generator)
        total += overtime.log_normal(x[:, t], model.decode(z, h)) - divergences.gaussians_kl(posterior, prior)
        h = model.move(seen, z, h)
    return total


model = overtime.VRNN(latent=4, state=8, width=16)
ours = bound(model, held[:5], checks.check.seeded())
library = overtime.walk(model, held[:5], checks.check.seeded())[0].sum(1)
print(f"largest difference from the library's, in nats: {(ours - library).abs().max():.1f}")

# %% [markdown]
# The survey (Section 6.15) has one sentence on this model, "a RNN with a VAE in each layer". It is one at each *time step*: the layers are few, and the steps share their weights.

# %% [markdown]
# ## How loose is this bound?
#
# The posterior of a code should depend on the whole clip, for later frames also tell about it. The VRNN's does not look ahead. How much is lost? In a *linear* model we can compute everything: $z_{t+1} = a z_t + $ noise, $x_t = z_t + $ noise. The posterior below is perfect for what it sees.


# %%
class Linear:
    state, q, r = 1, 0.5, 0.5

    def __init__(self, a):
        self.a, self.precision = a, 1 / self.q + 1 / self.r

    def see(self, x):
        return x

    def prior(self, h):
        return self.a * h, torch.full_like(h, math.log(self.q) / 2)

    def posterior(self, seen, h):
        return (self.a * h / self.q + seen / self.r) / self.precision, torch.full_like(h, -math.log(self.precision) / 2)

    def decode(self, z, h):
        return z, torch.full_like(z, math.log(self.r) / 2)

    def move(self, seen, z, h):
        return z


# %% [markdown]
# All frames together are one long Gaussian vector, whose density is known exactly. A tighter bound than the VRNN's comes from a **particle filter**: follow several pasts at a time, and at each step continue those that explain the frame well. It needs no other training.


# %%
def gaps(a, steps=12, count=400):
    model, g = Linear(a), checks.check.seeded()
    push = torch.tensor([[a ** (s - k) if k <= s else 0.0 for k in range(steps)] for s in range(steps)])
    cov = model.q * push @ push.T + model.r * torch.eye(steps)
    x = torch.randn(count, steps, generator=g) @ torch.linalg.cholesky(cov).T
    exact = torch.distributions.MultivariateNormal(torch.zeros(steps), cov).log_prob(x).mean()
    one = torch.stack([overtime.walk(model, x[..., None], g)[0].sum(1).mean() for _ in range(20)]).mean()
    many = [overtime.filtered(model, x[..., None], n, g).mean() for n in (4, 64)]
    return [(exact - found).item() / steps for found in (one, *many)]


# %% mystnb={"image": {"alt": "Gap between bound and exact log-likelihood against the memory a. The VRNN's gap is zero without memory and grows; with four particles it is smaller, with sixty-four it is nearly zero throughout."}}
memory = [0.0, 0.3, 0.6, 0.8, 0.9, 0.95]
lines = zip(*(gaps(a) for a in memory), strict=True)
figure, axis = plt.subplots(figsize=(6, 2.8), layout="constrained")
for k, (name, line) in enumerate(zip(("bound", "4 particles", "64 particles"), lines, strict=True)):
    axis.plot(memory, line, "os^"[k] + "-", color=plots.COLOURS[k], label=name)
axis.set(xlabel="memory a", ylabel="nats a step below exact", ylim=(-0.005, None))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# Without memory the posterior is exact, and so is the bound. The more the next step depends on this one, the more is lost by not looking ahead. With 64 particles the filter recovers nearly all of it, with 4 a little more than half.

# %% [markdown]
# ## On the embedded voices
#
# Three networks with nearly the same number of weights: the VRNN, the plain recurrent network, and a stronger rival that the original paper does not have. It is the plain network with a covariance of low rank, so that bands may deviate *together*, along four directions that depend on the past. Its likelihood is exact as well.

# %% tags=["nbval-ignore-output"]
sizes = {
    "VRNN": (overtime_studies.with_code, {"latent": 8, "state": 40, "width": 40}),
    "RNN": (overtime_studies.without_code, {"state": 64, "width": 40}),
    "RNN, rank 4": (overtime_studies.without_code, {"state": 56, "width": 40, "rank": 4}),
}
models = {}
for name, (make, size) in sizes.items():
    models[name] = overtime_studies.made(make, train, steps=200, lr=1e-2, batch=16, **size)
    weights = sum(weight.numel() for weight in models[name].parameters())
    nats = overtime_studies.likelihood(models[name], held, 2)
    print(f"{name:12} {weights:6,} weights, {nats['nats']:5.1f} nats a frame")

# %% [markdown]
# The VRNN's number is a bound, so its true likelihood is higher; the other two are exact. The plain network is far behind. What the two others have in common is that bands may deviate together.

# %% [markdown]
# ## Left alone
#
# So far every model was told the true past at every step. Now each draws its own: a frame becomes part of the past of the next one. In the rows *expected*, the code is drawn, but the frame is not: the decoder's mean takes its place. A network without a code has nothing left to draw then, and all its clips are the same.

# %% mystnb={"image": {"alt": "Five rows of six log-mel pictures. Real words are smooth. Drawings of the VRNN and of the plain recurrent network are speckled blocks of energy with a beginning and an end. Expected frames of the VRNN are smooth and differ from clip to clip; those of the recurrent network are six times the same picture."}} tags=["nbval-ignore-output"]
rows = {"real": test[::20]}
with torch.no_grad():
    for noise, what in ((True, ""), (False, ", expected")):
        for name in ("VRNN", "RNN"):
            rows[name + what] = models[name].draw(6, 32, checks.check.seeded(4), noise)
pictures = [list(overtime.picture(x, mean)[:, None]) for x in rows.values()]
figure = plots.mosaic(pictures, list(rows), size=0.9)

# %% [markdown]
# That is the difference between the two. What a plain network does not know about the next frame, it adds as noise in single bands. The VRNN chooses among frames. Below are six expected clips of the VRNN, one after the other, with guessed phases. They are no words, only sounds that begin, last and end.

# %% tags=["nbval-ignore-output"]
sounds = [LogMel().listen(x)[1500:6500] for x in overtime.picture(rows["VRNN, expected"], mean)]
Audio(torch.cat(sounds).numpy(), rate=8000)

# %% [markdown]
# And a drawing of the plain network, followed by a real clip through the same guessed phases:

# %% tags=["nbval-ignore-output"]
sounds = [LogMel().listen(x)[1500:6500] for x in overtime.picture(torch.stack([rows["RNN"][0], test[0]]), mean)]
Audio(torch.cat(sounds).numpy(), rate=8000)

# %% [markdown]
# ## On people's voices
#
# FSDD, 2,400 training clips; the models have the same number of weights within two percent and are trained for 300 steps. *Filter* is the tighter bound with 16 particles. *Drawings* is a Fréchet distance in 20 principal components of whole clips; the last line says what clips of people score.

# %% tags=["hide-input"]
found, rows = experiments.read("family-overtime"), []
for name, records in found.items():
    exact = "exact" if name.startswith("RNN") else "bound"
    cells = [family_table.cell(records, key, digits) for key, digits in (("nats", 2), ("tight", 2), ("frechet", 2))]
    rows.append([name, exact, *cells, family_table.cell(records, "seconds", 0), str(len(records))])
rows.sort(key=lambda row: list(overtime_studies.MODELS).index(row[0]))
real = family_table.cell(found["VRNN"], "frechet_real", 2)
rows.append(["other clips of people", "–", "–", "–", real.partition(" ")[0], "–", "–"])
HTML(rules.table(["model", "which", "nats a frame", "filter", "drawings", "seconds", "seeds"], rows))

# %% [markdown]
# With every seed the VRNN explains a frame much better than the plain network of the same size, although its number is only a bound. The filter adds less than a nat: the bound was rather tight.

# %% [markdown]
# Is it the code, or only that bands deviate together? The recurrent network with a covariance of rank 6 reaches nearly the same number, and with one seed a better one. A mixture of four Gaussians is a nat behind. So at this size most of the gain is correlation within a frame, for which a code is one way among others. Even a VAE of single frames, which remembers nothing, is ahead of the plain network. A prior that does not look at the past, $\mathcal N(0, I)$, costs the VRNN little likelihood, if any; but with every seed its free drawings are farther from clips of people.

# %% [markdown]
# The rates were chosen by short trials:

# %% tags=["hide-input"]
trials = experiments.read("family-overtime-trials")
cells = [[name, *(family_table.cell(records, key, 2) for key in ("nats", "tight"))] for name, records in trials.items()]
HTML(rules.table(["trial, 150 steps, validation clips", "nats a frame", "filter"], cells))

# %% [markdown]
# Look at the column *drawings*, too. All are far from clips of people. By the means the plain network is nearer than the VRNN, but not with every seed, so that verdict is open. Scores are given with the true past, drawings continue their own, and small errors add up: a good density for the next frame is no promise for a whole word.

# %% tags=["hide-input"]
judged = [(claim.text, *claim.verdict(), claim.rule) for claim in overtime_claims.CLAIMS[:6]]
HTML(rules.table(["claim", "measured", "verdict", "rule"], judged))

# %% [markdown]
# ## One member more: a critic of pictures
#
# The **VAE-GAN** (Larsen et al. 2016) is for pictures. It stands here because it is the last of the survey's members that the book builds. A critic tells pictures from drawings, as in [The whole cloud](32_the_whole_cloud.ipynb) it told codes from draws. Reconstructions are compared in one of the critic's layers instead of pixel by pixel. The critic's opinion reaches the decoder alone.

# %%
print(inspect.getsource(vaegan.creative).split('"""')[-1].strip("\n"))

# %% [markdown]
# The survey's algorithm has two misprints: its critic descends where it must ascend, and its likelihood lacks the logarithm. With both mended, a trap remains. Features are compared with variance 1, but nobody has set the *scale* of a critic's features. Where they are small, no code is worth its nats. We take the variance that explains them best, as for the two-stage VAE. Nothing else differs below:

# %% mystnb={"image": {"alt": "Four rows of ten pictures. With variance 1, reconstructions and drawings are a few blurred shapes, such as 0, 1 and 8, that come again and again. With the best variance, reconstructions are legible digits of all kinds, and drawings are blurred shapes like 0, 8 and 9."}} tags=["nbval-ignore-output"]
digits, unseen = (quality.pixels("embedded", split) for split in ("train", "test"))
member, rates, rows = network.Member(latent=8, hidden=(100,), weight=10.0), {"lr": 4e-3, "critic_lr": 2e-3}, {}
for name, best in (("variance 1", False), ("best variance", True)):
    gan = vaegan.made(member, digits, steps=200, batch=32, calibrated=best, **rates)
    with torch.no_grad():
        print(f"{name:13} {gan.posterior(unseen).divergence().mean():5.1f} nats in a code")
        codes = torch.randn(10, 8, generator=checks.check.seeded())
        rows |= {f"{name}, again": gan(unseen[:10]), f"{name}, drawn": gan.expected(codes)}
figure = plots.mosaic([list(row.view(-1, 1, 28, 28)) for row in rows.values()], list(rows), size=0.7)

# %% [markdown]
# With variance 1 the code holds few nats, and a few shapes stand for all digits. This is the collapse that one meets first. The best variance ends it: reconstructions follow their originals. The drawings are no better for it; the code now holds so much that draws from the prior miss the cloud.

# %% [markdown]
# So the critic's opinion has to repair what the better code spoils, and how much it counts decides. On MNIST the trials below, one training each, asked *validation* pictures. *FID, known* is that of reconstructions; the last column says how often the critic is right about pictures and drawings, 50 % being a guess.

# %% tags=["hide-input"]
trials, rows = experiments.read("family-gan-trials"), []
for name in vaegan.EXPERIMENTS["family-gan-trials"].arms:
    columns = {"kl": 1, "error": 1, "fid_known": 2, "fid": 2, "told": 0}
    rows.append([name, *(family_table.cell(trials[name], key, digits) for key, digits in columns.items())])
HTML(rules.table(["trial", "nats in a code", "error", "FID, known", "FID", "critic right, %"], rows))

# %% [markdown]
# *Tame* divides every weight of the critic by its largest singular value (spectral normalization, Miyato et al. 2018). With a weight of 100 drawings are far nearer to real digits than without an opinion. With 1,000 reconstructions suffer as well. The choice, on test digits:

# %% tags=["hide-input"]
judged = [(claim.text, *claim.verdict(), claim.rule) for claim in overtime_claims.CLAIMS[6:]]
HTML(rules.table(["claim", "measured", "verdict", "rule"], judged))

# %% [markdown]
# A critic in place of the pixels' error does draw better, if features have a scale, the critic is held back, and its opinion counts. The price stands in the table of all members: a cloud far from the prior, and more than four times the computing. A larger error of reconstruction comes with it.

# %% [markdown]
# ## All members in one table
#
# Here are the members from [The bound](30_the_bound.ipynb) to [Other shapes of codes](33_other_shapes_of_codes.ipynb), and the VAE-GAN; conditions, several domains and sequences have no row. MNIST, equal nets and steps where a member has the family's nets; means over seeds, from three seeds on with half the width of the 95 % interval. *Lines* counts the objective's code. A dash: the number does not exist for this member (a code without noise has no likelihood, a pixel decoder no mean picture, and likelihoods of grey pixels cannot be compared), or nobody has measured it. NLL and FID are better when small.

# %% tags=["hide-input"]
HTML(rules.table(family_table.HEADINGS, family_table.rows()))

# %% [markdown]
# No member is first in every column. Decoders that read pixels have by far the best likelihood, although the code of the first holds about two nats ([How much a code says](31_how_much_a_code_says.ipynb)). Among the others, importance weighting with quiet gradients leads. Drawings are best from a mixture of clusters, then from a critic of pictures, from symbols and from a matched cloud. The nearest match of cloud and prior belongs to a code that says almost nothing ($\beta = 12$): a distance from the prior alone is no quality. The interval of the S-VAE with $d = 12$ is so wide because three of its five trainings collapsed.

# %% [markdown]
# ## An open question
#
# A VRNN has one code for each frame, and all look alike. What a word *is* does not change from frame to frame; how a frame sounds does. [Two clocks](25_two_clocks.ipynb) separates the two by hand. Could a model find out by itself how often which part of its code should change?

# %% [markdown]
# ## What to remember
#
# - The bound of a sequence is a sum over steps: fidelity minus a divergence from a prior that is made from the past.
# - Add noise, and say how much, before you compare densities of numbers that can be constant.
# - The VRNN's posterior does not look ahead, so its bound is not tight even if its nets are perfect. A particle filter tightens it.
# - Against a plain recurrent network the code wins. Compare it with a network that has a covariance, too.
# - A likelihood in a learned space needs a scale. If nobody sets it, take the variance that explains best.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: by hand
#
# At some step the prior is $\mathcal N(2, 1)$ and the posterior $\mathcal N(2.5, 1)$. What does the code cost, in nats? And what would it cost if the prior were $\mathcal N(0, 1)$ at every step?

# %% tags=["exercise"]
with_past, without_past = None, None
checks.price_of_a_step(with_past, without_past)

# %% [markdown]
# <details><summary>Solution</summary>
#
# With equal variances only the distance counts: $\tfrac12 \cdot 0.5^2$ and $\tfrac12 \cdot 2.5^2$.
#
# ```python
# with_past, without_past = 0.125, 3.125
# checks.price_of_a_step(with_past, without_past)
# ```
#
# A prior that follows the past makes expected codes cheap.
#
# </details>

# %% [markdown]
# ### Exercise 2: Kalman's filter
#
# Write `kalman(x, a, q, r)`: the exact log-likelihood of a sequence `x` of shape `[T]` in the linear model above, $z_1 \sim \mathcal N(0, q)$, $z_{t+1} \sim \mathcal N(a z_t, q)$, $x_t \sim \mathcal N(z_t, r)$, step by step. Keep mean and variance of $z_t$ given the past; $x_t$ then has that mean and the variance plus $r$.


# %% tags=["exercise"]
def kalman(x, a, q, r):
    return ...


checks.kalman_filter(kalman)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def kalman(x, a, q, r):
#     mean, variance, total = 0.0, q, 0.0
#     for value in x:
#         spread = variance + r
#         total += -((value - mean) ** 2 / spread + math.log(2 * math.pi * spread)) / 2
#         gain = variance / spread
#         mean, variance = mean + gain * (value - mean), (1 - gain) * variance
#         mean, variance = a * mean, a**2 * variance + q
#     return total
#
#
# checks.kalman_filter(kalman)
# ```
#
# The VRNN's prior is made from one drawn past; Kalman's filter carries the distribution of all pasts along.
#
# </details>

# %% [markdown]
# ### Exercise 3: the most that noise allows
#
# Write `ceiling(deviations)` for a tensor of the noise's deviations, one a band: the highest average log density that any model of frames with this noise can reach.


# %% tags=["exercise"]
def ceiling(deviations):
    return ...


checks.highest_density(ceiling)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def ceiling(deviations):
#     return -(0.5 * math.log(2 * math.pi * math.e) + deviations.log()).sum()
#
#
# checks.highest_density(ceiling)
# ```
#
# A model that knows the frame without noise still has to guess the noise.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Open-ended. Set `overtime.NOISE = 0.01` and train the VRNN and the network of rank 4 again. Both scores rise. By how much do they differ now? Then let the posterior see the future: derive a class from `overtime.VRNN` whose `see` runs a backward GRU over the clip. The bound should come closer to the filter's. Does it?

# %% [markdown]
# ## Where next
#
# - [Two voices at once](37_two_voices_at_once.ipynb): members of the family at work.
# - [The ledger](ledger.ipynb): all verdicts.
