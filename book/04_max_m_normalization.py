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
# Somebody says "nine". An eighth of a millisecond of that recording is not speech: a fingernail touched the
# microphone. That is one number out of 8,192. It is enough to make the word nearly inaudible wherever the
# volume is set by the loudest sample, and to show a network a loud click followed by almost nothing. What
# should a recording be divided by, so that a word is as loud as the same word in another take?

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - say what a click does to the maximum, and what silence does to the standard deviation;
# - compute Max M % with a pencil, and with one call;
# - measure how well a normalization makes takes of a word equally loud, and say which rival wins where;
# - choose M, and defend the choice;
# - explain what goes wrong if a reconstruction is divided by the factor of the *input*.
#
# **Time:** 30 minutes to read, 30 seconds to run.
#
# **Needs:** a little PyTorch; [A voice becomes an image](01_voice_becomes_image.ipynb) shows where the
# normalization stands, [The data, listened to](03_the_data.ipynb) why levels differ.

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
import torch
from IPython.display import Audio, display

from olc_lib import data, latent, losses, networks, normalize, paper, plots, widgets

voices = data.voices("embedded")
print(voices)

# %% [markdown]
# ## One word, one click
#
# Here is one clip of the embedded corpus: Emil says "nine". We bring its tallest peak to 0.2, as a careful
# person would who leaves room at the top. In a copy, one sample in the middle of the vowel jumps to 1, the
# largest number a sound file can hold.

# %%
row = int(((voices.digit == 9) & (voices.speaker == voices.speakers.index("emil"))).nonzero()[0])
word = voices.waves[row]
word = 0.2 * word / word.abs().max()
clicked = word.clone()
clicked[1000] = 1.0
print("samples that differ:", int((word != clicked).sum()), "of", len(word))

# %% [markdown]
# Play both. First the word alone:

# %%
Audio(word.numpy(), rate=data.RATE)

# %% [markdown]
# Now with the click. Do not touch the volume.

# %%
Audio(clicked.numpy(), rate=data.RATE)

# %% [markdown]
# You heard a normalization at work, and it is not ours. The player in this page divides what it is given by the
# largest amplitude, unless it is told not to. (An *amplitude* is the size of a sample without its sign.) So
# does the axis of a plot. Both clips hold the same word at the same level; the second one *arrives* at a fifth
# of it.

# %% mystnb={"image": {"alt": "Two waveforms of the word nine. On the left it fills the axis from minus 0.2 to 0.2. On the right a single spike reaches 1 and the word is a thin ribbon around zero."}}
figure = plots.waves([word, clicked], ["as recorded", "one sample is a click"])

# %% [markdown]
# ## Why not the maximum?
#
# `normalize.maximum` divides every item of a batch by its largest amplitude and returns two things: the
# normalized batch and the *scales*, the numbers it divided by.

# %%
both = torch.stack([word, clicked])
normalized, scale = normalize.maximum(both)
print("scales:", [f"{s:.3f}" for s in scale.tolist()])

# %% [markdown]
# The click alone decides: the scale became five times as large, so the word became five times as small. Sound
# levels are compared in *decibels*, $20\log_{10}$ of a ratio of amplitudes. A factor of 2 is 6 dB, a factor of
# 5 is 14 dB, a factor of 10 is 20 dB.
#
# Nothing is wrong with the maximum as long as the tallest sample belongs to the word. You just never know
# whether it does.

# %% [markdown]
# ## Why not the standard deviation?
#
# The *standard deviation* is the root of the mean squared distance from the mean. Every sample votes, so a
# single click has little say. But silence votes too. Take your pencil:
#
# - $(3, -3, 3, -3)$ has mean 0 and mean square 9, so its standard deviation is 3.
# - $(3, -3, 3, -3, 0, 0, 0, 0)$ is the same sound followed by as much silence. Its mean square is $36/8 = 4.5$,
#   its standard deviation $2.12$.
#
# Divided by these, the second sound comes out $\sqrt 2$ times (3 dB) as loud as the first.

# %% [markdown]
# Now the word itself: cut to its own length, then followed by more and more silence. How long the silence is
# says when somebody pressed a button. It says nothing about loudness.

# %%
length = int(voices.lengths[row])
for total in (length, 8192, 16384):
    clip = torch.nn.functional.pad(word[:length], (0, total - length))[None]
    largest, deviation = normalize.maximum(clip)[1], normalize.standard_deviation(clip)[1]
    print(f"{total:6,} samples: maximum {largest.item():.3f}, standard deviation {deviation.item():.4f}")

# %% [markdown]
# The maximum is deaf to silence; the standard deviation is not. This matters here, because every clip in this
# book is padded with zeros to 8,192 samples: a short word gets more silence than a long one, and would come out
# louder.

# %% [markdown]
# ### Heavy tails
#
# There is a second worry. Squares give large amplitudes many votes, and speech has many large ones: a voice is
# a train of spikes, one for each opening of the vocal folds. Statisticians call this *heavy tails*. The next
# cell asks which share of the squared sum the loudest 5 % of the samples carry, in speech and in two simpler
# signals.


# %%
def share(x):
    squares = x.square().sort(descending=True).values
    return float(squares[: round(len(x) * 0.05)].sum() / squares.sum())


speech = sum(share(wave[:n]) for wave, n in zip(voices.waves, voices.lengths, strict=True)) / len(voices)
noise = share(torch.randn(8192, generator=torch.Generator().manual_seed(0)))
print(f"speech {speech:.2f}, Gaussian noise {noise:.2f}, a pure tone {share(torch.sin(torch.arange(8192) * 0.7)):.2f}")

# %% [markdown]
# In speech a twentieth of the samples carries a large part of the standard deviation. So even the rule in which
# "everybody votes" is decided by few. If few samples decide anyway, why not choose them openly, and let them
# have one vote each?

# %% [markdown]
# ## Max M %, by pencil
#
# That is the idea of the paper (Solhjoo & Rodolà, section 3.1). Sort the amplitudes from large to small, keep
# the first M %, and divide by their mean:
#
# $$ s = \frac{1}{k}\sum_{j=1}^{k} |x|_{(j)}, \qquad k = \max\left(1, \operatorname{round}\left(\frac{M}{100}\, n\right)\right) $$
#
# where $|x|_{(1)} \ge |x|_{(2)} \ge \dots$ are the sorted amplitudes of $n$ samples.

# %% [markdown]
# Ten numbers: $2, -1, 0, 4, -3, 1, 0, -2, 3, 40$. The last is a click. Sorted amplitudes: $40, 4, 3, 3, 2, 2,
# 1, 1, 0, 0$.
#
# | M | $k$ | mean of the $k$ largest |
# |---|---|---|
# | 10 % | 1 | $40$ (the maximum) |
# | 20 % | 2 | $(40+4)/2 = 22$ |
# | 50 % | 5 | $(40+4+3+3+2)/5 = 10.4$ |
# | 100 % | 10 | $56/10 = 5.6$ (the mean amplitude) |
#
# The same in code, then by the library:

# %%
x = torch.tensor([2.0, -1, 0, 4, -3, 1, 0, -2, 3, 40])
for m in (10, 20, 50, 100):
    k = max(1, round(len(x) * m / 100))
    by_hand = x.abs().sort(descending=True).values[:k].mean()
    normalized, scale = normalize.max_m_percent(x[None], m)
    print(f"M = {m:3} %: by hand {by_hand:.1f}, by the library {scale.item():.1f}")

# %% [markdown]
# Among ten numbers one click is a tenth of the signal, and no such mean can ignore it. Among 8,192 it is nothing:
# with M = 5 % there are 410 voters. If their mean was 0.075 and a click of 1 joins them, it becomes at most
# $(410\cdot 0.075 + 1)/410 \approx 0.0774$: about 3 % more, a quarter of a decibel.
#
# Here are all three rules on Emil's word, before and after the click:

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
# Look at the middle line: the standard deviation bears one click quite well. Against the *click*, only the
# maximum is helpless. Keep that in mind for the verdict.
#
# Now listen to the clicked clip after Max M % and after the maximum, at one and the same volume.
# `normalize=False` tells the player to keep its hands off.

# %% tags=["nbval-ignore-output"]
for rule in (normalize.max_m_percent, normalize.maximum):
    heard = 0.2 * rule(clicked[None])[0][0]
    display(Audio(heard.clamp(-1, 1).numpy(), rate=data.RATE, normalize=False))

# %% [markdown]
# ## A ruler for loudness
#
# "Better" needs a measure that is none of the rivals. Ours is the loudness of the *vowel*: the root mean square
# (RMS) of the loudest tenth of a second, found in the undamaged clip. It is close to what a loudness meter
# shows, and no click or pause changes it.


# %%
def vowel(waves, milliseconds=100):
    """RMS of the loudest stretch of each row: [N, T] -> [N]."""
    stretch = data.RATE * milliseconds // 1000
    return waves.square().unfold(1, stretch, 40).mean(2).amax(1).sqrt()


loudness = vowel(voices.waves)
print(f"Emil's nine, as it lies in the corpus: {loudness[row]:.3f}")

# %% [markdown]
# A good scale makes `loudness / scale` the same for every take of a word by a speaker. So we take it in
# decibels, subtract the mean of each (speaker, digit) pair, and look at how much is left: the *spread*. Zero is
# perfect; 1 dB is about the smallest step most people notice.

# %%
pair = 10 * voices.speaker + voices.digit


def spread(scale, loudness=loudness):
    """Decibels by which takes of one word by one speaker differ after division by scale [N]."""
    level = 20 * torch.log10(loudness / scale)
    mean = torch.stack([level[pair == p].mean() for p in range(60)])
    return float((level - mean[pair]).square().mean().sqrt())


print(f"undivided, takes differ by {spread(torch.ones(len(voices))):.2f} dB")

# %% [markdown]
# The corpus was made with takes at different levels on purpose. How much of that does each rule take away?

# %%
for name, rule in rules.items():
    print(f"{name:18} leaves {spread(rule(voices.waves)[1]):.2f} dB")

# %% [markdown]
# On clean clips *every* rule does the job: all three leave less than most people notice. If recordings were
# always clean and equally padded, this chapter could end here with "take any". So let us damage them.

# %% [markdown]
# ## Clicks, bursts, offsets, pauses
#
# Each kind of damage strikes a random half of the clips; a normalization should make struck and unstruck clips
# equally loud. A *click* is one sample at five times the clip's peak. A *burst* is 5 or 50 ms of noise, twice
# as tall as the peak: a "p" popped into the microphone, a bump of the table. An *offset* adds the same number
# to every sample, as cheap sound cards do.

# %%
generator = torch.Generator().manual_seed(4)
struck = torch.rand(len(voices), generator=generator) < 0.5
peak = voices.waves.abs().amax(1, keepdim=True)
place = (torch.rand(len(voices), generator=generator) * voices.lengths).long()[:, None]
after = torch.arange(data.SAMPLES) - place  # how many samples after the damage starts
noise = 2 * peak * (2 * torch.rand(voices.waves.shape, generator=generator) - 1)


def burst(milliseconds):
    inside = (after >= 0) & (after < data.RATE * milliseconds // 1000)
    return torch.where(inside, voices.waves + noise, voices.waves)


def strike(damaged):
    return torch.where(struck[:, None], damaged, voices.waves)


# %%
kinds = {
    "as recorded": voices.waves,
    "click": strike(torch.where(after == 0, 5 * peak, voices.waves)),
    "burst, 5 ms": strike(burst(5)),
    "burst, 50 ms": strike(burst(50)),
    "offset": strike(voices.waves + 0.2 * peak),
}

# %% [markdown]
# The last two kinds concern silence. *Cut to the word*: no padding at all, each clip as long as its word.
# *Random pauses*: each word followed by silence of up to twice its own length. These clips differ in length, so
# they form a list instead of a batch.

# %%
words = [wave[:n] for wave, n in zip(voices.waves, voices.lengths.tolist(), strict=True)]
pauses = (2 * torch.rand(len(voices), generator=generator) * voices.lengths).tolist()
kinds["cut to the word"] = words
kinds["random pauses"] = [torch.nn.functional.pad(w, (0, int(pause))) for w, pause in zip(words, pauses, strict=True)]

# %% [markdown]
# Before you measure, look and listen. Here is Emil's word with three of the damages.

# %% mystnb={"image": {"alt": "Three waveforms of the word nine: with a single tall spike, with a block of noise 50 milliseconds long, and lifted off the zero line by an offset."}}
examples = {
    "click": torch.where(after[row] == 0, 5 * peak[row], voices.waves[row]),
    "burst, 50 ms": burst(50)[row],
    "offset": voices.waves[row] + 0.2 * peak[row],
}
figure = plots.waves([wave[:4000] for wave in examples.values()], list(examples), columns=3)

# %%
Audio(examples["burst, 50 ms"][:4000].numpy(), rate=data.RATE)

# %% [markdown]
# Now the table: one row for each kind of damage, one column for each rule, and the spread in decibels. Guess
# first who wins each row.


# %%
def scales(rule, clips):
    if torch.is_tensor(clips):
        return rule(clips)[1]
    return torch.cat([rule(clip[None])[1] for clip in clips])


table = {kind: [spread(scales(rule, clips)) for rule in rules.values()] for kind, clips in kinds.items()}
print(f"{'':16}" + "".join(f"{name:>20}" for name in rules))
for kind, line in table.items():
    print(f"{kind:16}" + "".join(f"{value:20.2f}" for value in line))

# %% mystnb={"image": {"alt": "A dot plot of the spread in decibels for seven kinds of damage and three rules. Max M is leftmost for recorded, clicked and short-burst clips; the standard deviation is leftmost for offsets and clips cut to the word; the maximum is leftmost for random pauses and far to the right for clicks. For the 50 ms burst all three lie right of the line that marks undivided clips."}}
import matplotlib.pyplot as plt

figure, axis = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
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
# Read it row by row:
#
# - **click**: the maximum is worse than doing nothing. The other two stand.
# - **bursts**: Max M 5 % leads while the burst is much shorter than its 410 votes (51 ms of samples). At 50 ms all three are
#   worse than doing nothing.
# - **offset**, **cut to the word**: the standard deviation wins. It subtracts the mean, and without padding it
#   has nothing to be misled by.
# - **random pauses**: the maximum wins; it is deaf to silence. (Our corpus favours it a little: whoever made
#   these clips drew the *peak* of each take at random, and a peak is what the maximum undoes.)

# %% [markdown]
# ### An honest verdict
#
# The paper says that Max M % gives better results than the maximum or the standard deviation, and prints no
# numbers. On these clips Max M % is the best of the three where it will be used: clips of one length, with now
# and then a click. It is not the winner everywhere, and on clean clips the rivals are practically as good. Its
# merit is that nothing short of a long burst makes it fail.
#
# The ruler has a say, too. It is an RMS over 100 ms, a relative of the standard deviation. Exercise 5 lets you
# exchange it, and the order changes.

# %% [markdown]
# These voices are synthetic, and cut and levelled with care. On the real voices of FSDD the lead of Max M % is
# larger, and it holds even for clips cut to the word. If you have FSDD, check that claim:
#
# <details>
# <summary>The measurement on FSDD</summary>
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
# Afterwards run the chapter from the top again: the cells below expect the embedded voices.
#
# </details>

# %% [markdown]
# You may ask: why not divide by the loudness of the vowel itself? You can; broadcasters do something close to
# it, and by this ruler it is perfect. But it needs to know what *time* is. Max M % only sorts numbers. So the
# very same rule serves a waveform, a picture, and whatever a decoder draws.

# %% [markdown]
# ## Choosing M
#
# The paper does not say what M is. It is the argument `m` of `max_m_percent`, and 5 is this book's choice. Move
# the slider. The clip is Emil's word with one knock added; the orange samples count, and the dashed lines show the
# scale, their mean.

# %% tags=["nbval-ignore-output"]
steps = (0.01, 0.2, 1, 2, 5, 10, 20, 50, 100)
knocked = word.clone()
knocked[2200] = 0.35
pages = [plots.page(plots.counted(knocked, m)) for m in steps]
widgets.flip_pages(pages, [f"M = {m:g} %" for m in steps], "M", start=4)

# %% [markdown]
# At the left end one sample counts: the maximum. At the right end all count, silence included: the mean
# amplitude, which depends on padding as the standard deviation does. In between lies a valley. How deep, and
# where? Sweep M over five of the seven kinds of clips:

# %%
sweep = {
    kind: [spread(scales(lambda x, m=m: normalize.max_m_percent(x, m), kinds[kind])) for m in steps]
    for kind in ("as recorded", "click", "burst, 5 ms", "cut to the word", "random pauses")
}
for kind, values in sweep.items():
    best = steps[values.index(min(values))]
    print(f"{kind:16} smallest spread {min(values):.2f} dB at M = {best:g} %; at 5 % it is {values[4]:.2f} dB")

# %% mystnb={"image": {"alt": "Spread against M on a logarithmic axis for five kinds of clips. Every curve is a valley: clicks and bursts make it steep on the left, padding raises it on the right. Most are lowest near 2 to 5 percent; clips cut to the word prefer 20."}}
figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
for k, (kind, values) in enumerate(sweep.items()):
    axis.plot(steps, values, label=kind, color=plots.COLOURS[k], linestyle=("-", "--", "-.", ":", (0, (5, 1)))[k])
axis.axvline(5, color="grey", linewidth=0.6)
axis.set(xscale="log", xlabel="M (% of the samples)", ylabel="spread (dB)", ylim=(0, None))
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# M is a choice between two enemies: disturbances spoil the left side, silence spoils the right side. No M is
# best for all. With padded clips, 2 % would do as well as 5 %, or a little better; 5 % is safer against bursts.
# Clips cut to the word would rather have a larger M, words with random pauses a smaller one. If your recordings are different, sweep again: the cell
# above is all it takes.

# %% [markdown]
# ## Three small questions the paper leaves open
#
# ### Percentage or count?
#
# The text says *M %*; the pseudo-code in the appendix averages `SortedSig[l,0:M]`, the first M *samples*. For
# clips of one length the two are the same thing. They part when silence is appended: a percentage of more
# samples is more samples, a count stays what it is.


# %%
def count_410(x):
    scale = x.abs().topk(min(410, x.shape[1]), dim=1).values.mean(1)
    return x / scale[:, None], scale


for name, rule in {"5 percent": normalize.max_m_percent, "410 samples": count_410}.items():
    print(f"{name}: {spread(scales(rule, kinds['random pauses'])):.2f} dB with random pauses")

# %% [markdown]
# The count is better here: silence never gets into its list. The percentage has another virtue. It means the
# same for a clip of 8,192 samples, a picture of 784 pixels and a sound resampled to another rate. The library
# takes the percentage, and brings every clip to one length first.

# %% [markdown]
# ### $x$ or $|x|$?
#
# The pseudo-code sorts the *signal*; the text speaks of *amplitudes*. A waveform swings both ways, and which
# way is up depends on how the microphone is wired. Nobody hears the difference. Does the scale?


# %%
def signed(x):
    return x.topk(410, dim=1).values.mean(1)


change = (20 * torch.log10(signed(voices.waves) / signed(-voices.waves))).abs()
for index, name in enumerate(voices.speakers):
    print(f"{name:5} turned upside down: scale changes by {change[voices.speaker == index].mean():.1f} dB")

# %% [markdown]
# For most voices it hardly matters; for Finn, whose spikes all point one way, it matters a lot. With $|x|$ the
# change is zero by construction, so the library takes $|x|$. For images, which have no negative pixels, the two
# are the same.

# %% [markdown]
# ### What about silence?
#
# A silent clip has scale 0, and $0/0$ is not a number. One such number would spread to every weight of the
# network in a single step. The library leaves silence silent and reports a scale of 0, so that you can tell.

# %%
silence = torch.zeros(1, 8192)
normalized, scale = normalize.max_m_percent(silence)
print("scale:", scale.item(), " largest amplitude:", normalized.abs().max().item())

# %% [markdown]
# ## Where it stands in the network
#
# Twice: the signal is normalized before the encoder reads it, and what the decoder drew is normalized before
# anyone sees it.
#
# $$ x \;\to\; \boxed{\text{Max M}} \;\to\; \text{encoder} \;\to\; \text{code} \;\to\; \text{decoder} \;\to\; \boxed{\text{Max M}} \;\to\; y $$
#
# So a code cannot know how loud the recording was, and every output has the same level. Even an untrained
# network keeps both promises (here the paper's image network, with a sixteenth of its channels):

# %%
torch.manual_seed(0)
model = networks.OrthogonalVAE(networks.scale_layers(paper.IMAGE_LAYERS, 1 / 16), (1, 28, 28), latent.IMAGE).eval()
picture = data.images("embedded").pixels[:1]
with torch.no_grad():
    code, faint = model.encode(picture), model.encode(picture / 10)
    drawn = model.decode(code)
print("a fainter picture has the same code:", torch.allclose(code, faint, atol=1e-4))
print(f"scale of what is drawn: {normalize.max_m_percent(drawn)[1].item():.3f}")

# %% [markdown]
# ### A line of the pseudo-code that divides by the wrong factor
#
# In the appendix the reconstruction is sorted, but then the average is taken over the sorted *input*:
# `NormFactorRec[l]=Average(SortedSig[l,0:M])`. The sorted reconstruction is never used, and the mixed signal
# (of [Interpolation](07_interpolation.ipynb)) is divided by its own factor. So it is probably a slip. What if you took it at its word?
#
# Give the decoder every chance. It draws the word *perfectly* in shape, always at one level, because the code
# cannot tell it any other. The loss, `losses.reconstruction`, is the root mean square of the difference.

# %%
target, _ = normalize.max_m_percent(word[None])
drawn = target / target.abs().max()  # the right shape, between -1 and 1
for gain in (0.2, 1.0, 5.0):
    factor = normalize.max_m_percent(gain * word[None])[1]
    own = losses.reconstruction(target, normalize.max_m_percent(drawn)[0]).item()
    literal = losses.reconstruction(target, drawn / factor[:, None]).item()
    print(f"recorded at {gain:3} x: loss with its own factor {own:.3f}, with the input's {literal:6.3f}")

# %% [markdown]
# With its own factor the perfect shape has no loss, however loud the recording was. With the input's factor the
# loss depends on the recording level. It vanishes only where the recording happens to peak at 1, as the drawing
# does; a quieter recording of the same word blows the output up. The only cure would be to put the level into
# the code, and the first normalization has just removed it. The library therefore divides each signal by its
# own factor.

# %% [markdown]
# ### The price of its own factor
#
# Fairness demands the other side. A decoder that is unsure would like to whisper: a faint guess costs little.
# Its own factor forbids whispering. We let a decoder answer with *another* take of "nine", at a share of the
# right level.

# %%
another = normalize.max_m_percent(voices.waves[row + 1][None])[0]
shares = torch.linspace(0.05, 1, 20)
free = [losses.reconstruction(target, share * another).item() for share in shares]
own = [losses.reconstruction(target, normalize.max_m_percent(share * another)[0]).item() for share in shares]
print(f"loss of a whisper {free[0]:.2f}, of a full-level guess {own[0]:.2f}, ratio {own[0] / free[0]:.2f}")

# %% mystnb={"image": {"alt": "Loss against the level of a wrong guess. With its own factor the loss is a horizontal line; without it the loss falls steadily towards that of silence as the guess gets fainter."}}
figure, axis = plt.subplots(figsize=(5.4, 2.6), layout="constrained")
axis.plot(shares, own, label="divided by its own factor", color=plots.COLOURS[0])
axis.plot(shares, free, "--", label="left at its level", color=plots.COLOURS[5])
axis.set(xlabel="level of the guess (share of the right one)", ylabel="reconstruction loss", ylim=(0, None))
axis.legend(loc="lower left", frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Pencil: two waveforms of equal power that have nothing in common differ by a signal of *twice* that power, so
# the loss is $\sqrt 2$ times that of silence. The ratio above is near it. A waveform model that cannot get the
# phases right therefore does worse than one that says nothing. Log-mel pictures, which have no phases, escape
# this; [The data](03_the_data.ipynb) shows them.

# %% [markdown]
# ## Images too
#
# A picture of a digit is 784 pixels from 0 (paper) to 1 (ink); 5 % of them are 39. Where ink is white and the
# scan is clean, full ink should come out equally bright in every picture. It comes out as `1 / scale`:

# %%
images = data.images("embedded")
for name, rule in rules.items():
    ink = 1 / rule(images.pixels)[1]
    print(f"{name:18} full ink becomes {ink.min():.2f} to {ink.max():.2f}, spread {20 * torch.log10(ink).std():.2f} dB")

# %% [markdown]
# Here the maximum wins outright: nearly every picture has a pixel of full ink, so there is nothing to do, and
# it does nothing. The standard deviation brightens whatever has little ink. Max M 5 % lies between: many a
# digit has fewer than 39 pixels of full ink. If someone tells you that Max M is always better, show them this
# cell.

# %% [markdown]
# The click of a picture is a *speck*: one bright pixel on a faint scan. With specks the maximum falls behind.

# %%
faint = 0.3 * images.pixels
specked = faint.clone()
specked[:, 0, 2, 2] = 1.0
for name, rule in rules.items():
    dimmed = 20 * torch.log10(rule(specked)[1] / rule(faint)[1])
    print(f"{name:18} a speck dims the digit by {dimmed.mean():.1f} dB")

# %% mystnb={"image": {"alt": "The same faint digit three times, each with a bright speck in the upper left corner: after the maximum it is dark grey, after the standard deviation and after Max M it is bright."}}
shown = [rule(specked[:1])[0] for rule in rules.values()]
figure, axes = plt.subplots(1, 3, figsize=(6, 2.2), layout="constrained")
for axis, image, name in zip(axes, shown, rules, strict=True):
    without_speck = rules[name](faint[:1])[0]
    axis.imshow(image[0, 0] / without_speck.max(), cmap="gray", vmin=0, vmax=1)
    axis.set(title=name, xticks=[], yticks=[])

# %% [markdown]
# ## And the log-mel picture?
#
# This book's voice model reads a log-mel picture, and that front end has a normalization of its own: decibels
# are counted down from the loudest spot of the picture. That is a maximum! So it, too, can be fooled, only
# less: the loudest spot is an average over 32 ms and a band of frequencies, and a click shares its energy among
# all of them.

# %%
from olc_lib.spectra import LogMel

spectrogram = LogMel()
clean = spectrogram(voices.waves, voices.lengths)
click = spectrogram(torch.where(after == 0, 5 * peak, voices.waves), voices.lengths)
lost = spectrogram.floor * (clean - click)[clean > 0.3]
print(f"a click of 14 dB over the peak darkens the picture by {lost.mean():.1f} dB of {spectrogram.floor:.0f}")

# %% [markdown]
# So for the log-mel model Max M % is a second line of defence at the input; its real work there is at the
# output, where it gives every drawn picture one level. It earns its keep most on raw waveforms.

# %% [markdown]
# ## What to remember
#
# - The maximum is decided by one sample; the standard deviation by how much silence there is.
# - Max M % is the mean of the largest M % of $|x|$. M near 0 is the maximum, M = 100 the mean amplitude; the
#   useful values lie in a valley between.
# - It wins on padded clips with clicks. It loses to the standard deviation on offsets and on clips cut to the
#   word, to the maximum on pauses and on clean images, and on long bursts every rule fails.
# - Each signal is divided by its *own* factor, at the encoder's input and at the decoder's output.
# - "Better" means "by some ruler". Say which.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: ten more numbers
#
# By pencil: the signal is $6, -8, 0, 1, -2, 0, 5, 0, -1, 0$ and M = 30 %. What is the scale, and what does the
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
# Thirty percent of ten samples are three. The sign counts only after the scale is found. Note that the largest
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
# gradient becomes NaN.
#
# </details>

# %% [markdown]
# ### Exercise 3: the wrong factor, by pencil
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
# Expected picture: a block, no taller than the word's tallest peak, about 50 ms wide. It looks harmless beside
# a click, and does more harm.


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
# maximum. A sustained disturbance is what this rule cannot see through; a larger M needs a longer one.
#
# </details>

# %% [markdown]
# ### Exercise 5: another ruler
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
# Thirty milliseconds hold three or four periods of a voice: a short ruler is close to the peak, and so it
# favours the rule that measures the peak. A ruler is a choice, and whoever chooses it should say so.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Codes with categories](05_codes_with_categories.ipynb): the other normalization of the network, the one
#   inside the code.
# - [Reconstruction and sparsity](06_reconstruction_and_sparsity.ipynb): the two losses that compare normalized
#   signals.
# - [The data, listened to](03_the_data.ipynb): where levels and offsets come from.
