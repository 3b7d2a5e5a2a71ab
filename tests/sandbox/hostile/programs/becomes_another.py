# attack: becomes another program that goes on for ever
# wall: the limits hold for whatever the process becomes
# limits: wall_seconds=0.5
# endings: wall limit
# finished: no

import os
os.execv("/bin/sleep", ["sleep", "600"])
