"""Two derivations side by side, layer by layer: what differs, as formulas and as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from symshape.algebra.poly import Value, canonical
from symshape.algebra.present import present
from symshape.declaration.layer import Shape
from symshape.derivation import Derivation, LayerDerivation
from symshape.notation import text
from symshape.whatif.json_numbers import json_integer

__all__ = ["Comparison", "Pair", "Side", "compare"]

METRICS = ("params", "macs", "activations")


@dataclass(frozen=True)
class Side:
    """One layer of one derivation."""

    name: str
    type: str
    outputs: tuple[Shape, ...]
    values: tuple[Value, ...]  # one for each metric


@dataclass(frozen=True)
class Pair:
    """A layer of the first derivation and the one that stands in its place in the second; None where there is none."""

    left: Side | None
    right: Side | None

    @property
    def same(self) -> bool:
        """Whether nothing that is compared differs."""
        left, right = self.left, self.right
        return (
            left is not None
            and right is not None
            and (left.type, left.outputs) == (right.type, right.outputs)
            and all(canonical(a - b) == 0 for a, b in zip(left.values, right.values, strict=True))
        )

    @property
    def differences(self) -> tuple[Value, ...]:
        """The second's value minus the first's, for each metric; a layer that is not there counts 0."""
        rows = [side.values for side in (self.left, self.right) if side is not None]
        nothing: tuple[Value, ...] = (0,) * len(rows[0])
        before = self.left.values if self.left is not None else nothing
        after = self.right.values if self.right is not None else nothing
        return tuple(canonical(b - a) for a, b in zip(before, after, strict=True))


@dataclass(frozen=True)
class Comparison:
    """Two derivations, aligned by layer; `total` is the pair of the whole networks."""

    left: Derivation
    right: Derivation
    metrics: tuple[str, ...]
    pairs: tuple[Pair, ...]
    total: Pair
    everything: bool = False  # layers that are the same are shown, too

    @property
    def differing(self) -> tuple[Pair, ...]:
        """The layers that differ."""
        return tuple(pair for pair in self.pairs if not pair.same)

    def data(self) -> dict[str, Any]:
        """The comparison as plain data, for JSON."""

        def side(given: Side | None) -> dict[str, Any] | None:
            if given is None:
                return None
            shapes = [[str(present(size)) for size in shape] for shape in given.outputs]
            values = {name: _plain(value) for name, value in zip(self.metrics, given.values, strict=True)}
            return {"name": given.name, "type": given.type, "outputs": shapes, **values}

        def pair(given: Pair) -> dict[str, Any]:
            differences = {name: _plain(value) for name, value in zip(self.metrics, given.differences, strict=True)}
            return {
                "left": side(given.left),
                "right": side(given.right),
                "same": given.same,
                "differences": differences,
            }

        return {
            "layers": [pair(each) for each in self.pairs],
            "total": pair(self.total),
            "domains": [str(self.left.domain), str(self.right.domain)],
        }

    def __repr__(self) -> str:
        said = ", ".join(
            f"{name} {'+' if isinstance(value, int) and value >= 0 else ''}{text(present(value))}"
            for name, value in zip(self.metrics, self.total.differences, strict=True)
        )
        return f"<Comparison: {len(self.differing)} of {len(self.pairs)} layers differ; {said}>"


def compare(
    left: Derivation, right: Derivation, metrics: Sequence[str] = METRICS, *, everything: bool = False
) -> Comparison:
    """Two settings, two edits or two networks, aligned by their layers' names, and by their classes where those differ.

    With `everything`, layers that are the same are shown, too.

    Raises `UnknownName` for a metric that does not exist.

    >>> from symshape import zoo
    >>> net = zoo.lenet5()
    >>> result = compare(net.derive(H=32, W=32), net.replace("conv2d", kernel=3).derive(H=32, W=32))
    >>> [pair.right.name for pair in result.differing][:2], result.total.differences
    (['conv2d', 'max_pooling2d'], (-384, -208800, 1496))
    """
    chosen = tuple(metrics)
    rows = [[_side(layer, chosen) for layer in derivation] for derivation in (left, right)]
    total = Pair(*(_whole(derivation, chosen) for derivation in (left, right)))
    return Comparison(left, right, chosen, tuple(_aligned(*rows)), total, everything)


def _side(layer: LayerDerivation, metrics: Sequence[str]) -> Side:
    return Side(layer.name, layer.type, layer.outputs, tuple(layer.value(metric) for metric in metrics))


def _whole(derivation: Derivation, metrics: Sequence[str]) -> Side:
    values = tuple(derivation.value(metric) for metric in metrics)
    return Side(derivation.network.name, "Network", derivation.outputs, values)


def _aligned(left: Sequence[Side], right: Sequence[Side]) -> Iterator[Pair]:
    by_name = SequenceMatcher(None, [side.name for side in left], [side.name for side in right], autojunk=False)
    for what, a, b, c, d in by_name.get_opcodes():
        if what == "equal":
            yield from (Pair(one, other) for one, other in zip(left[a:b], right[c:d], strict=True))
            continue
        mine, theirs = left[a:b], right[c:d]
        by_type = SequenceMatcher(None, [side.type for side in mine], [side.type for side in theirs], autojunk=False)
        for inner, e, f, g, h in by_type.get_opcodes():
            if inner == "equal":
                yield from (Pair(one, other) for one, other in zip(mine[e:f], theirs[g:h], strict=True))
            else:
                yield from (Pair(one, None) for one in mine[e:f])
                yield from (Pair(None, other) for other in theirs[g:h])


def _plain(value: Value) -> int | str:
    value = canonical(value)
    return json_integer(value) if isinstance(value, int) else str(present(value))
