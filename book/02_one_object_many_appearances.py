# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One object, many appearances
#
# Somebody says "seven". Somebody else writes a 7. The sound and the ink have nothing in common, and still you think of one thing. Can two machines, one that listens and one that draws, agree on *one code* for it? In this chapter you train tiny networks live, watch twins disagree about everything, and then tell them where to put things.

# %% [markdown]
# ## Goals
#
# After this chapter you can
# - say what one common code for all appearances of an object would be good for;
# - build an autoencoder and a variational autoencoder (VAE), and compute both parts of a VAE's loss with a pencil;
# - show that neither gives its trainer a say in where codes land, and explain why;
# - place codes with labels, and use the placed code to read, to draw, and to connect two networks that never met;
# - name the price of placing.
#
# **Time:** 30 minutes to read, 20 seconds to run.
#
# **Needs:** basic PyTorch (a module, a loss, a training step). [A voice becomes an image](01_voice_becomes_image.ipynb) shows where all this leads.

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
from IPython.display import Audio
from torch import nn
from torch.nn import functional as F

from olc_lib import checks, data, losses, metrics, plots
from olc_lib.latent import LatentSpace
from olc_lib.spectra import LogMel
from olc_lib.train import fit

# %% [markdown]
# ## Hear one, see one
#
# The book carries a small corpus of each kind: spoken digits from six synthetic voices, and digits that real people wrote. Both are cut into parts for training, for choices (validation) and for the test; this chapter uses the first and the last.

# %%
voices, images = data.voices("embedded", "test"), data.images("embedded", "test")
print(voices)
print(images)


# %%
def say(name, digit):
    """The first test recording of a digit by one voice."""
    chosen = (voices.speaker == voices.speakers.index(name)) & (voices.digit == digit)
    row = int(chosen.nonzero()[0])
    return voices.waves[row, : voices.lengths[row]]


# %% [markdown]
# Here are two voices, saying the same word.

# %%
Audio(say("anna", 7).numpy(), rate=data.RATE)

# %%
Audio(say("finn", 7).numpy(), rate=data.RATE)

# %% mystnb={"image": {"alt": "Waveforms of the word seven, spoken by anna and by finn. They differ in length, in shape and in where they are loud."}}
figure = plots.waves([say("anna", 7), say("finn", 7)], ["anna: seven", "finn: seven"])

# %% [markdown]
# And here are ten sevens, written by different hands.

# %% mystnb={"image": {"alt": "Ten handwritten sevens in a row, with and without a bar through the stem, some upright and some leaning."}}
figure = plots.pictures(images.pixels[images.digit == 7][:10])

# %% [markdown]
# To a computer, each recording is a list of some thousand air pressures, and each picture a list of 784 grey values. Nothing in these lists says "seven". Even two *voices* that say seven have nothing in common number by number: their **cosine** (1 for the same direction, 0 for unrelated) is near 0, as it is for different words.

# %%
anna, finn_seven, finn_three = (
    F.pad(wave, (0, data.SAMPLES - len(wave))) for wave in (say("anna", 7), say("finn", 7), say("finn", 3))
)
print(f"anna's seven and finn's seven: cosine {F.cosine_similarity(anna, finn_seven, dim=0):.2f}")
print(f"anna's seven and finn's three: cosine {F.cosine_similarity(anna, finn_three, dim=0):.2f}")

# %% [markdown]
# ## What a common code would be good for
#
# Suppose every appearance of a seven, spoken or written, had one **code**: a short list of numbers. Then
#
# - a listener and a painter can be **joined**: code in the middle, voice in, picture out;
# - they can be **trained apart**, by different people, on different data, and joined later;
# - one can **search** pictures by voice;
# - and if the code is simple enough, one can **write it by hand**, without any input at all.
#
# That is the plan of the paper this book follows (Solhjoo & Rodolà, section 1; see [References](references.md)). First, let us see what ordinary methods give.

# %% [markdown]
# ## The autoencoder: squeeze and restore
#
# An **autoencoder** is two networks in a row. The **encoder** squeezes a picture into a few numbers, its code. The **decoder** sees only the code and has to restore the picture. Nobody says what the code should be: whatever helps to restore is good.
#
# To train in a second we halve the pictures to 14 × 14 = 196 pixels. The code gets *two* numbers, so that we can draw it on paper: 98 pixels must share one number.


# %%
def small(pictures):
    """Pictures [N, 1, 28, 28], averaged two by two and laid flat: [N, 196]."""
    return F.avg_pool2d(pictures, 2).flatten(1)


studied = data.images("embedded", "train")
training, test = small(studied.pixels), small(images.pixels)
print(tuple(training.shape), tuple(test.shape))

# %% [markdown]
# **The loss, with a pencil.** A picture of four pixels is $(1, 0, 0, 1)$, its reconstruction $(0.8, 0.2, 0.1, 0.7)$. The residuals are $0.2, -0.2, -0.1, 0.3$; their squares add up to $0.04 + 0.04 + 0.01 + 0.09 = 0.18$.
#
# That sum is the loss in this chapter. The library's `losses.reconstruction` with `norm="sum"` gives its root, the length of the residual, so we square it.


# %%
def squared_error(x, y):
    """Sum of the squared residuals of every picture: [B]."""
    return losses.reconstruction(x, y, norm="sum").square()


picture, restored = torch.tensor([[1.0, 0.0, 0.0, 1.0]]), torch.tensor([[0.8, 0.2, 0.1, 0.7]])
print(f"{squared_error(picture, restored).item():.2f}")

# %% [markdown]
# Now the networks. Each has one hidden layer of 96 neurons. The decoder ends in a sigmoid, because grey values lie between 0 and 1. The **seed** decides the random first weights; it will be our only difference between twins. (`heads` is for later: a VAE's encoder says two numbers for each coordinate of the code.)


# %%
def layers(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, 96), nn.ReLU(), nn.Linear(96, outputs))


def twin(seed, size=2, heads=1, inputs=196):
    """An untrained encoder and decoder with a code of `size` numbers."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Module()
        model.seed = seed
        model.encoder = layers(inputs, size * heads)
        model.decoder = nn.Sequential(layers(size, 196), nn.Sigmoid())
    return model


# %% [markdown]
# Training is the book's one loop, `fit`. It draws batches, asks a loss function for a number, and follows the gradient with Adam. A loss function gets the batch, the step's number and a source of random numbers. It returns the loss, and a record of what it would like to have written down.


# %%
def autoencoder_loss(model):
    def loss(batch, step, generator):
        x = batch["signal"]
        error = squared_error(x, model.decoder(model.encoder(x))).mean()
        return error, {"error": error.detach()}

    return loss


def train(model, loss, digits=studied.digit, signals=training):
    """400 steps of 128 items, about a second."""
    examples = {"signal": signals, "digit": digits}
    fit(model, loss(model), examples, 400, batch_size=128, lr=1e-2, seed=model.seed, progress=False)
    return model.requires_grad_(False)


# %%
first = train(twin(seed=0), autoencoder_loss)
codes = first.encoder(test)
redrawn = first.decoder(codes)
print("code of the first test picture has", codes.shape[1], "numbers")

# %% mystnb={"image": {"alt": "Upper row: ten written digits. Lower row: the autoencoder's reconstructions from two numbers. They are blurred; most can be recognised, some have become another digit."}}
figure = plots.pictures(torch.cat([test[:10], redrawn[:10]]).view(-1, 1, 14, 14))

# %% [markdown]
# Blurred, but from two numbers! Is it better than nothing? "Nothing" means: draw the average of all training pictures, whatever the input. Every later model is measured against that.
#
# (Results of training differ a little from one processor to another. So the numbers of this chapter are coarse: errors in tenths of the average picture's.)

# %%
average = squared_error(test, training.mean(0).expand_as(test)).mean()


def error(model, codes):
    """Mean squared error of the test pictures, drawn by a model from codes."""
    return squared_error(test, model.decoder(codes)).mean()


print(f"average picture: {average:.2f}")
print(f"autoencoder: {error(first, codes) / average:.1f} of that")

# %% [markdown]
# Now the map. Each test picture is drawn at its code, as the digit that it is. Remember that the network was never told these digits.

# %% mystnb={"image": {"alt": "Scatter plot of an autoencoder's codes, each drawn as its digit. Equal digits lie in patches of uneven size and shape; many patches overlap."}}
figure = plots.places([codes], [images.digit], ["an autoencoder's codes"], columns=1)

# %% [markdown]
# What an autoencoder gives: short codes, and a map on which alike lies near alike. That is a lot, for no labels at all.
#
# What it does not give: a *meaning* of the axes, a known *range* (look at the scale), or an *address*. Where do sevens live? You have to look. And how do you draw a new picture? You need a code, but nothing says where the map ends, and nothing ever taught the decoder what to draw in its gaps.

# %% [markdown]
# ## The VAE: squeeze, blur, restore
#
# A **variational autoencoder** (Kingma & Welling, 2014) makes the map smooth, in two ways.
#
# First, the encoder gives a *cloud* instead of a point: a mean and a deviation for each coordinate. The decoder gets a code drawn from that cloud, so it must draw something sensible for all codes nearby.
#
# Second, every cloud pays a fee for differing from one standard cloud: mean 0, deviation 1. The fee is the **KL divergence**. Without it the encoder would shrink its clouds to points, or move them far apart.

# %% [markdown]
# **The fee, with a pencil.** For one coordinate with mean $m$ and deviation $s$,
#
# $$\mathrm{KL} = \tfrac{1}{2}\left(m^2 + s^2 - 1 - \ln s^2\right) = \tfrac{1}{2}\left(m^2 + s^2 - 1\right) - \ln s$$
#
# - $m = 0, s = 1$: the standard cloud itself. $\frac12(0 + 1 - 1 - 0) = 0$.
# - $m = 1, s = 1$: moved aside. $\frac12(1 + 1 - 1 - 0) = 0.5$.
# - $m = 0, s = 0.5$: too sure of itself. $\frac12(0.25 - 1 + 1.386) = 0.318$.


# %%
def fee(mean, log_deviation):
    """KL divergence from the standard cloud, summed over the coordinates: [B]."""
    return (0.5 * (mean.square() + (2 * log_deviation).exp() - 1) - log_deviation).sum(1)


mean, deviation = torch.tensor([[0.0], [1.0], [0.0]]), torch.tensor([[1.0], [1.0], [0.5]])
library = torch.distributions.kl_divergence(
    torch.distributions.Normal(mean, deviation), torch.distributions.Normal(0.0, 1.0)
)
print("by hand", [f"{value:.3f}" for value in fee(mean, deviation.log())])
print("library", [f"{value:.3f}" for value in library[:, 0]])

# %% [markdown]
# In code. The encoder says the *logarithm* of the deviation, which may be any number, and `exp` makes it positive. Drawing is written as `mean + deviation * noise`: the noise comes from outside, so gradients flow to the mean and to the deviation. `beta` says how much a unit of the fee weighs against the error.


# %%
def training_loss(model, beta=0.2):
    def loss(batch, step, generator):
        x = batch["signal"]
        mean, log_deviation = model.encoder(x).chunk(2, dim=1)
        noise = torch.randn(mean.shape, generator=generator)
        drawn = mean + log_deviation.exp() * noise
        error = squared_error(x, model.decoder(drawn)).mean()
        kl = fee(mean, log_deviation).mean()
        return error + beta * kl, {"error": error.detach(), "kl": kl.detach()}

    return loss


# %%
vae = train(twin(seed=0, heads=2), training_loss)
means = vae.encoder(test)[:, :2]
print(f"VAE: {error(vae, means) / average:.1f} of the average picture's error")
print(
    "farther from 0, its codes or the autoencoder's?", "its" if means.abs().max() > codes.abs().max() else "the latter"
)

# %% mystnb={"image": {"alt": "Two scatter plots of codes drawn as digits. The autoencoder's lie off centre and spread far. The VAE's lie around zero, within about two units, digits in neighbouring patches."}}
figure = plots.places([codes, means], [images.digit] * 2, ["autoencoder", "VAE (means of the clouds)"])

# %% [markdown]
# The VAE's map lies around 0 and is about as large as the standard cloud. So you know where to look for *new* pictures: pull codes out of a hat, that is, from the standard cloud, and decode them.

# %% mystnb={"image": {"alt": "Ten blurred digits that the VAE draws from random codes."}}
hat = torch.randn(10, 2, generator=torch.Generator().manual_seed(7))
figure = plots.pictures(vae.decoder(hat).view(-1, 1, 14, 14))

# %% [markdown]
# That is what a VAE gives: a smooth map, and a hat to draw from. But now wish for a *seven*. Which code do you put in? Still you have to look at the map. And does another VAE have the same map?

# %% [markdown]
# ## Twins who disagree
#
# Train both models a second time. Same pictures, same networks, same number of steps. Only the seed differs: the random first weights, and the order of the pictures.

# %%
second = train(twin(seed=1), autoencoder_loss)
second_vae = train(twin(seed=1, heads=2), training_loss)
second_codes, second_means = second.encoder(test), second_vae.encoder(test)[:, :2]

# %% mystnb={"image": {"alt": "Four maps of codes drawn as digits: two autoencoders above, two VAEs below. In each pair the same digits lie in quite different places and next to different neighbours."}}
maps = [codes, second_codes, means, second_means]
titles = ["autoencoder, seed 0", "autoencoder, seed 1", "VAE, seed 0", "VAE, seed 1"]
figure = plots.places(maps, [images.digit] * 4, titles)

# %% [markdown]
# Find the sevens in all four maps. They live somewhere else each time, with other neighbours. You, the trainer, were not asked.
#
# Does it matter? Let the twins write to each other: the first one encodes a picture, the *second* one decodes the code.

# %% mystnb={"image": {"alt": "Three rows of ten pictures. Above, written digits. In the middle, each drawn by the autoencoder that encoded it: similar. Below, drawn by its twin from the same code: mostly other digits or smudges."}}
rows = torch.cat([test[:10], first.decoder(codes[:10]), second.decoder(codes[:10])])
figure = plots.pictures(rows.view(-1, 1, 14, 14))

# %%
for name, one, other, code in (("autoencoder", first, second, codes), ("VAE", vae, second_vae, means)):
    print(f"{name:11s} error on its own codes {error(one, code) / average:.1f}, drawn by its twin", end=" ")
    print(f"{error(other, code) / average:.1f} of the average picture's")

# %% [markdown]
# Decoding the twin's code is worse than ignoring it and drawing the average picture.
#
# Here they were two networks for pictures. For one that listens and one that draws, there is even less reason to agree. So separately trained autoencoders cannot be joined in the middle.

# %% [markdown]
# ### Why nobody has a say
#
# Look at the loss. It compares pictures with pictures; codes do not appear. Turn the whole map by 90 degrees, and let the decoder turn it back before drawing. Every picture stays the same, so the error stays the same. *Any* change of the map that the decoder can undo is hidden like that. All those maps are equally good, and chance picks one.
#
# The fee of the VAE forbids some changes, such as stretching. But the standard cloud is round, so turning the map by 90 degrees costs nothing: the deviations merely swap places. (The cell checks the means' part.)

# %%
turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])  # (a, b) becomes (-b, a)
turned = means @ turn
print("codes have moved:", bool((turned - means).abs().mean() > 0.5))
print("same error:", torch.allclose(error(vae, turned @ turn.T), error(vae, means)))
print("same fee:", torch.allclose(fee(turned, torch.zeros(1)).mean(), fee(means, torch.zeros(1)).mean()))

# %% [markdown]
# ## Placing the codes
#
# The paper's idea is plain: if we care where codes land, let us *say* so, in the loss. Give every digit an axis of its own. Ten digits, ten axes. The code of a seven shall be 1 on axis 7 and 0 on the others, so that different digits are **orthogonal**: at right angles.
#
# Two ingredients. Codes are **normalized** to length 1, so that only direction counts. And a **pull** is added to the loss, the paper's Eq. (5): the largest coordinate among the *others* (here by size, whatever its sign), plus $1 / (1 + f)$, where $f$ is the digit's *own* coordinate.

# %% [markdown]
# **The pull, with a pencil**, for two digits. An item of digit 1 has the code $(0.6, 0.8)$. The largest other coordinate is $0.6$; its own gives $1 / (1 + 0.8) = 0.556$. Together: $1.156$.
#
# If the code were $(0, 1)$, the pull would be $0 + 1/2 = 0.5$, and that is the least it can be.

# %%
pair = torch.tensor([[0.6, 0.8], [0.0, 1.0]])
label = torch.tensor([1, 1])
print([f"{value:.3f}" for value in losses.disentanglement(pair, label)])

# %% [markdown]
# [Codes with categories](05_codes_with_categories.ipynb) explains normalizing and the small noise of `resample`; [Disentanglement](08_disentanglement.ipynb) takes the pull apart. Here we only want a taste. `LatentSpace` says what the numbers of a code stand for: here, ten numbers for the digit. The network is the same, with ten numbers in the code. The weight 10 brings pull and error to a similar size.

# %%
DIGIT = LatentSpace({"digit": 10})


def placed_loss(model):
    def loss(batch, step, generator):
        x = batch["signal"]
        code = DIGIT.normalize(model.encoder(x))
        drawn = DIGIT.resample(code, mu=0.05, sigma_min=0.05, generator=generator)
        error = squared_error(x, model.decoder(drawn)).mean()
        pull = losses.disentanglement(code, batch["digit"]).mean()
        return error + 10 * pull, {"error": error.detach(), "pull": pull.detach()}

    return loss


# %%
placed, second_placed = train(twin(0, size=10), placed_loss), train(twin(1, size=10), placed_loss)
placed_codes = DIGIT.normalize(placed.encoder(test))

# %% [markdown]
# **Read.** Where is the code largest? That axis *is* the answer. A map needed looking at; this needs `argmax`.

# %%
read = placed_codes.argmax(1)
print("more than nine of ten test pictures read correctly:", metrics.accuracy(read, images.digit) > 90)

# %% mystnb={"image": {"alt": "Bar charts of two placed codes. A written two has one tall bar at 2, a written seven one tall bar at 7; all other bars are small."}}
two, seven = (int((images.digit == digit).nonzero()[0]) for digit in (2, 7))
figure = plots.codes(placed_codes[[two, seven]], DIGIT, ["a written two", "a written seven"])

# %% [markdown]
# **Draw.** Wish for a seven: put a 1 on axis 7. No map, no search, no input picture. Ten such handcrafted codes are the rows of the unit matrix.

# %% mystnb={"image": {"alt": "Ten pictures drawn from handcrafted codes: the digits 0 to 9 in order, a little soft but clear."}}
crafted = placed.decoder(torch.eye(10))
figure = plots.pictures(crafted.view(-1, 1, 14, 14), [str(digit) for digit in range(10)])

# %% [markdown]
# **Join.** And the twins? They were trained apart, from different seeds, and never saw each other. But both were told the same addresses.

# %% mystnb={"image": {"alt": "Three rows of ten pictures: written digits, drawn again by the placed model that encoded them, and drawn by its twin from the same codes. The lower two rows look alike."}}
rows = torch.cat([test[:10], placed.decoder(placed_codes[:10]), second_placed.decoder(placed_codes[:10])])
figure = plots.pictures(rows.view(-1, 1, 14, 14))

# %%
own, crossed = error(placed, placed_codes), error(second_placed, placed_codes)
print(f"own codes: {own / average:.1f} of the average picture's error; twin's codes: {crossed / average:.1f}")

# %% [markdown]
# ## And the voice
#
# Nothing in the placing was about pictures. So let us build a listener: the same little encoder, but for a picture of *sound*. The log-mel front end turns a word into 32 × 32 numbers, time to the right, pitch upwards. The listener needs no decoder here; the pull alone tells it the addresses.


# %%
def hear(recordings):
    """Log-mel pictures of recordings, averaged two by two and laid flat: [N, 256]."""
    return F.avg_pool2d(LogMel()(recordings.waves, recordings.lengths), 2).flatten(1)


def pull_loss(model):
    def loss(batch, step, generator):
        pull = losses.disentanglement(DIGIT.normalize(model.encoder(batch["signal"])), batch["digit"]).mean()
        return pull, {"pull": pull.detach()}

    return loss


# %%
listener = twin(seed=2, size=10, inputs=256)
lessons = data.voices("embedded", "train")
train(listener, pull_loss, lessons.digit, hear(lessons))
heard_codes = DIGIT.normalize(listener.encoder(hear(voices)))

# %% [markdown]
# A listener that has never seen a picture, beside a painter that has never heard a sound. Anna says seven; somebody writes a seven.

# %% mystnb={"image": {"alt": "Two bar charts, one above the other: the code of a spoken seven and the code of a written seven. Both have one tall bar at 7."}}
spoken = int(((voices.digit == 7) & (voices.speaker == 0)).nonzero()[0])
pair = torch.stack([heard_codes[spoken], placed_codes[seven]])
figure = plots.codes(pair, DIGIT, ["anna says seven", "a written seven"])

# %% [markdown]
# One code for two appearances. To be sure that this seven is no accident, average the codes of every digit in both domains, and compare them.

# %%
spoken_means = metrics.class_means(heard_codes, voices.digit, 10)
written_means = metrics.class_means(placed_codes, images.digit, 10)
agreement = (spoken_means * written_means).sum(1)
print("spoken and written agree (cosine above 0.95) for", int((agreement > 0.95).sum()), "of 10 digits")

# %% [markdown]
# Then join them: spoken word in, code in the middle, picture out. The painter is the *second* placed twin.

# %% mystnb={"image": {"alt": "Ten pictures drawn from spoken digits zero to nine, each by another voice in turn: the digits 0 to 9 can be read."}}
asked = [int(((voices.digit == digit) & (voices.speaker == digit % 6)).nonzero()[0]) for digit in range(10)]
names = [voices.speakers[digit % 6] for digit in range(10)]
figure = plots.pictures(second_placed.decoder(heard_codes[asked]).view(-1, 1, 14, 14), names)

# %% [markdown]
# Do other eyes see what was said? The first placed model looks at all drawings and reads them.

# %%
drawings = second_placed.decoder(heard_codes)
read = DIGIT.labels(placed.encoder(drawings))["digit"]
print("more than nine of ten spoken words drawn as the right digit:", metrics.accuracy(read, voices.digit) > 90)

# %% [markdown]
# ## What it costs, and where to be careful
#
# - **Labels.** An autoencoder needs none; placing needs one per item. So compare it with other methods that use labels, not with a plain VAE.
# - **A classifier could do the reading.** Any network trained with labels can. What placing adds is that the same numbers also draw.
# - **Detail.** If all sevens shall have one code, it cannot say *which* seven. Exercise 4 shows that ten free numbers draw better.

# %% [markdown]
# Two cautions about the experiment itself.
#
# - **Two things changed at once** between the free twins and the placed ones: the loss, and two numbers became ten. Exercise 4 separates them.
# - **A small world.** Six synthetic voices, the same in training and test. Real voices are harder: [chapter 1](01_voice_becomes_image.ipynb) prints how hard.

# %% [markdown]
# ## What the paper says, and what we add
#
# The paper says that a trainer of VAEs has almost no control over places. For the *original* VAE you have just seen it. But VAEs that use labels are older than the paper (Kingma et al., 2014; Sohn et al., 2015). There the label stands *beside* the code; here it is the code's own place.
#
# It calls its own model variational. There is noise, as in our placed loss, but no fee: neither its text nor its pseudo-code has a KL term. Normalizing the code does the work of keeping codes in bounds. We follow that, and keep the name.

# %% [markdown]
# ## What to remember
#
# - An autoencoder gives short codes and a map; a VAE gives a smooth map and a hat to draw from.
# - In neither does the loss look at places, so chance decides them. Two trainings cannot read each other's codes.
# - A VAE's loss has two parts: the error, and a fee (KL) for differing from the standard cloud.
# - Placing adds a term that does look at the code. Then `argmax` reads, handcrafted codes draw, and networks that never met can be joined.
# - The price is labels, and detail.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the fee with a pencil
#
# A cloud has mean 2 and deviation 1. What is its KL divergence from the standard cloud?

# %% tags=["exercise"]
answer = None
checks.vae_kl_by_hand(answer)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# answer = 0.5 * (2**2 + 1 - 1 - 0)
# checks.vae_kl_by_hand(answer)
# ```
#
# The deviation is already right and costs nothing. The mean costs half of its square.
#
# </details>

# %% [markdown]
# ### Exercise 2: draw from a cloud
#
# Write `draw`: given mean, deviation and standard noise (mean 0, deviation 1), it returns a code from the cloud. It must not draw random numbers itself. Why is that useful?


# %% tags=["exercise"]
def draw(mean, deviation, noise):
    """A code from the cloud; all three are [B, D]."""
    return ...


checks.vae_draw(draw)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def draw(mean, deviation, noise):
#     return mean + deviation * noise
#
#
# checks.vae_draw(draw)
# ```
#
# Written like this, the result is an ordinary sum and product of what the encoder said. Gradients reach mean and deviation, which they could not through a random draw.
#
# </details>

# %% [markdown]
# ### Exercise 3: break it, with a fee too high
#
# Train a VAE with `beta=30` and decode its means for the test pictures. (`train` calls its loss with the model alone, so hand it `lambda model: training_loss(model, beta=30)`.)
#
# Expected picture: ten times the same grey smudge, the average picture. On the map, all digits lie on one spot. The fee is so high that the encoder says "standard cloud" to everything, and the decoder, which learns nothing from the code, stops listening. This is called **posterior collapse**.

# %% tags=["exercise"]
collapsed = None  # what the model draws for the test pictures: [297, 196]
checks.vae_collapsed(collapsed)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# dear = train(twin(seed=0, heads=2), lambda model: training_loss(model, beta=30))
# collapsed = dear.decoder(dear.encoder(test)[:, :2])
# figure = plots.pictures(collapsed[:10].view(-1, 1, 14, 14))
# checks.vae_collapsed(collapsed)
# ```
#
# A step to the side costs 30 times its KL and can never earn that much in error, which is only a few units per picture.
#
# </details>

# %% [markdown]
# ### Exercise 4: is it the ten dimensions?
#
# Perhaps placed twins understand each other only because their codes are longer. Train two *free* autoencoders with ten numbers, `twin(0, 10)` and `twin(1, 10)`, and compute two errors: the first one's codes drawn by itself (`own`), and drawn by the second (`crossed`).

# %% tags=["exercise"]
own, crossed = None, None
checks.twins_free(own, crossed, average)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# free, other = (train(twin(seed, 10), autoencoder_loss) for seed in (0, 1))
# free_codes = free.encoder(test)
# own, crossed = error(free, free_codes), error(other, free_codes)
# print("free codes draw better than placed ones:", bool(own < error(placed, placed_codes)))
# checks.twins_free(own, crossed, average)
# ```
#
# Ten free numbers restore the picture better than ten placed ones: they can tell one seven from another. But nobody else can read them. It is the placing that joins, and detail that pays.
#
# </details>

# %% [markdown]
# ### Exercise 5: other addresses
#
# Who says that sevens live on axis 7? Move every digit three axes on: digit $d$ to axis $d + 3$, and after 9 start again at 0. Which labels must the training get instead of `studied.digit`?

# %% tags=["exercise"]
moved = None  # a tensor like studied.digit
checks.placed_moved(moved, studied.digit)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# moved = (studied.digit + 3) % 10
# model = train(twin(0, 10), placed_loss, moved)
# figure = plots.pictures(model.decoder(torch.eye(10)).view(-1, 1, 14, 14), [str(axis) for axis in range(10)])
# checks.placed_moved(moved, studied.digit)
# ```
#
# Axis 0 draws a seven now, axis 3 a zero. The addresses are a convention. What matters is that all domains keep the same one.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The data, listened to](03_the_data.ipynb): what these voices and pictures carry, by ear and eye.
# - [Codes with categories](05_codes_with_categories.ipynb): who speaks *and* what is said, in one code.
# - [Disentanglement](08_disentanglement.ipynb): the pull, term by term.
# - [Notation](notation.md): all symbols in one place.
