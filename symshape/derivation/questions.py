"""The questions that a derivation is asked: each method is a door to `symshape.whatif`, which answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from symshape.derivation.whole import Derivation
    from symshape.whatif import (
        Comparison,
        Dataset,
        Explanation,
        Found,
        Question,
        Roofline,
        Sensitivity,
        Solution,
        Table,
    )

__all__ = ["Questions"]


class Questions:
    """What can be asked of a derivation."""

    @property
    def derivation(self) -> Derivation:
        """The derivation itself."""
        return cast("Derivation", self)

    def solve(
        self,
        *asked: Question,
        every: str | Iterable[str] = (),
        maximize: str | None = None,
        minimize: str | None = None,
    ) -> Solution:
        """Every setting of the free symbols for which relations such as "H_out == 7" or "macs <= 4e9" hold.

        With `every`, they are to hold for every (large enough) value of those symbols, and the answer is about the others:
        `solve("H_out == H", every="H")` says when a size is kept. See `symshape.whatif.solving`.
        """
        from symshape.whatif import solve

        return solve(self.derivation, *asked, every=every, maximize=maximize, minimize=minimize)

    def search(
        self,
        *asked: Question,
        over: Mapping[str, Any] | None = None,
        pareto: Sequence[str] = (),
        terms: Sequence[str] = (),
        shown: int = 50,
    ) -> Found:
        """All settings of several symbols for which relations hold, and the best: `search("macs <= 4e9", pareto=["H:max"])`.

        See `symshape.whatif.searching`.
        """
        from symshape.whatif import search

        return search(self.derivation, *asked, over=over, pareto=pareto, terms=terms, shown=shown)

    def compare(
        self, other: Derivation, metrics: Sequence[str] = ("params", "macs", "activations"), *, everything: bool = False
    ) -> Comparison:
        """This derivation and another side by side, aligned by layer. See `symshape.whatif.comparing`."""
        from symshape.whatif import compare

        return compare(self.derivation, other, metrics, everything=everything)

    def sensitivity(self, metric: str = "macs", symbols: Sequence[str] = (), **at: int) -> Sensitivity:
        """How a metric moves with each free symbol at a point: `sensitivity("macs", H=224, W=224)`."""
        from symshape.whatif import sensitivity

        return sensitivity(self.derivation, metric, symbols, **at)

    def roofline(self, peak: int, bandwidth: int, dtype: str = "fp32") -> Roofline:
        """The least time of each layer on a machine of this peak (operations a second) and bandwidth (bytes a second)."""
        from symshape.whatif import Machine, roofline

        return roofline(self.derivation, Machine(peak, bandwidth, dtype))

    def explain(self, layer: str = "", **at: int) -> Explanation:
        """Why these sizes are refused, or how the sizes of a layer come about."""
        from symshape.whatif import explain

        return explain(self.derivation, layer, **at)

    def function(self, metric: str, *names: str) -> Callable[..., int]:
        """A metric as a plain Python function of the sizes of `names`, in exact integers: `f(224, 224)`.

        It is as fast as the formula: use it where one setting at a time is asked. It takes `int`s, and raises
        `ConditionError`, naming the layer, where they are outside the domain. Raises `UnknownName` for a missing symbol.

        >>> from symshape.zoo import named
        >>> named("resnet50").derive().function("macs", "H", "W")(224, 224)
        4089184256
        """
        from symshape.whatif import function

        return function(self.derivation, metric, names)

    def sweep(
        self,
        metrics: str | Sequence[str] = ("params", "macs"),
        *,
        points: Mapping[str, Any] | None = None,
        over: Mapping[str, Any] | None = None,
        **axes: Any,
    ) -> Table:
        """Metrics at every combination of settings, as exact integers: `d.sweep("macs", H=range(32, 257), W="H")`.

        See `symshape.whatif.sweep`.
        """
        from symshape.whatif import sweep

        return sweep(self.derivation, metrics, points=points, over=over, **axes)

    def sweep_to(
        self,
        path: str | PathLike[str],
        metrics: str | Sequence[str] = ("params", "macs"),
        *,
        points: Mapping[str, Any] | None = None,
        over: Mapping[str, Any] | None = None,
        scheduler: Any = None,
        **axes: Any,
    ) -> Dataset | None:
        """The same on disk, however many settings there are, and on a Dask cluster.

        See `symshape.whatif.sweep_to`.
        """
        from symshape.whatif import sweep_to

        return sweep_to(self.derivation, path, metrics, points=points, over=over, scheduler=scheduler, **axes)
