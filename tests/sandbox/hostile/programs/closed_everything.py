# attack: closes every descriptor and goes on
# wall: limits are measured outside, not by what it says
# limits: wall_seconds=0.5
# endings: wall limit
# finished: no

import os, time
os.closerange(0, 1000)
time.sleep(600)
