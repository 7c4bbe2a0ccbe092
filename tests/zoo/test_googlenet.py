"""GoogLeNet in use and in training, in torchvision's form and in the paper's."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_torch, quietly, torchvision_models


def test_published_figures():
    """torchvision lists 6,624,904 parameters without auxiliary classifiers, 1.498 billion operations, sizes from 15."""
    d = zoo.googlenet().derive()
    assert d.params == 13_004_888
    assert zoo.googlenet(auxiliary="none").derive().params == 6_624_904
    assert d.at(H=224, W=224).macs == 1_498_376_192
    assert str(d.domain) == "H >= 15 and W >= 15"


def test_the_form_of_the_paper():
    """The paper's table 1 gives these four blocks 128, 304, 170 and 71 million operations."""
    d = zoo.googlenet_2015(auxiliary="none").derive(H=224, W=224)
    assert d.params == 6_998_552
    millions = [round(d[f"inception_{name}"].macs / 1e6) for name in ("3a", "3b", "4e", "5b")]
    assert millions == [128, 304, 170, 71]


def test_auxiliary_classifiers_run_in_training_only():
    kept, run = zoo.googlenet_2015().derive(), zoo.googlenet_2015(auxiliary="run").derive()
    assert kept.params == run.at(H=224, W=224).params == 13_378_280
    assert str(kept.domain) == "H >= 31 and W >= 31"
    assert {"H": 224, "W": 224} in run.domain
    assert {"H": 320, "W": 320} not in run.domain  # their dense layers are made for maps of 4 × 4


@pytest.mark.frameworks
@pytest.mark.parametrize("size", [(224, 224), (193, 127), (15, 15)])
def test_torchvision(size):
    agrees_with_torch(
        "googlenet", lambda: torchvision_models().googlenet(init_weights=False), (3, *size), H=size[0], W=size[1]
    )


@pytest.mark.frameworks
def test_torchvision_in_training():
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with quietly(), torch.device("meta"), FlopCounterMode(display=False) as counter:
        models = torchvision_models()
        models.googlenet(init_weights=False).train()(torch.zeros(1, 3, 224, 224))
    assert 2 * zoo.googlenet(auxiliary="run").derive(H=224, W=224).macs == counter.get_total_flops()
