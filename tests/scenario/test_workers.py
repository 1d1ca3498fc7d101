"""Several workers on one rollout, killed one after the other: each machine once, and never more than agreed away."""

import os

import pytest

import crews
import fleets
import rig
from store_server import Store

MACHINES, GROUPS, IN_FLIGHT, WORKERS = 15, 5, 4, 3
KILL_AFTER = (1, 6)  # machines rebuilt


@pytest.fixture(scope="module")
def store():
    made = Store(f"/tmp/changeover-workers-{os.getpid()}")
    yield made
    made.end()


@pytest.fixture(scope="module")
def sandbox():
    with fleets.VirtualSandbox() as opened:
        opened.make_key()
        opened.environment["CHANGEOVER_PACE"] = "20"
        yield opened


def test_workers_that_are_killed_in_turn_rebuild_each_machine_once_within_all_limits(sandbox, store):
    images = sandbox.register("v1"), sandbox.register("v2")
    fleet = fleets.Fleet(sandbox, images[0], MACHINES, groups=GROUPS)
    rollout = crews.Rollout(fleet, GROUPS, images[1], IN_FLIGHT, store.url)
    crew = crews.Crew(sandbox, store.url, WORKERS)
    for enough in KILL_AFTER:
        rig.wait_until(lambda: rollout.rebuilt() >= enough, f"{enough} are rebuilt", 120, 0.2)
        crew.kill_one()
    rig.wait_until(lambda: rollout.rebuilt() == MACHINES, f"all are rebuilt\n{crew.told()}", 180, 0.3)
    assert crew.end() == [0] * WORKERS, crew.told()
    assert rollout.report()["state"] == "done"
    assert rollout.offences() == []
    assert "goes on where an earlier run ended" in crew.told()
