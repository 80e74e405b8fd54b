"""What is said of codes over time and of VAE-GAN, and the rules that judge it."""

from .experiments import difference, interval, read, values
from .rules import Claim, above, below, graded, missing, several, shown

#: Repetitions without which there is no verdict.
SEEDS = 3
TIME, GAN, FAMILY = "family-overtime", "family-gan", "family"
SURVEY = "Singh & Ogunfunmi 2022"
#: The arm of VAE-GAN that is judged, and the member of the family with the same nets and as many coordinates.
GAN_ARM, RIVAL = "VAE-GAN, d 8", "VAE, d 8"


def _found(experiment: str, *names: str) -> tuple[dict, tuple[str, str] | None]:
    found = read(experiment)
    return found, missing(found, *names, least=SEEDS)


def _more(first: str, second: str) -> tuple[str, str]:
    """Whether the first model's frames are more probable, a bound counting as it is."""
    found, missing = _found(TIME, first, second)
    if missing:
        return missing
    result = difference(found[first], found[second], "nats")
    return f"nats a frame, {first} minus {second}: {shown(*result, digits=2)}", several([above(result, 0)])


def _code() -> tuple[str, str]:
    return _more("VRNN", "RNN")


def _mixture() -> tuple[str, str]:
    return _more("VRNN", "RNN, mixture of 4")


def _rank() -> tuple[str, str]:
    return _more("VRNN", "RNN, rank 6")


def _prior() -> tuple[str, str]:
    return _more("VRNN", "VRNN, prior N(0, I)")


def _memory() -> tuple[str, str]:
    return _more("VRNN", "VAE of frames")


def _drawings() -> tuple[str, str]:
    found, missing = _found(TIME, "VRNN", "RNN")
    if missing:
        return missing
    result = difference(found["VRNN"], found["RNN"], "frechet")
    return f"Frechet distance of drawings, VRNN minus RNN: {shown(*result, digits=2)}", several([below(result, 0)])


def _gan() -> tuple[str, str]:
    found, missing = _found(GAN, GAN_ARM)
    rival, other = _found(FAMILY, RIVAL)
    if missing or other:
        return missing or other
    result = difference(found[GAN_ARM], rival[RIVAL], "fid")
    return f"FID of {GAN_ARM} minus {RIVAL}: {shown(*result, digits=2)}", several([below(result, 0)])


def _varied() -> tuple[str, str]:
    found, missing = _found(GAN, GAN_ARM)
    if missing:
        return missing
    result = interval(values(found[GAN_ARM], "digits"))
    text = f"entropy of the digits in drawings: {shown(*result, digits=2)} of 2.30 nats"
    return text, graded(above(result, 2.2), above(result, 1.8))


_PAIRED = " Differences are paired by seed, intervals 95 %."
CLAIMS = [
    Claim(
        "A code at every step explains speech better than a recurrent network without one.",
        f"Chung et al. 2015; {SURVEY}, Section 6.15",
        "Nats a frame on test clips, VRNN's bound minus the exact log-likelihood of the RNN with independent bands and "
        "as many weights: interval above 0." + _PAIRED,
        _code,
        (TIME,),
    ),
    Claim(
        "It does so even if the network without a code outputs a mixture of Gaussians.",
        "Chung et al. 2015",
        "The same, minus the RNN with four Gaussians: interval above 0." + _PAIRED,
        _mixture,
        (TIME,),
    ),
    Claim(
        "It does so even if the network without a code lets the bands of a frame deviate together.",
        "ours: the rival that the paper lacks",
        "The same, minus the RNN with a covariance of rank 6: interval above 0." + _PAIRED,
        _rank,
        (TIME,),
    ),
    Claim(
        "The prior of the code must depend on the past.",
        "Chung et al. 2015",
        "VRNN's bound minus that of the same network with the prior N(0, I): interval above 0." + _PAIRED,
        _prior,
        (TIME,),
    ),
    Claim(
        "Frames are not explained as well one by one.",
        f"ours; {SURVEY} counts VRNN among the VAEs",
        "VRNN's bound minus that of a VAE of single frames: interval above 0." + _PAIRED,
        _memory,
        (TIME,),
    ),
    Claim(
        "What a network with a code draws freely resembles speech more.",
        "ours",
        "Frechet distance of 300 drawings from test clips in 20 principal components of whole clips, VRNN minus RNN: "
        "interval below 0." + _PAIRED,
        _drawings,
        (TIME,),
    ),
    Claim(
        "A critic in place of the pixels' error makes better drawings.",
        f"Larsen et al. 2016; {SURVEY}, Section 6.12",
        f"FID of {GAN_ARM} minus that of {RIVAL}, the same nets and steps: interval below 0." + _PAIRED,
        _gan,
        (GAN, FAMILY),
    ),
    Claim(
        "It draws all digits.",
        "ours: an adversary may settle for few",
        "Entropy of the digits that the judge reads in drawings: interval above 2.2 of 2.30 nats; partly if above 1.8.",
        _varied,
        (GAN,),
    ),
]
