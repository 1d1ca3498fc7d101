"""Locks of other services: taken before a machine is touched, given back after a good end. Real TLS, real peers."""

import json
import pathlib
import signal
import subprocess
import threading
import time

import pytest

import rig

PEER = pathlib.Path(__file__).with_name("lock_peer.py")
WEB3 = "web3.example.com"

# A disk with a filesystem, and no database: these tests are about when, not about data.
PREPARE = """
set -eu
disk=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$1
for i in $(seq 200); do [ -e "$disk" ] && break; sleep 0.05; done
mkfs.ext4 -q -J size=4 "$disk"
mkdir -p /srv/data
mount "$disk" /srv/data
"""
SERVICE = [
    ("stop: runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D /srv/data/postgresql -m fast -w stop",
     'stop: "true"'),
    ("start: runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D /srv/data/postgresql -l "
     "/srv/data/postgresql/log -w start", 'start: "true"'),
    ("tcp: 5432", "tcp: 22"), ("/usr/lib/postgresql/15/bin/pg_isready -q -h 127.0.0.1", "mountpoint -q /srv/data")]


def certify(folder, name, extension):
    """name.pem and name.key, signed by the test's own authority."""
    subprocess.run(
        ["sh", "-ec", f"""
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}.example.com
printf '%s' '{extension}' > {name}.ext
openssl x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile {name}.ext -out {name}.pem
"""], cwd=folder, check=True, capture_output=True)


class Peer:
    """A lock service in the sandbox's network."""

    def __init__(self, sandbox):
        self.folder = sandbox.folder / "locks"
        self.folder.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "1"],
                       cwd=self.folder, check=True, capture_output=True)
        certify(self.folder, "server", "subjectAltName=IP:127.0.0.1")
        certify(self.folder, "changeover", "extendedKeyUsage=clientAuth")
        sandbox.clients.append(subprocess.Popen(sandbox.inside(["/usr/bin/python3", PEER, self.folder])))
        port = rig.wait_until(self.port, "the lock service listens", 10, 0.05)
        self.url = f"https://127.0.0.1:{port}"
        self.tls = (f"ca: {self.folder}/ca.pem, certificate: {self.folder}/changeover.pem, "
                    f"key: {self.folder}/changeover.key")

    def port(self):
        file = self.folder / "port"
        return file.exists() and file.read_text(encoding="utf-8")

    def fdlm(self, wait="20s", name="{{group}}", url=None, tls=None):
        return f'fdlm: {{ url: "{url or self.url}", name: "{name}", wait: {wait}, {tls or self.tls} }}'

    def fleetlock(self, wait="20s", group="eu.{{group}}"):
        return f'fleetlock: {{ url: "{self.url}", group: "{group}", wait: {wait}, {self.tls} }}'

    def file(self, lock):
        return self.folder / "held" / lock

    def hold(self, lock, holder=WEB3):
        self.file(lock).write_text(holder, encoding="utf-8")

    def free(self, lock):
        self.file(lock).unlink()

    def is_held(self, lock):
        return self.file(lock).exists()

    def mode(self, mode):
        (self.folder / "mode").write_text(mode, encoding="utf-8")

    def requests(self):
        """All so far; and forgets them."""
        log = self.folder / "log"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.write_text("", encoding="utf-8")
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def peer(stage):
    return Peer(stage.sandbox)


@pytest.fixture(scope="module")
def pair(stage):
    """Two machines of one cluster."""
    machines = [stage.machine(provision=False), stage.machine(provision=False)]
    for m in machines:
        stage.sandbox.ssh(m.private_ip(), f"sudo sh -s {m.volume.replace('-', '')}", stdin=PREPARE)
    stage.sandbox.ec2.create_tags(Resources=[m.id for m in machines], Tags=[
        {"Key": "Stage", "Value": "production"}, {"Key": "Cluster", "Value": "cluster-1"}])
    return machines


def write_plan(stage, locks, image, *changes):
    text = (rig.TOP / "plans/fleet.yaml").read_text(encoding="utf-8")
    for old, new in [("~/.ssh/id_ed25519", str(stage.sandbox.key)),
                     ('newest: { owner: self, name: "postgresql-*" }', f"id: {image}"), ("bake: 3s", "bake: 0s"), *SERVICE,
                     ("  failure_rate: 0\n", "  locks:\n" + "".join(f"    - {lock}\n" for lock in locks)), *changes]:
        assert old in text, old
        text = text.replace(old, new)
    path = stage.sandbox.folder / "locks.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def journal(stage):
    shown = stage.run("status", "--json", "--journal", stage.sandbox.folder / "journal.db")
    return json.loads(shown.stdout)["rebuilds"]


def since_epoch(text):
    return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone + float(text[19:-1] or 0)


def of(requests, method, path, status=200):
    return [r["at"] for r in requests if (r["method"], r["status"]) == (method, status) and path in r["path"]]


def test_a_machine_waits_for_its_locks_takes_them_first_and_gives_them_back(stage, peer, pair):
    plan = write_plan(stage, [peer.fdlm(), peer.fleetlock()], stage.v2)
    peer.hold("cluster-1")
    threading.Timer(2, peer.free, ["cluster-1"]).start()
    applied = stage.apply(plan, timeout=120)
    assert applied.returncode == 0, applied.stderr
    assert f"waits for lock cluster-1 on {peer.url}: held by {WEB3}" in applied.stderr
    assert json.loads(applied.stdout)["rollout"]["rebuilt"] == len(pair)
    requests = peer.requests()
    assert {r["who"] for r in requests} == {"changeover.example.com"}
    refused, taken = of(requests, "PUT", "/cluster-1/", 412), of(requests, "PUT", "/cluster-1/")
    slots, back = of(requests, "POST", "pre-reboot"), of(requests, "DELETE", "/cluster-1/")
    done = sorted((since_epoch(r["created"]), since_epoch(r["updated"])) for r in journal(stage))
    assert refused and len(taken) == len(slots) == len(back) == len(done) == 2
    for (begun, ended), lock, slot, given in zip(done, taken, slots, back):
        assert lock < slot < begun < ended < given
    assert not peer.is_held("cluster-1") and not peer.is_held("slot%20of%20eu.cluster-1")


def another_image(stage, pair):
    """One that the machines do not have: those that have it take no locks."""
    now = pair[0].describe(pair[0].describe_address()["InstanceId"])["ImageId"]
    return stage.v1 if now == stage.v2 else stage.v2


def assert_locked_out(stage, peer, plan, words):
    before = stage.mutations()
    applied = stage.apply(plan, timeout=60)
    assert applied.returncode == 5, applied.stderr
    assert words in applied.stderr
    assert stage.mutations() == before
    assert not peer.is_held("cluster-1")
    assert json.loads(applied.stdout)["rollout"]["locked_out"] == 2


def test_a_lock_that_is_never_free_is_given_up_and_those_before_it_are_given_back(stage, peer, pair):
    plan = write_plan(stage, [peer.fdlm(), peer.fleetlock(wait="1s")], another_image(stage, pair),
                      ("per_group: 1", "per_group: 2"), ("  canary: 1\n", ""), ("waves: [50%, 100%]", "waves: [100%]"))
    peer.hold("slot%20of%20eu.cluster-1", "i-other")
    assert_locked_out(stage, peer, plan, f"lock eu.cluster-1 on {peer.url} was not to be had within 1.0 s: "
                                         "failed_lock: the slot is taken by i-other")
    peer.free("slot%20of%20eu.cluster-1")
    requests = peer.requests()
    assert of(requests, "PUT", "/cluster-1/") and len(of(requests, "DELETE", "/cluster-1/")) == 1, "shared by both"


@pytest.mark.parametrize("trouble, words", [
    ("down", "could not connect"),
    ("nonsense", "the server's answer is not that of a lock"),
    ("distrusted", "the TLS certificate is not trusted"),
    ("keyless", "our TLS certificate or its key could not be used"),
])
def test_a_service_that_is_not_as_it_should_be_is_told_and_nothing_is_touched(stage, peer, pair, trouble, words):
    locks = {
        "down": peer.fdlm("0", url="https://127.0.0.1:1"),
        "nonsense": peer.fdlm("0"),
        "distrusted": peer.fdlm("20s", tls="ca: /etc/ssl/certs/ca-certificates.crt"),
        "keyless": peer.fdlm("20s", tls=f"ca: {peer.folder}/ca.pem, certificate: {peer.folder}/ca.pem, key: gone.key"),
    }
    peer.mode(trouble)
    try:
        assert_locked_out(stage, peer, write_plan(stage, [locks[trouble]], another_image(stage, pair)), words)
    finally:
        peer.mode("")


def interrupt(stage, plan):
    """Applies until a green is being launched; what was told."""
    process = subprocess.Popen(
        stage.sandbox.inside([rig.changeover(), "apply", plan, "--events", "lines", "--journal",
                              stage.sandbox.folder / "journal.db"]),
        env={**stage.sandbox.environment, "HOME": str(stage.sandbox.folder)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    assert any("launch" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    return told


def test_what_is_half_done_keeps_its_lock_until_it_has_come_to_a_good_end(stage, peer, pair):
    plan = write_plan(stage, [peer.fdlm()], stage.v1)
    assert "keeps its locks: its rebuild has not come to a good end" in interrupt(stage, plan)
    assert peer.is_held("cluster-1")
    unfinished = next(r["rebuild"] for r in journal(stage) if r["state"] == "parked")
    back = stage.run("rollback", unfinished, "--journal", stage.sandbox.folder / "journal.db")
    assert back.returncode == 0, back.stderr
    assert not peer.is_held("cluster-1")
    interrupt(stage, plan)
    assert peer.is_held("cluster-1")
    applied = stage.apply(plan, timeout=120)
    assert applied.returncode == 0, applied.stderr
    assert not peer.is_held("cluster-1")
    assert {m.describe(m.describe_address()["InstanceId"])["ImageId"] for m in pair} == {stage.v1}


def test_a_group_that_fleetlock_does_not_take_is_refused_by_name(stage, peer, pair):
    machines = [m.describe_address()["InstanceId"] for m in pair]
    stage.sandbox.ec2.create_tags(Resources=machines[1:], Tags=[{"Key": "Cluster", "Value": "two words"}])
    plan = write_plan(stage, [peer.fleetlock(group="{{group}}")], stage.v2)
    for command in "plan", "apply":
        refused = stage.run(command, plan, "--journal", stage.sandbox.folder / "journal.db")
        assert refused.returncode == 65
        assert f"{machines[1]}: `two words` is no group of FleetLock's" in refused.stderr
