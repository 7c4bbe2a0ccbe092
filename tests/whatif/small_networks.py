"""Small random networks, twice: as symshape's layers, and walked by the plain published formulas as affine values.

A network is a tuple of steps on maps with two channels. A step is (kind, its options per axis); a skip is
("add" | "concatenate", its steps) and joins what goes in with what its steps make of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from symshape import layers
from symshape.network import Input, Network, Tensor

from .affine import Affine, Plane, Set

Step = tuple[Any, ...]
Two = tuple[int, int]


def both(values: st.SearchStrategy[int]) -> st.SearchStrategy[Two]:
    """An option for both axes, mostly the same."""
    return values.map(lambda value: (value, value)) | st.tuples(values, values)


KERNEL, STRIDE, DILATION, PADDING = (
    both(st.integers(1, 5)),
    both(st.integers(1, 3)),
    both(st.integers(1, 2)),
    st.integers(0, 2),
)
WORDS = st.sampled_from(["valid", "same"])
CONV = st.tuples(st.just("conv"), KERNEL, STRIDE, DILATION, WORDS | both(PADDING))
POOL = st.tuples(st.just("pool"), both(st.integers(2, 3)), STRIDE, WORDS | both(st.integers(0, 1)), st.booleans())
UP = st.tuples(st.just("up"), both(st.integers(1, 3)))
PAD = st.tuples(st.just("pad"), both(PADDING), both(PADDING))
CROP = st.tuples(st.just("crop"), both(PADDING), both(PADDING))
SPREAD = st.tuples(st.just("spread"), KERNEL, STRIDE, WORDS)
PLAIN = CONV | POOL | UP | PAD | CROP | SPREAD
HALVED = st.sampled_from(  # down and up again: a join of these allows some sizes and not others
    [
        (("conv", (k, k), (s, s), (1, 1), padding), ("up", (s, s)))
        for k, s, padding in [(3, 2, "same"), (2, 2, "valid"), (3, 2, (1, 1)), (3, 3, "same"), (1, 2, "valid")]
    ]
    + [(("pool", (2, 2), (2, 2), "valid", up), ("spread", (2, 2), (2, 2), "same")) for up in (False, True)]
)
KEPT = st.sampled_from([3, 5]).map(lambda k: (("conv", (k, k), (1, 1), (1, 1), "same"),))
SKIP = st.tuples(
    st.sampled_from(["add", "concatenate"]),
    HALVED
    | KEPT
    | st.lists(PLAIN, min_size=1, max_size=2).map(tuple)
    | st.tuples(KEPT, HALVED).map(lambda p: p[0] + p[1]),
)
NETWORKS = st.lists(PLAIN | PLAIN | SKIP, min_size=1, max_size=4).map(tuple)


# -- as layers ---------------------------------------------------------------------------------------------------------
def built(steps: Iterable[Step], sizes: tuple[Any, Any] = ("H", "W"), positions: int | None = None) -> Network:
    """The network; its layers are named l0, l1, …, in the order in which they are applied; a head fixes `positions`."""
    image = Input(*sizes, 2)
    made = _applied(image, steps, [0])
    if positions is not None:
        made = layers.Dense(3, in_features=2 * positions, name="head")(layers.Flatten()(made))
    return Network(image, made)


def _applied(x: Tensor, steps: Iterable[Step], count: list[int]) -> Tensor:
    for step in steps:
        if step[0] in ("add", "concatenate"):
            branch = _applied(x, step[1], count)
            name = f"l{count[0]}"
            if step[0] == "add":
                x = layers.Add(name=name)([x, branch])
            else:  # back to two channels, so that any join after it fits
                x = layers.Conv2D(2, 1, name=name)(layers.Concatenate()([x, branch]))
        else:
            x = _layer(step, f"l{count[0]}")(x)
        count[0] += 1
    return x


def _layer(step: Step, name: str) -> Any:
    kind, *options = step
    if kind == "conv":
        kernel, stride, dilation, padding = options
        return layers.Conv2D(2, kernel, stride=stride, dilation=dilation, padding=padding, name=name)
    if kind == "pool":
        kernel, stride, padding, up = options
        return layers.MaxPooling2D(kernel, stride=stride, padding=padding, ceil_mode=up, name=name)
    if kind == "spread":
        kernel, stride, padding = options
        return layers.Conv2DTranspose(2, kernel, stride=stride, padding=padding, name=name)
    if kind == "up":
        return layers.UpSampling2D(options[0], name=name)
    sides = tuple(zip(*options, strict=True))
    return layers.ZeroPadding2D(sides, name=name) if kind == "pad" else layers.Cropping2D(sides, name=name)


# -- as affine values --------------------------------------------------------------------------------------------------
class Walk:
    """The sizes of every layer as affine values, and the set where all of them make sense."""

    def __init__(self, plane: Plane, steps: Iterable[Step], sizes: tuple[Affine, Affine]) -> None:
        self.plane = plane
        self.names: dict[str, Affine] = {}
        self.valid: Set = plane.all_of(size.ge_set(plane.number(1)) for size in sizes)
        self.last = self._walked(sizes, steps)
        self.names["H_out"], self.names["W_out"] = self.last

    def flattened(self, positions: int) -> None:
        """A Dense layer fixes how many positions the last map has."""
        self._require(self.plane.product_is(self.last, positions))

    def _walked(self, sizes: tuple[Affine, Affine], steps: Iterable[Step]) -> tuple[Affine, Affine]:
        for step in steps:
            if step[0] in ("add", "concatenate"):
                branch = self._walked(sizes, step[1])
                pairs = list(zip(sizes, branch, strict=True))
                for one, other in pairs:
                    self._require(self._joined(step[0], one, other))
                sizes = tuple(one.max(other) for one, other in pairs)
            else:
                sizes = tuple(self._size(step, size, axis) for axis, size in enumerate(sizes))
            for size in sizes:
                self._require(size.ge_set(self.plane.number(1)))
            place = sum(name.endswith("H_out") for name in self.names)
            self.names[f"l{place}.H_out"], self.names[f"l{place}.W_out"] = sizes
        return sizes

    def _require(self, found: Set) -> None:
        self.valid = self.valid.intersect(found)

    def _joined(self, kind: str, one: Affine, other: Affine) -> Set:
        same = one.eq_set(other)
        if kind == "concatenate":
            return same
        single = self.plane.number(1)  # sizes of 1 are repeated
        return same.union(one.eq_set(single)).union(other.eq_set(single))

    def _size(self, step: Step, x: Affine, axis: int) -> Affine:
        plane = self.plane
        kind, options = step[0], [option if isinstance(option, (str, bool)) else option[axis] for option in step[1:]]
        if kind == "conv":
            k, s, d, p = options
            if p == "same":
                return plane.ceiling(x, s)
            return plane.floor(x.add(plane.number(2 * (0 if p == "valid" else p) - d * (k - 1) - 1)), s).add(
                plane.number(1)
            )
        if kind == "pool":
            k, s, p, up = options
            if p == "same":
                return plane.ceiling(x, s)
            p = 0 if p == "valid" else p
            free = x.add(plane.number(2 * p - k))
            if not up:
                return plane.floor(free, s).add(plane.number(1))
            windows = plane.ceiling(free, s).add(plane.number(1))
            starts = windows.sub(plane.number(1)).scale_val(plane.val(s))  # of the last one: dropped if behind the map
            behind = starts.ge_set(x.add(plane.number(p)))
            return behind.indicator_function().neg().add(windows)
        if kind == "spread":
            k, s, p = options
            grown = x.scale_val(plane.val(s))
            return grown if p == "same" else grown.add(plane.number(max(k - s, 0)))
        if kind == "up":
            return x.scale_val(plane.val(options[0]))
        before, after = options
        return x.add(plane.number((before + after) * (1 if kind == "pad" else -1)))
