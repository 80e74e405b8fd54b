# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Interpolation
#
# Nobody ever wrote the digit that lies halfway between a one and a zero, and nobody ever said the word halfway between "two" and "nine". But a decoder can be given a code between two codes. Does it draw both digits at once, or something in between?
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: the term interpolation.](_static/spine/interpolation.svg)
#
# The third term of Equation 2 asks for a certain answer:
#
# $$L = \dfrac{w_r L_r + w_s L_s + \overbrace{w_i L_i}^{\text{this chapter}} + w_d L_d}{w_r + w_s + w_i + w_d}$$
#
# In this chapter you see and hear what lies between two codes, compute the term, and find out what it rewards.
#
# **Time:** 25 minutes to read, 30 seconds to run.
#
# **Needs:** [Codes with categories](06_codes_with_categories.ipynb) and [Reconstruction and sparsity](07_reconstruction_and_sparsity.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - tell a mix of signals from a mix of codes, by eye and by ear;
# - compute the interpolation loss by hand, and with one call;
# - say which decoders make it zero, and why ours cannot;
# - give the length of a mix of two unit codes;
# - list what the paper leaves open about the term, and what each choice changes.

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

# %% tags=["parameters"]
run = "embedded"  # or "slim", "wide": the trained run that this chapter reads

# %%
import inspect

import torch
from IPython.display import HTML, Audio, display
from torch import nn
from torch.nn import functional as F

from olc_lib import checks, data, losses, normalize, plots, runs, widgets
from olc_lib.latent import IMAGE, VOICE
from olc_lib.ledger import claims, interpolation
from olc_lib.reading import read_digits

trained = runs.load(run)
slim = runs.load("slim")  # its image model learned from MNIST, so its drawings are sharper
_ = torch.set_grad_enabled(False)  # no gradients: we only look and listen

# %% [markdown]
# ## Halfway, in two ways
#
# Take two drawings of a decoder, a one and a zero, made from two handcrafted codes $L_1$ and $L_2$. Write $\alpha$ for the share of the first. You can mix the drawings, that is, the **signals**,
#
# $$S = \alpha\, S_1 + (1 - \alpha)\, S_2,$$
#
# or you can mix the **codes** in the same way, and let the decoder draw the result. `losses.mix` does both; it takes one $\alpha$ for each item of a batch.

# %%
ends = torch.stack([IMAGE.handcrafted(digit=1), IMAGE.handcrafted(digit=0)])
one, zero = slim.image.decode(ends).split(1)
alpha = torch.linspace(1, 0, 7)
mixed = losses.mix(one.expand(7, -1, -1, -1), zero.expand(7, -1, -1, -1), alpha)
codes = losses.mix(ends[:1].expand(7, -1), ends[1:].expand(7, -1), alpha)
decoded = slim.image.decode(codes)

# %% [markdown]
# The library's function, without its docstring:

# %%
print(inspect.getsource(losses.mix).split('"""')[2])

# %% mystnb={"image": {"alt": "Two rows of seven pictures, from a slanted one on the left to a zero on the right. In the upper row, mixed signals, the one stands inside a faint ring that grows brighter while the one fades. In the lower row, mixed codes, the stroke of the one opens into a narrow loop that widens to a zero."}}
titles = [f"{a:.2f}" for a in alpha] * 2
rows = ["signals mixed", "codes mixed"]
figure = plots.pictures(torch.cat([mixed, decoded]), titles, columns=7, size=1.0, rows=rows)

# %% [markdown]
# The upper row is a **double exposure**: one digit fades out while the other fades in. The lower row is a **morph**: the stroke of the one opens into a loop. Both rows begin and end with the same two drawings.
#
# Move through the lower row in small steps and look for the place where the one becomes a zero:

# %% tags=["nbval-ignore-output"]
fine = torch.linspace(1, 0, 21)
pages = slim.image.decode(losses.mix(ends[:1].expand(21, -1), ends[1:].expand(21, -1), fine))
widgets.flip_book(pages, [f"alpha = {a:.2f}" for a in fine], "step")

# %% [markdown]
# The *judge*, a classifier trained on real pictures only, reads the same 21 pictures:

# %%
print("judge:", "".join(str(int(d)) for d in read_digits(slim.image_classifier, pages)))

# %% [markdown]
# A one, then a zero, and in the middle something that it takes for another digit.

# %% [markdown]
# Walk between any two digits yourself, with the image model of the run `slim`:
#
# <div class="olc-live" data-live="walk" data-title="Walk between two digits">
# <p><em>On the book's web pages two digits and a slider stand here; the figure above shows such a walk.</em></p>
# </div>
# <script src="../_static/live/live.js" defer></script>

# %% [markdown]
# ## Hear it
#
# Now two words: Anna says "two", Dan says "nine". First the two recordings, then both mixed half and half as waveforms.

# %%
voices = data.voices(trained.settings.voices, "test")
two = int(((voices.speaker == 0) & (voices.digit == 2)).nonzero()[0])
nine = int(((voices.speaker == 3) & (voices.digit == 9)).nonzero()[0])
print(f"{voices.speakers[0]} says 2, {voices.speakers[3]} says 9")

# %%
waves, _ = normalize.maximum(voices.waves[[two, nine]])
display(Audio(waves[0].numpy(), rate=data.RATE), Audio(waves[1].numpy(), rate=data.RATE))

# %%
Audio((0.5 * waves[0] + 0.5 * waves[1]).numpy(), rate=data.RATE)

# %% [markdown]
# Two people talk at the same time: a double exposure again.
#
# Now the codes. The voice model reads log-mel pictures, so we encode those, mix the codes, decode, and turn the result back into sound. (The phases have to be estimated, so it sounds rough.)

# %%
pictures = trained.spectrogram(voices.waves[[two, nine]], voices.lengths[[two, nine]])
code_two, code_nine = trained.voice.encode(pictures).split(1)
alpha = torch.tensor([1.0, 0.75, 0.5, 0.25, 0.0])
sound_codes = losses.mix(code_two.expand(5, -1), code_nine.expand(5, -1), alpha)
sounds = trained.voice.decode(sound_codes)

# %% mystnb={"image": {"alt": "Five log-mel pictures from the decoder, for alpha 1, 0.75, 0.5, 0.25 and 0: the shape of one word turns into the shape of the other."}}
figure = plots.sounds(sounds, [f"alpha = {a:.2f}" for a in alpha], columns=5)

# %% tags=["nbval-ignore-output"]
for sound in sounds:
    display(Audio(trained.spectrogram.listen(sound).numpy(), rate=data.RATE))

# %%
for a, code in zip(alpha, sound_codes, strict=True):
    labels = VOICE.labels(code)
    speaker, digit = voices.speakers[int(labels["speaker"])], int(labels["digit"])
    print(f"alpha {a:.2f}: largest coordinates: {speaker}, {digit}")

# %% [markdown]
# One $\alpha$ moved the whole code, speaker and digit together. The categories allow more: move the speaker's block and leave the digit's. Here the digit stays Anna's "two", and only the speaker changes to Dan. The paper's term never does this; it has one $\alpha$ for all categories.

# %% tags=["nbval-ignore-output"]
walk = code_two.expand(3, -1).clone()
VOICE.split(walk)["speaker"].copy_(VOICE.split(sound_codes)["speaker"][[0, 2, 4]])
for sound in trained.voice.decode(walk):
    display(Audio(trained.spectrogram.listen(sound).numpy(), rate=data.RATE))

# %% [markdown]
# ## The loss
#
# The term is the distance between the two rows (Solhjoo & Rodolà, Equations 3 and 4): the mix of the signals minus what the decoder draws from the mix of the codes. With signals $S_1, S_2$ and their codes $L_1, L_2$,
#
# $$\begin{aligned} L_i = \bigl\lVert\, & \alpha S_1 + (1-\alpha) S_2 \\ & - \mathrm{Dec}\bigl(\alpha L_1 + (1-\alpha) L_2\bigr) \bigr\rVert_2 . \end{aligned}$$
#
# It is the reconstruction distance, measured *between* the data. (The letters are the paper's: $L_1$ and $L_2$ are codes here, not the norms L1 and L2.)

# %% [markdown]
# By hand. Two signals of two samples, $S_1 = (4, 0)$ and $S_2 = (0, 2)$, have the codes $L_1 = (1, 0)$ and $L_2 = (0, 1)$. Let $\alpha = \tfrac14$.
#
# - Mixed signals: $\tfrac14(4, 0) + \tfrac34(0, 2) = (1, 1.5)$. Mixed codes: $(\tfrac14, \tfrac34)$.
# - Decoder A is linear: $\mathrm{Dec}(l) = (4\,l_0,\; 2\,l_1)$. It gives $(1, 1.5)$, so the loss is **0**.
# - Decoder B squares first: $\mathrm{Dec}(l) = (4\,l_0^2,\; 2\,l_1^2)$. It gives $(0.25, 1.125)$. The residual is $(0.75, 0.375)$, its length $0.839$, and as a mean, divided by $\sqrt 2$, **0.593**.

# %%
signals, pair = torch.tensor([[4.0, 0.0], [0.0, 2.0]]), torch.eye(2)
quarter = torch.tensor([0.25])
wanted, between = (losses.mix(x[:1], x[1:], quarter) for x in (signals, pair))
decoders = {"A": lambda code: code * signals.sum(0), "B": lambda code: code**2 * signals.sum(0)}
for name, decoder in decoders.items():
    at_the_codes = losses.reconstruction(signals, decoder(pair)).mean()
    halfway = losses.interpolation(wanted, decoder(between)).item()
    print(f"decoder {name}: reconstruction {at_the_codes:.3f}, interpolation {halfway:.3f}")

# %% [markdown]
# The library's function, without its docstring:

# %%
print(inspect.getsource(losses.interpolation).split('"""')[2])

# %% [markdown]
# Both decoders reconstruct both signals *perfectly*. The reconstruction term is the same for both, because it only sees the codes of the data. The interpolation term sees what lies between them.

# %% [markdown]
# ## What the term rewards
#
# Decoder A is *linear*. Any linear decoder that reconstructs perfectly has interpolation loss 0, because
#
# $$\begin{aligned} &\mathrm{Dec}(\alpha L_1 + (1-\alpha)L_2) \\ &\quad = \alpha\,\mathrm{Dec}(L_1) + (1-\alpha)\,\mathrm{Dec}(L_2). \end{aligned}$$
#
# So the term drives the decoder towards linearity. Compare that with the two rows of pictures: the perfect score belongs to the **upper** row. The term rewards the double exposure, not the morph.

# %% [markdown]
# Why have it, then? The other terms say nothing about the codes between those of the data; the decoder may draw anything there. A term that rewards *some* plain, gradual transition should prevent that. And its weight is small: its importance is 0.02, against 1 for reconstruction (Tables 3 and 7).

# %% [markdown]
# Our decoder cannot reach zero, for a second reason: its output always has Max M % scale 1, and the mix of two normalized signals has *not*. By hand, with the larger of two samples as the scale: $(1, 0)$ and $(0, 1)$ are normalized; half and half gives $(0.5, 0.5)$, of scale 0.5. The closest that a decoder of scale 1 can come is $(1, 0.5)$ or $(0.5, 1)$.
#
# Here are the one and the zero from above, and the two recordings, mixed half and half:

# %%
spoken = normalize.max_m_percent(voices.waves[[two, nine]])[0]
for name, half in (("one and zero", mixed[3]), ("two and nine, as waves", spoken.mean(0))):
    scale = normalize.max_m_percent(half[None])[1].item()
    print(f"{name:22} scale of the mix {scale:.2f}")

# %% [markdown]
# The less two signals overlap, the smaller the scale of their mix. The appendix of the paper has it this way too: mixed signals as they are, decoded mix normalized. The library follows it.

# %% [markdown]
# ## Does the term help?
#
# A small test: a plain autoencoder for the embedded digits, without labels and without noise, trained on reconstruction plus the interpolation term with a weight of 0, 0.02 or 1.

# %%
digits = data.images("embedded").pixels.flatten(1)
print(tuple(digits.shape))


# %%
@torch.enable_grad()
def autoencoder(weight, steps=600, seed=0):
    """Train on reconstruction plus `weight` times interpolation."""
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    decoder = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _ in range(steps):
        x = digits[torch.randint(len(digits), (64,))]
        code = F.normalize(encoder(x), dim=1)
        partner, alpha = torch.randperm(64), torch.rand(64)
        between = decoder(losses.mix(code, code[partner], alpha))
        loss = losses.reconstruction(x, decoder(code)).mean()
        loss += weight * losses.interpolation(losses.mix(x, x[partner], alpha), between).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return encoder, decoder


# %% [markdown]
# Three numbers: the reconstruction of all test digits; and, for pairs of different digits, the interpolation loss halfway, and the length of the way between their drawings in ten steps, divided by the straight distance. A double exposure has length 1; a morph is longer. Smallest to largest of three seeds:

# %% tags=["nbval-ignore-output"]
images = data.images("embedded", "test")
x = images.pixels.flatten(1)
partner = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
pairs = images.digit != images.digit[partner]
names = ("reconstruction", "halfway", "length")
for weight in (0.0, 0.02, 1.0):
    numbers = []
    for seed in range(3):
        encoder, decoder = autoencoder(weight, seed=seed)
        code = F.normalize(encoder(x), dim=1)
        way = torch.stack([decoder(a * code + (1 - a) * code[partner]) for a in torch.linspace(1, 0, 11)])
        error = losses.reconstruction(x, way[0]).mean()
        halfway = losses.interpolation((x + x[partner]) / 2, way[5])[pairs].mean()
        length = (way.diff(dim=0).norm(dim=2).sum(0) / (way[-1] - way[0]).norm(dim=1))[pairs].mean()
        numbers.append(torch.stack([error, halfway, length]))
    low, high = torch.stack(numbers).aminmax(dim=0)
    print(f"weight {weight:4}:", ", ".join(f"{n} {a:.3f} to {b:.3f}" for n, a, b in zip(names, low, high, strict=True)))

# %% [markdown]
# With the importance that the paper prints, 0.02, next to nothing changes. With a weight of 1 the drawings halfway come closer to the double exposure, and the way becomes straighter; the ranges of the reconstruction overlap.

# %% [markdown]
# The image model of this book was trained on MNIST for 600 steps: without the term; with the printed importance, from step 338 on (Table 8); and with fifty times as much; five seeds each. *Residual* is that of single images; *halfway* and *length* are of pairs, as above, but of normalized pictures; *either* is the share of drawings halfway that a judge reads as one of the two digits (chance: 20 %). Brackets: 95 % interval of the difference from the first line, seed by seed.

# %% tags=["hide-input"]
keys = {"digit": 1, "rms": 4, "halfway": 4, "either": 1, "length": 3}
headings = ["", "seeds", "digits %", "residual", "halfway", "either %", "length"]
HTML(claims.table(headings, claims.effects("interpolation", keys)))

# %%
for claim in interpolation.CLAIMS:
    measured, verdict = claim.verdict()
    print(f"{claim.text}\n  rule: {claim.rule}\n  measured: {measured}\n  verdict: {verdict}")

# %% [markdown]
# With the printed importance, five trainings leave open whether drawings halfway change; *either* moves by three points at most. Fifty times as much makes the way straighter, as the term asks. *Halfway* falls too, but hardly more than the residual of single images: drawings come closer everywhere. One reason may be the denominator of the total: the digit term's share of all importance falls from 23 to 15 %. That could also explain why fewer digits are read.
#
# A sceptic may say that this book could do without the term: handcrafted codes stand at the corners, not between them. Nothing measured here contradicts that.

# %% [markdown]
# ## A mix of codes is shorter than 1
#
# Every category of a code has length 1. A mix of two does not: the straight line between two points of a circle runs *inside* the circle. With $\varphi$ the angle between two unit codes, the squared length of the mix is
#
# $$\alpha^2 + (1-\alpha)^2 + 2\,\alpha(1-\alpha)\cos\varphi.$$
#
# By hand, halfway:
#
# | the two codes are | $\cos\varphi$ | length of the mix |
# |---|---|---|
# | the same | 1 | 1 |
# | orthogonal | 0 | $\sqrt{\tfrac14 + \tfrac14} = 0.707$ |
# | opposite | $-1$ | 0 |

# %%
orthogonal = torch.eye(2)
alpha = torch.tensor([1.0, 0.75, 0.5, 0.25, 0.0])
chord = losses.mix(orthogonal[:1].expand(5, -1), orthogonal[1:].expand(5, -1), alpha)
print("lengths:", [f"{length:.3f}" for length in chord.norm(dim=1)])

# %% mystnb={"image": {"alt": "A circle. Five dots on the straight line between two orthogonal unit codes lie inside it; five squares, the same mixes brought back to length 1, lie on the circle."}}
figure = plots.circle([{"mix": chord, "normalized again": chord / chord.norm(dim=1, keepdim=True)}])

# %% [markdown]
# In a code of several categories each block has its own length. For Anna's "two" and Dan's "nine", which share neither speaker nor digit, both blocks become short:

# %%
for name, block in VOICE.split(sound_codes).items():
    print(f"{name:8}", [f"{length:.1f}" for length in block.norm(dim=1)])

# %% [markdown]
# What does a decoder draw from a *short* code? In training it has met such codes only as mixes. Shrink the digit block of a handcrafted three step by step, with no other digit in it:

# %% mystnb={"image": {"alt": "Six drawings of the handcrafted code of a three, its digit block shrunk from length 1 to 0 in steps of 0.2. The three stays the same down to 0.4, blurs at 0.2, and at 0 the decoder draws a shape between a three, an eight and a nine."}}
sizes = torch.linspace(1, 0, 6)
short = IMAGE.handcrafted(digit=3).repeat(6, 1)
IMAGE.split(short)["digit"].mul_(sizes[:, None])
figure = plots.pictures(slim.image.decode(short), [f"{s:.1f}" for s in sizes], size=1.1)

# %% [markdown]
# The length says how much of a digit is there at all. At 0 the code names no digit, and the decoder draws something like the average digit; being normalized, it cannot leave the picture empty.

# %% [markdown]
# ## Four choices the paper leaves open
#
# | | Equation 4 | appendix | library |
# |---|---|---|---|
# | 1. mixed code normalized again | no | no | no |
# | 2. mixed code resampled | no | yes | yes |
# | 3. $\alpha$ | "a random value" | one draw in the loop | uniform, one per item |
# | 4. partner | a second signal | a second signal | another item of the batch |
#
# (In these lines the appendix divides a signal that was never defined, and subtracts the reconstruction of item $k$ where that of item $l$ is meant. The table gives what is clearly intended.)

# %% [markdown]
# **1. Normalize the mixed code again?** Halfway, the two coordinates would be 0.71 instead of 0.5. For the one and the zero it changes little:

# %%
again = slim.image.decode(IMAGE.normalize(codes))
print("difference:", [f"{d:.2f}" for d in losses.reconstruction(decoded, again)])

# %% [markdown]
# **2. Resample the mixed code?** The noise is *smaller* than on a pure code, because its deviation $\mu|l| + \sigma_{\min}$ grows with the coordinate. By hand, with $\mu = \sigma_{\min} = 0.05$: a coordinate of 1 gets 0.10, two coordinates of 0.5 get 0.075 each, and all others 0.05. With noise, the match need only hold on average over a small cloud, which is a smoother objective.

# %% [markdown]
# **3. One $\alpha$ for the batch, or one for each item?** Take decoder B from above. For any $\alpha$ its residual is $\alpha(1-\alpha)\,(4, 2)$: small near the ends, largest in the middle. So a batch with a single $\alpha$ is all easy or all hard, and the value of the term varies more from step to step.

# %%
generator = torch.Generator().manual_seed(0)
scale = (20 / 2) ** 0.5  # length of (4, 2) is the root of 20; a mean over two samples
draws = {"item": torch.rand(5000, 64, generator=generator), "batch": torch.rand(5000, 1, generator=generator)}
for name, a in draws.items():
    term = (scale * a * (1 - a)).mean(1)  # the batch's loss, 5,000 times
    print(f"one alpha per {name:5}: mean {term.mean():.2f}, deviation {term.std():.2f}")

# %% [markdown]
# The mean is the same, and the deviation is eight times smaller; 8 is the root of the batch size, 64. It costs nothing, so the library draws one $\alpha$ per item. It matters because the terms are *sorted* to find their [balancing factors](11_balancing.ipynb): a term that varies from step to step changes its rank.
#
# **4. Who is the partner?** The appendix samples and encodes a second signal. The library takes another item of the *same* batch, by a random permutation, so no second encoding is needed.

# %% [markdown]
# ## An open question
#
# Is a straight line the right way from one code to another? On the sphere, the shortest way between two codes is an arc, and a decoder that follows the shape of the data would rather morph than fade. Which path between two codes, and which target for it, gives pictures that a judge reads as one digit or the other all along the way?

# %% [markdown]
# ## What to remember
#
# - Mixing signals gives a double exposure. Mixing codes gives whatever the decoder draws from the mix, often a morph.
# - The interpolation loss is the distance between the two. A linear decoder scores 0, so the term rewards double exposures, with a small weight.
# - It cannot reach 0 here: a mix of normalized signals has a scale below 1, the output scale 1.
# - A mix of orthogonal unit codes has length 0.707 halfway, block by block.
# - Normalizing again, resampling, and how $\alpha$ is drawn are choices. The library: no, yes, one per item.
# - The printed importance changes next to nothing that was measured; fifty times as much makes the way between two drawings straighter.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the loss by hand
#
# $S_1 = (2, 0, 0, 2)$, $S_2 = (0, 4, 0, 0)$, $\alpha = 0.75$, and the decoder draws $(1, 1, 0, 1)$ from the mixed code. Give the interpolation loss as a sum and as a mean.

# %% tags=["exercise"]
answer = None  # two numbers: norm="sum", norm="mean"
checks.interpolation_by_hand(answer)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# answer = (0.5**0.5, 0.5**0.5 / 2)
# checks.interpolation_by_hand(answer)
# ```
#
# The mix is $(1.5, 1, 0, 1.5)$, the residual $(0.5, 0, 0, 0.5)$, its length $\sqrt{0.5} = 0.707$; as a mean, divided by $\sqrt 4 = 2$, it is 0.354.
#
# </details>

# %% [markdown]
# ### Exercise 2: the length of a mix
#
# Write `mix_length(alpha, cosine)`: the length of a mix of two unit codes. Which $\alpha$ makes it shortest?


# %% tags=["exercise"]
def mix_length(alpha, cosine):
    return None


checks.interpolation_length(mix_length)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def mix_length(alpha, cosine):
#     return (alpha**2 + (1 - alpha) ** 2 + 2 * alpha * (1 - alpha) * cosine) ** 0.5
#
# checks.interpolation_length(mix_length)
# ```
#
# It is shortest at $\alpha = \tfrac12$, whatever the angle, with $\sqrt{(1 + \cos\varphi)/2}$.
#
# </details>

# %% [markdown]
# ### Exercise 3: the whole term
#
# Write `term(vae, x, partner, alpha)` for signals `[B, ...]`, a permutation `[B]` and $\alpha$ `[B]`: normalize the signals, encode, mix both, decode, compare. No noise. Return `[B]`.


# %% tags=["exercise"]
def term(vae, x, partner, alpha):
    return None


checks.interpolation_term(term, trained.image, images.pixels[:8])

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def term(vae, x, partner, alpha):
#     signal, code = vae.normalize(x), vae.encode(x)
#     wanted = losses.mix(signal, signal[partner], alpha)
#     made = vae.decode(losses.mix(code, code[partner], alpha))
#     return losses.interpolation(wanted, made)
#
# checks.interpolation_term(term, trained.image, images.pixels[:8])
# ```
#
# Signals are normalized before they are mixed, not after: after, the target would be another one.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it, beyond the ends
#
# Nothing stops you at $\alpha = 1$. With $\alpha = 1.5$ or 2 you move *away* from the eight, past the three. Set `beyond` to a tensor of shape `[3, 11]`, the mixes of a handcrafted three (first) and a handcrafted eight for $\alpha = 1, 1.5, 2$, and look at the pictures of `slim.image.decode(beyond)`.
#
# Expected picture: less and less of a three. The code now holds a *negative* eight, and no training item ever had one. Then try other pairs of digits, and other categories: which direction leaves the digit readable the longest, and can you say why?

# %% tags=["exercise"]
beyond = None
checks.interpolation_beyond(beyond)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# ends = torch.stack([IMAGE.handcrafted(digit=3), IMAGE.handcrafted(digit=8)])
# beyond = losses.mix(ends[:1].expand(3, -1), ends[1:].expand(3, -1), torch.tensor([1.0, 1.5, 2.0]))
# checks.interpolation_beyond(beyond)
# ```
#
# The digit block is $(\alpha, 1 - \alpha)$ at places 3 and 8: lengths 1, 1.58 and 2.24. The writer stays 1, for $\alpha + (1 - \alpha) = 1$. Outside the range it was trained on, nothing is known about what a decoder draws.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Disentanglement](09_disentanglement.ipynb): the term that puts the codes of the data where we want them.
# - [Codes with categories](06_codes_with_categories.ipynb): normalization by category, and the noise of Equation 1.
# - [Notation and glossary](notation.md).
