"""Which processor a worker's samples and their tester share."""

import os


def stay_on_one_processor(place: int | None) -> None:
    """Binds this process, and all it forks, to one of the processors it may use: workers of other places to others.

    None binds nothing: where there are fewer workers than processors, the kernel finds better places.

    A sample and its tester take turns, many times a sample; to wake each other across processors costs them more than
    what they have to say.
    """
    if place is None:
        return
    usable = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {usable[place % len(usable)]})
