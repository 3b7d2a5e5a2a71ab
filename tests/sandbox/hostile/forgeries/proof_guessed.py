# attack: writes what it takes for a completion proof to the proof's descriptor
# wall: the completion proof is 16 random bytes
# verdict: wrong

import os
def f(x):
    try:
        os.write(3, b"+" + bytes(16))
        os.write(3, b"=" + bytes(16))
    except OSError:
        pass
    os._exit(0)
