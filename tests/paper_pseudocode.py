# ruff: noqa: E741 (the letters are the paper's)
"""The pseudo-code of the paper's appendix, written a second time: the oracle for ``olc_lib``.

Plain loops over plain numbers, names and order as printed; numbers may be Python floats or 0-d tensors, so
that gradients can be compared too. ``# [n]`` is the printed line, counted without blank lines from the first
comment of the appendix ([1]) to the minimization ([114]); braces and wrapped lines count. ``READ:`` marks a
print that is undefined or inconsistent, and how it is read here.

Where the library does something else on purpose, the line stands here in both forms. The printed one is
the default; naming the deviation in ``mended`` switches to the library's. So ``mended=ALL`` is a second,
independent implementation of the library's training step, and ``mended=ALL - {one}`` says what exactly that
one deviation changes.
"""

from types import SimpleNamespace

#: Every deliberate deviation, with the printed lines it concerns.
DEVIATIONS = {
    "amplitudes": "[10, 29, 41, 68] the largest amplitudes |x| are averaged, not the largest signed values",
    "writer sign": "[20, 51] a category of one dimension is +1, not the sign of the primary latent",
    "absolute deviation": "[23, 63] the standard deviation grows with |code|, not with the code",
    "around the code": "[25] the Gaussian's mean, an undefined name, is the normalized code",
    "own sorted values": "[30] a reconstruction is normalized by its own largest values, not the input's",
    "mean norms": "[34, 37, 75] norms are divided by sqrt(n) (L2) or n (L1)",
    "alpha per item": "[54] every item mixes in its own proportion",
    "own mix": "[75] an item's mix is compared with its own decoding, not with the partner's",
    "normalized code": "[78-83] the disentanglement reads the normalized code, not the primary latent",
    "absolute unrelated": "[82] the largest unrelated amplitude, not the largest signed coordinate",
    "absolute related": "[83] 1 / (1 + |f|), as in Eq. (5), not 1 / (1 + f)",
    "positive related": "[83] below f = 0 neither of the two but their tangent 1 - f; then it hides the one above",
    "five terms": "[84, 112] each category is a term with its own importance, not one sum",
    "batch means": "[111] terms are averaged over the batch before they are sorted, not sorted item by item",
    "sorts after M and I": "[111] the sorting looks at M I L, as the text says, not at L",
    "denominator": "[113] the weighted sum is divided by the sum of weights, as in Eq. (2)",
}
ALL = frozenset(DEVIATIONS)


def number(value):
    """A float to sort by, be the value a float or a tensor."""
    return float(value.detach() if hasattr(value, "detach") else value)


def Sort(values):
    """From the maximum to the minimum, as the text says; signed, as the print says nothing else."""
    return sorted(values, key=number, reverse=True)


def Average(values):
    total = 0.0
    for value in values:
        total = total + value
    return total / len(values)


def L2Norm(values):
    total = 0.0
    for value in values:
        total = total + value * value
    return total**0.5


def L1Norm(values):
    total = 0.0
    for value in values:
        total = total + abs(value)
    return total


def Max(values):
    # READ: a category of one dimension has no unrelated one; the maximum of nothing counts as 0.
    return max(values, key=number) if values else 0.0


def Gaussian(std, mean, noise):
    """One draw; ``noise`` is the standard normal number behind it, so that the library can be given the same."""
    return [m + s * n for m, s, n in zip(mean, std, noise, strict=True)]


def norm_factor(signal, M, mended=frozenset()):
    """[10-11]. READ: M is a count here (``[l,0:M]``) and a percentage in the text; the caller decides."""
    SortedSig = Sort([abs(x) for x in signal] if "amplitudes" in mended else signal)  # [10]
    return Average(SortedSig[0:M])  # [11]


def divide(signal, NormFactor):
    """[12]; silence divides by zero, which plain Python refuses and the printed line does not mention."""
    return [x / NormFactor for x in signal]


def latent_code(primary, categories, mended=frozenset()):
    """[16-21]: every category divided by its own L2 norm. ``categories``: number of dimensions of each."""
    LatentCode, first = [], 0
    for size in categories:  # [16]
        Cat = primary[first : first + size]
        first += size
        NormCat = L2Norm(Cat)  # [18]
        if size == 1 and "writer sign" in mended:
            LatentCode = LatentCode + [Cat[0] * 0 + 1.0]
        else:
            LatentCode = LatentCode + [c / NormCat for c in Cat]  # [19-20]
    return LatentCode


def sampling_std(code, L, Std_min, mended=frozenset()):
    """[23] and [63]."""
    return [(abs(c) if "absolute deviation" in mended else c) * L + Std_min for c in code]


def disentangle(values, categories, related, mended=frozenset()):
    """[77-87]: one number per category, which [84-86] add up. ``values`` is what the loop reads."""
    partial, first = [], 0
    for size, dim in zip(categories, related, strict=True):  # [78]
        Cat = values[first : first + size]
        first += size
        UnrelatedDims = [c for n, c in enumerate(Cat) if n != dim]  # [80-81]
        if "absolute unrelated" in mended:
            UnrelatedDims = [abs(c) for c in UnrelatedDims]
        PartialUnrelateLoss = Max(UnrelatedDims)  # [82]
        # READ: n in PrimaryLatent[l,n] is the related dimension; [78] uses the same letter for all of them.
        f = Cat[dim]
        if "positive related" in mended and number(f) < 0:
            PartialRelatedLoss = 1 - f
        elif "absolute related" in mended:
            PartialRelatedLoss = 1 / (1 + abs(f))
        else:
            PartialRelatedLoss = 1 / (1 + f)  # [83]
        partial.append(PartialUnrelateLoss + PartialRelatedLoss)  # [84-86]
    return partial


def multipliers(MaxIter, start, stop):
    """[1-7] and [88-109]: yields ``(Iteration, M)`` for every iteration; M lives on between iterations.

    Args:
        MaxIter: number of iterations, counted from 0.
        start: start iteration of "Sparsity", "Interp" and "Disent".
        stop: stop iteration of the same.
    """
    M_Reconstruction = 1  # [2]
    M_Sparsity = 0  # [3]
    M_Interp = 0  # [4]
    M_Disent = 0  # [5]
    for Iteration in range(0, MaxIter):  # [7]
        if Iteration > start["Sparsity"] and Iteration < stop["Sparsity"]:  # [89-90]
            M_Sparsity = (Iteration - start["Sparsity"]) / (stop["Sparsity"] - start["Sparsity"])  # [92-93]
        if Iteration >= stop["Sparsity"]:  # [95]
            M_Sparsity = 1
        if Iteration > start["Interp"] and Iteration < stop["Interp"]:  # [96-97]
            M_Interp = (Iteration - start["Interp"]) / (stop["Interp"] - start["Interp"])  # [99-100]
        if Iteration >= stop["Interp"]:  # [102]
            M_Interp = 1
        if Iteration > start["Disent"] and Iteration < stop["Disent"]:  # [103-104]
            M_Disent = (Iteration - start["Disent"]) / (stop["Disent"] - start["Disent"])  # [106-107]
        if Iteration >= stop["Disent"]:  # [109]
            M_Disent = 1
        yield (
            Iteration,
            {"Reconstruction": M_Reconstruction, "Sparsity": M_Sparsity, "Interp": M_Interp, "Disent": M_Disent},
        )


def weighted_sum(terms, M, I, B, mended=frozenset()):
    """[110-113]: sort the terms, give each its B by rank, add up.

    READ: ``Bi*Mi*Ii`` after a sort by value: B belongs to the rank, M and I to the term.

    Args:
        terms: the values, in the printed order; equal ones keep it.
        M: multiplier of each term.
        I: importance of each term.
        B: balancing factors, largest first.
        mended: see the module.

    Returns:
        ``(TotalLoss, B of each term)``.
    """
    key = [number(t) for t in terms]
    if "sorts after M and I" in mended:
        key = [m * i * t for m, i, t in zip(M, I, key, strict=True)]
    LossTerms = sorted(range(len(terms)), key=lambda n: -key[n])  # [111-112]
    given, TotalLoss, weights = [None] * len(terms), 0.0, 0.0
    for rank, n in enumerate(LossTerms):
        given[n] = B[rank]
        TotalLoss = TotalLoss + B[rank] * M[n] * I[n] * terms[n]  # [113]
        weights = weights + B[rank] * M[n] * I[n]
    return (TotalLoss / weights if "denominator" in mended else TotalLoss), given


def train_step(
    signals, k, encoder, decoder, categories, related, *,
    M, L, Std_min, rand, noise, mixed_noise, multiplier, importance, B, mended=frozenset(),
):  # fmt: skip
    """[8-113]: one iteration on one batch. Every random number is an argument.

    READ: ``l`` runs over the batch, one item at a time; ``k`` is the partner of item ``l``, another index into
    the same arrays.

    Args:
        signals: one flat list of numbers per item.
        k: index of each item's partner.
        encoder: flat list -> flat list, one item at a time.
        decoder: flat list -> flat list.
        categories: number of dimensions of each category.
        related: for every item the related dimension of every category.
        M: how many of the largest values are averaged.
        L: the factor of Eq. (1).
        Std_min: the constant of Eq. (1).
        rand: uniform numbers, one per item; the print draws one for all, the first.
        noise: standard normal numbers of [25], one list per item.
        mixed_noise: those of [65].
        multiplier: M_i of the terms, "Reconstruction", "Sparsity", "Interp", "Disent".
        importance: I_i of the same. READ: the tables give one per category, the print needs one in all, so
            "Disent" is one number for the printed form and a list for the mended one.
        B: balancing factors.
        mended: names out of :data:`DEVIATIONS`.

    Returns:
        Namespace of every printed name, lists over ``l``; ``terms`` and ``given`` in the order reconstruction,
        sparsity, interpolation, disentanglement (per category if mended); ``TotalLoss`` is one number.
    """
    batch = range(len(signals))
    s = SimpleNamespace()
    s.NormFactor = [norm_factor(signals[l], M, mended) for l in batch]  # [9-11, 40-42]
    s.NormalizedSig = [divide(signals[l], s.NormFactor[l]) for l in batch]  # [12, 43]
    s.PrimaryLatent = [encoder(s.NormalizedSig[l]) for l in batch]  # [14, 45]
    s.LatentCode = [latent_code(s.PrimaryLatent[l], categories, mended) for l in batch]  # [16-21, 47-52]

    s.RecLoss, s.SparsityLoss, s.NormRecSig, s.LatentRe = [], [], [], []
    for l in batch:
        SampStd = sampling_std(s.LatentCode[l], L, Std_min, mended)  # [23]
        # READ: Latent[l] is defined nowhere: the primary latent or, as [65] does for the mix, the code.
        Latent = s.LatentCode[l] if "around the code" in mended else s.PrimaryLatent[l]
        s.LatentRe.append(Gaussian(SampStd, Latent, noise[l]))  # [24-25]
        RecSignal = decoder(s.LatentRe[l])  # [27]
        if "own sorted values" in mended:
            NormFactorRec = norm_factor(RecSignal, M, mended)
        else:
            NormFactorRec = norm_factor(signals[l], M, mended)  # [29] is sorted and never used; [30]
        s.NormRecSig.append(divide(RecSignal, NormFactorRec))  # [31]
        residual = [y - x for y, x in zip(s.NormRecSig[l], s.NormalizedSig[l], strict=True)]
        s.RecLoss.append(L2Norm(residual) / (len(residual) ** 0.5 if "mean norms" in mended else 1))  # [33-34]
        s.SparsityLoss.append(L1Norm(residual) / (len(residual) if "mean norms" in mended else 1))  # [36-37]

    s.MixedOrigSig, s.NormMixRecSig, s.MixedLatent, s.MixedLatentRe = [], [], [], []
    for l in batch:
        Rand = rand[l] if "alpha per item" in mended else rand[0]  # [54]: no index, so one for all
        one, other = s.NormalizedSig[l], s.NormalizedSig[k[l]]
        s.MixedOrigSig.append([Rand * a + (1 - Rand) * b for a, b in zip(one, other, strict=True)])  # [56-58]
        one, other = s.LatentCode[l], s.LatentCode[k[l]]
        s.MixedLatent.append([Rand * a + (1 - Rand) * b for a, b in zip(one, other, strict=True)])  # [60-61]
        SampStd = sampling_std(s.MixedLatent[l], L, Std_min, mended)  # [63]
        s.MixedLatentRe.append(Gaussian(SampStd, s.MixedLatent[l], mixed_noise[l]))  # [64-65]
        LatentMixedRecSig = decoder(s.MixedLatentRe[l])  # [67]
        NormFactorMixRec = norm_factor(LatentMixedRecSig, M, mended)  # [68-70]: here the right values
        # READ: [72] divides MixedRecSignal, a name that appears nowhere else: the signal of [67].
        s.NormMixRecSig.append(divide(LatentMixedRecSig, NormFactorMixRec))  # [71-72]
    s.InterpolLoss = []
    for l in batch:
        decoded = s.NormMixRecSig[l if "own mix" in mended else k[l]]  # [75]: index k, not l
        residual = [x - y for x, y in zip(s.MixedOrigSig[l], decoded, strict=True)]
        s.InterpolLoss.append(L2Norm(residual) / (len(residual) ** 0.5 if "mean norms" in mended else 1))  # [74-75]

    read = s.LatentCode if "normalized code" in mended else s.PrimaryLatent
    s.Disentangle = [disentangle(read[l], categories, related[l], mended) for l in batch]  # [77-87]
    if "five terms" in mended:
        separate, copies = s.Disentangle, len(categories)
        weights_I = list(importance["Disent"])
    else:
        separate, copies = [[sum(partial)] for partial in s.Disentangle], 1  # [84-86]
        weights_I = [importance["Disent"]]

    M_i = [multiplier["Reconstruction"], multiplier["Sparsity"], multiplier["Interp"]] + [multiplier["Disent"]] * copies
    I_i = [importance["Reconstruction"], importance["Sparsity"], importance["Interp"]] + weights_I
    items = [[s.RecLoss[l], s.SparsityLoss[l], s.InterpolLoss[l], *separate[l]] for l in batch]
    s.terms = [Average([item[n] for item in items]) for n in range(len(M_i))]
    if "batch means" in mended:
        s.TotalLoss, s.given = weighted_sum(s.terms, M_i, I_i, B, mended)
    else:
        sums = [weighted_sum(item, M_i, I_i, B, mended) for item in items]  # [111-113], each l on its own
        s.TotalLoss = Average([total for total, _ in sums])
        s.given = [given for _, given in sums]
    return s
