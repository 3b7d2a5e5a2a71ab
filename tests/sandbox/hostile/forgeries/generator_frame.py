# attack: the same by way of a suspended generator's frame, at import rather than in a call
# wall: split mode: what this process says of itself is not believed
# verdict: forged

import os
def _frames():
    yield generator.gi_frame.f_back
generator = _frames()
frame = next(generator)
while frame:
    here = frame.f_locals
    if "result" in here:
        here["result"].append("passed")
    if "proof_descriptor" in here and "proof" in here:
        os.write(here["proof_descriptor"], here["proof"])
        os._exit(0)
    frame = frame.f_back
def f(x): return 0
