# attack: files that exist in memory only
# wall: the memory limit of the control group
# limits: memory_mb=96 disk_mb=64
# endings: out of memory
# finished: no

import os
kept = []
while True:
    kept.append(os.memfd_create("x"))
    os.write(kept[-1], b"x" * (8 << 20))
