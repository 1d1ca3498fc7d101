"""The same rollout by boto3 and threads, as somebody would write it who knows EC2 well.

    with_boto3.py IMAGE KEY THREADS

All machines with the tags Service=demo and Stage=production get the image; their data volumes and Elastic
IPs move. Runs in the sandbox's network. Prints {"rebuilt": N, "failed": {instance: why}}.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import time

import boto3
import botocore.config

IMAGE, KEY, THREADS = sys.argv[1], sys.argv[2], int(sys.argv[3])
USER, MOUNT, DEVICE = "admin", "/srv/data", "/dev/sdf"
WAIT = {"Delay": 1, "MaxAttempts": 180}

ec2 = boto3.client("ec2", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=botocore.config.Config(
    retries={"mode": "standard", "max_attempts": 10}, max_pool_connections=THREADS))


def ssh(address, command, tries=1):
    """Once; or as often as it takes until the machine lets us in."""
    for left in reversed(range(tries)):
        done = subprocess.run(
            ["ssh", "-q", "-i", KEY, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
             "BatchMode=yes", "-o", "ConnectTimeout=5", f"{USER}@{address}", command],
            capture_output=True, text=True)
        if done.returncode == 0:
            return
        if not left:
            raise RuntimeError(f"{command}: {done.returncode} {done.stderr}")
        time.sleep(1)


def wait(name, **what):
    ec2.get_waiter(name).wait(WaiterConfig=WAIT, **what)


def launch(blue):
    green = ec2.run_instances(
        ImageId=IMAGE, InstanceType=blue["InstanceType"], SubnetId=blue["SubnetId"], KeyName=blue["KeyName"],
        MinCount=1, MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": blue["Tags"]}])["Instances"][0]["InstanceId"]
    wait("instance_running", InstanceIds=[green])
    shown = ec2.describe_instances(InstanceIds=[green])["Reservations"][0]["Instances"][0]
    ssh(shown["PrivateIpAddress"], "true", tries=60)
    return green, shown["PrivateIpAddress"]


def attached(volume):
    """The waiter `volume_in_use` returns while the disk is still on its way."""
    while True:
        shown = ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Attachments"]
        if shown and shown[0]["State"] == "attached":
            return
        time.sleep(1)


def move(blue, green, address, volume):
    disk = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + volume.replace("-", "")
    ssh(blue["PrivateIpAddress"], f"sudo systemctl stop app && sudo umount {MOUNT}")
    ec2.detach_volume(VolumeId=volume, InstanceId=blue["InstanceId"])
    wait("volume_available", VolumeIds=[volume])
    ec2.attach_volume(VolumeId=volume, InstanceId=green, Device=DEVICE)
    attached(volume)
    ssh(address, f"sudo mount {disk} {MOUNT} && sudo systemctl start app && systemctl is-active app")


def rebuild(blue):
    volume = next(d["Ebs"]["VolumeId"] for d in blue["BlockDeviceMappings"] if d["DeviceName"] == DEVICE)
    allocation = ec2.describe_addresses(
        Filters=[{"Name": "instance-id", "Values": [blue["InstanceId"]]}])["Addresses"][0]["AllocationId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    green, address = launch(blue)
    wait("snapshot_completed", SnapshotIds=[snapshot])
    move(blue, green, address, volume)
    ec2.associate_address(AllocationId=allocation, InstanceId=green, AllowReassociation=True)
    ec2.terminate_instances(InstanceIds=[blue["InstanceId"]])
    wait("instance_terminated", InstanceIds=[blue["InstanceId"]])


def main():
    pages = ec2.get_paginator("describe_instances").paginate(Filters=[
        {"Name": "tag:Service", "Values": ["demo"]}, {"Name": "tag:Stage", "Values": ["production"]},
        {"Name": "instance-state-name", "Values": ["running"]}])
    blues = [i for page in pages for r in page["Reservations"] for i in r["Instances"]]
    failed = {}
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        begun = {pool.submit(rebuild, blue): blue["InstanceId"] for blue in blues}
        for done in concurrent.futures.as_completed(begun):
            if done.exception():
                failed[begun[done]] = str(done.exception())
    print(json.dumps({"rebuilt": len(blues) - len(failed), "failed": failed}))


main()
