# attack: recursion that holds a large object in every frame
# wall: the memory limit of the control group
# limits: memory_mb=96
# endings: out of memory, signalled
# finished: no

import sys
sys.setrecursionlimit(10**9)
def grow(n):
    held = bytearray(1 << 20)
    return grow(n + 1) + len(held)
grow(0)
