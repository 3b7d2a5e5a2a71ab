# attack: the lowest priority that any process of the user has
# wall: namespaces: only processes of one's own are looked at
# user: nobody
# bits: 5

import os


def send(bits):
    os.setpriority(os.PRIO_PROCESS, 0, 1 + sum(bit << n for n, bit in enumerate(bits[1:])))
    time.sleep(2)


def receive(count):
    time.sleep(1)
    os.nice(16)
    found = os.getpriority(os.PRIO_USER, 0) - 1
    return [0] + [found >> n & 1 for n in range(count - 1)]


import time
