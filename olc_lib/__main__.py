"""``train NAME`` makes a run, ``demo FILE`` draws what it hears, ``measure NAME`` repeats an experiment."""

import argparse
import sys
from pathlib import Path

from . import demo, recipes, runs
from .ledger import experiments
from .ledger.studies import EXPERIMENTS


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
    train.add_argument("name", choices=list(recipes.SETTINGS), help="which run")
    train.add_argument("--device", help="cpu or cuda; by default a GPU if there is one")
    again = commands.add_parser("measure", help="measure what no file has yet of an experiment")
    again.add_argument("name", choices=list(EXPERIMENTS), help="which experiment")
    again.add_argument("--arm", action="append", help="only this arm; may be repeated")
    again.add_argument("--seed", type=int, action="append", help="only this seed; may be repeated")
    again.add_argument("--device", default="cpu", help="cpu (the default) or cuda")
    show = commands.add_parser("demo", help="turn a recording of a digit into a picture")
    show.add_argument("file", help="any recording of one spoken digit")
    show.add_argument(
        "--out", type=Path, help="where the picture goes; by default the recording's name with .png, here"
    )
    show.add_argument("--run", default="slim", help="which run listens and draws")
    page = commands.add_parser("live", help="write the models that the book's live pages run")
    page.add_argument("parts", nargs="*", help="which files; by default all")
    page.add_argument("--run", default="slim", help="which run's models")
    given = parser.parse_args(arguments)
    try:
        if given.command == "train":
            run = runs.train(given.name, given.device)
            print(runs.describe(run.name, run.results))
            for name, value in run.results["metrics"].items():
                print(f"{name:24} {value:g}")
        elif given.command == "measure":
            for line in experiments.grid(given.name, EXPERIMENTS[given.name], given.arm, given.seed, given.device):
                print(line, flush=True)
        elif given.command == "live":
            from . import live

            print("\n".join(live.export_all(given.run, given.parts)))
        else:
            out = given.out or Path(Path(given.file).stem + ".png")
            print(demo.draw(given.file, out, given.run))
    except (ValueError, OSError) as error:
        print(f"olc_lib: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
