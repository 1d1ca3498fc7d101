"""Real clients against the sandbox: each module has a sandbox of its own, virtual and without latencies.

CHANGEOVER names the program; without it, the build folders of the presets are tried.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.request

import boto3
import botocore.config
import botocore.exceptions
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
ACCESS_KEY = "AKIDCONFORMANCE"


def program():
    candidates = [os.environ.get("CHANGEOVER")] + [
        str(ROOT / "build" / preset / "engine" / "changeover") for preset in ("debug", "release", "sanitize", "clang")
    ]
    for path in candidates:
        if path and os.access(path, os.X_OK):
            return path
    pytest.exit("the program is not built: set CHANGEOVER to its path", 2)


class Sandbox:
    """A running sandbox and clients for it."""

    def __init__(self, folder, *options):
        command = [program(), "sandbox", "--port", "0", "--state", str(folder), "--virtual",
                   "--access-key", ACCESS_KEY, "--region", REGION]
        self.folder = folder
        self.process = subprocess.Popen(command + list(options), stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline()
        match = re.match(r"sandbox: listening on (http://127\.0\.0\.1:\d+) \(credentials: (.*)\)$", ready)
        assert match, f"not ready: {ready!r}"
        self.url, self.credentials = match.groups()
        exports = pathlib.Path(self.credentials).read_text(encoding="utf-8")
        self.secret = re.search(r"^export AWS_SECRET_ACCESS_KEY='(\w{40})'$", exports, re.M).group(1)

    def client(self, service="ec2", **changes):
        settings = {
            "endpoint_url": self.url,
            "region_name": REGION,
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": self.secret,
            "config": botocore.config.Config(retries={"max_attempts": 0}, proxies={}),
        }
        return boto3.session.Session().client(service, **{**settings, **changes})

    def page(self, name):
        with urllib.request.urlopen(f"{self.url}/_sandbox/{name}", timeout=10) as reply:
            return json.load(reply)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0
        self.process.stdout.close()


@pytest.fixture
def start(tmp_path_factory):
    """Starts sandboxes with options of one's own; all end with the test."""
    running = []

    def begin(*options):
        running.append(Sandbox(tmp_path_factory.mktemp("sandbox"), *options))
        return running[-1]

    yield begin
    for one in running:
        one.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    one = Sandbox(tmp_path_factory.mktemp("sandbox"), "--latency", "none")
    yield one
    one.close()


@pytest.fixture(scope="module")
def ec2(sandbox):
    return sandbox.client()


@pytest.fixture(scope="module")
def image(ec2):
    return register(ec2, "v1")


def register(ec2, name, **more):
    return ec2.register_image(Name=name, ImageLocation="/images/" + name, **more)["ImageId"]


def launch(ec2, image_id, **more):
    return ec2.run_instances(ImageId=image_id, MinCount=1, MaxCount=1, **more)["Instances"][0]


def describe(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def volume(ec2, **more):
    made = ec2.create_volume(**{"AvailabilityZone": REGION + "a", "Size": 1, "VolumeType": "gp3", **more})
    return made["VolumeId"]


class Refused:
    """with refused("InvalidVolume.NotFound"): the call must fail with this code."""

    def __init__(self, code, status=None):
        self.code, self.status = code, status
        self.message = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        assert kind is not None, f"{self.code} was expected, and the call succeeded"
        if not isinstance(error, botocore.exceptions.ClientError):
            return False
        assert error.response["Error"]["Code"] == self.code, error
        assert error.response["ResponseMetadata"]["RequestId"]
        if self.status:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == self.status
        self.message = error.response["Error"]["Message"]
        return True


def refused(code, status=None):
    return Refused(code, status)
