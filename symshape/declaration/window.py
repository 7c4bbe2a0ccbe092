"""How one output position looks back at the input: what receptive fields are folded from."""

from __future__ import annotations

from dataclasses import dataclass

from symshape.written import Number, Written, WrittenLike, written

ONE, NONE = Number(1), Number(0)

__all__ = ["ELSEWHERE", "EVERYTHING", "FEATURES", "FOLLOWING", "POINTWISE", "RESIZED", "Along", "Window", "sliding"]


@dataclass(frozen=True)
class Window:
    """Per axis: an output position sees `size` inputs, `step` apart from its neighbour's, starting `before` early.

    `whole` means that every output sees the whole input (dense layers over a flattened map, global pooling), `mixes` names
    axes along which it sees all positions (the features of a dense layer), and `unclear` says why no per-axis field exists
    (a reshape). With `follows`, axes may change places: each output axis follows the input's axis of the same size symbol,
    or what the template says in `along`.
    """

    size: Written = ONE
    step: Written = ONE
    before: Written = NONE
    whole: bool = False
    mixes: tuple[int, ...] = ()
    unclear: str = ""
    follows: bool = False

    @property
    def axial(self) -> bool:
        """Whether the window speaks of the layer's own axes."""
        return any(symbol.axial for tree in (self.size, self.step, self.before) for symbol in tree.symbols)


@dataclass(frozen=True)
class Along:
    """The positions of an output axis: each sees one of the input's axis `size`, `step` apart, the first one at `start`."""

    size: Written
    step: Written = ONE
    start: Written = NONE


POINTWISE = Window()
FEATURES = Window(mixes=(-1,))
EVERYTHING = Window(whole=True)
FOLLOWING = Window(follows=True)
ELSEWHERE = Window(unclear="positions are rearranged: no field along an axis")
RESIZED = Window(unclear="upsampling: the field depends on the position")


def sliding(size: WrittenLike, step: WrittenLike, before: WrittenLike = 0) -> Window:
    """A window of `size` taps moved by `step`, the first one `before` positions outside the map."""
    return Window(written(size), written(step), written(before))
