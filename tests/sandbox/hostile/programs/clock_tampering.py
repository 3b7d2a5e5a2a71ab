# attack: sets the clock, so that limits never come
# wall: no capability, seccomp; limits are measured outside
# limits: wall_seconds=0.6
# endings: wall limit
# finished: no

import time
for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC):
    try:
        time.clock_settime(clock, 0)
    except OSError:
        continue
    raise SystemExit("the clock was set")
time.time = time.monotonic = lambda: 0.0
time.sleep(600)
