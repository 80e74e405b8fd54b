# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Reading notes
#
# A paper of eight pages cannot say everything, and this one's text, equations and pseudo-code do not always agree. Whoever builds it has to decide. This page lists every such place we found, what we decided, and what the decision does where that was measured. The papers of the later chapters have [a page of their own](notes_on_neighbours.md).
#
# **Time:** 10 minutes to read, seconds to run.
#
# **Needs:** the terms of [Notation](notation.md).

# %% [markdown]
# *The paper* is Solhjoo & Rodolà; *text* is its body, *code* the pseudo-code of its appendix. In the last column, an experiment and its arm, such as *image: norms as sums*, is a line in the tables of [The ledger](ledger.ipynb); *chapter* means that a chapter shows the effect; *unmeasured* means just that; a dash, that there is nothing to say or to measure.

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

# %% [markdown]
# ## Signals and their normalization
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | M of Max M % | a percentage | a count, `[l,0:M]` | a percentage, 5 %; the paper gives no value | [chapter 5](05_max_m_normalization.ipynb) |
# | largest of what? | amplitude | sorts the signal, signs and all | absolute values | [chapter 5](05_max_m_normalization.ipynb) |
# | factor of the reconstruction | its own is implied | the *input's* sorted values | its own | [chapter 5](05_max_m_normalization.ipynb) |
# | the rivals | worse | – | the maximum, the standard deviation | *raw: divided by …*, *image: divided by …* |
# | clip length, padding, where the word stands | – | – | 8,192 samples at 8 kHz, zeros, word in the middle | *collapse: not centred* |
# | held-out data | no split named | – | takes 0–4 test, 5–9 validation; the official split of MNIST | chapter 4 |
# | augmentation | – | – | shift, tempo, colour, noise for voices; none for MNIST | *collapse: not augmented* |
#
# Chapter 4 is [The data](04_the_data.ipynb).

# %% [markdown]
# ## Networks
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | "normalization in the first and last layer" | could be layers of the network | Max M % at both ends | Max M % at both ends, batch normalization between all layers | *image: no inner normalization*, *collapse: no inner normalization* |
# | do they count among the ten layers of Tables 2 and 6? | – | – | no: ten convolutions | unmeasured |
# | ReLU after the tenth layer | "each layer" | – | yes in the encoder; in the decoder a sigmoid takes its place | unmeasured |
# | a fully connected layer "and its output is flattened" | this order | – | flattened first, then fully connected | – |
# | a waveform between −1 and 1 out of a sigmoid between 0 and 1 | sigmoid | – | 2 · sigmoid − 1 for waves, the sigmoid for pictures | [chapter 13](13_raw_waveforms.ipynb) |
# | the mirror's lengths | – | – | transposed convolutions with output padding, so that every length comes back | [chapter 12](12_the_voice_vae.ipynb) |
# | optimizer, learning rate, batch, initialisation | – | – | AdamW, one cycle up to 0.004, 64 images or 32 clips, torch's own | *collapse: a tenth of the learning rate*, *batches of 128*; *voice: constant rate* |
# | width | Tables 2 and 6 | – | a sixteenth, at least 16 channels (raw: 64) or what the table has | *collapse: narrow tail* |

# %% [markdown]
# ## Codes
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | Equation 1, deviation | $\mu\, l + \sigma_\text{min}$: negative where $l$ is | the same, $\mu$ called L | $\mu\,\lvert l\rvert + \sigma_\text{min}$ | [chapter 6](06_codes_with_categories.ipynb) |
# | $\mu$ and $\sigma_\text{min}$ | no values | – | 0.05 each | *image: no resampling* |
# | "variational" | no Kullback–Leibler term | none | none | [chapter 3](03_one_object_many_appearances.ipynb) |
# | the writer, one dimension | "a high value" | normalized to ±1, no gradient | +1 by construction | [chapter 14](14_the_image_vae.ipynb) |
# | "average latent" of Figures 5, 6, 8 | normalized by the code's amplitude | – | class mean of normalized codes, brought to length 1 | – |

# %% [markdown]
# ## Loss terms
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | L2 and L1 norm: sum, mean or root? | norms | norms | divided by the number of samples (by its root for L2) | *image: norms as sums* |
# | "sparsity" | L1 norm of the residual | the same | the same: not a sparse code | [chapter 7](07_reconstruction_and_sparsity.ipynb) |
# | $\alpha$ | "a random value" | one draw a loop | one draw an item | [chapter 8](08_interpolation.ipynb) |
# | the partner | two signals | a second draw from the data | another item of the same batch | unmeasured |
# | is the mixed code resampled? | no (Eq. 4) | yes | yes | unmeasured |
# | Eq. 5, unrelated coordinates | signed maximum | signed maximum | maximum of absolute values | *image: signed maximum* |
# | Eq. 5, related coordinate | $1/(1+\lvert f\rvert)$ | $1/(1+f)$ | below 0 it goes on as the tangent | *image: related coordinate as printed* |
# | Eq. 5, of which code? | normalized | *primary*, before normalization | normalized | [chapter 9](09_disentanglement.ipynb) |
# | largest or all unrelated coordinates | largest | largest | largest; root mean square for raw waveforms, and for log-mel in short trainings | *image* and *collapse: root mean square*, *voice* and *raw: largest absolute coordinate* |

# %% [markdown]
# ## The total
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | how many terms? | Eq. 2: four; Tables 5 and 9: five factors | sorts four | five: disentanglement is split by category | [chapter 11](11_balancing.ipynb) |
# | sorted when? | after I and M are applied | before | after | [chapter 11](11_balancing.ipynb) |
# | denominator of Eq. 2 | the sum of the weights | missing | the sum of the weights | [chapter 11](11_balancing.ipynb) |
# | gradient through B | – | – | none: B are constants of a step | [chapter 11](11_balancing.ipynb) |
# | a term not injected yet | – | sorted like the others | comes last | unmeasured |
# | balancing at all | without it terms diverge | – | on | *without balancing*, in three experiments |
# | "iteration" | – | loop over iterations, one batch each | an optimizer's step | [chapter 10](10_the_injection_schedule.ipynb) |
# | is M > 0 at the start iteration? | – | strictly after it | strictly after it | – |
# | when are terms injected? | at 68 % (voice), 60 % (image) | – | images as printed; log-mel in the first fifth; raw in the first tenth | *image: all terms from the start*, *voice* and *raw: injected as printed*, *voice: constant rate, injected as printed* |

# %% [markdown]
# ## The bridge
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | from 16 to 11 dimensions | Table 10 ends in 64 channels | – | a fully connected layer | – |
# | is its output normalized? | – | – | yes, by category | unmeasured |
# | what it starts from | – | – | from dropping the speaker, and learns what to add | *crossing*: starting from dropping against starting anywhere |
# | which image belongs to a clip? | "corresponding" | – | any training image of the digit, drawn anew each time | – |
# | frozen decoder | – | – | frozen | – |
# | "lightly" | no number | – | 200 or 400 steps; 25 to 200 are measured | *crossing* |

# %% [markdown]
# ## A third domain
#
# Section 4; [A third domain](18_a_third_domain.ipynb).
#
# | what | text | here | effect |
# |---|---|---|---|
# | further domains | "specialized networks for different domains of data separately"; shown: voice, image, text | telephone keys and displays, trained alone | *third* |
# | when the terms come in | Table 8, spread over the training | run through in a fifth of the steps, as for the voice; tried on validation data | *third-trials* |

# %% [markdown]
# ## To the letter
#
# The library can also train the image and the raw-waveform model as the text prints them, at full width: `python -m olc_lib train printed --system letter`; the results of this run come with the book, its weights do not. At a sixteenth and a quarter of the width there is the voice model (`letter-widths`). Where text and code differ, it follows the text. Where neither says anything, it takes:
#
# | what | to the letter | here |
# |---|---|---|
# | norms | as printed, neither divided by a number of samples nor by its root | divided |
# | the drawn waveform | a sigmoid, 0 to 1 | −1 to 1 |
# | deviation of Equation 1 | $\mu\, l + \sigma_\text{min}$, of either sign | $\mu\,\lvert l\rvert + \sigma_\text{min}$ |
# | the mixed code of Equation 4 | not resampled; one $\alpha$ a step | resampled; one $\alpha$ an item |
# | the writer | +1 or −1 | +1 |
# | optimizer | Adam, 0.001 throughout, 8 items a step | AdamW, one cycle up to 0.004 |
# | the word in its clip | at the start, zeros behind it | in the middle |
# | M; $\mu$ and $\sigma_\text{min}$ | 5 %; 0.05 each | the same |
# | arithmetic | float32, but for products in the voice model's two widest layers and their mirrors, whose factors were rounded to bfloat16, in an hour and a half, with the image model; the command itself takes float32 throughout, and some six hours | float32 |
#
# The experiment `letter-ladder` leads from there to this book's model, one change after another.

# %% [markdown]
# ## What single choices do
#
# From the ledger: all changes to the three models, and to the raw encoder alone (*collapse*), that were measured over five seeds, by how far they move the share of digits read right, up or down. In brackets stands the interval of the difference. Changes with fewer seeds are counted and not ranked, for a single training may lie far from its mean.

# %%
from IPython.display import HTML

from olc_lib.ledger import claims, experiments

rows, few = [], 0
for name in ("image", "voice", "raw", "collapse"):
    found = experiments.read(name)
    base = "largest, as printed" if name == "collapse" else "as built"
    for arm in found.keys() - {base}:
        mean, low, high = experiments.difference(found[arm], found[base], "digit")
        if len(found[arm]) < claims.ENOUGH:
            few += 1
            continue
        text = f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"
        rows.append((mean, [name, claims.called(arm), claims.called(base), text, str(len(found[arm]))]))
rows = [row for _, row in sorted(rows, key=lambda pair: -abs(pair[0]))]
print(f"{len(rows)} changes over {claims.ENOUGH} seeds; {few} with fewer are not ranked")
HTML(claims.table(["experiment", "this arm", "against", "digits, points", "seeds"], rows))

# %% [markdown]
# Every choice in the tables above is an argument of a function or a field of [`placed.Settings`](api.md); none is hidden in a constant. If you read the paper another way, change the argument and measure.
