"""Reports for machines: everything the view holds, formulas in plain syntax that our own parser reads back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from symshape.report.findings import question_of
from symshape.report.format import Format, Options
from symshape.report.view import ClosedForm, View
from symshape.written import Written

__all__ = ["FORMAT", "VERSION", "plain"]

VERSION = 1  # of the form of the data; it grows when a reader of the old form would misunderstand the new one
LARGEST = 2**53  # integers beyond are not exact in every reader of JSON

_SURROGATES = re.compile("[\ud800-\udfff]")
_BY_SYMBOL = ("bindings", "point", "fields_at")  # lists of closed forms that are spelt as objects: {"H": 32}


def render(view: View, options: Options) -> str:
    """The view as JSON."""
    data: dict[str, Any] = {"format_version": VERSION, **plain(view)}
    if options.title is not None:
        data["title"] = options.title
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return _SURROGATES.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def plain(value: Any) -> Any:
    """The value in the terms of JSON: formulas as text, integers beyond 2^53 as text too.

    >>> from symshape.written import symbols
    >>> H, K = symbols("H K")
    >>> plain({"form": (H - K)/2, "counts": (5, 2**60)})
    {'form': '(H - K)/2', 'counts': [5, '1152921504606846976']}
    """
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(entry) for entry in value]
    if is_dataclass(value):
        return {field.name: _field(field.name, getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{value!r} has no form in JSON")


def _field(name: str, value: Any) -> Any:
    if name == "answers":
        return [{"question": question_of(answer), **plain(answer.data())} for answer in value]
    if name in _BY_SYMBOL:
        return {str(entry.symbol): _bound(entry) for entry in value}
    return plain(value)


def _bound(entry: ClosedForm) -> Any:
    return plain(entry.form if entry.at is None else entry.at)


FORMAT = Format(("json",), (".json",), render)
