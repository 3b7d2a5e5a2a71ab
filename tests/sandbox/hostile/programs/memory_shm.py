# attack: fills /dev/shm
# wall: /dev/shm is the work folder, which has a size
# limits: disk_mb=4

try:
    with open("/dev/shm/fill", "wb") as file:
        while True:
            file.write(b"x" * (1 << 20))
except OSError as error:
    assert error.errno in (27, 28), error
