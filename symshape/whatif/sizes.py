"""The sizes of a layer's output by name: H_out, W_out, C_out, whatever the order of its channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symshape.algebra.poly import Value
from symshape.declaration import Application
from symshape.derivation import Derivation
from symshape.symbols import AXES

__all__ = ["last_map", "named_sizes"]

Sizes = Mapping[str, Value]


def named_sizes(derivation: Derivation) -> Mapping[str, Sizes]:
    """By layer, the sizes of its first output: {"conv2d": {"H_out": …, "W_out": …, "C_out": …}, …}."""
    return dict(_walk(derivation, ()))


def last_map(derivation: Derivation) -> Sizes:
    """The sizes of the last output that still has axes of positions; none where there is no such map."""
    maps = [sizes for sizes in named_sizes(derivation).values() if len(sizes) > 1]
    return maps[-1] if maps else {}


def _walk(derivation: Derivation, entering: tuple[bool, ...]) -> Iterator[tuple[str, Sizes]]:
    """Every layer with its sizes; whether channels come first is known from the layers that say so."""
    first: list[bool] = []
    nodes = derivation.network.nodes
    for place, (node, call) in enumerate(zip(nodes, derivation.calls, strict=True)):
        before = [first[source.node] for source in node.sources]
        if place in derivation.network.inputs and entering:
            before = [entering[derivation.network.inputs.index(place)]]
        first.append(_channels_first(call, before))
        yield node.name, _named(call.outputs[0], first[-1])


def _channels_first(call: Application | Derivation, before: list[bool]) -> bool:
    if isinstance(call, Derivation):
        inner = [_channels_first(part, before) for part in call.calls]
        return inner[call.network.outputs[0].node]
    channels = getattr(call.layer, "channels", None)
    return channels == "first" if channels is not None else any(before)


def _named(shape: tuple[Value, ...], channels_first: bool) -> Sizes:
    rank = len(shape) - 2
    if rank not in AXES:
        return {}
    axes = [f"{size}_out" for size, _ in AXES[rank]]
    return dict(zip(("C_out", *axes) if channels_first else (*axes, "C_out"), shape[1:], strict=True))
