"""Several workers on one rollout, of which one is killed now and then, and what they must have kept to."""

import json
import os
import subprocess
import threading
import time

import rig


class Crew:
    """`count` workers on one store; who is killed is replaced at once."""

    def __init__(self, sandbox, store, count):
        self.sandbox, self.store = sandbox, store
        self.started = self.killed = 0
        self.log = open(sandbox.folder / "workers.log", "w", encoding="utf-8")
        self.workers = [self._start() for _ in range(count)]

    def _start(self):
        self.started += 1
        return subprocess.Popen(
            self.sandbox.inside([rig.changeover(), "worker", "--name", f"worker-{self.started}", "--store", self.store]),
            env={**self.sandbox.environment, "HOME": str(self.sandbox.folder)},
            stdout=subprocess.DEVNULL, stderr=self.log)

    def kill_one(self):
        """The one that was there first."""
        victim = self.workers.pop(0)
        victim.kill()
        victim.wait()
        self.killed += 1
        self.workers.append(self._start())

    def end(self):
        """Each ends in order; their exit codes."""
        for worker in self.workers:
            worker.terminate()
        codes = [worker.wait(120) for worker in self.workers]
        self.log.close()
        return codes

    def told(self):
        return (self.sandbox.folder / "workers.log").read_text(encoding="utf-8")


def report(sandbox, store, rollout):
    shown = rig.run_changeover(sandbox, "report", rollout, "--json", "--store", store)
    if not shown.stdout.strip():
        raise rig.Failed(shown.stderr)
    return json.loads(shown.stdout)


def most_at_once(spans):
    """Of (begin, end) the most that overlap."""
    return max((sum(begin <= at < end for begin, end in spans) for at, _ in spans), default=0)
