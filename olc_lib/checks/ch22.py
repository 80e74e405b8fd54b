"""Self-checks of chapter 22."""

from .check import check, close


@check(
    "nine million weights, each used at sixty places.",
    "channels in, times channels out, times places of the kernel; each weight is used once at each output place.",
)
def scale_layer(weights, multiply_adds):
    """Weights of L2 of Table 2, and its multiply-adds for one clip of 8,192 samples."""
    return close(weights, 1026 * 285 * 32, 1e-6) and close(multiply_adds, 1026 * 285 * 32 * 60, 1e-6)


@check(
    "what stays behind is what you wait for.",
    "a job of one hour takes (1 - p) on the processor and p / k on the card; the speed-up is one over that.",
)
def scale_speedup(speedup):
    """How much faster a job becomes if a share p of it becomes k times faster (Amdahl's law)."""
    return all((close(speedup(p, k), 1 / (1 - p + p / k)) for p, k in ((0.0, 9), (0.5, 2), (0.99, 1000), (1.0, 7))))


@check(
    "the half-trained state was left alone, and what does not depend on the change was kept.",
    "interrupt with stop=108, then call attempt again with dataclasses.replace(TINY, image=...).",
)
def scale_changed(log):
    """The models that are worked on when the image model's settings change after a break."""
    hint = ""
    expected = [(part, 0) for part in ("image", "voice", "raw", "bridge")]
    if isinstance(log, list) and ("image", 100) in log:
        hint = "the image model went on at step 100: these are the settings it was half trained with."
    elif isinstance(log, list) and ("image_classifier", 0) in log:
        hint = "the judge was trained as well: this run was not interrupted before, or a setting of all models changed."
    right = isinstance(log, list) and [tuple(line) for line in log if isinstance(line, list | tuple)] == expected
    return right, hint


@check("half the distance between two files.", "files are n t seconds apart; the moment falls in between.")
def scale_lost(lost):
    """Seconds of work lost on average, with a resume file every n steps of t seconds."""
    return all((close(lost(n, t), n * t / 2) for n, t in ((100, 0.1), (1, 2.0), (50, 3.0))))
