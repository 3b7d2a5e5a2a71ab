# attack: has the kernel send it SIGKILL, by a timer and by a ready pipe, to pass for a victim of the machine
# wall: pid 1 of a namespace is spared what comes from inside it
# limits: wall_seconds=2

import ctypes, fcntl, os, signal, time
libc = ctypes.CDLL(None)
class Event(ctypes.Structure):
    _fields_ = [("value", ctypes.c_long), ("number", ctypes.c_int), ("notify", ctypes.c_int), ("rest", ctypes.c_char * 64)]
timer = ctypes.c_long()
event = Event(0, signal.SIGKILL, 0)
if libc.timer_create(1, ctypes.byref(event), ctypes.byref(timer)) == 0:
    libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 0, 10_000_000), None)
reader, writer = os.pipe()
fcntl.fcntl(reader, fcntl.F_SETOWN, os.getpid())
fcntl.fcntl(reader, 10, signal.SIGKILL)
fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
os.write(writer, b"x")
time.sleep(0.1)
