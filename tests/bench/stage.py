"""What the benchmarks do with the rig: rebuild machines under load and note what it took."""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts/lib"))
import rig  # noqa: E402

PYTHON = ("/usr/bin/python3", "-I", "-S")


def apply(sandbox, machines, image, pace=None):
    """Applies a plan to the machines. (result document, what it took, calls by action) or rig.Failed."""
    spent = sandbox.folder / "spent.json"
    settings = {**sandbox.environment, "HOME": str(sandbox.folder)}
    if pace:
        settings["CHANGEOVER_PACE"] = str(pace)
    command = [*PYTHON, HERE / "spent.py", spent, rig.changeover(), "apply", rig.write_plan(sandbox, machines, image),
               "--json", "--journal", sandbox.folder / "journal.db"]
    before = sandbox.ask("calls")
    done = rig.subprocess.run(sandbox.inside(command), env=settings, capture_output=True, text=True, timeout=600)
    calls = difference(sandbox.ask("calls"), before)
    if done.returncode != 0:
        raise rig.Failed(f"changeover apply ended with {done.returncode}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout), json.loads(spent.read_text(encoding="ascii")), calls


def difference(after, before):
    """What the sandbox counted in between."""
    actions = {name: count - before["actions"].get(name, 0) for name, count in after["actions"].items()}
    totals = {name: after[name] - before[name] for name in ("calls", "mutations", "dry_runs", "errors", "throttled")}
    return {**totals, "actions": {name: count for name, count in actions.items() if count}}


def machines_under_load(sandbox, count):
    """(machines, writers, image to rebuild onto): PostgreSQL servers with a client each."""
    sandbox.make_key()
    images = [sandbox.register("v1"), sandbox.register("v2")]
    machines = [rig.Machine(sandbox, images[0], f"db-{i + 1}") for i in range(count)]
    return machines, [rig.Writer(machine) for machine in machines], images[1]


def stop_writers(writers):
    """Lets each writer commit some more to green, then ends it."""
    for writer in writers:
        enough = len(writer.acknowledged()) + 50
        rig.wait_until(lambda w=writer, n=enough: len(w.acknowledged()) >= n, "green takes more writes", 30)
        writer.stop()
