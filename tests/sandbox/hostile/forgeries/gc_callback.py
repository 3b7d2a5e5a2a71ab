# attack: has the collector call it back in the middle of the tests
# wall: split mode: what this process says of itself is not believed
# verdict: forged

import gc, os, sys
def _called_back(phase, info):
    frame = sys._getframe()
    while frame:
        here = frame.f_locals
        if "result" in here:
            here["result"].append("passed")
        if "proof_descriptor" in here and "proof" in here:
            os.write(here["proof_descriptor"], here["proof"])
            os._exit(0)
        frame = frame.f_back
gc.callbacks.append(_called_back)
def f(x):
    gc.collect()
    return 0
