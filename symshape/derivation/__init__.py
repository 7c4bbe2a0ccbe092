"""A network derived: every layer's shapes, weights and costs as steps and closed forms.

whole        one walk over a network: what each layer makes of the shapes that reach it
questions    what can be asked of a derivation
repetition   a block applied n times: sizes by recurrence, costs as sums
"""

from symshape.derivation.repetition import Repetition
from symshape.derivation.whole import Derivation, LayerDerivation, Number, public

__all__ = ["Derivation", "LayerDerivation", "Number", "Repetition", "public"]
