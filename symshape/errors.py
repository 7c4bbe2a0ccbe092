"""Everything symshape can refuse, as one tree.

    SymshapeError                 any refusal of ours; its text is one clear sentence
    ├── UsageError                the question is badly put (command line exit code 2)
    │   ├── ParseError            a text that is not an expression of our small language
    │   ├── UnknownName           a symbol, layer, metric, format or model nobody declared
    │   └── FormatError           an output format or template that does not exist
    ├── ModelError                the model cannot be derived (exit code 1)
    │   ├── ImportRefused         a file that is corrupt, foreign, too large or unsafe
    │   ├── UnsupportedLayer      a layer, or an option of one, that no declaration covers
    │   ├── GraphError            layers wired in a way no network can be
    │   └── ConditionError        a declared condition fails: the sizes do not fit the layer
    │       └── DivisionByZero    a formula divides by zero, or rounds a quotient whose divisor is not positive
    ├── DeclarationError          a layer or formula declared wrongly (our bug, or a plug-in's)
    │   └── MissingRule           a metric asked of a layer that declares no rule for it
    └── Undecided                 an exact answer exists but is out of reach here, with the reason

`ConditionError` is also a `ValueError`, `DivisionByZero` a `ZeroDivisionError`, `UnknownName` a `KeyError`: code that
catches the builtin keeps working.
"""

from __future__ import annotations

__all__ = [
    "ConditionError",
    "DeclarationError",
    "DivisionByZero",
    "FormatError",
    "GraphError",
    "ImportRefused",
    "MissingRule",
    "ModelError",
    "ParseError",
    "SymshapeError",
    "Undecided",
    "UnknownName",
    "UnsupportedLayer",
    "UsageError",
]


class SymshapeError(Exception):
    """Any refusal of symshape; `str(error)` is one clear sentence."""

    exit_code = 1


class UsageError(SymshapeError):
    """The question is badly put."""

    exit_code = 2


class ParseError(UsageError):
    """A text is not an expression of the whitelisted language."""


class UnknownName(UsageError, KeyError):
    """A name that nobody declared: the message lists those that exist."""

    __str__ = Exception.__str__  # KeyError would print the repr of the sentence


class FormatError(UsageError):
    """An output format or template that does not exist."""


class ModelError(SymshapeError):
    """The model cannot be derived as it stands."""


class ImportRefused(ModelError):
    """A model file that is corrupt, foreign, too large, or would run code."""


class UnsupportedLayer(ModelError):
    """A layer, or an option of one, that no declaration covers."""


class GraphError(ModelError):
    """Layers wired in a way that no network can be."""


class ConditionError(ModelError, ValueError):
    """A declared condition fails for the given sizes.

    `layer` is the layer's name (empty where none is involved yet) and `condition` the failed condition as text.
    """

    def __init__(self, message: str, *, layer: str = "", condition: str = "") -> None:
        super().__init__(message)
        self.layer = layer
        self.condition = condition


class DivisionByZero(ConditionError, ZeroDivisionError):
    """A formula divides by zero, or rounds a quotient whose divisor is not positive."""


class DeclarationError(SymshapeError):
    """A layer, formula or metric is declared wrongly."""


class MissingRule(DeclarationError):
    """A metric was asked of a layer that declares no rule for it."""


class Undecided(SymshapeError):
    """The exact answer is out of reach of the finite tests used; the message says why."""
