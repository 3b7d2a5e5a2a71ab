# attack: sleeps with every signal blocked, a stopped child and a parent stuck in vfork
# wall: the wall limit, and the end of the pid namespace
# limits: wall_seconds=0.5
# endings: wall limit
# finished: no

import ctypes, os, signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
child = os.fork()
if child == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
if os.fork() == 0:
    if ctypes.CDLL(None).vfork() == 0:
        time.sleep(60)
time.sleep(60)
