"""Processes that end with the one that started them.

`kill -9` (or a system short of memory) takes `setia run` without a chance to stop its children; web processes left
behind would hold the port, and the next start would find it taken.
"""

import os
import signal
import threading
import time

_LOOK_EVERY_SECONDS = 1.0
_GRACE_SECONDS = 30.0
SERVED_BY = "SETIA_SERVED_BY"  # the process of `setia run`, told to its children


def end_with_parent(*, gently: bool = False) -> None:
    """Watch the parent from a thread, where `setia run` is the parent, and end this process when it is gone.

    Gently is by SIGTERM with half a minute to finish; else at once.
    """
    parent = os.environ.get(SERVED_BY, "")
    if parent:
        # Told, not asked for here: the parent may be gone before its child has got so far.
        threading.Thread(target=_watch, args=(int(parent), gently), daemon=True, name="lifeline").start()


def _watch(parent: int, gently: bool) -> None:
    # An orphan is given to another parent: no signal tells it, but the number changes.
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_SECONDS)
    if gently:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_SECONDS)
    os._exit(1)
