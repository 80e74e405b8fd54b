"""Executes the book by papermill into a staged copy, and builds that copy.

    python book/execute.py --build                  every chapter on the embedded data, trained afresh; then the HTML
    python book/execute.py --run wide --resume      at the paper's scale (a GPU); the same line goes on after a break
    python book/execute.py --sync --update          for authors: .py -> .ipynb, then fresh outputs into the .ipynb
    python book/execute.py --sync --update --only 32 ledger                          the same for some pages

The staged copy is ``_build/executed/RUN``; what chapters train goes to ``_build/runs/RUN``, which the environment
variable OLC_RUNS tells them. So neither the paired notebooks nor the runs that ship with the package are touched.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import nbformat
import pair
import papermill
from papermill.exceptions import PapermillExecutionError
from toc import KERNEL, ROOT, chapters, pages, tags

BUILD = ROOT / "_build"
#: Chapters that are executed side by side. Each has one thread: more would wait for each other.
WORKERS = 2
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


def use_python(folder, python=sys.executable):
    """Makes the kernel "python3" mean one interpreter, whatever kernels the user or the machine has installed."""
    spec = Path(folder) / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"]
    spec.write_text(json.dumps({"argv": command, **KERNEL}), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder)


def library_digest():
    """A digest of every file of olc_lib, shipped weights and corpora included, the self-checks not."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "olc_lib").rglob("*")):
        if path.is_file() and not {"__pycache__", "checks"} & set(path.parts):
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def execute(chapter, target, parameters):
    """Executes one chapter.

    Args:
        chapter: the notebook to read.
        target: where the executed notebook goes; its folder is the working directory.
        parameters: values for the cell tagged "parameters"; a chapter gets those that it declares there.

    Returns:
        None, or one line that says what failed.
    """
    declared = "\n".join(cell.source for cell in nbformat.read(chapter, 4).cells if "parameters" in tags(cell))
    parameters = {name: value for name, value in parameters.items() if re.search(rf"(?m)^{name} = ", declared)}
    bar = sys.stderr.isatty() and "CI" not in os.environ and {"desc": chapter.stem, "leave": False}
    try:
        papermill.execute_notebook(
            chapter, target, parameters, kernel_name="python3", cwd=target.parent, progress_bar=bar
        )
    except PapermillExecutionError as error:
        return f"cell [{error.exec_count}]: {error.ename}: {(str(error.evalue).splitlines() or [''])[0]}"
    except Exception as error:  # a kernel that died, say: the other chapters still run
        return f"{type(error).__name__}: {error}"
    notebook = nbformat.read(target, 4)
    notebook.cells = [cell for cell in notebook.cells if "injected-parameters" not in tags(cell)]
    for cell in notebook.cells:
        if "parameters" in tags(cell):  # the cell that explains the parameters shows the values that were used
            for name, value in parameters.items():
                text = f'"{value}"' if isinstance(value, str) else str(value)
                cell.source = re.sub(rf"(?m)^{name} = [^#\n]*?(?=\s*(#|$))", f"{name} = {text}", cell.source)
    nbformat.write(notebook, target)
    return None


def chosen(beginnings):
    """The chapters whose names begin so, such as "32" or "ledger"; without beginnings all.

    Raises:
        SystemExit: if a beginning is that of no chapter.
    """
    found = [path for path in chapters() if not beginnings or path.stem.startswith(tuple(beginnings))]
    for beginning in beginnings:
        if not any(path.stem.startswith(beginning) for path in found):
            names = ", ".join(path.stem for path in chapters())
            raise SystemExit(f"--only {beginning}: no page with code begins so; there are {names}")
    return found


def execute_all(label, parameters, resume, some=()):
    """Executes every chapter, goes on after one that failed, and lists the failures at the end.

    Args:
        label: names the folders under _build/executed and _build/runs.
        parameters: what the chapters' cells tagged "parameters" get.
        resume: skip a chapter whose sources, run and library are those of its executed copy, and read a run that
            is complete instead of training it again.
        some: execute these chapters only, and leave the other executed copies where they are.

    Returns:
        The folder of the staged copy, and whether every chapter succeeded.
    """
    stage, runs = BUILD / "executed" / label, BUILD / "runs" / label
    os.environ["OLC_RUNS"] = str(runs)
    if not resume and not some:
        shutil.rmtree(stage, ignore_errors=True)
        if runs.exists():  # what lies there may have taken hours: kept until the next time
            shutil.rmtree(f"{runs}.previous", ignore_errors=True)
            runs.rename(f"{runs}.previous")
    runs.mkdir(parents=True, exist_ok=True)
    os.environ.update(ONE_THREAD)
    if parameters.get("retrain"):
        train(label)
        parameters = parameters | {"retrain": False}  # the pages read what has been made
    use_python(BUILD / "jupyter")
    leave = shutil.ignore_patterns("*.ipynb", "*.py", ".*", "__pycache__")
    shutil.copytree(ROOT / "book", stage / "book", ignore=leave, dirs_exist_ok=True)
    shutil.copy(Path(__file__).with_name("no_thebe.py"), stage / "book")  # an extension of the build
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, stage / name)
    ledger = stage / "executed.json"
    done = json.loads(ledger.read_text(encoding="utf-8")) if ledger.exists() else {}
    names = [chapter.as_posix() for chapter in some or chapters()]
    failures, took, library, begin = {}, {}, library_digest(), time.time()
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as workers:
        waiting = {}
        for name in names:
            key = chapter_key(ROOT / name, parameters, library)
            if resume and done.get(name) == key and (stage / name).exists():
                print(f"{name} unchanged, skipped", flush=True)
                continue
            waiting[workers.submit(timed, ROOT / name, stage / name, parameters)] = name, key
        for number, future in enumerate(as_completed(waiting), 1):
            name, key = waiting[future]
            failure, took[name] = future.result()
            done.pop(name, None)
            if failure:
                failures[name] = failure
            else:
                done[name] = key
            ledger.write_text(json.dumps(done, indent=1), encoding="utf-8")
            outcome = "FAILED after" if failure else "executed in"
            print(f"[{number}/{len(waiting)}] {name} {outcome} {took[name]:.0f} s", flush=True)
    total, work = time.time() - begin, sum(took.values())
    good = len(names) - len(failures)
    print(f"{good} of {len(names)} chapters executed in {total:.0f} s ({work:.0f} s, {WORKERS} at a time)", flush=True)
    slowest = sorted(took, key=took.get, reverse=True)[:5]
    print("the slowest: " + ", ".join(f"{Path(name).stem} {took[name]:.0f} s" for name in slowest), flush=True)
    for name, line in failures.items():
        print(f"FAILED {name}, {line} (see {stage / name})", flush=True)
    return stage, not failures


def chapter_key(path, parameters, library):
    """What an executed copy depends on: the cells, the parameters that change results, and the library."""
    cells = [(cell.source, tags(cell)) for cell in nbformat.read(path, 4).cells]
    which = {name: value for name, value in parameters.items() if name != "retrain"}
    return hashlib.sha256(json.dumps([cells, which, library]).encode()).hexdigest()


def timed(chapter, target, parameters):
    """Executes one chapter in a worker; returns what failed, and how many seconds it took."""
    start = time.time()
    return execute(chapter, target, parameters), time.time() - start


def train(run):
    """Trains every model of a run, unless an earlier call has made it with the settings of today."""
    import torch

    from olc_lib import runs
    from olc_lib.systems import placed

    if run not in placed.SETTINGS:
        return
    if runs.is_made(run):
        print(f"the run {run!r} is made: it is read, not trained again", flush=True)
        return
    gpu = torch.cuda.is_available()
    where = torch.cuda.get_device_name() if gpu else "the processor: no GPU was found"
    print(f"the run {run!r} is trained on {where}", flush=True)
    runs.train(run, jobs=1 if gpu else WORKERS)


def say_what_it_took(run):
    """Prints device, minutes and memory of the run that the chapters have trained."""
    from olc_lib import runs

    try:
        print(runs.describe(run, runs.read_results(run)), flush=True)
    except (FileNotFoundError, ValueError) as error:
        print(error, flush=True)


def build(folder):
    """Builds the HTML of a book folder with warnings as errors; returns whether every page is there."""
    html = folder / "_build" / "html"
    shutil.rmtree(folder / "_build", ignore_errors=True)
    main = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    options = ["build", str(folder), "-W", "-n", "--keep-going", "--quiet"]
    status = subprocess.run([sys.executable, "-c", main, *options]).returncode
    missing = [page for page in pages(folder) if not (html / f"{page}.html").exists()]
    if status or missing or list(html.glob("reports/**/*.log")):
        print(f"FAILED to build the book: status {status}, pages that are missing: {missing or 'none'}", flush=True)
        return False
    print(f"The book is built, open {(html / 'index.html').as_uri()}", flush=True)
    return True


def main():
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="embedded", choices=["embedded", "slim", "wide"], help="the run to make")
    parser.add_argument("--retrain", default=True, action=argparse.BooleanOptionalAction, help="train, or read the run")
    parser.add_argument("--resume", action="store_true", help="skip what is done; training goes on where it stopped")
    parser.add_argument("--build", action="store_true", help="then build the HTML of the executed copy")
    parser.add_argument("--sync", action="store_true", help="make every .ipynb from its .py, keeping outputs; no more")
    parser.add_argument("--update", action="store_true", help="execute as committed, copy the outputs into the .ipynb")
    parser.add_argument("--only", nargs="+", default=[], metavar="PAGE", help="only pages whose names begin so")
    given = parser.parse_args()
    some = chosen(given.only)
    if given.sync or given.update:
        for chapter in some if given.sync else ():
            pair.sync(chapter)
    if given.sync and not given.update:
        return 0
    if given.update:  # as committed: no parameter is set
        stage, good = execute_all("as_committed", {}, given.resume, given.only and some)
        for chapter in some if good else ():
            pair.update(chapter, stage / chapter)
    else:
        parameters = {"run": given.run, "retrain": given.retrain}
        stage, good = execute_all(given.run, parameters, given.resume, given.only and some)
        if given.retrain:
            say_what_it_took(given.run)
    return 0 if good and (not given.build or build(stage)) else 1


if __name__ == "__main__":
    sys.exit(main())
