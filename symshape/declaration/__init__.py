"""The declaration language: a layer as data, and the one engine that reads it."""

from symshape.declaration.application import Application, Demand, WeightShape
from symshape.declaration.dialect import Dialect, Inner, Only, Reading
from symshape.declaration.formula import Condition, Count, Formula, Weight, has, option
from symshape.declaration.kept import INPUTS, KEEPS_NOTHING, OUTPUTS, Kept, inputs, outputs, own
from symshape.declaration.layer import Layer, registered
from symshape.declaration.options import Dim, Padding, PerAxis, as_value, dim, dims, padding, per_axis
from symshape.declaration.signature import Signature, Template
from symshape.declaration.source import DERIVED, DUMOULIN_VISIN, KERAS, PYTORCH, Source
from symshape.declaration.window import (
    ELSEWHERE,
    EVERYTHING,
    FEATURES,
    FOLLOWING,
    POINTWISE,
    RESIZED,
    Along,
    Window,
    sliding,
)
from symshape.declaration.work import FAMILIES, NOTHING, OPERATIONS, Kind, Work

__all__ = [
    "DERIVED",
    "DUMOULIN_VISIN",
    "ELSEWHERE",
    "EVERYTHING",
    "FAMILIES",
    "FEATURES",
    "FOLLOWING",
    "INPUTS",
    "KEEPS_NOTHING",
    "KERAS",
    "NOTHING",
    "OPERATIONS",
    "OUTPUTS",
    "POINTWISE",
    "PYTORCH",
    "RESIZED",
    "Along",
    "Application",
    "Condition",
    "Count",
    "Demand",
    "Dialect",
    "Dim",
    "Formula",
    "Inner",
    "Kept",
    "Kind",
    "Layer",
    "Only",
    "Padding",
    "PerAxis",
    "Reading",
    "Signature",
    "Source",
    "Template",
    "Weight",
    "WeightShape",
    "Window",
    "Work",
    "as_value",
    "dim",
    "dims",
    "has",
    "inputs",
    "option",
    "outputs",
    "own",
    "padding",
    "per_axis",
    "registered",
    "sliding",
]
