"""``train RUN`` makes a run, ``demo FILE`` draws what it hears, ``measure NAME`` repeats an experiment."""

import argparse
import sys
from pathlib import Path

# What a command needs is imported in its own branch: an answer should not wait for the rest.


def main(arguments: list[str] | None = None) -> int:
    """The command line.

    Args:
        arguments: without the program's name; ``None`` takes ``sys.argv``.

    Returns:
        The exit status: 0, or 2 for an input that cannot be used (one sentence says why).
    """
    given = _parser().parse_args(arguments)
    try:
        given.run_command(given)
    except (ValueError, OSError) as error:
        print(f"olc_lib: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m olc_lib", description=__doc__)
    commands = parser.add_subparsers(required=True)

    train = commands.add_parser("train", help="train a run and store it")
    train.add_argument("run", help="which run, such as embedded or slim")
    train.add_argument("--system", default="placed", help="whose run; by default the paper's")
    train.add_argument("--only", action="append", metavar="MODEL", help="only this model; may be repeated")
    train.add_argument(
        "--jobs", type=int, default=1, help="models trained at a time, where they do not need each other"
    )
    train.add_argument("--device", help="cpu or cuda; by default a GPU if there is one")
    train.set_defaults(run_command=_train)

    measure = commands.add_parser("measure", help="measure what no file has yet of an experiment")
    measure.add_argument("name", help="which experiment")
    measure.add_argument("--arm", action="append", help="only this arm; may be repeated")
    measure.add_argument("--seed", type=int, action="append", help="only this seed; may be repeated")
    measure.add_argument("--jobs", type=int, default=1, help="cells measured at a time, one thread each")
    measure.add_argument("--stale", action="store_true", help="again what other code than today's has measured")
    measure.add_argument("--device", default="cpu", help="cpu (the default) or cuda")
    measure.set_defaults(run_command=_measure)

    stale = commands.add_parser("stale", help="list the results that other code than today's has made")
    stale.set_defaults(run_command=_stale)

    vouch = commands.add_parser("vouch", help="declare that results which other code has made still hold, and why")
    vouch.add_argument("name", help="an experiment, or SYSTEM/RUN")
    vouch.add_argument("--why", required=True, help="for instance: a constant was renamed")
    vouch.set_defaults(run_command=_vouch)

    demo = commands.add_parser("demo", help="turn a recording of a digit into a picture")
    demo.add_argument("file", help="any recording of one spoken digit")
    demo.add_argument(
        "--out", type=Path, help="where the picture goes; by default the recording's name with .png, here"
    )
    demo.add_argument("--run", default="slim", help="which run listens and draws")
    demo.set_defaults(run_command=_demo)
    return parser


def _train(given: argparse.Namespace) -> None:
    from . import runs

    run = runs.train(given.run, given.system, given.device, only=given.only, jobs=given.jobs)
    for name, value in run.results.get("metrics", {}).items():
        print(f"{name:24} {value:g}")


def _measure(given: argparse.Namespace) -> None:
    from .ledger import experiments

    experiment = experiments.find(given.name)
    lines = experiments.grid(given.name, experiment, given.arm, given.seed, given.device, given.jobs, given.stale)
    for line in lines:
        print(line, flush=True)


def _stale(given: argparse.Namespace) -> None:
    from . import runs
    from .ledger import experiments

    for system, run in runs.made():
        if not runs.is_current(run, system):
            print(f"{system}/{run}: {runs.read_results(run, system)['provenance']['date']}")
    for name, experiment in experiments.known().items():
        print(*experiments.stale(name, experiment), sep="\n", end="\n" if experiments.stale(name, experiment) else "")


def _vouch(given: argparse.Namespace) -> None:
    from . import runs
    from .ledger import experiments

    if "/" in given.name:
        system, run = given.name.split("/", 1)
        print(runs.vouch(run, system, given.why))
    else:
        print(experiments.vouch(given.name, given.why))


def _demo(given: argparse.Namespace) -> None:
    from . import demo

    print(demo.draw(given.file, given.out or Path(Path(given.file).stem + ".png"), given.run))


if __name__ == "__main__":
    sys.exit(main())
