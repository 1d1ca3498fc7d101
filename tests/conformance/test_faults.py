"""Faults on purpose: what a client sees of each kind, and what is so behind it.

The kinds that need a machine are in tests/scenario/test_sandbox_faults.py.
"""

import email.utils
import http.client
import json
import re
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as tree

import botocore.config
import botocore.exceptions
import pytest
from conftest import ROOT, describe, launch, refused, volume
from test_access import FORM, send


def ask(sandbox, method="GET", lines=None, path=""):
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/faults{path}", method=method,
                                     data=None if lines is None else lines.encode())
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


@pytest.fixture
def play(sandbox):
    """Adds faults, which end with the test; without an argument tells of them."""
    yield lambda lines=None: ask(sandbox, "POST", lines) if lines else ask(sandbox)
    ask(sandbox, "DELETE")


@pytest.fixture
def machine(ec2, image):
    return launch(ec2, image)["InstanceId"]


@pytest.fixture
def disk(ec2):
    return volume(ec2)


def fired(faults):
    return [f["fired"] for f in faults]


def attach(ec2, disk, machine):
    return ec2.attach_volume(VolumeId=disk, InstanceId=machine, Device="/dev/sdf")


def state(ec2, disk):
    return ec2.describe_volumes(VolumeIds=[disk])["Volumes"][0]["State"]


def attachment(ec2, disk):
    return ec2.describe_volumes(VolumeIds=[disk])["Volumes"][0]["Attachments"][0]


# Refused, and nothing done


@pytest.mark.parametrize("line, code, status", [
    ("error code=VolumeInUse", "VolumeInUse", 400),
    ("error code=Whatever.Comes status=418", "Whatever.Comes", 418),
    ("internal-error", "InternalError", 500),
    ("unavailable", "Unavailable", 503),
    ("throttled", "RequestLimitExceeded", 503),
    ("expired", "RequestExpired", 400),
    ("expired code=ExpiredToken", "ExpiredToken", 400),
])
def test_a_refused_call_does_nothing(ec2, play, disk, machine, line, code, status):
    play(line + " call=AttachVolume")
    with refused(code, status):
        attach(ec2, disk, machine)
    assert state(ec2, disk) == "available"
    attach(ec2, disk, machine)
    assert state(ec2, disk) == "in-use"
    assert fired(play()) == [1]


def test_no_capacity_is_a_server_error(ec2, play, image):
    play("no-capacity")
    with refused("InsufficientInstanceCapacity", 500):
        launch(ec2, image, ClientToken="no-capacity")
    assert launch(ec2, image, ClientToken="no-capacity")


@pytest.mark.parametrize("call, make, code", [
    ("DescribeVolumes", lambda ec2: ("VolumeIds", volume(ec2)), "InvalidVolume.NotFound"),
    ("DescribeSnapshots", lambda ec2: ("SnapshotIds", ec2.create_snapshot(VolumeId=volume(ec2))["SnapshotId"]),
     "InvalidSnapshot.NotFound"),
    ("DescribeAddresses", lambda ec2: ("AllocationIds", ec2.allocate_address()["AllocationId"]),
     "InvalidAllocationID.NotFound"),
])
def test_what_was_just_made_is_not_found_at_first(ec2, play, call, make, code):
    play(f"not-found call={call} times=2")
    key, made = make(ec2)
    look = getattr(ec2, re.sub(r"(?<!^)(?=[A-Z])", "_", call).lower())
    look()  # names nothing: there is nothing to be missed
    for _ in range(2):
        with refused(code, 400) as refusal:
            look(**{key: [made]})
        assert made in refusal.message
    look(**{key: [made]})


def test_credentials_run_out_between_two_calls(ec2, play):
    play("expired nth=3 times=all")
    ec2.describe_regions()
    ec2.describe_volumes()
    for call in (ec2.describe_regions, ec2.describe_volumes):
        with refused("RequestExpired"):
            call()


# No reply, or not the one that was to be


@pytest.mark.parametrize("kind, takes_hold", [("reset", False), ("lost-reply", True)])
def test_a_reset_says_nothing_of_what_was_done(sandbox, ec2, play, disk, machine, kind, takes_hold):
    play(f"{kind} call=AttachVolume")
    with pytest.raises(ConnectionResetError) as reset:
        send(sandbox, {**FORM, "Action": "AttachVolume", "VolumeId": disk, "InstanceId": machine, "Device": "/dev/sdf"})
    assert not isinstance(reset.value, http.client.RemoteDisconnected)  # that would be an orderly end
    assert (state(ec2, disk) == "in-use") == takes_hold


@pytest.mark.parametrize("kind, takes_hold", [("timeout", False), ("late-timeout", True)])
def test_a_silence_says_nothing_of_what_was_done(sandbox, ec2, play, disk, machine, kind, takes_hold):
    play(f"{kind} call=AttachVolume for=3000")
    patient = botocore.config.Config(retries={"max_attempts": 0}, proxies={}, read_timeout=1)
    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        attach(sandbox.client(config=patient), disk, machine)
    assert (state(ec2, disk) == "in-use") == takes_hold


def test_a_silence_ends_with_a_reset(ec2, play):
    play("timeout call=DescribeRegions for=300")
    begun = time.monotonic()
    with pytest.raises(botocore.exceptions.ConnectionClosedError):  # not our own limit, which is a minute
        ec2.describe_regions()
    assert time.monotonic() - begun >= 0.3


def test_a_call_that_comes_twice_is_handled_twice_and_answered_once(ec2, play, disk, machine):
    play("twice call=CreateSnapshot")
    last = ec2.create_snapshot(VolumeId=disk)["SnapshotId"]
    both = ec2.describe_snapshots(Filters=[{"Name": "volume-id", "Values": [disk]}])["Snapshots"]
    assert len(both) == 2 and last in [s["SnapshotId"] for s in both]
    play("twice call=AttachVolume")
    with refused("VolumeInUse"):
        attach(ec2, disk, machine)
    assert attachment(ec2, disk)["InstanceId"] == machine


@pytest.mark.parametrize("kind", ["truncated", "malformed"])
def test_a_broken_reply_is_a_success_that_nobody_can_read(sandbox, ec2, play, disk, machine, kind):
    play(f"{kind} call=AttachVolume")
    reply, text = send(sandbox, {**FORM, "Action": "AttachVolume", "VolumeId": disk, "InstanceId": machine,
                                 "Device": "/dev/sdf"})
    assert reply.status == 200 and len(text) == int(reply.headers["Content-Length"])
    with pytest.raises(tree.ParseError):
        tree.fromstring(text)
    assert text.startswith("<?xml")
    assert state(ec2, disk) == "in-use"


def test_a_reply_can_be_100_mb_long(sandbox, ec2, play):
    play("huge call=DescribeRegions")
    form = {"Action": "DescribeRegions", "Version": "2016-11-15"}
    reply, text = send(sandbox, form)
    assert len(text) == int(reply.headers["Content-Length"]) > 100 * 1024 * 1024
    assert tree.fromstring(text.rstrip()).tag.endswith("DescribeRegionsResponse")
    assert len(send(sandbox, form)[1]) < 10000


# Replies that are not true


def test_a_stale_reply_shows_how_it_was(ec2, play, disk, machine):
    play("stale call=DescribeVolumes nth=2 for=1000")
    begun = time.monotonic()
    assert state(ec2, disk) == "available"
    attach(ec2, disk, machine)
    assert state(ec2, disk) == "available"
    assert state(ec2, disk) == "available"
    wait_until(lambda: state(ec2, disk) == "in-use")
    assert time.monotonic() - begun >= 1
    assert fired(play()) == [1]


def test_what_was_not_asked_before_becomes_stale_with_its_first_reply(ec2, play, disk, machine):
    play("stale call=DescribeVolumes for=60000")
    assert state(ec2, disk) == "available"
    attach(ec2, disk, machine)
    assert state(ec2, disk) == "available"
    ask_otherwise = ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": [disk]}])
    assert ask_otherwise["Volumes"][0]["State"] == "in-use"


def test_a_list_can_lack_its_newest_item(ec2, play):
    made = [volume(ec2), volume(ec2)]
    play("newest-missing call=DescribeVolumes times=2")
    for ask_for in ({}, {"Filters": [{"Name": "volume-id", "Values": made}]}):
        shown = [v["VolumeId"] for v in ec2.describe_volumes(**ask_for)["Volumes"]]
        assert made[0] in shown and made[1] not in shown
    assert made[1] in [v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]]


def test_questions_by_id_lack_nothing(ec2, play, disk):
    play("newest-missing call=DescribeVolumes")
    assert state(ec2, disk) == "available"
    assert fired(play()) == [0]


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_server_whose_clock_is_off_refuses_and_says_its_time(sandbox, play, minutes):
    play(f"clock off={minutes * 60000} for=500")
    reply, text = send(sandbox, FORM)
    assert reply.status == 400 and "<Code>RequestExpired</Code>" in text
    theirs = email.utils.parsedate_to_datetime(reply.headers["Date"]).timestamp()
    assert abs(theirs - time.time() - minutes * 60) < 5
    time.sleep(0.55)
    assert send(sandbox, FORM)[0].status == 200


def test_a_clock_that_is_off_a_little_shows_in_the_date_only(sandbox, play):
    play("clock off=240000")
    reply, _ = send(sandbox, FORM)
    assert reply.status == 200
    assert email.utils.parsedate_to_datetime(reply.headers["Date"]).timestamp() > time.time() + 200


# States


@pytest.mark.parametrize("kind, shown", [("stuck-detaching", "detaching"), ("stuck-busy", "busy")])
def test_a_volume_is_stuck_until_the_fault_is_removed(sandbox, ec2, play, disk, machine, kind, shown):
    attach(ec2, disk, machine)
    number = play(f"{kind} id={disk}")[0]["number"]
    ec2.detach_volume(VolumeId=disk)
    time.sleep(0.3)
    assert attachment(ec2, disk)["State"] == shown
    assert state(ec2, disk) == "in-use"
    ask(sandbox, "DELETE", path=f"/{number}")
    wait_until(lambda: state(ec2, disk) == "available")


def wait_until(true, limit_s=30):
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_volume_is_stuck_for_its_time(ec2, play, disk, machine):
    attach(ec2, disk, machine)
    play("stuck-detaching for=500")
    begun = time.monotonic()
    ec2.detach_volume(VolumeId=disk)
    wait_until(lambda: state(ec2, disk) == "available")
    assert time.monotonic() - begun >= 0.5


def test_a_volume_is_attached_under_another_name(ec2, play, disk, machine):
    play("other-device device=/dev/sdk")
    attach(ec2, disk, machine)
    assert attachment(ec2, disk)["Device"] == "/dev/sdk"
    assert "/dev/sdk" in [m["DeviceName"] for m in describe(ec2, machine)["BlockDeviceMappings"]]


def test_a_snapshot_ends_as_an_error(ec2, play, disk):
    play("snapshot-error nth=2")
    states = []
    for _ in range(2):
        made = ec2.create_snapshot(VolumeId=disk)["SnapshotId"]
        states.append(ec2.describe_snapshots(SnapshotIds=[made])["Snapshots"][0]["State"])
    assert states == ["completed", "error"]


def test_a_launch_is_accepted_and_then_terminated_for_want_of_capacity(ec2, play, image):
    play("launch-fails")
    made = launch(ec2, image)["InstanceId"]
    wait_until(lambda: describe(ec2, made)["State"]["Name"] == "terminated")
    assert describe(ec2, made)["StateReason"]["Code"] == "Server.InsufficientInstanceCapacity"
    assert describe(ec2, launch(ec2, image)["InstanceId"])["State"]["Name"] == "running"


def impaired(ec2, machine):
    shown = ec2.describe_instance_status(InstanceIds=[machine])["InstanceStatuses"]
    return [s["SystemStatus"]["Status"] == "impaired" for s in shown]


def test_an_instance_dies_with_a_call(ec2, play, disk, machine):
    play("instance-dead call=AttachVolume")
    attach(ec2, disk, machine)
    wait_until(lambda: impaired(ec2, machine) == [True])
    assert describe(ec2, machine)["State"]["Name"] == "running"
    ec2.stop_instances(InstanceIds=[machine], Force=True)
    ec2.start_instances(InstanceIds=[machine])
    wait_until(lambda: impaired(ec2, machine) == [False])


def failing(ec2, check, **more):
    found = ec2.describe_instance_status(Filters=[{"Name": check, "Values": ["impaired", "failed"]}], **more)
    return [s["InstanceId"] for s in found["InstanceStatuses"]]


def test_a_filter_shows_only_instances_whose_checks_fail(ec2, play, image, machine):
    other = launch(ec2, image)["InstanceId"]
    play(f"instance-dead instance={machine}")
    wait_until(lambda: impaired(ec2, machine) == [True])
    for check in ("instance-status.status", "system-status.status", "instance-status.reachability",
                  "system-status.reachability", "attached-ebs-status.status"):
        assert failing(ec2, check) == [machine], check
    assert failing(ec2, "system-status.status", MaxResults=5) == [machine]
    well = ec2.describe_instance_status(Filters=[{"Name": "system-status.status", "Values": ["ok", "initializing"]}])
    assert other in [s["InstanceId"] for s in well["InstanceStatuses"]]
    with refused("InvalidParameterValue"):
        failing(ec2, "tag:Name")
    ec2.stop_instances(InstanceIds=[machine], Force=True)
    assert failing(ec2, "system-status.status") == []


def test_an_instance_is_stopped_at_a_time(ec2, play, machine):
    play(f"instance-stopped instance={machine} from=800")
    assert describe(ec2, machine)["State"]["Name"] == "running"
    wait_until(lambda: describe(ec2, machine)["State"]["Name"] == "stopped")
    assert describe(ec2, machine)["StateReason"]["Code"] == "Server.ScheduledStop"
    assert fired(play()) == [1]


def test_an_address_is_taken_by_someone_else(ec2, play, image, machine):
    other = launch(ec2, image)["InstanceId"]
    address = ec2.allocate_address()["AllocationId"]

    def holder():
        return ec2.describe_addresses(AllocationIds=[address])["Addresses"][0].get("InstanceId")

    play(f"address-taken call=AssociateAddress instance={other} after=800")
    ec2.associate_address(AllocationId=address, InstanceId=machine)
    assert holder() == machine
    wait_until(lambda: holder() == other)
    play(f"address-taken address={address} from=0")
    wait_until(lambda: holder() is None)


# Which call, and when


def test_dry_runs_are_left_alone(ec2, play, disk, machine):
    play("internal-error call=AttachVolume")
    with refused("DryRunOperation"):
        ec2.attach_volume(VolumeId=disk, InstanceId=machine, Device="/dev/sdf", DryRun=True)
    with refused("InternalError"):
        attach(ec2, disk, machine)


def test_only_the_named_resource_is_concerned(ec2, play, disk):
    other = volume(ec2)
    play(f"internal-error id={other} times=all")
    assert state(ec2, disk) == "available"
    with refused("InternalError"):
        ec2.describe_volumes(VolumeIds=[disk, other])
    with refused("InternalError"):
        ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": [other]}])


def test_a_wrong_line_adds_nothing_and_says_all_that_is_wrong(sandbox, play):
    with pytest.raises(urllib.error.HTTPError) as wrong:
        play("throttled\nlost-replay\nstale bytes=1")
    text = wrong.value.read().decode()
    assert wrong.value.code == 400
    assert 'line:2: unknown fault "lost-replay", did you mean "lost-reply"?' in text
    assert 'line:3: stale does not take "bytes"' in text
    assert play() == []


def test_the_page_answers_to_its_methods_only(sandbox, play):
    for method, path, status in (("PUT", "", 405), ("GET", "/1", 405), ("DELETE", "/99", 404), ("DELETE", "/x", 404)):
        with pytest.raises(urllib.error.HTTPError) as wrong:
            ask(sandbox, method, path=path)
        assert wrong.value.code == status
    with pytest.raises(urllib.error.HTTPError) as wrong:
        ask(sandbox, path="s")
    assert wrong.value.code == 404


def test_one_seed_gives_one_history(start, tmp_path):
    file = tmp_path / "faults"
    file.write_text("internal-error chance=50 times=all # one in two\n")

    def history(seed):
        client = start("--latency", "none", "--seed", str(seed), "--faults", str(file)).client()
        seen = ""
        for _ in range(40):
            try:
                client.describe_regions()
                seen += "."
            except botocore.exceptions.ClientError:
                seen += "x"
        return seen

    first = history(7)
    assert 8 < first.count("x") < 32
    assert history(7) == first != history(8)


def test_every_kind_is_described_in_the_documentation(sandbox):
    """The tables of docs/sandbox.md are the program's: same names, same words, same order."""
    known = sandbox.page("fault-kinds")
    section = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8").split("## What can go wrong")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section, re.M)
    assert rows == [*known["words"].items(), *((k["name"], k["help"]) for k in known["kinds"])]
