"""Runs a command and writes what it took, as JSON, when it has ended; ends with its exit code.

    spent.py FILE COMMAND...

To be run by `python3 -I -S`: Linux lets a child begin with the peak memory of the process that started
it, so whoever starts the command must be small. `floor_kib` is that peak: a `peak_kib` that does not
exceed it tells nothing.
"""

import json
import os
import re
import sys
import time


def own_peak_kib():
    """Of this program alone: getrusage() would tell of those that it was started by, too."""
    with open("/proc/self/status", encoding="ascii") as file:
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", file.read(), re.M).group(1))


def main():
    path, command = sys.argv[1], sys.argv[2:]
    floor_kib = own_peak_kib()
    began = time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    with open(path, "w", encoding="ascii") as file:
        json.dump({"wall_ms": (time.monotonic() - began) * 1000, "cpu_ms": (used.ru_utime + used.ru_stime) * 1000,
                   "peak_kib": used.ru_maxrss, "floor_kib": floor_kib}, file)
    return os.waitstatus_to_exitcode(status) & 0xff


sys.exit(main())
