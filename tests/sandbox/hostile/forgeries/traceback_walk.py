# attack: the same by way of a traceback instead of sys._getframe
# wall: split mode: what this process says of itself is not believed
# verdict: forged

import os
def f(x):
    try:
        raise ValueError
    except ValueError as error:
        frame = error.__traceback__.tb_frame
    while frame:
        here = frame.f_locals
        if "result" in here:
            here["result"].append("passed")
        if "proof_descriptor" in here and "proof" in here:
            os.write(here["proof_descriptor"], here["proof"])
            os._exit(0)
        frame = frame.f_back
