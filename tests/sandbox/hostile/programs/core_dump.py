# attack: crashes with a large core
# wall: no core is written: its limit is 0
# endings: signalled
# finished: no

import ctypes
x = bytearray(20 << 20)
ctypes.string_at(0)
