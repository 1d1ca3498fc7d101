"""One sweep: which points come next, when there are no more, and what came of each."""

import collections
import itertools
import time

from server import rig

from sweeps import Trial

ENDED_ENOUGH = 3     # runs that came to their end: later points there are none
SECOND_EVERY = 10    # one in so many points gets a trial in which the recovery is killed, too
SECOND_FIRST, SECOND_RANGE = 16, 240
TELL_EVERY = 100


class Tally:
    def __init__(self, sweep, journal, first=1):
        self.sweep, self.journal, self.first = sweep, journal, first
        self.began = time.monotonic()
        self.ended = 0                       # trials whose point was behind the end of the run
        self.passed = self.kills = self.killed_twice = 0
        self.last = 0                        # the last point at which there was somebody to kill
        self.seen = collections.Counter()    # names of the points that runs came to ...
        self.met = collections.Counter()     # ... and at which they were killed
        self.codes = collections.Counter()
        self.failures = []

    def trials(self):
        """Point after point, until enough runs have ended by themselves."""
        for point in itertools.count(self.first):
            if self.ended >= ENDED_ENOUGH:
                return
            yield Trial(self.sweep, self.journal, point)
            if point % SECOND_EVERY == 0:
                yield Trial(self.sweep, self.journal, point, SECOND_FIRST + point * 37 % SECOND_RANGE)

    def missed(self):
        """No two runs have all points in the same order: what counting has jumped over is killed by name."""
        return [Trial(self.sweep, self.journal, 0, name=name) for name in self.never_met]

    def note(self, trial, result):
        if (self.passed + len(self.failures)) % TELL_EVERY == TELL_EVERY - 1:
            rig.say(self.line())
        points = result["points"]
        self.seen.update(set(points))
        if result["killed"]:
            self.last = max(self.last, trial.point)
            self.met[points[-1] if points else "?"] += 1
        else:
            self.ended += 1
        self.kills += result["kills"]
        self.killed_twice += result["kills"] == 2
        self.codes[result["code"]] += 1
        if result["wrong"]:
            self.fail(trial, result)
        else:
            self.passed += 1

    def fail(self, trial, result):
        at = result["points"][-1] if result["killed"] and result["points"] else "its end"
        failure = {"trial": str(trial), "at": at, "wrong": result["wrong"], "evidence": result["evidence"]}
        self.failures.append(failure)
        rig.say(f"FAILED: {trial} ({at})\n" + "".join(f"  {text}\n" for text in failure["wrong"]) + failure["evidence"])

    @property
    def never_met(self):
        """Kinds of points that runs came to, at which none was killed."""
        return sorted(set(self.seen) - set(self.met))

    @property
    def left_out(self):
        """As never_met, of a whole sweep."""
        return self.never_met if self.first == 1 and self.ended else []

    def line(self):
        journal = "with journal" if self.journal else "without journal"
        ends = ", ".join(f"{count} x {code}" for code, count in sorted(self.codes.items(), key=str))
        text = (f"{self.sweep}, {journal}: {self.last} points, {self.passed} trials passed, {len(self.failures)} failed, "
                f"{self.killed_twice} killed twice; exit codes {ends}; {time.monotonic() - self.began:.0f} s")
        return text + "".join(f"\n  never killed at: {name}" for name in self.left_out)

    def document(self):
        return {"sweep": self.sweep, "journal": self.journal, "points": self.last, "passed": self.passed,
                "failed": len(self.failures), "killed_twice": self.killed_twice,
                "seconds": round(time.monotonic() - self.began), "killed_at": dict(sorted(self.met.items())),
                "never_killed_at": self.left_out, "failures": self.failures}
