"""Where a result comes from: settings as JSON, the code it depends on, the machine that made it, and what it cost."""

import ast
import dataclasses
import datetime
import functools
import hashlib
import importlib
import os
import platform
import sys
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None

PACKAGE = Path(__file__).parent
#: Rooms whose code stores, fetches and tells, and changes no number.
MACHINERY = {f"olc_lib.{room}" for room in ("runs", "stored", "provenance", "download", "systems", "plots", "widgets")}


def origin(device: str) -> dict:
    """Date, machine and version, for a result made now.

    Args:
        device: where it was made.

    Returns:
        JSON-able.
    """
    from . import __version__

    return {
        "date": datetime.date.today().isoformat(),
        "device": torch.cuda.get_device_name() if device.startswith("cuda") else "CPU",
        "machine": platform.machine(),
        "processor": _processor(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "olc_lib": __version__,
    }


def vouch(about: dict, code: str, why: str) -> None:
    """Note in a result's provenance that today's code would give the same, and why.

    Args:
        about: the provenance, changed in place.
        code: digest of today's code.
        why: the reason.
    """
    about.setdefault("vouched", []).append(
        {"was": about.get("code"), "on": datetime.date.today().isoformat(), "why": why}
    )
    about["code"] = code


def peak_memory(device: str) -> int | None:
    """The most memory that was in use.

    Args:
        device: a GPU's own memory since its peak was last reset, or this process's since it began.

    Returns:
        MiB, or ``None`` where the system does not say (Windows).
    """
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated() // 2**20
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def _processor() -> str:
    """What the system calls its processor, with family and model, for makers do not always say more than their name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    about = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    words = (
        about.get("model name", platform.machine()),
        *(f"{k} {about[k]}" for k in ("cpu family", "model") if k in about),
    )
    return ", ".join(words)


# --- settings as JSON ----------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """Settings in JSON's types: dataclasses and tuples unpacked, functions of this package by name.

    Args:
        value: numbers, text, lists, dictionaries, dataclasses, functions, ``functools.partial`` of functions.

    Returns:
        The same in JSON's own types.

    Raises:
        TypeError: for anything else.
    """
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, functools.partial):
        return {"function": _name(value.func), "with": plain(value.keywords)}
    if isinstance(value, types.FunctionType):
        return {"function": _name(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"settings hold {value!r}, expected numbers, text, functions of olc_lib, or dataclasses of these")


def restore(kind: Any, stored: Any) -> Any:
    """The inverse of :func:`plain`.

    Args:
        kind: the type that is wanted, such as a dataclass.
        stored: what JSON gave back.

    Returns:
        An object of that type.

    Raises:
        TypeError, ValueError: if ``stored`` does not fit, or names a function outside this package.
    """
    if isinstance(stored, dict) and "function" in stored:
        module, _, name = stored["function"].partition(":")
        if module.split(".")[0] != "olc_lib":
            raise ValueError(f"settings name the function {stored['function']!r}, expected one of olc_lib")
        function = getattr(importlib.import_module(module), name)
        return functools.partial(function, **stored["with"]) if "with" in stored else function
    if isinstance(stored, dict) and typing.get_args(kind):  # such as "Training | None"
        kind = next(filter(dataclasses.is_dataclass, typing.get_args(kind)), kind)
    if dataclasses.is_dataclass(kind) and isinstance(stored, dict):
        hints = typing.get_type_hints(kind)
        return kind(**{name: restore(hints.get(name), value) for name, value in stored.items()})
    if isinstance(stored, dict):
        return {name: restore(None, value) for name, value in stored.items()}
    if isinstance(stored, list):
        return tuple(stored) if typing.get_origin(kind) is tuple or kind is tuple else stored
    return stored


def _name(function: Callable) -> str:
    return f"{function.__module__}:{function.__qualname__}"


# --- the code that a result depends on -----------------------------------------------------------------------


def digest(*roots: Callable | str) -> str:
    """A digest of all code of this package that the roots reach by name; comments and docstrings do not count.

    Every function, class and constant that stands at the top of a module is one piece. A piece reaches those
    whose names it mentions, also through imports, except :data:`MACHINERY`. Moving a piece
    changes nothing; renaming it does.

    Args:
        *roots: functions and classes of this package, or their names as ``"olc_lib.module:name"``.

    Returns:
        Sixteen hexadecimal digits.
    """
    found: dict[tuple[str, str], str] = {}
    waiting = [_split(root) for root in roots]
    while waiting:
        place = waiting.pop()
        if place in found or place[0] in MACHINERY or place[1] not in _pieces(place[0]):
            continue
        found[place], reached = _pieces(place[0])[place[1]]
        waiting += reached
    text = "\n".join(sorted(code for code in found.values() if code))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def functions_in(value: Any) -> list[Callable]:
    """The functions that settings mention: they, too, are code that a result depends on.

    Args:
        value: settings, see :func:`plain`.

    Returns:
        Functions, in no particular order.
    """
    if isinstance(value, functools.partial):
        return [value.func]
    if isinstance(value, types.FunctionType):
        return [value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [function for item in items for function in functions_in(item)]


def _split(root: Callable | str) -> tuple[str, str]:
    module, _, name = (root if isinstance(root, str) else _name(root)).partition(":")
    return module, name.split(".")[0]


def _file(module: str) -> Path | None:
    base = PACKAGE.joinpath(*module.split(".")[1:])
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@functools.cache
def _pieces(module: str) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Name of each top-level piece of a module to its code, and the places of all pieces it mentions."""
    file = _file(module) if module.split(".")[0] == "olc_lib" else None
    if file is None:
        return {}
    tree = ast.parse(file.read_text(encoding="utf-8"))
    _strip_docstrings(tree)
    imported: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source = _absolute(module, file, node)
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                imported[alias.asname or alias.name] = (whole, None) if _file_of(whole) else (source, alias.name)
    bodies: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _names(node):
            bodies.setdefault(name, []).append(node)
    pieces = {}
    for name, nodes in bodies.items():
        code, reached = [], []
        for node in nodes:
            code.append(_canonical(node))
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                    target = imported.get(part.value.id)
                    if target and target[1] is None:
                        reached.append((target[0], part.attr))
                elif isinstance(part, ast.Name):
                    if part.id in bodies:
                        reached.append((module, part.id))
                    elif imported.get(part.id, ("", None))[1]:
                        reached.append(imported[part.id])
        pieces[name] = "\n".join(code), reached
    for name, (source, original) in imported.items():  # a name that is only passed on
        if original:
            pieces.setdefault(name, ("", [(source, original)]))
    return pieces


def _file_of(module: str) -> Path | None:
    return _file(module) if module.startswith("olc_lib.") else None


def _absolute(module: str, file: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def _strip_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:] or [ast.Pass()]


def _canonical(node: Any) -> str:
    """Code as text that is the same under every version of Python; ``ast.dump`` is not."""
    if isinstance(node, ast.AST):
        fields = [f"{name}={_canonical(value)}" for name, value in ast.iter_fields(node) if value not in (None, [])]
        return f"{type(node).__name__}({', '.join(fields)})"
    return "[" + ", ".join(map(_canonical, node)) + "]" if isinstance(node, list) else repr(node)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Args:
        path: of the file.
        text: its new content.
    """
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
