"""One rebuild per kind of fault, each on the call where it hurts most.

Whatever happens: it ends done, rolled back or parked with the cause; once the fault is gone the same
command brings it to an end; then one instance serves, it alone holds the volume, nothing is left
over, and every write that was acknowledged is there.
"""

import json
import urllib.request

import pytest

import rig
from conftest import Stage

DONE, FAILED, BACK, PARKED = 0, 1, 3, 4
# Outage limits. What may end well has time for that on a busy machine; what cannot is not waited for.
PATIENT, HASTY = "40s", "8s"


LATENCIES = """profile = none
visibility = 100
pending_to_running = 200
running_to_sshd = 100
stop = 200
snapshot = 300
attach = 200
detach = 200
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Long enough between a call and its effect that the engine has to look, and SSH passes through the sandbox."""
    latencies = tmp_path_factory.mktemp("stage") / "latencies"
    latencies.write_text(LATENCIES)
    with rig.Sandbox(str(latencies), ["--faults", "/dev/null"]) as sandbox:
        yield Stage(sandbox)


@pytest.fixture
def play(stage):
    def send(method, lines=""):
        request = urllib.request.Request(f"{stage.sandbox.endpoint}/_sandbox/faults", method=method, data=lines.encode())
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)

    yield send
    send("DELETE")


def serves_alone(stage, machine, rebuild):
    """The instance that has the address, the volume and the service; no other of the rebuild runs."""
    instance = machine.describe_address().get("InstanceId")
    assert instance in (rebuild["blue"], rebuild.get("green"))
    assert [a["InstanceId"] for a in machine.describe_volume()["Attachments"]] == [instance]
    shown = stage.sandbox.ec2.describe_instances(Filters=[
        {"Name": "tag:Name", "Values": [machine.name]}, {"Name": "instance-state-name", "Values": ["pending", "running"]}])
    running = {i["InstanceId"] for r in shown["Reservations"] for i in r["Instances"]}
    assert running == {instance}
    return instance


def rebuild_with(stage, machine, play, lines, expected, words):
    """Applies the plan while the faults are played, and again without them until it is at an end."""
    limit = PATIENT if DONE in expected else HASTY
    plan = stage.plan([machine], ("outage_limit: 2m", f"outage_limit: {limit}"), ("bake: 3s", "bake: 0s"))
    writer = rig.Writer(machine)
    play("POST", lines)
    done = stage.apply(plan)
    fired = [f["fired"] for f in play("GET")]
    print(done.returncode, fired, done.stderr)
    assert all(fired), "the fault was never due"
    assert done.returncode in expected, done.stderr
    if done.returncode != DONE:
        assert words in done.stderr
    play("DELETE")
    for _ in range(3):
        if done.returncode in (DONE, BACK):
            break
        done = stage.apply(plan)
        print("again:", done.returncode, done.stderr)
    assert done.returncode in (DONE, BACK)
    rebuild = json.loads(done.stdout)["rebuilds"][0]
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "writes are taken again", 20)
    writer.stop()
    assert writer.lost() == []
    instance = serves_alone(stage, machine, rebuild)
    assert instance == rebuild["green" if done.returncode == DONE else "blue"]


# The line, how it may end, and what must be said if it is not done.
CALLS = [
    ("error code=IncorrectState call=DetachVolume", {DONE, BACK}, "IncorrectState"),
    ("internal-error call=AttachVolume", {DONE}, ""),
    ("internal-error call=AttachVolume times=all until=20000", {BACK, PARKED}, "InternalError"),
    ("internal-error chance=10 times=all until=30000", {DONE, BACK, FAILED}, "InternalError"),
    ("unavailable call=DetachVolume", {DONE}, ""),
    ("throttled call=AttachVolume times=2", {DONE}, ""),
    ("reset call=AttachVolume", {DONE}, ""),
    ("lost-reply call=RunInstances", {DONE}, ""),
    ("lost-reply call=CreateSnapshot nth=2", {DONE}, ""),
    ("lost-reply call=DetachVolume", {DONE}, ""),
    ("lost-reply call=AttachVolume", {DONE}, ""),
    ("lost-reply call=AssociateAddress", {DONE}, ""),
    ("lost-reply call=TerminateInstances", {DONE}, ""),
    ("twice call=RunInstances", {DONE}, ""),
    ("twice call=DetachVolume", {DONE}, ""),
    ("twice call=AttachVolume", {DONE}, ""),
    ("twice call=AssociateAddress", {DONE}, ""),
    ("timeout call=DescribeVolumes for=2000 nth=3", {DONE}, ""),
    ("late-timeout call=AttachVolume for=3000", {DONE}, ""),
    ("truncated call=AttachVolume", {DONE}, ""),
    ("malformed call=RunInstances", {DONE}, ""),
    ("malformed call=DescribeVolumes nth=3", {DONE}, ""),
    ("huge call=DetachVolume", {DONE}, ""),
    ("huge call=DescribeInstances nth=4", {DONE}, ""),
]

READS = [
    ("stale call=DescribeVolumes nth=3 for=3000", {DONE, BACK}, ""),
    ("stale call=DescribeInstances nth=3 for=3000", {DONE}, ""),
    ("stale call=DescribeAddresses for=3000", {DONE}, ""),
    ("not-found call=GetConsoleOutput nth=2 times=2", {DONE}, ""),
    ("not-found call=AttachVolume", {DONE, BACK}, "not exist"),
    ("newest-missing call=DescribeInstances times=3", {DONE, FAILED}, "does not exist in this account"),
    ("newest-missing call=DescribeSnapshots times=3", {DONE}, ""),
    ("expired call=AttachVolume times=all until=20000", {BACK, PARKED}, "expired"),
    ("clock call=AttachVolume off=1200000 for=15000", {BACK, PARKED}, "clock"),
]

STATES = [
    ("stuck-detaching for=4000", {DONE}, ""),
    ("stuck-busy for=4000", {DONE}, ""),
    ("stuck-detaching for=12000", {BACK}, "outage limit"),
    ("other-device", {DONE}, ""),
    ("snapshot-error", {DONE, BACK}, "snap-"),
    ("snapshot-error nth=2", {DONE, BACK}, "snap-"),
    ("launch-fails", {BACK}, "InsufficientInstanceCapacity"),
    ("no-capacity times=all", {BACK}, "InsufficientInstanceCapacity"),
    ("address-taken call=DetachVolume address={allocation}", {DONE, BACK, PARKED}, "eipalloc"),
    ("address-taken call=AssociateAddress", {BACK, PARKED}, "confirm"),
    ("instance-dead call=AttachVolume", {BACK}, ""),
    ("instance-dead call=AssociateAddress", {BACK}, ""),
    ("instance-stopped call=AttachVolume", {BACK}, ""),
]

SSH = [
    ("ssh-dropped id={blue} bytes=6000", {DONE}, ""),
    ("ssh-dropped nth=2 bytes=9000", {DONE, BACK}, ""),
    ("ssh-hangs id={blue} bytes=6000", {DONE, BACK}, ""),
    *((f"ssh-exit-lost id={{blue}} command={n}", {DONE}, "") for n in (1, 2, 3)),
    *((f"ssh-exit-lost nth=2 command={n}", {DONE}, "") for n in (1, 2, 3)),
    ("ssh-exit-lost nth=2 command=4", {DONE, BACK}, "start command"),  # the service's start may not bear being repeated
    ("host-key-changed call=AttachVolume", {DONE, BACK, PARKED}, "host key"),
    ("host-key-changed call=DetachVolume instance={blue}", {DONE}, "host key"),
]


@pytest.mark.parametrize("line, expected, words", CALLS + READS + STATES + SSH, ids=lambda v: v if isinstance(v, str) else "")
def test_a_rebuild_ends_well_or_says_why(stage, machine, play, line, expected, words):
    rebuild_with(stage, machine, play, line.format(blue=machine.id, allocation=machine.allocation), expected, words)
