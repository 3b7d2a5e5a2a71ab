# attack: answers the calls before they are made
# wall: split mode: an answer is compared, whenever it was sent
# verdict: forged, wrong

import os, sys
def _walk():
    frame = sys._getframe(1)
    while frame:
        yield frame
        frame = frame.f_back
for frame in _walk():
    if frame.f_code.co_name == "_answer_calls":
        here = frame.f_globals
        reply = here["encode_answer"](here["encode"](0), {})
        for _ in range(20):
            here["write_bytes"](here["_ANSWERS"], reply)
def f(x):
    for frame in _walk():
        here = frame.f_locals
        if "result" in here:
            here["result"].append("passed")
        if "proof_descriptor" in here and "proof" in here and frame.f_code.co_name == "run_python":
            os.write(here["proof_descriptor"], here["proof"])
            os._exit(0)
    return 0
