"""The table a framework would print, with the closed forms beside the numbers; and the same as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from symshape.algebra.poly import Poly, Value, canonical
from symshape.algebra.present import present
from symshape.declaration.layer import Shape
from symshape.derivation import Derivation, LayerDerivation
from symshape.domain import Domain
from symshape.errors import Undecided
from symshape.layers.source import InputLayer
from symshape.network import Network
from symshape.notation import escape_text, text
from symshape.report.formats.json import plain
from symshape.report.tables import BOX, NO_BREAK, breakable, drawn, wrapped
from symshape.written import By

__all__ = ["summary_json", "summary_text"]

_NARROWEST, _WIDEST = 60, 140


# Further metrics that were asked for: by the text in which they were, the name and its options.
Asked = Mapping[str, tuple[str, Mapping[str, str]]]


def summary_json(derivation: Derivation, model: str, bindings: Mapping[str, Any], asked: Asked | None = None) -> str:
    """The layers in the framework's order, the totals, with those asked for besides, and the domain.

    A size or cost is an integer or a closed form as text; integers beyond 2^53 are text too.
    """
    names = ("trainable", "non_trainable", "macs")
    data = {
        "model": model,
        "bindings": {name: _plain(value) for name, value in bindings.items()},
        "layers": [
            {
                "name": layer.name,
                "type": _type(layer),
                "output_shape": _one_or_all([[_plain(size) for size in shape] for shape in layer.outputs]),
                **{name: _plain(layer.value(name)) for name in names},
            }
            for layer in _listed(derivation)
        ],
        "totals": {
            **{name: _plain(derivation.value(name)) for name in ("params", *names)},
            **{said: _plain(derivation.value(name, **options)) for said, (name, options) in (asked or {}).items()},
        },
        "domain": _domain(derivation, str),
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def summary_text(
    derivation: Derivation, there: Derivation | None = None, width: int | None = None, asked: Asked | None = None
) -> str:
    """The table for a terminal: each layer's output shape, parameters and MACs.

    With `there`, the same network at numbers, its numbers stand first and the closed forms beside them.
    """
    columns = width or max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))
    head = ["Layer (type)", "Output Shape", "Param #", "MACs"]
    rows = [_row(layer) for layer in _listed(there or derivation)]
    if there is not None:
        head.insert(2, "Closed form")
        for row, layer in zip(rows, _listed(derivation), strict=True):
            row.insert(2, _changing(layer))
    numeric = there is not None or not derivation.symbols
    numbers = [numeric and name in ("Param #", "MACs") for name in head]
    table = drawn(head, rows, numbers=numbers, width=columns, style=BOX)
    title = f'Model: "{escape_text(derivation.network.name)}"'
    totals = (
        line for total in _totals(derivation, there, asked or {}) for line in wrapped(total, columns, " ", "     ")
    )
    return "\n".join([title, table, *totals]).replace(NO_BREAK, " ")


def _listed(derivation: Derivation) -> Iterable[LayerDerivation]:
    """The layers that the framework lists: a chain's input is none of them."""
    return [
        layer for layer in derivation if not (derivation.network.sequential and isinstance(layer.operation, InputLayer))
    ]


def _row(layer: LayerDerivation) -> list[str]:
    return [
        f"{escape_text(layer.name)} ({_type(layer)})",
        ", ".join(map(_shape, layer.outputs)),
        _text(layer.value("params")),
        _text(layer.value("macs")),
    ]


def _changing(layer: LayerDerivation) -> str:
    """The sizes that are formulas, the batch apart; nothing where all are numbers."""
    sizes = [size for shape in layer.outputs for size in shape if str(size) != "N"]
    forms = tuple(present(size) for size in sizes if isinstance(size, Poly))
    return breakable(text(By(forms))) if forms else ""


_TOTALS: Asked = {
    "Total params": ("params", {}),
    "Trainable params": ("trainable", {}),
    "Non-trainable params": ("non_trainable", {}),
    "MACs": ("macs", {}),
}


def _totals(derivation: Derivation, there: Derivation | None, asked: Asked) -> Iterable[str]:
    for title, (metric, options) in {**_TOTALS, **asked}.items():
        general = _text(derivation.value(metric, **options))
        number = _text(there.value(metric, **options)) if there is not None else general
        yield f"{title}: {number}" + (f" = {general}" if number != general else "")
    yield f"Valid for {_domain(derivation, Domain.words)}"


def _type(layer: LayerDerivation) -> str:
    """The layer's class as the framework names it."""
    return "Sequential" if isinstance(layer.operation, Network) and layer.operation.sequential else layer.type


def _domain(derivation: Derivation, said: Callable[[Domain], str]) -> str:
    try:
        return said(derivation.domain)
    except Undecided as error:
        return f"unknown sizes: {error}"


def _shape(shape: Shape) -> str:
    return "(" + ", ".join(map(_text, shape)) + ")"


def _text(value: Value) -> str:
    return breakable(text(present(canonical(value))))


def _plain(value: Any) -> Any:
    return plain(present(value)) if isinstance(value, Poly) else plain(canonical(value))


def _one_or_all(shapes: list[Any]) -> Any:
    return shapes[0] if len(shapes) == 1 else shapes
