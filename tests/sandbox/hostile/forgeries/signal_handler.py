# attack: an alarm interrupts the tests and writes the verdict
# wall: split mode: what this process says of itself is not believed
# verdict: forged

import os, signal, sys, time
def _on_alarm(number, frame):
    while frame:
        here = frame.f_locals
        if "result" in here:
            here["result"].append("passed")
        if "proof_descriptor" in here and "proof" in here:
            os.write(here["proof_descriptor"], here["proof"])
            os._exit(0)
        frame = frame.f_back
def f(x):
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(0.1)
    return 0
