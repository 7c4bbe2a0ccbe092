"""What a report format is: its names, its files' endings, and how a view becomes text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from symshape.report.view import View

__all__ = ["Format", "Options"]


@dataclass(frozen=True)
class Options:
    """What a caller may want of a report: a title, and a folder of templates that come before ours."""

    title: str | None = None
    templates: Path | None = None


@dataclass(frozen=True)
class Format:
    """One format. `names` are what callers may call it, the first one as messages show it."""

    names: tuple[str, ...]
    endings: tuple[str, ...]
    render: Callable[[View, Options], str]
