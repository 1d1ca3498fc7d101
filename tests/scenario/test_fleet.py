"""A new image for many machines: canary, waves, clusters that keep serving, and halts."""

import json
import signal
import subprocess

import pytest

import rig

CLUSTERS, MEMBERS = 3, 4


class Fleet:
    """Clusters of PostgreSQL machines, and the plan that rolls out over them."""

    def __init__(self, stage, clusters=CLUSTERS, members=MEMBERS):
        self.stage = stage
        self.machines = stage.machines(clusters * members)
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


def most_at_once(intervals):
    return max(sum(begin <= at < end for begin, end in intervals) for at, _ in intervals)


def journal_of(stage):
    return stage.sandbox.folder / "rollout.db"


def told(stage, *arguments):
    """A command about rollouts that ends well; its document."""
    done = stage.run(*arguments, "--json", "--journal", journal_of(stage))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def newest(stage):
    listed = stage.run("status", "--json", "--journal", journal_of(stage))
    return listed.returncode == 0 and [r["rollout"] for r in json.loads(listed.stdout)["rollouts"]][0:1]


def standing(stage, rollout):
    return told(stage, "status", rollout)["rollouts"][0]


def count(stage, rollout, state):
    return standing(stage, rollout)["figures"][state]


class Driver:
    """An `apply` that runs beside the test."""

    def __init__(self, stage, plan):
        self.process = subprocess.Popen(
            stage.sandbox.inside([rig.changeover(), "apply", str(plan), "--events", "lines", "--journal",
                                  str(journal_of(stage))]),
            env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)}, stdout=subprocess.DEVNULL,
            stderr=open(stage.sandbox.folder / "driver.log", "a", encoding="utf-8"), text=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_stopped_while(self, is_busy):
        """What it has under way then cannot end before it is killed."""
        if not is_busy():
            return False
        self.process.send_signal(signal.SIGSTOP)
        if is_busy():
            return True
        self.process.send_signal(signal.SIGCONT)
        return False


def check_away(stage, fleet, rollout):
    """How many were away at once, as the journal has it."""
    machines = told(stage, "report", rollout)["machines"]
    spans = {m["machine"]: (m["began"], m.get("ended", "9")) for m in machines if m.get("began")}
    for cluster in {m.cluster for m in fleet.machines}:
        assert most_at_once([spans[m.id] for m in fleet.machines if m.cluster == cluster and m.id in spans]) == 1
    assert 1 < most_at_once(list(spans.values())) <= 3


def is_past(stage, rollout, rebuilt):
    """So many are rebuilt, and rebuilds of others have begun."""
    machines = told(stage, "report", rollout)["machines"]
    return (sum(m["state"] == "rebuilt" for m in machines) >= rebuilt
            and any(m["state"] == "under-way" and m.get("rebuild") for m in machines))


def failed_in(stage, rollout):
    """Which machines failed, and in which stage each of them stood."""
    machines = told(stage, "report", rollout)["machines"]
    return [(m["machine"], m["stage"]) for m in machines if m["state"] == "rolled-back"]


POISON = ("/usr/lib/postgresql/15/bin/pg_isready -q -h 127.0.0.1",
          "test ! -e /srv/data/poison || grep -q IMAGE_VERSION=1 /etc/os-release")


def test_twelve_machines_through_a_gate_a_lost_worker_a_failing_wave_and_back(stage, fleet):
    writers = [rig.Writer(m, 50, 50) for m in fleet.machines[::4]]
    poisoned = sorted(fleet.machines, key=lambda m: m.name)[len(fleet.machines) // 2]    # the third wave's first
    stage.sandbox.ssh(poisoned.private_ip(), "sudo touch /srv/data/poison")
    plan = fleet.plan(POISON, ("outage_limit: 2m", "outage_limit: 30s"), ("keep: 0s", "keep: 1h"),
                      ("  waves: [50%, 100%]\n", "  waves: [25%, 50%, 100%]\n  gates: [{ after: canary }]\n"))
    driver = Driver(stage, plan)
    [rollout] = rig.wait_until(lambda: newest(stage), "it is recorded", 60)
    rig.wait_until(lambda: count(stage, rollout, "rebuilt") == 1, "the canary is rebuilt", 90)
    assert images(fleet).count(stage.v2) == 1, "a gate is shut"
    told(stage, "promote", rollout)
    rig.wait_until(lambda: driver.is_stopped_while(lambda: is_past(stage, rollout, 4)), "the second wave is begun", 120)
    driver.kill()
    halted = stage.run("apply", plan, "--journal", journal_of(stage), "--json", timeout=300)
    done = result(halted)["rollout"]
    assert halted.returncode == 3 and done["id"] == rollout, halted.stderr
    assert done["rolled_back"] == 1 and "1 of 12 machines failed, and at most 0 may" in done["halted"]
    assert "goes on where an earlier run ended" in halted.stderr
    assert failed_in(stage, rollout) == [(poisoned.id, "wave 3")]
    check_away(stage, fleet, rollout)
    resumed = stage.run("resume", rollout, "--journal", journal_of(stage), "--json", timeout=300)
    assert resumed.returncode == 0, resumed.stderr
    assert images(fleet).count(stage.v2) == 11
    assert told(stage, "report", rollout)["summary"].startswith("11 of 12 machines rebuilt, 1 rolled back")
    back = stage.run("rollback", rollout, "--journal", journal_of(stage), "--json", timeout=300)
    assert back.returncode == 0, back.stderr
    assert images(fleet) == [stage.v1] * len(fleet.machines)
    assert standing(stage, rollout)["state"] == "reverted"
    for writer in writers:
        writer.stop()
        assert writer.lost() == []


def test_a_failing_canary_halts_the_rollout(stage, small_fleet):
    fleet, before = small_fleet, images(small_fleet)
    broken = [("/usr/lib/postgresql/15/bin/pg_isready -q -h 127.0.0.1", "grep -q IMAGE_VERSION=1 /etc/os-release"),
              ("outage_limit: 2m", "outage_limit: 15s")]
    applied = stage.apply(fleet.plan(*broken), timeout=600)
    done = result(applied)
    assert applied.returncode == 3, applied.stderr
    assert done["rollout"]["rolled_back"] == 1 and done["rollout"]["waiting"] == len(fleet.machines) - 1
    assert "1 of 3 machines failed, and at most 0 may" in done["rollout"]["halted"]
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


class Operator:
    """Another terminal than the one in which a rollout runs."""

    def __init__(self, stage, journal):
        self.stage, self.journal = stage, stage.sandbox.folder / journal

    def start(self, *arguments):
        return subprocess.Popen(
            self.stage.sandbox.inside([rig.changeover(), *map(str, arguments), "--journal", str(self.journal)]),
            env={**self.stage.sandbox.environment, "HOME": str(self.stage.sandbox.folder)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def say(self, *arguments, code=0):
        done = self.stage.run(*arguments, "--journal", self.journal)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def rollout(self):
        return json.loads(self.say("status", "--json"))["rollouts"][0]


def test_ctrl_c_at_a_gate_ends_in_order_and_operators_lead_the_rollout_on(stage, small_fleet):
    plan = small_fleet.plan(("  failure_rate: 0\n", "  gates: [{ after: canary, command: sleep 600 }]\n"))
    operator = Operator(stage, "gate.db")
    process = operator.start("apply", plan, "--events", "lines")
    assert any("waits at its gate after canary" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "1 of 3 machines rebuilt, 2 not begun; halted: an operator stopped it" in told
    assert sorted(serving(m)["ImageId"] for m in small_fleet.machines) == sorted([stage.v1, stage.v1, stage.v2])

    assert "waits for an operator: nobody drives it" in operator.say("watch", code=4)
    operator.say("pause")
    assert "gate 1, after canary is open\nwave 1 is next\n" in operator.say("promote")
    process = operator.start("apply", plan, "--events", "lines")
    assert any("the rollout is paused" in line for line in process.stderr)
    rollout = operator.rollout()
    assert rollout["figures"]["waiting"] == 2 and "it is paused" in operator.say("watch", rollout["rollout"], code=4)

    operator.say("pause", "--off")
    rig.wait_until(lambda: operator.rollout()["figures"]["under_way"] > 0, "the pause is over")
    assert "then it ends, as an operator asked" in operator.say("abort", "--keep")
    operator.say("watch", rollout["rollout"], code=1)
    process.communicate(timeout=60)
    rollout = operator.rollout()
    assert rollout["state"] == "aborted" and rollout["figures"]["under_way"] == 0
    assert f"{rollout['figures']['rebuilt']} of 3 machines rebuilt" in operator.say("report", "--format", "markdown")


def test_who_drives_a_rollout_that_is_wanted_back_puts_it_back(stage, small_fleet):
    before = images(small_fleet)
    plan = small_fleet.plan(("  failure_rate: 0\n", "  gates: [{ after: canary, command: sleep 600 }]\n"),
                            ("keep: 0s", "keep: 1h"))
    operator = Operator(stage, "back.db")
    process = operator.start("apply", plan, "--events", "lines")
    assert any("waits at its gate after canary" in line for line in process.stderr)
    assert images(small_fleet).count(stage.v2) == 1
    operator.say("abort", "--revert")
    _, told = process.communicate(timeout=180)
    assert process.returncode == 3, told
    assert images(small_fleet) == before
    states = {r["kind"]: r["state"] for r in json.loads(operator.say("status", "--json"))["rollouts"]}
    assert states == {"forward": "reverted", "back": "done"}


def test_a_selection_of_nothing_and_machines_without_a_group_are_refused(stage):
    machine = stage.machine(provision=False)
    tags = [{"Key": "Stage", "Value": "lonely"}]
    plan = Fleet.plan(Fleet(stage, 0), ("Stage: production", "Stage: lonely"))
    nothing = stage.apply(plan)
    assert nothing.returncode == 1 and "no machine carries the tags Service=demo, Stage=lonely" in nothing.stderr
    stage.sandbox.ec2.create_tags(Resources=[machine.id], Tags=tags)
    ungrouped = stage.apply(plan)
    assert ungrouped.returncode == 65 and f"have no tag Cluster, by which the plan groups them: {machine.id}" in ungrouped.stderr
