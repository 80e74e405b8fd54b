# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One picture, two slots
#
# Take the sketch of a bag and the photograph of a shoe. Can a network make the photograph of *that* bag and the sketch of *that* shoe, if nobody ever shows it a sketch and a photograph of the same thing?
#
# ![Block diagram of a neighbouring system: two pictures, two encoders, code 1, code 2, exchange, generator, two new pictures. Lit here: two codes that change places.](_static/spine/one_picture_two_slots.svg)
#
# Wendi Li, in a project report ([References](references.md); here *the paper*), proposes an elegant answer: two encoders, one generator, and two codes that change places. We build it as printed, watch it fail, and find out why. For this we need adversarial training, which is new in this book. The next chapter repairs the model.
#
# **Time:** 30 minutes to read, one minute to run.
#
# **Needs:** [One object, many appearances](03_one_object_many_appearances.ipynb) for autoencoders and codes.

# %% [markdown]
# ## Goals
#
# After this chapter you can
#
# - write the losses of a generator and a discriminator, and train both in turns;
# - say why such a game may circle for ever, and what a gradient penalty does about it;
# - draw the dual model, and name what each slot of its generator should decide;
# - find out whether a translation depends on its input at all.

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

import matplotlib.pyplot as plt
import torch
from IPython.display import HTML
from torch import nn

from olc_lib import checks, plots
from olc_lib.ledger import claims
from olc_lib.systems import dual, fit_stage
from olc_lib.systems.dual import measures, nets, pictures, training
from olc_lib.train import Turn, fit

# %% [markdown]
# ## Two forms of two classes
#
# The paper uses bags and shoes, as sketches and as photographs ("entities"). This chapter runs without a download, so it takes handwritten digits: *round* ones with a hole (0, 6, 8, 9) and ones made of *strokes* (1, 4, 7). A solid digit is the picture as it is. Its **sketch** is the morphological gradient: around each pixel, the largest minus the smallest value in 3 × 3 pixels. It is zero where the picture is flat, so only outlines remain.

# %% mystnb={"image": {"alt": "Four rows of eight digits: outlines of round digits, solid strokes, solid round digits, outlines of strokes."}}
pairs = pictures.paired("embedded", "test", 100)
names = {"x1": "sketch, round", "x2": "solid, stroke", "u": "solid, round", "v": "sketch, stroke"}
figure = plots.mosaic([list(pairs[name][:8]) for name in names], list(names.values()), size=0.8)

# %% [markdown]
# The first two rows are the inputs $x_1$ and $x_2$. The last two are what we want to see, $u$ and $v$. The model is trained with pictures of all four kinds, but **unpaired**: digits that are given as sketches are other ones than those that are given as solid. Only the test knows which belong together, so only here do columns match.

# %%
data = pictures.unpaired("embedded")
print({name: tuple(some.shape) for name, some in data.items()})

# %% [markdown]
# ## Adversarial training in twenty lines
#
# How do you train a network to draw a solid digit if you cannot say *which*? Goodfellow et al. (2014) add a second network, the **discriminator** $D$. It outputs the probability that a picture is real and not made. Both play a game:
#
# $$\min_G \max_D \; \mathbb E_{x}[\log D(x)] + \mathbb E_{z}[\log(1 - D(G(z)))].$$
#
# This is the paper's Eq. 4. The discriminator learns the difference between real and made pictures; the generator learns to leave none. Nobody compares a made picture with a certain real one.

# %% [markdown]
# The smallest such game has two numbers (Mescheder et al. 2018). All data are $0$. The generator always draws the number $\theta$. The discriminator has the slope $\psi$: the logit of $D(x)$ is $\psi x$. The best outcome is $\theta = 0$.
#
# In `olc_lib`, a step may consist of several **turns**. Each has its own loss, and moves only its own weights.


# %%
def play(penalty, steps=200):
    game = nn.Module()
    game.theta, game.psi = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(1.0))

    def logit(x):
        return game.psi * x

    def discriminator(batch, step, generator):
        fake = game.theta.detach().expand(8, 1)
        loss = training.non_saturating(logit(batch["x"]), logit(fake))
        return loss + penalty * training.r1(logit, batch["x"]), {"psi": game.psi.detach().clone()}

    def generator(batch, step, generator):
        loss = training.minimax(None, logit(game.theta.expand(8, 1)))
        return loss, {"theta": game.theta.detach().clone()}

    options = {"lr": 0.1, "betas": (0.0, 0.99), "constant": True}
    turns = [Turn(discriminator, [game.psi], **options), Turn(generator, [game.theta], **options)]
    return fit(game, turns, {"x": torch.zeros(8, 1)}, steps)


# %% mystnb={"image": {"alt": "Two paths of theta and psi from the point (1, 1). Without the penalty the path circles around the origin; with it, it runs into the origin."}}
figure, axes = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True, layout="constrained")
for axis, penalty, title in zip(axes, (0.0, 2.0), ("Eq. 4 alone", "with R1"), strict=True):
    path = play(penalty)
    axis.plot(path["theta"], path["psi"], color=plots.COLOURS[0], linewidth=1)
    axis.plot(0, 0, "+", color=plots.COLOURS[5], markersize=14)
    axis.set(title=title, xlabel="generator's number", xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
axes[0].set_ylabel("discriminator's slope")
print(f"generator's number at the end: {path['theta'][-1].abs():.2f} with R1")
plt.show()

# %% [markdown]
# Without help the two chase each other in a circle. When $\theta$ is right, the slope $\psi$ still pushes it on. The remedy on the right is called **R1**: half the squared gradient of the discriminator at real data, added to its loss. A discriminator that has no reason to prefer anything becomes flat, and the generator comes to rest.

# %%
print(inspect.getsource(training.r1).split('"""')[-1])

# %% [markdown]
# One more detail. In Eq. 4 the generator minimizes $\log(1 - D)$. Where the discriminator is sure that a picture is made, this curve is flat, and the generator learns almost nothing when it most needs to. Goodfellow et al. therefore already minimize $-\log D$ instead, the **non-saturating** loss. "GAN loss", which is all that Algorithm 1 says, usually means this one, and we take it.

# %%
logits = torch.tensor([-6.0, 0.0, 2.0], requires_grad=True)
for loss in (training.minimax, training.non_saturating):
    slopes = [torch.autograd.grad(loss(None, logit[None]), logit)[0].item() for logit in logits.unbind()]
    print(f"{loss.__name__:15}", [f"{slope:.3f}" for slope in slopes])

# %% [markdown]
# ## The dual model
#
# Now the paper's Figure 2. Encoder $E_1$ reads a sketch, $x_1$, and outputs the code $z_1$. Encoder $E_2$ reads a solid picture, $x_2$, and outputs $z_2$. The generator takes two codes, one behind the other:
#
# - $G(z_1, z_2)$ is to be a *solid round* digit. Discriminator $D_1$ compares it with real ones.
# - $G(z_2, z_1)$ is to be a *sketch of a stroke* digit. Discriminator $D_2$ compares it with real ones.
#
# Same codes, other places, other picture. So the **first slot** must decide the class, and the **second slot** the form.

# %%
print(inspect.getsource(nets.Translator.forward).split('"""')[-1])

# %% [markdown]
# The appendix prints all three networks, layer by layer. They are constants in `olc_lib`, and a test builds them at full size. This is the encoder; each code has 4,096 numbers:

# %%
rows = [[row.kind, f"{row.kernel}×{row.kernel}", f"{row.side}×{row.side}×{row.channels}"] for row in nets.ENCODER]
HTML(claims.table(["layer", "kernel", "output"], rows))

# %%
for name in ("encoder", "discriminator", "generator"):
    for size, net in (("printed", getattr(nets, name)()), ("here", getattr(nets, name)(28, 1, 0.125))):
        print(f"{name:14} {size:8} {sum(weight.numel() for weight in net.parameters()):>10,} weights")

# %% [markdown]
# For pictures of 28 × 28 there is one level less, and every layer has an eighth of the channels, but not fewer than eight. The rules stand in `nets.scaled`.
#
# Algorithm 1 has five lines. Each step encodes a batch, makes both translations, and lets the discriminators move; then encoders and generator move. There is no other term: no label, no pair, no reconstruction.

# %% [markdown]
# ## As printed
#
# We train it right here, without adding anything to its loss.

# %%
settings = dual.Single("embedded", training=dual.Training(steps=200, batch_size=16, lr=1e-3), it=dual.Member())
models = dual.build(settings)
(stage,) = dual.stages(settings)
history = fit_stage(stage, models, settings)
printed = models["it"].eval()

# %% tags=["nbval-ignore-output"] mystnb={"image": {"alt": "Losses over 200 steps: that of the discriminators and that of the generator. Both go up and down, and neither settles at zero."}}
figure = plots.history(history, ["judges", "fooling"], smooth=10)

# %% [markdown]
# *Judges* is the loss of the discriminators, *fooling* that of the generator. Such curves tell little: each is measured by an opponent that changes, too. So we look at the translations:

# %% mystnb={"image": {"alt": "Four rows of eight pictures: eight different sketches; under them eight times the same speckled solid blob; then eight different solid strokes; and under them eight times the same speckled, roughly egg-shaped blob."}}
u, v = dual.translate(printed, pairs["x1"], pairs["x2"])
labels = ["sketch, round", "made: solid", "solid, stroke", "made: sketch"]
figure = plots.mosaic([list(some[:8]) for some in (pairs["x1"], u, pairs["x2"], v)], labels, size=0.8)

# %% [markdown]
# The second row is a first rough guess at a solid round digit, the fourth at the outline of a stroke. Now read them from left to right. They do not change: eight different sketches become one and the same picture. It stays one picture in the next chapter, with bags and shoes as well.
#
# We can say it in a number. Exchange the sketches for others, and see how far the translation moves. The unit is the distance of two real pictures:

# %% tags=["nbval-ignore-output"]
apart = measures.distance(pairs["u"])
other, _ = dual.translate(printed, pairs["x1"].roll(1, 0), pairs["x2"])
moved = (u - other).flatten(1).norm(dim=1).mean().item()
print(f"another sketch moves the picture by {moved / apart:.1f}")
print(f"two made pictures differ by {measures.distance(u) / apart:.1f}, two real ones by 1")

# %% [markdown]
# ## Why
#
# The paper argues that reversing the codes *forces* the networks to keep class and form apart. Look for the force. The loss sees a made picture through one eye only: the discriminator, which asks whether this is *some* solid round digit. A generator that ignores both codes, and always draws the same good 8, passes until the discriminator rejects that 8, then moves on. At the optimum of Eq. 4 pictures vary, but need not fit their inputs. Nothing in the loss compares a made picture with an input.
#
# A discriminator could notice that all pictures are equal if it saw many of them at once. It sees one at a time.

# %% [markdown]
# So the encoders have no incentive to say anything. One thing must pass through the codes: *which* of the two pictures to draw, for the generator has no other means to know. But for this a constant code of each encoder is enough. We can test that: replace every code by its mean, and see whether anything is lost.

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    z1, z2 = printed.encode(2 * pairs["x1"] - 1, 2 * pairs["x2"] - 1)
    mean = [z.mean(0, keepdim=True).expand_as(z) for z in (z1, z2)]
    drawn = {"codes": (z1, z2), "replaced by their means": mean, "exchanged": (z2, z1)}
    drawn = {name: (printed.draw(*codes) + 1) / 2 for name, codes in drawn.items()}
for name in ("replaced by their means", "exchanged"):
    moved = (drawn["codes"] - drawn[name]).flatten(1).norm(dim=1).mean()
    print(f"codes {name}: the picture moves by {moved / apart:.1f}")

# %% [markdown]
# Exchanging the slots matters, the rest of the codes matters little. That is **collapse**: one picture of a kind comes out, whatever goes in. The two constants are disentangled in a trivial sense. Compare [Raw waveforms](13_raw_waveforms.ipynb), where a code collapsed for another reason; the symptom, codes that are equal for all inputs, is the same.
#
# What would give the encoders a reason? Some term in which an input appears. The next chapter adds such terms, one at a time.

# %% [markdown]
# ## An open question
#
# The encoders of the printed model have no reason to keep their inputs apart. Could the discriminators give them one, for instance by judging *pairs* of an input and its translation without ever seeing a true pair? It is known for pictures of one content in two styles; for two codes that change places we know of no such result.

# %% [markdown]
# ## What to remember
#
# - Adversarial training replaces "compare with the right answer" by "find no difference from real ones"; it needs no pairs.
# - Discriminator and generator move in turns. Alone they may circle; R1 lets them come to rest.
# - A discriminator judges single pictures. In theory it learns to reject one that comes too often; in practice the generator moves on to another one, and no term asks that a picture fit its input.
# - An architecture that *allows* disentangled codes does not *force* them. Ask of each part of a code which term of the loss would grow if it were constant.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the best discriminator, by hand
#
# A certain picture is 3 times as frequent among real pictures as among made ones. For a fixed generator, which probability does the best discriminator of Eq. 4 output for it?

# %% tags=["exercise"]
answer = None
checks.best_discriminator(answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 3 / 4
# checks.best_discriminator(answer)
# ```
#
# With densities $p$ (real) and $q$ (made), $p \log D + q \log(1 - D)$ is largest where $p / D = q / (1 - D)$, so $D = p / (p + q)$.
#
# </details>

# %% [markdown]
# ### Exercise 2: the hinge loss
#
# Some train with another loss. The discriminator's is the mean of $\max(0, 1 - D(x))$ over real pictures plus the mean of $\max(0, 1 + D(G(z)))$ over made ones, where $D$ is the logit. Write it.


# %% tags=["exercise"]
def hinge(real, fake): ...


checks.hinge_loss(hinge)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def hinge(real, fake):
#     return (1 - real).clamp_min(0).mean() + (1 + fake).clamp_min(0).mean()
#
#
# checks.hinge_loss(hinge)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 3: is anybody listening?
#
# Write the measure of this chapter: how far does the output of `translate` move, on average, when its first input is exchanged for the next one of the batch (`roll(1, 0)`)? Divide by nothing; use the norm over all pixels of a picture. `translate(x1, x2)` returns one batch of pictures.


# %% tags=["exercise"]
def moved_by(translate, x1, x2): ...


checks.moved_by_the_first_input(moved_by)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def moved_by(translate, x1, x2):
#     change = translate(x1, x2) - translate(x1.roll(1, 0), x2)
#     return change.flatten(1).norm(dim=1).mean()
#
#
# checks.moved_by_the_first_input(moved_by)
# ```
#
# </details>

# %% [markdown]
# ### Exercise 4: break it, or mend it
#
# Train the model of this chapter again with a change of your own: batch normalization (`dual.Member(norm="batch")`), another rate, R1 (`dual.Member(dual.Recipe(r1=1.0))`), Eq. 4 to the letter (`adversary=training.minimax`). Can you find one with which different sketches give different pictures? Are they pictures *of* the input?

# %% [markdown]
# ## Where next
#
# - [Two slots, repaired](29_two_slots_repaired.ipynb): seven measures, and a ladder of repairs.
