"""Killed at any effect, the same command finishes the job, or puts blue back, and no write is lost."""

import json
import signal
import subprocess

import pytest

import rig

EFFECTS = ["tag", "create-snapshot", "launch", "quiesce", "detach-volume", "attach-volume", "mount", "start-service",
           "associate-address", "stop-instance", "terminate-instance"]


def kill_at(stage, plan, effect, event, back=False):
    """Runs apply and kills it (SIGKILL) as soon as it tells of that effect's intent or outcome."""
    command = stage.sandbox.inside([rig.changeover(), "apply", str(plan), "--events", "jsonl", "--journal",
                                    str(stage.sandbox.folder / "journal.db")])
    process = subprocess.Popen(command, env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)},
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    seen, turned_back = [], False
    for line in process.stdout:
        told = json.loads(line)
        seen.append(told.get("effect"))
        turned_back = turned_back or told.get("type") == "turned-back"
        if told.get("effect") == effect and told.get("type") == event and turned_back == back:
            break
    else:
        pytest.fail(f"there was no {event} of {effect}: {seen}")
    process.send_signal(signal.SIGKILL)
    process.communicate()


def go_on(stage, plan, writer, code):
    done = stage.apply(plan)
    assert done.returncode == code, done.stderr
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "writes are taken again")
    writer.stop()
    assert writer.lost() == []
    return json.loads(done.stdout)["rebuilds"][0]


def holds_alone(machine, instance):
    assert machine.describe_address()["InstanceId"] == instance
    assert [a["InstanceId"] for a in machine.describe_volume()["Attachments"]] == [instance]


def leftovers(stage, rebuild, *wanted):
    """Instances that carry the rebuild's tag, run, and are not wanted."""
    shown = stage.sandbox.ec2.describe_instances(Filters=[
        {"Name": "tag:changeover:rebuild", "Values": [rebuild]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}])
    return {i["InstanceId"] for r in shown["Reservations"] for i in r["Instances"]} - set(wanted)


@pytest.mark.parametrize("event", ["intent", "outcome"])
@pytest.mark.parametrize("effect", EFFECTS)
def test_killed_on_the_way_forward(stage, machine, effect, event):
    plan = stage.plan([machine])
    writer = rig.Writer(machine)
    kill_at(stage, plan, effect, event)
    rebuild = go_on(stage, plan, writer, 0)
    holds_alone(machine, rebuild["green"])
    assert leftovers(stage, rebuild["rebuild"], rebuild["green"]) == set()


@pytest.mark.parametrize("effect", ["quiesce", "detach-volume", "attach-volume", "mount", "start-service",
                                    "terminate-instance"])
def test_killed_while_going_back(stage, machine, effect):
    plan = stage.plan([machine], ("pg_isready -q -h 127.0.0.1",
                                  "pg_isready -q -h 127.0.0.1 && ! grep -q v2 /etc/changeover-image"),
                      ("outage_limit: 2m", "outage_limit: 4s"))
    writer = rig.Writer(machine)
    kill_at(stage, plan, effect, "intent", back=True)
    rebuild = go_on(stage, plan, writer, 3)
    holds_alone(machine, machine.id)
    assert leftovers(stage, rebuild["rebuild"], machine.id) == set()
