"""How long `changeover plan` takes over many machines, and how many calls."""

import json
import time

import fleets
from figures import Figure
from stage import difference, rig

MACHINES, SERVING = 5000, 20


def look(sandbox, plan):
    """(seconds, calls) of one `plan`, all of whose machines are told."""
    before, began = sandbox.ask("calls"), time.monotonic()
    done = rig.run_changeover(sandbox, "plan", plan, "--json", timeout=300)
    took = time.monotonic() - began
    if done.returncode != 2 or len(json.loads(done.stdout)["machines"]) != MACHINES:
        raise rig.Failed(f"changeover plan ended with {done.returncode}: {done.stderr[-2000:]}")
    return took, difference(sandbox.ask("calls"), before)["calls"]


def measure(runs):
    seconds = Figure(f"plan over {MACHINES} machines", "s", goal=3, digits=2, judged="worst")
    calls = Figure(f"API calls of a plan over {MACHINES} machines")
    with fleets.VirtualSandbox() as sandbox:
        sandbox.make_key()
        images = [sandbox.register("v1"), sandbox.register("v2")]
        fleet = fleets.Fleet(sandbox, images[0], MACHINES, serving=SERVING)
        plan = sandbox.folder / "fleet.yaml"
        plan.write_text(fleets.plan(sandbox, fleet, images[1], 10), encoding="utf-8")
        for _ in range(runs):
            for figure, value in zip((seconds, calls), look(sandbox, plan)):
                figure.add(value)
    return [seconds, calls]
