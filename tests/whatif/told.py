"""What an answer of `solve` says of one setting, read from its sets and its printed relations alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import ceil, floor
from types import CodeType
from typing import Any

from symshape.whatif import Solution

_NUMBER = re.compile(r"\b\d+\b")
_WORDS: dict[str, Any] = {"__builtins__": {}, "floor": floor, "ceiling": ceil, "min": min, "max": max}
_WORDS["exact"] = Fraction
_WORDS["divides"] = lambda divisor, number: number % divisor == 0


@cache
def _code(relation: str) -> CodeType:
    return compile(_NUMBER.sub(r"exact(\g<0>)", relation), "relation", "eval")  # 1/3 is no float


def true_at(relation: object, setting: Mapping[str, Any]) -> bool:
    """Whether a printed relation holds at a setting; exactly, and not where it divides by zero."""
    exact = {name: Fraction(value) for name, value in setting.items()}
    try:
        return bool(eval(_code(str(relation)), _WORDS, exact))  # noqa: S307 - printed by symshape, or a test's own question
    except ZeroDivisionError:
        return False


def allows(answer: Solution, setting: Mapping[str, int]) -> bool:
    """Whether the setting is among those that the answer describes."""
    return (
        bool(answer)
        and all(setting[name] in found for name, found in answer.sets.items())
        and all(true_at(f"{name} == {tree}", setting) for name, tree in answer.ties.items())
        and all(true_at(tree, setting) for tree in answer.joint)
    )
