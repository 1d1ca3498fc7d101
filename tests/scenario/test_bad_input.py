"""Bad input: a clear error that names the object and the way out, the documented exit code, and nothing changed."""

import socket
import subprocess
import time

import pytest

import rig


@pytest.fixture
def refused(stage):
    """Asserts that a command fails, names what it must, and changes nothing."""

    def check(done_by, *words, code=1):
        before = stage.mutations()
        done = done_by()
        assert done.returncode == code, done.stderr
        for word in words:
            assert word in done.stderr, done.stderr
        assert stage.mutations() == before
        return done

    return check


def other_key(stage, kind, name):
    path = stage.sandbox.folder / name
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True)
    return path


# The image


def test_an_image_that_does_not_exist(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], image="ami-0123456789abcdef0")
    refused(lambda: stage.apply(plan), "ami-0123456789abcdef0", "not exist")


def test_an_image_of_another_architecture(stage, shared_machine, refused):
    other = "arm64" if stage.sandbox.architecture() == "x86_64" else "x86_64"
    image = stage.sandbox.ec2.register_image(Name="other", ImageLocation=rig.layers("v2"), Architecture=other,
                                             RootDeviceName="/dev/xvda")["ImageId"]
    plan = stage.plan([shared_machine], image=image)
    refused(lambda: stage.apply(plan), image, other)


def test_an_image_that_is_gone(stage, shared_machine, refused):
    image = stage.sandbox.register("v2", "soon-gone")
    stage.sandbox.ec2.deregister_image(ImageId=image)
    plan = stage.plan([shared_machine], image=image)
    refused(lambda: stage.apply(plan), image)


# The instance


def test_an_instance_that_does_not_exist(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], (shared_machine.id, "i-0123456789abcdef0"))
    refused(lambda: stage.apply(plan), "i-0123456789abcdef0")


def test_an_instance_that_is_stopped(stage, refused):
    machine = stage.machine(provision=False)
    stage.sandbox.ec2.stop_instances(InstanceIds=[machine.id])
    rig.wait_until(lambda: machine.describe()["State"]["Name"] == "stopped", "it is stopped")
    plan = stage.plan([machine])
    refused(lambda: stage.apply(plan), machine.id, "stopped", "start it")


def test_an_instance_on_that_image_already(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], image=stage.v1)
    refused(lambda: stage.apply(plan), code=0)


# The volume


def test_no_volume_with_the_tag(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], ("Role: data", "Role: nothing"))
    refused(lambda: stage.apply(plan), shared_machine.id, "Role=nothing")


def test_a_device_that_is_not_there(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], ("{ tag: { Role: data } }", "{ device: /dev/sdz }"))
    refused(lambda: stage.apply(plan), shared_machine.id, "/dev/sdz")


def test_the_root_volume(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], ("{ tag: { Role: data } }", "{ device: /dev/xvda }"))
    refused(lambda: stage.apply(plan), "root volume")


def test_a_volume_that_is_not_attached(stage, shared_machine, refused):
    zone = shared_machine.describe()["Placement"]["AvailabilityZone"]
    volume = stage.sandbox.ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    plan = stage.plan([shared_machine], ("{ tag: { Role: data } }", f"{{ id: {volume} }}"))
    refused(lambda: stage.apply(plan), volume, "not attached")


def test_a_volume_in_another_zone(stage, shared_machine, refused):
    here = shared_machine.describe()["Placement"]["AvailabilityZone"]
    zones = [z["ZoneName"] for z in stage.sandbox.ec2.describe_availability_zones()["AvailabilityZones"]]
    there = next(z for z in zones if z != here)
    volume = stage.sandbox.ec2.create_volume(AvailabilityZone=there, Size=1)["VolumeId"]
    plan = stage.plan([shared_machine], ("{ tag: { Role: data } }", f"{{ id: {volume} }}"))
    refused(lambda: stage.apply(plan), volume, there, here)


def test_a_mount_that_is_not_there(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], ("mount: /srv/data", "mount: /srv/elsewhere"))
    refused(lambda: stage.apply(plan), shared_machine.volume, "/srv/elsewhere")


# The cloud


def test_no_credentials(stage, shared_machine, refused):
    plan = stage.plan([shared_machine])
    env = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}
    refused(lambda: stage.apply(plan, env=env), "AWS_ACCESS_KEY_ID")


def test_a_wrong_signature(stage, shared_machine, refused):
    plan = stage.plan([shared_machine])
    refused(lambda: stage.apply(plan, env={"AWS_SECRET_ACCESS_KEY": "wrong"}), "secret")


def test_a_clock_that_is_off_by_an_hour(stage, shared_machine, refused):
    plan = stage.plan([shared_machine])
    command = stage.sandbox.inside(["faketime", "-f", "+1h", rig.changeover(), "apply", plan, "--journal",
                                    stage.sandbox.folder / "journal.db"])
    refused(lambda: subprocess.run(command, env=stage.sandbox.environment, capture_output=True, text=True, timeout=60),
            "clock", "ahead")


def test_an_endpoint_that_is_down(stage, shared_machine, refused):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        plan = stage.plan([shared_machine])
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        refused(lambda: stage.apply(plan, env={"AWS_ENDPOINT_URL": url}), url.split("//")[1])


@pytest.fixture
def untrusted(stage):
    """An HTTPS server in the sandbox's network, with a certificate that nobody has signed."""
    folder = stage.sandbox.folder
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    folder / "tls.key", "-out", folder / "tls.pem"], check=True, capture_output=True)
    program = ("import http.server, ssl, sys; s = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler);"
               "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain(sys.argv[1], sys.argv[2]);"
               "s.socket = c.wrap_socket(s.socket, server_side=True); print(s.server_address[1], flush=True); s.serve_forever()")
    server = subprocess.Popen(stage.sandbox.inside(["/usr/bin/python3", "-c", program, folder / "tls.pem",
                                                    folder / "tls.key"]), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    yield f"https://127.0.0.1:{int(server.stdout.readline())}"
    server.terminate()
    server.wait()


def test_a_certificate_that_is_not_trusted(stage, shared_machine, refused, untrusted):
    plan = stage.plan([shared_machine])
    refused(lambda: stage.apply(plan, env={"AWS_ENDPOINT_URL": untrusted}), "certificate", "AWS_CA_BUNDLE")


# SSH


def test_an_rsa_key(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], (str(stage.sandbox.key), str(other_key(stage, "rsa", "id_rsa"))))
    refused(lambda: stage.apply(plan), "RSA", "ssh-keygen -t ed25519")


def test_a_key_file_that_is_missing(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], (str(stage.sandbox.key), "/nowhere/id_ed25519"))
    refused(lambda: stage.apply(plan), "/nowhere/id_ed25519")


def test_a_user_that_is_refused(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], ("user: admin", "user: nobody"))
    refused(lambda: stage.apply(plan), "nobody")


def test_a_key_that_is_refused(stage, shared_machine, refused):
    plan = stage.plan([shared_machine], (str(stage.sandbox.key), str(other_key(stage, "ed25519", "id_other"))))
    refused(lambda: stage.apply(plan), "id_other")


def test_a_host_key_that_is_not_the_known_one(stage, shared_machine, refused):
    ssh = stage.sandbox.folder / ".ssh"
    ssh.mkdir(exist_ok=True)
    wrong = other_key(stage, "ed25519", "id_wrong_host").with_suffix(".pub").read_text().split()[:2]
    (ssh / "known_hosts").write_text("".join(f"{address} {' '.join(wrong)}\n" for address in (
        shared_machine.address, shared_machine.private_ip())))
    plan = stage.plan([shared_machine], ("host_key: console", "host_key: known_hosts"))
    try:
        refused(lambda: stage.apply(plan), "host key", shared_machine.address)
    finally:
        (ssh / "known_hosts").unlink()


def test_an_sshd_that_is_silent(stage, refused):
    machine = stage.machine()
    stage.sandbox.ssh(machine.private_ip(), "sudo sh -c 'sleep 0.3; pkill -STOP -o sshd' >/dev/null 2>&1 &")
    time.sleep(1)
    plan = stage.plan([machine])
    refused(lambda: stage.apply(plan), machine.address)


# The service


def test_a_stop_command_that_hangs_leaves_blue_serving(stage, machine):
    plan = stage.plan([machine], ("stop: runuser", "stop: sleep 1000; runuser"), ("outage_limit: 2m", "outage_limit: 3s"))
    done = stage.apply(plan)
    assert done.returncode == 3, done.stderr
    assert "sleep 1000" in done.stderr
    assert machine.rows() is not None


def test_a_stop_command_that_fails_leaves_blue_serving(stage, machine):
    plan = stage.plan([machine], ("-m fast -w stop", "-m nonsense -w stop"))
    done = stage.apply(plan)
    assert done.returncode == 3, done.stderr
    assert "stop" in done.stderr and "nonsense" in done.stderr
    assert machine.rows() is not None


def test_a_process_that_holds_the_mount_is_named(stage, machine):
    stage.sandbox.ssh(machine.private_ip(), "sudo sh -c 'cd /srv/data && exec sleep 1000' >/dev/null 2>&1 &")
    done = stage.apply(stage.plan([machine]))
    assert done.returncode == 3, done.stderr
    assert "sleep" in done.stderr and "/srv/data" in done.stderr
    assert machine.rows() is not None


# This machine


@pytest.fixture
def small_disk(stage, tmp_path):
    """Runs a command with a journal folder on a disk of its own, seen by that command only."""

    def run(options, prepare, plan):
        script = f'mount -t tmpfs -o {options} none "$0" && {prepare} && shift 0 && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", script, str(tmp_path), rig.changeover(), "apply", str(plan),
                   "--journal", str(tmp_path / "journal.db")]
        return subprocess.run(stage.sandbox.inside(command), env=stage.sandbox.environment, capture_output=True,
                              text=True, timeout=60)

    return run


def test_a_journal_on_a_full_disk(stage, shared_machine, refused, small_disk):
    plan = stage.plan([shared_machine])
    refused(lambda: small_disk("size=64k", 'head -c 60000 /dev/zero > "$0/filler"', plan), "journal.db")


def test_a_journal_on_a_read_only_disk(stage, shared_machine, refused, small_disk):
    plan = stage.plan([shared_machine])
    refused(lambda: small_disk("size=1m", 'mount -o remount,ro "$0"', plan), "journal.db")


def test_a_sandbox_without_privileges_says_which(tmp_path):
    done = subprocess.run(["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", rig.changeover(), "sandbox",
                           "--port", "0", "--state", str(tmp_path / "s"), "--latency", "none"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "CAP_SYS_ADMIN" in done.stderr or "CAP_NET_ADMIN" in done.stderr
