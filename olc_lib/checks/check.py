"""What all self-checks share: the decorator that runs them and says how it went."""

import functools
import inspect
from collections.abc import Callable

import torch


class Unsolved(Exception):
    """The answer is still the stub: nobody has tried yet."""


def check(praise: str, hint: str, stub: Callable[..., bool] | None = None) -> Callable:
    """Makes a self-check of a rule. It prints one line, and never raises, whatever the answer is.

    - *Not yet* and nothing more, where nothing was tried: the answer is ``None`` or ``...``, a function that
      returns one of these, or what ``stub`` recognizes. So stored outputs give nothing away.
    - *Correct* and the praise.
    - *Not yet* and the hint, also where the rule raised an error.

    Args:
        praise: what is said of a right answer.
        hint: what is said of a wrong one.
        stub: takes what the rule takes; whether the answer is the one that the chapter begins with.

    Returns:
        A decorator for a rule, a function from the reader's answer (and whatever it is checked with) to whether it
        is right, or to ``(right, a better hint)``, or to ``(right, a better hint, a better praise)``.
    """

    def decorate(rule: Callable) -> Callable:
        @functools.wraps(rule)
        def run(*answer) -> None:
            try:
                answer = tuple(map(_attempted, answer))
                if stub is not None and _is(stub, answer):
                    raise Unsolved
                found = rule(*answer)
            except Unsolved:
                print("Not yet")
                return
            except Exception:  # a mistake in a reader's function is a wrong answer
                found = False
            right, *texts = found if isinstance(found, tuple) else (found,)
            better_hint, better_praise = (*texts, "", "")[:2]
            print(f"Correct: {better_praise or praise}" if right else f"Not yet: {better_hint or hint}")

        return run

    return decorate


def _attempted(answer):
    """The answer; a function of the reader's is one that raises Unsolved where it returns nothing."""
    if answer is None or answer is ...:
        raise Unsolved
    if not inspect.isfunction(answer):
        return answer

    @functools.wraps(answer)
    def call(*args, **options):
        return _attempted(answer(*args, **options))

    return call


def _is(stub: Callable[..., bool], answer: tuple) -> bool:
    """Whether the answer is the chapter's stub; one that cannot even be compared with it is not."""
    try:
        return bool(stub(*answer))
    except Unsolved:
        raise
    except Exception:
        return False


def close(answer, expected, tolerance: float = 1e-3) -> bool:
    """Whether an answer of any kind is a number or tensor close to the expected one.

    Args:
        answer: anything.
        expected: a number, or a tensor or list of numbers.
        tolerance: absolute and relative.

    Returns:
        Also False where the answer is no number, or has another shape.
    """
    try:
        answer = torch.as_tensor(answer, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return False
    expected = torch.as_tensor(expected, dtype=torch.float64)
    return answer.shape == expected.shape and bool(torch.allclose(answer, expected, atol=tolerance, rtol=tolerance))


def seeded(seed: int = 0) -> torch.Generator:
    """A generator that always draws the same.

    Args:
        seed: which one.

    Returns:
        A fresh generator.
    """
    return torch.Generator().manual_seed(seed)


def returns_its_input(function: Callable, *rest) -> bool:
    """Whether a function of a reader's gives back what it gets, as some stubs do.

    Args:
        function: takes a tensor, and perhaps two numbers.
        *rest: the signal to try it on, if there is one in the call of the check.

    Returns:
        Whether the result equals the first argument.
    """
    x = rest[0] if rest else torch.linspace(-1, 1, 32).reshape(2, 16)
    numbers = (1, 4)[: len(inspect.signature(function).parameters) - 1]
    return torch.equal(function(x.clone(), *numbers), x)
