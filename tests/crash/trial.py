"""One trial: a rebuild is killed at some moment, it is gone on with, and what is there then is judged."""

import os
import sqlite3
import subprocess

import program
import verdict
from server import Server, rig
from sweeps import BLUE, SWEEPS

KEPT = 2        # snapshots after a rebuild that succeeded: plans/demo.yaml with keep: 1
SHOWN = 2500    # characters of a text in the evidence


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
        return program.run(self.sandbox, self.library, arguments, kill_at, kill_name)

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

    def go_on(self, trial, first, again):
        """How they ended, one after the other, until one came to its end by itself."""
        told = []
        for kill_at in [trial.second, 0] if trial.second else [0]:
            if not trial.journal:
                self.lose_journal()
            told.append(self.run(again, kill_at))
            if not told[-1].was_killed:
                break
        if again[0] == "resume" and told[-1].found_nothing:
            told.append(self.run(first))
        return told

    def judge(self, row, code):
        if code != row.code:
            return [f"it ended with {code}; right would be {row.code}"]
        return verdict.judge(self.server, row.serves, self.target, self.journal, KEPT)

    def make(self, trial):
        """A result document; `wrong` is empty if all is well."""
        row = SWEEPS[trial.sweep]
        self.prepare(row)
        first, again = self.commands(row, trial)
        told = [self.run(first, trial.moment, trial.name)]
        killed = told[0].was_killed
        if killed:
            told += self.go_on(trial, first, again)
        code = told[-1].code
        wrong = self.judge(row, code)
        moments, names = told[0].last_moment
        result = {"killed": killed, "kills": sum(t.was_killed for t in told), "code": code, "moments": moments,
                  "points": [name for _, name in told[0].points], "killed_at": names if killed else [],
                  "wrong": wrong}
        if wrong:
            result["evidence"] = self.evidence(told)
            self.server.discard()
            self.server = None
        elif row.serves == BLUE:
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
