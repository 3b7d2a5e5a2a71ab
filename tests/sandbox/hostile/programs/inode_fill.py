# attack: empty files, folders and links without end
# wall: the number of inodes of the private tmpfs
# limits: disk_mb=4

import os
try:
    for number in range(10**6):
        os.mkdir(f"{number}")
        os.symlink("nowhere", f"{number}/link")
except OSError as error:
    assert error.errno == 28, error
