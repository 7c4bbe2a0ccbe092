"""What if: questions to a derivation that its closed forms answer.

sweeping/   many settings at once, as a table, a file or a data set
"""

from symshape.whatif.sweeping import Dataset, Table, sweep, sweep_text, sweep_to

__all__ = ["Dataset", "Table", "sweep", "sweep_text", "sweep_to"]
