"""What a part of the sweep costs: wall time, and processor time of all processes below this one."""

import collections
import os
import pathlib
import time

TICK = os.sysconf("SC_CLK_TCK")


def processes():
    """{pid: (parent, seconds of its own and of those children that have ended)}"""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:    # it has just ended: its parent has its time
            continue
        found[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15])) / TICK
    return found


def spent():
    """Processor time so far, in seconds: of this process, and of all that it started."""
    found, children = processes(), collections.defaultdict(list)
    for pid, (parent, _) in found.items():
        children[parent].append(pid)
    total, waiting = 0, [os.getpid()]
    while waiting:
        pid = waiting.pop()
        total += found[pid][1] if pid in found else 0
        waiting += children[pid]
    return total


class Cost:
    def __init__(self):
        self.began, self.spent = time.monotonic(), spent()

    def so_far(self):
        """(wall, processor) seconds."""
        return time.monotonic() - self.began, spent() - self.spent
