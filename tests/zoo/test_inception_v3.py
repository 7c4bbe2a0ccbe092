"""Inception v3 in use and in training, in torchvision's form and in Keras's."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_keras, agrees_with_torch, quietly, torchvision_models


def test_published_figures():
    """torchvision lists 27,161,264 parameters, 5.713 billion operations and a smallest size of 75."""
    d = zoo.inception_v3().derive()
    assert d.params == 27_161_264
    assert d.at(H=299, W=299).macs == 5_713_216_096
    assert str(d.domain) == "H >= 75 and W >= 75"
    keras = zoo.inception_v3_keras().derive(H=299, W=299)
    assert (keras.params, keras.non_trainable, keras.macs) == (23_851_784, 34_432, 5_713_216_096)


def test_the_auxiliary_classifier():
    kept = zoo.inception_v3().derive(H=299, W=299)
    run = zoo.inception_v3(auxiliary="run").derive(H=299, W=299)
    alone = zoo.inception_v3(auxiliary="none").derive(H=299, W=299)
    assert kept.params == run.params == alone.params + kept["auxiliary"].params
    assert kept.macs == alone.macs == run.macs - run["auxiliary"].macs
    assert str(zoo.inception_v3(auxiliary="run").derive().domain) == "H >= 299 and W >= 299"
    assert zoo.inception_v3().parts == {"auxiliary classifier": ("auxiliary",)}
    assert zoo.inception_v3_keras().parts == {}


def test_receptive_field():
    """A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019: 1311, steps of 32."""
    field = zoo.inception_v3().derive().receptive_fields["mixed_7c"]["H"]
    assert (field.size, field.step, field.start) == (1311, 32, -618)


@pytest.mark.frameworks
@pytest.mark.parametrize("size", [(299, 299), (193, 128), (75, 75)])
def test_torchvision(size):
    agrees_with_torch(
        "inception_v3",
        lambda: torchvision_models().inception_v3(init_weights=False),
        (3, *size),
        H=size[0],
        W=size[1],
    )


@pytest.mark.frameworks
def test_torchvision_in_training():
    """Two images: the auxiliary classifier normalizes maps of 1 × 1."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with quietly(), torch.device("meta"), FlopCounterMode(display=False) as counter:
        models = torchvision_models()
        models.inception_v3(init_weights=False).train()(torch.zeros(2, 3, 299, 299))
    assert 2 * zoo.inception_v3(auxiliary="run").derive(N=2, H=299, W=299).macs == counter.get_total_flops()


@pytest.mark.frameworks
def test_keras():
    import keras

    make = keras.applications.InceptionV3
    agrees_with_keras("inception_v3_keras", lambda: make(weights=None), H=299, W=299)
