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
# Somebody says "seven". Somebody else writes a 7. The sound and the ink have nothing in common, and still you think of one thing. Can two networks, one for sounds and one for pictures, use *one code* for it? You train tiny networks, see that two trainings of the same network end with different codes, and then use labels to decide where the codes go.
#
# ![Block diagram of the whole system: voice model, image model and training. Lit here: both codes.](_static/spine/one_object_many_appearances.svg)
#
# **Time:** 30 minutes to read, 20 seconds to run.
#
# **Needs:** basic PyTorch (a module, a loss, a training step). [A voice becomes an image](01_voice_becomes_image.ipynb) shows where all this leads.

# %% [markdown]
# ## Goals
#
# After this chapter you can
# - say what one common code for all appearances of an object would be good for;
# - build an autoencoder and a variational autoencoder (VAE), and compute both parts of a VAE's loss by hand;
# - show that neither of their losses determines where codes land, and explain why;
# - place codes with labels, and use the placed code to read, to draw, and to connect two networks that were trained apart;
# - say what placing costs.

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
from functools import partial

import torch
from IPython.display import Audio
from torch import nn
from torch.nn import functional as F

from olc_lib import checks, data, losses, metrics, plots
from olc_lib.latent import LatentSpace
from olc_lib.spectra import LogMel
from olc_lib.train import fit

# %% [markdown]
# ## One sound, one picture
#
# The book contains a small corpus of each kind: spoken digits from six synthetic voices, and digits that real people wrote. Both have parts for training, for choices (validation) and for the test.

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
# To a computer, a recording is a list of a few thousand air pressures, and a picture a list of 784 grey values. Even two *voices* that say seven have nothing in common number by number: their **cosine** (1 for the same direction, 0 for unrelated) is near 0, as it is for different words.

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
# - an encoder for voices and a decoder for pictures can be **joined**: voice in, code in the middle, picture out;
# - they can be **trained apart**, by different people, on different data, and joined later;
# - one can **search** pictures by voice;
# - and if the code is simple enough, one can **write it by hand**, without any input at all.
#
# That is the plan of the paper this book follows (Solhjoo & Rodolà, section 1; see [References](references.md)). First, let us see what ordinary methods give.

# %% [markdown]
# ## The autoencoder
#
# An **autoencoder** is two networks in a row. The **encoder** compresses a picture into a few numbers, its code. The **decoder** gets only the code and has to restore the picture. Nothing prescribes what the code should be.
#
# To train in a second we halve the pictures to 14 × 14 = 196 pixels. The code gets *two* numbers, so that we can plot it.


# %%
def small(pictures):
    """Pictures [N, 1, 28, 28], averaged two by two and laid flat: [N, 196]."""
    return F.avg_pool2d(pictures, 2).flatten(1)


studied = data.images("embedded", "train")
training, test = small(studied.pixels), small(images.pixels)
print(tuple(training.shape), tuple(test.shape))

# %% [markdown]
# **The loss, by hand.** A picture of four pixels is $(1, 0, 0, 1)$, its reconstruction $(0.8, 0.2, 0.1, 0.7)$. The residuals are $0.2, -0.2, -0.1, 0.3$; their squares add up to $0.04 + 0.04 + 0.01 + 0.09 = 0.18$.
#
# That sum is the loss in this chapter. The library's `losses.reconstruction` with `norm="sum"` gives its root, so we square it.


# %%
def squared_error(x, y):
    """Sum of the squared residuals of every picture: [B]."""
    return losses.reconstruction(x, y, norm="sum").square()


picture, restored = torch.tensor([[1.0, 0.0, 0.0, 1.0]]), torch.tensor([[0.8, 0.2, 0.1, 0.7]])
print(f"{squared_error(picture, restored).item():.2f}")

# %% [markdown]
# Now the networks. Each has one hidden layer of 96 neurons. The decoder ends in a sigmoid, because grey values lie between 0 and 1. The **seed** decides the random initial weights; it will be the only difference between *twins*, two networks of the same shape. (`heads` is for later: a VAE's encoder outputs two numbers per coordinate.)


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
# Training is the book's one loop, `fit`. It draws batches, calls a loss function, and follows the gradient with Adam. The loss function returns the loss, and a record of values to be stored. (`partial(loss, model)` is the loss function with its first argument filled in.)


# %%
def autoencoder_loss(model, batch, step, generator):
    x = batch["signal"]
    error = squared_error(x, model.decoder(model.encoder(x))).mean()
    return error, {"error": error.detach()}


def train(model, loss, digits=studied.digit, signals=training):
    """400 steps of 128 items, about a second."""
    examples = {"signal": signals, "digit": digits}
    options = {"batch_size": 128, "lr": 1e-2, "seed": model.seed, "progress": False}
    fit(model, partial(loss, model), examples, 400, **options)
    return model.requires_grad_(False)


# %%
first = train(twin(seed=0), autoencoder_loss)
codes = first.encoder(test)
redrawn = first.decoder(codes)
print("code of the first test picture has", codes.shape[1], "numbers")

# %% mystnb={"image": {"alt": "Upper row: ten written digits. Lower row: the autoencoder's reconstructions from two numbers. They are blurred; most can be recognised, some have become another digit."}}
both = torch.cat([test[:10], redrawn[:10]]).view(-1, 1, 14, 14)
figure = plots.pictures(both, rows=["written", "autoencoder"])

# %% [markdown]
# Blurred, but from two numbers. Is it better than always drawing the average of all training pictures?
#
# (Results of training differ a little from one processor to another, so errors are printed in tenths of the average picture's.)

# %%
average = squared_error(test, training.mean(0).expand_as(test)).mean()


def error(model, codes):
    """Mean squared error of the test pictures, drawn by a model from codes."""
    return squared_error(test, model.decoder(codes)).mean()


print(f"average picture: {average:.2f}")
print(f"autoencoder: {error(first, codes) / average:.1f} of that")

# %% [markdown]
# Now the map of the codes. For each test picture, its label (a digit) is printed at the position of its code. The network was not given these labels.

# %% mystnb={"image": {"alt": "Scatter plot of an autoencoder's codes, each drawn as its digit. Equal digits lie in patches of uneven size and shape; many patches overlap."}}
figure = plots.places([codes], [images.digit], ["an autoencoder's codes"], columns=1)

# %% [markdown]
# Similar pictures get similar codes, without any labels. But the axes have no meaning, the codes no known range (look at the scale), and sevens no known place. The decoder was never trained on the gaps of the map.

# %% [markdown]
# ## The VAE
#
# A **variational autoencoder** (Kingma & Welling, 2014) makes the map smooth, in two ways.
#
# First, the encoder outputs a *cloud* instead of a point: a mean and a standard deviation for each coordinate. The decoder gets a code drawn from that cloud, so it must draw something sensible for all codes nearby.
#
# Second, the loss contains the **KL divergence** of each cloud from the standard normal distribution (mean 0, deviation 1). Without this term the encoder would shrink its clouds to points, or move them far apart.

# %% [markdown]
# **The KL divergence, by hand.** For one coordinate with mean $m$ and deviation $s$,
#
# $$\mathrm{KL} = \tfrac{1}{2}\left(m^2 + s^2 - 1 - \ln s^2\right) = \tfrac{1}{2}\left(m^2 + s^2 - 1\right) - \ln s$$
#
# - $m = 0, s = 1$: the standard normal itself. $\frac12(0 + 1 - 1 - 0) = 0$.
# - $m = 1, s = 1$: shifted. $\frac12(1 + 1 - 1 - 0) = 0.5$.
# - $m = 0, s = 0.5$: too narrow. $\frac12(0.25 - 1 + 1.386) = 0.318$.


# %%
def kl_divergence(mean, log_deviation):
    """KL divergence from the standard normal, summed over the coordinates: [B]."""
    return (0.5 * (mean.square() + (2 * log_deviation).exp() - 1) - log_deviation).sum(1)


mean, deviation = torch.tensor([[0.0], [1.0], [0.0]]), torch.tensor([[1.0], [1.0], [0.5]])
cloud, standard = (torch.distributions.Normal(*pair) for pair in ((mean, deviation), (0.0, 1.0)))
library = torch.distributions.kl_divergence(cloud, standard)
print("by hand", [f"{value:.3f}" for value in kl_divergence(mean, deviation.log())])
print("library", [f"{value:.3f}" for value in library[:, 0]])

# %% [markdown]
# In code: the encoder outputs the *logarithm* of the deviation, which may be any number, and `exp` makes it positive. Drawing is written as `mean + deviation * noise`: the noise comes from outside, so gradients reach the mean and the deviation. `beta` is the weight of the KL divergence against the error.


# %%
def vae_loss(model, batch, step, generator, beta=0.2):
    x = batch["signal"]
    mean, log_deviation = model.encoder(x).chunk(2, dim=1)
    noise = torch.randn(mean.shape, generator=generator)
    drawn = mean + log_deviation.exp() * noise
    error = squared_error(x, model.decoder(drawn)).mean()
    kl = kl_divergence(mean, log_deviation).mean()
    return error + beta * kl, {"error": error.detach(), "kl": kl.detach()}


# %%
vae = train(twin(seed=0, heads=2), vae_loss)
means = vae.encoder(test)[:, :2]
print(f"VAE: {error(vae, means) / average:.1f} of the average picture's error")

# %% mystnb={"image": {"alt": "Two scatter plots of codes drawn as digits, each with its own scale. The autoencoder's lie off centre and spread over about nine units. The VAE's lie around zero, within about two units, digits in neighbouring patches."}}
figure = plots.places([codes, means], [images.digit] * 2, ["autoencoder", "VAE (means of the clouds)"])

# %% [markdown]
# The VAE's codes lie around 0, in a region about as large as the standard normal (mind the different scales). So *new* pictures can be had by drawing codes from the standard normal and decoding them.

# %% mystnb={"image": {"alt": "Ten blurred digits that the VAE draws from random codes."}}
samples = torch.randn(10, 2, generator=torch.Generator().manual_seed(7))
figure = plots.pictures(vae.decoder(samples).view(-1, 1, 14, 14))

# %% [markdown]
# But which code gives a *seven*? You still have to look at the map. And does another VAE have the same map?

# %% [markdown]
# ## Two trainings, two different maps
#
# Train both models a second time. Only the seed differs, that is, the initial weights and the order of the pictures.

# %%
second = train(twin(seed=1), autoencoder_loss)
second_vae = train(twin(seed=1, heads=2), vae_loss)
second_codes, second_means = second.encoder(test), second_vae.encoder(test)[:, :2]

# %% mystnb={"image": {"alt": "Four maps of codes drawn as digits: two autoencoders above, two VAEs below. In each pair the same digits lie in quite different places and next to different neighbours."}}
maps = [codes, second_codes, means, second_means]
titles = ["autoencoder, seed 0", "autoencoder, seed 1", "VAE, seed 0", "VAE, seed 1"]
figure = plots.places(maps, [images.digit] * 4, titles)

# %% [markdown]
# Find the sevens in all four maps. They lie somewhere else each time, with other neighbours.
#
# Let the first twin encode a picture and the *second* one decode the code.

# %% mystnb={"image": {"alt": "Three rows of ten pictures. Above, written digits. In the middle, each drawn by the autoencoder that encoded it: similar. Below, drawn by its twin from the same code: mostly other digits or smudges."}}
rows = torch.cat([test[:10], first.decoder(codes[:10]), second.decoder(codes[:10])])
figure = plots.pictures(rows.view(-1, 1, 14, 14), rows=["written", "same model", "its twin"])

# %%
for name, one, other, code in (
    ("autoencoder", first, second, codes),
    ("VAE", vae, second_vae, means),
):
    own, crossed = error(one, code) / average, error(other, code) / average
    print(f"{name:11s} error of the same model {own:.1f}, of its twin {crossed:.1f}")

# %% [markdown]
# (In units of the average picture's error.) Decoding the twin's code is worse than ignoring it and drawing the average picture.
#
# An encoder for sounds and a decoder for pictures have even less reason to agree.

# %% [markdown]
# ### Why the loss does not determine the map
#
# The error compares pictures with pictures; codes do not appear in it. Rotate the whole map by 90 degrees, and let the decoder rotate it back before drawing. Every picture stays the same, and so does the error. The same holds for *any* change of the map that the decoder can undo; chance selects one of these maps.
#
# The KL term of the VAE excludes some changes, such as stretching. But the standard normal is round, so rotating the map by 90 degrees changes nothing: the deviations merely change places. (The cell computes the part of the means.)

# %%
turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])  # (a, b) becomes (-b, a)
turned = means @ turn
for name, code, back in (("as trained", means, torch.eye(2)), ("rotated", turned, turn.T)):
    of_average = error(vae, code @ back) / average
    kl = kl_divergence(code, torch.zeros(1)).mean()
    print(f"{name:10s} error {of_average:.1f}, KL of the means {kl:.1f}")
print(f"an average code has moved by {(turned - means).norm(dim=1).mean():.0f} units")

# %% [markdown]
# ## Placing the codes
#
# The paper's idea: if we care where codes land, put it into the loss. Give every digit an axis of its own. The code of a seven should be 1 on axis 7 and 0 on the other nine, so that different digits are **orthogonal**: at right angles.
#
# Two things do this. Codes are **normalized** to length 1, so that only their direction counts. And the **disentanglement loss** is added, the paper's Eq. (5): the largest coordinate among the *others* (here by size, whatever its sign), plus $1 / (1 + f)$, where $f$ is the digit's *own* coordinate.

# %% [markdown]
# **The disentanglement loss, by hand**, for two digits. An item of digit 1 has the code $(0.6, 0.8)$. The largest other coordinate is $0.6$; its own gives $1 / (1 + 0.8) = 0.556$. Together: $1.156$.
#
# For the code $(0, 1)$ it is $0 + 1/2 = 0.5$, the smallest possible value.

# %%
pair = torch.tensor([[0.6, 0.8], [0.0, 1.0]])
label = torch.tensor([1, 1])
print([f"{value:.3f}" for value in losses.disentanglement(pair, label)])

# %% [markdown]
# [Codes with categories](06_codes_with_categories.ipynb) explains normalizing and the small noise of `resample`; [Disentanglement](09_disentanglement.ipynb) takes this loss apart. `LatentSpace` says what the numbers of a code stand for: here, ten for the digit. The weight 10 brings both parts of the loss to a similar size.

# %%
DIGIT = LatentSpace({"digit": 10})


def placed_loss(model, batch, step, generator):
    x = batch["signal"]
    code = DIGIT.normalize(model.encoder(x))
    drawn = DIGIT.resample(code, mu=0.05, sigma_min=0.05, generator=generator)
    error = squared_error(x, model.decoder(drawn)).mean()
    placing = losses.disentanglement(code, batch["digit"]).mean()
    return error + 10 * placing, {"error": error.detach(), "placing": placing.detach()}


# %%
placed, second_placed = (train(twin(seed, size=10), placed_loss) for seed in (0, 1))
placed_codes = DIGIT.normalize(placed.encoder(test))

# %% [markdown]
# **Read.** The axis on which the code is largest names the digit: `argmax` is enough.

# %% tags=["nbval-ignore-output"]
read = placed_codes.argmax(1)
print(f"test pictures read correctly: {metrics.accuracy(read, images.digit):.0f} %")

# %% mystnb={"image": {"alt": "Bar charts of two placed codes. A written two has one tall bar at 2, a written seven one tall bar at 7; all other bars are small."}}
two, seven = (int((images.digit == digit).nonzero()[0]) for digit in (2, 7))
figure = plots.codes(placed_codes[[two, seven]], DIGIT, ["a written two", "a written seven"])

# %% [markdown]
# **Draw.** For a seven, put a 1 on axis 7. No map and no input picture is needed. Ten such handcrafted codes are the rows of the unit matrix.

# %% mystnb={"image": {"alt": "Ten pictures drawn from handcrafted codes: the digits 0 to 9 in order, a little soft but clear."}}
crafted = placed.decoder(torch.eye(10))
figure = plots.pictures(crafted.view(-1, 1, 14, 14), [str(digit) for digit in range(10)])

# %% [markdown]
# **Join.** The placed twins were trained apart, from different seeds. But both were given the same axes.

# %% mystnb={"image": {"alt": "Three rows of ten pictures: written digits, drawn again by the placed model that encoded them, and drawn by its twin from the same codes. The lower two rows look alike."}}
few = placed_codes[:10]
rows = torch.cat([test[:10], placed.decoder(few), second_placed.decoder(few)])
figure = plots.pictures(rows.view(-1, 1, 14, 14), rows=["written", "same model", "its twin"])

# %%
own, crossed = error(placed, placed_codes), error(second_placed, placed_codes)
print(f"placed      error of the same model {own / average:.1f}, of its twin {crossed / average:.1f}")

# %% [markdown]
# ## And the voice
#
# Nothing in the disentanglement loss is about pictures. So let us train an encoder for voices: the same small network, but for a picture of *sound*. `LogMel` turns a word into 32 × 32 numbers, time to the right, frequency upwards. No decoder is needed here; the disentanglement loss alone is enough.


# %%
def hear(recordings):
    """Log-mel pictures of recordings, averaged two by two and laid flat: [N, 256]."""
    return F.avg_pool2d(LogMel()(recordings.waves, recordings.lengths), 2).flatten(1)


def placing_loss(model, batch, step, generator):
    code = DIGIT.normalize(model.encoder(batch["signal"]))
    placing = losses.disentanglement(code, batch["digit"]).mean()
    return placing, {"placing": placing.detach()}


# %%
voice_model = twin(seed=2, size=10, inputs=256)
spoken_words = data.voices("embedded", "train")
train(voice_model, placing_loss, spoken_words.digit, hear(spoken_words))
heard_codes = DIGIT.normalize(voice_model.encoder(hear(voices)))

# %% [markdown]
# Anna says seven; somebody writes a seven.

# %% mystnb={"image": {"alt": "Two bar charts, one above the other: the code of a spoken seven and the code of a written seven. Both have one tall bar at 7."}}
spoken = int(((voices.digit == 7) & (voices.speaker == 0)).nonzero()[0])
pair = torch.stack([heard_codes[spoken], placed_codes[seven]])
figure = plots.codes(pair, DIGIT, ["anna says seven", "a written seven"])

# %% [markdown]
# Is it so for all ten? Average the codes of every digit in both domains, and compare them.

# %%
spoken_means = metrics.class_means(heard_codes, voices.digit, 10)
written_means = metrics.class_means(placed_codes, images.digit, 10)
agreement = (spoken_means * written_means).sum(1)
print("spoken and written agree (cosine above 0.95) for", int((agreement > 0.95).sum()), "of 10 digits")

# %% [markdown]
# Now join them: spoken word in, code in the middle, picture out. The decoder is that of the *second* placed twin.

# %% mystnb={"image": {"alt": "Ten pictures drawn from spoken digits zero to nine, each by another voice in turn: the digits 0 to 9 can be read."}}
asked = [int(((voices.digit == digit) & (voices.speaker == digit % 6)).nonzero()[0]) for digit in range(10)]
names = [voices.speakers[digit % 6] for digit in range(10)]
figure = plots.pictures(second_placed.decoder(heard_codes[asked]).view(-1, 1, 14, 14), names)

# %% [markdown]
# The first placed model reads all drawings:

# %% tags=["nbval-ignore-output"]
drawings = second_placed.decoder(heard_codes)
read = DIGIT.labels(placed.encoder(drawings))["digit"]
print(f"spoken words drawn as the right digit: {metrics.accuracy(read, voices.digit):.0f} %")

# %% [markdown]
# ## What it costs, and where to be careful
#
# - **Labels.** An autoencoder needs none; placing needs one per item. So compare it with other methods that use labels, not with a plain VAE.
# - **Isn't this just a classifier plus ten pictures?** For reading, it is a classifier. What placing adds is that the same numbers read *and* draw, can be written by hand, and fit any other network that uses the same axes.
# - **Detail.** If every seven shares one code, the code cannot tell sevens apart. Exercise 4 shows that ten free numbers draw better.

# %% [markdown]
# - **Two things changed at once** between the first twins and the placed ones: the loss, and the size of the code, from two numbers to ten. Exercise 4 separates them.
# - **The data are easy**: six synthetic voices, the same in training and test. [Chapter 1](01_voice_becomes_image.ipynb) prints results on real voices.

# %% [markdown]
# ## What the paper says, and what we add
#
# The paper says that the trainer of a VAE has almost no control over where codes land. For the *original* VAE you have just seen it. In older VAEs that use labels (Kingma et al., 2014; Sohn et al., 2015) the label stands *beside* the code; here it decides the code's place.
#
# The paper calls its own model variational. It adds noise to the code, as our placed loss does, but has no KL term; normalizing keeps the code in bounds instead.

# %% [markdown]
# ## An open question
#
# The maps of two free autoencoders may differ by little more than a smooth deformation. Could one find it *without labels and without pairs*, from the shapes of the two maps alone? For word vectors of two languages this has been done, and for embeddings of speech and of text. For sounds and pictures like these, we know of no result.

# %% [markdown]
# ## What to remember
#
# - An autoencoder gives a map of codes; a VAE, whose loss adds the KL divergence from the standard normal, a smooth map and a distribution to draw from.
# - Neither loss determines where a code lands. The two trainings tried here could not decode each other's codes.
# - Placing adds a term that depends on code and label. Then `argmax` reads, handcrafted codes draw, and networks that were trained apart can be joined.
# - It costs labels, and detail.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a KL divergence by hand
#
# A cloud has mean 2 and deviation 1. What is its KL divergence from the standard normal?

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
# The mean contributes half of its square.
#
# </details>

# %% [markdown]
# ### Exercise 2: draw from a cloud
#
# Write `draw`: given mean, deviation and standard noise (mean 0, deviation 1), it returns a code from the cloud. It must not draw random numbers itself. Why?


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
# checks.vae_draw(draw)
# ```
#
# Gradients reach mean and deviation, which they could not through a random draw.
#
# </details>

# %% [markdown]
# ### Exercise 3: break it, with too large a beta
#
# Train a VAE with the loss `partial(vae_loss, beta=30)` and decode its means for the test pictures.
#
# Expected picture: ten times the same grey smudge, the average picture. The encoder outputs the standard normal for every picture, and the decoder ignores the code. This is called **posterior collapse**.

# %% tags=["exercise"]
collapsed = None  # what the model draws for the test pictures: [297, 196]
checks.vae_collapsed(collapsed)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# strict = train(twin(seed=0, heads=2), partial(vae_loss, beta=30))
# collapsed = strict.decoder(strict.encoder(test)[:, :2])
# figure = plots.pictures(collapsed[:10].view(-1, 1, 14, 14))
# checks.vae_collapsed(collapsed)
# ```
#
# Moving a cloud costs 30 times its KL divergence and can never save that much error, which is only a few units per picture.
#
# </details>

# %% [markdown]
# ### Exercise 4: is it the ten dimensions?
#
# Perhaps placed twins can decode each other's codes only because these are longer. Train two *free* autoencoders with ten numbers, `twin(0, 10)` and `twin(1, 10)`, and compute two errors: the first one's codes drawn by itself (`own`), and drawn by the second (`crossed`).

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
# print(f"free {own / average:.1f}, placed {error(placed, placed_codes) / average:.1f} of the average picture's error")
# checks.twins_free(own, crossed, average)
# ```
#
# Ten free numbers restore the picture better than ten placed ones, but no other network can decode them. Placing makes codes interchangeable; the cost is detail.
#
# </details>

# %% [markdown]
# ### Exercise 5: other axes
#
# Sevens need not be on axis 7. Move every digit three axes on: digit $d$ to axis $d + 3$, and after 9 start again at 0. Which labels must the training get instead of `studied.digit`?

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
# drawn = model.decoder(torch.eye(10)).view(-1, 1, 14, 14)
# figure = plots.pictures(drawn, [str(axis) for axis in range(10)])
# checks.placed_moved(moved, studied.digit)
# ```
#
# Axis 0 draws a seven now. The order is a convention, which all domains must share.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [The data, listened to](04_the_data.ipynb): what these voices and pictures contain, by ear and eye.
# - [Codes with categories](06_codes_with_categories.ipynb): who speaks *and* what is said, in one code.
# - [Disentanglement](09_disentanglement.ipynb): the disentanglement loss, term by term.
# - [Notation](notation.md): all symbols in one place.
