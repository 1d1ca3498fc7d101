"""Fleets of virtual machines: as many as wanted in one sandbox, each with a volume, an Elastic IP and a service."""

import concurrent.futures
import json
import subprocess
import urllib.parse

import rig

MOUNT = "/srv/data"
SERVICE_PORT = 8080
LAUNCHED_AT_ONCE = 50
CLIENTS = 8
TAGGED_AT_ONCE = 500
USER_DATA = "#!/bin/sh\n"      # as nearly all machines have some; virtual ones do not run it


def sshd():
    return subprocess.run([rig.TOP / "scripts/fetch-sshd"], check=True, capture_output=True, text=True).stdout.strip()


class VirtualSandbox(rig.Sandbox):
    """A sandbox whose machines are states, and can be logged in to all the same."""

    def __init__(self, latency="none", options=()):
        super().__init__(latency, ("--virtual", "--sshd", sshd(), *options))

    def register(self, image, name=None):
        return self.ec2.register_image(
            Name=name or f"virtual-{image}", ImageLocation=f"/virtual/{image}", Architecture="x86_64",
            RootDeviceName="/dev/xvda", VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}])["ImageId"]

    def throttle(self, on):
        """EC2's token buckets: full ones, or none."""
        self.post("throttle", "on" if on else "off")

    def run_on(self, instance, line):
        """(exit code, output) of a command on a machine, without a login."""
        answer = json.loads(self.post(f"guests/{instance}?" + "line=" + urllib.parse.quote(line, safe=""), ""))
        return answer["exit"], answer["out"] + answer["errors"]


def plan(sandbox, fleet, image, in_flight):
    """The text of a plan that gives the fleet that image."""
    text = (rig.TOP / "tests/bench/peers/fleet.yaml").read_text(encoding="utf-8")
    for name, value in [("IMAGE", image), ("KEY", sandbox.key), ("STAGE", fleet.stage), ("IN_FLIGHT", in_flight)]:
        text = text.replace(name, str(value))
    return text


def answer_at(sandbox, address):
    """Which instance's service answers there, or None."""
    asked = subprocess.run(sandbox.inside(["curl", "-s", "-m", "5", f"http://{address}:{SERVICE_PORT}/"]),
                           capture_output=True, text=True)
    return asked.stdout.strip() or None


class Server:
    """One machine of a fleet, as it was when the fleet was made."""

    def __init__(self, instance, volume, private_ip):
        self.id, self.volume, self.private_ip = instance, volume, private_ip
        self.address = self.allocation = None


class Fleet:
    """`count` machines, all with the tags Service=demo and Stage=production; the first `serving` (all) serve."""

    def __init__(self, sandbox, image, count, stage="production", groups=1, serving=None):
        self.sandbox, self.image, self.stage = sandbox, image, stage
        self.servers = []
        self.pool = concurrent.futures.ThreadPoolExecutor(CLIENTS)
        while len(self.servers) < count:
            self.servers += self._launch(min(LAUNCHED_AT_ONCE, count - len(self.servers)))
        self._tag(groups)
        list(self.pool.map(self._give_address, self.servers))
        rig.wait_until(self._all_booted, "all machines are up", 120, 0.5)
        list(self.pool.map(self._provision, self.servers[:serving]))

    def _launch(self, count):
        shown = self.sandbox.ec2.run_instances(
            ImageId=self.image, InstanceType="t3.micro", MinCount=count, MaxCount=count, KeyName="rig",
            UserData=USER_DATA,
            BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {
                "VolumeSize": 2, "VolumeType": "gp3", "DeleteOnTermination": False}}])["Instances"]
        ids = [i["InstanceId"] for i in shown]
        shown = rig.wait_until(lambda: self._describe(ids), "the launch is visible", 60, 0.2)
        return [Server(i["InstanceId"], self._data_volume(i), i["PrivateIpAddress"]) for i in shown]

    def _describe(self, ids):
        try:
            found = self.sandbox.ec2.describe_instances(InstanceIds=ids)["Reservations"]
        except self.sandbox.ec2.exceptions.ClientError:
            return None
        return [i for r in found for i in r["Instances"]]

    @staticmethod
    def _data_volume(shown):
        return next(d["Ebs"]["VolumeId"] for d in shown["BlockDeviceMappings"] if d["DeviceName"] == "/dev/sdf")

    def _create_tags(self, resources, **tags):
        for at in range(0, len(resources), TAGGED_AT_ONCE):
            self.sandbox.ec2.create_tags(Resources=resources[at:at + TAGGED_AT_ONCE],
                                         Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    def _tag(self, groups):
        self._create_tags([s.id for s in self.servers], Service="demo", Stage=self.stage)
        self._create_tags([s.volume for s in self.servers], Role="data")
        for group in range(groups):
            self._create_tags([s.id for s in self.servers[group::groups]], Cluster=f"cluster-{group}")

    def _give_address(self, server):
        given = self.sandbox.ec2.allocate_address(Domain="vpc")
        server.address, server.allocation = given["PublicIp"], given["AllocationId"]
        rig.wait_until(lambda: self._associate(server), f"{server.id} takes an address", 60, 0.5)

    def _associate(self, server):
        try:
            self.sandbox.ec2.associate_address(AllocationId=server.allocation, InstanceId=server.id)
        except self.sandbox.ec2.exceptions.ClientError as refusal:
            if refusal.response["Error"]["Code"] != "InvalidInstanceID":
                raise
            return False
        return True

    def _all_booted(self):
        ours = {s.id for s in self.servers}
        return all(i["booted"] for i in self.sandbox.ask("instances") if i["id"] in ours)

    def _provision(self, server):
        disk = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + server.volume.replace("-", "")
        code, words = self.sandbox.run_on(
            server.id, f"mkfs.ext4 {disk} && mount {disk} {MOUNT} && systemctl start app")
        if code:
            raise rig.Failed(f"{server.id}: {words}")
