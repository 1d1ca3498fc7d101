"""What a program and everything that it starts takes: CPU and memory, as /proc shows them."""

import os
import pathlib
import re
import signal
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
PERIOD_S, GRACE_S = 1, 5


def children():
    """The ids of each process's children."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.setdefault(parent, []).append(int(path.parent.name))
    return found


def tree(root):
    """A process and all below it, parents first."""
    below, found = children(), [root]
    for process in found:
        found += below.get(process, [])
    return found


def end_below(root):
    """Ends all that a process started, and what these did; not itself."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        for process in tree(root)[1:]:
            try:
                os.kill(process, how)
            except ProcessLookupError:
                pass
        time.sleep(GRACE_S)


def memory_mib(root):
    """What a process and all below it use: shared pages count by their share."""
    kib = 0
    for process in tree(root):
        try:
            text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue
        found = re.search(r"^Pss: +(\d+)", text, re.M)
        kib += int(found.group(1)) if found else 0
    return kib / 1024


class Watch:
    """Samples the memory of a process's tree until it is stopped; `peak_mib` is the most that was seen."""

    def __init__(self, process):
        self.peak_mib, self.process = 0, process
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._sample)
        self.thread.start()

    def _sample(self):
        while not self.over.wait(PERIOD_S):
            self.peak_mib = max(self.peak_mib, memory_mib(self.process))

    def stop(self):
        self.over.set()
        self.thread.join()
