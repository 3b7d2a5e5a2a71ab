# attack: floods the descriptor of the completion proof
# wall: it is read without end and never kept; only an exact proof counts
# limits: cpu_seconds=0.5 wall_seconds=1
# endings: cpu limit, wall limit
# finished: no

import os
while True:
    os.write(3, b"=" * 10_000)
