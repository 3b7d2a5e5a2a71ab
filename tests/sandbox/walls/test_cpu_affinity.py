"""Workers of all sandboxes of a machine share out its processors."""

import os

from sandbox.walls.cpu_affinity import CpuReservation


def test_no_processor_is_given_twice():
    processors = os.sched_getaffinity(0)
    places = [
        CpuReservation() for _ in range(len(processors) + 1)
    ]  # others may run here: some of these are without one
    try:
        given = [place.processor for place in places if place.processor is not None]
        assert len(given) == len(set(given)) <= len(processors)
        assert set(given) <= processors
        assert places[-1].processor is None
    finally:
        for place in places:
            place.release()
        for place in places:
            place.release()  # once more does no harm
