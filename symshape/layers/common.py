"""What several families of layers share: channel order, how padding is written, activation functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from symshape.declaration import Reading
from symshape.errors import UnsupportedLayer
from symshape.layers.operations import FUNCTION_LAYERS, NAMES

__all__ = [
    "ACTIVATION",
    "CHANNELS",
    "PADDING_WORD",
    "WORD_AS_WRITTEN",
    "Channels",
    "activation_named",
    "padded_evenly",
    "undilated",
]

Channels = Literal["last", "first"]

_CHANNELS: Mapping[Any, Channels] = {"channels_last": "last", "channels_first": "first", None: "last"}


def _channels(data_format: Any) -> Channels:
    if not isinstance(data_format, (str, type(None))) or data_format not in _CHANNELS:
        raise UnsupportedLayer("is not a channel order, only channels_last and channels_first are")
    return _CHANNELS[data_format]


CHANNELS = Reading("channels", _channels)


def _word(padding: Any) -> str:
    if not isinstance(padding, str):
        raise UnsupportedLayer("is not a word, and Keras pads by words only")
    return padding


WORD_AS_WRITTEN = Reading("padding", _word)
PADDING_WORD = Reading("padding", lambda padding: _word(padding).lower())


def padded_evenly(layer: Any) -> bool:
    """Whether padding is the same before and after on every axis, so that it is written 2P."""
    given = layer.padding
    return given == "valid" or (not isinstance(given, str) and all(before == after for before, after in given))


def undilated(layer: Any) -> bool:
    """Whether the kernel's taps are neighbours on every axis."""
    return all(step == 1 for step in getattr(layer, "dilation", ()))


# -- activation functions ----------------------------------------------------------------------------------------------


def activation_named(given: Any) -> str:
    """The name of a known function that keeps shapes; raises `UnsupportedLayer` for any other, which may run code."""
    if given is None:
        return "linear"
    if isinstance(given, str) and given in NAMES:
        return given
    if isinstance(given, Mapping):  # a layer used as a function
        name, module = given.get("class_name"), str(given.get("module") or "keras")
        if isinstance(name, str) and name in FUNCTION_LAYERS and module.split(".")[0] in ("keras", "tf_keras"):
            return name
    raise UnsupportedLayer("is not a function known to keep shapes: it may run code of its own, which is never run")


ACTIVATION = Reading("activation", activation_named)
