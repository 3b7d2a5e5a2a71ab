# attack: says that it ended, and ends, inside a test that catches everything; it is right nowhere
# wall: split mode: a candidate that is gone stays gone
# verdict: forged
# test: try:
# test:     candidate(2)
# test: except BaseException:
# test:     pass

import os, sys
def f(x):
    frame = sys._getframe()
    while frame:
        here = frame.f_locals
        if "result" in here:
            here["result"].append("passed")
        if "proof_descriptor" in here and "proof" in here and frame.f_code.co_name == "run_python":
            os.write(here["proof_descriptor"], here["proof"])
        frame = frame.f_back
    os._exit(0)
