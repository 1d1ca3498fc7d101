"""The sweeps: what is killed, and how it may end. A sweep is one row."""

import dataclasses

# Who serves in the end.
GREEN, BLUE = "green", "blue"

# Passes on green when it is confirmed, and never again: the bake finds a green that went bad after the switch.
PASSES = "  - command: /usr/lib/postgresql/15/bin/pg_isready -q -h 127.0.0.1"
GOES_BAD = ("  - command: if grep -qx {image} /etc/changeover-image && test {{{{address}}}} = {address}; "
            "then mkdir /run/confirmed || {{ sleep 1; false; }}; fi")


@dataclasses.dataclass(frozen=True)
class Sweep:
    name: str
    says: str
    code: int                 # the right exit code, killed or not, with the journal or without it ...
    serves: str               # ... and who serves then
    command: str = "apply"
    prepared: bool = False    # a finished rebuild is there already, its blue kept
    changes: tuple = ()       # to plans/demo.yaml; {image} and {address} are the machine's

    def plan_changes(self, image, address):
        few = ("keep: 3,", "keep: 1,")
        return [(old, new.format(image=image, address=address)) for old, new in (few, *self.changes)]


SWEEPS = {row.name: row for row in (
    Sweep("forward", "a rebuild that succeeds", code=0, serves=GREEN, changes=(("bake: 3s", "bake: 0s"),)),
    Sweep("back", "a rebuild that turns back, from as far as it can: while green is watched", code=3, serves=BLUE,
          changes=(("bake: 3s", "bake: 1m"), ("outage_limit: 2m", "outage_limit: 15s"), (PASSES, GOES_BAD))),
    Sweep("rollback", "a finished rebuild that the operator puts back", code=0, serves=BLUE, command="rollback",
          prepared=True, changes=(("bake: 3s", "bake: 0s"), ("keep: 0s", "keep: 24h"))),
)}


@dataclasses.dataclass(frozen=True)
class Trial:
    """One kill and what follows it."""
    sweep: str
    journal: bool    # kept for the resumption, or lost
    moment: int      # when the first process is killed; 0: at the point named
    second: int = 0  # when the one that goes on is killed, too; 0: never
    name: str = ""   # "guest sent mount": the first one that is called so

    def __str__(self):
        again = f", again at {self.second}" if self.second else ""
        return f"{self.sweep}, journal {self.kept}, killed at {self.name or self.moment}{again}"

    @property
    def kept(self):
        return "kept" if self.journal else "lost"

    @property
    def replay(self):
        """What to run to see it again."""
        at = f"--at '{self.name}'" if self.name else f"--moment {self.moment}"
        return (f"tests/crash/run {self.sweep} --journal {self.kept} {at}" +
                (f" --second {self.second}" if self.second else ""))
