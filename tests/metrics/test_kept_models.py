"""What training keeps of whole models against what PyTorch's automatic differentiation keeps of the frameworks' own.

Where kernels of theirs keep more than is declared, the test says how much: docs/surprises.md tells each case.
"""

from __future__ import annotations

from typing import Any

import pytest

from symshape.zoo import FAMILIES
from symshape.zoo.llama import llama
from symshape.zoo.maxvit import maxvit
from symshape.zoo.mixtral import mixtral
from symshape.zoo.swin import swin
from symshape.zoo.t5 import t5

from ..zoo.against import quietly, torchvision_models, transformer
from .saved import bytes_saved

N = 3
SMALL = {"vocab_size": 50, "hidden_size": 16, "intermediate_size": 24, "use_cache": False}


def kept(network: Any, **sizes: int) -> Any:
    return network.derive(N=N, **sizes).metric("kept_bytes")


def tokens(length: int) -> Any:
    import torch

    return torch.randint(0, 50, (N, length))


def normalized(rows: int, width: int = 16) -> int:
    """Root-mean-square normalization in single steps keeps what it gives before the scale too."""
    return 4 * N * rows * width


def test_every_preset_of_every_family_answers():
    for family in FAMILIES.values():
        for preset in family.presets:
            assert family.preset(preset).derive().metric("training_bytes") != 0, preset


@pytest.mark.frameworks
@pytest.mark.parametrize(("layers", "heads", "kv_heads", "length"), [(1, 4, 4, 7), (2, 4, 2, 5), (3, 2, 1, 9)])
def test_llama(layers, heads, kv_heads, length):
    theirs = transformer(
        "LlamaForCausalLM",
        "LlamaConfig",
        **SMALL,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
    )()
    ours = kept(llama(layers, 16, heads, kv_heads, 50, 24, 16 // heads), L=length)
    assert bytes_saved(theirs, tokens(length)) == ours + (2 * layers + 1) * normalized(length)


@pytest.mark.frameworks
@pytest.mark.parametrize(("experts", "active", "length"), [(4, 2, 7), (3, 1, 6)])
def test_mixtral(experts, active, length):
    theirs = transformer(
        "MixtralForCausalLM",
        "MixtralConfig",
        **SMALL,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        num_local_experts=experts,
        num_experts_per_tok=active,
        experts_implementation="eager",
    )()
    ours = kept(mixtral(2, 16, 4, 2, 50, 24, experts, active, 4), L=length)
    assert bytes_saved(theirs, tokens(length)) == ours + 5 * normalized(length)


@pytest.mark.frameworks
@pytest.mark.parametrize(("layers", "read", "written"), [(1, 7, 5), (2, 4, 6)])
def test_t5(layers, read, written):
    theirs = transformer(
        "T5ForConditionalGeneration",
        "T5Config",
        vocab_size=50,
        d_model=16,
        d_kv=4,
        d_ff=24,
        num_layers=layers,
        num_heads=4,
        dropout_rate=0.0,
        use_cache=False,
    )()
    ours = kept(t5(layers, layers, 16, 4, 50, 24, 4), L=read, L_dec=written)
    more = (2 * layers + 1) * normalized(read) + (3 * layers + 1) * normalized(written)
    assert bytes_saved(theirs, input_ids=tokens(read), decoder_input_ids=tokens(written)) == ours + more


@pytest.mark.frameworks
@pytest.mark.parametrize(("height", "width"), [(64, 80), (61, 75)])
def test_swin(height, width):
    import torch

    blocks = torchvision_models().swin_transformer
    image = torch.randn(N, 3, height, width)
    widths = {"patch_size": [4, 4], "embed_dim": 8, "depths": [1, 2, 1, 1], "num_heads": [2, 4, 8, 16]}
    made = {**widths, "window_size": [4, 4], "stochastic_depth_prob": 0.0, "num_classes": 10}
    ours = swin(1, 2, 1, 1, 8, 2, 4, classes=10)
    assert bytes_saved(blocks.SwinTransformer(**made), image) == kept(ours, H=height, W=width)


@pytest.mark.frameworks
def test_swin_2():
    import torch

    blocks = torchvision_models().swin_transformer
    made = {"patch_size": [4, 4], "embed_dim": 8, "depths": [1, 1, 1, 1], "num_heads": [2, 4, 8, 16]}
    theirs = blocks.SwinTransformer(
        **made,
        window_size=[4, 4],
        stochastic_depth_prob=0.0,
        num_classes=10,
        block=blocks.SwinTransformerBlockV2,
        downsample_layer=blocks.PatchMergingV2,
    )
    ours = kept(swin(1, 1, 1, 1, 8, 2, 4, version=2, classes=10), H=64, W=64)
    # Queries and keys are parts of one tensor, all of which stays for their sake; and the biases' last function.
    values = sum(4 * N * max(16 // 2**stage, 4) ** 2 * 8 * 2**stage for stage in range(4))
    biases = sum(4 * 16 * 16 * heads for heads in made["num_heads"])
    assert bytes_saved(theirs, torch.randn(N, 3, 64, 64)) == ours + values + biases


@pytest.mark.frameworks
def test_maxvit():
    import torch

    theirs = torchvision_models().MaxVit((64, 64), 8, 2, [16, 32, 64, 128], [1, 2, 1, 1], 8, 0.0, num_classes=10)
    ours = maxvit(1, 2, 1, 1, 16, 2, 2, stem=8, classes=10, resolution=64)
    assert bytes_saved(theirs, torch.randn(N, 3, 64, 64)) == kept(ours, H=64, W=64)


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("name", "dropped", "sizes"),
    [("googlenet", 3 * 1024, {"H": 96, "W": 128}), ("inception_v3", 2048, {"H": 299, "W": 320})],
)
def test_auxiliary_classifiers_are_run_in_training(name, dropped, sizes):
    import torch

    with quietly():
        theirs = getattr(torchvision_models(), name)(init_weights=False)
    image = torch.randn(N, 3, *sizes.values())
    # PyTorch's dropout on a CPU keeps factors of 4 bytes where a mask of 1 would do
    assert bytes_saved(theirs, image) == kept(FAMILIES[name].preset(name), **sizes) + 3 * N * dropped
