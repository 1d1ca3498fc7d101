"""Faults of the sandbox that need a machine: SSH that breaks, host keys that change, machines that die."""

import subprocess
import time
import urllib.request

import pytest

import rig


class Faults:
    """A sandbox through which SSH passes, with one machine that has a key and no service."""

    def __init__(self, sandbox, faults):
        self.sandbox = sandbox
        sandbox.make_key()
        self.machine = rig.Machine(sandbox, sandbox.register("v1"), "faulty", provision=False)
        self.ip = self.machine.private_ip()
        self.faults = faults

    def play(self, line, method="POST"):
        request = urllib.request.Request(f"{self.sandbox.endpoint}/_sandbox/faults", method=method, data=line.encode())
        urllib.request.urlopen(request, timeout=10).close()

    def fired(self):
        return [f["fired"] for f in self.sandbox.ask("faults")]

    def ssh(self, command, timeout=20, **options):
        """One connection; (exit code, output, seconds)."""
        known = options.get("known_hosts", "/dev/null")
        begun = time.monotonic()
        done = subprocess.run(
            self.sandbox.inside(["ssh", "-i", self.sandbox.key, "-o", "StrictHostKeyChecking=accept-new", "-o",
                                 f"UserKnownHostsFile={known}", "-o", "BatchMode=yes", f"admin@{self.ip}", command]),
            text=True, capture_output=True, timeout=timeout)
        return done.returncode, done.stdout, done.stderr, time.monotonic() - begun


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    faults = tmp_path_factory.mktemp("faults") / "none"
    faults.write_text("")
    with rig.Sandbox("none", ["--faults", str(faults)]) as sandbox:
        yield Faults(sandbox, faults)


@pytest.fixture
def faulty(world):
    yield world
    world.play("", "DELETE")


def test_a_door_changes_nothing(faulty):
    code, out, _, _ = faulty.ssh("echo said; echo also >&2; exit 7")
    assert (code, out) == (7, "said\n")
    many = faulty.ssh("head -c 20000000 /dev/zero | tr '\\0' x")[1]
    assert len(many) == 20000000
    sent = subprocess.run(
        faulty.sandbox.inside(["ssh", "-q", "-i", faulty.sandbox.key, "-o", "StrictHostKeyChecking=no", "-o",
                               "UserKnownHostsFile=/dev/null", f"admin@{faulty.ip}", "wc -c"]),
        input=b"y" * 5000000, capture_output=True, timeout=20)
    assert sent.stdout.strip() == b"5000000"


def test_clients_that_vanish_do_no_harm(faulty):
    for _ in range(5):
        client = subprocess.Popen(
            faulty.sandbox.inside(["ssh", "-q", "-i", faulty.sandbox.key, "-o", "StrictHostKeyChecking=no", "-o",
                                   "UserKnownHostsFile=/dev/null", f"admin@{faulty.ip}", "cat /dev/zero"]),
            stdout=subprocess.PIPE)
        client.stdout.read(1000000)
        client.kill()
        client.wait()
        client.stdout.close()
    assert faulty.ssh("true")[0] == 0


@pytest.mark.parametrize("bytes_passed", [0, 10, 1500, 5000, 100000])
def test_a_connection_is_dropped_at_any_byte(faulty, bytes_passed):
    faulty.play(f"ssh-dropped bytes={bytes_passed} id={faulty.machine.id}")
    code, out, err, _ = faulty.ssh("head -c 1000000 /dev/zero | tr '\\0' x")
    assert code == 255, err
    assert len(out) < max(bytes_passed, 1)
    assert faulty.fired() == [1]
    assert faulty.ssh("true")[0] == 0


def test_a_connection_hangs_for_its_time(faulty):
    faulty.play("ssh-hangs bytes=3000 for=1500")
    code, out, _, seconds = faulty.ssh("echo at last")
    assert (code, out) == (0, "at last\n")
    assert seconds >= 1.5
    faulty.play("ssh-hangs")
    with pytest.raises(subprocess.TimeoutExpired):
        faulty.ssh("true", timeout=3)
    assert faulty.ssh("true")[0] == 0


def test_an_exit_status_is_lost_when_the_command_has_done_its_work(faulty):
    faulty.play("ssh-exit-lost")
    code, _, err, _ = faulty.ssh("sudo touch /tmp/done")
    assert code == 255, err
    assert faulty.ssh("ls /tmp/done")[:2] == (0, "/tmp/done\n")


def test_the_second_command_of_a_connection_can_be_the_one(faulty):
    master = faulty.sandbox.folder / "master"
    faulty.play("ssh-exit-lost command=2")
    through = ["ssh", "-q", "-i", faulty.sandbox.key, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
               "-o", "ControlMaster=auto", "-o", f"ControlPath={master}", "-o", "ControlPersist=20", f"admin@{faulty.ip}"]
    codes = [subprocess.run(faulty.sandbox.inside([*through, c]), timeout=20).returncode
             for c in ("exit 3", "sudo touch /tmp/second")]
    assert codes == [3, 255]
    assert faulty.ssh("ls /tmp/second")[0] == 0


def test_host_keys_change_under_a_running_machine(faulty, tmp_path):
    known = tmp_path / "known_hosts"
    assert faulty.ssh("true", known_hosts=known)[0] == 0
    before = known.read_text()
    faulty.play(f"host-key-changed instance={faulty.machine.id}")

    def refused():
        code, _, err, _ = faulty.ssh("true", known_hosts=known)
        return code == 255 and "REMOTE HOST IDENTIFICATION HAS CHANGED" in err

    rig.wait_until(refused, "the new key is shown", 10)
    console = faulty.sandbox.ec2.get_console_output(InstanceId=faulty.machine.id, Latest=True)["Output"]
    assert before.split()[2] in console
    fresh = tmp_path / "fresh"
    # an sshd that shows the new keys may still be the one that is about to be replaced
    rig.wait_until(lambda: faulty.ssh("true", known_hosts=fresh)[0] == 0, "it lets in again", 10)
    assert fresh.read_text().split()[2] not in console


def test_host_keys_of_a_stopped_machine_change_when_it_starts(faulty, tmp_path):
    ec2, known = faulty.sandbox.ec2, tmp_path / "known_hosts"
    assert faulty.ssh("true", known_hosts=known)[0] == 0
    ec2.stop_instances(InstanceIds=[faulty.machine.id])
    rig.wait_until(lambda: faulty.machine.describe()["State"]["Name"] == "stopped", "it is stopped")
    faulty.play("host-key-changed call=StartInstances")
    ec2.start_instances(InstanceIds=[faulty.machine.id])
    rig.wait_until(lambda: "IDENTIFICATION HAS CHANGED" in faulty.ssh("true", known_hosts=known)[2], "it has another key")


def test_a_machine_dies_without_a_word_and_lives_again(faulty):
    machine, ec2 = faulty.machine, faulty.sandbox.ec2
    talk = subprocess.Popen(
        faulty.sandbox.inside(["ssh", "-q", "-i", faulty.sandbox.key, "-o", "StrictHostKeyChecking=no", "-o",
                               "UserKnownHostsFile=/dev/null", f"admin@{faulty.ip}", "echo up; sleep 1000"]),
        stdout=subprocess.PIPE, text=True)
    try:
        assert talk.stdout.readline() == "up\n"
        faulty.play(f"instance-dead instance={machine.id}")
        rig.wait_until(lambda: not [i for i in faulty.sandbox.ask("instances") if i["pid"]], "its processes are gone", 5)
        time.sleep(0.5)
        assert talk.poll() is None
        assert machine.describe()["State"]["Name"] == "running"
        assert faulty.ssh("true")[0] == 255
    finally:
        talk.kill()
        talk.wait()
    ec2.stop_instances(InstanceIds=[machine.id])
    rig.wait_until(lambda: machine.describe()["State"]["Name"] == "stopped", "it is stopped")
    ec2.start_instances(InstanceIds=[machine.id])
    rig.wait_until(lambda: faulty.ssh("true")[0] == 0, "it lets us log in")


def test_a_volume_that_is_stuck_is_still_in_the_machine(faulty):
    machine, ec2 = faulty.machine, faulty.sandbox.ec2
    disk = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + machine.volume.replace("-", "")
    assert faulty.ssh(f"test -e {disk}")[0] == 0
    faulty.play("stuck-detaching")
    ec2.detach_volume(VolumeId=machine.volume)
    time.sleep(0.5)
    assert machine.describe_volume()["Attachments"][0]["State"] == "detaching"
    assert faulty.ssh(f"test -e {disk}")[0] == 0
    faulty.play("", "DELETE")
    rig.wait_until(lambda: machine.describe_volume()["State"] == "available", "it is free", 5)
    assert faulty.ssh(f"test -e {disk}")[0] == 1


def test_a_machine_of_a_sandbox_without_faults_has_no_door(world):
    with rig.Sandbox("none") as other:
        other.make_key()
        machine = rig.Machine(other, other.register("v1"), "plain", provision=False)
        assert "ForceCommand" not in other.ssh(machine.private_ip(), "ps -eo args | grep sshd").stdout
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{other.endpoint}/_sandbox/faults", data=b"ssh-hangs", timeout=10)
