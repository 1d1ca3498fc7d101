"""What operators do to rebuilds: roll back, abort, resume elsewhere, and get into each other's way."""

import json
import os
import signal
import sqlite3
import subprocess
import time

import pytest

import rig
from killed import holds_alone, kill_at, leftovers

KEPT = ("retire: { keep: 0s }", "retire: { keep: 24h }")


def start(stage, plan, journal="journal.db"):
    """apply in the background, its events on stdout as they come."""
    return subprocess.Popen(
        stage.sandbox.inside([rig.changeover(), "apply", str(plan), "--events", "jsonl", "--journal",
                              str(stage.sandbox.folder / journal)]),
        env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)


def wait_for(process, **wanted):
    """The first event that has all of these; what was told before it is passed over."""
    for line in process.stdout:
        told = json.loads(line)
        if all(told.get(key) == value for key, value in wanted.items()):
            return told
    pytest.fail(f"there was no {wanted}: {process.stderr.read()}")


def command(stage, name, *arguments, journal="journal.db"):
    return stage.run(name, *arguments, "--journal", stage.sandbox.folder / journal, "--json")


def nothing_is_lost(writer):
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "writes are taken")
    writer.stop()
    assert writer.lost() == []


def test_rolled_back_after_the_end_blue_has_what_green_wrote(stage, machine):
    plan = stage.plan([machine], KEPT)
    writer = rig.Writer(machine)
    done = json.loads(stage.apply(plan).stdout)["rebuilds"][0]
    holds_alone(machine, done["green"])
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "green takes writes")
    back = command(stage, "rollback", done["rebuild"])
    assert back.returncode == 0, back.stderr
    holds_alone(machine, machine.id)
    nothing_is_lost(writer)
    assert leftovers(stage, done["rebuild"], machine.id) == set()
    again = command(stage, "rollback", done["rebuild"])
    assert json.loads(again.stdout)["rebuilds"][0]["state"] == "rolled-back"
    assert again.returncode == 0 and stage.apply(plan).returncode == 0, again.stderr


def test_after_blue_is_gone_its_image_is_gone_back_to(stage, machine):
    plan = stage.plan([machine])
    done = json.loads(stage.apply(plan).stdout)["rebuilds"][0]
    refused = command(stage, "rollback", done["rebuild"])
    assert refused.returncode == 1 and "--by-rebuild" in refused.stdout + refused.stderr
    writer = rig.Writer(machine)
    back = command(stage, "rollback", "--by-rebuild", done["rebuild"])
    assert back.returncode == 0, back.stderr
    second = json.loads(back.stdout)["rebuilds"][0]
    assert machine.describe(second["green"])["ImageId"] == machine.image
    holds_alone(machine, second["green"])
    nothing_is_lost(writer)


def test_a_running_rebuild_is_rolled_back_from_elsewhere(stage, machine):
    plan = stage.plan([machine], ("bake: 3s", "bake: 10m"))
    writer = rig.Writer(machine)
    process = start(stage, plan)
    rebuild = wait_for(process, type="step-started", step="bake")["rebuild"]
    back = command(stage, "rollback", rebuild)
    assert back.returncode == 0, back.stderr
    process.communicate(timeout=60)
    assert process.returncode == 3
    holds_alone(machine, machine.id)
    nothing_is_lost(writer)


def test_aborted_it_is_parked_and_goes_on_later(stage, machine):
    plan = stage.plan([machine], ("bake: 3s", "bake: 15s"))
    process = start(stage, plan)
    rebuild = wait_for(process, type="step-started", step="bake")["rebuild"]
    ended = command(stage, "abort", rebuild)
    assert ended.returncode == 4 and json.loads(ended.stdout)["state"] == "parked", ended.stderr
    process.communicate(timeout=60)
    assert process.returncode == 130
    resumed = command(stage, "resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "as it was found: blue" in resumed.stderr
    holds_alone(machine, json.loads(resumed.stdout)["rebuilds"][0]["green"])


def test_two_on_one_journal_the_second_is_told_who_drives(stage, machine):
    plan = stage.plan([machine], ("bake: 3s", "bake: 15s"))
    process = start(stage, plan)
    wait_for(process, type="step-started", step="bake")
    second = stage.apply(plan)
    assert second.returncode == 5
    assert f"pid {process.pid}" in second.stdout + second.stderr or "is being driven by" in second.stdout
    process.communicate(timeout=60)
    assert process.returncode == 0


def is_free(journal):
    try:
        connection = sqlite3.connect(journal, timeout=0.1, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        return True
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()


def stop_between_commits(process, journal):
    """One that is stopped in a commit has the journal's lock for as long as it is: that is another story."""
    for _ in range(200):
        # The sandbox's `enter` replaces itself by the program: the signal reaches it.
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        if is_free(journal):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.005)
    process.kill()
    pytest.fail("it does nothing but write")


def test_a_stopped_engine_is_taken_over_from_and_finds_itself_fenced_out(stage, machine):
    plan = stage.plan([machine])
    writer = rig.Writer(machine)
    process = start(stage, plan)
    wait_for(process, type="intent", effect="detach-volume")
    stop_between_commits(process, stage.sandbox.folder / "journal.db")
    time.sleep(62)
    second = stage.apply(plan)
    assert second.returncode == 0, second.stderr
    process.send_signal(signal.SIGCONT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 5, messages
    holds_alone(machine, json.loads(second.stdout)["rebuilds"][0]["green"])
    nothing_is_lost(writer)
    status = json.loads(command(stage, "status").stdout)
    assert status["rebuilds"][0]["state"] == "done"


def asked(journal):
    with sqlite3.connect(journal) as connection:
        return connection.execute("SELECT what FROM wish").fetchall()


def test_what_was_asked_of_one_that_died_is_not_heard_by_the_next(stage, machine):
    journal = stage.sandbox.folder / "journal.db"
    process = start(stage, stage.plan([machine], ("bake: 3s", "bake: 8s")))
    rebuild = wait_for(process, type="step-started", step="bake")["rebuild"]
    stop_between_commits(process, journal)
    operator = subprocess.Popen(
        stage.sandbox.inside([rig.changeover(), "abort", "--rollback", rebuild, "--journal", str(journal)]),
        env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)}, stderr=subprocess.PIPE, text=True)
    rig.wait_until(lambda: asked(journal) == [("rollback",)], "it is asked")
    for each in operator, process:
        each.kill()
        each.communicate()
    resumed = command(stage, "resume")
    assert resumed.returncode == 0, resumed.stderr
    holds_alone(machine, json.loads(resumed.stdout)["rebuilds"][0]["green"])
    assert asked(journal) == []


@pytest.mark.parametrize("effect", ["create-snapshot", "detach-volume", "associate-address"])
def test_with_the_journal_lost_the_tags_are_enough(stage, machine, effect):
    plan = stage.plan([machine])
    writer = rig.Writer(machine)
    kill_at(stage, plan, effect, "outcome")
    done = stage.run("resume", "--without-journal", "--json", plan)
    assert done.returncode == 0, done.stderr
    rebuild = json.loads(done.stdout)["rebuilds"][0]
    holds_alone(machine, rebuild["green"])
    nothing_is_lost(writer)
    assert leftovers(stage, rebuild["rebuild"], rebuild["green"]) == set()


def test_an_engine_with_another_journal_takes_over_from_a_living_one(stage, machine):
    plan = stage.plan([machine], ("bake: 3s", "bake: 40s"))
    writer = rig.Writer(machine)
    process = start(stage, plan)
    wait_for(process, type="step-started", step="bake")
    second = stage.run("apply", plan, "--journal", stage.sandbox.folder / "other.db", "--json")
    assert second.returncode == 0, second.stderr
    assert "gone on with by its tags" in second.stderr
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 5, messages
    assert "is driven by" in messages
    nothing_is_lost(writer)
