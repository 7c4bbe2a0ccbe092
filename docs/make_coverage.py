"""Writes docs/coverage.md: every layer name of the installed Keras and PyTorch, covered or left out with its reason.

`python docs/make_coverage.py` writes the page; the tests hold it against the installed frameworks, so a name that
appears in a new release fails them until it is declared or given a reason here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("coverage.md")

RANDOM = "a random augmentation: used on data, not inside a network"
FOREIGN = "wraps another framework's code, whose shapes only that framework knows"
ABSTRACT = "a base class, not a layer of its own"
LOSS = "a loss: compares outputs with targets, no part of the network"
CONTAINER = "a container: the importer reads what it holds"
TEXT = "turns text into tokens: used on data, its output depends on the words"

AUGMENTATIONS = """
    AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization MixUp RandAugment
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform
    RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective
    RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom
    Solarization
"""
KERAS_REASONS: Mapping[str, str] = {
    **dict.fromkeys(AUGMENTATIONS.split(), RANDOM),
    **dict.fromkeys(("FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"), FOREIGN),
    **dict.fromkeys(("Layer", "Wrapper"), ABSTRACT),
    "InputLayer": "read by the importer itself: it is where a network begins",
    "Lambda": "runs code of its own, which is never executed",
    "MaxNumBoundingBoxes": "works on dictionaries of bounding boxes, not on tensors",
    "Pipeline": "a chain of augmentations for data pipelines",
    "TextVectorization": TEXT,
    "HashedCrossing": TEXT,
    "MelSpectrogram": "audio preprocessing: used on data",
    "STFTSpectrogram": "audio preprocessing: used on data",
}
TORCH_REASONS: Mapping[str, str] = {
    **dict.fromkeys(("Module", "RNNBase", "RNNCellBase", "Container"), ABSTRACT),
    **dict.fromkeys(("Sequential", "ModuleList"), "read by the importer itself: a chain of modules"),
    **dict.fromkeys(
        ("ModuleDict", "ParameterDict", "ParameterList"), CONTAINER.replace("the importer", "a graph importer")
    ),
    "LinearCrossEntropyOptions": "the options of a loss",
}


def keras_classes() -> dict[str, Any]:
    """The layer classes of `keras.layers` by every name they go by."""
    import keras

    return {
        name: entry
        for name, entry in vars(keras.layers).items()
        if inspect.isclass(entry) and issubclass(entry, keras.layers.Layer)
    }


def torch_classes() -> dict[str, Any]:
    """The module classes of `torch.nn` by name."""
    import torch

    return {name: getattr(torch.nn.modules, name) for name in torch.nn.modules.__all__}


def rows(framework: str) -> list[tuple[str, str, str]]:
    """(name, our layer or "", reason) of every class of a framework; both empty where nothing is said of it."""
    import symshape.layers  # noqa: F401 - registers every layer
    from symshape.declaration import registered

    layers = registered().values()
    ours = {dialect.name: layer.__name__ for layer in layers for dialect in getattr(layer, framework)}
    classes = keras_classes() if framework == "keras" else torch_classes()
    reasons = KERAS_REASONS if framework == "keras" else TORCH_REASONS
    found = []
    for name in sorted(classes):
        own = classes[name].__name__ if inspect.isclass(classes[name]) else name
        layer = ours.get(own, ours.get(name, ""))
        reason = "" if layer else reasons.get(name, reasons.get(own, _loss(own)))
        found.append((name, layer, reason))
    return found


def _loss(name: str) -> str:
    return LOSS if "Loss" in name else ""


def page() -> str:
    """The page as Markdown."""
    lines = [
        "# Coverage",
        "",
        "Every layer class of Keras and of `torch.nn`, with the declaration that covers it or the reason why none does.",
        "Made by `python docs/make_coverage.py` from the installed frameworks; do not edit it.",
    ]
    for framework, title in (("keras", "keras.layers"), ("torch", "torch.nn")):
        table = rows(framework)
        lines += ["", f"## {title}", "", f"{_covered(table)} of {len(table)} names are covered.", ""]
        lines += ["| name | layer | reason |", "|---|---|---|"]
        lines += [f"| {name} | {layer} | {reason} |" for name, layer, reason in table]
    return "\n".join(lines) + "\n"


def _covered(table: Iterable[tuple[str, str, str]]) -> int:
    return sum(1 for _, layer, _ in table if layer)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
