"""Shares and differences with their intervals, in the words of every table."""

from harness.statistics.intervals import Interval


def percent(share: Interval | None, to: str = "-") -> str:
    """A share in per cent with its interval, such as "51.2 (43.3-59.1)"; empty without one."""
    return f"{100 * share.value:.1f} ({100 * share.low:.1f}{to}{100 * share.high:.1f})" if share else ""


def points(difference: Interval) -> str:
    """A difference in percentage points with its interval, such as "+3.0 (-1.2 to +7.1)"."""
    return f"{100 * difference.value:+.1f} ({100 * difference.low:+.1f} to {100 * difference.high:+.1f})"
