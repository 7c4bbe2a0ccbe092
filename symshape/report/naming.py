"""Names in a derivation: which symbol stands for a size, and how a formula is tidied for reading.

A layer's own formulas speak of H and H_out. In a network the output of layer 3 is H_3, and a layer that reads it says
H_3 where its declaration says H. Axes that agree share their options' names: K for K_h = K_w. What changes nothing (one
group, one example) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symshape.declaration import Application
from symshape.network import Node
from symshape.symbols import AXES, VOCABULARY, axis_symbol, describe
from symshape.written import Div, Mul, Symbol, Written, place, product

__all__ = ["Names", "renamed", "silence", "tidied"]

# Left out of formulas where they are 1: the batch of one example, the undivided group, the single filter per channel.
_SILENT = ("N", "G", "M")


class Names:
    """The names of every output size of a network, given layer by layer."""

    def __init__(self) -> None:
        self._outputs: list[list[tuple[Symbol | None, ...]]] = []

    def enter(self, node: Node, call: object, number: int) -> Mapping[str, Symbol]:
        """Name the outputs of the next node; gives the layer's own names → the network's."""
        if not isinstance(call, Application):
            self._outputs.append([tuple(None for _ in shape) for shape in call.outputs])  # type: ignore[attr-defined]
            return {}
        local: dict[str, Symbol] = {}
        for taken, source in zip(call.signature.takes, node.sources, strict=True):
            for name, known in zip(taken, self._outputs[source.node][source.output], strict=True):
                if known is not None:
                    local[name] = known
        targets = {rule.target for rule in call.signature.rules}
        for target in targets:
            stem = target.removesuffix("_out")
            local[target] = _sized(f"{stem}_{number}", target)
        self._outputs.append(
            [
                tuple(local.get(size.name) if isinstance(size, Symbol) else None for size in shape)
                for shape in call.signature.gives
            ]
        )
        if not call.inputs:  # the entrance: its sizes are the network's own symbols
            self._outputs[-1] = [tuple(None for _ in shape) for shape in call.outputs]
        local.update(_shared(call))
        return local


def _sized(name: str, target: str) -> Symbol:
    entry = describe(target)
    return Symbol(name, entry.meaning if entry else "", entry.unit if entry else "")


def _shared(call: Application) -> Mapping[str, Symbol]:
    """K for K_h and K_w where all axes agree."""
    rank = call.layer.rank
    if rank < 2:
        return {}
    shared: dict[str, Symbol] = {}
    for symbol in VOCABULARY.values():
        if not symbol.axial:
            continue
        names = [axis_symbol(symbol, axis).name for axis in AXES[rank]]
        values = [call.values.get(name) for name in names]
        if values[0] is not None and all(value == values[0] for value in values) and names[0].endswith("_" + AXES[rank][0][1]):
            shared.update(dict.fromkeys(names, symbol))
    return shared


def tidied(tree: Written, silent: Callable[[Symbol], bool]) -> Written:
    """The tree without factors that are silent ones, and without divisions by them."""
    if isinstance(tree, Mul):
        kept = [tidied(f, silent) for f in tree.args if not (isinstance(f, Symbol) and silent(f))]
        flat: list[Written] = []
        for factor in kept:
            flat.extend(factor.args if isinstance(factor, Mul) else (factor,))
        return product(flat)
    if isinstance(tree, Div) and isinstance(tree.right, Symbol) and silent(tree.right):
        return tidied(tree.left, silent)
    parts = tree.parts()
    return tree.rebuilt(tuple(tidied(part, silent) for part in parts)) if parts else tree


def silence(values: Mapping[str, object], batch: bool) -> Callable[[Symbol], bool]:
    """Which symbols to leave out: those of `_SILENT` that are 1; the batch where costs are for one example."""

    def silent(symbol: Symbol) -> bool:
        if symbol.name == "N":
            return not batch
        return symbol.name in _SILENT and values.get(symbol.name) == 1

    return silent


def renamed(tree: Written, names: Mapping[str, Symbol]) -> Written:
    """The tree in the network's names."""
    return place(tree, names)
