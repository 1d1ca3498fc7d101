"""Whole rebuilds on real parts: forward, kept, repeated, two at once, and back."""

import json
import signal
import subprocess
import time

import pytest

import rig


def result(done):
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def only(document):
    assert len(document["rebuilds"]) == 1
    return document["rebuilds"][0]


def serves(machine, instance):
    """The address points to the instance, the volume is on it alone, and it answers through the address."""
    assert machine.describe_address()["InstanceId"] == instance
    assert [a["InstanceId"] for a in machine.describe_volume()["Attachments"]] == [instance]
    assert machine.rows() is not None


def test_no_acknowledged_write_is_lost(stage, machine):
    writer = rig.Writer(machine)
    done = stage.apply(stage.plan([machine]))
    assert done.returncode == 0, done.stderr
    rebuild = only(result(done))
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "green takes writes")
    writer.stop()
    assert writer.lost() == []
    assert machine.describe_address()["InstanceId"] == rebuild["green"]
    assert machine.describe(rebuild["green"])["ImageId"] == stage.v2
    assert machine.describe(machine.id)["State"]["Name"] == "terminated"
    assert machine.describe_volume()["Attachments"][0]["InstanceId"] == rebuild["green"]


def test_green_takes_after_blue_and_carries_its_tags(stage, machine):
    stage.sandbox.ec2.create_tags(Resources=[machine.id], Tags=[{"Key": "Owner", "Value": "Ada & Söhne"}])
    blue = machine.describe()
    green = machine.describe(only(result(stage.apply(stage.plan([machine]))))["green"])
    for key in ("InstanceType", "SubnetId", "KeyName", "Placement", "SecurityGroups", "EbsOptimized"):
        assert green[key] == blue[key], key
    tags = {t["Key"]: t["Value"] for t in green["Tags"]}
    assert tags["Owner"] == "Ada & Söhne"
    assert tags["changeover:role"] == "green"


def test_a_finished_plan_does_nothing_again(stage, machine):
    plan = stage.plan([machine])
    green = only(result(stage.apply(plan)))["green"]
    mutations = stage.mutations()
    again = stage.apply(plan)
    assert again.returncode == 0
    assert result(again)["result"] == "unchanged"
    assert only(result(again))["blue"] == green
    assert stage.mutations() == mutations


def test_blue_is_kept_stopped_for_the_agreed_time(stage, machine):
    plan = stage.plan([machine], ("keep: 0s", "keep: 24h"))
    done = stage.apply(plan)
    assert done.returncode == 0, done.stderr
    assert machine.describe()["State"]["Name"] == "stopped"
    serves(machine, only(result(done))["green"])
    mutations = stage.mutations()
    again = stage.apply(plan)
    assert again.returncode == 0 and "is kept until" in again.stderr, again.stderr
    assert stage.mutations() == mutations


def test_a_kept_blue_is_terminated_when_its_time_has_passed(stage, machine):
    plan = stage.plan([machine], ("keep: 0s", "keep: 8s"))
    done = stage.apply(plan)
    assert machine.describe()["State"]["Name"] == "stopped"
    time.sleep(8)
    again = stage.apply(plan)
    assert again.returncode == 0, again.stderr
    assert machine.describe()["State"]["Name"] == "terminated"
    serves(machine, only(result(done))["green"])


def test_two_machines_in_one_plan(stage):
    machines = [stage.machine(), stage.machine()]
    writers = [rig.Writer(m) for m in machines]
    done = stage.apply(stage.plan(machines))
    assert done.returncode == 0, done.stderr
    for writer in writers:
        writer.stop()
        assert writer.lost() == []
    greens = {r["blue"]: r["green"] for r in result(done)["rebuilds"]}
    for machine in machines:
        serves(machine, greens[machine.id])


START = "-l /srv/data/postgresql/log -w start"
IN_THE_WAY = "#!/bin/sh\ntouch /srv/data\n"


@pytest.mark.parametrize("change, user_data, cause", [
    (("pg_isready -q -h 127.0.0.1", "pg_isready -q -h 127.0.0.1 && ! grep -q v2 /etc/changeover-image"), None,
     "grep -q v2"),
    ((START, f"{START} && ! grep -q v2 /etc/changeover-image"), None, "start"),
    (("backup:", "launch: { user_data: in-the-way.sh }\nbackup:"), IN_THE_WAY, "/srv/data"),
], ids=["a check that fails", "a start command that fails", "a mount that fails"])
def test_what_fails_on_green_puts_blue_back(stage, machine, change, user_data, cause):
    if user_data:
        (stage.sandbox.folder / "in-the-way.sh").write_text(user_data)
    writer = rig.Writer(machine)
    done = stage.apply(stage.plan([machine], ("outage_limit: 2m", "outage_limit: 10s"), change))
    writer.stop()
    assert done.returncode == 3, done.stderr
    assert cause in done.stderr
    assert writer.lost() == []
    serves(machine, machine.id)
    assert machine.describe(only(result(done))["green"])["State"]["Name"] in ("shutting-down", "terminated")


def test_ctrl_c_ends_in_order_and_leaves_blue_serving_before_the_window(stage, machine):
    plan = stage.plan([machine])
    command = stage.sandbox.inside([rig.changeover(), "apply", str(plan), "--events", "lines", "--journal",
                                    str(stage.sandbox.folder / "interrupted.db")])
    process = subprocess.Popen(command, env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)},
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr.readline(), "it tells what it does"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    serves(machine, machine.id)


def test_status_and_history_tell_the_whole_story(stage, machine):
    journal = stage.sandbox.folder / "journal.db"
    rebuild = only(result(stage.apply(stage.plan([machine]))))["rebuild"]
    shown = json.loads(stage.run("history", rebuild, "--json", "--journal", journal).stdout)
    events = shown["events"]
    intents = [e["token"] for e in events if e["type"] == "intent"]
    outcomes = [e["token"] for e in events if e["type"] == "outcome"]
    assert intents and sorted(intents) == sorted(outcomes)
    for token in intents:
        kinds = [e["type"] for e in events if e.get("token") == token]
        assert kinds == ["intent", "outcome"]
    status = json.loads(stage.run("status", rebuild, "--json", "--journal", journal).stdout)
    assert status["result"] == "done"


def test_plan_says_what_would_happen_and_changes_nothing(stage, shared_machine):
    mutations = stage.mutations()
    shown = stage.run("plan", stage.plan([shared_machine]), "--json")
    assert shown.returncode == 2, shown.stderr
    machine = json.loads(shown.stdout)["machines"][0]
    assert machine["action"] == "rebuild"
    assert machine["volumes"] == [shared_machine.volume]
    assert machine["predicted_outage_ms"] > 1000
    assert stage.mutations() == mutations
