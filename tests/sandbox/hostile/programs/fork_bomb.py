# attack: forks without end
# wall: the pids limit of the control group, and the end of the pid namespace
# limits: cpu_seconds=1 wall_seconds=1.5 processes=24
# endings: cpu limit, wall limit, exited
# finished: no

import os
while True:
    os.fork()
