"""PostgreSQL as the journal: its server goes away for a while, or one of the workers on it for ever."""

import json
import os
import subprocess
import time

import pytest

import rig
from store_server import Store

AWAY_S = 4


@pytest.fixture(scope="module")
def store():
    made = Store(f"/tmp/changeover-store-{os.getpid()}")  # where another user may go, too
    yield made
    made.end()


def start(stage, store, *command):
    return subprocess.Popen(
        stage.sandbox.inside([rig.changeover(), *command, "--events", "jsonl", "--store", store.url]),
        env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(process, **wanted):
    for line in process.stdout:
        told = json.loads(line) if line.startswith("{") else {}
        if all(told.get(key) == value for key, value in wanted.items()):
            return told
    pytest.fail(f"it never told of {wanted}: {process.stderr.read()}")


def history(stage, store, rebuild):
    shown = stage.run("history", rebuild, "--json", "--store", store.url)
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)["events"]


def is_whole(events):
    """Each effect has its intent and its outcome, in that order, once."""
    seqs = [e["seq"] for e in events]
    assert seqs == sorted(set(seqs))
    begun = [e["token"] for e in events if e["type"] == "intent"]
    ended = [e["token"] for e in events if e["type"] == "outcome"]
    assert begun and sorted(begun) == sorted(ended)
    assert events[-1]["type"] == "finished"


def finished(machine, writer, process):
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert "hunter2" not in out + err
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "green takes writes")
    writer.stop()
    assert writer.lost() == []
    assert machine.describe_address()["InstanceId"] != machine.id


def test_while_the_store_is_away_only_what_clients_wait_for_is_done_and_nothing_is_lost(stage, store, machine):
    writer = rig.Writer(machine)
    process = start(stage, store, "apply", stage.plan([machine]))
    rebuild = wait_for(process, type="window-opened")["rebuild"]
    store.do("crash")
    gone = time.monotonic()
    wait_for(process, type="step-started", step="bake")
    before = stage.mutations()
    time.sleep(AWAY_S)  # blue would be stopped after 3 s
    assert stage.mutations() == before
    store.do("start")
    away_ms = (time.monotonic() - gone) * 1000
    finished(machine, writer, process)
    assert writer.outage_ms() < away_ms
    events = history(stage, store, rebuild)
    is_whole(events)
    assert [e["effect"] for e in events if e["type"] == "outcome"].count("detach-volume") == 1


def rebuilds(stage, store):
    shown = stage.run("status", "--json", "--store", store.url)
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)["rebuilds"]


def test_what_a_killed_worker_left_another_one_finishes(stage, store):
    machines = [stage.machine() for _ in range(2)]
    writer = rig.Writer(machines[0])
    left = stage.run("apply", "--detach", stage.plan(machines), "--json", "--store", store.url)
    assert left.returncode == 0 and json.loads(left.stdout)["machines"] == 2, left.stderr
    first = start(stage, store, "worker", "--name", "first")
    wait_for(first, type="outcome", effect="detach-volume")
    second = start(stage, store, "worker", "--name", "second")
    first.kill()
    first.communicate()
    wait_for(second, type="step-proved", step="mount")
    store.do("crash")
    time.sleep(2)
    store.do("start")
    ours = {m.id for m in machines}
    rig.wait_until(lambda: [r["state"] for r in rebuilds(stage, store) if r["blue"] in ours] == ["done"] * 2,
                   "all are rebuilt, each once")
    second.terminate()
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert "hunter2" not in out + err
    assert [m.describe(m.describe_address()["InstanceId"])["ImageId"] for m in machines] == [stage.v2] * 2
    writer.stop()
    assert writer.lost() == []
