"""``train NAME`` makes a run, ``demo FILE`` draws what it hears, ``measure NAME`` repeats an experiment."""

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """The command line.

    Args:
        arguments: without the program's name; ``None`` takes ``sys.argv``.

    Returns:
        The exit status: 0, or 2 for an input that cannot be used (one sentence says why).
    """
    parser = argparse.ArgumentParser(prog="python -m olc_lib", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a run and store it")
    train.add_argument("name", help="which run")
    train.add_argument("--device", help="cpu or cuda; by default a GPU if there is one")
    again = commands.add_parser("measure", help="measure what no file has yet of an experiment")
    again.add_argument("name", help="which experiment")
    again.add_argument("--arm", action="append", help="only this arm; may be repeated")
    again.add_argument("--seed", type=int, action="append", help="only this seed; may be repeated")
    again.add_argument("--device", default="cpu", help="cpu (the default) or cuda")
    show = commands.add_parser("demo", help="turn a recording of a digit into a picture")
    show.add_argument("file", help="any recording of one spoken digit")
    show.add_argument(
        "--out", type=Path, help="where the picture goes; by default the recording's name with .png, here"
    )
    show.add_argument("--run", default="slim", help="which run listens and draws")
    given = parser.parse_args(arguments)

    def known(names) -> None:
        if given.name not in names:
            parser.error(f"argument name: invalid choice: {given.name!r} (choose from {', '.join(map(repr, names))})")

    try:  # a command imports what it needs, and no more: the demo answers fast
        if given.command == "train":
            from . import recipes, runs

            known(recipes.SETTINGS)
            run = runs.train(given.name, given.device)
            print(runs.describe(run.name, run.results))
            for name, value in run.results["metrics"].items():
                print(f"{name:24} {value:g}")
        elif given.command == "measure":
            from .ledger import experiments, studies

            known(studies.EXPERIMENTS)
            for line in experiments.grid(
                given.name, studies.EXPERIMENTS[given.name], given.arm, given.seed, given.device
            ):
                print(line, flush=True)
        else:
            from . import demo

            out = given.out or Path(Path(given.file).stem + ".png")
            print(demo.draw(given.file, out, given.run))
    except (ValueError, OSError) as error:
        print(f"olc_lib: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
