"""`import symshape` and `symshape --help` stay light: what they ask Python to import, seen in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from pkgutil import iter_modules

import pytest

from symshape.cli import commands

# Frameworks, optional dependencies, and heavy packages that a dependency might pull in.
HEAVY = (
    "torch",
    "keras",
    "tensorflow",
    "jax",
    "numpy",
    "pandas",
    "matplotlib",
    "rich",
    "onnx",
    "transformers",
    "networkx",
    "dask",
    "numba",
    "h5py",
)

# Runs the code given as an argument while noting every top-level package that is asked for, installed or not.
WATCH = """
import json, sys

class Watch:
    asked = set()
    def find_spec(self, name, path=None, target=None):
        self.asked.add(name.partition(".")[0])

sys.meta_path.insert(0, Watch())
code = sys.argv.pop()
try:
    exec(code)
except SystemExit as end:
    assert not end.code, end.code
loaded = {name.partition(".")[0] for name in sys.modules}
print(json.dumps(sorted(Watch.asked | loaded)))
"""


def asked_for_by(code: str) -> set[str]:
    """The top-level packages that a fresh Python was asked to import while it ran the code."""
    done = subprocess.run([sys.executable, "-c", WATCH, code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{code!r} failed:\n{done.stderr}"
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_watch_sees_what_is_asked_for_even_when_it_is_not_installed():
    code = "try:\n    import no_such_package.part\nexcept ImportError:\n    pass\nimport fractions"
    assert {"no_such_package", "fractions"} <= asked_for_by(code)


def test_import_symshape_asks_for_nothing_heavy():
    asked = asked_for_by("import symshape")
    assert "symshape" in asked
    assert asked.isdisjoint(HEAVY), f"`import symshape` asks for {', '.join(sorted(asked.intersection(HEAVY)))}"


COMMANDS = sorted(module.name.replace("_", "-") for module in iter_modules(commands.__path__))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_starts_without_sympy_or_jinja2(arguments):
    code = (
        f"import runpy; sys.argv[1:] = {arguments!r}\nrunpy.run_module('symshape', run_name='__main__', alter_sys=True)"
    )
    asked = asked_for_by(code)
    unwanted = asked.intersection({"sympy", "jinja2", *HEAVY})
    assert not unwanted, f"`symshape {' '.join(arguments)}` asks for {', '.join(sorted(unwanted))}"


def test_symshape_can_be_run_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "symshape", "--help"], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage:")
