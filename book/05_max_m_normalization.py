# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Max M % normalization
#
# Somebody says "nine", and a fingernail touches the microphone. The click is one sample out of 8,192. If a recording
# is divided by its loudest sample, this one sample makes the whole word five times as quiet. What should a recording
# be divided by, so that a word is as loud as the same word in another take?
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: Max M % in both models.](_static/spine/max_m_normalization.svg)
#
# **Time:** 20 minutes to read, 20 seconds to run.
#
# **Needs:** a little PyTorch; [A voice becomes an image](01_voice_becomes_image.ipynb) shows where the
# normalization is used, [The data, listened to](04_the_data.ipynb) why levels differ.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say what a click does to the maximum, and what silence does to the standard deviation;
# - compute Max M % by hand and with one call, and say which rule wins where;
# - explain what goes wrong if a reconstruction is divided by the factor of the *input*.

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

import torch
from IPython.display import Audio, display

from olc_lib import data, losses, normalize, plots, widgets

voices = data.voices("embedded")
print(voices)

# %% [markdown]
# ## One word, one click
#
# Emil says "nine", with a peak of 0.2. In a copy, one sample in the middle of the vowel is set to 1, the largest
# value that a sound file can hold.

# %%
row = int(((voices.digit == 9) & (voices.speaker == voices.speakers.index("emil"))).nonzero()[0])
word = voices.waves[row]
word = 0.2 * word / word.abs().max()
clicked = word.clone()
clicked[1000] = 1.0
print("samples that differ:", int((word != clicked).sum()), "of", len(word))

# %%
Audio(word.numpy(), rate=data.RATE)

# %% [markdown]
# Now with the click. Leave the volume as it is.

# %%
Audio(clicked.numpy(), rate=data.RATE)

# %% [markdown]
# The word became quieter, because the player divides by the largest amplitude. (An *amplitude* is the size of a
# sample without its sign.) The axis of the plot does the same.

# %% mystnb={"image": {"alt": "Two waveforms of the word nine. On the left it fills the axis from minus 0.2 to 0.2. On the right a single spike reaches 1 and the word is a thin ribbon around zero."}}
figure = plots.waves([word, clicked], ["as recorded", "one sample is a click"])

# %% [markdown]
# ## Why not the maximum?
#
# `normalize.maximum` divides every item of a batch by its largest amplitude. It returns the normalized batch and
# the *scales*, the numbers it divided by.

# %%
both = torch.stack([word, clicked])
normalized, scale = normalize.maximum(both)
print("scales:", [f"{s:.3f}" for s in scale.tolist()])

# %% [markdown]
# The click makes the scale five times as large, so the word comes out five times as small. Levels are compared in
# *decibels*, $20\log_{10}$ of a ratio of amplitudes: a factor of 2 is 6 dB, a factor of 5 is 14 dB, a factor of 10
# is 20 dB.
#
# The maximum works well as long as the loudest sample belongs to the word.

# %% [markdown]
# ## Why not the standard deviation?
#
# The *standard deviation* uses every sample, so a single click changes it little. But silence changes it too. By
# hand:
#
# - $(3, -3, 3, -3)$ has mean 0 and mean square 9, so its standard deviation is 3.
# - $(3, -3, 3, -3, 0, 0, 0, 0)$ is the same sound followed by as much silence. Its mean square is $36/8 = 4.5$,
#   its standard deviation $2.12$.
#
# After division the second sound is $\sqrt 2$ times (3 dB) as loud as the first. The same happens to the real word:

# %%
length = int(voices.lengths[row])
for total in (length, 8192, 16384):
    clip = torch.nn.functional.pad(word[:length], (0, total - length))[None]
    largest, deviation = normalize.maximum(clip)[1], normalize.standard_deviation(clip)[1]
    print(f"{total:6,} samples: maximum {largest.item():.3f}, standard deviation {deviation.item():.4f}")

# %% [markdown]
# The maximum ignores silence; the standard deviation does not. Every clip of this book is padded with zeros to
# 8,192 samples, so a short word would come out louder than a long one.

# %% [markdown]
# ## Max M %, by hand
#
# The paper's rule (Solhjoo & Rodolà, section 3.1) lies between the two. Sort the amplitudes from large to small,
# keep the first M %, and divide by their mean:
#
# $$ s = \frac{1}{k}\sum_{j=1}^{k} |x|_{(j)}, \qquad k = \max\left(1, \operatorname{round}\left(\frac{M}{100}\, n\right)\right) $$
#
# where $|x|_{(1)} \ge |x|_{(2)} \ge \dots$ are the sorted amplitudes of $n$ samples.

# %% [markdown]
# Take the ten numbers $2, -1, 0, 4, -3, 1, 0, -2, 3, 40$, of which the last is a click. The sorted amplitudes are
# $40, 4, 3, 3, 2, 2, 1, 1, 0, 0$.
#
# | M | $k$ | mean of the $k$ largest |
# |---|---|---|
# | 10 % | 1 | $40$ (the maximum) |
# | 20 % | 2 | $(40+4)/2 = 22$ |
# | 50 % | 5 | $(40+4+3+3+2)/5 = 10.4$ |
# | 100 % | 10 | $56/10 = 5.6$ (the mean amplitude) |
#
# The same in code, then with the library:

# %%
x = torch.tensor([2.0, -1, 0, 4, -3, 1, 0, -2, 3, 40])
for m in (10, 20, 50, 100):
    k = max(1, round(len(x) * m / 100))
    by_hand = x.abs().sort(descending=True).values[:k].mean()
    normalized, scale = normalize.max_m_percent(x[None], m)
    print(f"M = {m:3} %: by hand {by_hand:.1f}, by the library {scale.item():.1f}")

# %% [markdown]
# The library's function, without its docstring:

# %%
print(inspect.getsource(normalize.max_m_percent).split('"""')[2])

# %% [markdown]
# Among ten numbers one click is a tenth of the signal, and it changes every such mean. Among 8,192 samples, M = 5 %
# averages 410, and one click hardly matters. Here are the three rules on Emil's word, before and after the click:

# %%
rules = {
    "maximum": normalize.maximum,
    "standard deviation": normalize.standard_deviation,
    "Max M 5 %": normalize.max_m_percent,
}
for name, rule in rules.items():
    alone, disturbed = rule(both)[1]
    quieter = 20 * torch.log10(disturbed / alone)
    print(f"{name:18}  {alone:.4f} -> {disturbed:.4f}: the word becomes {quieter:4.1f} dB quieter")

# %% [markdown]
# Against one click the standard deviation does well, too. Only the maximum fails.
#
# Listen to the clicked clip after Max M %, then after the maximum, at the same volume (`normalize=False` keeps the
# player from dividing again):

# %% tags=["nbval-ignore-output"]
for rule in (normalize.max_m_percent, normalize.maximum):
    heard = 0.2 * rule(clicked[None])[0][0]
    display(Audio(heard.clamp(-1, 1).numpy(), rate=data.RATE, normalize=False))

# %% [markdown]
# ## A measure of loudness
#
# To compare the rules we take the loudness of the *vowel*: the root mean square (RMS) of the loudest tenth of a
# second of the undamaged clip. A good scale makes `loudness / scale` the same for every take of a word by one
# speaker. We express it in decibels, subtract the mean of each (speaker, digit) pair, and call the RMS of what is
# left the *spread*. Zero is perfect; 1 dB is about the smallest step that most people notice.


# %%
def vowel(waves, milliseconds=100):
    """RMS of the loudest stretch of each row: [N, T] -> [N]."""
    stretch = data.RATE * milliseconds // 1000
    return waves.square().unfold(1, stretch, 40).mean(2).amax(1).sqrt()


loudness = vowel(voices.waves)
pair = 10 * voices.speaker + voices.digit


def spread(scale, loudness=loudness):
    """Decibels by which takes of one word by one speaker differ after division by scale [N]."""
    level = 20 * torch.log10(loudness / scale)
    mean = torch.stack([level[pair == p].mean() for p in range(60)])
    return float((level - mean[pair]).square().mean().sqrt())


# %%
print(f"undivided: {spread(torch.ones(len(voices))):.2f} dB")
for name, rule in rules.items():
    print(f"{name}: {spread(rule(voices.waves)[1]):.2f} dB")

# %% [markdown]
# On these clean clips *every* rule leaves less than most people notice. So let us damage the clips.

# %% [markdown]
# ## Four kinds of damage
#
# The first two strike a random half of the clips: a *click*, one sample at five times the clip's peak, and a *burst*,
# 50 ms of noise twice as high as the peak. The other two concern silence: clips *cut to the word*, without padding,
# and words followed by a *random pause* of up to twice their length.

# %%
generator = torch.Generator().manual_seed(4)
struck = torch.rand(len(voices), generator=generator) < 0.5
peak = voices.waves.abs().amax(1, keepdim=True)
place = (torch.rand(len(voices), generator=generator) * voices.lengths).long()[:, None]
after = torch.arange(data.SAMPLES) - place  # how many samples after the damage starts
noise = 2 * peak * (2 * torch.rand(voices.waves.shape, generator=generator) - 1)
damaged = {
    "click": torch.where(after == 0, 5 * peak, voices.waves),
    "burst, 50 ms": voices.waves + noise * ((after >= 0) & (after < data.RATE * 50 // 1000)),
}

# %% mystnb={"image": {"alt": "Two waveforms of the word nine: with a single tall spike, and with a block of noise 50 milliseconds long."}}
figure = plots.waves([clips[row, :4000] for clips in damaged.values()], list(damaged))

# %%
pauses = 2 * torch.rand(len(voices), generator=generator) * voices.lengths
words = [wave[:n] for wave, n in zip(voices.waves, voices.lengths.tolist(), strict=True)]
kinds = {"as recorded": voices.waves}
for name, clips in damaged.items():
    kinds[name] = torch.where(struck[:, None], clips, voices.waves)
kinds["cut to the word"] = words
kinds["random pause"] = [torch.nn.functional.pad(w, (0, int(n))) for w, n in zip(words, pauses.tolist(), strict=True)]

# %% [markdown]
# Before you look at the table, guess which rule wins each row.


# %%
def scales(rule, clips):
    """The scale of each clip, of a batch [N, T] or of a list of clips of different lengths."""
    return torch.cat([rule(clip[None])[1] for clip in clips])


table = {kind: [spread(scales(rule, clips)) for rule in rules.values()] for kind, clips in kinds.items()}
print(f"{'':16}" + "".join(f"{name:>20}" for name in rules))
for kind, line in table.items():
    print(f"{kind:16}" + "".join(f"{value:20.2f}" for value in line))

# %% mystnb={"image": {"alt": "A dot plot of the spread in decibels for five kinds of clips and three rules. Max M is leftmost for recorded and clicked clips; the standard deviation for bursts and clips cut to the word; the maximum for random pauses, and it is far to the right for clicks. For the 50 ms burst all three lie right of the line that marks undivided clips."}}
import matplotlib.pyplot as plt

figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
for k, (name, marker) in enumerate(zip(rules, "v^o", strict=True)):
    values = [line[k] for line in table.values()]
    axis.plot(values, range(len(table)), marker, label=name, color=plots.COLOURS[k], markersize=8)
axis.axvline(spread(torch.ones(len(voices))), color="grey", linestyle=":", label="undivided, undamaged")
axis.set_yticks(range(len(table)), table)
axis.invert_yaxis()
axis.set(xlabel="spread of the vowel's loudness (dB), less is better", xlim=(0, None))
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# - **Click**: the maximum is worse than no normalization. The other two hold.
# - **Burst**: it is as long as the 410 samples (51 ms) that Max M 5 % averages. All three rules fail.
# - **Cut to the word**: the standard deviation wins; without padding nothing misleads it. (Nor would an offset, a
#   number added to every sample, because the standard deviation subtracts the mean.)
# - **Random pause**: the maximum wins, because it ignores silence.

# %% [markdown]
# ### Which rule is best?
#
# The paper says that Max M % gives better results than the maximum or the standard deviation, and prints no
# numbers. Here it is the best of the three where the book uses it: clips of one length, now and then with a click.
# On clean clips its lead is a fifth of a decibel, and elsewhere others win. Its merit is that among these kinds
# only the long burst makes it fail. In Exercise 5 you change the measure, and the order changes.
# For trained raw-waveform models [the ledger](ledger.ipynb) calls the claim *undecided*.

# %% [markdown]
# <details>
# <summary>The same measurement on real voices (FSDD)</summary>
#
# ```python
# voices = data.voices("fsdd")  # downloads it the first time
# loudness, pair = vowel(voices.waves), 10 * voices.speaker + voices.digit
# words = [wave[:n] for wave, n in zip(voices.waves, voices.lengths.tolist(), strict=True)]
# for name, rule in rules.items():
#     padded = spread(rule(voices.waves)[1], loudness)
#     cut = spread(torch.cat([rule(w[None])[1] for w in words]), loudness)
#     print(f"{name:18} as recorded {padded:.2f} dB, cut to the word {cut:.2f} dB")
# ```
#
# It prints 1.15 and 1.15 dB for the maximum, 0.73 and 0.86 dB for the standard deviation, 0.53 and 0.63 dB for
# Max M 5 %; undivided takes differ by 3.56 dB. There Max M % also wins on clips cut to the word. Afterwards run the
# chapter from the top again: the cells below expect the embedded voices.
#
# </details>

# %% [markdown]
# ## Choosing M
#
# The paper gives no value for M; this book uses 5. Move the slider. The clip is Emil's word with a knock at sample
# 2,200; the orange samples are those that count, and the dashed lines show the scale, their
# mean. The cell after it computes the spread for each M.

# %% tags=["nbval-ignore-output"]
steps = (0.01, 0.2, 1, 2, 5, 10, 20, 50, 100)
knocked = word.clone()
knocked[2200] = 0.35
pages = [plots.page(plots.counted(knocked, m)) for m in steps]
widgets.flip_pages(pages, [f"M = {m:g} %" for m in steps], "M", start=4)

# %%
for kind in ("as recorded", "click", "cut to the word", "random pause"):
    sweep = [spread(scales(lambda x, m=m: normalize.max_m_percent(x, m), kinds[kind])) for m in steps]
    best = steps[sweep.index(min(sweep))]
    print(f"{kind:16} smallest spread {min(sweep):.2f} dB at M = {best:g} %; at 5 % it is {sweep[4]:.2f} dB")

# %% [markdown]
# A small M lets clicks in, a large M lets silence in. For other recordings, run the sweep again.

# %% [markdown]
# ## Three small questions the paper leaves open
#
# **Percentage or count?** The text says *M %*; the pseudo-code averages `SortedSig[l,0:M]`, the first M
# *samples*. A count ignores appended silence; a percentage means the same for a clip and for a picture of 784
# pixels. The library uses the percentage, and brings every clip to one length first.
#
# **$x$ or $|x|$?** The pseudo-code sorts the *signal*; the text speaks of *amplitudes*. Turning a waveform upside
# down changes nothing that one can hear. Does it change the scale?


# %%
def signed(x):
    return x.topk(410, dim=1).values.mean(1)


change = (20 * torch.log10(signed(voices.waves) / signed(-voices.waves))).abs()
for index, name in enumerate(voices.speakers):
    mine = change[voices.speaker == index].mean()
    print(f"{name:5} turned upside down: scale changes by {mine:.1f} dB")

# %% [markdown]
# For Finn, whose peaks all point the same way, it does. With $|x|$ the change is zero, so the library takes $|x|$.
#
# **What about silence?** A silent clip has scale 0, and $0/0$ would turn every weight of the network into NaN in a
# single step. The library leaves silence silent and reports a scale of 0.

# %%
normalized, scale = normalize.max_m_percent(torch.zeros(1, 8192))
print("scale:", scale.item(), " largest amplitude:", normalized.abs().max().item())

# %% [markdown]
# ## Where it stands in the network
#
# The signal is normalized before the encoder reads it, and the decoder's output is normalized again:
#
# $$ x \;\to\; \boxed{\text{Max M}} \;\to\; \text{encoder} \;\to\; \text{code} \;\to\; \text{decoder} \;\to\; \boxed{\text{Max M}} \;\to\; y $$
#
# So a code contains no information about the level of the recording, and every output has the same level.

# %% [markdown]
# ### A line of the pseudo-code that divides by the wrong factor
#
# In the appendix the reconstruction is sorted, but then the average is taken over the sorted *input*:
# `NormFactorRec[l]=Average(SortedSig[l,0:M])`. The sorted reconstruction is never used, so this is probably a slip.
# What would it do?
#
# Suppose that the decoder draws the word *perfectly* in shape, and always at one level. The loss,
# `losses.reconstruction`, is the root mean square of the difference.

# %%
target, _ = normalize.max_m_percent(word[None])
drawn = target / target.abs().max()  # the right shape, between -1 and 1
for gain in (0.2, 1.0, 5.0):
    factor = normalize.max_m_percent(gain * word[None])[1]
    own = losses.reconstruction(target, normalize.max_m_percent(drawn)[0]).item()
    literal = losses.reconstruction(target, drawn / factor[:, None]).item()
    print(f"recorded at {gain:3} x: loss with its own factor {own:.3f}, with the input's {literal:6.3f}")

# %% [markdown]
# With its own factor the perfect shape has no loss. With the input's factor the loss depends on the level of the
# recording, which the code does not contain. The library divides each signal by its own factor.

# %% [markdown]
# ### The price of its own factor
#
# There is also a drawback. Where a decoder is unsure, a faint guess would cost little; its own factor brings every
# guess to full level. Let a decoder answer with *another* take of "nine", at 5 % of the right level:

# %%
another = normalize.max_m_percent(voices.waves[row + 1][None])[0]
faint = losses.reconstruction(target, 0.05 * another).item()
full = losses.reconstruction(target, normalize.max_m_percent(0.05 * another)[0]).item()
print(f"loss of a faint guess {faint:.2f}, at full level {full:.2f}, ratio {full / faint:.2f}")

# %% [markdown]
# By hand: two unrelated waveforms of equal power differ by a signal of *twice* that power, so the loss is $\sqrt 2$
# times that of silence. A waveform model that cannot get the phases right does worse than one that draws nothing.
# Log-mel pictures have no phases.

# %% [markdown]
# ## An open question
#
# All three rules are fixed before training. Could a scale be *learned* with the network, so that it ignores
# clicks, pauses and long bursts as well? A learned scale might also carry information past the code, and codes
# written by hand would then lack something. How to learn one without opening that channel is not known to us.

# %% [markdown]
# ## What to remember
#
# - The maximum is decided by one sample; the standard deviation depends on how much silence there is.
# - Max M % is the mean of the largest M % of $|x|$. M near 0 is the maximum, M = 100 the mean amplitude.
# - It wins on padded clips with clicks. It loses to the standard deviation on clips cut to the word, and to the
#   maximum on pauses; long bursts defeat every rule.
# - Each signal is divided by its *own* factor, at the encoder's input and at the decoder's output.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: ten more numbers
#
# By hand: the signal is $6, -8, 0, 1, -2, 0, 5, 0, -1, 0$ and M = 30 %. What is the scale, and what does the
# sample $-8$ become?

# %% tags=["exercise"]
from olc_lib import checks

scale = None
minus_eight_becomes = None
checks.max_m_by_hand(scale, minus_eight_becomes)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# scale = (8 + 6 + 5) / 3
# minus_eight_becomes = -8 / scale
# checks.max_m_by_hand(scale, minus_eight_becomes)
# ```
#
# Thirty percent of ten samples are three. The sign plays no part in finding the scale. Note that the largest
# amplitude is above 1 afterwards: Max M % brings the *mean* of the loud samples to 1, not the loudest.
#
# </details>

# %% [markdown]
# ### Exercise 2: a count instead of a percentage
#
# Write `max_m_count(x, count)` for a batch `x` of shape `[B, T]`. It returns `(normalized, scale)` as the
# library does, from the `count` largest amplitudes. Silence must stay silence.


# %% tags=["exercise"]
def max_m_count(x, count): ...


checks.max_m_count(max_m_count)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def max_m_count(x, count):
#     scale = x.abs().topk(count, dim=1).values.mean(1)
#     safe = torch.where(scale > 0, scale, torch.ones_like(scale))
#     return x / safe[:, None], scale
#
# checks.max_m_count(max_m_count)
# ```
#
# `topk` finds the largest values without sorting the rest. Silence is divided by 1, so it stays 0 and no
# gradient becomes NaN. Try it on the random pauses:
# `spread(scales(lambda x: max_m_count(x, min(410, x.shape[1])), kinds["random pause"]))` is smaller than with 5 %.
#
# </details>

# %% [markdown]
# ### Exercise 3: the wrong factor, by hand
#
# A recording has scale 0.2. Its normalized form has root mean square $r$. A decoder draws exactly this
# normalized form. What is the reconstruction loss, in multiples of $r$, if its output is divided by its own
# factor, and if it is divided by the input's factor 0.2?

# %% tags=["exercise"]
own_factor = None
input_factor = None
checks.max_m_wrong_factor(own_factor, input_factor)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# own_factor = 0
# input_factor = 4
# checks.max_m_wrong_factor(own_factor, input_factor)
# ```
#
# The drawing has scale 1 already, so its own factor changes nothing. Divided by 0.2 it becomes five times the
# target; the residual is four times the target.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# Fool Max M %. Write `damage(wave)` for one clip `[T]`: afterwards the *maximum* may have grown by no more than
# 1 %, but the Max M 5 % scale must at least double. Try it on `word`, and plot what you did with `plots.waves`.
#
# Expected picture: a block, no taller than the word's tallest peak, about 50 ms wide. It looks less
# striking than a click, and does more damage.


# %% tags=["exercise"]
def damage(wave):
    return wave.clone()


checks.max_m_broken(damage, word)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def damage(wave):
#     damaged = wave.clone()
#     damaged[7000:7410] = wave.abs().max()
#     return damaged
#
# checks.max_m_broken(damage, word)
# ```
#
# Five percent of 8,192 samples are 410. Fill all 410 places with the tallest amplitude and Max M % becomes the
# maximum. A sustained disturbance defeats this rule; with a larger M the disturbance must last longer.
#
# </details>

# %% [markdown]
# ### Exercise 5: another measure
#
# Measure loudness over the loudest 30 ms instead of 100 ms, with `vowel(voices.waves, 30)`, and compare the
# three rules on the clips as recorded. Which one has the smallest spread now? Set `winner` to its name in
# `rules`.

# %% tags=["exercise"]
winner = None
checks.max_m_ruler(winner)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# short = vowel(voices.waves, 30)
# left = {name: spread(rule(voices.waves)[1], short) for name, rule in rules.items()}
# print({name: round(value, 2) for name, value in left.items()})
# winner = min(left, key=left.get)
# checks.max_m_ruler(winner)
# ```
#
# Thirty milliseconds hold three or four periods of a voice: such a short measure is close to the peak, and so
# it favours the rule that measures the peak. Say which measure you used whenever you call a rule better.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Codes with categories](06_codes_with_categories.ipynb): the other normalization of the network, the one
#   inside the code.
# - [Reconstruction and sparsity](07_reconstruction_and_sparsity.ipynb): the two losses that compare normalized
#   signals.
# - [The data, listened to](04_the_data.ipynb): where levels and offsets come from.
