# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Voice to image
#
# [Chapter 1](01_voice_becomes_image.ipynb) showed that a spoken seven can draw a seven. This chapter asks the uncomfortable questions. How often does it work, and who says so? When it fails, who is to blame: the ear, the hand, or the judge? Is a trained bridge better than simply leaving numbers out? And how could one score full marks with pictures that are worth nothing?

# %% [markdown]
# ## Goals
#
# After this chapter you can
# - carry a voice code over to an image code in three ways: drop, snap, bridge;
# - trace a wrong picture back to the station that made it wrong;
# - train a bridge from two starts, and explain why one of them is at the goal before it begins;
# - read coherence, error and diversity together, and name a cheat for each of them alone.
#
# **Time:** 35 minutes to read, 1 minute to run.
#
# **Needs:** [Handcrafted codes](14_handcrafted_codes.ipynb) for ideal and unclear codes, [The voice VAE](11_the_voice_vae.ipynb) for the model that hears.

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
import matplotlib.pyplot as plt
import torch
from IPython.display import Audio, display

from olc_lib import checks, data, metrics, paper, plots, runs, train, transfer
from olc_lib.latent import IMAGE, VOICE
from olc_lib.ledger import claims, experiments
from olc_lib.reading import batched, read_digits
from olc_lib.systems import placed

# %%
trained = runs.load(run)
slim = runs.load("slim")
voices, images = placed.corpora(trained.settings, "test")

# %% [markdown]
# ## The simple way: drop
#
# A voice code is six numbers for the speaker and ten for the digit; an image code is one for the writer and ten for the digit. The simple way **drops** the speaker and inserts a 1 for the writer (Solhjoo & Rodolà, section 3.3). Nothing is trained.

# %%
code = batched(trained.voice.encode, trained.spectrogram(voices.waves, voices.lengths))
dropped = transfer.drop(code, VOICE, IMAGE)
by_hand = torch.cat([torch.ones(len(code), 1), code[:, 6:]], dim=1)
print(tuple(code.shape), "->", tuple(dropped.shape), "as by hand:", torch.equal(dropped, by_hand))


# %%
def draw(image_code):
    """What the image decoder draws."""
    return batched(trained.image.decode, image_code)


# %% [markdown]
# Here is our counterpart of the paper's Figure 10: ten clips of one speaker, one for each digit. Above what was said (as a log-mel picture), below what was drawn.

# %% mystnb={"image": {"alt": "Ten log-mel pictures of the spoken words zero to nine."}}
clips = [int(((voices.speaker == 3) & (voices.digit == d)).nonzero()[0]) for d in range(10)]
heard_as = trained.spectrogram(voices.waves[clips], voices.lengths[clips])
figure = plots.pictures(heard_as.flip(2), [str(d) for d in range(10)])

# %% mystnb={"image": {"alt": "Ten drawings, one below each log-mel picture: handwritten digits from 0 to 9."}}
figure = plots.pictures(draw(dropped[clips]))

# %% [markdown]
# ## The score
#
# A **judge** reads the drawings: a classifier that was trained on real pictures, apart from all our models. The share of drawings in which it reads what was said is called **coherence** ([chapter 1](01_voice_becomes_image.ipynb) met it first). Beside it stands how often the voice model itself is right, that is, how often the largest of its ten digit numbers is the right one.
#
# A share measured on a limited number of clips is uncertain, even if it is 100 %. The brackets hold Wilson's interval: what the true share may be, at 95 %. `voice_digit` is the ear, `transfer_drop` is dropping, and `transfer_bridge` a way that comes later in this chapter.

# %%
for name, own in ((run, trained), ("slim", slim)):
    measured = own.results["metrics"]
    print(f"{name}: {measured['voices']} clips")
    for key in ("voice_digit", "transfer_drop", "transfer_bridge"):
        low, high = metrics.wilson(measured[key], measured["voices"])
        print(f"  {key:16} {measured[key]:5.1f} % ({low:.1f} to {high:.1f})")

# %% [markdown]
# The paper shows drawings and calls them acceptable; it counts nothing, so there is no number of theirs to put here.
#
# Now subtract. Clips that the voice model reads wrong are one matter. The rest of the failures were *heard right* and got lost on the way. Subtraction gives the fewest that these can be, for a misheard clip may be drawn right by luck:

# %%
for name, own in ((run, trained), ("slim", slim)):
    measured, n = own.results["metrics"], own.results["metrics"]["voices"]
    misheard, failed = (round(n * (1 - measured[key] / 100)) for key in ("voice_digit", "transfer_drop"))
    print(f"{name}: {misheard} misheard, {failed} wrong drawings: at least {max(0, failed - misheard)} lost on the way")

# %% [markdown]
# ## A noisy room
#
# On the small clean corpus of this page there may be nothing to lose. To study failures we need some, so let us make the room noisy: white noise, at a twentieth of each clip's peak. Listen to a clip without and with it.

# %%
generator = torch.Generator().manual_seed(0)
peak = voices.waves.abs().amax(1, keepdim=True)
inside = torch.arange(voices.waves.shape[1]) < voices.lengths[:, None]
noise = 0.05 * peak * torch.randn(voices.waves.shape, generator=generator)
noisy_waves = voices.waves + noise * inside

# %%
for waves in (voices.waves, noisy_waves):
    display(Audio(waves[clips[1], : voices.lengths[clips[1]]].numpy(), rate=data.RATE))

# %% [markdown]
# You will hardly have trouble. The model has: its log-mel picture reaches 60 dB down, and there the noise fills in everything that was dark. The fainter noise of its training ([chapter 11](11_the_voice_vae.ipynb)) did not prepare it for this.

# %% mystnb={"image": {"alt": "Two log-mel pictures of the word one. Clean: bright bands on a dark ground. Noisy: the same bands, but the ground between them, above all in the upper half, has become nearly as bright."}}
picture = trained.spectrogram(noisy_waves, voices.lengths)
figure = plots.sounds(torch.stack([heard_as[1], picture[clips[1]]]), ["clean", "noisy"], columns=2)

# %%
noisy = batched(trained.voice.encode, picture)
said, heard = voices.digit, VOICE.labels(noisy)["digit"]
drawn = draw(transfer.drop(noisy, VOICE, IMAGE))
read = read_digits(trained.image_classifier, drawn)
print(f"noisy clips: heard right {metrics.accuracy(heard, said):.0f} %", end=", ")
print(f"coherence {metrics.accuracy(read, said):.0f} %")

# %% [markdown]
# Many failures, and far more of them in the drawings than in the ear. Which digits are taken for which?

# %% mystnb={"image": {"alt": "Confusion matrix for noisy clips, spoken digit against digit read by the judge. Most counts are on the diagonal; a single column collects most of the mistakes."}}
names = [str(d) for d in range(10)]
figure = plots.heat(metrics.confusion(read, said), names, names, "read by the judge", "spoken")

# %%
mistakes = metrics.confusion(read, said).fill_diagonal_(0).sum(0)
favourite = int(mistakes.argmax())
print(f"{int(mistakes.sum())} mistakes; in {int(mistakes[favourite])} of them the judge read a {favourite}")

# %% [markdown]
# White noise is a hiss. If the favourite above is the 6, ask yourself which of the ten words begins and ends with one: to the model, everything said in this room sounds a little like *six*.
#
# The codes can tell. Here is the average digit block of the noisy clips, spoken digit by spoken digit:

# %% mystnb={"image": {"alt": "Table of ten rows and ten columns, average digit blocks of noisy clips. The diagonal is bright, and one column is brighter than the others in every row."}}
average = torch.stack([VOICE.split(noisy)["digit"][said == d].mean(0) for d in range(10)])
figure = plots.heat(average, names, names, "coordinate", "spoken")

# %% [markdown]
# ## One failure at a time
#
# Three stations stand between a sound and a verdict: the voice model *hears*, the decoder *draws*, the judge *reads*. Each can be wrong. First look. Above each picture: said, heard, read.

# %% mystnb={"image": {"alt": "Twelve drawings of noisy clips that the judge read wrong. Some are clear pictures of another digit; many are cross-breeds of two digits."}}
failed = (read != said).nonzero()[:, 0]
shown = failed[:12]
figure = plots.pictures(drawn[shown], [f"{said[i]} · {heard[i]} · {read[i]}" for i in shown], columns=6, size=1.1)

# %% [markdown]
# Where the middle number differs from the first, the matter is clear: the ear was wrong, and the hand drew what it was told. Where the first two agree, the right digit *was* the largest number of the code.
#
# How far was it ahead? That is called the **margin**: largest minus second largest. If unclear codes are the cause, failures must have small margins.

# %%
best = VOICE.split(noisy)["digit"].topk(2, dim=1).values
margin = best[:, 0] - best[:, 1]
right_ear = heard == said
print(f"heard right, drawing right: median margin {margin[right_ear & (read == said)].median():.2f}")
print(f"heard right, drawing wrong: median margin {margin[right_ear & (read != said)].median():.2f}")

# %% [markdown]
# They do. Here is a typical failure (the middle one, sorted by margin) next to the same clip without noise.

# %% mystnb={"image": {"alt": "Two bar charts of voice codes. Clean: one tall digit bar. Noisy: the same digit bar is still the largest, but lower, and another one has grown towards it."}}
lost = (right_ear & (read != said)).nonzero()[:, 0]
i = int(lost[margin[lost].argsort()][len(lost) // 2])
figure = plots.codes(torch.stack([code[i], noisy[i]]), VOICE, [f"says {said[i]}, clean", f"noisy, read as {read[i]}"])

# %% [markdown]
# The winner is right, but no longer far ahead. The decoder does what it does with every code between two digits ([chapter 14](14_handcrafted_codes.ipynb)): it draws a cross-breed.
#
# That is a hint, not a proof. A proof swaps a single station and leaves the others alone, as you would look for a broken bulb in a chain of lights.
#
# - **Swap the code** for the ideal one of the digit that was *heard*. If the drawing is now read right, decoder and judge are fine, and the unclear code was to blame.
# - **Swap the judge** for another reader, of quite another kind: the vote of the 15 most similar pictures in the training set.


# %%
def snap(code):
    """The nearest handcrafted image code: the largest digit becomes 1, all others 0."""
    digit = VOICE.labels(code)["digit"]
    return torch.stack([IMAGE.handcrafted(digit=int(d)) for d in digit])


swapped = read_digits(trained.image_classifier, draw(snap(noisy)))

# %%
library = data.images(trained.settings.images, "train")
shelf = trained.image.normalize(library.pixels)


def neighbours(pictures, k=15):
    """Another reader: the digit most frequent among the k nearest training pictures."""
    nearest = torch.cdist(pictures.flatten(1), shelf.flatten(1)).topk(k, largest=False).indices
    return library.digit[nearest].mode(1).values


other = neighbours(drawn)
real = trained.image.normalize(images.pixels)
print(f"the other reader, on real test pictures: {metrics.accuracy(neighbours(real), images.digit):.1f} % right")

# %%
mended = swapped[lost] == said[lost]
print(f"wrong drawings: {len(failed)}")
print(f"  misheard, the voice model's fault:          {len(failed) - len(lost)}")
print(f"  heard right, read right after the swap:     {int(mended.sum())}")
print(f"  heard right, still wrong, decoder or judge: {int((~mended).sum())}")
agree = int((other[lost] == said[lost]).sum())
print(f"of the {len(lost)} heard right, the other reader sees the spoken digit in {agree}")

# %% [markdown]
# Every failure that the swap repairs acquits decoder and judge: given a clear code, the one drew a clear digit, and the other read it. But the judge is no oracle. Where the other reader sees the spoken digit and the judge does not, a cross-breed lies between them. Two honest readers may differ, and the best answer would be "both".
#
# What is left is the code, and that is the voice model again, in a finer way: it chose rightly, and was *unsure*. Dropping hands its doubts over in full, and the decoder draws them.

# %% [markdown]
# ## Snapping
#
# The swap was an experiment. It is also a method: **snap** every code to the nearest handcrafted one, and decode that. What does it gain?

# %%
for name, given in (("clean", code), ("noisy", noisy)):
    for way, carried in (("drop", transfer.drop(given, VOICE, IMAGE)), ("snap", snap(given))):
        coherence = metrics.accuracy(read_digits(trained.image_classifier, draw(carried)), said)
        print(f"{name}, {way}: coherence {coherence:5.1f} %")
    ear = metrics.accuracy(VOICE.labels(given)["digit"], said)
    print(f"{name}, the ear itself:  {ear:5.1f} %")

# %% [markdown]
# With ten good drawings, snapping is exactly as good as the ear: a drawing is right if and only if the largest number was. That is an argument, not a measurement. So it holds for `slim` as well, and we need not run its recordings to know what snapping would score:

# %%
measured = slim.results["metrics"]
if measured["handcrafted"] == 10:
    print(f"slim: dropping scored {measured['transfer_drop']:.1f} %", end=", ")
    print(f"snapping would score {measured['voice_digit']:.1f} %")

# %% [markdown]
# Is it a good idea? It has a price. A snapped system owns ten pictures, for ever the same; you could keep them in a drawer and throw the decoder away. And it hides doubt: a mumbled word gives as crisp a picture as a clear one. If a wrong answer is cheap and a good-looking one is wanted, snap. If somebody is to see that the machine was unsure, drop.

# %% [markdown]
# ## The bridge
#
# The paper's other way is a small trained network between the two codes, the **bridge**. Table 10 gives three convolutions, each with 64 channels that slide along the 16 numbers. What the table does not give is how 16 numbers become 11; here a fully connected layer does that, and the result is normalized by category.

# %%
for name, layer in zip(("L1", "L2", "L3"), paper.BRIDGE_LAYERS, strict=True):
    print(name, dict(layer._asdict()))
bridge = transfer.Bridge(VOICE, IMAGE)
head = bridge.stack[-1]
print(f"head {head.in_features} -> {head.out_features}")
print(f"in all {sum(p.numel() for p in bridge.parameters()):,} parameters")

# %% [markdown]
# It learns by the reconstruction loss alone: carry a training word's code over, let the frozen decoder draw it, compare with a real picture of that digit. Which one? Nobody has paired words with pictures, so it is another one every time, drawn at random.
#
# Where does it start? The library offers two places. `residual=True` starts from dropping and learns what to *add* to it; its last layer begins at zero, so at first it adds nothing. `residual=False` starts anywhere, with random weights, as a network usually does.

# %%
torch.manual_seed(0)
start = {"from dropping": transfer.Bridge(VOICE, IMAGE), "from anywhere": transfer.Bridge(VOICE, IMAGE, residual=False)}
for name, untrained in start.items():
    carried = batched(untrained, code)
    same = torch.allclose(carried, dropped, atol=1e-5)
    coherence = metrics.accuracy(read_digits(trained.image_classifier, draw(carried)), said)
    print(f"{name}, no step: the same as dropping: {same}, coherence {coherence:.0f} %")

# %% [markdown]
# One of them is at the goal before it begins. Now train both *lightly*, as the paper says: for 25, 100 and 200 steps, and the one from anywhere for 400 as well.

# %%
words, spectrogram = data.voices(trained.settings.voices, "train"), trained.spectrogram
fine = spectrogram.fine_spectrogram(words.waves, words.lengths)
tensors = transfer.bridge_codes(trained.voice, fine, spectrogram.augment, words.digit, seed=0, copies=1)


def lightly(residual, steps):
    """A bridge after so many steps of 32 words each."""
    torch.manual_seed(0)
    bridge = transfer.Bridge(VOICE, IMAGE, residual)
    loss = transfer.bridge_loss(bridge, trained.image, library.pixels, library.digit)
    train.fit(bridge, loss, tensors, steps, batch_size=32, lr=1e-3, progress=False)
    return bridge.eval()


counts = (25, 100, 200)
bridges = {(residual, steps): lightly(residual, steps) for residual in (True, False) for steps in counts}
bridges[False, 400] = lightly(False, 400)

# %% mystnb={"image": {"alt": "Four rows of ten drawings from the bridge that started anywhere, after 25, 100, 200 and 400 steps. First ten times nearly the same blot; then some digits; in the last rows nearly all the digits 0 to 9."}} tags=["nbval-ignore-output"]
rows = torch.cat([draw(batched(bridges[False, steps], code[clips])) for steps in (*counts, 400)])
figure = plots.pictures(rows, size=0.7, rows=[f"{steps} steps" for steps in (*counts, 400)])

# %% [markdown]
# A row for each number of steps. From anywhere, it first finds one picture that is not too bad for all words: something like the average of all digits. Then one digit after the other breaks away. And from dropping:

# %% mystnb={"image": {"alt": "Three rows of ten drawings from the bridge that started from dropping, after 25, 100 and 200 steps: clear digits 0 to 9 in every row, hardly changing."}} tags=["nbval-ignore-output"]
rows = torch.cat([draw(batched(bridges[True, steps], code[clips])) for steps in counts])
figure = plots.pictures(rows, size=0.7, rows=[f"{steps} steps" for steps in counts])

# %% [markdown]
# ## Three numbers, not one
#
# What has the bridge from dropping learned, if its digits were right all along? We need more than coherence:
#
# - **error**: the root mean square difference between a drawing and all real pictures of its digit;
# - **diversity**: the root mean square difference between two drawings of the same digit.


# %%
def three(pictures, digits):
    """Coherence, error, diversity as one line of text."""
    coherence = metrics.accuracy(read_digits(trained.image_classifier, pictures), digits)
    error = metrics.class_error(pictures, digits, real, images.digit)
    return f"coherence {coherence:5.1f} %, error {error:.3f}, diversity {metrics.diversity(pictures, digits):.3f}"


print("drop:", three(draw(dropped), said))

# %% tags=["nbval-ignore-output"]
for (residual, steps), bridge in bridges.items():
    name = "from dropping" if residual else "from anywhere"
    print(f"{name}, {steps:3} steps:", three(draw(batched(bridge, code)), said))

# %% [markdown]
# From dropping, the longer the training, the lower the error, and diversity goes down with it. The bridge learns to draw the *typical* digit, whatever the word sounded like. That is what it was asked for: its partner is a random picture of the digit, and the best answer to "guess which one I shall draw" is their mean.

# %% [markdown]
# From anywhere, diversity is low all along: at first every word gets the same picture, later every word of a digit. It ends at typical digits, too, but must find the ten of them on the way. So "lightly" depends on the start: from dropping, no step is needed to be as good as dropping; from anywhere, a few hundred.

# %% [markdown]
# Typical pictures could be useful where codes are unclear. Here are the noisy clips again. None of these bridges has met this noise in training. The *bridge of the run* starts from dropping as well; it saw more words, and more augmented copies of each.

# %% tags=["nbval-ignore-output"]
ways = {"drop": transfer.drop(noisy, VOICE, IMAGE), "snap": snap(noisy)}
ways["bridge of the run"] = batched(trained.bridge, noisy)
ways["from dropping, 200 steps"] = batched(bridges[True, 200], noisy)
ways["from anywhere, 400 steps"] = batched(bridges[False, 400], noisy)
for name, carried in ways.items():
    coherence = metrics.accuracy(read_digits(trained.image_classifier, draw(carried)), said)
    print(f"{name:25} noisy clips: coherence {coherence:.0f} %")

# %% [markdown]
# Snapping sets the mark, for it throws away all doubt. A bridge that does better than dropping has learned a little of the same: to push an unclear code towards a typical one. A bridge from dropping always adds to what was dropped, doubts included; the other is free to forget them. Whether that decides, one training cannot show.

# %% [markdown]
# Why does the search for ten digits take its time? Suppose a word has settled on the picture of a wrong digit. To reach the right one, its code has to turn by 90°. Walk along, and watch the error against real pictures of the *right* digit. It stands for the loss here.


# %% mystnb={"image": {"alt": "Error against real pictures of the right digit, along three turns from a wrong digit at 0 degrees to the right one at 90. One falls nearly all the way, the two others climb a hill before they fall."}}
def road(wrong, right):
    """Errors against real pictures of `right` on the way from the code of `wrong` to its own."""
    turn = torch.deg2rad(torch.arange(0, 91, 5.0))[:, None]
    way = turn.cos() * IMAGE.handcrafted(digit=wrong) + turn.sin() * IMAGE.handcrafted(digit=right)
    way[:, 0] = 1
    return [metrics.class_error(p[None], torch.tensor([right]), real, images.digit) for p in draw(way)]


figure, axis = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
for k, (wrong, right) in enumerate(((8, 3), (0, 6), (0, 1))):
    line = ("-", "--", "-.")[k]
    axis.plot(range(0, 91, 5), road(wrong, right), line, color=plots.COLOURS[k], label=f"{wrong} to {right}")
axis.set(xlabel="degrees turned towards the right digit", ylabel="error")
axis.legend(frameon=False)
plt.show()

# %%
roads = [road(a, b) for a in range(10) for b in range(10) if a != b]
hills = sum(max(errors) > errors[0] + 0.003 for errors in roads)
print(f"{hills} of {len(roads)} roads go uphill first")

# %% [markdown]
# (A rise counts if it is more than a trifle.) Not every road has such a hill. Where there is one, half a wrong digit and half a right one is *worse* than a whole wrong digit, so a training that walks downhill does not set out. It has to find a way round through the other coordinates, which may be one reason why it takes so many steps. The reconstruction loss compares dots; it does not know what a digit is. Equation 5 did know, and dropping uses what it learned.

# %% [markdown]
# ## Full marks for nothing
#
# Here is a system that cannot draw, and cannot even hear: it is told the digit, and shows the mean of all training pictures of it. We call that *fog*. (The small pictures of this page are well centred, so their fog is thin; that of MNIST is thicker.)

# %% mystnb={"image": {"alt": "Ten mean pictures of the digits 0 to 9: each digit as the overlay of many hands, some clear, some foggy such as the 1."}}
mean_pictures = torch.stack([shelf[library.digit == d].mean(0) for d in range(10)])
figure = plots.pictures(mean_pictures)

# %%
print("mean pictures:", three(mean_pictures[said], said))
print("drop:         ", three(draw(dropped), said))
print("snap:         ", three(draw(snap(code)), said))
print("bridge of run:", three(draw(batched(trained.bridge, code)), said))
print("real pictures:", three(real, images.digit))

# %% [markdown]
# By coherence and by error, fog is unbeatable. And *real handwriting has the worst error of all*. So neither of these numbers, nor both together, tells good drawings from fog. Diversity does: it is 0 for the fog.
#
# Check the last line with a pencil. Let $s$ be the spread of a class around its mean picture. Two real pictures drawn at random differ by $\sqrt{s^2 + s^2} = \sqrt 2\, s$. For real pictures this is the error *and* the diversity, so the two agree (nearly: the error also compares each picture with itself). A perfect drawer would match that line in all three numbers.

# %% [markdown]
# Measured by this, all our ways are closer to fog than to handwriting: their diversity is a fraction of the real one. And what is it made of? Take the digit with the most diverse drawings, and look: drawings of ten clips, those with the smallest margin first; below, ten real pictures.

# %% mystnb={"image": {"alt": "Two rows of ten pictures of the same digit. Top: drawings from ten clips, nearly alike, the first few a little torn. Bottom: ten real pictures in ten different hands."}}
clean = draw(dropped)
spreads = [metrics.diversity(clean[said == d], said[said == d]) for d in range(10)]
digit = spreads.index(max(spreads))
best = VOICE.split(code)["digit"].topk(2, dim=1).values
mine = (said == digit).nonzero()[:, 0]
mine = mine[(best[mine, 0] - best[mine, 1]).argsort()][:10]
figure = plots.pictures(torch.cat([clean[mine], real[images.digit == digit][:10]]), size=0.8)

# %% [markdown]
# The real ones differ in slant, width, style. The drawings differ little, and what differs is *doubt*: the code has ten numbers for which digit it is, and none for how it is written. So what diversity dropping has is not handwriting, and the bridge is right to remove it if typical pictures are wanted.
#
# The same three numbers on real data, from the stored results of `slim`:

# %%
measured = slim.results["metrics"]
for way in ("drop", "bridge"):
    low, high = metrics.wilson(measured[f"transfer_{way}"], measured["voices"])
    print(f"{way:6} coherence {measured[f'transfer_{way}']:.1f} % ({low:.1f} to {high:.1f})", end=", ")
    error, diversity = (measured[f"transfer_{way}_{what}"] for what in ("error", "diversity"))
    print(f"error {error:.3f}, diversity {diversity:.3f}")
print(f"real pictures: diversity {measured['images_diversity']:.3f}")

# %% [markdown]
# Overlapping intervals do not prove two ways equal; both carried the same clips, so comparing clip by clip would be sharper. But another training may turn out otherwise, and only several trainings can show that.

# %% [markdown]
# ## Over seeds
#
# The experiment *crossing* trains a short image model and a short voice model on MNIST and FSDD, from another random start for each seed, and carries the test clips over by dropping and by bridges: `bridge_25` starts from dropping and has 25 steps, `free_25` starts anywhere. The brackets hold the 95 % interval of the mean over trainings. With few of them it is wide, and may even pass 0 or 100: the formula does not know that percentages end there.

# %%
arm = experiments.read("crossing").get("as built", [])
print(f"{len(arm)} trainings" if arm else "not measured yet")
bridging = [f"{start}_{steps}" for start in ("bridge", "free") for steps in (25, 100, 200)]
for key in ("voice_digit", "drop", *bridging):
    if arm:
        print(f"{key:12}", claims.shown(*experiments.interval(experiments.values(arm, key)), " %"))

# %% mystnb={"image": {"alt": "Coherence against training steps of the bridge. Started from dropping (solid), it begins at the level of dropping and stays there or rises. Started anywhere (dashed), it begins low and climbs. Dotted lines show how often the voice codes are right."}}
figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
for record in arm:
    result = record["results"]
    near = [result[key] for key in ("drop", "bridge_25", "bridge_100", "bridge_200")]
    free = [result[key] for key in ("free_25", "free_100", "free_200")]
    first = {"label": "from dropping"} if record is arm[0] else {}
    axis.plot([0, 25, 100, 200], near, "o-", color=plots.COLOURS[0], alpha=0.7, **first)
    first = {"label": "from anywhere"} if record is arm[0] else {}
    axis.plot([25, 100, 200], free, "s--", color=plots.COLOURS[5], alpha=0.7, **first)
    axis.axhline(result["voice_digit"], color="grey", linestyle=":", linewidth=0.8)
axis.set(xlabel="steps (0: dropping)", ylabel="coherence, %", ylim=(0, 101))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# Each line is one training; dotted lines show how often the voice codes themselves are right, and so what snapping would reach with ten good drawings. Look at two gaps: from dropping up to the dotted lines, the price of doubt; and from dropping to the bridges, which may win a part of it back. With differences taken seed by seed, chance usually has less to say:

# %%
for first, second in (("drop", "voice_digit"), ("bridge_200", "drop"), ("free_200", "drop")):
    if arm:
        pairs = zip(experiments.values(arm, first), experiments.values(arm, second), strict=True)
        gain = experiments.interval([a - b for a, b in pairs])
        print(f"{first:10} minus {second:11}", claims.shown(*gain, " points"))

# %% [markdown]
# An interval that holds 0 means: no difference shown. The ledger turns this into verdicts on what the paper claims, by rules that are written down in code:

# %%
for claim in claims.CLAIMS:
    if claim.files == ("crossing",):
        measured_text, verdict = claim.verdict()
        print(f"{claim.text} Rule: {claim.rule}.\n{verdict.upper()}: {measured_text}\n")

# %% [markdown]
# ## Where the paper leaves a choice
#
# - **The head of the bridge.** From 16 to 11 numbers: not given. Here one fully connected layer, normalized by category.
# - **Its start.** Not given. Here from dropping; `residual=False` is the other one.
# - **Pairs.** "Corresponding images" may be one fixed picture for each word, or any of the digit. Here any.
# - **"Lightly".** No number of steps. Here 200 to 400 in the runs.
# - **Clear or unclear codes.** Codes of the clips a voice model was trained on are clearer than those of new ones. Here the bridge sees augmented clips, so that it meets unclear codes, too.

# %% [markdown]
# ## What to remember
#
# - Dropping carries over the voice model's doubts, too, and the decoder draws them as cross-breeds.
# - Find the culprit by swapping one station at a time. Here it is mostly an unclear code.
# - With ten good drawings, snapping makes the picture as good as the ear, and reduces the image model to ten stored pictures.
# - A bridge learns the typical picture. Starting from dropping, it is as good as dropping before the first step; starting anywhere, it must find the digits by a loss that does not know them. What it gains, it gains on unclear codes.
# - Coherence and error both prefer fog. Print diversity beside them, with the value of real pictures.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: fog and ink by pencil
#
# In a world of digits, the spread of a class around its mean picture is $s = 0.14$. Compute (a) error and (b) diversity of a system that always shows the mean picture; (c) error and (d) diversity of one that shows a random real picture of the right digit.

# %% tags=["exercise"]
four = None  # (a, b, c, d)
checks.crossing_by_hand(four)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# four = (0.14, 0, 0.14 * 2**0.5, 0.14 * 2**0.5)
# checks.crossing_by_hand(four)
# ```
#
# 0.14, 0, 0.198, 0.198. The better system has the larger error.
#
# </details>

# %% [markdown]
# ### Exercise 2: between dropping and snapping
#
# Write `sharpen(code, p)`: voice codes `[B, 16]` to image codes `[B, 11]`. Raise the absolute value of each digit coordinate to the power `p`, keep its sign, bring the block to length 1 again, and put the writer in front. `p = 1` is dropping; a large `p` is snapping. Then try 1, 2, 4 and 8 on the noisy clips: what does `three` say about them?


# %% tags=["exercise"]
def sharpen(code, p):
    return None


checks.crossing_sharpen(sharpen)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def sharpen(code, p):
#     block = VOICE.split(code)["digit"]
#     block = block.sign() * block.abs() ** p
#     return IMAGE.normalize(torch.cat([torch.ones(len(code), 1), block], dim=1))
#
#
# for p in (1, 2, 4, 8):
#     print(p, three(draw(sharpen(noisy, p)), said))
# checks.crossing_sharpen(sharpen)
# ```
#
# Coherence grows with `p`, then levels off, and diversity shrinks. A moderate power wins most of what snapping wins, and leaves a truly unclear code unclear.
#
# </details>

# %% [markdown]
# ### Exercise 3: when to keep quiet
#
# A careful system refuses to draw if the margin is below a limit. Write `refuse(margin, read, said, limit)` that returns two numbers in percent: the share of clips that is refused, and the coherence of the others. Try limits of 0, 0.2 and 0.4 on the noisy clips.


# %% tags=["exercise"]
def refuse(margin, read, said, limit):
    return None


checks.crossing_refuse(refuse)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# def refuse(margin, read, said, limit):
#     kept = margin >= limit
#     return 100 * (~kept).float().mean().item(), metrics.accuracy(read[kept], said[kept])
#
#
# for limit in (0, 0.2, 0.4):
#     print(limit, "refused {:.0f} %, coherence {:.0f} %".format(*refuse(margin, read, said, limit)))
# checks.crossing_refuse(refuse)
# ```
#
# The margin is a usable measure of doubt, and it comes for free with a placed code. The command `python -m olc_lib demo` uses it to say that it is unsure.
#
# </details>

# %% [markdown]
# ### Exercise 4: break it
#
# You know a cheat for coherence and error. Now cheat on all three numbers: make `pictures`, one for each clip (`said` has the digits), with a coherence of at least 95 % and a diversity of at least nine tenths of the real one, without any decoder. You should see: full marks, and nothing was drawn.

# %% tags=["exercise"]
pictures = mean_pictures[said]
checks.crossing_cheat(pictures, said, trained)

# %% [markdown]
# <details>
# <summary>Solution</summary>
#
# ```python
# generator = torch.Generator().manual_seed(0)
# chosen = [(library.digit == d).nonzero()[:, 0] for d in said]
# chosen = [int(rows[torch.randint(len(rows), (), generator=generator)]) for rows in chosen]
# pictures = shelf[chosen]
# print(three(pictures, said))
# checks.crossing_cheat(pictures, said, trained)
# ```
#
# A random *training picture* of the digit passes every test. Noise on the mean pictures does not: the judge stumbles first. To catch this cheat one must ask for something new, for example how far a drawing is from its nearest training picture.
#
# </details>

# %% [markdown]
# ## Where next
#
# - [Six directions](16_six_directions.ipynb): the way back, from a picture to a voice, and all the others.
# - [A voice never heard](18_a_voice_never_heard.ipynb): what the ear does with a stranger.
# - [The ledger](ledger.ipynb): every claim with its verdict.
