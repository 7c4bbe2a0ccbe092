"""The metrics, one per file; each file's `METRIC` is found here without being named anywhere."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from symshape.declaration.metric import Folded, Metric
from symshape.errors import UnknownName

__all__ = ["METRICS", "metric"]


def _found() -> dict[str, Metric | Folded]:
    found: dict[str, Metric | Folded] = {}
    for module in iter_modules(__path__):
        entry = getattr(import_module(f"{__name__}.{module.name}"), "METRIC", None)
        if isinstance(entry, (Metric, Folded)):
            found[entry.name] = entry
    return found


METRICS: Mapping[str, Metric | Folded] = _found()


def metric(name: str) -> Metric | Folded:
    """The metric of this name; raises `UnknownName` listing those that exist."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownName(f"there is no metric {name}: there are {', '.join(sorted(METRICS))}") from None
