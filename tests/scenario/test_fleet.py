"""A new image for many machines: canary, waves, clusters that keep serving, and halts."""

import json
import signal
import subprocess

import pytest

import rig

CLUSTERS, MEMBERS = 2, 3


class Fleet:
    """Clusters of PostgreSQL machines, and the plan that rolls out over them."""

    def __init__(self, stage, clusters=CLUSTERS, members=MEMBERS):
        self.stage = stage
        self.machines = [stage.machine() for _ in range(clusters * members)]
        for n, machine in enumerate(self.machines):
            machine.cluster = f"cluster-{n % clusters}"
            stage.sandbox.ec2.create_tags(Resources=[machine.id], Tags=[
                {"Key": "Stage", "Value": "production"}, {"Key": "Cluster", "Value": machine.cluster}])

    def plan(self, *changes):
        text = (rig.TOP / "plans/fleet.yaml").read_text(encoding="utf-8")
        for old, new in [("~/.ssh/id_ed25519", str(self.stage.sandbox.key)),
                         ('newest: { owner: self, name: "postgresql-*" }', f"id: {self.stage.v2}"), *changes]:
            assert old in text, old
            text = text.replace(old, new)
        path = self.stage.sandbox.folder / "fleet.yaml"
        path.write_text(text, encoding="utf-8")
        return path



def serving(machine):
    """The instance behind the machine's address."""
    return machine.describe(machine.describe_address()["InstanceId"])


def opened(stage, clusters, members):
    """A fleet that later tests do not find by its tags."""
    made = Fleet(stage, clusters, members)
    yield made
    stage.sandbox.ec2.delete_tags(
        Resources=[serving(m)["InstanceId"] for m in made.machines], Tags=[{"Key": "Stage"}])


@pytest.fixture
def fleet(stage):
    yield from opened(stage, CLUSTERS, MEMBERS)


@pytest.fixture
def small_fleet(stage):
    yield from opened(stage, 3, 1)


def result(applied):
    try:
        return json.loads(applied.stdout)
    except json.JSONDecodeError:
        pytest.fail(f"{applied.returncode}: {applied.stdout}{applied.stderr}")


def images(fleet):
    return [serving(m)["ImageId"] for m in fleet.machines]


def spans(stage, done):
    """When each rebuild began and ended, by its blue."""
    shown = json.loads(stage.run("status", "--json", "--journal", stage.sandbox.folder / "journal.db").stdout)
    known = {r["rebuild"]: r for r in shown["rebuilds"]}
    return {r["blue"]: (known[r["rebuild"]]["created"], known[r["rebuild"]]["updated"]) for r in done["rebuilds"]}


def most_at_once(intervals):
    return max(sum(begin <= at < end for begin, end in intervals) for at, _ in intervals)


def test_a_fleet_gets_its_image_and_no_cluster_has_two_members_away(stage, fleet):
    writers = [rig.Writer(m, 50, 50) for m in fleet.machines]
    applied = stage.apply(fleet.plan(), timeout=600)
    done = result(applied)
    assert applied.returncode == 0, applied.stderr
    assert done["rollout"]["rebuilt"] == done["rollout"]["machines"] == len(fleet.machines)
    assert images(fleet) == [stage.v2] * len(fleet.machines)
    away = spans(stage, done)
    for cluster in {m.cluster for m in fleet.machines}:
        assert most_at_once([away[m.id] for m in fleet.machines if m.cluster == cluster]) == 1
    assert 1 < most_at_once(list(away.values())) <= 3
    first = min(away, key=lambda blue: away[blue][0])
    assert all(begin >= away[first][1] for blue, (begin, _) in away.items() if blue != first), "a canary goes alone"
    for writer in writers:
        writer.stop()
        assert writer.lost() == []


def test_a_failing_canary_halts_the_rollout(stage, fleet):
    before = images(fleet)
    broken = [("/usr/lib/postgresql/15/bin/pg_isready -q -h 127.0.0.1", "grep -q IMAGE_VERSION=1 /etc/os-release"),
              ("outage_limit: 2m", "outage_limit: 15s")]
    applied = stage.apply(fleet.plan(*broken), timeout=600)
    done = result(applied)
    assert applied.returncode == 3, applied.stderr
    assert done["rollout"]["rolled_back"] == 1 and done["rollout"]["waiting"] == len(fleet.machines) - 1
    assert "1 of 6 machines failed, and at most 0 may" in done["rollout"]["halted"]
    assert "the rollout halts" in applied.stderr
    assert images(fleet) == before


def test_who_cannot_be_reached_holds_up_nobody_and_a_gate_waits_for_its_command(stage, small_fleet):
    lost = small_fleet.machines[1]
    stage.sandbox.ec2.stop_instances(InstanceIds=[lost.id])
    asked = stage.sandbox.folder / "asked"
    applied = stage.apply(small_fleet.plan(
        ("  failure_rate: 0\n", "  unreachable: { tries: 2, pause: 1s }\n"
         f"  gates: [{{ after: canary, command: 'test -e {asked} || {{ touch {asked}; exit 1; }}' }}]\n")), timeout=600)
    done = result(applied)
    assert applied.returncode == 1, applied.stderr
    assert (done["rollout"]["rebuilt"], done["rollout"]["unreachable"]) == (2, 1)
    assert "waits at its gate after canary" in applied.stderr and "its command failed" in applied.stderr
    assert [serving(m)["ImageId"] for m in small_fleet.machines if m is not lost] == [stage.v2] * 2
    assert len(done["rebuilds"]) == 3, "what was tried twice is told once"


def test_ctrl_c_at_a_gate_ends_in_order(stage, small_fleet):
    plan = small_fleet.plan(("  failure_rate: 0\n", "  gates: [{ after: canary, command: sleep 600 }]\n"))
    process = subprocess.Popen(
        stage.sandbox.inside([rig.changeover(), "apply", str(plan), "--events", "lines", "--journal",
                              str(stage.sandbox.folder / "gate.db")]),
        env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    assert any("waits at its gate after canary" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "1 of 3 machines rebuilt, 2 not begun; halted: an operator stopped it" in told
    assert sorted(serving(m)["ImageId"] for m in small_fleet.machines) == sorted([stage.v1, stage.v1, stage.v2])


def test_a_selection_of_nothing_and_machines_without_a_group_are_refused(stage):
    machine = stage.machine(provision=False)
    tags = [{"Key": "Stage", "Value": "lonely"}]
    plan = Fleet.plan(Fleet(stage, 0), ("Stage: production", "Stage: lonely"))
    nothing = stage.apply(plan)
    assert nothing.returncode == 1 and "no machine carries the tags Service=demo, Stage=lonely" in nothing.stderr
    stage.sandbox.ec2.create_tags(Resources=[machine.id], Tags=tags)
    ungrouped = stage.apply(plan)
    assert ungrouped.returncode == 65 and f"have no tag Cluster, by which the plan groups them: {machine.id}" in ungrouped.stderr
