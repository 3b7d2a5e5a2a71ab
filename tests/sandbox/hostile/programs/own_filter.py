# attack: kills itself by a system-call filter of its own
# wall: a death by SIGSYS is the program's own
# endings: signalled
# finished: no

import ctypes, struct
libc = ctypes.CDLL(None)
kill = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x80000000), 8)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(kill)), 16)
libc.prctl(22, 2, program, 0, 0)
