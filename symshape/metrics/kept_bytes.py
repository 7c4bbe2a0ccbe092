"""Bytes that training keeps from the forward pass for the backward one.

Every layer declares what its gradient needs: what enters, what leaves, or numbers of its own. A tensor of the network is
in memory once however many layers keep it, and a view is its input's memory; what no gradient needs is let go. What the
declarations say is what PyTorch's automatic differentiation keeps, all layers trained; weights are not among it.
"""

from __future__ import annotations

from symshape.algebra.bounds import at_least
from symshape.algebra.claims import claim_between
from symshape.algebra.poly import Value
from symshape.declaration import Application, Kept
from symshape.declaration.kept import AUTOGRAD
from symshape.declaration.metric import Folded
from symshape.declaration.schedule import Handed, Lap, Schedule, over_laps
from symshape.errors import ConditionError, MissingRule, Undecided
from symshape.metrics.widths import bytes_of

__all__ = ["METRIC", "kept_bytes"]


def kept_bytes(schedule: Schedule, dtype: str) -> Value:
    """The network's tensors that some layer keeps, each once, and the numbers of the layers' own."""
    tensors: dict[int, int | None] = {}  # and the bytes of a number, where the type does not say them
    shared: set[tuple[str, Value]] = set()
    total: Value = 0
    for step in schedule.steps:
        for kept, numbers in _rows(step.call):
            if kept.what == "own":
                own = _bytes(numbers, dtype, kept.width)
                if not kept.once:
                    total = total + over_laps(own, step.laps)
                elif (kept.once, own) not in shared:
                    shared.add((kept.once, own))
                    total = total + own
            else:
                met = step.reads if kept.what == "inputs" else step.makes
                tensors |= {schedule.homes_in_training[tensor]: kept.width for tensor in kept.among(met)}
    for handed in schedule.handed:
        total = total + bytes_of(_handed_on(schedule, handed, tensors), dtype)
    for tensor, width in sorted(tensors.items()):
        total = total + over_laps(_bytes(schedule.sizes[tensor], dtype, width), schedule.laps[tensor])
    return total


def _bytes(numbers: Value, dtype: str, width: int | None) -> Value:
    return bytes_of(numbers, dtype) if width is None else width * numbers


def _handed_on(schedule: Schedule, handed: Handed, tensors: dict[int, int | None]) -> Value:
    """The numbers kept of what a repeated block hands from lap to lap; `tensors` then has what it takes and gives.

    Of the n laps' inputs the first is the tensor before the block, and of their outputs the last is the one after it;
    the n − 1 between are each one lap's output and the next one's input.
    """
    homes, lap = schedule.homes_in_training, handed.lap
    taken, given = homes[handed.taken] in tensors, homes[handed.given] in tensors
    if given and not taken and not at_least(lap.times, 1):
        raise Undecided(
            f"what a block repeated {lap.times} times keeps is open where that may be 0 times: give the number of times"
        )
    for tensor in (handed.taken, handed.given):
        tensors.pop(homes[tensor], None)
    if taken:
        tensors[homes[handed.before]] = None
    if given:
        tensors[homes[handed.after]] = None
    between = Lap(lap.times, lap.times - 1, 1, lap.least, lap.place)
    return over_laps(schedule.sizes[handed.taken], (*handed.laps, between)) if taken or given else 0


def _rows(call: Application) -> list[tuple[Kept, Value]]:
    """What the layer keeps.

    Raises `MissingRule` where it does not say, or not for the function it applies, and `ConditionError` where training
    cannot run it on what enters.
    """
    rows = call.counts("keeps")
    if rows is None:
        raise MissingRule(f"{call.label}: the layer declares no rule for the metric {METRIC.name}")
    kept: list[tuple[Kept, Value]] = []
    for row, _, numbers in rows:
        assert isinstance(row, Kept)
        if row.what == "unknown":
            raise MissingRule(f"{call.label}: the metric {METRIC.name} has no rule for {row.reason}")
        for size in row.needs:
            if claim_between(">=", value := call.everything[size], 1) is False:
                raise ConditionError(
                    f"{call.label}: what enters is too small to train it, {size} inside would be {value}",
                    layer=call.label,
                    condition=f"{size} >= 1",
                )
        kept.append((row, numbers))
    return kept


METRIC = Folded(
    "kept_bytes",
    "bytes",
    "what training keeps from the forward pass for the backward one: the tensors that some gradient needs, each once, "
    "with masks of 1 byte, statistics of 4 and indices of 8",
    kept_bytes,
    AUTOGRAD,
    adds_up=True,
    options={"dtype": ("fp32", "fp16", "bf16")},
)
