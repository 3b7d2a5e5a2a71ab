# attack: anonymous shared mappings, which no heap limit counts
# wall: the memory limit of the control group
# limits: memory_mb=96
# endings: out of memory
# finished: no

import mmap
kept = []
while True:
    kept.append(mmap.mmap(-1, 8 << 20))
    kept[-1].write(b"x" * (8 << 20))
