"""One sweep: which moments come next, when there are no more, and what came of each."""

import collections
import itertools

from server import rig

from sweeps import Trial

ENDED_ENOUGH = 3     # runs that came to their end: later moments there are none
SECOND_EVERY = 20    # for one in so many moments there is a trial in which the recovery is killed, too
SECOND_FIRST, SECOND_RANGE = 8, 120
TELL_EVERY = 100


class Tally:
    def __init__(self, sweep, journal, first=1, every=1):
        self.sweep, self.journal, self.first, self.every = sweep, journal, first, every
        self.ended = 0                       # trials whose moment was behind the end of the run
        self.passed = self.killed_twice = 0
        self.moments = self.points = 0       # of the longest run: the last moment at which somebody was killed ...
        self.seen = collections.Counter()    # kinds of points that runs came to ...
        self.met = collections.Counter()     # ... and at which they were killed
        self.codes = collections.Counter()
        self.failures = []

    def trials(self):
        """Moment after moment, until enough runs have ended by themselves."""
        for moment in itertools.count(self.first, self.every):
            if self.ended >= ENDED_ENOUGH:
                return
            yield Trial(self.sweep, self.journal, moment)
            if moment % SECOND_EVERY == 0:
                yield Trial(self.sweep, self.journal, moment, SECOND_FIRST + moment * 37 % SECOND_RANGE)

    def missed(self):
        """No two runs have all points in the same order: what counting has jumped over is killed by name."""
        return [Trial(self.sweep, self.journal, 0, name=name) for name in self.never_met]

    def note(self, trial, result):
        self.seen.update(set(result["points"]))
        self.met.update(set(result["killed_at"]))
        self.points = max(self.points, len(result["points"]))
        if result["killed"]:
            self.moments = max(self.moments, result["moments"])
        else:
            self.ended += 1
        self.killed_twice += result["kills"] == 2
        self.codes[result["code"]] += 1
        if result["wrong"]:
            self.fail(trial, result)
        else:
            self.passed += 1
        if self.made % TELL_EVERY == 0:
            rig.say(self.line())

    def fail(self, trial, result):
        at = "; ".join(result["killed_at"]) or "its end"
        self.failures.append({"trial": str(trial), "replay": trial.replay, "at": at, "wrong": result["wrong"],
                              "evidence": result["evidence"]})
        rig.say(f"FAILED: {trial} ({at})\n" + "".join(f"  {text}\n" for text in result["wrong"]) +
                f"  again: {trial.replay}\n{result['evidence']}")

    @property
    def made(self):
        return self.passed + len(self.failures)

    @property
    def never_met(self):
        """Kinds of points that runs came to, at which none was killed. Of a sample that is no news."""
        whole = self.first == 1 and self.every == 1
        return sorted(set(self.seen) - set(self.met)) if whole else []

    def line(self):
        ends = ", ".join(f"{count} x {code}" for code, count in sorted(self.codes.items(), key=str))
        return (f"{self.sweep}, journal {'kept' if self.journal else 'lost'}: {self.points} points at {self.moments} "
                f"moments, {self.passed} trials passed, {len(self.failures)} failed, {self.killed_twice} killed twice; "
                f"exit codes {ends}")

    def document(self):
        return {"sweep": self.sweep, "journal": self.journal, "points": self.points, "moments": self.moments,
                "passed": self.passed, "failed": len(self.failures), "killed_twice": self.killed_twice,
                "killed_at": dict(sorted(self.met.items())), "never_killed_at": self.never_met,
                "failures": self.failures}
