"""What PyTorch's automatic differentiation keeps for the backward pass, measured."""

from __future__ import annotations

from typing import Any


def bytes_saved(module: Any, *inputs: Any, **named: Any) -> int:
    """The bytes of every storage that is kept while the module runs in training, each once; parameters and buffers apart.

    Attention runs by single products of matrices, as it is declared.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    own = {p.untyped_storage().data_ptr() for p in (*module.parameters(), *module.buffers())}
    kept = {}

    def pack(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)  # held, so that no address is used twice
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor), sdpa_kernel(SDPBackend.MATH):
        held = module.train()(*inputs, **named)
    assert held is not None
    return sum(bytes_ for bytes_, _ in kept.values())
