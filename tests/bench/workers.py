"""Workers on PostgreSQL that share a rollout while one after the other is killed."""

import tempfile
import time

import crews
import fleets
from figures import Figure
from stage import rig
from store_server import Store

MACHINES, GROUPS, IN_FLIGHT, WORKERS, KILL_EACH_S, LIMIT_S = 200, 50, 40, 4, 10, 1200


def measure():
    rig.say(f"{WORKERS} workers on {MACHINES} virtual machines, one killed every {KILL_EACH_S} s")
    took = Figure(f"{MACHINES} machines, {WORKERS} workers, one killed every {KILL_EACH_S} s", "s")
    killed = Figure("workers that were killed")
    offences = Figure("machines or limits that were not kept to", goal=0, judged="worst")
    with tempfile.TemporaryDirectory(prefix="changeover-bench-") as folder, fleets.VirtualSandbox("ec2") as sandbox:
        store = Store(f"{folder}-store")
        try:
            sandbox.make_key()
            images = sandbox.register("v1"), sandbox.register("v2")
            fleet = fleets.Fleet(sandbox, images[0], MACHINES, groups=GROUPS)
            sandbox.throttle(True)
            found, seconds, kills = run(sandbox, crews.Rollout(fleet, GROUPS, images[1], IN_FLIGHT, store.url))
        finally:
            store.end()
    for offence in found:
        rig.say(offence)
    took.add(seconds)
    killed.add(kills)
    offences.add(len(found))
    return [took, killed, offences]


def run(sandbox, rollout):
    """(what was not kept to, seconds, how many were killed)"""
    began = time.monotonic()
    crew = crews.Crew(sandbox, rollout.store, WORKERS)
    due = began + KILL_EACH_S
    while rollout.rebuilt() < MACHINES:
        if time.monotonic() - began > LIMIT_S:
            raise rig.Failed(f"not done after {LIMIT_S} s: {rollout.report()['summary']}")
        if time.monotonic() >= due:
            crew.kill_one()
            due += KILL_EACH_S
        time.sleep(1)
    seconds = time.monotonic() - began
    codes = crew.end()
    sandbox.throttle(False)
    return rollout.offences() + [f"a worker ended with {code}" for code in codes if code], seconds, crew.killed
