"""Several workers on one rollout, killed one after the other: each machine once, and never more than agreed away."""

import json
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


def left_to_workers(sandbox, store, fleet, image):
    plan = sandbox.folder / "fleet.yaml"
    text = fleets.plan(sandbox, fleet, image, IN_FLIGHT)
    text = text.replace("tags: { Service: demo", "group_by: Cluster\n  tags: { Service: demo")
    plan.write_text(text + "  waves: [25%, 100%]\n", encoding="utf-8")
    left = rig.run_changeover(sandbox, "apply", "--detach", plan, "--json", "--store", store.url)
    assert left.returncode == 0, left.stderr
    return json.loads(left.stdout)["rollout"]


def rebuilt(sandbox, store, rollout):
    return crews.report(sandbox, store.url, rollout)["figures"]["rebuilt"]


def greens(sandbox, image):
    return [i["InstanceId"] for r in sandbox.ec2.describe_instances(
        Filters=[{"Name": "image-id", "Values": [image]}])["Reservations"] for i in r["Instances"]]


def test_workers_that_are_killed_in_turn_rebuild_each_machine_once_within_all_limits(sandbox, store):
    images = sandbox.register("v1"), sandbox.register("v2")
    fleet = fleets.Fleet(sandbox, images[0], MACHINES, groups=GROUPS)
    rollout = left_to_workers(sandbox, store, fleet, images[1])
    crew = crews.Crew(sandbox, store.url, WORKERS)
    for enough in KILL_AFTER:
        rig.wait_until(lambda: rebuilt(sandbox, store, rollout) >= enough, f"{enough} are rebuilt", 120, 0.2)
        crew.kill_one()
    rig.wait_until(lambda: rebuilt(sandbox, store, rollout) == MACHINES, f"all are rebuilt\n{crew.told()}", 180, 0.3)
    assert crew.end() == [0] * WORKERS, crew.told()
    made = crews.report(sandbox, store.url, rollout)
    assert made["state"] == "done", made["summary"]
    spans = {m["machine"]: (m["began"], m["ended"]) for m in made["machines"]}
    assert crews.most_at_once(spans.values()) == IN_FLIGHT
    for group in range(GROUPS):
        assert crews.most_at_once([spans[s.id] for s in fleet.servers[group::GROUPS]]) == 1
    assert len(greens(sandbox, images[1])) == MACHINES
    volumes = sandbox.ec2.describe_volumes(VolumeIds=[s.volume for s in fleet.servers])["Volumes"]
    assert {v["Attachments"][0]["InstanceId"] for v in volumes} == set(greens(sandbox, images[1]))
    assert "going on with rollout" in crew.told()
