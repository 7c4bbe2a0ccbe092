"""Questions about a derivation, each answered exactly, with the whole solution set and its reason.

terms, sizes   what the names in a question stand for
solving        which sizes and hyper-parameters give what is asked
comparing      two settings, edits or networks side by side
sensing        how a metric moves with each knob, and how it grows
roofing        the least time on a machine
explaining     why a size is what it is, or why it is refused
evaluating     a metric as a plain function of sizes
searching      all settings of several knobs, and the best among them
json_numbers   integers as JSON holds them
settings_files those settings as a CSV or JSON file
sweeping/      many settings at once, as a table, a file or a data set
"""

from symshape.whatif.comparing import Comparison, compare
from symshape.whatif.evaluating import function
from symshape.whatif.explaining import Explanation, explain
from symshape.whatif.roofing import Machine, Roofline, roofline
from symshape.whatif.searching import Found, search
from symshape.whatif.sensing import Sensitivity, sensitivity
from symshape.whatif.solving import Solution, solve
from symshape.whatif.sweeping import Dataset, Table, sweep, sweep_text, sweep_to
from symshape.whatif.terms import Question

__all__ = [
    "Comparison",
    "Dataset",
    "Explanation",
    "Found",
    "Machine",
    "Question",
    "Roofline",
    "Sensitivity",
    "Solution",
    "Table",
    "compare",
    "explain",
    "function",
    "roofline",
    "search",
    "sensitivity",
    "solve",
    "sweep",
    "sweep_text",
    "sweep_to",
]
