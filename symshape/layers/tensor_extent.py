"""General tensor operations that repeat, pad and reorder along axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symshape.declaration import (
    DERIVED,
    ELSEWHERE,
    KEEPS_NOTHING,
    NOTHING,
    Condition,
    Dialect,
    Dim,
    Formula,
    Kind,
    Layer,
    Only,
    Reading,
    Template,
    Work,
    dim,
    dims,
    outputs,
)
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.axes import (
    ATEN,
    AXES,
    KERAS_OPS,
    MOVES_DATA,
    NUMBER,
    NUMPY,
    one_input,
    place_of,
    places_of,
    sizes_of,
)
from symshape.layers.operations import ADD, COMPARE, LOG_ADD_EXP, MULTIPLY, PASS
from symshape.symbols import R, T, k, numbered, p, q
from symshape.written import Symbol, Written, any_of, equal, product

__all__ = ["AlongAxes", "Expand", "Pad", "Repeat", "Tile", "TopK"]


class Expand(Layer):
    """Axes of size 1 repeated to the shape `target`, to whose end the input is aligned; −1 keeps a size.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input(1, "C"), Expand((-1, "L", -1))).derive().output_shape
    (N, L, C)
    """

    target: tuple[Any, ...] = dims(T)

    example = staticmethod(lambda: (Expand((-1, "L", -1)), ("N", 1, "C")))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = ELSEWHERE
    operations = (
        Dialect(
            "BroadcastTo",
            {"shape": Reading("target", lambda shape: _positive(shape))},
            module=KERAS_OPS,
            arguments=("x",),
        ),
        Dialect("expand", {"size": "target", "implicit": None}, module=ATEN),
        Dialect("broadcast_to", {"size": "target"}, module=ATEN),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 in self.target:
            raise UsageError(f"{self.label}: {list(self.target)} is no shape: sizes are positive, or -1 to keep one")

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        new = len(self.target) - rank
        if new < 0 or -1 in self.target[:new]:
            raise GraphError(f"{self.label}: {rank} dimensions cannot be repeated to the shape {list(self.target)}")
        taken = sizes_of(rank)
        made: list[Written] = []
        where: list[Condition] = []
        for place, given in enumerate(self.target):
            size = numbered(T, place + 1)
            if given == -1:
                made.append(taken[place - new])
                continue
            made.append(size)
            if place >= new:
                own = taken[place - new]
                where.append(
                    Condition(
                        any_of(equal(own, size), equal(own, 1)),
                        "only axes of size 1 are repeated",
                        NUMPY("broadcast_to"),
                    )
                )
        return Template((taken,), (tuple(made),), where=tuple(where), counts=self.declared_counts())


def _positive(shape: Any) -> Any:
    if any(size == -1 for size in shape):
        raise UnsupportedLayer("is no shape")
    return shape


class Tile(Layer):
    """The whole array repeated along its axes, to whose end `repeats` is aligned; a longer list makes new axes in front,
    a shorter one leaves the first axes alone, unless every axis must have its entry (`every`)."""

    repeats: tuple[Dim, ...] = dims(R, least=1)
    every: bool = False

    example = staticmethod(lambda: Tile((2, 1)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = ELSEWHERE
    operations = (
        Dialect("Tile", {"repeats": "repeats"}, module=KERAS_OPS, arguments=("x",)),
        Dialect("tile", {"dims": "repeats"}, module=ATEN),
        Dialect("repeat", {"repeats": "repeats"}, {"every": True}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        if self.every and len(self.repeats) < len(taken):
            raise GraphError(f"{self.label}: {len(self.repeats)} entries are too few for {len(taken)} dimensions")
        times = [numbered(R, number) for number in range(1, len(self.repeats) + 1)]
        new, untouched = times[: max(0, len(times) - len(taken))], taken[: max(0, len(taken) - len(times))]
        tiled = [
            Formula(Symbol(f"{size.name}_out"), often * size, NUMPY("tile"), reason="as often as said")
            for often, size in zip(times[len(new) :], taken[len(untouched) :], strict=True)
        ]
        made = (*new, *untouched, *(rule.target for rule in tiled))
        return Template((taken,), (made,), tuple(tiled), counts=self.declared_counts())


class Repeat(Layer):
    """Each position of an axis repeated R times, one beside the other; without an axis, each number of all in a row."""

    times: Dim = dim(R)
    axis: Any = None

    example = staticmethod(lambda: Repeat(2, 1))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = ELSEWHERE
    operations = (
        Dialect(
            "Repeat",
            {"repeats": Reading("times", lambda times: _once(times)), "axis": "axis"},
            module=KERAS_OPS,
            arguments=("x",),
        ),
        Dialect("repeat_interleave", {"repeats": "times", "dim": "axis", "output_size": None}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        if self.axis is None:
            return Template((taken,), ((product((R, *taken)),),), counts=self.declared_counts())
        place = place_of(self, self.axis, len(taken))
        return Template(
            (taken,), ((*taken[:place], R * taken[place], *taken[place + 1 :]),), counts=self.declared_counts()
        )


def _once(times: Any) -> Any:
    listed = times if isinstance(times, (list, tuple)) else (times,)
    if len(listed) != 1:
        raise UnsupportedLayer("has a number for each position: only one for all is covered")
    return listed[0]


# -- borders -------------------------------------------------------------------------------------------------------------
def _pairs(width: Any) -> Any:
    """A (before, after) pair for each axis."""
    if not isinstance(width, (list, tuple)) or any(
        not isinstance(pair, (list, tuple)) or len(pair) != 2 for pair in width
    ):
        raise UnsupportedLayer("is no list with a pair for each axis")
    return tuple(zip(*width, strict=True))


def _last_first(pad: Any) -> Any:
    """PyTorch's order: the pair of the last axis first."""
    if len(pad) % 2:
        raise UnsupportedLayer("is no list of pairs")
    return tuple(pad[-2::-2]), tuple(pad[::-2])


class Pad(Layer):
    """Positions added along axes, p before the first and q after the last; negative ones are cut off.

    The lists have an entry for each axis, or for the last axes: they are aligned at the end.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 3), Pad((1, 0, 0), (0, "k", 0))).derive().output_shape
    (N, H + 1, W + k, 3)
    """

    before: tuple[Dim, ...] = dims(p, least=-(2**63))
    after: tuple[Dim, ...] = dims(q, least=-(2**63))

    example = staticmethod(lambda: Pad((1, 2), (1, 0)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = ELSEWHERE
    operations = (
        Dialect(
            "Pad",
            {"pad_width": Reading(("before", "after"), _pairs), "mode": Only("constant"), "constant_values": NUMBER},
            module=KERAS_OPS,
            arguments=("x",),
        ),
        Dialect("constant_pad_nd", {"pad": Reading(("before", "after"), _last_first), "value": None}, module=ATEN),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.before) != len(self.after):
            raise UsageError(f"{self.label}: {len(self.before)} entries before and {len(self.after)} after the axes")

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        count = len(self.before)
        if count > len(taken):
            raise GraphError(f"{self.label}: {count} axes are padded, the input has {len(taken)} dimensions")
        made: list[Written] = list(taken)
        rules: list[Formula] = []
        for number, ends in enumerate(zip(self.before, self.after, strict=True), 1):
            if ends == (0, 0):
                continue
            size = taken[len(taken) - count + number - 1]
            out = Symbol(f"{size.name}_out", f"{size.name} of the output", "positions")
            made[len(taken) - count + number - 1] = out
            rules.append(
                Formula(
                    out,
                    size + numbered(p, number) + numbered(q, number),
                    DERIVED("padding"),
                    reason="positions on either side",
                )
            )
        return Template((taken,), (tuple(made),), tuple(rules), counts=self.declared_counts())


# -- the same shape ------------------------------------------------------------------------------------------------------
# What is done along axes, and whether there is one axis or any number of them, of which none means all.
_ALONG = {
    "flip": "any",
    "roll": "any",
    "cumulative sum": "one",
    "cumulative product": "one",
    "cumulative maximum": "one",
    "cumulative minimum": "one",
    "cumulative log-sum-exp": "one",
    "sort": "one",
    "order": "one",
}


_SORTED = Kind("sorting", "element-wise", "the numbers in order: as many comparisons as the data want", None)
_DONE: Mapping[str, Kind] = {
    **dict.fromkeys(("flip", "roll"), PASS),
    "cumulative sum": ADD,
    "cumulative product": MULTIPLY,
    **dict.fromkeys(("cumulative maximum", "cumulative minimum"), COMPARE),
    "cumulative log-sum-exp": LOG_ADD_EXP,
    **dict.fromkeys(("sort", "order"), _SORTED),
}


def _one(axis: Any) -> tuple[int, ...]:
    if not isinstance(axis, int):
        raise UnsupportedLayer("is not one axis: all numbers in a row are not covered")
    return (axis,)


class AlongAxes(Layer):
    """Numbers turned round, rolled, added up or sorted along axes: `kind` is flip, roll, cumulative sum, product, maximum,
    minimum or log-sum-exp, sort, or order (the indices that sort). The shape stays."""

    kind: str
    axes: tuple[int, ...] = ()

    example = staticmethod(lambda: AlongAxes("cumulative sum", (1,)))
    macs = MOVES_DATA
    window = ELSEWHERE
    operations = (
        Dialect("Flip", {"axis": AXES}, {"kind": "flip"}, module=KERAS_OPS, arguments=("x",)),
        Dialect("Roll", {"shift": None, "axis": AXES}, {"kind": "roll"}, module=KERAS_OPS, arguments=("x",)),
        Dialect("flip", {"dims": "axes"}, {"kind": "flip"}, module=ATEN),
        Dialect("roll", {"shifts": None, "dims": "axes"}, {"kind": "roll"}, module=ATEN),
        *(
            Dialect(
                name, {"axis": Reading("axes", _one), "dtype": None}, {"kind": kind}, module=KERAS_OPS, arguments=("x",)
            )
            for name, kind in (
                ("Cumsum", "cumulative sum"),
                ("Cumprod", "cumulative product"),
                ("Sort", "sort"),
                ("Argsort", "order"),
            )
        ),
        *(
            Dialect(
                name, {"dim": "axes", "dtype": None, "descending": None, "stable": None}, {"kind": kind}, module=ATEN
            )
            for name, kind in (
                ("cumsum", "cumulative sum"),
                ("cumprod", "cumulative product"),
                ("logcumsumexp", "cumulative log-sum-exp"),
                ("argsort", "order"),
            )
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in _ALONG:
            raise UsageError(f"{self.label}: the kind is one of {', '.join(_ALONG)}, not {self.kind!r}")
        if _ALONG[self.kind] == "one" and len(self.axes) != 1:
            raise UsageError(f"{self.label}: a {self.kind} goes along one axis, not along {list(self.axes)}")

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        places_of(self, self.axes, len(taken))
        counts = {**self.declared_counts(), "work": (Work(_DONE[self.kind], product(taken), "of each number"),)}
        return Template((taken,), (taken,), counts=counts)


class TopK(Layer):
    """The k greatest numbers along an axis, and their places there: two outputs."""

    k: Dim = dim(k)
    axis: int = -1

    gives = ((), ())  # two outputs
    example = staticmethod(lambda: TopK(3))
    macs = MOVES_DATA
    window = ELSEWHERE
    operations = (
        Dialect("TopK", {"k": "k", "sorted": None}, module=KERAS_OPS, arguments=("x",)),
        Dialect("topk", {"k": "k", "dim": "axis", "largest": None, "sorted": None}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        place = place_of(self, self.axis, len(taken))
        made = (*taken[:place], k, *taken[place + 1 :])
        within = Condition(taken[place] >= k, "there are as many numbers along the axis")
        return Template(
            (taken,),
            (made, made),
            where=(within,),
            counts={
                **self.declared_counts(),
                "work": (Work(_SORTED, product(taken)),),
                "keeps": (outputs(1, width=8, reason="the places"),),
            },
        )
