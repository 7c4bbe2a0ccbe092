"""Floating-point operations by the convention of fvcore: one for each multiply–accumulate, and some of the rest.

fvcore has a handler for each operator of PyTorch that it counts. Its convention is copied, its gaps are not: where the
same operation has a handler in two dimensions only, the others count alike here, and recurrent layers and fused
attention, which have none, count their multiply–accumulates (docs/conventions.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from symshape.algebra.poly import Value
from symshape.declaration import Application
from symshape.declaration.metric import Metric
from symshape.declaration.source import Source
from symshape.metrics.weighing import products, weighed

__all__ = ["METRIC", "WEIGHTS"]

FVCORE = Source(
    "fvcore",
    "fvcore, fvcore/nn/jit_handles.py and flop_count.py",
    "https://github.com/facebookresearch/fvcore/blob/main/docs/flop_count.md",
)

# By family, for one element. Batch norm: 1, and 1 more if scaled; layer, group and instance norm: 4, and 1 more if
# scaled. Upsampling: 1 for each number that an output is made of (bilinear: 4).
WEIGHTS: Mapping[str, int] = {
    "bias": 0,
    "activation": 0,
    "softmax": 0,
    "element-wise": 0,
    "pooling": 0,
    "adaptive average pooling": 1,
    "normalization by kept statistics": 1,
    "normalization by own statistics": 4,
    "other normalization": 0,
    "scale of a normalization": 1,
    "shift of a normalization": 0,
    "repetition": 1,
    "interpolation": 1,
    "preparation": 0,
}


def flops(call: Application) -> Value:
    """The layer's multiply–accumulates and weighed work; raises `MissingRule` where it declares no rule for them."""
    return products(call, METRIC.name) + weighed(call, METRIC.name, lambda kind: WEIGHTS.get(kind.family))


METRIC = Metric(
    "flops_fvcore",
    "operations",
    "as fvcore counts: one for each multiply–accumulate, 2 per element of batch normalization, 5 of layer, group and "
    "instance normalization, 1 of what adaptive average pooling reads, 1 per neighbour in upsampling; "
    "bias additions, activations and other pooling are not counted",
    flops,
    FVCORE,
)
