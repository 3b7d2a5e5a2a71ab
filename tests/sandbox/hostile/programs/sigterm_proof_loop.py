# attack: ignores every signal that can be ignored, and loops
# wall: only SIGKILL is ever sent
# limits: cpu_seconds=0.5
# endings: cpu limit
# finished: no

import signal
for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    pass
