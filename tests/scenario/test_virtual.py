"""Machines that are states: the same program, the same plan, as many machines as wanted."""

import json

import pytest

import fleets
import rig

MACHINES = 12


@pytest.fixture(scope="module")
def sandbox():
    with fleets.VirtualSandbox() as opened:
        opened.make_key()
        opened.environment["CHANGEOVER_PACE"] = "5"
        yield opened


@pytest.fixture(scope="module")
def images(sandbox):
    return sandbox.register("v1"), sandbox.register("v2")


def write_plan(sandbox, fleet, image, in_flight):
    path = sandbox.folder / "fleet.yaml"
    path.write_text(fleets.plan(sandbox, fleet, image, in_flight), encoding="utf-8")
    return path


def test_a_rollout_over_virtual_machines_moves_every_volume(sandbox, images):
    fleet = fleets.Fleet(sandbox, images[0], MACHINES)
    plan = write_plan(sandbox, fleet, images[1], MACHINES)
    applied = rig.run_changeover(sandbox, "apply", plan, "--json", "--journal", sandbox.folder / "journal.db")
    assert applied.returncode == 0, applied.stderr
    assert json.loads(applied.stdout)["rollout"]["rebuilt"] == MACHINES
    volumes = sandbox.ec2.describe_volumes(VolumeIds=[s.volume for s in fleet.servers])["Volumes"]
    now = {v["VolumeId"]: v["Attachments"][0]["InstanceId"] for v in volumes}
    for server in fleet.servers:
        green = now[server.volume]
        assert green != server.id
        assert sandbox.run_on(green, "systemctl is-active app && mountpoint /srv/data")[0] == 0
    assert fleets.answer_at(sandbox, fleet.servers[0].address) == now[fleet.servers[0].volume]


def test_a_port_where_nobody_serves_refuses_and_a_login_is_the_machines_own(sandbox, images):
    server = fleets.Fleet(sandbox, images[0], 1, stage="lonely").servers[0]
    assert sandbox.ssh(server.private_ip, "systemctl stop app").returncode == 0
    assert fleets.answer_at(sandbox, server.address) is None
    assert sandbox.ssh(server.address, "nonsense", check=False).returncode == 127
    sandbox.ec2.stop_instances(InstanceIds=[server.id])
    assert sandbox.ssh(server.private_ip, "true", check=False).returncode == 255
