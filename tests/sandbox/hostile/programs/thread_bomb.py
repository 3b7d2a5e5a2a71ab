# attack: starts threads without end
# wall: the pids limit of the control group
# limits: processes=24 wall_seconds=2
# finished: no

import os, threading, time
while True:
    try:
        threading.Thread(target=time.sleep, args=(60,)).start()
    except RuntimeError:
        os._exit(3)
