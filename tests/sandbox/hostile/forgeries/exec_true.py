# attack: becomes another program, one that ends well
# wall: the completion proof
# verdict: wrong

import os
os.execv("/bin/true", ["true"])
