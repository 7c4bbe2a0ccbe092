"""What several families of layers share: channel order, how padding is written, activation names."""

from __future__ import annotations

from typing import Any, Literal

from symshape.declaration import Reading
from symshape.errors import UnsupportedLayer

__all__ = ["CHANNELS", "Channels", "padded_evenly", "undilated"]

Channels = Literal["last", "first"]


def _channels(data_format: str | None) -> str:
    known = {"channels_last": "last", "channels_first": "first", None: "last"}
    if data_format not in known:
        raise UnsupportedLayer(f"data_format={data_format!r} is not known, only channels_last and channels_first")
    return known[data_format]


CHANNELS = Reading("channels", _channels)


def padded_evenly(layer: Any) -> bool:
    """Whether padding is the same before and after on every axis, so that it is written 2P."""
    given = layer.padding
    return given == "valid" or (not isinstance(given, str) and all(before == after for before, after in given))


def undilated(layer: Any) -> bool:
    """Whether the kernel's taps are neighbours on every axis."""
    return all(step == 1 for step in getattr(layer, "dilation", ()))
