# attack: leaves when an object of its own is thrown away
# wall: the completion proof
# verdict: wrong

import os
class Leaves:
    def __del__(self): os._exit(0)
def f(x):
    Leaves()
    return 0
