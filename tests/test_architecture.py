"""The arrows of the house: who may import whom, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "symshape"

# A room is a file or folder directly in symshape/. It may import rooms above it in this list, and itself.
ROOMS = (
    "errors",
    "written",
    "symbols",
    "algebra",
    "notation",
    "declaration",
    "layers",
    "network",
    "repeat",
    "domain",
    "derivation",
    "metrics",
    "whatif",
    "report",
    "importers",
    "zoo",
    "cli",
    "__main__",
)
# Doors: a method through which a user walks on (net.derive(), d.params, d.report()) hands itself to a later room when it is
# called. Nothing is imported upwards while a file loads, and there are no other doors.
DOORS = {
    ("symshape.network", "symshape.derivation"),
    ("symshape.derivation.quantities", "symshape.metrics"),
    ("symshape.derivation.layer", "symshape.metrics.receptive_field"),
    ("symshape.derivation.whole", "symshape.metrics.receptive_field"),
    ("symshape.derivation.whole", "symshape.report"),
    ("symshape.derivation.questions", "symshape.whatif"),
    ("symshape.whatif.sweeping.table", "symshape.report"),  # table.to_svg()
    ("symshape.whatif.searching", "symshape.report"),  # found.to_svg()
}
# symshape/__init__.py is the public face: it may import every room, and no room may import it.


@dataclass(frozen=True)
class Import:
    """One import of a module of this package: `importer` and `target` are full module names."""

    importer: str
    target: str
    line: int
    at_load: bool  # runs while the importer loads: not in a function, not for type checking only

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}: imports {self.target}"


def modules_of(package: Path) -> dict[str, Path]:
    """Every module of the package by its full name; a package's __init__.py goes by the package's name."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def room_of(module: str) -> str | None:
    """The room of a module; None for the public face."""
    return module.split(".")[1] if "." in module else None


def imports_of(package: Path) -> list[Import]:
    """Every import of the package's own modules, in every file, wherever in the file it stands."""
    modules = modules_of(package)
    return [
        Import(name, target, line, at_load)
        for name, path in modules.items()
        for node, at_load in import_nodes(ast.parse(path.read_text(encoding="utf-8"), str(path)), at_load=True)
        for target, line in targets(node, name, path, modules)
        if target.split(".")[0] == package.name
    ]


def import_nodes(node: ast.AST, *, at_load: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Import statements and `import_module("…")` calls below a node, each with whether loading the file runs it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom, ast.Call)):
            yield child, at_load
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from import_nodes(child, at_load=False)
        elif isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            yield from import_nodes(ast.Module(child.body, []), at_load=False)
            yield from import_nodes(ast.Module(child.orelse, []), at_load=at_load)
        else:
            yield from import_nodes(child, at_load=at_load)


def targets(node: ast.AST, importer: str, path: Path, modules: Mapping[str, Path]) -> Iterator[tuple[str, int]]:
    """The full names of the modules that one node imports, with the line."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:  # relative: one dot is the package that the file lies in
            package = importer.split(".") if path.name == "__init__.py" else importer.split(".")[:-1]
            package = package[: len(package) - node.level + 1]
            base = ".".join([*package, base] if base else package)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield (inner if inner in modules else base), node.lineno
    elif (
        isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in ("import_module", "__import__")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ):
        yield node.args[0].value, node.lineno


def wrong_ways(imports: Iterable[Import], rooms: tuple[str, ...]) -> list[str]:
    """Every import that points up the list, or at the public face, as a sentence."""
    height = {room: position for position, room in enumerate(rooms)}
    found = []
    for each in imports:
        source, target = room_of(each.importer), room_of(each.target)
        if source is None or source not in height:  # the public face is exempt; an unplaced room fails on its own
            continue
        if target is None:
            found.append(f"{each}, the public face; import the room that defines the name")
        elif target in height and height[target] > height[source] and not is_door(each):
            found.append(f"{each}, but {target!r} comes after {source!r}")
    return found


def is_door(each: Import) -> bool:
    """Whether the import is one of the listed doors: opened by a call, never by loading a file."""
    return not each.at_load and (each.importer, each.target) in DOORS


def unplaced(modules: Iterable[str], rooms: tuple[str, ...]) -> list[str]:
    """The rooms that exist in the package but not in the list."""
    return sorted({room for module in modules if (room := room_of(module)) is not None and room not in rooms})


def load_cycle(imports: Iterable[Import], modules: Iterable[str]) -> list[str] | None:
    """Some circle of files that import one another while loading, first one repeated at the end; None without one."""
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for each in imports:
        if each.at_load and each.target in graph and room_of(each.importer) is not None:
            graph[each.importer].add(each.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return None


# --- The package itself


def test_every_room_has_its_place():
    missing = unplaced(modules_of(PACKAGE), ROOMS)
    assert not missing, f"place {', '.join(missing)} in the order of ROOMS in {__file__}: who may import it?"


def test_imports_point_down_the_list():
    found = wrong_ways(imports_of(PACKAGE), ROOMS)
    assert not found, "imports against the order of the house:\n  " + "\n  ".join(found)


def test_no_circular_imports():
    circle = load_cycle(imports_of(PACKAGE), modules_of(PACKAGE))
    assert circle is None, "files that import one another in a circle:\n  " + " → ".join(circle or [])


# --- The checks above, shown to see what they are for


def house(folder: Path, files: Mapping[str, str]) -> Path:
    """A package `toy` of the given files."""
    package = folder / "toy"
    for name, text in {"__init__.py": "from toy.top import *", **files}.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


@pytest.mark.parametrize(
    "text",
    [
        "import toy.top",
        "import toy.top.part as p",
        "from toy.top import x",
        "from toy import top",
        "from . import top",
        "from .top import x",
        "def f():\n    from toy.top import x",
        "class C:\n    import toy.top",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from toy.top import x",
        "try:\n    import toy.top\nexcept ImportError:\n    pass",
        "import importlib\nimportlib.import_module('toy.top')",
    ],
)
def test_an_upward_import_is_seen_however_it_is_written(tmp_path, text):
    package = house(tmp_path, {"base.py": text, "top.py": "x = 1"})
    (found,) = wrong_ways(imports_of(package), ("base", "top"))
    assert "toy.base, line" in found
    assert "'top' comes after 'base'" in found
    assert not wrong_ways(imports_of(package), ("top", "base"))


@pytest.mark.parametrize("text", ["import toy", "from toy import x", "from . import x", "from toy import *"])
def test_the_public_face_is_not_imported(tmp_path, text):
    (found,) = wrong_ways(imports_of(house(tmp_path, {"base.py": text, "top.py": "x = 1"})), ("base", "top"))
    assert "the public face" in found


def test_relative_imports_in_a_folder(tmp_path):
    package = house(
        tmp_path,
        {
            "base/__init__.py": "from .one import x",
            "base/one.py": "from ..top import x",
            "top.py": "from .base.one import x",
        },
    )
    assert {(each.importer, each.target) for each in imports_of(package)} == {
        ("toy", "toy.top"),
        ("toy.base", "toy.base.one"),
        ("toy.base.one", "toy.top"),
        ("toy.top", "toy.base.one"),
    }
    assert len(wrong_ways(imports_of(package), ("base", "top"))) == 1


def test_a_room_without_a_place_is_named(tmp_path):
    package = house(tmp_path, {"base.py": "", "attic/box.py": "", "top.py": ""})
    assert unplaced(modules_of(package), ("base", "top")) == ["attic"]


def test_a_circle_is_found(tmp_path):
    package = house(
        tmp_path,
        {
            "base/a.py": "from toy.base.b import x",
            "base/b.py": "from toy.base.c import x",
            "base/c.py": "import toy.base.a",
        },
    )
    circle = load_cycle(imports_of(package), modules_of(package))
    assert circle is not None
    assert circle[0] == circle[-1]
    assert set(circle) == {"toy.base.a", "toy.base.b", "toy.base.c"}
    assert set(pairwise(circle)) <= {(each.importer, each.target) for each in imports_of(package)}


def test_an_import_that_waits_until_it_is_called_closes_no_circle(tmp_path):
    later = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import toy.base.a\ndef f(): import toy.base.a"
    package = house(tmp_path, {"base/a.py": "from toy.base.b import x", "base/b.py": later})
    assert load_cycle(imports_of(package), modules_of(package)) is None
