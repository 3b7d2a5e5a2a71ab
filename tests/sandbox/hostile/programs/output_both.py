# attack: endless output on both, from several processes
# wall: both count together
# limits: output_kb=2000
# endings: output limit
# finished: no

import os
os.fork()
os.fork()
while True:
    os.write(1, b"x" * 5_000)
    os.write(2, b"x" * 5_000)
