# attack: a thread leaves with exit code 0 while the tests run
# wall: the completion proof
# verdict: wrong

import os, threading, time
def _leave():
    time.sleep(0.05)
    os._exit(0)
threading.Thread(target=_leave, daemon=True).start()
def f(x):
    time.sleep(0.2)
    return 0
