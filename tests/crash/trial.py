"""One trial: a rebuild is killed at a point, the same command goes on, and what is there then is judged."""

import collections
import os
import signal
import sqlite3
import subprocess
import time

import verdict
from server import Server, rig
from sweeps import BLUE, SWEEPS

LIMIT_S = 90    # for one process; a rebuild takes 2 s
KEPT = 2        # snapshots after a rebuild that succeeded: plans/demo.yaml with keep: 1
SHOWN = 2500    # characters of a text in the evidence

Ended = collections.namedtuple("Ended", "code stderr points")


class Trials:
    """Makes trials with a server of its own, in a sandbox's network."""

    def __init__(self, sandbox, images, name, library):
        self.sandbox, self.images, self.name, self.library = sandbox, images, name, library
        self.folder = sandbox.folder
        self.journal = self.folder / "journal.db"
        self.server, self.servers = None, 0

    def close(self):
        if self.server:
            self.server.stop_writer()

    def make_server(self):
        self.servers += 1
        self.server = Server(self.sandbox, self.images["v1"], f"{self.name}-{self.servers}")

    def run(self, arguments, kill_at=0, kill_name=""):
        """The program itself, with points.c loaded into it. Names of the points that it came to, in order."""
        log = self.folder / "points"
        log.unlink(missing_ok=True)
        environment = {**self.sandbox.environment, "HOME": str(self.folder), "LD_PRELOAD": self.library,
                       "POINTS_LOG": str(log), "POINTS_KILL": str(kill_at), "POINTS_AT": kill_name}
        process = subprocess.Popen([rig.changeover(), *map(str, arguments)], env=environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            stderr = process.communicate(timeout=LIMIT_S)[1]
        except subprocess.TimeoutExpired as late:
            stderr = (late.stderr or b"").decode() + f"\n(did not end within {LIMIT_S} s)"
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate()
        points = log.read_text(encoding="ascii").splitlines() if log.exists() else []
        return Ended(process.returncode, stderr, [line.split(" ", 1)[1].rstrip() for line in points])

    def lose_journal(self):
        for path in self.folder.glob("journal.db*"):
            path.unlink()

    def rebuilt(self):
        """The id of the newest rebuild in the journal."""
        with sqlite3.connect(self.journal) as journal:
            [(rebuild,)] = journal.execute("select id from rebuild order by created_ms desc limit 1")
        return rebuild

    def prepare(self, row):
        """The server as it must be, and the plan: onto the image that it does not run."""
        if not self.server:
            self.make_server()
        self.server.begin()
        self.lose_journal()
        runs = self.server.describe()["ImageId"]
        name = next(name for name in ("v2", "v1") if self.images[name] != runs)
        self.target = self.images[name]
        changes = row.plan_changes(name, self.server.address)
        self.plan = rig.write_plan(self.sandbox, [self.server], self.target, changes)
        if row.prepared:
            done = self.run(self.command("apply", self.plan))
            if done.code != 0:
                raise rig.Failed(f"the rebuild to begin with ended with {done.code}: {done.stderr}")

    def command(self, name, subject):
        return [name, subject, "--journal", self.journal, "--events", "lines"]

    def go_on(self, trial, command, told):
        """Until a process comes to its end by itself. It may be killed once more on the way."""
        ended = None
        for kill_at in [trial.second, 0] if trial.second else [0]:
            if not trial.journal:
                self.lose_journal()
            ended = self.run(command, kill_at)
            told.append(ended)
            if ended.code != -signal.SIGKILL:
                break
        return ended

    def commands(self, row, trial):
        """What is killed, and what goes on."""
        if row.command == "apply":
            return (self.command("apply", self.plan),) * 2
        first = self.command(row.command, self.rebuilt())
        return first, first if trial.journal else [row.command, self.plan, "--without-journal", "--events", "lines"]

    def make(self, trial):
        """A result document; `wrong` is empty if all is well."""
        began = time.monotonic()
        row = SWEEPS[trial.sweep]
        self.prepare(row)
        command, again = self.commands(row, trial)
        first = self.run(command, trial.point, trial.name)
        told, last = [first], first
        killed = first.code == -signal.SIGKILL
        if killed:
            last = self.go_on(trial, again, told)
        ends = row.ends if trial.journal or not killed else row.ends_without
        if last.code in ends:
            wrong = verdict.judge(self.server, ends[last.code], self.target, self.journal, KEPT)
        else:
            wrong = [f"it ended with {last.code}; right would be {' or '.join(map(str, ends))}"]
        result = {"killed": killed, "kills": sum(t.code == -signal.SIGKILL for t in told), "code": last.code,
                  "points": first.points, "seconds": time.monotonic() - began, "wrong": wrong}
        if wrong:
            result["evidence"] = self.evidence(told)
            self.server.discard()
            self.server = None
        elif ends[last.code] == BLUE:
            self.server.tidy()
        return result

    def evidence(self, told):
        """What an engineer wants to see first."""
        shown = []
        for number, ended in enumerate(told, 1):
            shown.append(f"--- process {number} ended with {ended.code}; its last points: {'; '.join(ended.points[-4:])}")
            shown.append(ended.stderr[-SHOWN:])
        environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        listed = subprocess.run([rig.changeover(), "status", "--journal", self.journal], env=environment,
                                capture_output=True, text=True)
        shown.append("--- journal\n" + listed.stdout + listed.stderr)
        for rebuild in {line.split()[0] for line in listed.stdout.splitlines()}:
            history = subprocess.run([rig.changeover(), "history", rebuild, "--journal", self.journal],
                                     env=environment, capture_output=True, text=True)
            shown.append(history.stdout[-2 * SHOWN:])
        return "\n".join(shown)
