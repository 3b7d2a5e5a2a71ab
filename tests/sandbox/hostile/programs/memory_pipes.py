# attack: pipes made as large as they go, filled and kept
# wall: the memory limit of the control group, the limit on open files
# limits: memory_mb=96 wall_seconds=3
# endings: exited, out of memory

import fcntl, os
try:
    while True:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            fcntl.fcntl(writer, 1031, 1 << 20)
        except OSError:
            pass
        try:
            while True:
                os.write(writer, b"x" * 65536)
        except BlockingIOError:
            pass
except OSError as error:
    assert error.errno == 24, error
