"""Rebuilds with EC2's latencies, one machine each, as scripts/demo does them: losses, outage, calls, CPU, memory."""

import stage
from figures import Figure
from stage import rig


class Rebuilds:
    def __init__(self):
        self.acknowledged = Figure("acknowledged writes in one run")
        self.lost = Figure("lost acknowledged writes", goal=0, judged="worst")
        self.outage = Figure("outage seen from outside", "ms")
        self.ratio = Figure("outage / floor", goal=1.10, digits=3)
        self.calls = Figure("API calls for one rebuild", goal=40, judged="worst")
        self.mutations = Figure("of which mutations", goal=14, judged="worst")
        self.dry_runs = Figure("of which dry runs", judged="worst")
        self.miscounted = Figure("calls that engine and sandbox count differently", goal=0, judged="worst")
        self.cpu = Figure("engine CPU for one rebuild", "ms", goal=150)
        self.memory = Figure("peak memory for one rebuild", "MiB", goal=20, digits=1)
        self.actions = []        # of each run, the calls by action

    def figures(self):
        return [f for f in vars(self).values() if isinstance(f, Figure)]

    def add(self, rebuild, api, spent, calls):
        """One run: `rebuild` is what was seen from outside."""
        for name, value in rebuild.items():
            getattr(self, name).add(value)
        self.calls.add(calls["calls"])
        self.mutations.add(calls["mutations"])
        self.dry_runs.add(calls["dry_runs"])
        self.miscounted.add(max(abs(calls[name] - api[name]) for name in ("calls", "mutations")))
        self.cpu.add(spent["cpu_ms"])
        self.memory.add(spent["peak_kib"] / 1024)
        self.actions.append(calls["actions"])


def run_once(results):
    with rig.Sandbox("ec2") as sandbox:
        [machine], [writer], image = stage.machines_under_load(sandbox, 1)
        machine.effects_before = len(sandbox.effects())
        document, spent, calls = stage.apply(sandbox, [machine], image)
        stage.stop_writers([writer])
        outage_ms = writer.outage_ms()
        seen = {"acknowledged": len(writer.acknowledged()), "lost": len(writer.lost()), "outage": outage_ms,
                "ratio": outage_ms / rig.floor_ms(sandbox, machine, document["rebuilds"][0])}
        results.add(seen, document["api"], spent, calls)


def measure(runs):
    results = Rebuilds()
    for number in range(runs):
        rig.say(f"rebuild {number + 1} of {runs}, with EC2's latencies")
        run_once(results)
    return results
