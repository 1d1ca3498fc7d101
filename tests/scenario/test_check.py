"""What was left behind is found without a journal, resolved where that is safe, and nothing else is touched."""

import contextlib
import json
import os
import pty
import signal
import subprocess

import pytest

import rig

NO_JOURNAL = ("--journal", "/nonexistent/journal.db")


def check(stage, *arguments, code):
    """The findings by name, and the exit code that there must be."""
    done = stage.run("check", "--json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return {f["name"]: f for f in json.loads(done.stdout)["findings"]}


@contextlib.contextmanager
def applying_until(stage, plan, kind, name):
    """An apply that has just told of that event: the process and its rebuild. It is killed at the end."""
    command = stage.sandbox.inside([rig.changeover(), "apply", str(plan), "--events", "jsonl", "--journal",
                                    str(stage.sandbox.folder / "journal.db")])
    process = subprocess.Popen(command, env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)},
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        events = (json.loads(line) for line in process.stdout)
        yield process, next(e["rebuild"] for e in events if e["type"] == kind and e.get("effect") == name)
    finally:
        process.kill()
        process.communicate()


class Leftover:
    """A blue with its data volume, as a rebuild that was rolled back leaves it, and what a test leaves besides."""

    count = 0

    def __init__(self, stage, role="restored"):
        Leftover.count += 1
        self.ec2, self.rebuild = stage.sandbox.ec2, f"rb-left{Leftover.count}"
        self.machine = stage.machine(provision=False)
        self.blue, self.volume = self.machine.id, self.machine.volume
        self.tag(self.blue, role, found="unprotected")
        self.tag(self.volume, "data", found="/dev/sdf kept on termination")

    def tag(self, resource, role, found=None):
        tags = {"changeover:rebuild": self.rebuild, "changeover:role": role}
        if found:
            tags["changeover:found"] = found
        self.ec2.create_tags(Resources=[resource], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])

    def green(self):
        tags = [{"Key": "changeover:rebuild", "Value": self.rebuild}, {"Key": "changeover:role", "Value": "green"}]
        green = self.ec2.run_instances(
            ImageId=self.machine.image, InstanceType="t3.micro", MinCount=1, MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags},
                               {"ResourceType": "volume", "Tags": tags}])["Instances"][0]["InstanceId"]
        rig.wait_until(lambda: self.state(green) == "running", "green runs")
        return green

    def state(self, instance):
        return self.machine.describe(instance)["State"]["Name"]

    def move(self, instance):
        """The data volume, to that instance; NULL: to nothing."""
        self.ec2.detach_volume(VolumeId=self.volume)
        rig.wait_until(lambda: self.machine.describe_volume()["State"] == "available", "the volume is free")
        if instance:
            self.ec2.attach_volume(VolumeId=self.volume, InstanceId=instance, Device="/dev/sdf")

    def remove(self):
        for resource in (self.blue, self.volume):
            self.ec2.delete_tags(Resources=[resource], Tags=[{"Key": "changeover:rebuild"}])


@pytest.fixture
def left(stage):
    made = []

    def make(role="restored"):
        made.append(Leftover(stage, role))
        return made[-1]

    yield make
    for leftover in made:
        leftover.remove()


def test_nothing_is_found_where_nothing_was_left(stage, shared_machine):
    assert shared_machine
    done = stage.run("check", *NO_JOURNAL)
    assert done.returncode == 0, done.stderr
    assert "nothing was left behind" in done.stdout


def test_an_apply_that_was_killed_is_found_with_and_without_its_journal(stage, machine):
    plan = stage.plan([machine])
    journal = ("--journal", stage.sandbox.folder / "journal.db")
    with applying_until(stage, plan, "outcome", "detach-volume") as (_, rebuild):
        pass
    rig.wait_until(lambda: machine.describe_volume()["State"] == "available", "the volume is detached")

    known = check(stage, plan, *journal, code=4)
    assert set(known) == {f"rebuild-abandoned:{rebuild}", f"data-detached:{machine.volume}"}
    assert f"resume {plan}" in known[f"rebuild-abandoned:{rebuild}"]["by_hand"]
    by_tags = check(stage, plan, *NO_JOURNAL, code=4)
    assert set(by_tags) == {f"rebuild-unfinished:{rebuild}", f"data-detached:{machine.volume}"}
    assert "--without-journal" in by_tags[f"data-detached:{machine.volume}"]["by_hand"]

    before = stage.mutations()
    check(stage, plan, "--resolve", *NO_JOURNAL, code=4)
    check(stage, plan, "--resolve", *journal, code=4)
    assert stage.mutations() == before
    assert stage.apply(plan).returncode == 0
    assert check(stage, plan, *journal, code=0) == {}
    assert check(stage, plan, *NO_JOURNAL, code=0) == {}


def test_what_somebody_drives_is_left_alone(stage, machine):
    plan = stage.plan([machine])
    journal = ("--journal", stage.sandbox.folder / "journal.db")
    with applying_until(stage, plan, "outcome", "detach-volume") as (process, _):
        process.send_signal(signal.SIGSTOP)
        rig.wait_until(lambda: machine.describe_volume()["State"] == "available", "the volume is detached")
        before = stage.mutations()
        assert check(stage, plan, "--resolve", *journal, code=0) == {}
        assert stage.mutations() == before
    assert check(stage, plan, *journal, code=4)
    assert stage.apply(plan).returncode == 0


def test_a_green_that_was_given_up_is_terminated(stage, left):
    leftover = left()
    green = leftover.green()
    found = check(stage, *NO_JOURNAL, code=4)
    assert set(found) == {f"green-left:{green}"}
    before = stage.mutations()
    resolved = check(stage, "--resolve", *NO_JOURNAL, code=0)
    assert resolved[f"green-left:{green}"]["resolved"]
    assert stage.mutations() == before + 1
    rig.wait_until(lambda: leftover.state(green) == "terminated", "green is terminated")
    assert leftover.state(leftover.blue) == "running"
    assert check(stage, *NO_JOURNAL, code=0) == {}


def test_a_green_that_holds_data_or_has_an_address_is_never_terminated(stage, left):
    holding, reached = left(), left()
    greens = [holding.green(), reached.green()]
    holding.move(greens[0])
    reached.ec2.associate_address(AllocationId=reached.machine.allocation, InstanceId=greens[1])
    before = stage.mutations()
    found = check(stage, "--resolve", *NO_JOURNAL, code=4)
    assert {f"green-in-use:{g}" for g in greens} <= set(found)
    assert not [name for name in found if name.startswith("green-left")]
    refused = stage.run("check", "--resolve", f"green-left:{greens[0]}", *NO_JOURNAL)
    assert refused.returncode == 1 and "there is no finding" in refused.stderr
    assert stage.mutations() == before
    assert [holding.state(g) for g in greens] == ["running", "running"]
    for leftover, green in zip((holding, reached), greens):
        leftover.ec2.terminate_instances(InstanceIds=[green])


def test_an_address_goes_back_to_the_data_only_when_that_is_asked_for(stage, left):
    leftover = left()
    green = leftover.green()
    leftover.ec2.associate_address(AllocationId=leftover.machine.allocation, InstanceId=green)
    name = f"address-astray:{leftover.machine.allocation}"
    assert name in check(stage, "--resolve", *NO_JOURNAL, code=4)
    assert leftover.machine.describe_address()["InstanceId"] == green
    check(stage, "--resolve", name, *NO_JOURNAL, code=4)
    assert leftover.machine.describe_address()["InstanceId"] == leftover.blue
    # Without the address, green is idle.
    assert check(stage, "--resolve", *NO_JOURNAL, code=0)[f"green-left:{green}"]["resolved"]


def test_protection_that_a_rebuild_left_is_taken_off(stage, left):
    leftover = left()
    leftover.ec2.modify_instance_attribute(InstanceId=leftover.blue, DisableApiTermination={"Value": True})
    assert set(check(stage, *NO_JOURNAL, code=0)) == {f"still-protected:{leftover.blue}"}
    check(stage, "--resolve", *NO_JOURNAL, code=0)
    attribute = leftover.ec2.describe_instance_attribute(InstanceId=leftover.blue, Attribute="disableApiTermination")
    assert attribute["DisableApiTermination"]["Value"] is False
    assert check(stage, *NO_JOURNAL, code=0) == {}


def test_data_that_nothing_holds_is_found_and_never_touched(stage, left):
    leftover = left()
    leftover.move(None)
    before = stage.mutations()
    found = check(stage, "--resolve", *NO_JOURNAL, code=4)
    assert leftover.blue in found[f"data-detached:{leftover.volume}"]["by_hand"]
    assert "/dev/sdf" in found[f"data-detached:{leftover.volume}"]["by_hand"]
    assert stage.mutations() == before
    assert leftover.machine.describe_volume()["State"] == "available"


def test_a_damaged_journal_is_no_reason_to_fail(stage, left, tmp_path):
    leftover = left()
    green = leftover.green()
    path = tmp_path / "journal.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    done = stage.run("check", "--resolve", "--json", "--journal", path)
    assert done.returncode == 0, done.stderr
    assert "by tags alone" in done.stderr
    rig.wait_until(lambda: leftover.state(green) == "terminated", "green is terminated")


def ask(stage, answer, *arguments):
    """Runs check on a terminal of its own and gives that answer to the question that ends in `leave it: `."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(stage.sandbox.inside([rig.changeover(), "check", *arguments]), stdin=follower,
                               stdout=subprocess.PIPE, stderr=follower, text=True,
                               env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)})
    os.close(follower)
    seen = b""
    while b"leave it: " not in seen:
        seen += os.read(leader, 4096)
    os.write(leader, answer.encode() + b"\n")
    out = process.communicate(timeout=60)[0]
    os.close(leader)
    return process.returncode, out


def test_what_needs_a_decision_is_asked_on_a_terminal(stage, left):
    leftover = left()
    leftover.ec2.stop_instances(InstanceIds=[leftover.blue])
    rig.wait_until(lambda: leftover.state(leftover.blue) == "stopped", "blue is stopped")
    name = f"blue-stopped:{leftover.blue}"
    assert name in check(stage, "--resolve", *NO_JOURNAL, code=4)
    assert ask(stage, "yes", "--resolve", *NO_JOURNAL)[0] == 4
    assert leftover.state(leftover.blue) == "stopped"
    code, out = ask(stage, leftover.blue, "--resolve", *NO_JOURNAL)
    assert code == 0 and f"resolved  {name}" in out
    rig.wait_until(lambda: leftover.state(leftover.blue) == "running", "blue runs")


def test_what_was_resolved_stands_in_the_journal(stage, machine):
    plan = stage.plan([machine], ("pg_isready -q -h 127.0.0.1",
                                  "pg_isready -q -h 127.0.0.1 && ! grep -q v2 /etc/changeover-image"),
                      ("outage_limit: 2m", "outage_limit: 4s"))
    done = stage.apply(plan)
    assert done.returncode == 3, done.stderr
    rebuild = json.loads(done.stdout)["rebuilds"][0]["rebuild"]
    stage.sandbox.ec2.modify_instance_attribute(InstanceId=machine.id, DisableApiTermination={"Value": True})
    journal = ("--journal", stage.sandbox.folder / "journal.db")
    found = check(stage, plan, "--resolve", *journal, code=0)
    assert found[f"still-protected:{machine.id}"]["resolved"]
    events = json.loads(stage.run("history", rebuild, "--json", *journal).stdout)["events"][-2:]
    assert [(e["type"], e["effect"], e["step"]) for e in events] == [
        ("intent", "protect-instance", "check"), ("outcome", "protect-instance", "check")]
    assert events[1]["request_id"]
