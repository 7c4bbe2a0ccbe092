"""What the zoo's suites share: a preset held against the framework's own model, weight by weight and product by product."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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


def _by_layer(rows: Iterable[Iterable[tuple[int, ...]]]) -> Weights:
    """How many layers have weights of these shapes."""
    return Counter(tuple(sorted(row)) for row in map(list, rows) if row)


def ours_by_layer(derivation: Derivation, weights: Callable[[Any], Iterable[Any]]) -> Weights:
    return _by_layer([w.dims for w in weights(call)] for _, call in derivation.applications())


def agrees_with_torch(
    name: str, make: Callable[[], Any], *inputs: tuple[int, ...], run: Any = None, **sizes: int
) -> None:
    """Hold a preset against a PyTorch module: every layer's weights, the totals, the outputs and the operations.

    `inputs` are shapes of examples, channels first; `run` runs the module where calling it on zeros does not do.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    with quietly(), torch.device("meta"):
        module = make().eval()
        given = [torch.zeros((1, *shape)) for shape in inputs]
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            made = run(module) if run is not None else module(*given)
    derivation = named(name).derive(**sizes)
    assert derivation.params == sum(p.numel() for p in module.parameters())
    theirs = _by_layer(
        [tuple(p.shape) for p in (*part.parameters(recurse=False), *part.buffers(recurse=False))]
        for part in module.modules()
    )
    assert ours_by_layer(derivation, lambda call: call.torch_weights) == theirs
    assert 2 * derivation.macs == counter.get_total_flops()
    outputs = [made] if isinstance(made, torch.Tensor) else []
    for ours, output in zip(derivation.outputs, outputs, strict=False):
        assert math.prod(map(int, ours[1:])) == output[0].numel()


def _leaves(model: Any) -> Iterator[Any]:
    """A Keras model's layers, those of models inside too."""
    for layer in model.layers:
        yield from _leaves(layer) if hasattr(layer, "layers") else (layer,)


def agrees_with_keras(name: str, make: Callable[[], Any], **sizes: int) -> None:
    """Hold a preset against a Keras model: every layer's weights, trainable and not, and the totals."""
    with quietly():
        model = make()
    derivation = named(name).derive(**sizes)
    assert derivation.params == model.count_params()
    assert derivation.trainable == sum(math.prod(w.shape) for w in model.trainable_weights)
    theirs = _by_layer([tuple(w.shape) for w in layer.weights] for layer in _leaves(model))
    assert ours_by_layer(derivation, lambda call: call.weights) == theirs
