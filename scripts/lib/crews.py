"""Several workers on one rollout, of which one is killed now and then, and what they must have kept to."""

import collections
import contextlib
import json
import os
import signal
import subprocess

import fleets
import rig

TAKEN_OVER = "goes on where an earlier run ended"  # of a rebuild


@contextlib.contextmanager
def holding_back(what):
    """Who is started meanwhile does not die of that signal before it listens to it."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {what})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class Worker:
    """A process, and what it says."""

    def __init__(self, sandbox, store, name):
        self.log = sandbox.folder / f"{name}.log"
        with open(self.log, "w", encoding="utf-8") as log, holding_back(signal.SIGTERM):
            self.process = subprocess.Popen(
                sandbox.inside([rig.changeover(), "worker", "--name", name, "--store", store]),
                env={**sandbox.environment, "HOME": str(sandbox.folder)}, stdout=log, stderr=log)
        sandbox.clients.append(self.process)  # ended with it, whatever happens

    def told(self):
        return self.log.read_text(encoding="utf-8")

    def is_busy(self):
        """It has begun rebuilds, or gone on with some, that have not ended."""
        told = self.told()
        return told.count(" started: ") + told.count(TAKEN_OVER) > told.count(" finished\n")

    def stops_while_busy(self):
        """It stands still from then on, or what it had under way could end before it is killed."""
        if not self.is_busy() or self.process.poll() is not None:
            return False
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        if self.is_busy():
            return True
        self.process.send_signal(signal.SIGCONT)
        return False


class Crew:
    """`count` workers on one store; who is killed is replaced at once."""

    def __init__(self, sandbox, store, count):
        self.sandbox, self.store = sandbox, store
        self.killed = 0
        self.ever = []
        self.workers = []
        for _ in range(count):
            self._start()

    def _start(self):
        self.ever.append(Worker(self.sandbox, self.store, f"worker-{len(self.ever) + 1}"))
        self.workers.append(self.ever[-1])

    def kill_one(self, busy=False):
        """The one that has been there longest; of those that have something under way, if that is asked for."""
        victim = rig.wait_until(lambda: next((w for w in self.workers if not busy or w.stops_while_busy()), None),
                                "a worker has something under way", 120, 0.05, self.told)
        self.workers.remove(victim)
        victim.process.kill()
        victim.process.wait()
        self.killed += 1
        self._start()

    def kill_all(self):
        """Nobody takes their place."""
        for worker in self.workers:
            worker.process.kill()
            worker.process.wait()

    def end(self):
        """Each ends in order; their exit codes."""
        for worker in self.workers:
            worker.process.terminate()
        return [worker.process.wait(120) for worker in self.workers]

    def told(self):
        return "".join(worker.told() for worker in self.ever)


class Led:
    """A rollout that workers lead: what the journal tells of it."""

    def __init__(self, fleet, groups, in_flight, store, rollout):
        self.fleet, self.groups, self.in_flight, self.store, self.id = fleet, groups, in_flight, store, rollout
        self.sandbox = fleet.sandbox

    def report(self):
        shown = rig.run_changeover(self.sandbox, "report", self.id, "--json", "--store", self.store)
        if not shown.stdout.strip():
            raise rig.Failed(shown.stderr)
        return json.loads(shown.stdout)

    def rebuilt(self):
        """Or put back, if that is what it is for."""
        return self.report()["figures"]["rebuilt"]

    def _of_attachments(self, what):
        shown = self.sandbox.ec2.describe_volumes(VolumeIds=[s.volume for s in self.fleet.servers])["Volumes"]
        return [v["Attachments"][0][what] if v["Attachments"] else None for v in shown]

    def homes(self):
        """Where the data is now; None: on no machine."""
        return self._of_attachments("InstanceId")

    def attachments(self):
        """How it is there: `attached`, `detaching`, and so on; None: on no machine."""
        return self._of_attachments("State")

    def overstepped(self, machines):
        """Which limits were, going by when each machine was under way."""
        spans, found = spans_of(machines), []
        if most_at_once(spans.values()) > self.in_flight:
            found.append(f"{most_at_once(spans.values())} machines were under way at once")
        for group in range(self.groups):
            most = most_at_once([spans[s.id] for s in self.fleet.servers[group::self.groups] if s.id in spans])
            if most > 1:
                found.append(f"{most} members of group {group} were away at once")
        return found


class Rollout(Led):
    """A rollout over a fleet of virtual machines in groups, left to workers; blue is kept for that long."""

    def __init__(self, fleet, groups, image, in_flight, store, keep="0s"):
        self.image = image
        plan = fleet.sandbox.folder / f"{fleet.stage}.yaml"
        text = fleets.plan(fleet.sandbox, fleet, image, in_flight)
        text = text.replace("tags: { Service: demo", "group_by: Cluster\n  tags: { Service: demo")
        text = text.replace("keep: 0s", f"keep: {keep}").replace("name: fleet", f"name: {fleet.stage}")
        plan.write_text(text + "  waves: [25%, 100%]\n", encoding="utf-8")
        super().__init__(fleet, groups, in_flight, store, left_to_workers(fleet.sandbox, store, "apply", plan))

    def launched(self):
        """Every machine that was ever launched from the image and is still known."""
        shown = self.sandbox.ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "image-id", "Values": [self.image]}])
        return {i["InstanceId"] for page in shown for r in page["Reservations"] for i in r["Instances"]}

    def offences(self):
        """What was not kept to, in words."""
        machines = self.report()["machines"]
        greens, homes = self.launched(), self.homes()
        found = [f"{m['machine']} is {m['state']}" for m in machines if m["state"] != "rebuilt"]
        found += self.overstepped(machines)
        if len(greens) != len(machines):
            found.append(f"{len(greens)} machines were launched for {len(machines)}")
        if set(homes) != greens or len(set(homes)) != len(homes):
            found.append("some data is not on a machine of its own")
        return found


class WayBack(Led):
    """The rollout that puts another one back."""

    def __init__(self, rollout, way_back):
        super().__init__(rollout.fleet, rollout.groups, rollout.in_flight, rollout.store, way_back)
        self.rollout = rollout

    def offences(self, events):
        """What was not kept to, in words; `events` are the sandbox's since it began."""
        machines = self.report()["machines"]
        blue = {s.volume: s.id for s in self.fleet.servers}
        came = collections.Counter(e["resource"] for e in events
                                   if e["action"] == "AttachVolume" and e["other"] == blue.get(e["resource"]))
        ended = collections.Counter(e["resource"] for e in events if e["action"] == "TerminateInstances")
        found = [f"{m['machine']} is {m['state']}" for m in machines if m["state"] != "rebuilt"]
        found += self.overstepped(machines)
        expected = {volume: 1 for volume, machine in blue.items() if machine in spans_of(machines)}
        if came != expected:
            found.append(f"volumes came back {dict(came)} times, and should {expected}")
        if ended != dict.fromkeys(self.rollout.launched(), 1):
            found.append(f"these were terminated, so often: {dict(ended)}")
        if self.homes() != list(blue.values()):
            found.append("some data is not where it was")
        return found


def left_to_workers(sandbox, store, *command):
    """The id of the rollout that a command with --detach wrote down."""
    left = rig.run_changeover(sandbox, *command, "--detach", "--json", "--store", store)
    if left.returncode:
        raise rig.Failed(left.stderr)
    return json.loads(left.stdout)["rollout"]


def spans_of(machines):
    """When each machine was under way."""
    return {m["machine"]: (m["began"], m["ended"]) for m in machines}


def most_at_once(spans):
    """Of (begin, end) the most that overlap."""
    spans = list(spans)
    return max((sum(begin <= at < end for begin, end in spans) for at, _ in spans), default=0)
