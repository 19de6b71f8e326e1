"""Whether a model computes what it did before, or what another runtime computes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from recipec.api.errors import OperatorError
from recipec.api.metrics import Metric

Array = NDArray[Any]

AGREEMENT: Final = 0.995
"""The least share of samples on which both must have the same largest output, or one that is as
large but for the tolerance."""
ENOUGH: Final = 200
"""Samples from which that share is asked for: of fewer, a single one would fail it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found. Differences are shares of the range of the wanted outputs.

    `mean` is the root of the mean square. `shortfalls` say for each sample how far below the
    largest wanted output the one is that is largest in what was made: 0 where it is the same one.
    They are None where outputs aren't scores of classes ([N, classes]). `differing` is the largest
    share of elements that differ in an output that isn't floating point (class numbers, text), 0
    where there is none; such outputs count nowhere else. `broken` counts the elements that are
    infinite or NaN where the wanted ones aren't the same, or the other way round.
    """

    samples: int
    largest: float
    mean: float
    shortfalls: NDArray[Any] | None
    differing: float = 0.0
    broken: int = 0

    def agreement(self, tolerance: float = 0.0) -> float | None:
        """Give the share of samples with the same largest output, or one as large but for this."""
        return None if self.shortfalls is None else float((self.shortfalls <= tolerance).mean())

    def metrics(self) -> tuple[Metric, ...]:
        """Give the findings as metrics, `check.…`."""
        found: list[tuple[str, float, Literal["lower", "higher"]]] = [
            ("max_difference", self.largest, "lower"),
            ("rms_difference", self.mean, "lower"),
        ]
        if (agreement := self.agreement()) is not None:
            found.append(("top1_agreement", agreement, "higher"))
        return tuple(
            Metric(
                name=f"check.{name}", value=value, unit="share", better=better, count=self.samples
            )
            for name, value, better in found
        )


def compare(outputs: Iterable[tuple[int, Sequence[Any], Sequence[Any]]]) -> Comparison:
    """Compare outputs batch by batch: (samples, what was made, what is wanted).

    Raises OperatorError when they differ in number or shape.
    """
    count = 0
    shortfalls: list[Array] = []
    spreads: list[_Spread] = []
    for samples, made, wanted in outputs:
        ours, theirs = list(_flat(made)), list(_flat(wanted))
        if len(ours) != len(theirs):
            raise OperatorError(f"there are {len(ours)} outputs where {len(theirs)} are wanted")
        spreads = spreads or [_Spread() for _ in ours]
        for spread, one, other in zip(spreads, ours, theirs, strict=True):
            if one.shape != other.shape:
                raise OperatorError(
                    f"an output has shape {list(one.shape)} where {list(other.shape)} is wanted"
                )
            spread.see(one, other)
        count += samples
        if ours and _is_score(theirs[0]):
            scores = theirs[0].astype(np.float64)
            chosen = np.take_along_axis(scores, ours[0].argmax(1)[:, None], 1)[:, 0]
            best = scores.max(1)
            shortfall = np.zeros_like(best)  # where both are the same infinity, too
            np.subtract(best, chosen, out=shortfall, where=best != chosen)
            shortfalls.append(shortfall)
    return Comparison(
        count,
        _most([spread.largest / spread.range for spread in spreads]),
        _most([spread.mean / spread.range for spread in spreads]),
        np.concatenate(shortfalls) / spreads[0].range if shortfalls else None,
        max((spread.differing / max(spread.elements, 1) for spread in spreads), default=0.0),
        sum(spread.broken for spread in spreads),
    )


def refuse_broken(found: Comparison, *, reference: str) -> None:
    """Raise OperatorError for infinities and NaN that `reference` hasn't, or that only it has.

    No tolerance excuses them, so ask it also where any difference passes.
    """
    if found.broken:
        one = found.broken == 1
        raise OperatorError(
            f"{found.broken} {'element' if one else 'elements'} of the outputs "
            f"{'is' if one else 'are'} infinite or NaN where {reference} "
            f"{'is' if one else 'are'} not, or the other way round, on {found.samples} samples",
            hint="no tolerance excuses that: leave the layer that overflows, or is divided by, as "
            "it is",
        )


def judge(
    found: Comparison,
    limit: float,
    *,
    reference: str,
    by: Literal["largest", "mean"] = "largest",
    classes: bool = False,
    runtime: str = "onnxruntime",
) -> str:
    """Say how outputs of `runtime` compare with those of `reference` ("torch's", "those before").

    Raises OperatorError as `refuse_broken` does, when the difference `by` which they are judged is
    above `limit`, when outputs that aren't floating point differ in more than 0.5 % of their
    elements, or, with `classes`, when the largest output is another one (by more than `limit`) on
    more than that.
    """
    refuse_broken(found, reference=reference)
    note = (
        f"{runtime}'s outputs differ from {reference} by {found.mean:.2g} of their range (root "
        f"mean square), at most {found.largest:.2g}, on {found.samples} samples; tolerance "
        f"{limit:.2g} for the {'former' if by == 'mean' else 'latter'}"
    )
    if not (found.mean if by == "mean" else found.largest) <= limit:  # NaN fails too
        raise OperatorError(
            note,
            at=("check", "tolerance"),
            hint="raise `check.tolerance` only if that is good enough for this model",
        )
    if found.differing > 1 - AGREEMENT:
        raise OperatorError(
            f"{note}; and {found.differing:.1%} of an output that isn't floating point differ",
            at=("check", "tolerance"),
        )
    agreement, close = found.agreement(), found.agreement(limit)
    if agreement is None or close is None or not classes:
        return note  # noise belongs to no class
    note += f"; both have the same largest output on {agreement:.1%}"
    if found.samples >= ENOUGH and close < AGREEMENT:
        raise OperatorError(
            f"{note}, and on {close:.1%} but for the tolerance, which must be {AGREEMENT:.1%}",
            at=("check", "data"),
        )
    return note


def _most(values: list[float]) -> float:
    """Give the largest value; NaN when one is (Python's `max` would lose it)."""
    return float(np.max(values)) if values else 0.0


class _Spread:
    """Differences of one output, and the range of the wanted values, over all batches."""

    def __init__(self) -> None:
        self.largest = self.squares = 0.0
        self.count = self.elements = self.differing = self.broken = 0
        self.low, self.high = np.inf, -np.inf

    def see(self, made: Array, wanted: Array) -> None:
        if not wanted.size:
            return
        if not _is_float(wanted):
            self.elements += wanted.size
            self.differing += int(np.count_nonzero(made != wanted))
            return
        one, other = made.astype(np.float64), wanted.astype(np.float64)
        # Where both are the same infinity, or both no number, they don't differ.
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        difference = np.abs(np.where(same, 0.0, one) - np.where(same, 0.0, other))
        self.broken += int(np.count_nonzero(~np.isfinite(difference)))
        self.largest = float(np.maximum(self.largest, difference.max()))  # keeps a NaN
        self.squares += float((difference**2).sum())
        self.count += wanted.size
        finite = other[np.isfinite(other)]
        if finite.size:
            self.low, self.high = min(self.low, finite.min()), max(self.high, finite.max())

    @property
    def mean(self) -> float:
        return float(np.sqrt(self.squares / max(self.count, 1)))

    @property
    def range(self) -> float:
        return float(self.high - self.low) if self.high > self.low else 1.0


def _is_float(values: Array) -> bool:
    return values.dtype.kind == "f" or values.dtype.name == "bfloat16"


def _is_score(values: Array) -> bool:
    return _is_float(values) and values.ndim == 2 and values.shape[1] > 1


def _flat(outputs: Sequence[Any]) -> Iterator[Array]:
    """Give an array for each output; a sequence is one too, of dictionaries (ZipMap) or tensors."""
    for output in outputs:
        if isinstance(output, dict):
            yield np.array([output[key] for key in sorted(output)])
        elif isinstance(output, list | tuple):
            parts = list(_flat(output))
            yield np.concatenate([part.ravel() for part in parts]) if parts else np.empty(0)
        elif output is not None:  # an optional output that is empty
            yield np.asarray(output)
