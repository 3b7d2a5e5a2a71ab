# attack: leaves with exit code 0 without any clean-up
# wall: the completion proof
# verdict: wrong

import os
os._exit(0)
