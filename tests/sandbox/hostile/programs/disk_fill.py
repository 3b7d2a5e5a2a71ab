# attack: fills the work folder with many files
# wall: the size of the private tmpfs
# limits: disk_mb=4

try:
    for number in range(10**6):
        with open(f"{number}", "wb") as file:
            file.write(b"x" * (256 << 10))
except OSError as error:
    assert error.errno == 28, error
