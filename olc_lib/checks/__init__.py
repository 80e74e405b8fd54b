"""Self-checks of the exercises: ``checks.NAME(answer)`` prints *Not yet*, *Not yet* with a hint, or *Correct*.

Every chapter has a file of its own, ``chNN.py``; what it checks is found here by its name. Nothing else in the library
uses this package, and a change here makes no chapter execute again.
"""

import importlib
import pkgutil

for _file in pkgutil.iter_modules(__path__):
    if _file.name.startswith("ch") and _file.name[2:].isdigit():
        _chapter = importlib.import_module(f"{__name__}.{_file.name}")
        _checks = {name: rule for name, rule in vars(_chapter).items() if hasattr(rule, "__wrapped__")}
        if _twice := _checks.keys() & globals().keys():
            raise ImportError(f"two chapters have a check named {', '.join(_twice)}")
        globals().update(_checks)
