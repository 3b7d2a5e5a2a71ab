# attack: a string multiplied
# wall: the memory limit of the control group
# limits: memory_mb=96
# endings: out of memory
# finished: no

x = "wave" * (200 << 20)
