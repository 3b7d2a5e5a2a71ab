# attack: a thread waits for check and then writes the verdict over the main thread's head
# wall: split mode: what this process says of itself is not believed
# verdict: forged

import os, sys, threading, time
def _watch():
    while "check" not in globals():
        time.sleep(0.001)
    for frame in list(sys._current_frames().values()):
        while frame:
            here = frame.f_locals
            if "result" in here:
                here["result"].append("passed")
            if "proof_descriptor" in here and "proof" in here:
                os.write(here["proof_descriptor"], here["proof"])
                os._exit(0)
            frame = frame.f_back
threading.Thread(target=_watch, daemon=True).start()
def f(x):
    if "check" in globals():
        time.sleep(0.3)
    return 0
