"""The metrics, one per file; each file's `METRIC` is found here without being named anywhere."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from symshape.declaration.metric import AnyMetric, Folded, Metric, Quotient
from symshape.errors import UnknownName

__all__ = ["METRICS", "metric"]


def _found() -> dict[str, AnyMetric]:
    found: dict[str, AnyMetric] = {}
    for module in iter_modules(__path__):
        entry = getattr(import_module(f"{__name__}.{module.name}"), "METRIC", None)
        if isinstance(entry, (Metric, Folded, Quotient)):
            found[entry.name] = entry
    return found


METRICS: Mapping[str, AnyMetric] = _found()


def metric(name: str) -> AnyMetric:
    """The metric of this name; raises `UnknownName` listing those that exist."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownName(f"there is no metric {name}: there are {', '.join(sorted(METRICS))}") from None
