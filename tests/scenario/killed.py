"""Killing the program at a moment of a test's choice, and what must be so afterwards. All moments: tests/crash."""

import json
import signal
import subprocess

import pytest

import rig


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


def holds_alone(machine, instance):
    assert machine.describe_address()["InstanceId"] == instance
    assert [a["InstanceId"] for a in machine.describe_volume()["Attachments"]] == [instance]


def leftovers(stage, rebuild, *wanted):
    """Instances that carry the rebuild's tag, run, and are not wanted."""
    shown = stage.sandbox.ec2.describe_instances(Filters=[
        {"Name": "tag:changeover:rebuild", "Values": [rebuild]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}])
    return {i["InstanceId"] for r in shown["Reservations"] for i in r["Instances"]} - set(wanted)
