"""Every torch dialect of our layers against PyTorch itself: drawn options and sizes, ours derived with symbols.

The path is the user's: a real module → `load` → `derive()` with every size a symbol → `.at(...)` the drawn sizes.
Output shapes, each weight and buffer, counts and multiply–accumulates must be PyTorch's; what PyTorch refuses we
refuse, and the reverse; and the domain says at which sizes that is. `SYMSHAPE_EXAMPLES` sets how many draws each class
gets. The first axis is always the batch: inputs without one, which some modules take too, are not drawn.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.declaration import Application, registered
from symshape.derivation import Derivation
from symshape.errors import SymshapeError
from symshape.importers import load

from .differential import Refused, derived, many, our_layer, outputs_of, quietly
from .tally import compared

pytestmark = pytest.mark.frameworks

Case = tuple[dict[str, Any], tuple[int, ...]]  # options of the constructor, and the shape of the input with the batch
SIZES = {0: (1, 1), 1: (1, 14), 2: (1, 9), 3: (1, 6)}


# -- what is drawn -----------------------------------------------------------------------------------------------------
def integers(draw, least, most):
    return draw(st.integers(least, most))


def rarely(draw, usual, odd, often=10):
    """Mostly `usual`, one time in `often` `odd`."""
    return odd if integers(draw, 1, often) == 1 else usual


def per_axis(draw, rank, least, most):
    """One number for all axes, or one for each."""
    numbers = st.integers(least, most)
    return draw(st.one_of(numbers, st.tuples(*[numbers] * rank)))


def shaped(draw, rank, channels):
    return (integers(draw, 1, 3), channels, *(integers(draw, *SIZES[rank]) for _ in range(rank)))


def anything(draw, least=1, most=5):
    """A shape of any number of dimensions."""
    return tuple(draw(st.lists(st.integers(1, 6), min_size=least, max_size=most)))


def conv(rank, lazy=False):
    def case(draw) -> Case:
        groups = integers(draw, 1, 3)
        channels = groups * integers(draw, 1, 3)
        stride = per_axis(draw, rank, 1, 3)
        numbers = per_axis(draw, rank, 0, 3)
        options = {
            "out_channels": groups * integers(draw, 1, 3) + rarely(draw, 0, 1),
            "kernel_size": per_axis(draw, rank, 1, 4),
            "stride": stride,
            "padding": draw(st.sampled_from([numbers, numbers, "same", "valid"])),
            "dilation": per_axis(draw, rank, 1, 3),
            "groups": groups,
            "bias": draw(st.booleans()),
            "padding_mode": draw(st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"])),
        }
        if options["padding"] == "same":
            options["stride"] = rarely(draw, 1, stride, 4)
        if not lazy:
            options = {"in_channels": channels + rarely(draw, 0, 1, 20), **options}
        return options, shaped(draw, rank, channels + rarely(draw, 0, 1))

    return case


def linear(draw, lazy=False) -> Case:
    features = integers(draw, 1, 9)
    options = {"in_features": features, "out_features": integers(draw, 1, 9), "bias": draw(st.booleans())}
    if lazy:
        del options["in_features"]
    return options, (*anything(draw, 1, 4), features + rarely(draw, 0, 1))


def max_pool(rank):
    def case(draw) -> Case:
        options = {
            "kernel_size": per_axis(draw, rank, 1, 5),
            "stride": draw(st.none()) if draw(st.booleans()) else per_axis(draw, rank, 1, 4),
            "padding": per_axis(draw, rank, 0, rarely(draw, 2, 3)),
            "dilation": per_axis(draw, rank, 1, 3),
            "return_indices": draw(st.booleans()),
            "ceil_mode": draw(st.booleans()),
        }
        return options, shaped(draw, rank, integers(draw, 1, 3))

    return case


def average_pool(rank):
    def case(draw) -> Case:
        options = {
            "kernel_size": per_axis(draw, rank, 1, 5),
            "stride": draw(st.none()) if draw(st.booleans()) else per_axis(draw, rank, 1, 4),
            "padding": per_axis(draw, rank, 0, rarely(draw, 2, 3)),
            "ceil_mode": draw(st.booleans()),
            "count_include_pad": draw(st.booleans()),
        }
        if rank > 1:
            options["divisor_override"] = draw(st.sampled_from([None, None, 1, 7, 0]))
        return options, shaped(draw, rank, integers(draw, 1, 3))

    return case


def power_pool(rank):
    def case(draw) -> Case:
        options = {
            "norm_type": draw(st.sampled_from([1, 2, 3.5])),
            "kernel_size": per_axis(draw, rank, 1, 5),
            "stride": draw(st.none()) if draw(st.booleans()) else per_axis(draw, rank, 1, 4),
            "ceil_mode": draw(st.booleans()),
        }
        if rank == 1:
            options |= {key: value[0] for key, value in options.items() if isinstance(value, tuple)}
        return options, shaped(draw, rank, integers(draw, 1, 3))

    return case


def batch_norm(*ranks, lazy=False):
    def case(draw) -> Case:
        channels = integers(draw, 1, 6)
        options = {
            "num_features": channels,
            "affine": draw(st.booleans()),
            "track_running_stats": draw(st.booleans()),
            "bias": draw(st.booleans()),
            "momentum": draw(st.sampled_from([0.1, None])),
        }
        if lazy:
            del options["num_features"]
        rank = rarely(draw, draw(st.sampled_from(ranks)), integers(draw, 2, 5))
        others = [integers(draw, 1, 4) for _ in range(rank - 1)]
        return options, (others[0], channels + rarely(draw, 0, 1), *others[1:])

    return case


def layer_norm(draw) -> Case:
    shape = anything(draw, 2, 5)
    last = shape[len(shape) - integers(draw, 1, len(shape) - 1) :]
    normalized = rarely(draw, last, (*last[:-1], last[-1] + 1))
    if len(normalized) > 1:
        shape = rarely(draw, shape, shape[-1:], 20)
    elif draw(st.booleans()):
        normalized = normalized[0]
    flags = {"elementwise_affine": draw(st.booleans()), "bias": draw(st.booleans())}
    return {"normalized_shape": normalized, **flags}, shape


def flatten(draw) -> Case:
    shape = anything(draw, 2)
    return {"start_dim": integers(draw, -6, 5), "end_dim": integers(draw, -6, 5)}, shape


def halving(draw) -> Case:
    return {"dim": integers(draw, -5, 4)}, anything(draw)


def along_an_axis(draw) -> Case:
    return {"dim": draw(st.sampled_from([None, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]))}, anything(draw)


def prelu(draw) -> Case:
    shape = anything(draw)
    channels = shape[1] if len(shape) > 1 else 1
    return {"num_parameters": draw(st.sampled_from([1, channels, channels + 1])), "init": 0.5}, shape


def constant_padding(rank, **options):
    def case(draw) -> Case:
        sizes = draw(st.one_of(st.integers(0, 4), st.tuples(*[st.integers(0, 4)] * (2 * rank))))
        return {"padding": sizes, **options}, shaped(draw, rank, integers(draw, 1, 3))

    return case


def elementwise(*, least=1, most=5, **options):
    def case(draw) -> Case:
        return options, anything(draw, least, most)

    return case


def dropout(draw, least=1) -> Case:
    return {"p": draw(st.sampled_from([0, 0.25, 0.5, 1, 1.5, -0.5]))}, anything(draw, least)


DRAWN: Mapping[str, Callable[[Any], Case]] = {
    **{f"Conv{rank}d": conv(rank) for rank in (1, 2, 3)},
    **{f"LazyConv{rank}d": conv(rank, lazy=True) for rank in (1, 2, 3)},
    "Linear": linear,
    "LazyLinear": lambda draw: linear(draw, lazy=True),
    **{f"MaxPool{rank}d": max_pool(rank) for rank in (1, 2, 3)},
    **{f"AvgPool{rank}d": average_pool(rank) for rank in (1, 2, 3)},
    **{f"LPPool{rank}d": power_pool(rank) for rank in (1, 2, 3)},
    "BatchNorm1d": batch_norm(2, 3),
    "BatchNorm2d": batch_norm(4),
    "BatchNorm3d": batch_norm(5),
    "LazyBatchNorm1d": batch_norm(2, 3, lazy=True),
    "LazyBatchNorm2d": batch_norm(4, lazy=True),
    "LazyBatchNorm3d": batch_norm(5, lazy=True),
    "SyncBatchNorm": batch_norm(2, 3, 4, 5),
    "LayerNorm": layer_norm,
    "Flatten": flatten,
    "GLU": halving,
    "Softmax": along_an_axis,
    "Softmin": along_an_axis,
    "LogSoftmax": along_an_axis,
    "Softmax2d": elementwise(least=2),
    "PReLU": prelu,
    **{f"ZeroPad{rank}d": constant_padding(rank) for rank in (1, 2, 3)},
    **{f"ConstantPad{rank}d": constant_padding(rank, value=1.5) for rank in (1, 2, 3)},
    **dict.fromkeys(("Dropout", "AlphaDropout", "Dropout1d"), dropout),
    **dict.fromkeys(("Dropout2d", "Dropout3d", "FeatureAlphaDropout"), lambda draw: dropout(draw, least=2)),
    "Threshold": elementwise(threshold=0.5, value=1.0),
    "Hardtanh": elementwise(min_val=-2.0),
    "GELU": lambda draw: ({"approximate": draw(st.sampled_from(["none", "tanh", "no"]))}, anything(draw)),
    **dict.fromkeys(("CELU", "ELU", "Hardshrink", "Hardsigmoid", "Hardswish", "LeakyReLU"), elementwise()),
    **dict.fromkeys(("LogSigmoid", "Mish", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid"), elementwise()),
    **dict.fromkeys(("Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Identity"), elementwise()),
}


def test_every_dialect_is_drawn_here_or_in_a_suite_of_its_own():
    missing = []
    for cls in registered().values():
        family = cls.__module__.rpartition(".")[2]
        if not (Path(__file__).parent / f"test_{family}_frameworks.py").exists():
            missing += [dialect.name for dialect in cls.torch if dialect.name not in DRAWN]
    assert not missing, "give them a strategy in DRAWN, or their family a suite test_<family>_frameworks.py"


def test_no_two_layers_claim_one_module():
    names = [dialect.name for cls in registered().values() for dialect in cls.torch]
    assert len(names) == len(set(names))


# -- PyTorch -----------------------------------------------------------------------------------------------------------
def made(kind: str, options: Mapping[str, Any], device: str) -> Any:
    """The module; raises where PyTorch has none with these options."""
    import torch

    cls = getattr(torch.nn, kind)
    placed = {"device": device} if "device" in inspect.signature(cls).parameters else {}
    return cls(**options, **placed).eval()


def run(module: Any, shape: tuple[int, ...], device: str) -> tuple[list[tuple[int, ...]], int]:
    """The shapes of the outputs, and PyTorch's own count of operations."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        outputs = module(torch.zeros(shape, device=device))
    sizes = [tuple(output.shape) for output in (outputs if isinstance(outputs, tuple) else (outputs,))]
    if any(size < 1 for output in sizes for size in output):
        raise Refused(f"an empty output: {sizes}")
    return sizes, int(counter.get_total_flops())


def attempt(kind: str, options: Mapping[str, Any], shape: tuple[int, ...], device: str) -> Any:
    """(module, output shapes, operations), or the refusal."""
    with quietly():
        try:
            module = made(kind, options, device)
            return (module, *run(module, shape, device))
        except Exception as error:  # whatever PyTorch raises
            return error


# -- ours --------------------------------------------------------------------------------------------------------------
def symbolic(kind: str, options: Mapping[str, Any], shape: tuple[int, ...], device: str) -> Derivation:
    """The module, made but not run, loaded and derived with a symbol for every size; refusals are raised."""
    with quietly():
        try:
            module = made(kind, options, device)
        except Exception:
            defaults = inspect.signature(getattr(__import__("torch").nn, kind)).parameters.values()
            given = {p.name: p.default for p in defaults if p.default is not p.empty and p.name not in ("inplace",)}
            return derived(our_layer("torch", kind, {**given, **options}), [shape])
    return load(module, input_shape=symbols(shape)).derive()


def symbols(shape: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"s{place}" for place in range(1, len(shape)))


def bound(shape: tuple[int, ...]) -> dict[str, int]:
    return {"N": shape[0], **dict(zip(symbols(shape), shape[1:], strict=True))}


def evaluated(kind: str, options: Mapping[str, Any], shape: tuple[int, ...], device: str) -> Any:
    """(ours at the shape, ours with symbols), or the refusal."""
    try:
        ours = symbolic(kind, options, shape, device)
        return ours if "input" not in ours.layers else ours.at(**bound(shape)), ours
    except (SymshapeError, Refused) as error:
        return error


@pytest.mark.parametrize("kind", [kind for kind in sorted(DRAWN) if "Conv" in kind or "Pool" in kind or "Lin" in kind])
@many
@given(data=st.data())
def test_drawn_with_symbols_for_the_options_too(kind, data):
    options, shape = DRAWN[kind](data.draw)
    theirs = attempt(kind, options, shape, "cpu")
    if isinstance(theirs, Exception):
        return  # what is refused is seen with numbers
    compared("torch", kind, refused=False)
    module, sizes, operations = theirs
    ours = derived(load(module, input_shape=symbols(shape)).nodes[-1].operation, [shape], free=True)
    assert outputs_of(ours) == sizes
    assert 2 * ours.macs == operations
    assert_same_weights(ours, module)


# -- the comparison ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", sorted(DRAWN))
@many
@given(data=st.data())
def test_drawn(kind, data):
    options, shape = DRAWN[kind](data.draw)
    device = "cpu" if kind.startswith(("Lazy", "Sync")) else "meta"
    agrees(kind, options, shape, device)


def agrees(kind: str, options: Mapping[str, Any], shape: tuple[int, ...], device: str = "meta") -> None:
    """Hold one configuration against PyTorch."""
    theirs = attempt(kind, options, shape, device)
    ours = evaluated(kind, options, shape, device)
    if isinstance(theirs, Exception) != isinstance(ours, Exception):
        theirs = attempt(kind, options, shape, "cpu")  # the meta device does not check everything
    compared("torch", kind, refused=isinstance(theirs, Exception))
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception), f"PyTorch refuses, we accept {outputs_of(ours[0])}: {theirs}"
        return
    module, sizes, operations = theirs
    if isinstance(ours, Exception):
        raise AssertionError(f"PyTorch gives {sizes}, we refuse: {ours}") from ours
    numbers, symbolic_ = ours
    assert outputs_of(numbers) == sizes
    assert 2 * numbers.macs == operations
    assert_same_weights(numbers, module)
    assert load(module, input_shape=shape[1:]).derive(N=shape[0]).output_shape == numbers.output_shape
    if "input" in symbolic_.layers:
        assert bound(shape) in symbolic_.domain
        check_edges(kind, options, shape, device, symbolic_)


def assert_same_weights(numbers: Derivation, module: Any) -> None:
    application = numbers.calls[-1]
    assert isinstance(application, Application)
    weights = [(w.weight.name, w.dims, w.trainable, w.buffer) for w in application.torch_weights]
    parameters = [(name, tuple(p.shape), p.requires_grad, False) for name, p in module.named_parameters()]
    buffers = [(name, tuple(b.shape), False, True) for name, b in module.named_buffers()]
    assert weights == parameters + buffers
    assert numbers.params == sum(p.numel() for p in module.parameters())
    assert numbers.trainable == sum(p.numel() for p in module.parameters() if p.requires_grad)
    assert numbers.metric("buffers") == sum(math.prod(b.shape) for b in module.buffers())


def check_edges(kind: str, options: Mapping[str, Any], shape: tuple[int, ...], device: str, ours: Derivation) -> None:
    """At the edges of the domain, axis by axis, PyTorch accepts exactly the sizes that are in it."""
    if kind.startswith(("Lazy", "Batch", "Sync")):
        return  # what they ask of the batch alone is no part of a domain of sizes
    for place in range(1, len(shape)):
        there = [(*shape[:place], size, *shape[place + 1 :]) for size in range(1, 15)]
        inside = [bound(other) in ours.domain for other in there]
        for before, after, was, is_ in zip(there, there[1:], inside, inside[1:], strict=False):
            if was != is_:
                for other, accepted in ((before, was), (after, is_)):
                    result = attempt(kind, options, other, device)
                    assert isinstance(result, Exception) != accepted, (other, ours.domain, result)
                break
