# attack: finds the result list among all objects of the collector, and the proof through a thread's frames
# wall: split mode: what this process says of itself is not believed
# verdict: forged

import gc, os, sys
def f(x):
    for thing in gc.get_objects():
        if type(thing).__name__ == "ListProxy":
            thing.append("passed")
    for frame in sys._current_frames().values():
        while frame:
            here = frame.f_locals
            if "proof_descriptor" in here and "proof" in here:
                os.write(here["proof_descriptor"], here["proof"])
                os._exit(0)
            frame = frame.f_back
    return 0
