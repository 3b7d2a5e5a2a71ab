"""What the server has done, in the text format of Prometheus."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping


class ServiceMetrics:
    """Counts of one server; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._verdicts: Counter[str] = Counter()
        self._open = 0

    def begin(self) -> None:
        """A request has arrived."""
        with self._lock:
            self._open += 1

    def end(self, path: str, status: int, seconds: float) -> None:
        """A request was answered; `seconds` count from its arrival, waiting included."""
        with self._lock:
            self._open -= 1
            self._requests[f'path="{path}",status="{status}"'] += 1
            self._seconds[f'path="{path}"'] += seconds

    def count_verdict(self, verdict: str) -> None:
        """An answer was judged, or a program ran."""
        with self._lock:
            self._verdicts[f'verdict="{verdict}"'] += 1

    def text(self, waiting: int, workers: int) -> str:
        """All metrics; `waiting` programs have no worker yet."""
        gauges = {"open_requests": self._open, "waiting_programs": waiting, "workers": workers}
        with self._lock:
            lines = [
                *_counter("requests_total", self._requests),
                *_counter("request_seconds_total", self._seconds),
                *_counter("verdicts_total", self._verdicts),
            ]
        for name, value in gauges.items():
            lines += [f"# TYPE wavebench_{name} gauge", f"wavebench_{name} {value}"]
        return "\n".join(lines) + "\n"


def _counter(name: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# TYPE wavebench_{name} counter"
    for labels, value in sorted(values.items()):
        yield f"wavebench_{name}{{{labels}}} {value:.6g}"
