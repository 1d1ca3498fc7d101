"""Several workers on one rollout, of which one is killed now and then, and what they must have kept to."""

import json
import subprocess

import fleets
import rig


class Crew:
    """`count` workers on one store; who is killed is replaced at once."""

    def __init__(self, sandbox, store, count):
        self.sandbox, self.store = sandbox, store
        self.started = self.killed = 0
        self.log = open(sandbox.folder / "workers.log", "w", encoding="utf-8")
        self.workers = [self._start() for _ in range(count)]

    def _start(self):
        self.started += 1
        worker = subprocess.Popen(
            self.sandbox.inside([rig.changeover(), "worker", "--name", f"worker-{self.started}", "--store", self.store]),
            env={**self.sandbox.environment, "HOME": str(self.sandbox.folder)},
            stdout=subprocess.DEVNULL, stderr=self.log)
        self.sandbox.clients.append(worker)  # ended with it, whatever happens
        return worker

    def kill_one(self):
        """The one that has been there longest."""
        victim = self.workers.pop(0)
        victim.kill()
        victim.wait()
        self.killed += 1
        self.workers.append(self._start())

    def end(self):
        """Each ends in order; their exit codes."""
        for worker in self.workers:
            worker.terminate()
        codes = [worker.wait(120) for worker in self.workers]
        self.log.close()
        return codes

    def told(self):
        return (self.sandbox.folder / "workers.log").read_text(encoding="utf-8")


class Rollout:
    """A rollout over a fleet of virtual machines in groups, left to workers."""

    def __init__(self, fleet, groups, image, in_flight, store):
        self.fleet, self.groups, self.image, self.in_flight, self.store = fleet, groups, image, in_flight, store
        self.sandbox = fleet.sandbox
        plan = self.sandbox.folder / "fleet.yaml"
        text = fleets.plan(self.sandbox, fleet, image, in_flight)
        text = text.replace("tags: { Service: demo", "group_by: Cluster\n  tags: { Service: demo")
        plan.write_text(text + "  waves: [25%, 100%]\n", encoding="utf-8")
        left = rig.run_changeover(self.sandbox, "apply", "--detach", plan, "--json", "--store", store)
        if left.returncode:
            raise rig.Failed(left.stderr)
        self.id = json.loads(left.stdout)["rollout"]

    def report(self):
        shown = rig.run_changeover(self.sandbox, "report", self.id, "--json", "--store", self.store)
        if not shown.stdout.strip():
            raise rig.Failed(shown.stderr)
        return json.loads(shown.stdout)

    def rebuilt(self):
        return self.report()["figures"]["rebuilt"]

    def greens(self):
        """Every machine that was ever launched from the image and is still known."""
        shown = self.sandbox.ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "image-id", "Values": [self.image]}])
        return {i["InstanceId"] for page in shown for r in page["Reservations"] for i in r["Instances"]}

    def homes(self):
        """Where the data is now."""
        shown = self.sandbox.ec2.describe_volumes(VolumeIds=[s.volume for s in self.fleet.servers])["Volumes"]
        return [v["Attachments"][0]["InstanceId"] for v in shown]

    def offences(self):
        """What was not kept to, in words."""
        machines = self.report()["machines"]
        spans = {m["machine"]: (m["began"], m["ended"]) for m in machines}
        greens, homes = self.greens(), self.homes()
        found = [f"{m['machine']} is {m['state']}" for m in machines if m["state"] != "rebuilt"]
        if most_at_once(spans.values()) > self.in_flight:
            found.append(f"{most_at_once(spans.values())} machines were under way at once")
        for group in range(self.groups):
            most = most_at_once([spans[s.id] for s in self.fleet.servers[group::self.groups]])
            if most > 1:
                found.append(f"{most} members of group {group} were away at once")
        if len(greens) != len(machines):
            found.append(f"{len(greens)} machines were launched for {len(machines)}")
        if set(homes) != greens or len(set(homes)) != len(homes):
            found.append("some data is not on a machine of its own")
        return found


def most_at_once(spans):
    """Of (begin, end) the most that overlap."""
    spans = list(spans)
    return max((sum(begin <= at < end for begin, end in spans) for at, _ in spans), default=0)
