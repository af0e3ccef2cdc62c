"""Medians, percentiles and ratios of repeated runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

__all__ = ["median", "median_ratio", "percentile"]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0..1) of all values do not exceed; NaN without values."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median_ratio(measured: Sequence[float], reference: Sequence[float]) -> float:
    """Median of the ratios of runs made side by side, so that a slow moment of the machine hits both."""
    pairs = [a / b for a, b in zip(measured, reference, strict=True) if b]
    return median(pairs) if pairs else math.nan
