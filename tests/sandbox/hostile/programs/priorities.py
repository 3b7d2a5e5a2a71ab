# attack: takes the processor for itself by real-time scheduling and negative niceness
# wall: no capability

import os
for attempt in (
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -10),
    lambda: os.setpriority(os.PRIO_USER, 0, -10),
):
    try:
        attempt()
    except OSError:
        continue
    raise SystemExit("a higher priority")
