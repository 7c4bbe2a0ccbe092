"""Networks that reports are made of, and ways to look into a report."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from symshape import zoo
from symshape.importers import load
from symshape.layers import (
    Add,
    BatchNormalization,
    Concatenate,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    ReLU,
    Reshape,
    SeparableConv2D,
    UpSampling2D,
)
from symshape.network import Input, Network, Sequential

DATA = Path(__file__).parents[1] / "data"

# Names that try to be more than names, each in a format or two.
HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!-- x --> & &lt; ]]>",
    "$x$ $$y$$ $`z`$",
    "a|b||c",
    r"\input{/etc/passwd} \end{document} \\ %",
    "`code` ```fence",
    "two\nlines\r\n\n# heading\n\n- item",
    "[x](javascript:alert(1)) ![i](http://x/y.png) <http://x>",
    "{{ 7*7 }} {% raw %} << 7 >> <% end %> {# #}",
    "~~~ __init__ *star* #1 @all www.x.org",
    "-->",
    "\x1b[31mred\x07 \u202eright to left",
    "\ud800 lone surrogate",
    'x"]; click n0 href "javascript:alert(1)"',
    "",
    "層 ỗ 🙂 ŵ",
)


@pytest.fixture(scope="session")
def lenet() -> Network:
    return zoo.lenet5()


@pytest.fixture(scope="session")
def answers(lenet: Network) -> list[Any]:
    """An answer of every kind about LeNet-5."""
    d = lenet.derive()
    smaller = lenet.replace("conv2d", kernel=3).derive()
    return [
        d.solve("macs <= 1e6 and W == H", maximize="H"),
        d.solve("macs < 10 and W == H"),
        d.compare(smaller),
        d.compare(smaller, everything=True),
        d.sensitivity("macs", H=32, W=32),
        d.roofline(10**12, 10**11),
        d.at(H=32, W=32).roofline(10**12, 10**11),
        d.explain(H=15),
        d.at(H=32, W=32).explain("flatten"),
        d.search("macs <= 1e6 and W == H", pareto=["macs:max"]),
        d.search("macs <= 1e6 and H % 8 == 0", over={"W": range(16, 33, 8)}, terms=["params"]),
        d.sweep("macs", H=range(10, 200), W="H"),
    ]


@pytest.fixture(scope="session")
def published() -> Callable[[str], Network]:
    models = json.loads(gzip.decompress((DATA / "keras_models.json.gz").read_bytes()))
    return lambda name: load(models[name])


@pytest.fixture(scope="session")
def unet() -> Network:
    """One level of a U-Net: two paths that fit together at even sizes only."""
    image = Input("H", "W", 1, given=(64, 64, 1))
    skip = Conv2D(8, 3, padding="same")(image)
    deep = Conv2D(16, 3, padding="same")(MaxPooling2D(2)(skip))
    return Network(image, Conv2D(2, 1)(Concatenate()([skip, UpSampling2D(2)(deep)])), name="unet")


@pytest.fixture(scope="session")
def residual() -> Network:
    image = Input("H", "W", 3, given=(32, 32, 3))
    x = Conv2D(8, 3, stride=2, padding="same")(image)
    y = BatchNormalization()(Conv2D(8, 3, padding="same")(ReLU()(x)))
    z = Conv2D(16, 1)(Add()([x, y]))
    return Network(image, Dense(10)(GlobalAveragePooling2D()(z)), name="residual")


@pytest.fixture(scope="session")
def siamese() -> Network:
    """A layer shared by two inputs of different sizes; two outputs."""
    left, right = Input("H", "W", 3, name="left"), Input("H_r", "W_r", 3, name="right")
    stem, mean = Conv2D(4, 3, stride=2, name="stem"), GlobalAveragePooling2D(name="mean")
    one, two = stem(left), stem(right)
    return Network([left, right], [Concatenate()([mean(one), mean(two)]), one], name="siamese")


@pytest.fixture(scope="session")
def nested() -> Network:
    block = Sequential(Input("H", "W", "C"), Conv2D(16, 3, padding="same"), BatchNormalization(), name="block")
    image = Input("H", "W", 3, given=(32, 32, 3))
    return Network(image, Dense(5)(GlobalAveragePooling2D()(block(Conv2D(8, 3)(image)))), name="nested")


@pytest.fixture(scope="session")
def free() -> Network:
    """Every hyper-parameter of the first layer a symbol."""
    return Sequential(
        Input("H", "W", "C"),
        Conv2D("F", "K", stride="S", padding="P"),
        MaxPooling2D(2),
        Conv2D(16, 5),
        Flatten(),
        Dense(10),
        name="free",
    )


@pytest.fixture(scope="session")
def sequence() -> Network:
    return Sequential(Input("L", 8), Conv1D(8, 3, groups=2, dilation=2), Reshape((-1, 4)), name="sequence")


@pytest.fixture(scope="session")
def separable() -> Network:
    return Sequential(
        Input("H", "W", 8, given=(32, 48, 8)),
        SeparableConv2D(16, 3, stride=2, padding="same"),
        Conv2D(8, (3, 5)),
        name="separable",
    )


@pytest.fixture(scope="session")
def weightless() -> Network:
    return Sequential(Input("H", "W", 3, given=(8, 8, 3)), ReLU(), MaxPooling2D(2), Flatten(), name="weightless")


@pytest.fixture(scope="session")
def everything(
    lenet: Network,
    unet: Network,
    residual: Network,
    siamese: Network,
    nested: Network,
    free: Network,
    sequence: Network,
    separable: Network,
    weightless: Network,
) -> list[Network]:
    return [lenet, unet, residual, siamese, nested, free, sequence, separable, weightless]


@pytest.fixture(scope="session")
def hostile() -> Network:
    """A chain whose layers and whose own name are called as badly as can be."""
    steps = [Conv2D(2, 1, name=name) for name in HOSTILE]
    names = " ".join(HOSTILE)
    return Sequential(Input("H", "W", 1, given=(4, 4, 1), name="<in> & $`out`$"), *steps, ReLU(name="|"), name=names)
