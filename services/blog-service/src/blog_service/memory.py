"""Memory that is given back: what a process keeps decides how many fit on a machine."""

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3
_THRESHOLD = 1 << 20


def return_large_blocks() -> None:
    """Let the C library return large blocks when they are free; a password hash works in 19 MiB.

    glibc would raise its limit at the first such block, and keep later ones in the thread's heap.
    Other libraries than glibc have no such function, and no such habit.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _THRESHOLD)
