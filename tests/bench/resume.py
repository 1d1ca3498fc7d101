"""How long `resume` takes to know what to do, beyond what the API itself takes: killed inside the outage window."""

import json
import subprocess
import time

from figures import Figure
from stage import rig

KILLED_AT = ("outcome", "detach-volume")


def start(sandbox, *arguments):
    return subprocess.Popen(
        sandbox.inside([rig.changeover(), *arguments, "--events", "jsonl"]),
        env={**sandbox.environment, "HOME": str(sandbox.folder)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True)


def first(process, **wanted):
    for line in process.stdout:
        told = json.loads(line)
        if all(told.get(key) == value for key, value in wanted.items()):
            return
    raise rig.Failed(f"there was no {wanted}")


def time_once(sandbox, machine, image, with_journal):
    """Seconds from the start of the process until it has said what it found."""
    plan = rig.write_plan(sandbox, [machine], image)
    journal = ["--journal", sandbox.folder / "journal.db"]
    process = start(sandbox, "apply", plan, *journal)
    first(process, type=KILLED_AT[0], effect=KILLED_AT[1])
    process.kill()
    process.communicate()
    began = time.monotonic()
    process = start(sandbox, "resume", plan, *(journal if with_journal else ["--without-journal"]))
    first(process, type="observed")
    took = time.monotonic() - began
    process.communicate()
    return took


def measure(runs):
    figures = [Figure(f"resume until it knows what to do, {what}", "s", goal=2, digits=2)
               for what in ("with the journal", "by the tags")]
    for _ in range(runs):
        for figure, with_journal in zip(figures, (True, False)):
            with rig.Sandbox("none") as sandbox:
                sandbox.make_key()
                images = [sandbox.register("v1"), sandbox.register("v2")]
                sandbox.environment["CHANGEOVER_PACE"] = "5"
                figure.add(time_once(sandbox, rig.Machine(sandbox, images[0], "db"), images[1], with_journal))
    return figures
