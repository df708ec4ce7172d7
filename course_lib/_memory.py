"""Keep freed arrays in the process, so that the next training step finds its memory warm."""
import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3        # option numbers of glibc's mallopt(3)


def keep_freed_memory():
    """Ask glibc not to return freed arrays to the operating system.

    A training step allocates the same arrays again and again. By default glibc maps every large one
    freshly from the system, which then has to zero its pages: convolution steps take 1.6 times as long.
    Does nothing outside Linux with glibc, or when ``COURSE_LIB_KEEP_MEMORY=0``.

    Returns
    -------
    bool
        Whether the request was made and accepted.
    """
    if os.environ.get("COURSE_LIB_KEEP_MEMORY") == "0" or not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):               # another C library, such as musl
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, 1 << 26) and mallopt(M_TRIM_THRESHOLD, 1 << 28))
