# attack: one large allocation, touched
# wall: the memory limit of the control group
# limits: memory_mb=96
# endings: out of memory
# finished: no

x = bytearray(500 << 20)
