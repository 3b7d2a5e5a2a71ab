# attack: files in the folders that everybody can write to
# wall: filesystem: nothing of the machine can be written; work_folder: a new folder once one was touched

import os

PATHS = [os.path.join(folder, KEY) for folder in (".", "/tmp", "/var/tmp", "/dev/shm")]


def send(bits):
    for path in PATHS:
        try:
            with open(path, "wb") as file:
                file.write(bytes(bits))
        except OSError:
            pass


def receive(count):
    for path in PATHS:
        try:
            with open(path, "rb") as file:
                return list(file.read()[:count])
        except OSError:
            pass
    return []
