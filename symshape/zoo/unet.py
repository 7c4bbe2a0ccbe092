"""U-Net: a contracting path of pairs of convolutions, and an expanding one that meets its maps again, level by level.

In the paper's form convolutions are valid: every one takes a border of the map away, and what comes over from the
contracting path is cropped to what is left. The other form pads, and keeps the size of the image.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source, as_value
from symshape.layers.conv import Conv2D
from symshape.layers.merge import Concatenate
from symshape.layers.pool import MaxPooling2D
from symshape.layers.resize import Cropping2D
from symshape.layers.transposed import Conv2DTranspose
from symshape.network import Input, Network, Tensor
from symshape.zoo.family import Family

__all__ = ["FAMILY", "unet"]

RONNEBERGER = Source(
    "ronneberger2015",
    "O. Ronneberger, P. Fischer and T. Brox, U-Net: convolutional networks for biomedical image segmentation, 2015 "
    "(arXiv:1505.04597)",
    "https://arxiv.org/abs/1505.04597",
)


def unet(
    w: Any = "w", *, depth: int = 4, padding: str = "valid", C: Any = 1, classes: Any = 2, resolution: Any = 572
) -> Network:
    """A U-Net of `depth` poolings whose first maps have w channels, for images of H × W.

    >>> d = unet(64).derive()
    >>> d.params, d.at(H=572, W=572).output_shape, str(d.domain)
    (31030658, (N, 388, 388, 2), 'H % 16 == 12 and H >= 188 and W % 16 == 12 and W >= 188')
    """

    def pair(x: Tensor, level: int, path: str) -> Tensor:
        """Two 3×3 convolutions; each level down has twice the channels."""
        for number in (1, 2):
            name = f"{path}{level}_conv{number}"
            x = Conv2D(2**level * as_value(w), 3, padding=padding, activation="relu", name=name)(x)
        return x

    image = Input("H", "W", C, given=(resolution, resolution, None))
    x, skips = image, []
    for level in range(depth):
        x = pair(x, level, "down")
        skips.append(x)
        x = MaxPooling2D(2, name=f"down{level}_pool")(x)
    x = pair(x, depth, "bottom")
    lost = 4  # positions that two valid convolutions take away from an axis
    margin = lost  # what the map from below lacks on each side of the one beside it
    for level in reversed(range(depth)):
        x = Conv2DTranspose(2**level * as_value(w), 2, stride=2, name=f"up{level}")(x)
        skip = skips[level]
        if padding == "valid":
            skip = Cropping2D(margin, name=f"up{level}_crop")(skip)
            margin = 2 * (margin + lost)
        x = pair(Concatenate(name=f"up{level}_join")([skip, x]), level, "up")
    return Network(image, Conv2D(classes, 1, name="classes")(x))


FAMILY = Family(
    name="unet",
    title="U-Net",
    source=RONNEBERGER,
    build=unet,
    knobs={
        "w": "channels of the first level, doubled in each level below",
        "depth": "number of poolings: levels above the bottom",
        "padding": {
            "valid": "convolutions are valid and maps are cropped where the paths meet (the paper)",
            "same": "convolutions are padded to keep the map's size (most later codes)",
        },
        "C": "channels of the image",
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "unet_2015": {"w": 64},
        "unet_same": {"w": 64, "padding": "same", "C": 3, "resolution": 512},
    },
)
