# attack: processes started on the machine, in /proc/stat
# wall: filesystem: a /proc of processes only
# slot: 0.1
# bits: 17

import os
import re

last = None


def put(n, bit):
    for _ in range(25 * bit):
        if not os.fork():
            os._exit(0)
        os.wait()


def get(n):
    global last
    now = int(re.search(r"processes (\d+)", open("/proc/stat").read())[1])
    before, last = last or now, now
    return int(now - before > 20)
