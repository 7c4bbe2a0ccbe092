"""What the suites that compare with real frameworks share: one configuration, held against Keras or PyTorch.

A layer is derived with every size a symbol (and, where asked, its options too), then evaluated. What is compared: whether
the framework and we accept the configuration at all, output shapes, every weight's name, shape and kind, the counts of
parameters, and, where asked, twice our MACs with PyTorch's own count of operations.
"""

from __future__ import annotations

import inspect
import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, settings

import symshape
from symshape.declaration import Application, Dialect, Layer, registered
from symshape.derivation import Derivation
from symshape.errors import SymshapeError, UsageError
from symshape.network import Input, Network

from .tally import compared

EXAMPLES = int(os.environ.get("SYMSHAPE_EXAMPLES", "40"))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

Shape = tuple[int, ...]


class Refused(Exception):
    """The framework, or we, have no such layer over such inputs."""


@contextmanager
def quietly() -> Iterator[None]:
    """Without the framework's warnings, which are errors in our tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# -- ours --------------------------------------------------------------------------------------------------------------
def dialect_of(framework: str, kind: str) -> tuple[type[Layer], Dialect]:
    """Our class for a framework's class, with the dialect that reads its options."""
    found = [(cls, d) for cls in registered().values() for d in getattr(cls, framework) if d.name == kind]
    assert len(found) == 1, f"{kind} is covered {len(found)} times"
    return found[0]


IGNORED: Mapping[str, Mapping[str, None]] = {
    "keras": dict.fromkeys(("seed", "dtype", "name")),
    "torch": dict.fromkeys(("device", "dtype")),
}


def our_layer(framework: str, kind: str, options: Mapping[str, Any], trainable: bool = True) -> Layer:
    """Our layer for a framework's class and the options given to its constructor."""
    cls, dialect = dialect_of(framework, kind)
    ours = dialect.read(
        options, kind, IGNORED[framework], lambda inner, label: our_layer(framework, *inner).replaced(name="inner")
    )
    layer = cls(**{"trainable": trainable, **ours})
    if (reason := dialect.refuses(layer)) is not None:
        raise Refused(reason)
    return layer


def freed(layer: Layer) -> tuple[Layer, dict[str, int]]:
    """The layer with symbols for its numeric options, and the values of the symbols."""
    bound: dict[str, int] = {}

    def free(field: str, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(free(f"{field}_{place}", part) for place, part in enumerate(value))
        if isinstance(value, int) and value > 0:
            bound[f"o_{field}"] = value
            return f"o_{field}"
        return value

    changes = {field: free(field, getattr(layer, field)) for field in layer.options}
    return layer.replaced(**changes), bound


def derived(layer: Layer, shapes: Sequence[Shape], *, free: bool = False) -> Derivation:
    """The layer alone in a network, derived with symbols for all sizes, then evaluated at `shapes`."""
    bound: dict[str, int] = {}
    inputs = []
    for number, shape in enumerate(shapes):
        names = [f"s{number}_{place}" for place in range(len(shape))]
        bound.update(zip(names, shape, strict=True))
        inputs.append(Input(*names[1:], batch=names[0]))
    if free:
        layer, options = freed(layer)
        bound.update(options)
    network = Network(inputs, layer(*inputs), "alone")
    return network.derive().at(**{name: value for name, value in bound.items() if name in {*network.symbols}})


def outputs_of(derivation: Derivation) -> list[Shape]:
    """All outputs of the network's last layer."""
    return [tuple(map(int, shape)) for shape in derivation.calls[-1].outputs]  # type: ignore[arg-type]


def ours_or_refusal(make: Callable[[], Derivation]) -> Derivation | Exception:
    try:
        return make()
    except (SymshapeError, Refused) as error:
        return error


# -- Keras -------------------------------------------------------------------------------------------------------------
def agrees_with_keras(
    kind: str,
    options: Mapping[str, Any],
    *shapes: Shape,
    call: Callable[[Any, list[Any]], Any] = lambda layer, inputs: layer(*inputs),
    dtype: str = "float32",
    runs: bool = True,
    free: bool = False,
    planned_too: bool = True,
    make: Callable[..., Any] | None = None,
) -> None:
    """Hold one configuration against the real Keras layer, planned (`runs=False`: only) and run on zeros.

    `make` makes the Keras layer where its options are more than numbers; inner layers are (class, options, trainable).
    """
    import keras

    def of_keras() -> tuple[Any, Any, list[Shape]]:
        layer = (make or getattr(keras.layers, kind))(**options)
        inputs = [keras.Input(shape[1:], batch_size=shape[0], dtype=dtype) for shape in shapes]
        planned = call(layer, inputs)
        listed = list(planned) if isinstance(planned, (list, tuple)) else [planned]
        model = keras.Model(inputs, planned)
        sizes = [tuple(output.shape) for output in listed]
        if runs:
            made = call(layer, [keras.ops.zeros(shape, dtype=dtype) for shape in shapes])
            run = [tuple(output.shape) for output in (made if isinstance(made, (list, tuple)) else [made])]
            if planned_too:
                assert all(map(_as_planned, sizes, run)), f"Keras plans {sizes} and makes {run}"
            sizes = run
        if any(size < 1 for shape in sizes for size in shape):
            raise Refused(f"an empty output: {sizes}")
        return layer, model, sizes

    with quietly():
        try:
            layer, model, sizes = of_keras()
        except AssertionError:
            raise
        except Exception as error:
            refusal: Exception | None = error
        else:
            refusal = None
    compared("keras", kind, refused=refusal is not None)
    ours = ours_or_refusal(lambda: derived(our_layer("keras", kind, options), shapes, free=free))
    if refusal is not None:
        assert isinstance(ours, Exception), f"Keras refuses, we accept {outputs_of(ours)}: {refusal}"
        return
    if isinstance(ours, Exception):
        raise AssertionError(f"Keras gives {sizes}, we refuse: {ours}") from ours
    loaded = symshape.load(model.to_json())
    bound = {name: size for name, size in loaded.native.items() if name != "N"}
    batch = {name: shapes[0][0] for name in ("N",) if name not in bound}
    for derivation in (ours, loaded.derive().at(**batch, **bound)):
        name = next(n.name for n in reversed(derivation.network.nodes) if n.sources)
        assert outputs_of(derivation) == sizes
        weights = [(w.weight.name, w.dims, w.trainable) for w in derivation[name].weights]
        theirs = [(_path(layer, w), tuple(w.shape), bool(w.trainable)) for w in layer.weights]
        assert weights == theirs
        assert derivation.trainable == _total(w.shape for w in layer.trainable_weights)
        assert derivation.non_trainable == _total(w.shape for w in layer.non_trainable_weights)


def _as_planned(planned: Sequence[int | None], made: Shape) -> bool:
    return len(planned) == len(made) and all(size in (None, number) for size, number in zip(planned, made, strict=True))


def _path(layer: Any, weight: Any) -> str:
    return str(weight.path).removeprefix(f"{layer.name}/")


def _total(shapes: Any) -> int:
    return sum(math.prod(shape) for shape in shapes)


# -- PyTorch -----------------------------------------------------------------------------------------------------------
def agrees_with_torch(
    kind: str,
    options: Mapping[str, Any],
    *shapes: Shape,
    call: Callable[[Any, list[Any]], Any] = lambda module, inputs: module(*inputs),
    dtype: str = "float32",
    counts: bool = True,
    free: bool = False,
    meta: bool = True,
    nested: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None,
) -> None:
    """Hold one configuration against the real module: on the meta device, or (`meta=False`) on zeros.

    Where the meta device and we disagree about whether the module accepts its inputs, zeros decide. `nested` are the
    options that are modules themselves, each a class and its options.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    def made_on(device: str, kind: str, options: Mapping[str, Any]) -> Any:
        cls = getattr(torch.nn, kind)
        takes_device = "device" in inspect.signature(cls).parameters
        return cls(**options, **({"device": device} if takes_device else {}))

    def of_torch(device: str) -> tuple[Any, list[Shape], int]:
        inner = {name: made_on(device, *given) for name, given in (nested or {}).items()}
        module = made_on(device, kind, {**options, **inner})
        inputs = [torch.zeros(shape, dtype=getattr(torch, dtype), device=device) for shape in shapes]
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            made = call(module, inputs)
        sizes = [tuple(output.shape) for output in (made if isinstance(made, (list, tuple)) else [made])]
        if any(size < 1 for shape in sizes for size in shape):
            raise Refused(f"an empty output: {sizes}")
        return module, sizes, int(counter.get_total_flops())

    def attempt(device: str) -> Any:
        with quietly():
            try:
                return of_torch(device)
            except Exception as error:
                return error

    given = {**_full(kind, options), **{name: (kind, _full(kind, own)) for name, (kind, own) in (nested or {}).items()}}
    ours = ours_or_refusal(lambda: derived(our_layer("torch", kind, given), shapes, free=free))
    theirs = attempt("meta" if meta else "cpu")
    if meta and isinstance(theirs, Exception) != isinstance(ours, Exception):
        theirs = attempt("cpu")
    compared("torch", kind, refused=isinstance(theirs, Exception))
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception), f"PyTorch refuses, we accept {outputs_of(ours)}: {theirs}"
        return
    module, sizes, operations = theirs
    if isinstance(ours, Exception):
        raise AssertionError(f"PyTorch gives {sizes}, we refuse: {ours}") from ours
    assert outputs_of(ours) == sizes
    application = ours.calls[-1]
    assert isinstance(application, Application)
    weights = {w.weight.name: (w.dims, w.trainable, w.buffer) for w in application.torch_weights}
    kept = {name: (tuple(p.shape), p.requires_grad, False) for name, p in module.named_parameters()}
    kept |= {name: (tuple(b.shape), False, True) for name, b in module.named_buffers()}
    assert weights == kept
    assert ours.params == _total(p.shape for p in module.parameters())
    assert ours.trainable == _total(p.shape for p in module.parameters() if p.requires_grad)
    agrees_with_import(module, shapes, ours)
    if counts:
        batch = {"N": 1} if "N" in ours.network.symbols else {}
        assert 2 * ours.at(**batch).macs == operations if batch else 2 * ours.macs == operations


def agrees_with_import(module: Any, shapes: Sequence[Shape], ours: Derivation) -> None:
    """Hold what the importer reads from the live module against the layer made of its options."""
    loaded = _loaded(module, shapes)
    if loaded is not None:
        assert outputs_of(loaded) == outputs_of(ours)
        assert (loaded.params, loaded.trainable, loaded.macs) == (ours.params, ours.trainable, ours.macs)


def _loaded(module: Any, shapes: Sequence[Shape]) -> Derivation | None:
    """The live module as the importer reads it, over the same inputs; None for an example without a batch."""
    names = [tuple(f"s{number}_{place}" for place in range(len(shape))) for number, shape in enumerate(shapes)]
    bound = dict(zip((name for shape in names for name in shape), (n for shape in shapes for n in shape), strict=True))
    for batches in _batches(shapes):
        given = [
            tuple("N" if place == batch else name for place, name in enumerate(shape))
            for shape, batch in zip(names, batches, strict=True)
        ]
        try:
            network = symshape.load(module, input_shape=given)
        except UsageError as error:  # the batch is elsewhere
            if "say in input_shape where the batch is" not in str(error):
                raise
            continue
        sizes = {"N": shapes[0][batches[0]], **bound}
        return network.derive().at(**{name: size for name, size in sizes.items() if name in {*network.symbols, "N"}})
    return None


def _batches(shapes: Sequence[Shape]) -> Iterator[tuple[int, ...]]:
    """Where the batch may be in each input: first, second, or second behind a first input that has it first."""
    yield (0,) * len(shapes)
    second = (1,) * len(shapes)
    if all(len(shape) > 1 for shape in shapes):
        yield (0, *second[1:])
        yield second


def _full(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options given and the defaults of the others."""
    import torch

    parameters = inspect.signature(getattr(torch.nn, kind)).parameters.values()
    return {**{p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}, **options}
