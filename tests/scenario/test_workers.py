"""Several workers on one rollout, killed one after the other: each machine once, and never more than agreed away."""

import concurrent.futures
import json
import os
import subprocess

import pytest

import crews
import fleets
import rig
from store_server import Store

MACHINES, GROUPS, IN_FLIGHT, WORKERS = 15, 5, 4, 3
KILL_AFTER = (1, 6)  # machines rebuilt


@pytest.fixture(scope="module")
def server():
    made = Store(f"/tmp/changeover-workers-{os.getpid()}")
    yield made
    made.end()


@pytest.fixture
def store(server):
    """A database of the test's own: workers would go on with what a test that failed has left."""
    return server.fresh()


@pytest.fixture(scope="module")
def sandbox():
    with fleets.VirtualSandbox() as opened:
        opened.make_key()
        yield opened


@pytest.fixture
def hire(sandbox, store):
    """Makes crews; whoever of them is still there when the test ends is killed."""
    hired = []

    def hire_some(count):
        hired.append(crews.Crew(sandbox, store, count))
        return hired[-1]

    yield hire_some
    for crew in hired:
        crew.kill_all()


def test_workers_that_are_killed_in_turn_rebuild_each_machine_once_within_all_limits(sandbox, store, hire):
    sandbox.environment["CHANGEOVER_PACE"] = "20"
    images = sandbox.register("v1"), sandbox.register("v2")
    fleet = fleets.Fleet(sandbox, images[0], MACHINES, groups=GROUPS)
    rollout = crews.Rollout(fleet, GROUPS, images[1], IN_FLIGHT, store)
    crew = hire(WORKERS)
    for enough in KILL_AFTER:
        rig.wait_until(lambda: rollout.rebuilt() >= enough, f"{enough} are rebuilt", 120, 0.2, crew.told)
        crew.kill_one(busy=True)
    rig.wait_until(lambda: rollout.rebuilt() == MACHINES, "all are rebuilt", 180, 0.3, crew.told)
    assert crew.end() == [0] * WORKERS, crew.told()
    assert rollout.report()["state"] == "done"
    assert rollout.offences() == []
    assert crews.TAKEN_OVER in crew.told()


def put_back_at_once(sandbox, store, rollout):
    """By two operators who do not know of each other."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        left = [pool.submit(crews.left_to_workers, sandbox, store, "rollback", rollout.id) for _ in range(2)]
    [way_back] = {made.result() for made in left}
    return crews.WayBack(rollout, way_back)


def halt_by_hand(store, rollout):
    """As whoever drove it did a moment before it was killed."""
    subprocess.run(["psql", "--quiet", "--dbname", store, "--command",
                    f"UPDATE rollout SET state = 'halted', cause = 'by hand' WHERE id = '{rollout.id}'"], check=True)


def test_clients_of_a_halted_rollout_do_not_wait_for_people_when_all_workers_die(sandbox, store, hire):
    with sandbox.stuck_detaching():
        rollout, crew = led(sandbox, store, "halted", 2, 2), hire(1)
        rig.wait_until(lambda: "detaching" in rollout.attachments(), "clients wait", 120, 0.1, crew.told)
        crew.kill_all()
        halt_by_hand(store, rollout)
    crew = hire(1)
    rig.wait_until(lambda: rollout.launched() & set(rollout.homes()), "green has the data", 120, 0.1, crew.told)
    assert crew.end() == [0], crew.told()
    assert crews.TAKEN_OVER in crew.told()
    assert rollout.report()["state"] == "halted"


def ways_back(sandbox, store, rollout):
    shown = rig.run_changeover(sandbox, "status", "--json", "--store", store)
    return [crews.WayBack(rollout, r["rollout"]) for r in json.loads(shown.stdout)["rollouts"]
            if r.get("parent") == rollout.id]


def led(sandbox, store, stage, machines, groups):
    """A rollout of a fleet of its own, whose blues are kept. The sandbox answers at once, so it need not take long."""
    sandbox.environment["CHANGEOVER_PACE"] = "5"
    images = sandbox.register("v1", f"{stage}-v1"), sandbox.register("v2", f"{stage}-v2")
    fleet = fleets.Fleet(sandbox, images[0], machines, stage=stage, groups=groups)
    return crews.Rollout(fleet, groups, images[1], machines // 2, store, keep="1h")


def test_workers_put_a_rollout_back_each_machine_once_though_one_is_killed_half_way(sandbox, store, hire):
    rollout, crew = led(sandbox, store, "back", 8, 4), hire(WORKERS)
    rig.wait_until(lambda: rollout.report()["state"] == "done", "all are rebuilt", 120, 0.2, crew.told)
    before = len(sandbox.effects())
    way_back = put_back_at_once(sandbox, store, rollout)
    rig.wait_until(lambda: way_back.rebuilt() >= 3, "some are back", 120, 0.05, crew.told)
    crew.kill_one()
    rig.wait_until(lambda: way_back.report()["state"] == "done", "all are back", 120, 0.2, crew.told)
    assert crew.end() == [0] * WORKERS, crew.told()
    assert "8 of 8 machines put back" in crew.told()
    assert way_back.offences(sandbox.effects()[before:]) == []
    assert rollout.report()["state"] == "reverted"


def test_workers_put_back_together_what_an_operator_wants_put_back(sandbox, store, hire):
    before = len(sandbox.effects())
    rollout, crew = led(sandbox, store, "revert", 8, 4), hire(WORKERS)
    rig.wait_until(lambda: rollout.rebuilt() >= 2, "some are rebuilt", 120, 0.1, crew.told)
    asked = rig.run_changeover(sandbox, "abort", "--revert", rollout.id, "--store", store)
    assert asked.returncode == 0, asked.stderr
    watched = rig.run_changeover(sandbox, "watch", rollout.id, "--json", "--store", store)
    assert watched.returncode == 3, watched.stderr + crew.told()
    assert crew.end() == [0] * WORKERS, crew.told()
    [way_back] = ways_back(sandbox, store, rollout)
    assert way_back.offences(sandbox.effects()[before:]) == []
    assert rollout.report()["state"] == "reverted"
