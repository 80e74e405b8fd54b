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
# A paper of eight pages cannot say everything, and this one's text, equations and pseudo-code do not always agree. Whoever builds it has to decide. This page lists every such place we found, what we decided, and what the decision does where that was measured.
#
# **Time:** 15 minutes to read, seconds to run.
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
# | optimizer, learning rate, batch, initialisation | – | – | AdamW, one cycle up to 0.004, 64 images or 32 clips, torch's own | *collapse: a tenth of the learning rate*, *batches of 128* |
# | width | Tables 2 and 6 | – | a sixteenth, no layer under 16 channels (raw: 64) | *collapse: narrow tail* |

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
# | largest or all unrelated coordinates | largest | largest | largest; root mean square for raw waveforms, and for log-mel in short trainings | *image* and *collapse: root mean square*, *voice* and *raw: largest, as printed* |

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
# | when are terms injected? | at 68 % (voice), 60 % (image) | – | images as printed; log-mel in the first fifth; raw in the first tenth | *image: all terms from the start*, *voice* and *raw: injected as printed* |

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
# | "lightly" | no number | – | 400 steps; 25 to 200 are measured | *crossing* |

# %% [markdown]
# ## The sparse dictionary model
#
# A poster (Sadeghi & Magron 2022), and code that its authors published; [chapter 26](26_a_sparse_dictionary.ipynb).
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | input of the encoder | power spectrogram | raw power into a tanh | its logarithm, divided by 4 | chapter 26, exercise 4 |
# | is γ learned, stored, alternated? | Eq. 7 and 8 in turns | – | put in: the KL divergence is ½ log(1 + μ²/σ²), with the same gradients | tested |
# | likelihood | Eq. 2: mean and variance | variance only, mean 0 | complex Gaussian, variance only | – |
# | drawing new speech | – | – | impossible: each frame has a prior of its own | – |
# | the code at test time | – | a sample | the mean; of VSC the mean times the chance to be on | unmeasured |
# | Hoyer, of what? | one column | of a (k numbers) for SDM, of z (m) for the VAE | of the code, so k numbers for SDM, too | – |
# | PESQ | −0.5 to 4.5 | raw P.862 | MOS-LQO (P.862.1); `speech_metrics.raw_pesq` converts | 3.42 raw is 3.44, 1.92 raw is 1.62 |
# | VSC's prior | a reference | – | pseudo-inputs; the classifier's choice averaged, not sampled; no warm-up | *speech-sparsity-trials: VSC, fixed prior* |
# | corpus | TCD-TIMIT at 16 kHz, n = 513 | its data class refers to an attribute that it never sets, and stops | FSDD at 8 kHz, n = 257, by take | levels cannot be compared |
# | clips under a second | – | – | refused: `pystoi` answers 0.4 s with 0.00001 | tested |
#
# ## FHVAE: the two clocks
#
# *The paper* is here Hsu, Zhang & Glass (2017), *code* what its authors released.
#
# | what | text | code | here | effect |
# |---|---|---|---|---|
# | names of the codes | $z_1$ segment, $z_2$ sequence | exchanged | as in the text | – |
# | start of the s-vectors | – | $\mathcal N(0, 1)$ | deviation 0.1, a rate five times the networks' | *fhvae-trials* |
# | the table during training | learned | learned | learned, and set by Eq. 5 every 200 steps | *fhvae-trials* |
# | $\log p(i \mid z_2)$ of which $z_2$? | a sample, by the notation | the mean | the mean | unmeasured |
# | $q(z_1 \mid x, z_2)$ given which $z_2$? | a sample | a sample | a sample | – |
# | $x_{t-1}$ at the encoder's step $t$ | a shift by one frame | none | none: step $t$ reads $x_t$ | – |
# | posterior variance of $\mu_2$, Eqs. 6–9 | the prior's letter in Section 2, its own in Appendix A | none | left out with the constant | – |
# | Eq. 9, $\tfrac12 \log 2\pi$ | once | – | should be $J$ times; a constant | – |
# | an "epoch" | 500 of them | a fixed number of steps | steps | – |
# | equal error rate | reported | no code | between two thresholds, a straight line | chapter 25 |
# | hierarchical sampling | – | a later paper | rows drawn anew at each reset | *fhvae-rivals* |
# | a later release for many sequences | – | another network, under nearly the same name | not used | – |
# | 1/N log p(μ2) | in the bound | in the bound | in the bound | *fhvae-trials: without 1/N log p* |
#
# Chapter 25 is [Who is speaking](25_who_is_speaking.ipynb).

# %% [markdown]
# ## Dual disentangled translation
#
# *The paper* is here Li, *Robust High Dimensional Image Data Translation*; no code of its author was found. Chapters [27](27_one_picture_two_slots.ipynb) and [28](28_two_slots_repaired.ipynb).
#
# | what | text | appendix | here | effect |
# |---|---|---|---|---|
# | "GAN loss" of Algorithm 1 | Eq. 4 is quoted | – | the non-saturating one; Eq. 4 to the letter is an arm | *dual-ladder: as printed, Eq. 4* |
# | optimizer, rate, batch, steps | "20+ hours" | – | Adam, one cycle, batches of 16 | *dual-trials* |
# | normalization between layers | – | none | none as printed; batch normalization is an arm of its own; the chosen translator has group normalization, which is the same in training and in use | *dual-trials: batch norm, longer; group norm, longer* |
# | initialisation, slope of the leaky ReLU | – | – | He's variances, 0.2 | unmeasured |
# | how sides are halved | – | outputs only | strides in encoders, max pooling in discriminators | – |
# | are encoders trained? | "may also be adjusted if needed" | – | yes; frozen only after pre-training | *dual-ladder: + pre-training* |
# | the pre-training's decoder | – | – | the generator, one code in both slots, thrown away afterwards | unmeasured |
# | which slot is which? | a figure | – | the first decides the class, the second the form | – |
# | both discriminators and the generator at once? | one step for all | – | two turns on the same translations, discriminators first | – |
# | the sketch | edges of a learned detector | – | the morphological gradient, 3 × 3 | – |
# | pictures | 64 × 64, colour | Tables 1–3 | 28 × 28, grey: one level less, an eighth of the width | unmeasured |
# | a measure of success | pictures | – | six, from an independent classifier and the true counterparts | chapter 28 |

# %% [markdown]
# ## The VAE family
#
# *The survey* is Singh & Ogunfunmi (2022); chapters [29](29_the_bound.ipynb), [30](30_how_much_a_code_says.ipynb), [31](31_the_whole_cloud.ipynb) and [37](37_other_shapes_of_codes.ipynb). The last column names the test in `tests/test_family.py` that shows it.
#
# | what | as printed | here | shown by |
# |---|---|---|---|
# | Rényi's entropy, Eqs. 22, 23 | factor 1 / (α − 1) | 1 / (1 − α): the uniform distribution has log N, not its negative | `test_discrete_divergences` |
# | Rényi's divergence, Eq. 29 | two sums | one | `test_discrete_divergences` |
# | Cauchy–Schwarz, Eqs. 33 and 34 | the first is half of the second | the second | `test_cauchy_schwarz_of_two_single_points_by_hand` |
# | KL divergence, Section 4 | D_KL is called what is −D_KL, the sign changes midway | ½ Σ (μ² + σ² − 1 − log σ²) | `test_kl_of_section_4_…` |
# | Gaussian likelihood, Section 4 | σ² where its logarithm belongs | log σ² | `test_gaussian_likelihood_of_section_4_…` |
# | Cholesky factor, Section 6.2 | 1/√s before it | √s | `test_cholesky_factor_of_section_6_2_…`, and `test_correlated_posterior_is_scipys` in `tests/test_shapes.py` |
# | importance sampling, Section 6.3.2 | g is the *log* likelihood; Term 1 − Term 2 is maximized | the likelihood; Eq. 64 alone | `test_importance_bound_by_quadrature` |
# | IWAE without the score, Section 6.3.3 | may be dropped | a bias for every k > 1; DReG instead | `test_dropping_the_score_biases_iwae` |
# | MMVAE, Eq. 68 | every $z_m$ from the mixture | $z_m$ from $q_{\phi_m}$ (not built here) | – |
# | VR bound, Section 6.5 | minimized | maximized | `test_vr_bound_of_section_6_5_is_maximized` |
# | VR bound, α < 0 | an extension of the bound | no lower bound | `test_renyi_bound_by_integration` |
# | InfoVAE, Eq. 70 | first divergence of $q(z \mid x)$ | of q(z) | – |
# | InfoVAE, Eq. 71 | expectation over $p_\theta(x)$ | over data | – |
# | S-VAE, Eq. 75 | the inverse of the logarithm | the logarithm of the inverse; its gradient, Eq. 76, is right | `test_divergence_of_eq_75_…`, and `test_slope_of_the_divergence_is_eq_76_…` in `tests/test_shapes.py` |
# | S-VAE, sampling, Section 6.9 | Wood's rejection sampler, reparametrized | the gradient of the accepted proposal alone is 31 % too small (three dimensions, κ = 2); implicit gradients instead | `test_a_rejection_sampler_…` in `tests/test_shapes.py` |
# | VaDE and GMVAE, Section 6.15 | one sentence; no pre-training is mentioned | a pre-training decides the clusters; ours is our own | *family-clusters* |
# | VAE-GAN, Section 6.12 | the discriminator descends; the algorithm's likelihood lacks a logarithm | not built here | – |
# | information potentials, Eqs. 82 and 84 | σ² and 2σ² | 2σ² in all: else a cloud is .29 d away from itself | `test_eq_82_…` |
# | noise of the code, Section 8.2.1 | ε "had to have" deviation .01; the scale of the input is not given | 1 is possible with magnitudes in units of their deviation; from 0 to 1 a frame cannot pay for a nat | *separation-scale* |
# | M, Section 8.2.1 | "the number of spectral frames" | frequencies: a net sees one frame | – |
# | windows, Section 8.2.1 | 129 inputs with a window of "256 ms" | 256 samples, 16 ms at 16 kHz | – |
# | speakers of the test, Section 8.1 | not said whether known | both are measured | *separation* |

# %% [markdown]
# ## Surfaces and heartbeats
#
# *The survey* is again Singh & Ogunfunmi (2022), Sections 7.1 and 7.3.1; chapters [33](33_a_surface_from_a_few_points.ipynb) and [34](34_a_heartbeat_in_two_numbers.ipynb).
#
# | what | as printed | here | effect |
# |---|---|---|---|
# | volatility | the deviation of an asset's return | *implied* volatility: what gives the option's price in Black's formula | chapter 33 |
# | Table 1 | "units are in Mean Absolute Error"; not of what, nor in what unit | basis points of volatility, at the unknown points alone | *surface* |
# | how many points were known | – | 3, 5, 10 and 20 of 40, nested | *surface* |
# | "in some cases, it outperforms the Heston Model" | Table 1 has the VAE ahead in all six | both sentences are judged by one rule | *surface* |
# | a surface with gaps | the encoder takes all N points | a code is searched for; the encoder is not used | chapter 33 |
# | the decoder's input | "moneyness K and maturity T"; the grid is by delta | delta and the logarithm of the maturity | unmeasured |
# | β of the β-VAE | – | a deviation of .05 around the decoder's output | *surface-trials* |
# | a simple rival | none | the conditional mean of a Gaussian | *surface: Gaussian* |
# | noise in heartbeats | "the VAE is as robust in the noise scenarios presented"; as what is not said | judged against the best linear filter | *heartbeat: clean* |
# | Poisson noise | one of the scenarios | left out: a signal in millivolts has no counts | unmeasured |
# | an embedding that can be read | MIT-BIH, no figure | widths of two groups of record 208, beside two components | *heartbeat: 208, d 2* |
#
# ## Joined afterwards
#
# Moschella et al. (2023), Maiorca et al. (2023) and Norelli et al. (2023); [Joined afterwards](19_joined_afterwards.ipynb).
#
# | what | text | here | effect |
# |---|---|---|---|
# | what belongs together | the same text or image in two encoders, an image and its caption | a clip and an image of one digit | the chapter: a pair says little beyond its label |
# | anchors | hundreds or thousands, of many classes | 10, 50, 300, as many of each digit | *joined* |
# | mean of the anchors before a cosine is taken | stays | stays, or is moved to 0: chosen on validation data | *joined-trials* |
# | affine map | by gradient descent, with a constant | in closed form, with a penalty; the constant is 0 once anchors are scaled | tested |
# | coordinate that is the same in all anchors | – | its deviation counts as 1 | tested |
# | negative cosines in ASIF | – | 0 | tested |
# | ASIF's k | 800 of 1.6 million pairs | a fifth of the pairs | *joined-trials* |

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
