"""The program around the API: credentials, the AWS CLI, throttling, latencies, ending."""

import json
import os
import signal
import stat
import subprocess
import threading
import time

import pytest
from conftest import REGION, launch, program, refused, register

AWS = "/usr/bin/aws"


def aws(sandbox, *words):
    """The AWS CLI with the credentials file sourced. Debian's does not read AWS_ENDPOINT_URL yet."""
    line = f'. "{sandbox.credentials}" && exec {AWS} --endpoint-url "$AWS_ENDPOINT_URL" "$@"'
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(sandbox.folder), "AWS_PROFILE": "nobody", "AWS_PAGER": ""}
    return subprocess.run(["sh", "-c", line, "sh", *words], env=environment, capture_output=True, text=True, timeout=60)


def test_the_aws_cli_works_with_the_credentials_file(sandbox):
    done = aws(sandbox, "sts", "get-caller-identity")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Account"] == "123456789012"
    done = aws(sandbox, "ec2", "register-image", "--name", "cli", "--image-location", "/images/cli")
    assert done.returncode == 0, done.stderr
    image = json.loads(done.stdout)["ImageId"]
    done = aws(sandbox, "ec2", "run-instances", "--image-id", image, "--user-data", "#!/bin/sh")
    assert done.returncode == 0, done.stderr
    instance = json.loads(done.stdout)["Instances"][0]["InstanceId"]
    assert aws(sandbox, "ec2", "wait", "instance-running", "--instance-ids", instance).returncode == 0
    done = aws(sandbox, "ec2", "terminate-instances", "--instance-ids", instance, "--dry-run")
    assert done.returncode == 254 and "DryRunOperation" in done.stderr


def test_the_credentials_file_is_nobody_elses(sandbox):
    assert stat.S_IMODE(os.stat(sandbox.credentials).st_mode) == 0o600
    text = open(sandbox.credentials, encoding="utf-8").read()
    assert sandbox.secret in text and REGION in text


def test_the_credentials_file_goes_with_the_sandbox(start):
    sandbox = start("--latency", "none")
    assert os.path.exists(sandbox.credentials)
    sandbox.process.send_signal(signal.SIGINT)
    assert sandbox.process.wait(timeout=20) == 0
    assert not os.path.exists(sandbox.credentials)


def test_it_ends_while_requests_are_under_way(start, tmp_path):
    table = tmp_path / "latency"
    table.write_text("profile = none\napi_call = 30000\n")
    sandbox = start("--latency", str(table))
    failures = []

    def call():
        try:
            sandbox.client().describe_instances()
        except Exception as failure:  # the connection must simply end
            failures.append(failure)

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    sandbox.process.send_signal(signal.SIGTERM)
    assert sandbox.process.wait(timeout=20) == 0
    for thread in threads:
        thread.join()
    assert len(failures) == 5


def test_a_second_sandbox_on_the_same_port_is_refused(sandbox, tmp_path):
    port = sandbox.url.rsplit(":", 1)[1]
    command = [program(), "sandbox", "--virtual", "--port", port, "--state", str(tmp_path / "other")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0
    assert port in done.stderr


def test_sandboxes_side_by_side_do_not_meet(start):
    one, two = start("--latency", "none"), start("--latency", "none")
    launch(one.client(), register(one.client(), "v1"))
    assert two.client().describe_instances()["Reservations"] == []


def test_equal_seeds_give_equal_ids(start):
    made = []
    for _ in range(2):
        ec2 = start("--latency", "none", "--seed", "42").client()
        made.append(launch(ec2, register(ec2, "v1"))["InstanceId"])
    assert made[0] == made[1]
    ec2 = start("--latency", "none").client()
    assert launch(ec2, register(ec2, "v1"))["InstanceId"] != made[0]


def test_calls_take_their_time_and_do_not_wait_for_each_other(start, tmp_path):
    table = tmp_path / "latency"
    table.write_text("profile = none\napi_call = 400\n")
    sandbox = start("--latency", str(table))
    clients = [sandbox.client() for _ in range(10)]
    threads = [threading.Thread(target=client.describe_regions) for client in clients]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.4 <= time.monotonic() - begun < len(clients) * 0.4


def test_without_throttling_nothing_is_throttled(ec2):
    for _ in range(60):
        ec2.describe_instances()


def test_throttling_answers_as_ec2_does(start):
    ec2 = start("--latency", "none", "--throttle").client()
    image = register(ec2, "v1")
    for _ in range(5):
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    with refused("RequestLimitExceeded", 503):
        for _ in range(100):
            ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    ec2.describe_instances()  # another action has a bucket of its own
    time.sleep(1.1)
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)


def test_describing_everything_at_once_has_the_smaller_bucket(start):
    ec2 = start("--latency", "none", "--throttle").client()
    with refused("RequestLimitExceeded"):
        for _ in range(1000):
            ec2.describe_instances()
    for _ in range(20):
        ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])


def test_what_was_called_is_counted_by_key(start):
    sandbox = start("--latency", "none")
    ec2 = sandbox.client()
    register(ec2, "v1")
    ec2.describe_images()
    with refused("DryRunOperation"):
        ec2.allocate_address(DryRun=True)
    with refused("AuthFailure"):
        sandbox.client(aws_access_key_id="AKIDNOBODY").describe_images()
    calls = sandbox.page("calls")
    assert (calls["calls"], calls["mutations"], calls["dry_runs"], calls["errors"]) == (4, 1, 1, 2)
    assert calls["actions"] == {"RegisterImage": 1, "DescribeImages": 2, "AllocateAddress": 1}
    assert calls["access_keys"]["AKIDNOBODY"]["actions"] == {"DescribeImages": 1}


def test_machines_are_listed_with_their_addresses(start):
    sandbox = start("--latency", "none")
    ec2 = sandbox.client()
    instance = launch(ec2, register(ec2, "v1"))["InstanceId"]
    address = ec2.allocate_address()
    ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=instance)
    row = sandbox.page("instances")[0]
    assert (row["id"], row["state"], row["booted"]) == (instance, "running", True)
    assert row["public_ip"] == address["PublicIp"]
    assert row["private_ip"].startswith("10.77.")


@pytest.mark.parametrize("content, word", [("atach = 5\n", "attach"), ("attach = soon\n", "milliseconds")])
def test_a_bad_latency_file_is_refused_with_its_line(tmp_path, content, word):
    table = tmp_path / "latency"
    table.write_text("stop = 1\n" + content)
    command = [program(), "sandbox", "--virtual", "--port", "0", "--state", str(tmp_path / "state"),
               "--latency", str(table)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0
    assert f"{table}:2" in done.stderr and word in done.stderr
