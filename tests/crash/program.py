"""The program itself, with points.c loaded into it: run to its end, or killed at some moment."""

import dataclasses
import json
import signal
import subprocess

from server import rig

LIMIT_S = 90    # for one process; a rebuild takes 2 s
NOTHING = "there is no rebuild that has not come to its end"


@dataclasses.dataclass
class Ended:
    """How a process ended."""
    code: int
    stderr: str
    points: list            # (moment, name), in order
    result: str = None      # as its document says, if it came to write one

    @property
    def was_killed(self):
        return self.code == -signal.SIGKILL

    @property
    def found_nothing(self):
        """`resume` begins nothing: it was too early for there to be something, or all was done."""
        return self.result == "unchanged" or NOTHING in self.stderr

    @property
    def last_moment(self):
        """Its number, and the names of its points."""
        last = self.points[-1][0] if self.points else 0
        return last, [name for moment, name in self.points if moment == last]


def read_points(log):
    lines = log.read_text(encoding="ascii").splitlines() if log.exists() else []
    return [(int(moment), name.rstrip()) for moment, name in (line.split(" ", 1) for line in lines)]


def wait(process):
    """What it wrote to stdout and stderr."""
    try:
        return process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired as late:
        return "", (late.stderr or b"").decode() + f"\n(did not end within {LIMIT_S} s)"
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate()


def run(sandbox, library, arguments, kill_at=0, kill_name=""):
    """In a sandbox's network; the folder of the sandbox is the operator's home."""
    log = sandbox.folder / "points"
    log.unlink(missing_ok=True)
    environment = {**sandbox.environment, "HOME": str(sandbox.folder), "LD_PRELOAD": library,
                   "POINTS_LOG": str(log), "POINTS_KILL": str(kill_at), "POINTS_AT": kill_name}
    process = subprocess.Popen([rig.changeover(), *map(str, arguments), "--json", "--events", "lines"],
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    stdout, stderr = wait(process)
    ended = Ended(process.returncode, stderr, read_points(log))
    if stdout and not ended.was_killed:
        ended.result = json.loads(stdout)["result"]
    return ended
