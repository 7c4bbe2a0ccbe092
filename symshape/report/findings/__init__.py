"""What-if answers as sections of a report, one kind per file; each file's `TOLD` is found here without being named."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from symshape.errors import UsageError
from symshape.report.finding import Finding, Told

__all__ = ["question_of", "told"]


@lru_cache(maxsize=1)
def _kinds() -> tuple[Told, ...]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return tuple(module.TOLD for module in modules)


def _told_of(answer: Any) -> Told:
    found = next((told for told in _kinds() if isinstance(answer, told.kind)), None)
    if found is None:
        kinds = ", ".join(told.question for told in _kinds())
        raise UsageError(f"a report tells the answers of {kinds}, not a {type(answer).__name__}")
    return found


def told(answer: Any) -> Finding:
    """An answer of `solve`, `compare` and the like as a report tells it.

    >>> from symshape import zoo
    >>> told(zoo.resnet50().derive(W="H").solve("H_out == 7")).said
    ((193 <= H and H <= 224,),)
    """
    return _told_of(answer).tell(answer)


def question_of(answer: Any) -> str:
    """What the question is called: solve, compare, …"""
    return _told_of(answer).question
