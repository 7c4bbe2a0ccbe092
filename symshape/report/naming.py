"""Names in a derivation: which symbol stands for a size, and how a formula is tidied for reading.

A layer's own formulas speak of H and H_out. In a network the output of layer 3 is H_3, and a layer that reads it says
H_3 where its declaration says H. Axes that agree share their options' names: K for K_h = K_w. A name that the network
itself uses for something else gets a layer's number: K_5 is layer 5's kernel where K is a free symbol. What changes
nothing (one group, one example) is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from symshape.algebra.poly import Poly
from symshape.declaration import Application
from symshape.layers.source import InputLayer
from symshape.network import Node
from symshape.report.view import Prose
from symshape.symbols import AXES, VOCABULARY, axis_symbol, describe
from symshape.written import Div, Mul, Number, Pow, Symbol, Written, place, product

__all__ = [
    "AXIS_WORDS",
    "Local",
    "Names",
    "gathered",
    "plain_name",
    "renamed",
    "silence",
    "stem_of",
    "tidied",
    "typeset",
]

AXIS_WORDS = {"L": "length", "D": "depth", "H": "height", "W": "width"}

# Left out of formulas where they are 1: the batch of one example, the undivided group, the single filter per channel.
_SILENT = ("N", "G", "M")

Fresh = tuple[Symbol, int, int]
Sizes = tuple[Symbol | None, ...]  # the names that the sizes of one output go by; None for a number that needs none


@dataclass(frozen=True)
class Local:
    """A layer's own names → the network's.

    `fresh` are sizes that got a name without a rule: (symbol, output, place in it); `introduced` are names of input
    sizes that no layer before has derived.
    """

    names: Mapping[str, Symbol]
    fresh: tuple[Fresh, ...] = ()
    introduced: frozenset[Symbol] = frozenset()


class Names:
    """The names of every output size of a network, given application by application."""

    def __init__(self, taken: Iterable[str], entering: Sequence[Sizes] = ()) -> None:
        self._taken = frozenset(taken)
        self._entering = list(reversed(entering))
        self._outputs: list[tuple[Sizes, ...]] = []
        self._numbers: list[str] = []

    def of(self, node: int, output: int) -> Sizes:
        """The names of an output's sizes."""
        return self._outputs[node][output]

    def enter(self, node: Node, call: object, number: str) -> Local:
        """Name the outputs of the next application."""
        self._numbers.append(number)
        if not isinstance(call, Application):
            self._outputs.append(tuple((None,) * len(shape) for shape in call.outputs))  # type: ignore[attr-defined]
            return Local({})
        if isinstance(node.operation, InputLayer):
            self._outputs.append((self._entrance(node.operation),))
            return Local({})
        known, introduced = self._taken_sizes(node, call)
        local = {**known, **introduced}
        local.update(self._options(call, number))
        for rule in call.signature.rules:
            local[rule.target] = _sized(f"{rule.target.removesuffix('_out')}_{number}", rule.target)
        fresh: list[Fresh] = []
        self._outputs.append(
            tuple(self._given(call, output, local, number, fresh) for output in range(len(call.outputs)))
        )
        return Local(local, tuple(fresh), frozenset(introduced.values()))

    def _entrance(self, layer: InputLayer) -> Sizes:
        """The entrance's sizes: the network's own symbols, or the names they have outside."""
        if self._entering:
            return self._entering.pop()
        return tuple(Symbol(name) if (name := plain_name(size)) else None for size in layer.shape)

    def _taken_sizes(self, node: Node, call: Application) -> tuple[dict[str, Symbol], dict[str, Symbol]]:
        """The network's names of what the layer reads: known ones, and those given now to what needs one."""
        known: dict[str, Symbol] = {}
        introduced: dict[str, Symbol] = {}
        for taken, source in zip(call.signature.takes, node.sources, strict=True):
            sizes = self._outputs[source.node][source.output]
            for place_, name in enumerate(taken):
                size = sizes[place_] if place_ < len(sizes) else None
                stem = stem_of(name)
                if size is not None:
                    known[name] = size
                elif name != "N" and (stem in AXIS_WORDS or stem in self._taken or stem != name):
                    introduced[name] = _sized(f"{stem}_{self._numbers[source.node]}", stem)
        return known, introduced

    def _options(self, call: Application, number: str) -> Iterable[tuple[str, Symbol]]:
        shared = _shared(call)
        for name in call.layer.bindings:
            symbol = shared.get(name, Symbol(name))
            if stem_of(name) != name:  # one of a list, T_1: a number is a layer's
                yield name, _sized(f"{stem_of(name)}_{number}_{name.rpartition('_')[2]}", stem_of(name))
            elif symbol.name in self._taken and plain_name(call.values[name]) != symbol.name:
                mine = _sized(f"{symbol.name}_{number}", symbol.name)
                yield name, mine
                yield symbol.name, mine  # for prose, which speaks of K alone
            elif name in shared:
                yield name, symbol

    def _given(
        self,
        call: Application,
        output: int,
        local: Mapping[str, Symbol],
        number: str,
        fresh: list[Fresh],
    ) -> Sizes:
        """The names of one output's sizes: a rule's target, an input's size, or a new one for what neither names."""
        sizes: list[Symbol | None] = []
        targets = {rule.target for rule in call.signature.rules}
        shape = zip(call.signature.gives[output], call.outputs[output], strict=True)
        for place_, (tree, value) in enumerate(shape):
            name = tree.name if isinstance(tree, Symbol) else ""
            size: Symbol | None = None
            if name in targets:
                if isinstance(value, Poly) or stem_of(local[name].name) in AXIS_WORDS:
                    size = local[name]
            elif name:
                size = local.get(name) if any(name in taken for taken in call.signature.takes) else None
            elif isinstance(value, Poly):
                size = _joined(call, tree, value, local)
                stems = [stem_of(taken[place_]) for taken in call.signature.takes if place_ < len(taken)]
                if size is None and stems:
                    size = _sized(f"{stems[0]}_{number}", stems[0])
                    fresh.append((size, output, place_))
            sizes.append(size)
        return tuple(sizes)


def _joined(call: Application, tree: Written, value: Poly, local: Mapping[str, Symbol]) -> Symbol | None:
    """The name of the input's size that this output's size equals."""
    names = sorted(symbol.name for symbol in tree.symbols if symbol.name in local)
    return next((local[name] for name in names if call.values[name] == value), None)


def plain_name(value: object) -> str:
    """The name where the value is one symbol and nothing else, otherwise nothing."""
    if not isinstance(value, Poly) or len(value.names()) != 1:
        return ""
    (name,) = value.names()
    return name.text if value == Poly.of_atom(name) else ""


def stem_of(name: str) -> str:
    """A name without the numbers at its end.

    >>> stem_of("C_1"), stem_of("T_12_2"), stem_of("K_h"), stem_of("H_3b")
    ('C', 'T', 'K_h', 'H')
    """
    stem, _, tail = name.rpartition("_")
    return stem_of(stem) if stem and tail[:1].isdigit() else name


def _sized(name: str, described: str) -> Symbol:
    entry = describe(described)
    return Symbol(name, entry.meaning if entry else "", entry.unit if entry else "")


def _shared(call: Application) -> Mapping[str, Symbol]:
    """K for K_h and K_w where all axes agree."""
    rank = call.layer.rank
    if rank < 2:
        return {}
    shared: dict[str, Symbol] = {}
    for symbol in VOCABULARY.values():
        if not symbol.axial or symbol.name.startswith("X"):
            continue
        names = [axis_symbol(symbol, axis).name for axis in AXES[rank]]
        values = [call.values.get(name) for name in names if name in call.layer.bindings]
        if len(values) == rank and all(value == values[0] for value in values):
            shared.update(dict.fromkeys(names, symbol))
    return shared


# -- formulas ---------------------------------------------------------------------------------------------------------
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


def gathered(tree: Written) -> Written:
    """The product with a symbol that is a factor several times as a power, where it first stands.

    >>> from symshape.written import symbols
    >>> F, K, C = symbols("F K C")
    >>> gathered(F*K*K*C)
    F*K**2*C
    """
    if not isinstance(tree, Mul):
        return tree
    counts: Counter[Written] = Counter(factor for factor in tree.args if isinstance(factor, Symbol))
    rest = [factor for place, factor in enumerate(tree.args) if factor not in counts or factor not in tree.args[:place]]
    return product(Pow(factor, Number(counts[factor])) if counts[factor] > 1 else factor for factor in rest)


# -- prose ------------------------------------------------------------------------------------------------------------
# A letter by itself, perhaps with an index; not the D of "2-D", not the articles and I.
_SYMBOL = re.compile(r"(?<![\w’'-])((?![AaI]\b)[A-Za-z](?:_[a-z]+)?)(?![\w’'])")


def typeset(text: str, names: Mapping[str, Symbol]) -> Prose:
    """A sentence of a declaration with its symbols as formulas, in the network's names.

    >>> typeset("F filters of K_h × K_w over a 2-D map", {"K_h": Symbol("K"), "K_w": Symbol("K")})
    (F, ' filters of ', K, ' × ', K, ' over a 2-D map')
    """
    said: list[str | Written] = []
    for place_, piece in enumerate(_SYMBOL.split(text.replace("`", ""))):
        known = describe(piece) if place_ % 2 else None
        if known is not None:
            said.append(names.get(piece, known))
        elif said and isinstance(said[-1], str):
            said[-1] += piece
        elif piece:
            said.append(piece)
    return tuple(said)
