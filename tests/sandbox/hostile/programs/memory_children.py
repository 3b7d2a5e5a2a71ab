# attack: many small children that are large together
# wall: the memory limit of the control group counts them together
# limits: memory_mb=96 wall_seconds=1 cpu_seconds=2
# endings: out of memory, wall limit, exited, cpu limit
# finished: no

import os, time
for _ in range(12):
    if os.fork() == 0:
        x = bytearray(30 << 20)
        time.sleep(60)
time.sleep(60)
