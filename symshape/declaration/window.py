"""How one output position looks back at the input: what receptive fields are folded from."""

from __future__ import annotations

from dataclasses import dataclass

from symshape.written import Number, Written, WrittenLike, written

ONE, NONE = Number(1), Number(0)

__all__ = ["ELSEWHERE", "EVERYTHING", "POINTWISE", "Window", "sliding"]


@dataclass(frozen=True)
class Window:
    """Per axis: an output position sees `size` inputs, `step` apart from its neighbour's, starting `before` early.

    `whole` means that every output sees the whole input (dense layers over a flattened map, global pooling), and
    `follows=False` that positions are rearranged so that no per-axis field exists (a reshape).
    """

    size: Written = ONE
    step: Written = ONE
    before: Written = NONE
    whole: bool = False
    follows: bool = True

    @property
    def axial(self) -> bool:
        """Whether the window speaks of the layer's own axes."""
        return any(symbol.axial for tree in (self.size, self.step, self.before) for symbol in tree.symbols)


POINTWISE = Window()
EVERYTHING = Window(whole=True)
ELSEWHERE = Window(follows=False)


def sliding(size: WrittenLike, step: WrittenLike, before: WrittenLike = 0) -> Window:
    """A window of `size` taps moved by `step`, the first one `before` positions outside the map."""
    return Window(written(size), written(step), written(before))
