"""What PyTorch's automatic differentiation keeps for the backward pass, measured."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable
from typing import Any


class _Held:
    """What the graph of gradients holds of a saved tensor; gone with the graph."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor


def bytes_saved(module: Any, *inputs: Any, **named: Any) -> int:
    """The bytes of every storage that is kept when the module has run in training, each once; parameters and buffers
    apart."""
    return bytes_kept(module.train(), (*module.parameters(), *module.buffers()), *inputs, **named)


def bytes_kept(run: Callable[..., Any], weights: Iterable[Any], *inputs: Any, **named: Any) -> int:
    """The same of any function, with the weights it uses.

    Attention runs by single products of matrices and recurrent layers step by step, as they are declared.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    own = {weight.untyped_storage().data_ptr() for weight in weights}
    held: weakref.WeakSet[_Held] = weakref.WeakSet()

    def pack(tensor: Any) -> _Held:
        kept = _Held(tensor)
        held.add(kept)
        return kept

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept.tensor)
    enabled = torch.backends.mkldnn.set_flags(False)
    try:
        with hooks, sdpa_kernel(SDPBackend.MATH):
            made = run(*inputs, **named)
    finally:
        torch.backends.mkldnn.set_flags(*enabled)
    gc.collect()  # what was run for its shape alone
    storages = [kept.tensor.untyped_storage() for kept in held]
    assert made is not None  # which holds the graph
    return sum({s.data_ptr(): s.nbytes() for s in storages if s.data_ptr() not in own}.values())
