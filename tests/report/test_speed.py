"""Reports of published networks are made in a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from symshape.network import Network
from symshape.report import report


@pytest.mark.parametrize("name", ["ResNet50", "InceptionV3", "EfficientNetB0"])
@pytest.mark.parametrize("ending", ["html", "tex", "txt"])
def test_within_two_seconds(published: Callable[[str], Network], name: str, ending: str) -> None:
    derived = published(name).derive()
    started = time.perf_counter()
    text = report(derived, format=ending)
    assert time.perf_counter() - started < 2
    assert len(text) > 50_000
