"""What the zoo's suites share: a preset held against the framework's own model, weight by weight and product by product."""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from symshape.derivation import Derivation
from symshape.zoo import named

Weights = Counter[tuple[tuple[int, ...], ...]]


@contextmanager
def quietly() -> Iterator[None]:
    """Without the framework's warnings, which are errors in our tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@cache
def torchvision_models() -> Any:
    """torchvision.models: models are built and run without torchvision's compiled operators, which need only names."""
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    torchvision_models.kept = library  # type: ignore[attr-defined]
    with quietly():
        import torchvision.models
    return torchvision.models


def transformer(kind: str, config: str, **options: Any) -> Callable[[], Any]:
    """What makes a model of transformers from its configuration alone, its attention in single products."""
    torchvision_models()  # which transformers imports
    with quietly():
        import transformers

        settings = getattr(transformers, config)(attn_implementation="eager", **options)
        model = getattr(transformers, kind)
    for name, value in options.items():  # T5's configuration overrules what it is given
        setattr(settings, name, value)
    return lambda: model(settings)


def reading(length: int, **more: tuple[int, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What runs a model of transformers on a text of so many tokens, and on further arrays of integers by name."""
    import torch

    def run(model: Any) -> tuple[Any, ...]:
        given = {name: torch.zeros((1, *shape), dtype=torch.long) for name, shape in more.items()}
        return tuple(model(torch.zeros((1, length), dtype=torch.long), **given).to_tuple())

    return run


def _by_layer(rows: Iterable[Iterable[tuple[int, ...]]]) -> Weights:
    """How many layers have weights of these shapes."""
    return Counter(tuple(sorted(row)) for row in map(list, rows) if row)


def ours_by_layer(derivation: Derivation, weights: Callable[[Any], Iterable[Any]]) -> Weights:
    """The same of a derivation, a layer that is used again once; a layer that holds others counts as those."""
    calls = dict(derivation.applications()).values()
    return _by_layer(rows for call in calls for rows in _held_apart(weights(call)))


def _held_apart(weights: Iterable[Any]) -> Iterable[list[tuple[int, ...]]]:
    rows: dict[str, list[tuple[int, ...]]] = {}
    for w in weights:
        rows.setdefault(re.sub(r"[^/.]*$", "", w.weight.name), []).append(w.dims)
    return rows.values()


def _kept(module: Any, apart: bool) -> Iterator[list[tuple[int, ...]]]:
    """The shapes of each part's parameters and buffers, tied ones once; buffers that no file holds are left out.

    Arrays of a module that holds others with weights are layers of their own if `apart`: class tokens, positions.
    """
    seen: set[int] = set()
    for part in module.modules():
        passing = part._non_persistent_buffers_set
        buffers = [buffer for name, buffer in part.named_buffers(recurse=False) if name not in passing]
        own = [p for p in (*part.parameters(recurse=False), *buffers) if id(p) not in seen]
        seen |= set(map(id, own))
        shapes = [tuple(p.shape) for p in own]
        if apart and any(True for child in part.children() for _ in child.parameters()):
            yield from ([shape] for shape in shapes)
        else:
            yield shapes


def agrees_with_torch(
    name: str,
    make: Callable[[], Any],
    *inputs: tuple[int, ...],
    run: Any = None,
    weights: Callable[[Any], Any] = lambda call: call.torch_weights,
    knobs: Mapping[str, Any] | None = None,
    device: str = "meta",
    apart: bool = True,
    **sizes: int,
) -> None:
    """Hold a preset against a PyTorch module: every layer's weights, the totals, the outputs and the operations.

    `inputs` are shapes of examples, channels first; `run` runs the module where calling it on zeros does not do. `knobs`
    are turned in the preset. Weights are PyTorch's unless `weights` says otherwise. A module that looks at
    its numbers runs for real, on the device "cpu".
    Arrays that a module of several layers keeps itself, such as positions, count one by one, or (`apart=False`) as
    one layer's.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    with quietly(), torch.device(device):
        module = make().eval()
        given = [torch.zeros((1, *shape)) for shape in inputs]
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            made = run(module) if run is not None else module(*given)
    derivation = named(name, **(knobs or {})).derive(**sizes)
    assert derivation.params == sum(p.numel() for p in module.parameters())
    assert ours_by_layer(derivation, weights) == _by_layer(_kept(module, apart))
    assert 2 * derivation.macs == counter.get_total_flops()
    outputs = [made] if isinstance(made, torch.Tensor) else made if isinstance(made, tuple) else ()
    for ours, output in zip(derivation.outputs, outputs, strict=False):
        assert math.prod(map(int, ours[1:])) == output[0].numel()


def _leaves(model: Any) -> Iterator[Any]:
    """A Keras model's layers, those of models inside too."""
    for layer in model.layers:
        yield from _leaves(layer) if hasattr(layer, "layers") else (layer,)


def keras_macs(model: Any) -> int:
    """The products of a Keras model's convolutions and dense layers: the kernel's numbers at each output position."""
    with_kernel = [layer for layer in _leaves(model) if hasattr(layer, "kernel")]
    return sum(math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape) for layer in with_kernel)


def agrees_with_keras(name: str, make: Callable[[], Any], **sizes: int) -> None:
    """Hold a preset against a Keras model: every layer's weights, trainable and not, and the totals."""
    with quietly():
        model = make()
    derivation = named(name).derive(**sizes)
    assert derivation.params == model.count_params()
    assert derivation.trainable == sum(math.prod(w.shape) for w in model.trainable_weights)
    theirs = _by_layer([tuple(w.shape) for w in layer.weights] for layer in _leaves(model))
    assert ours_by_layer(derivation, lambda call: call.weights) == theirs
