"""A network derived: every layer's shapes, weights and costs as steps and closed forms.

whole        one walk over a network: what each layer makes of the shapes that reach it
layer        one layer of it, with all its applications
quantities   metrics by their names, of both
weights      what shared and trained weights ask of the sizes
repetition   a block applied n times: sizes by recurrence, costs as sums
scheduling   the layers in the order in which they run, for what is held in memory
questions    what can be asked of a derivation
"""

from symshape.derivation.layer import LayerDerivation
from symshape.derivation.quantities import Number, public
from symshape.derivation.repetition import Repetition
from symshape.derivation.whole import Derivation

__all__ = ["Derivation", "LayerDerivation", "Number", "Repetition", "public"]
