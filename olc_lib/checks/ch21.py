"""Self-checks of chapter 21."""

import torch

from .check import check, close, seeded


@check(
    "92.9 %, and 381 clips.",
    "n / (n + z^2) with n = 50 and z^2 = 3.84, times 100; then solve n / (n + z^2) = 0.99 for n.",
)
def unheard_fifty(low_end, clips_needed):
    """Lower end of Wilson's interval for 50 of 50, and clips without a mistake for 99 %.

    Args:
        low_end: in percent.
        clips_needed: how many.
    """
    return close(low_end, 92.865, 0.02) and close(clips_needed, 380.5, 0.01)


@check(
    "as many answers as the promise allows.",
    "for each limit, count the wrong ones among clips with margin >= limit; stop at the first fit.",
)
def unheard_limit(limit_for):
    """The smallest limit on the margin that keeps a promise.

    Args:
        limit_for: ``(digit [N], read [N], margin [N], risk in percent) -> limit``.
    """
    draw = seeded()
    margin = torch.rand(400, generator=draw)
    digit = torch.randint(10, (400,), generator=draw)
    read = torch.where(torch.rand(400, generator=draw) < margin**0.3, digit, (digit + 1) % 10)
    right = True
    for risk in (2.0, 5.0, 100.0):
        fits = [
            k / 100
            for k in range(101)
            if 100 * int((read != digit)[margin >= k / 100].sum()) <= risk * int((margin >= k / 100).sum())
        ]
        right = right and close(limit_for(digit, read, margin, risk), fits[0], 1e-6)
    return right


@check(
    "both kinds of mistake are equally frequent there.",
    "flagged: known < limit; missed: stranger >= limit; take the limit with the smallest difference.",
)
def unheard_equal(equal, gaps: dict):
    """Where known clips flagged are as many as strangers' clips missed.

    Args:
        equal: limit, share of known clips flagged, share of strangers' clips missed (percent).
        gaps: ``known`` and ``stranger`` to lists of speaker margins.
    """
    known, stranger = torch.cat(gaps["known"]), torch.cat(gaps["stranger"])
    limit, *shares = equal
    flags, misses = 100 * (known < limit).float().mean(), 100 * (stranger >= limit).float().mean()
    best = min(
        abs(100 * (known < k / 100).float().mean() - 100 * (stranger >= k / 100).float().mean()) for k in range(101)
    )
    return close(shares, [float(flags), float(misses)], 0.1) and abs(flags - misses) <= best + 0.1


@check("the copies gave the speaker away.", "two numbers in percent.", stub=lambda honest, leaky: honest == leaky)
def unheard_leak(honest, leaky):
    """Digits right of a stranger, and of one whose changed copies were left in.

    Args:
        honest: percent.
        leaky: percent.
    """
    right = float(leaky) > float(honest) + 4 and float(leaky) >= 90
    hint = f"honest {float(honest):.0f} %, leaky {float(leaky):.0f} %; which pictures are left out?"
    return right, hint
