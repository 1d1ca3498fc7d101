"""One trial: a rebuild is killed at some moment, it is gone on with, and what is there then is judged."""

import collections
import json
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

# How a process ended; `points` are (moment, name), in order.
Ended = collections.namedtuple("Ended", "code result stderr points")
NOTHING = "there is no rebuild that has not come to its end"


def last_moment(points):
    """Names of the points of the last moment."""
    return [name for moment, name in points if moment == points[-1][0]]


def found_nothing(ended):
    """`resume` begins nothing: it was too early to be gone on with, or all was done."""
    return ended.result == "unchanged" or NOTHING in ended.stderr


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
        """The program itself, with points.c loaded into it."""
        log = self.folder / "points"
        log.unlink(missing_ok=True)
        environment = {**self.sandbox.environment, "HOME": str(self.folder), "LD_PRELOAD": self.library,
                       "POINTS_LOG": str(log), "POINTS_KILL": str(kill_at), "POINTS_AT": kill_name}
        process = subprocess.Popen([rig.changeover(), *map(str, arguments), "--json", "--events", "lines"],
                                   env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        stdout = ""
        try:
            stdout, stderr = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired as late:
            stderr = (late.stderr or b"").decode() + f"\n(did not end within {LIMIT_S} s)"
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate()
        result = json.loads(stdout)["result"] if stdout and process.returncode >= 0 else None
        lines = log.read_text(encoding="ascii").splitlines() if log.exists() else []
        points = [(int(moment), name.rstrip()) for moment, name in (line.split(" ", 1) for line in lines)]
        return Ended(process.returncode, result, stderr, points)

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
        return [name, subject, "--journal", self.journal]

    def without_journal(self, name):
        return [name, self.plan, "--without-journal"]

    def commands(self, row, trial):
        """What is killed, and what may go on. Every other time that is another command than the first."""
        if row.command == "rollback":
            first = self.command("rollback", self.rebuilt())
            return first, first if trial.journal else self.without_journal("rollback")
        first = self.command("apply", self.plan)
        if trial.moment % 2:
            return first, first
        return first, self.command("resume", self.plan) if trial.journal else self.without_journal("resume")

    def go_on(self, trial, first, again, told):
        """Until a process comes to its end by itself. It may be killed once more on the way."""
        ended = None
        for kill_at in [trial.second, 0] if trial.second else [0]:
            if not trial.journal:
                self.lose_journal()
            ended = self.run(again, kill_at)
            told.append(ended)
            if ended.code != -signal.SIGKILL:
                break
        if again[0] == "resume" and found_nothing(ended):
            ended = self.run(first)
            told.append(ended)
        return ended

    def make(self, trial):
        """A result document; `wrong` is empty if all is well."""
        began = time.monotonic()
        row = SWEEPS[trial.sweep]
        self.prepare(row)
        first, again = self.commands(row, trial)
        told = [self.run(first, trial.moment, trial.name)]
        killed, points = told[0].code == -signal.SIGKILL, told[0].points
        last = self.go_on(trial, first, again, told) if killed else told[0]
        ends = row.ends if trial.journal or not killed else row.ends_without
        if last.code in ends:
            wrong = verdict.judge(self.server, ends[last.code], self.target, self.journal, KEPT)
        else:
            wrong = [f"it ended with {last.code}; right would be {' or '.join(map(str, ends))}"]
        result = {"killed": killed, "kills": sum(t.code == -signal.SIGKILL for t in told), "code": last.code,
                  "moments": points[-1][0] if points else 0, "points": [name for _, name in points],
                  "killed_at": last_moment(points) if killed and points else [],
                  "seconds": time.monotonic() - began, "wrong": wrong}
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
            shown.append(f"--- process {number} ended with {ended.code}; "
                         f"its last moments: {'; '.join(f'{moment} {name}' for moment, name in ended.points[-4:])}")
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
