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


@pytest.fixture(scope="module")
def stage():
    """SSH passes through this sandbox, so that it can fail."""
    with rig.Sandbox("none", ["--faults", "/dev/null"]) as sandbox:
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
    assert instance in (rebuild["blue"], rebuild["green"])
    assert [a["InstanceId"] for a in machine.describe_volume()["Attachments"]] == [instance]
    shown = stage.sandbox.ec2.describe_instances(Filters=[
        {"Name": "tag:Name", "Values": [machine.name]}, {"Name": "instance-state-name", "Values": ["pending", "running"]}])
    running = {i["InstanceId"] for r in shown["Reservations"] for i in r["Instances"]}
    assert running == {instance}
    return instance


def rebuild_with(stage, machine, play, lines, expected, words):
    """Applies the plan while the faults are played, and again without them until it is at an end."""
    plan = stage.plan([machine], ("outage_limit: 2m", "outage_limit: 15s"))
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
    ("internal-error call=AttachVolume times=all", {BACK, PARKED}, "InternalError"),
    ("unavailable call=DetachVolume", {DONE}, ""),
    ("throttled call=AttachVolume times=2", {DONE}, ""),
    ("reset call=AttachVolume", {DONE}, ""),
    ("lost-reply call=RunInstances", {DONE}, ""),
    ("lost-reply call=CreateSnapshot", {DONE}, ""),
    ("lost-reply call=DetachVolume", {DONE}, ""),
    ("lost-reply call=AttachVolume", {DONE}, ""),
    ("lost-reply call=AssociateAddress", {DONE}, ""),
    ("lost-reply call=StopInstances", {DONE}, ""),
    ("lost-reply call=TerminateInstances", {DONE}, ""),
    ("twice call=RunInstances", {DONE}, ""),
    ("twice call=CreateSnapshot", {DONE}, ""),
    ("twice call=DetachVolume", {DONE}, ""),
    ("twice call=AttachVolume", {DONE}, ""),
    ("twice call=AssociateAddress", {DONE}, ""),
    ("twice call=StopInstances", {DONE}, ""),
    ("timeout call=DescribeVolumes for=2000 nth=20", {DONE}, ""),
    ("late-timeout call=AttachVolume for=3000", {DONE}, ""),
    ("truncated call=AttachVolume", {DONE}, ""),
    ("truncated call=RunInstances", {DONE}, ""),
    ("malformed call=DetachVolume", {DONE}, ""),
    ("malformed call=DescribeVolumes nth=20", {DONE}, ""),
    ("huge call=AttachVolume", {DONE}, ""),
    ("huge call=DescribeInstances nth=20", {DONE}, ""),
    ("internal-error chance=10 times=all", {DONE, BACK}, "InternalError"),
]

READS = [
    ("stale call=DescribeVolumes nth=20 for=3000", {DONE, BACK}, ""),
    ("stale call=DescribeInstances nth=20 for=3000", {DONE}, ""),
    ("stale call=DescribeAddresses for=3000", {DONE}, ""),
    ("not-found call=DescribeInstances nth=6 times=3", {DONE}, ""),
    ("not-found call=DescribeSnapshots times=3", {DONE}, ""),
    ("newest-missing call=DescribeInstances times=3", {DONE}, ""),
    ("newest-missing call=DescribeSnapshots times=3", {DONE}, ""),
    ("newest-missing call=DescribeVolumes times=3", {DONE, FAILED}, ""),
    ("expired call=DescribeInstances nth=12 times=all", {FAILED, BACK, PARKED}, "expired"),
    ("expired call=AttachVolume nth=1 times=all", {BACK, PARKED}, "expired"),
    ("clock call=AttachVolume off=1200000", {BACK, PARKED}, "clock"),
]

STATES = [
    ("stuck-detaching for=4000", {DONE}, ""),
    ("stuck-busy for=4000", {DONE}, ""),
    ("stuck-detaching", {BACK, PARKED}, "detach"),
    ("other-device", {DONE}, ""),
    ("snapshot-error", {DONE, BACK, FAILED}, "snap-"),
    ("snapshot-error nth=2", {DONE, BACK}, "snap-"),
    ("launch-fails", {BACK, FAILED}, "InsufficientInstanceCapacity"),
    ("no-capacity times=all", {BACK, FAILED}, "InsufficientInstanceCapacity"),
    ("address-taken call=DetachVolume address={allocation}", {DONE, BACK, PARKED}, "eipalloc"),
    ("instance-dead call=AttachVolume", {BACK}, ""),
    ("instance-dead call=AssociateAddress", {BACK}, ""),
    ("instance-stopped call=AttachVolume", {BACK}, ""),
    ("instance-stopped call=AssociateAddress after=300", {BACK, DONE}, ""),
]

SSH = [
    ("ssh-dropped id={blue} bytes=6000", {DONE}, ""),
    ("ssh-dropped id={blue} bytes=12000", {DONE, BACK}, ""),
    ("ssh-dropped bytes=9000 times=3", {DONE, BACK}, ""),
    ("ssh-hangs id={blue} bytes=6000", {DONE, BACK}, ""),
    *((f"ssh-exit-lost id={{blue}} command={n}", {DONE}, "") for n in (1, 2, 3)),
    *((f"ssh-exit-lost nth=2 command={n}", {DONE}, "") for n in (1, 2, 3, 4)),
    ("host-key-changed call=AttachVolume", {DONE, BACK, PARKED}, "host key"),
    ("host-key-changed call=DetachVolume instance={blue}", {DONE}, "host key"),
]


@pytest.mark.parametrize("line, expected, words", CALLS + READS + STATES + SSH, ids=lambda v: v if isinstance(v, str) else "")
def test_a_rebuild_ends_well_or_says_why(stage, machine, play, line, expected, words):
    rebuild_with(stage, machine, play, line.format(blue=machine.id, allocation=machine.allocation), expected, words)
