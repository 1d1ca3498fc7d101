"""PostgreSQL as the journal, and what becomes of a rebuild when that server goes away for a while."""

import json
import os
import subprocess
import time

import pytest

import rig
from store_server import Store

AWAY_S = 6


@pytest.fixture(scope="module")
def store():
    made = Store(f"/tmp/changeover-store-{os.getpid()}")  # where another user may go, too
    yield made
    made.end()


def start(stage, store, plan):
    return subprocess.Popen(
        stage.sandbox.inside([rig.changeover(), "apply", plan, "--events", "jsonl", "--store", store.url]),
        env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(process, **wanted):
    for line in process.stdout:
        told = json.loads(line)
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


def finished(stage, store, machine, writer, process):
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert "hunter2" not in out + err
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "green takes writes")
    writer.stop()
    assert writer.lost() == []
    assert machine.describe_address()["InstanceId"] != machine.id


def test_a_store_that_goes_away_in_the_window_does_not_prolong_the_outage(stage, store, machine):
    writer = rig.Writer(machine)
    process = start(stage, store, stage.plan([machine]))
    rebuild = wait_for(process, type="window-opened")["rebuild"]
    store.do("crash")
    time.sleep(AWAY_S)
    store.do("start")
    finished(stage, store, machine, writer, process)
    assert writer.outage_ms() < AWAY_S * 1000
    events = history(stage, store, rebuild)
    is_whole(events)
    assert [e["effect"] for e in events if e["type"] == "outcome"].count("detach-volume") == 1


def test_while_the_store_is_away_nothing_is_begun_and_then_it_goes_on(stage, store, machine):
    writer = rig.Writer(machine)
    process = start(stage, store, stage.plan([machine]))
    rebuild = wait_for(process, type="step-started", step="bake")["rebuild"]
    store.do("crash")
    before = stage.mutations()
    time.sleep(AWAY_S)  # blue would be stopped after 3 s
    assert stage.mutations() == before
    assert process.poll() is None
    store.do("start")
    finished(stage, store, machine, writer, process)
    is_whole(history(stage, store, rebuild))
