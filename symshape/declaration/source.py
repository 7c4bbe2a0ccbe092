"""Where a formula comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["DERIVED", "DUMOULIN_VISIN", "KERAS", "PYTORCH", "Source"]


@dataclass(frozen=True)
class Source:
    """A citable source; calling it points at a place inside: `DUMOULIN_VISIN("relation 6")`."""

    key: str
    citation: str
    url: str = ""
    place: str = ""

    def __call__(self, place: str) -> Source:
        return replace(self, place=place)


DUMOULIN_VISIN = Source(
    "dumoulin2016",
    "V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016 (arXiv:1603.07285)",
    "https://arxiv.org/abs/1603.07285",
)
KERAS = Source("keras", "Keras 3 API documentation", "https://keras.io/api/layers/")
PYTORCH = Source("pytorch", "PyTorch documentation, torch.nn", "https://pytorch.org/docs/stable/nn.html")
DERIVED = Source("counting", "counted from the definition of the operation")
