"""Volumes, attachments and snapshots."""

import time

import pytest
from conftest import REGION, describe, launch, refused, register, volume


@pytest.fixture(scope="module")
def instance(ec2, image):
    return launch(ec2, image)["InstanceId"]


def shown(ec2, volume_id):
    return ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"][0]


def test_a_volume_goes_from_available_to_in_use_and_back(ec2, instance):
    made = volume(ec2, TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "Role", "Value": "data"}]}])
    ec2.get_waiter("volume_available").wait(VolumeIds=[made])
    reply = ec2.attach_volume(VolumeId=made, InstanceId=instance, Device="/dev/sdh")
    assert (reply["VolumeId"], reply["InstanceId"], reply["State"]) == (made, instance, "attaching")
    assert reply["DeleteOnTermination"] is False
    ec2.get_waiter("volume_in_use").wait(VolumeIds=[made])
    attachment = shown(ec2, made)["Attachments"][0]
    assert (attachment["State"], attachment["Device"]) == ("attached", "/dev/sdh")
    assert made in [row["Ebs"]["VolumeId"] for row in describe(ec2, instance)["BlockDeviceMappings"]]
    found = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]},
                                          {"Name": "tag:Role", "Values": ["data"]}])["Volumes"]
    assert [v["VolumeId"] for v in found] == [made]
    assert ec2.detach_volume(VolumeId=made, InstanceId=instance, Device="/dev/sdh")["State"] == "detaching"
    ec2.get_waiter("volume_available").wait(VolumeIds=[made])
    assert shown(ec2, made)["Attachments"] == []
    ec2.delete_volume(VolumeId=made)
    ec2.get_waiter("volume_deleted").wait(VolumeIds=[made])


def test_attachments_that_cannot_be_are_refused_with_ec2s_code(ec2, image, instance):
    here, there = volume(ec2), volume(ec2, AvailabilityZone=REGION + "c")
    other = launch(ec2, image)["InstanceId"]
    with refused("InvalidVolume.ZoneMismatch", 400) as refusal:
        ec2.attach_volume(VolumeId=there, InstanceId=instance, Device="/dev/sdf")
    assert there in refusal.message and instance in refusal.message
    with refused("InvalidParameterValue"):
        ec2.attach_volume(VolumeId=here, InstanceId=instance, Device="nvme1n1")
    ec2.attach_volume(VolumeId=here, InstanceId=instance, Device="/dev/sdf")
    with refused("VolumeInUse"):
        ec2.attach_volume(VolumeId=here, InstanceId=other, Device="/dev/sdf")
    with refused("InvalidParameterValue"):
        ec2.attach_volume(VolumeId=volume(ec2), InstanceId=instance, Device="/dev/sdf")
    with refused("InvalidAttachment.NotFound"):
        ec2.detach_volume(VolumeId=here, InstanceId=other)
    with refused("VolumeInUse"):
        ec2.delete_volume(VolumeId=here)
    ec2.detach_volume(VolumeId=here)
    ec2.get_waiter("volume_available").wait(VolumeIds=[here])
    with refused("IncorrectState") as refusal:
        ec2.detach_volume(VolumeId=here)
    assert refusal.message == f"Volume '{here}' is in the 'available' state."


def test_the_root_volume_stays(ec2, instance):
    root = describe(ec2, instance)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    with refused("OperationNotPermitted"):
        ec2.detach_volume(VolumeId=root, InstanceId=instance)


def test_ids_that_do_not_exist_are_refused_by_name(ec2, instance):
    nothing = "vol-00000000000000000"
    with refused("InvalidVolume.NotFound", 400) as refusal:
        ec2.describe_volumes(VolumeIds=[nothing])
    assert refusal.message == f"The volume '{nothing}' does not exist."
    with refused("InvalidParameterValue"):
        ec2.describe_volumes(VolumeIds=["disk"])
    with refused("InvalidVolume.NotFound"):
        ec2.attach_volume(VolumeId=nothing, InstanceId=instance, Device="/dev/sdf")
    with refused("InvalidSnapshot.NotFound"):
        ec2.describe_snapshots(SnapshotIds=["snap-00000000000000000"])


@pytest.mark.parametrize("change, code", [
    ({"AvailabilityZone": "mars-1a"}, "InvalidParameterValue"),
    ({"Size": 0}, "MissingParameter"),
    ({"Size": 100000}, "InvalidParameterValue"),
    ({"VolumeType": "tape"}, "InvalidParameterValue"),
    ({"VolumeType": "io2"}, "MissingParameter"),
    ({"MultiAttachEnabled": True}, "UnsupportedOperation"),
    ({"KmsKeyId": "alias/mine"}, "InvalidParameterDependency"),
    ({"SnapshotId": "snap-00000000000000000"}, "InvalidSnapshot.NotFound"),
])
def test_a_volume_that_cannot_be_is_refused_with_ec2s_code(ec2, change, code):
    with refused(code):
        volume(ec2, **change)


def test_a_token_used_again_gives_the_same_volume(ec2):
    first = volume(ec2, ClientToken="clone")
    assert volume(ec2, ClientToken="clone") == first
    with refused("IdempotentParameterMismatch"):
        volume(ec2, ClientToken="clone", Size=2)


def test_a_snapshot_is_made_found_by_its_tag_and_restored(ec2):
    source = volume(ec2, Size=3)
    made = ec2.create_snapshot(
        VolumeId=source, Description="before",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": "op", "Value": "7"}]}])
    assert (made["State"], made["VolumeId"], made["VolumeSize"]) == ("pending", source, 3)
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[made["SnapshotId"]])
    found = ec2.describe_snapshots(Filters=[{"Name": "tag:op", "Values": ["7"]}])["Snapshots"]
    assert [(s["SnapshotId"], s["Progress"], s["Description"]) for s in found] == [
        (made["SnapshotId"], "100%", "before")]
    restored = ec2.create_volume(AvailabilityZone=REGION + "b", SnapshotId=made["SnapshotId"])
    assert (restored["SnapshotId"], restored["Size"]) == (made["SnapshotId"], 3)
    with refused("InvalidParameterValue"):
        ec2.create_volume(AvailabilityZone=REGION + "b", SnapshotId=made["SnapshotId"], Size=2)
    assert ec2.describe_snapshots(OwnerIds=["amazon"])["Snapshots"] == []


def test_what_was_made_without_tags_shows_that_there_are_none_and_what_is_there_does_not(ec2):
    made = ec2.create_volume(AvailabilityZone=REGION + "a", Size=1)
    assert made["Tags"] == [] and "Tags" not in shown(ec2, made["VolumeId"])
    taken = ec2.create_snapshot(VolumeId=made["VolumeId"])
    assert taken["Tags"] == []
    [listed] = ec2.describe_snapshots(SnapshotIds=[taken["SnapshotId"]])["Snapshots"]
    assert "Tags" not in listed


def test_encryption_goes_from_volume_to_snapshot_to_volume(ec2, image):
    source = volume(ec2, Encrypted=True, KmsKeyId="alias/mine")
    assert (shown(ec2, source)["Encrypted"], shown(ec2, source)["KmsKeyId"]) == (True, "alias/mine")
    made = ec2.create_snapshot(VolumeId=source)
    assert (made["Encrypted"], made["KmsKeyId"]) == (True, "alias/mine")
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[made["SnapshotId"]])
    restored = ec2.create_volume(AvailabilityZone=REGION + "a", SnapshotId=made["SnapshotId"])
    assert (restored["Encrypted"], restored["KmsKeyId"]) == (True, "alias/mine")
    launched = launch(ec2, image, BlockDeviceMappings=[
        {"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": made["SnapshotId"]}}])
    data = describe(ec2, launched["InstanceId"])["BlockDeviceMappings"][1]["Ebs"]["VolumeId"]
    assert (shown(ec2, data)["Encrypted"], shown(ec2, data)["Size"]) == (True, 1)
    assert shown(ec2, volume(ec2, Encrypted=True))["KmsKeyId"].endswith("alias/aws/ebs")
    assert "KmsKeyId" not in shown(ec2, volume(ec2))


def test_a_snapshot_of_an_image_is_kept(ec2):
    made = ec2.create_snapshot(VolumeId=volume(ec2))["SnapshotId"]
    image = register(ec2, "from snapshot", BlockDeviceMappings=[
        {"DeviceName": "/dev/sdb", "Ebs": {"SnapshotId": made}}])
    with refused("InvalidSnapshot.InUse"):
        ec2.delete_snapshot(SnapshotId=made)
    ec2.deregister_image(ImageId=image)
    ec2.delete_snapshot(SnapshotId=made)
    with refused("InvalidSnapshot.NotFound"):
        ec2.delete_snapshot(SnapshotId=made)


def test_volumes_and_snapshots_come_in_pages(start):
    ec2 = start("--latency", "none").client()
    volumes = {volume(ec2) for _ in range(12)}
    pages = ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5})
    assert [len(page["Volumes"]) for page in pages] == [5, 5, 2]
    for one in volumes:
        ec2.create_snapshot(VolumeId=one)
    pages = ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], PaginationConfig={"PageSize": 5})
    assert {s["VolumeId"] for page in pages for s in page["Snapshots"]} == volumes


def test_attaching_and_detaching_take_their_time_and_the_sandbox_says_how_long(start, tmp_path):
    table = tmp_path / "latency"
    table.write_text("profile = none\nattach = 600\ndetach = 900\n")
    sandbox = start("--latency", str(table))
    ec2 = sandbox.client()
    instance, data = launch(ec2, register(ec2, "v1"))["InstanceId"], volume(ec2)
    ec2.attach_volume(VolumeId=data, InstanceId=instance, Device="/dev/sdf")
    assert shown(ec2, data)["Attachments"][0]["State"] == "attaching"
    time.sleep(0.65)
    assert shown(ec2, data)["Attachments"][0]["State"] == "attached"
    ec2.detach_volume(VolumeId=data)
    assert shown(ec2, data)["Attachments"][0]["State"] == "detaching"
    time.sleep(0.95)
    assert shown(ec2, data)["State"] == "available"
    effects = {e["action"]: e for e in sandbox.page("effects")}
    for action, took in (("AttachVolume", 600), ("DetachVolume", 900)):
        effect = effects[action]
        assert (effect["resource"], effect["other"]) == (data, instance)
        assert took <= effect["effective_ms"] - effect["accepted_ms"] < took + 2000  # it looks when it is its turn
