"""Processes that share the work of one command, and end with it."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Ends this process once the one that started it has ended: the initializer of a `ProcessPoolExecutor`.

    A killed parent closes no pipe that its children also hold: they would wait for work for ever.
    """
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
