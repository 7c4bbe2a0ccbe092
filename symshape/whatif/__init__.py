"""Questions about a derivation, each answered exactly, with the whole solution set and its reason.

terms, sizes   what the names in a question stand for
solving        which sizes and hyper-parameters give what is asked
"""

from symshape.whatif.solving import Solution, solve
from symshape.whatif.terms import Question

__all__ = ["Question", "Solution", "solve"]
