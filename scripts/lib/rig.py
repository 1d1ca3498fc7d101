"""A sandbox with PostgreSQL machines in it: what the demo, the scenario tests and the benchmarks stand on.

Everything real: the sandbox is the product's own, machines are launched through its EC2 API with
boto3, provisioned over SSH, and their clients run inside the sandbox's network.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import boto3
import botocore.config

TOP = pathlib.Path(__file__).resolve().parents[2]
USER = "admin"
MOUNT = "/srv/data"
PG_BIN = "/usr/lib/postgresql/15/bin"
PG_DATA = f"{MOUNT}/postgresql"
PORT = 5432

# Its arguments: the disk's serial, and more lines for postgresql.conf.
PROVISION = f"""
set -eu
disk=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$1
for i in $(seq 200); do [ -e "$disk" ] && break; sleep 0.05; done
mkfs.ext4 -q -J size=4 "$disk"
mkdir -p {MOUNT}
mount "$disk" {MOUNT}
install -d -o postgres -g postgres -m 700 {PG_DATA}
runuser -u postgres -- {PG_BIN}/initdb -D {PG_DATA} -A trust --no-locale -E UTF8 --wal-segsize=1 >/dev/null
cat >> {PG_DATA}/postgresql.conf <<END
listen_addresses = '*'
unix_socket_directories = ''
min_wal_size = 2MB
$2
END
echo "host all all 0.0.0.0/0 trust" >> {PG_DATA}/pg_hba.conf
runuser -u postgres -- {PG_BIN}/pg_ctl -D {PG_DATA} -l {PG_DATA}/log -w start >/dev/null
runuser -u postgres -- {PG_BIN}/psql -h 127.0.0.1 -qc 'create table written (number bigint primary key)'
"""


class Failed(Exception):
    """Something that the rig needs did not work; the text is for people."""


def changeover():
    path = os.environ.get("CHANGEOVER", str(TOP / "build/release/engine/changeover"))
    if not os.access(path, os.X_OK):
        raise Failed(f"{path} is not there: run scripts/build")
    return path


def layers(image):
    """The folders that make up an image, as RegisterImage's ImageLocation wants them."""
    return subprocess.run([TOP / "scripts/sandbox-image", "--path", image], check=True, capture_output=True,
                          text=True).stdout.strip()


def wait_until(true, what, limit_s=120, pause_s=0.1, told=lambda: ""):
    """What `true` gives once it is something. `told` says, of a wait that was given up, what went on meanwhile."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        value = true()
        if value:
            return value
        time.sleep(pause_s)
    raise Failed(f"gave up after {limit_s} s waiting until {what}\n{told()}".rstrip())


class Sandbox:
    """A running `changeover sandbox` and its clients. Use as a context manager."""

    def __init__(self, latency="none", options=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="changeover-rig-"))
        self.state = self.folder / "sandbox"
        self.clients = []            # processes that end with the sandbox
        self.log = open(self.folder / "sandbox.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [changeover(), "sandbox", "--port", "0", "--state", self.state, "--latency", latency, *options],
            stdout=self.log, stderr=subprocess.STDOUT)
        try:
            wait_until(self._is_listening, "the sandbox listens", 30, 0.02)
            self._read_environment()
        except Failed:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _is_listening(self):
        if self.process.poll() is not None:
            raise Failed("the sandbox ended: " + self.output())
        return "listening on" in self.output()

    def output(self):
        self.log.flush()
        return (self.folder / "sandbox.log").read_text(encoding="utf-8")

    def _read_environment(self):
        text = (self.state / "env").read_text(encoding="utf-8")
        found = dict(re.findall(r"^(?:export )?(AWS_\w+)='?([^'\n]*)'?$", text, re.M))
        self.environment = {**os.environ, **found}
        self.endpoint = found["AWS_ENDPOINT_URL"]
        self.region = found.get("AWS_REGION", "eu-west-1")
        self.ec2 = boto3.client(
            "ec2", region_name=self.region, endpoint_url=self.endpoint,
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"], aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
            config=botocore.config.Config(retries={"max_attempts": 1}))

    def close(self, keep=False):
        for client in self.clients:
            client.kill()
            client.wait()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def inside(self, command):
        """The command, to be run in the sandbox's network."""
        return [changeover(), "sandbox", "enter", "--state", str(self.state), "--", *map(str, command)]

    def ask(self, path):
        """What the sandbox itself tells of what it did (not part of AWS)."""
        with urllib.request.urlopen(f"{self.endpoint}/_sandbox/{path}", timeout=10) as reply:
            return json.load(reply)

    def post(self, path, body, method="POST"):
        """Tells the sandbox something (not part of AWS); what it answers."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.endpoint).netloc, timeout=30)
        connection.request(method, f"/_sandbox/{path}", body)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        if reply.status != 200:
            raise Failed(f"/_sandbox/{path}: {reply.status} {text}")
        return text

    @contextlib.contextmanager
    def stuck_detaching(self):
        """Meanwhile the next volume to be detached stays `detaching`: nobody can get any further with it."""
        self.post("faults", "stuck-detaching")
        try:
            yield
        finally:
            self.post("faults", "", "DELETE")

    def effects(self):
        """Of what was asked for, what has come true so far."""
        return self.ask("effects")

    def make_key(self):
        self.key = self.folder / "id_ed25519"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rig", "-f", self.key], check=True)
        self.ec2.import_key_pair(KeyName="rig", PublicKeyMaterial=self.key.with_suffix(".pub").read_bytes())

    def register(self, image, name=None):
        return self.ec2.register_image(
            Name=name or f"postgresql-{image}", ImageLocation=layers(image), Architecture=self.architecture(),
            RootDeviceName="/dev/xvda", VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}])["ImageId"]

    @staticmethod
    def architecture():
        return {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)

    def ssh(self, address, command, stdin=None, check=True, user=USER):
        return subprocess.run(
            self.inside(["ssh", "-q", "-i", self.key, "-o", "StrictHostKeyChecking=no", "-o",
                         "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5",
                         f"{user}@{address}", command]),
            input=stdin, text=True, capture_output=True, check=check)


class Machine:
    """One PostgreSQL server: an instance, its data volume and its Elastic IP."""

    settings = ""    # of the server, beside those that all have

    def __init__(self, sandbox, image, name, provision=True):
        self.sandbox, self.name = sandbox, name
        ec2 = sandbox.ec2
        self.tags = [{"Key": "Name", "Value": name}, {"Key": "Service", "Value": "demo"}]
        self.id = ec2.run_instances(
            ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, KeyName="rig",
            TagSpecifications=[{"ResourceType": "instance", "Tags": self.tags}])["Instances"][0]["InstanceId"]
        address = ec2.allocate_address(Domain="vpc")
        self.address, self.allocation = address["PublicIp"], address["AllocationId"]
        wait_until(lambda: self.describe().get("State", {}).get("Name") == "running", f"{name} runs")
        self.image = image
        zone = self.describe()["Placement"]["AvailabilityZone"]
        self.volume = ec2.create_volume(
            AvailabilityZone=zone, Size=2, VolumeType="gp3", TagSpecifications=[
                {"ResourceType": "volume", "Tags": [*self.tags, {"Key": "Role", "Value": "data"}]}])["VolumeId"]
        wait_until(lambda: self.describe_volume()["State"] == "available", "the volume is there")
        ec2.attach_volume(VolumeId=self.volume, InstanceId=self.id, Device="/dev/sdf")
        ec2.associate_address(AllocationId=self.allocation, InstanceId=self.id)
        wait_until(lambda: self.sandbox.ssh(self.private_ip(), "true", check=False).returncode == 0,
                   f"{name} lets us log in", pause_s=0.2)
        if provision:
            self.provision()

    def describe(self, instance=None):
        try:
            shown = self.sandbox.ec2.describe_instances(InstanceIds=[instance or self.id])
        except self.sandbox.ec2.exceptions.ClientError:
            return {}
        return shown["Reservations"][0]["Instances"][0] if shown["Reservations"] else {}

    def describe_volume(self):
        return self.sandbox.ec2.describe_volumes(VolumeIds=[self.volume])["Volumes"][0]

    def describe_address(self):
        return self.sandbox.ec2.describe_addresses(AllocationIds=[self.allocation])["Addresses"][0]

    def private_ip(self, instance=None):
        return self.describe(instance)["PrivateIpAddress"]

    def provision(self):
        disk = self.volume.replace("-", "")
        self.sandbox.ssh(self.private_ip(), f"sudo sh -s {disk} {shlex.quote(self.settings)}", stdin=PROVISION)

    def rows(self):
        """All row numbers, read from outside through the Elastic IP."""
        program = ("import psycopg2; c = psycopg2.connect(host='%s', user='postgres', dbname='postgres', "
                   "connect_timeout=5).cursor(); c.execute('select number from written'); "
                   "print(*(n for n, in c))" % self.address)
        shown = subprocess.run(self.sandbox.inside(["/usr/bin/python3", "-c", program]), check=True,
                               capture_output=True, text=True)
        return set(map(int, shown.stdout.split()))


class Writer:
    """A client that commits through the Elastic IP all the time. See writer.py."""

    def __init__(self, machine, interval_ms=5, idle_ms=5):
        self.path = machine.sandbox.folder / f"acknowledged-{machine.id}"
        self.noted, self.read_until = [], 0    # of the file, so far
        self.machine = machine
        self.process = subprocess.Popen(machine.sandbox.inside(
            ["/usr/bin/python3", TOP / "scripts/lib/writer.py", machine.address, PORT, self.path, interval_ms,
             idle_ms]))
        machine.sandbox.clients.append(self.process)
        wait_until(lambda: len(self.acknowledged()) >= 20, "the writer's first commits are acknowledged", 30)

    def acknowledged(self):
        """(number, seconds) of each acknowledged commit, oldest first."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self.read_until)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.read_until += len(whole)
        self.noted += [(int(number), float(at)) for number, at in map(bytes.split, whole.splitlines())]
        return self.noted

    def stop(self):
        self.machine.sandbox.clients.remove(self.process)
        self.process.terminate()
        self.process.wait(10)

    def lost(self):
        present = self.machine.rows()
        return [number for number, _ in self.acknowledged() if number not in present]

    def outage_ms(self):
        """The longest time between two acknowledged commits."""
        times = [at for _, at in self.acknowledged()]
        return round(max(b - a for a, b in zip(times, times[1:])) * 1000)


def write_plan(sandbox, machines, image, changes=()):
    """plans/demo.yaml for these machines; `changes` are (from, to) replacements."""
    text = (TOP / "plans/demo.yaml").read_text(encoding="utf-8")
    replacements = [
        ("[i-00000000000000000]", "[" + ", ".join(m.id for m in machines) + "]"),
        ("ami-00000000000000000", image),
        ("~/.ssh/id_ed25519", str(sandbox.key)),
        *changes,
    ]
    for old, new in replacements:
        if old not in text:
            raise Failed(f"plans/demo.yaml has no {old}")
        text = text.replace(old, new)
    path = sandbox.folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def run_changeover(sandbox, *arguments, show=False, timeout=150):
    """Runs changeover in the sandbox's network. Progress goes to our stderr if show."""
    return subprocess.run(
        sandbox.inside([changeover(), *arguments]), env={**sandbox.environment, "HOME": str(sandbox.folder)},
        stdout=subprocess.PIPE, stderr=None if show else subprocess.PIPE, text=True, timeout=timeout)


def floor_ms(sandbox, machine, rebuild):
    """What the cloud and the service themselves took on the path that clients waited for.

    The cloud's part as the sandbox measured it (accepted until effective), the service's part as
    the guest measured it.
    """
    window = [e for e in sandbox.effects()[machine.effects_before:]
              if e["resource"] in (machine.volume, machine.allocation)]
    cloud = sum(e["effective_ms"] - e["accepted_ms"] for e in window)
    return round(cloud + sum(rebuild[k] for k in ("stop_ms", "unmount_ms", "mount_ms", "start_ms")))


def say(text, quiet=False):
    if not quiet:
        print(text, file=sys.stderr, flush=True)
