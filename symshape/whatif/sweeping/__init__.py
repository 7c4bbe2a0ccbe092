"""Sweeps: the values of metrics at many settings, as exact integers.

space      the settings: axes of values, and the blocks that they are cut into
plan       what is asked at each setting, compiled
table      the answers, column by column, and the kinds of column that hold them
files      one CSV, JSON or Parquet file, written block by block
dataset    a folder of Parquet files, one per block: begun again, it goes on where it stopped
cluster    the same folder, written by the workers of a Dask cluster
ask        the questions themselves: `sweep`, `sweep_to` and `sweep_text`
extras     optional packages, imported when they are used
progress   how far a sweep is, on a terminal
"""

from symshape.whatif.sweeping.ask import sweep, sweep_text, sweep_to
from symshape.whatif.sweeping.dataset import Dataset
from symshape.whatif.sweeping.table import Table

__all__ = ["Dataset", "Table", "sweep", "sweep_text", "sweep_to"]
