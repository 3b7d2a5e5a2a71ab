# attack: a list that grows without end
# wall: the memory limit of the control group
# limits: memory_mb=96
# endings: out of memory
# finished: no

x = []
while True:
    x.append("y" * 100_000 + str(len(x)))
