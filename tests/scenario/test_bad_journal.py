"""A journal that cannot be used is refused with the way out, before anything is touched; and that way works."""

import json
import shutil
import sqlite3
import subprocess

import pytest

import rig

WAY_OUT = "--without-journal"


@pytest.fixture(scope="module")
def journal(stage, shared_machine):
    """A journal with a rebuild in it: one that was rolled back."""
    path = stage.sandbox.folder / "used.db"
    plan = stage.plan([shared_machine], ("-m fast -w stop", "-m nonsense -w stop"))
    done = stage.run("apply", plan, "--journal", path)
    assert done.returncode == 3, done.stderr
    return path


@pytest.fixture
def bad(journal, tmp_path):
    """A copy of that journal, for damaging."""
    return shutil.copyfile(journal, tmp_path / "journal.db")




def refused(stage, machine, path, *words):
    """apply with that journal says what is wrong with which file and what to do, and changes nothing."""
    kept = path.read_bytes() if path.is_file() else None
    before = stage.mutations()
    done = stage.run("apply", stage.plan([machine]), "--journal", path)
    assert done.returncode == 1, done.stderr
    for word in (str(path), WAY_OUT, *words):
        assert word in done.stderr, done.stderr
    assert stage.mutations() == before
    if kept is not None:
        assert path.read_bytes() == kept


def test_one_that_was_truncated(stage, shared_machine, bad):
    size = bad.stat().st_size
    for left in (size - 100, size // 2, 4096, 100):
        with open(bad, "r+b") as file:
            file.truncate(left)
        refused(stage, shared_machine, bad, "damaged")


def test_one_without_bytes(stage, shared_machine, bad):
    for content in (b"S", b""):
        bad.write_bytes(content)
        refused(stage, shared_machine, bad, "empty")


@pytest.mark.parametrize("at", [0, 17, 100, 4096, 5 * 4096 + 3])
def test_one_with_flipped_bits(stage, shared_machine, bad, at):
    content = bytearray(bad.read_bytes())
    for byte in range(at, at + 4):
        content[byte] ^= 0xff
    bad.write_bytes(content)
    refused(stage, shared_machine, bad)


def test_one_of_a_newer_version(stage, shared_machine, bad):
    with sqlite3.connect(bad) as database:
        database.execute("pragma user_version = 99")
    database.close()
    refused(stage, shared_machine, bad, "newer", "99")


def test_a_folder(stage, shared_machine, tmp_path):
    refused(stage, shared_machine, tmp_path, "folder")


def test_one_that_cannot_be_written(stage, shared_machine, bad):
    plan = stage.plan([shared_machine])
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    before = stage.mutations()
    done = subprocess.run(
        stage.sandbox.inside(["unshare", "--mount", "sh", "-c", script, bad.parent, rig.changeover(), "apply", plan,
                              "--journal", bad]),
        env=stage.sandbox.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    for word in (str(bad), "cannot be written", WAY_OUT):
        assert word in done.stderr, done.stderr
    assert stage.mutations() == before


def test_history_of_a_damaged_one_fails_with_the_way_out(stage, bad):
    with open(bad, "r+b") as file:
        file.truncate(4096)
    done = stage.run("history", "--journal", bad)
    assert done.returncode == 1
    assert "damaged" in done.stderr and WAY_OUT in done.stderr


def test_the_way_out_finishes_what_was_begun(stage, machine, tmp_path):
    path = tmp_path / "journal.db"
    plan = stage.plan([machine])
    writer = rig.Writer(machine)
    apply = subprocess.Popen(stage.sandbox.inside([rig.changeover(), "apply", plan, "--events", "jsonl", "--journal",
                                                   path]),
                             env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)},
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert any('"detach-volume"' in line and '"outcome"' in line for line in apply.stdout)
    apply.kill()
    apply.communicate()
    with open(path, "r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 512)
    refused(stage, machine, path, "damaged")
    done = stage.run("resume", "--without-journal", plan, "--json")
    assert done.returncode == 0, done.stderr
    before = len(writer.acknowledged())
    rig.wait_until(lambda: len(writer.acknowledged()) > before + 20, "writes are taken again")
    writer.stop()
    assert writer.lost() == []
    assert json.loads(done.stdout)["rebuilds"][0]["green"] == machine.describe_address()["InstanceId"]
