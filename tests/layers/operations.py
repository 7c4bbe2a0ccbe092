"""What the differential suites of tensor operations share: one call of a framework's function, held against ours.

Every size is a symbol first, then evaluated, and the options go through the dialect that a graph importer uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symshape.declaration import Layer, registered
from symshape.derivation import Derivation
from symshape.layers.axes import ATEN

from .differential import Refused, Shape, derived, ours_or_refusal, outputs_of, quietly

counted: dict[str, int] = {"agree": 0, "both refuse": 0}


def operation(module: str, name: str, options: Mapping[str, Any]) -> Layer:
    """Our layer for a framework's function and its arguments that are no arrays."""
    found = [(cls, d) for cls in registered().values() for d in cls.operations if (d.module, d.name) == (module, name)]
    assert len(found) == 1, f"{module}.{name} is covered {len(found)} times"
    cls, dialect = found[0]
    return cls(**dialect.read(options, name, {}))


def agrees_with_aten(
    name: str,
    shapes: Sequence[Shape],
    options: Mapping[str, Any],
    *,
    listed: bool = False,
    dtypes: Sequence[str] = (),
    names: Sequence[str] = (),
    flops: bool = False,
    free: bool = False,
) -> None:
    """Hold torch.ops.aten.<name> on zeros against our layer.

    `listed`: the inputs are one list; `dtypes`: their types, where they are not all floats; `names`: the arguments they
    are given by, where they do not come first.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    kinds = (*dtypes, *["float32"] * (len(shapes) - len(dtypes)))
    inputs = [torch.zeros(shape, dtype=getattr(torch, kind)) for shape, kind in zip(shapes, kinds, strict=True)]
    count = 0
    theirs: list[Shape] | Exception
    with quietly():
        try:
            function = getattr(torch.ops.aten, name)
            with FlopCounterMode(display=False) as counter:
                arrays = [inputs] if listed else inputs
                named = dict(zip(names, arrays, strict=False))
                made = function(*arrays[len(named) :], **named, **options)
            count = int(counter.get_total_flops())
            theirs = [tuple(one.shape) for one in (made if isinstance(made, (list, tuple)) else [made])]
            if any(size < 1 for shape in theirs for size in shape):
                raise Refused(f"an empty output: {theirs}")
        except Exception as error:
            theirs = error
    ours = ours_or_refusal(lambda: derived(operation(ATEN, name, options), shapes, free=free))
    compared(f"aten.{name}{tuple(shapes)} {dict(options)}", theirs, ours)
    if flops and isinstance(ours, Derivation):
        assert 2 * ours.at(**({"N": 1} if "N" in ours.network.symbols else {})).macs == count


def compared(what: str, theirs: list[Shape] | Exception, ours: Derivation | Exception) -> None:
    """Both refuse, or both give the same shapes."""
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception), f"{what}: refused ({theirs}), we accept {outputs_of(ours)}"
        counted["both refuse"] += 1
        return
    if isinstance(ours, Exception):
        raise AssertionError(f"{what} gives {theirs}, we refuse: {ours}") from ours
    assert outputs_of(ours) == theirs, what
    counted["agree"] += 1


def agrees_with_keras_op(call: Any, shapes: Sequence[Shape], *, integers: Sequence[int] = ()) -> None:
    """Hold a function of Keras tensors, saved as a model and loaded, against what Keras plans and what it makes."""
    import keras

    import symshape

    theirs: list[Shape] | Exception
    text = ""
    kinds = ["int32" if place in integers else "float32" for place in range(len(shapes))]
    with quietly():
        try:
            inputs = [keras.Input(batch_shape=shape, dtype=kind) for shape, kind in zip(shapes, kinds, strict=True)]
            planned = call(*inputs)
            model = keras.Model(inputs, planned)
            text = model.to_json()
            made = call(*(keras.ops.zeros(shape, dtype=kind) for shape, kind in zip(shapes, kinds, strict=True)))
            theirs = [tuple(one.shape) for one in (made if isinstance(made, (list, tuple)) else [made])]
            if any(size < 1 for shape in theirs for size in shape):
                raise Refused(f"an empty output: {theirs}")
        except Exception as error:
            theirs = error
    if not text:
        counted["both refuse"] += 1  # there is no file to be read
        return

    def ours() -> Derivation:
        loaded = symshape.load(text)
        sizes = {name: size for name, size in loaded.native.items() if name != "N"}
        batch = {"N": shapes[0][0]} if "N" in loaded.symbols else {}
        derivation = loaded.derive().at(**batch, **sizes)
        return derivation

    found = ours_or_refusal(ours)
    if isinstance(theirs, Exception) or isinstance(found, Exception):
        compared(text[-1500:], theirs, found)
        return
    assert [tuple(shape) for shape in found.outputs] == theirs, text[-1500:]
    counted["agree"] += 1
