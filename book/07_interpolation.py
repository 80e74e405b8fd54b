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
# Nobody ever wrote the digit that lies halfway between a three and an eight, and nobody ever said the word halfway between "two" and "nine". But a decoder can be asked for it. Does it draw both at once? Something in between? A blot?
#
# The paper has a loss term with an opinion on this. In this chapter you see and hear what lies between two codes, find out what the term really asks for, and decide four small questions that the paper leaves open.
#
# **Time:** 25 minutes to read, 20 seconds to run.
#
# **Needs:** [Codes with categories](05_codes_with_categories.ipynb) and [Reconstruction and sparsity](06_reconstruction_and_sparsity.ipynb).

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - tell a mix of signals from a mix of codes, by eye and by ear;
# - compute the interpolation loss with a pencil, and with one call;
# - say which decoders make it zero, and why ours cannot;
# - give the length of a mix of two unit codes;
# - choose how to draw $\alpha$, whether to resample, and whether to normalize again, and say what each choice changes.

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
import torch
from IPython.display import Audio, display

from olc_lib import checks, data, losses, normalize, plots, runs, widgets
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import batched, read_digits

trained = runs.load(run)
_ = torch.set_grad_enabled(False)  # no gradients: we only look and listen

# %% [markdown]
# ## Halfway, in two ways
#
# Take two written digits from the test split, a three and an eight, and normalize them as the model does.

# %%
images = data.images(trained.settings.images, "test")
rows = [int((images.digit == digit).nonzero()[5]) for digit in (3, 8)]
three, eight = trained.image.normalize(images.pixels[rows]).split(1)

# %% [markdown]
# Write $\alpha$ for the share of the first. You can mix the **signals**:
#
# $$S = \alpha\, S_1 + (1 - \alpha)\, S_2,$$
#
# or you can mix their **codes** in the same way, and let the decoder draw what that code means. `losses.mix` does both; it wants one $\alpha$ for each item of a batch.

# %%
alpha = torch.linspace(1, 0, 7)
steps = len(alpha)
mixed = losses.mix(three.expand(steps, -1, -1, -1), eight.expand(steps, -1, -1, -1), alpha)
code_3, code_8 = trained.image.encode(three), trained.image.encode(eight)
codes = losses.mix(code_3.expand(steps, -1), code_8.expand(steps, -1), alpha)
decoded = trained.image.decode(codes)

# %% mystnb={"image": {"alt": "Two rows of seven pictures, from a three on the left to an eight on the right. In the upper row, the mixed signals, the eight shines through the three like a double exposure. In the lower row the decoder draws the mixed codes."}}
figure = plots.pictures(torch.cat([mixed, decoded]), [f"{a:.2f}" for a in alpha] * 2, columns=steps, size=1.0)

# %% [markdown]
# The upper row is a **double exposure**: both digits, one fading out while the other fades in. The lower row is what the decoder makes of the mixed codes. At its ends stand its *reconstructions*, so compare it with itself, not with the row above.
#
# Drag through the lower row in small steps and look for the place where you begin to read an eight:

# %% tags=["nbval-ignore-output"]
fine = torch.linspace(1, 0, 21)
pages = trained.image.decode(losses.mix(code_3.expand(21, -1), code_8.expand(21, -1), fine))
widgets.flip_book(pages, [f"alpha = {a:.2f}" for a in fine], "step")

# %% [markdown]
# What would somebody read who sees only the picture? Ask the independent judge, a classifier trained on real pictures only, never on a decoder's.

# %%
print("judge:", "".join(str(int(d)) for d in read_digits(trained.image_classifier, pages)))

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
# Now two words: Anna says "two", Dan says "nine". (With another run: its first and fourth speaker.) First the recordings, then both at once, mixed half and half as waveforms.

# %%
voices = data.voices(trained.settings.voices, "test")
two, nine = (
    int(((voices.speaker == speaker) & (voices.digit == digit)).nonzero()[0]) for speaker, digit in ((0, 2), (3, 9))
)
print(f"{voices.speakers[0]} says 2, {voices.speakers[3]} says 9")

# %%
waves, _ = normalize.maximum(voices.waves[[two, nine]])
display(Audio(waves[0].numpy(), rate=data.RATE), Audio(waves[1].numpy(), rate=data.RATE))

# %%
Audio((0.5 * waves[0] + 0.5 * waves[1]).numpy(), rate=data.RATE)

# %% [markdown]
# Two people talk at the same time. Air mixes signals: nobody would call that a voice halfway between two.
#
# Now the codes. The voice model reads log-mel pictures, so we encode those, mix the codes, decode, and turn the result back into sound; `trained.spectrogram` makes the pictures and the way back. (The phases have to be guessed, so it sounds rough at best.)

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
    print(f"alpha {a:.2f}: largest coordinates say {voices.speakers[int(labels['speaker'])]}, {int(labels['digit'])}")

# %% [markdown]
# One $\alpha$ moved the whole code, speaker and digit together. The categories allow more than that: exchange one block and leave the other. Here the *digit* stays Anna's "two", and only the speaker walks over to Dan.

# %%
walk = code_two.expand(3, -1).clone()
VOICE.split(walk)["speaker"].copy_(VOICE.split(sound_codes)["speaker"][[0, 2, 4]])
print("digits:", VOICE.labels(walk)["digit"].tolist(), "speakers:", VOICE.labels(walk)["speaker"].tolist())

# %% tags=["nbval-ignore-output"]
for sound in trained.voice.decode(walk):
    display(Audio(trained.spectrogram.listen(sound).numpy(), rate=data.RATE))

# %% [markdown]
# The paper's term never does this; it has one $\alpha$ for all categories. Keep it in mind as an idea of your own.

# %% [markdown]
# ## The loss
#
# The term compares the two ways of being halfway (Solhjoo & Rodolà, Equations 3 and 4): the mix of the signals on one side, what the decoder draws from the mix of the codes on the other. With signals $S_1, S_2$ and their codes $L_1, L_2$,
#
# $$L_i = \bigl\lVert\, \alpha S_1 + (1-\alpha) S_2 \;-\; \mathrm{Dec}\bigl(\alpha L_1 + (1-\alpha) L_2\bigr) \bigr\rVert_2 .$$
#
# It is the reconstruction distance, asked *between* the data. (The letters are the paper's: $L_1$ and $L_2$ are codes here, $L_i$ is a loss, and neither is the norm L1 or L2 of the last chapter.)

# %% [markdown]
# By pencil. Two signals of two samples, $S_1 = (4, 0)$ and $S_2 = (0, 2)$, have the codes $L_1 = (1, 0)$ and $L_2 = (0, 1)$. Let $\alpha = \tfrac14$.
#
# - Mixed signals: $\tfrac14(4, 0) + \tfrac34(0, 2) = (1, 1.5)$. Mixed codes: $(\tfrac14, \tfrac34)$.
# - Decoder A multiplies: $\mathrm{Dec}(l) = (4\,l_0,\; 2\,l_1)$. It gives $(1, 1.5)$: the loss is **0**.
# - Decoder B squares first: $\mathrm{Dec}(l) = (4\,l_0^2,\; 2\,l_1^2)$. It gives $(0.25, 1.125)$. The residual is $(0.75, 0.375)$, its length $0.839$, and as a mean, divided by $\sqrt 2$, **0.593**.

# %%
signals, pair = torch.tensor([[4.0, 0.0], [0.0, 2.0]]), torch.eye(2)
quarter = torch.tensor([0.25])
wanted, between = (losses.mix(x[:1], x[1:], quarter) for x in (signals, pair))
for name, decoder in (("A", lambda code: code * signals.sum(0)), ("B", lambda code: code**2 * signals.sum(0))):
    print(f"decoder {name}: reconstruction {losses.reconstruction(signals, decoder(pair)).mean():.3f},",
          f"interpolation {losses.interpolation(wanted, decoder(between)).item():.3f}")  # fmt: skip

# %% [markdown]
# Both decoders reconstruct both signals *perfectly*. The reconstruction term cannot tell them apart, for it never looks between the codes. The interpolation term looks nowhere else.

# %% [markdown]
# ## What it really asks for
#
# Decoder A is *linear*. Any linear decoder that reconstructs perfectly has interpolation loss 0, for
#
# $$\mathrm{Dec}(\alpha L_1 + (1-\alpha)L_2) = \alpha\,\mathrm{Dec}(L_1) + (1-\alpha)\,\mathrm{Dec}(L_2).$$
#
# So the term pulls the decoder towards linearity. Read that again with the two rows of pictures in mind. The perfect score belongs to the **upper** row. What the term asks for is the double exposure, not the morph.

# %% [markdown]
# Why have it, then? Because of what else could stand between two codes. Nothing in the other terms forbids the decoder to draw a boot there. A term that asks for *some* plain, gradual transition should keep the decoder tame in the space between the data. That is an argument and not a measurement: no arm of [the ledger](ledger.ipynb) leaves the term out, handcrafted codes stand at the corners and not between them, and with importance 0.02 the term makes about 0.1 % of the total's value and a hundredth of its gradient ([chapter 6](06_reconstruction_and_sparsity.ipynb)).

# %% [markdown]
# And it asks softly: its importance is 0.02, against 1 for reconstruction (Tables 3 and 7). Tame, but not bound to a double exposure: that is the bargain.

# %% [markdown]
# There is a second reason why ours cannot reach zero. The decoder's output is brought to Max M % scale 1, always. The mix of two normalized signals is *not* at scale 1. By pencil, with the larger of two samples as the scale: $(1, 0)$ and $(0, 1)$ are normalized; half and half gives $(0.5, 0.5)$, of scale 0.5. The closest that a decoder of scale 1 can come is $(1, 0.5)$ or $(0.5, 1)$.
#
# Our three and eight, a zero and a one, and the two recordings, all normalized and then mixed half and half:

# %%
signal = trained.image.normalize(images.pixels)
zero, one = (signal[int((images.digit == digit).nonzero()[0])] for digit in (0, 1))
spoken = normalize.max_m_percent(voices.waves[[two, nine]])[0]
for name, half in (("3 and 8", mixed[3]), ("0 and 1", (zero + one) / 2), ("two and nine, as waves", spoken.mean(0))):
    print(f"{name:22} scale of the mix {normalize.max_m_percent(half[None])[1].item():.2f}")

# %% [markdown]
# The more two signals share, the less is lost. Centred digits share much of their ink. Where ink meets paper, or a wave meets a pause, the mix is pale, and the decoder has no pale. The appendix has it this way too: mixed signals as they are, decoded mix normalized. The library follows it.
#
# How large is the term for our model? Pair every test image with another one, and compare pairs of the same digit with pairs of different ones. Part of either number is plain reconstruction error; what different digits pay on top is the price of the mix.

# %%
code = batched(trained.image.encode, images.pixels)
partner = torch.randperm(len(code), generator=torch.Generator().manual_seed(0))
half = torch.full((len(code),), 0.5)
made = batched(trained.image.decode, losses.mix(code, code[partner], half))
value = losses.interpolation(losses.mix(signal, signal[partner], half), made)
same = images.digit == images.digit[partner]
print(f"halfway: same digit {value[same].mean():.2f}, different digits {value[~same].mean():.2f}")

# %% [markdown]
# ## The mix leaves the sphere
#
# Every category of a code has length 1. A mix of two does not: the straight line between two points of a circle runs *inside* the circle. With $\varphi$ the angle between two unit codes, the squared length of the mix is
#
# $$\alpha^2 + (1-\alpha)^2 + 2\,\alpha(1-\alpha)\cos\varphi.$$
#
# By pencil, halfway:
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
# In a code of several categories each block has its own length. Two clips of the same speaker with different words keep their speaker block at nearly full length, and only the digit block becomes short. For Anna's "two" and Dan's "nine", both do:

# %%
for name, block in VOICE.split(sound_codes).items():
    print(f"{name:8}", [f"{length:.1f}" for length in block.norm(dim=1)])

# %% [markdown]
# So what does a *short* code mean to a decoder? It has met such codes in training, but only as mixes. Shrink the digit block of a handcrafted three step by step, with no other digit in it:

# %% mystnb={"image": {"alt": "Six drawings of the handcrafted code of a three, its digit block shrunk from length 1 to 0 in steps of 0.2. The three changes little by little, and at 0 the decoder draws a shape of its own that leans towards a nine."}}
sizes = torch.linspace(1, 0, 6)
short = IMAGE.handcrafted(digit=3).repeat(6, 1)
IMAGE.split(short)["digit"].mul_(sizes[:, None])
figure = plots.pictures(trained.image.decode(short), [f"{s:.1f}" for s in sizes], size=1.1)

# %% [markdown]
# Length has a meaning of its own: how much of a digit is there at all. At 0 the drawing is what the decoder falls back on when nobody tells it anything; being normalized, it cannot leave the page empty.

# %% [markdown]
# ## Four small questions
#
# **1. Normalize the mixed code again?** Equation 4 does not, the appendix does not, the library does not. If you do, the walk stays on the circle: halfway between two digits the decoder hears two claims of 0.71 instead of two of 0.5. Apart from mixes, a decoder in training meets only blocks of length 1 plus some noise, so that may be the more familiar input.

# %% mystnb={"image": {"alt": "Two rows of seven drawings from a three to an eight. Upper row from mixed codes as they are, lower row from mixed codes normalized again. Their ends are the same; the middle ones differ slightly."}}
again = trained.image.decode(IMAGE.normalize(codes))
figure = plots.pictures(torch.cat([decoded, again]), ["as is"] * 7 + ["again"] * 7, columns=7, size=1.0)

# %%
apart = losses.reconstruction(decoded, again)
print(
    "differ most near the middle:",
    1 <= int(apart.argmax()) <= 5,
    "| the same at the ends:",
    bool(apart[[0, -1]].max() < 1e-4),
)

# %% [markdown]
# **2. Resample the mixed code?** Equation 4 decodes the mix itself. The appendix first adds the noise of Equation 1, as for any code; the library does that, too. The noise is then *smaller* than on a pure code, for its deviation $\mu|l| + \sigma_{\min}$ grows with the coordinate.
#
# By pencil, with $\mu = \sigma_{\min} = 0.05$: a coordinate of 1 gets 0.10. Halfway, two coordinates of 0.5 get 0.075 each. All others get 0.05.

# %%
generator = torch.Generator().manual_seed(0)
half_half = 0.5 * IMAGE.handcrafted(digit=3) + 0.5 * IMAGE.handcrafted(digit=8)
draws = IMAGE.resample(half_half.expand(20000, -1), mu=0.05, sigma_min=0.05, generator=generator)
print("deviation of each coordinate:", [f"{s:.3f}" for s in (draws - half_half).std(0)])

# %% [markdown]
# (The first coordinate is the writer, always 1.) Without noise the term asks for one exact picture at one point. With noise it asks for it on average over a small cloud, which is a smoother wish.

# %% [markdown]
# **3. One $\alpha$ for the batch, or one for each item?** The paper says "a random value" and its appendix draws one inside a loop that carries an item's index. Both can be read into that. What changes? Take decoder B of the pencil example. For any $\alpha$ its residual is $\alpha(1-\alpha)\,(4, 2)$: little near the ends, most in the middle. So the *value* of the term depends on $\alpha$, and a batch with a single $\alpha$ is all easy or all hard.

# %%
generator = torch.Generator().manual_seed(0)
scale = (20 / 2) ** 0.5  # length of (4, 2) is the root of 20; a mean over two samples
per_item, per_batch = torch.rand(5000, 64, generator=generator), torch.rand(5000, 1, generator=generator)
for name, a in (("per item", per_item), ("per batch", per_batch)):
    term = (scale * a * (1 - a)).mean(1)  # the batch's loss, 5,000 times
    print(f"one alpha {name:9}: mean {term.mean():.2f}, spread from step to step {term.std():.2f}")

# %% [markdown]
# Same mean; eight times less spread, for 8 is the root of the batch size, 64. It is the same wish with less noise, and it costs nothing. The library draws one $\alpha$ per item.
#
# The noise matters more here than elsewhere. The terms are *sorted* to find their balancing factors, and a term that jumps around jumps in the order, too.

# %% [markdown]
# **4. Who is the partner?** The appendix samples a second signal and encodes it as well. The library takes another item of the *same* batch, by a random permutation: the code is already there, and encoding costs nothing more. Now and then an item meets itself; then the mix is the item, and the term is one more reconstruction.
#
# The four answers side by side:
#
# | | Equation 4 | appendix | library |
# |---|---|---|---|
# | mixed code normalized again | no | no | no |
# | mixed code resampled | no | yes | yes |
# | $\alpha$ | "a random value" | one draw in the loop | uniform, one per item |
# | partner | a second signal | a second signal | another item of the batch |
# | decoded mix normalized (Max M %) | not said | yes | yes |

# %% [markdown]
# (The appendix stumbles in these lines: one divides a signal that was never defined, and another subtracts the reconstruction of item $k$ where that of item $l$ is meant. The table gives what is clearly intended.)

# %% [markdown]
# ## What to remember
#
# - Mixing signals gives a double exposure. Mixing codes gives whatever the decoder makes of it.
# - The interpolation loss compares the two. A linear decoder scores 0, so the term asks for double exposures, softly. Whether that keeps the space between codes tame has not been measured here.
# - It cannot reach 0 here: mixed signals are paler than a normalized output can be.
# - A mix of orthogonal unit codes has length 0.707 halfway, block by block. Length means how much of a class is there.
# - Normalizing again, resampling, and how $\alpha$ is drawn are choices. The library: no, yes, one per item.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: by pencil
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
# ### Exercise 2: how short does it get?
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
# ### Exercise 4: break it, walk on beyond the end
#
# Nothing stops you at $\alpha = 1$. With $\alpha = 1.5$ or 2 you walk *away* from the eight, past the three. Set `beyond` to a tensor of shape `[3, 11]`, the mixes of a handcrafted three (first) and a handcrafted eight for $\alpha = 1, 1.5, 2$, and look at `plots.pictures(trained.image.decode(beyond))`.
#
# Expected picture: less and less of a three. The strokes it shares with the eight are taken away, what is left is bent and grainy. The code now holds a *negative* eight, and no training item ever had one.

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
# The digit block is $(\alpha, 1 - \alpha)$ at places 3 and 8: lengths 1, 1.58 and 2.24. The writer stays 1, for $\alpha + (1 - \alpha) = 1$. Outside the range it was trained on, a decoder owes you nothing.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Disentanglement](08_disentanglement.ipynb): the term that puts the ends of these walks where we want them.
# - [Codes with categories](05_codes_with_categories.ipynb): normalization by category, and the noise of Equation 1.
# - [Notation and glossary](notation.md).
