"""Machines that are states: the same program, the same plan, as many machines as wanted."""

import json
import subprocess

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


def write_plan(sandbox, fleet, image, in_flight, rollout=""):
    path = sandbox.folder / f"{fleet.stage}.yaml"
    text = fleets.plan(sandbox, fleet, image, in_flight).replace("name: fleet\n", f"name: {fleet.stage}\n")
    path.write_text(text + rollout, encoding="utf-8")
    return path


def grouped_plan(sandbox, fleet, image, unreachable):
    plan = write_plan(sandbox, fleet, image, 4, f"  per_group: 1\n  unreachable: {unreachable}\n")
    plan.write_text(plan.read_text(encoding="utf-8").replace("machines:\n", "machines:\n  group_by: Cluster\n"),
                    encoding="utf-8")
    return plan


class Applying:
    """An `apply` beside the test, whose notes are read as they come."""

    def __init__(self, sandbox, plan, journal):
        self.process = subprocess.Popen(
            sandbox.inside([rig.changeover(), "apply", plan, "--events", "lines", "--journal", journal]),
            env={**sandbox.environment, "HOME": str(sandbox.folder)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.notes = ""

    def await_note(self, words):
        for line in self.process.stderr:
            self.notes += line
            if words in line:
                return
        raise rig.Failed(f"it never said `{words}`: {self.notes}")

    def end(self):
        told, rest = self.process.communicate(timeout=60)
        self.notes += rest
        return self.process.returncode, told


def test_a_rollout_over_virtual_machines_moves_every_volume(sandbox, images):
    fleet = fleets.Fleet(sandbox, images[0], MACHINES)
    plan = write_plan(sandbox, fleet, images[1], MACHINES)
    planned = rig.run_changeover(sandbox, "plan", plan, "--json", "--journal", sandbox.folder / "journal.db")
    told = json.loads(planned.stdout)["machines"]
    assert planned.returncode == 2 and {m["blue"] for m in told} == {s.id for s in fleet.servers}, planned.stderr
    assert {m["action"] for m in told} == {"rebuild"} and [m["looked_at"] for m in told].count("closely") == 10
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
    before = sandbox.ask("calls")["calls"]
    again = rig.run_changeover(sandbox, "apply", plan, "--json", "--journal", sandbox.folder / "journal.db")
    assert again.returncode == 0 and json.loads(again.stdout)["rollout"]["unchanged"] == MACHINES, again.stderr
    assert sandbox.ask("calls")["calls"] == before + 1, "one list shows that all have the image"
    assert rig.run_changeover(sandbox, "plan", plan, "--journal", sandbox.folder / "journal.db").returncode == 0


def test_a_port_where_nobody_serves_refuses_and_a_login_is_the_machines_own(sandbox, images):
    server = fleets.Fleet(sandbox, images[0], 1, stage="lonely").servers[0]
    assert sandbox.ssh(server.private_ip, "systemctl stop app").returncode == 0
    assert fleets.answer_at(sandbox, server.address) is None
    assert sandbox.ssh(server.address, "nonsense", check=False).returncode == 127
    sandbox.ec2.stop_instances(InstanceIds=[server.id])
    assert sandbox.ssh(server.private_ip, "true", check=False).returncode == 255


def test_a_rollout_halts_when_machines_stop_serving_that_it_has_not_touched(sandbox, images):
    fleet = fleets.Fleet(sandbox, images[0], 4, stage="melting")
    plan = write_plan(sandbox, fleet, images[1], 1,
                      "  not_serving: 1\n  canary: 1\n  gates: [{ after: canary, command: 'false' }]\n")
    journal = sandbox.folder / "melting.db"
    applying = Applying(sandbox, plan, journal)
    applying.await_note("its gate after canary")
    waiting = [i["id"] for i in sandbox.ask("instances") if i["id"] in {s.id for s in fleet.servers}
               and i["state"] == "running"][-2:]
    sandbox.ec2.stop_instances(InstanceIds=waiting)
    code, told = applying.end()
    notes = applying.notes
    assert code == 4, notes
    for machine in waiting:
        assert f"{machine} is stop" in notes
    assert "the rollout halts: 2 of 4 machines do not serve, and at most 1 may: " in notes
    assert "1 of 4 machines rebuilt, 3 not begun" in told
    halted = rig.run_changeover(sandbox, "watch", "--journal", journal)
    assert halted.returncode == 4 and "2 of 4 machines do not serve" in halted.stdout + halted.stderr
    sandbox.ec2.start_instances(InstanceIds=waiting)


def test_a_member_that_is_stopped_keeps_its_neighbours_from_going_away(sandbox, images):
    fleet = fleets.Fleet(sandbox, images[0], 4, stage="grouped", groups=2)
    stopped, neighbour = fleet.servers[0], fleet.servers[2]
    plan = grouped_plan(sandbox, fleet, images[1], "{ tries: 1 }")
    sandbox.ec2.stop_instances(InstanceIds=[stopped.id])
    rig.wait_until(lambda: {i["id"]: i["state"] for i in sandbox.ask("instances")}[stopped.id] == "stopped",
                   "it is stopped", 30, 0.2)
    applied = rig.run_changeover(sandbox, "apply", plan, "--json", "--journal", sandbox.folder / "grouped.db")
    assert applied.returncode == 4, applied.stderr
    figures = json.loads(applied.stdout)["rollout"]
    assert (figures["rebuilt"], figures["unreachable"], figures["waiting"]) == (2, 1, 1)
    assert f"{stopped.id} is stopped: it does not serve" in applied.stderr
    assert (f"1 machine is left: {neighbour.id} of group cluster-0 waits for {stopped.id}, which is stopped"
            in applied.stderr)
    assert sandbox.run_on(neighbour.id, "systemctl is-active app")[0] == 0


def test_a_member_whose_status_checks_fail_is_waited_for_and_its_neighbour_goes_once_they_pass(sandbox, images):
    fleet = fleets.Fleet(sandbox, images[0], 2, stage="ailing", groups=2)
    neighbour = fleet.servers[0]
    ill = fleets.Fleet(sandbox, images[1], 1, stage="ailing").servers[0]   # it has the image already
    journal = sandbox.folder / "ailing.db"
    sandbox.post("faults", f"instance-dead instance={ill.id}")
    applying = Applying(sandbox, grouped_plan(sandbox, fleet, images[1], "{ tries: 6, pause: 1s }"), journal)
    applying.await_note(f"{ill.id} fails its status checks: it does not serve")
    waits = f"waits for {ill.id} of group cluster-0, which does not serve"
    applying.await_note(f"the rollout {waits}, until ")
    rollout = rig.run_changeover(sandbox, "status", "--journal", journal).stdout.split()[0]
    status = rig.run_changeover(sandbox, "status", rollout, "--journal", journal).stdout
    assert waits in status and "1 of 3 machines rebuilt, 1 on the image already, 1 not begun" in status
    sandbox.ec2.stop_instances(InstanceIds=[ill.id], Force=True)
    sandbox.ec2.start_instances(InstanceIds=[ill.id])
    code, told = applying.end()
    assert code == 0 and "2 of 3 machines rebuilt, 1 on the image already" in told, told + applying.notes
    assert f"{ill.id} passes its status checks again" in applying.notes
    moved = sandbox.ec2.describe_volumes(VolumeIds=[neighbour.volume])["Volumes"][0]["Attachments"][0]
    assert moved["InstanceId"] != neighbour.id
