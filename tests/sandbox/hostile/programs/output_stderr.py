# attack: endless output on stderr
# wall: output is read without end, kept to 64 KiB, and stopped at its limit
# limits: output_kb=2000
# endings: output limit
# finished: no

import os
while True:
    os.write(2, b"x" * 10_000)
