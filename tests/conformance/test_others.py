"""Addresses, images, keys, tags and places."""

import pytest
from conftest import REGION, describe, launch, refused, register, volume
from test_every_action import KEY


def test_an_address_moves_from_one_instance_to_another(ec2, image):
    blue, green = (launch(ec2, image)["InstanceId"] for _ in range(2))
    address = ec2.allocate_address(
        Domain="vpc", TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": [{"Key": "Name", "Value": "front"}]}])
    allocation = address["AllocationId"]
    ec2.associate_address(AllocationId=allocation, InstanceId=blue)
    assert describe(ec2, blue)["PublicIpAddress"] == address["PublicIp"]
    interface = describe(ec2, green)["NetworkInterfaces"][0]["NetworkInterfaceId"]
    association = ec2.associate_address(AllocationId=allocation, NetworkInterfaceId=interface)["AssociationId"]
    assert ec2.associate_address(AllocationId=allocation, InstanceId=green)["AssociationId"] == association
    assert "PublicIpAddress" not in describe(ec2, blue)
    shown = ec2.describe_addresses(PublicIps=[address["PublicIp"]])["Addresses"][0]
    assert (shown["InstanceId"], shown["AssociationId"], shown["NetworkInterfaceId"]) == (green, association, interface)
    assert shown["Tags"] == [{"Key": "Name", "Value": "front"}]
    found = ec2.describe_addresses(Filters=[{"Name": "instance-id", "Values": [green]}])["Addresses"]
    assert [a["AllocationId"] for a in found] == [allocation]
    with refused("Resource.AlreadyAssociated"):
        ec2.associate_address(AllocationId=allocation, InstanceId=blue, AllowReassociation=False)
    with refused("InvalidIPAddress.InUse"):
        ec2.release_address(AllocationId=allocation)
    ec2.disassociate_address(AssociationId=association)
    ec2.disassociate_address(AssociationId=association)
    ec2.release_address(AllocationId=allocation)
    with refused("InvalidAllocationID.NotFound"):
        ec2.describe_addresses(AllocationIds=[allocation])


def test_a_pending_instance_gets_no_address_yet(start):
    sandbox = start("--latency", "ec2")
    ec2 = sandbox.client()
    instance = launch(ec2, register(ec2, "v1"))["InstanceId"]
    allocation = ec2.allocate_address()["AllocationId"]
    with refused("InvalidInstanceID") as refusal:
        ec2.associate_address(AllocationId=allocation, InstanceId=instance)
    assert refusal.message == f"The pending instance '{instance}' is not in a valid state for this operation."


def test_an_address_needs_one_target(ec2, image):
    allocation = ec2.allocate_address()["AllocationId"]
    with refused("MissingParameter"):
        ec2.associate_address(AllocationId=allocation)
    instance = describe(ec2, launch(ec2, image)["InstanceId"])
    with refused("InvalidParameterCombination"):
        ec2.associate_address(AllocationId=allocation, InstanceId=instance["InstanceId"],
                              NetworkInterfaceId=instance["NetworkInterfaces"][0]["NetworkInterfaceId"])
    with refused("InvalidNetworkInterfaceID.NotFound"):
        ec2.associate_address(AllocationId=allocation, NetworkInterfaceId="eni-00000000000000000")


def test_an_image_is_registered_shown_and_taken_away(ec2):
    made = register(ec2, "release-7", Architecture="arm64", RootDeviceName="/dev/sda1", Description="seven",
                    BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 12}},
                                         {"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 2}}])
    ec2.get_waiter("image_available").wait(ImageIds=[made])
    shown = ec2.describe_images(ImageIds=[made])["Images"][0]
    assert (shown["Name"], shown["Architecture"], shown["RootDeviceName"], shown["State"]) == (
        "release-7", "arm64", "/dev/sda1", "available")
    assert shown["ImageLocation"] == "/images/release-7"
    assert [(b["DeviceName"], b["Ebs"]["VolumeSize"]) for b in shown["BlockDeviceMappings"]] == [
        ("/dev/sda1", 12), ("/dev/sdb", 2)]
    found = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": ["release-*"]}])["Images"]
    assert [i["ImageId"] for i in found] == [made]
    assert ec2.describe_images(Owners=["amazon"])["Images"] == []
    with refused("InvalidAMIName.Duplicate"):
        register(ec2, "release-7")
    ec2.deregister_image(ImageId=made)
    with refused("InvalidAMIID.NotFound"):
        ec2.describe_images(ImageIds=[made])
    register(ec2, "release-7")


def test_instances_outlive_their_image(ec2):
    image = register(ec2, "short-lived")
    instance = launch(ec2, image)["InstanceId"]
    ec2.deregister_image(ImageId=image)
    assert describe(ec2, instance)["ImageId"] == image


@pytest.mark.parametrize("location", ["images/v1", "/images/v1:images/v2", "s3://bucket/image"])
def test_an_image_location_is_absolute_folders(ec2, location):
    with refused("InvalidParameterValue"):
        ec2.register_image(Name="elsewhere", ImageLocation=location)


def test_a_key_is_imported_used_and_deleted(ec2, image):
    made = ec2.import_key_pair(KeyName="ops", PublicKeyMaterial=KEY)
    assert made["KeyFingerprint"] == "hZagpjhs6g/JtVZFDT98Bp248MWBWC4z26U0F6LHTz8="
    assert describe(ec2, launch(ec2, image, KeyName="ops")["InstanceId"])["KeyName"] == "ops"
    shown = ec2.describe_key_pairs(KeyNames=["ops"])["KeyPairs"][0]
    assert (shown["KeyType"], shown["KeyPairId"]) == ("ed25519", made["KeyPairId"])
    assert "PublicKey" not in shown
    with refused("InvalidKeyPair.Duplicate"):
        ec2.import_key_pair(KeyName="ops", PublicKeyMaterial=KEY)
    ec2.delete_key_pair(KeyName="ops")
    ec2.delete_key_pair(KeyName="ops")
    with refused("InvalidKeyPair.NotFound"):
        ec2.describe_key_pairs(KeyNames=["ops"])


@pytest.mark.parametrize("material", [b"", b"hello", b"ssh-ed25519 !!!", b"-----BEGIN OPENSSH PRIVATE KEY-----"])
def test_what_is_no_public_key_is_refused(ec2, material):
    with refused("MissingParameter" if not material else "InvalidKey.Format"):
        ec2.import_key_pair(KeyName="bad", PublicKeyMaterial=material)


def test_tags_are_set_replaced_found_and_taken_away(ec2, image):
    instance, disk = launch(ec2, image)["InstanceId"], volume(ec2)
    ec2.create_tags(Resources=[instance, disk], Tags=[{"Key": "Stage", "Value": "test"}, {"Key": "Empty", "Value": ""}])
    ec2.create_tags(Resources=[disk], Tags=[{"Key": "Stage", "Value": "production"}])

    def tags(resource):
        found = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [resource]}])["Tags"]
        return {t["Key"]: t.get("Value", "") for t in found}

    assert tags(instance) == {"Stage": "test", "Empty": ""}
    assert tags(disk) == {"Stage": "production", "Empty": ""}
    assert {t["Key"]: t["Value"] for t in describe(ec2, instance)["Tags"]} == {"Stage": "test", "Empty": ""}
    ec2.delete_tags(Resources=[disk], Tags=[{"Key": "Stage", "Value": "test"}])
    assert "Stage" in tags(disk)
    ec2.delete_tags(Resources=[disk], Tags=[{"Key": "Stage"}])
    assert tags(disk) == {"Empty": ""}
    types = ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["instance"]}])["Tags"]
    assert {t["ResourceId"] for t in types} == {instance}


def test_tags_keep_to_ec2s_rules(ec2):
    disk = volume(ec2)
    with refused("InvalidParameterValue"):
        ec2.create_tags(Resources=[disk], Tags=[{"Key": "aws:reserved", "Value": "x"}])
    with refused("InvalidParameterValue"):
        ec2.create_tags(Resources=[disk], Tags=[{"Key": "k" * 128, "Value": "x"}])
    with refused("TagLimitExceeded"):
        ec2.create_tags(Resources=[disk], Tags=[{"Key": f"k{n}", "Value": "x"} for n in range(51)])
    with refused("InvalidVolume.NotFound"):
        ec2.create_tags(Resources=[disk, "vol-00000000000000000"], Tags=[{"Key": "a", "Value": "b"}])
    with refused("InvalidID"):
        ec2.create_tags(Resources=["planet-1"], Tags=[{"Key": "a", "Value": "b"}])
    assert "Tags" not in ec2.describe_volumes(VolumeIds=[disk])["Volumes"][0]


def test_tags_come_in_pages(ec2):
    disk = volume(ec2)
    ec2.create_tags(Resources=[disk], Tags=[{"Key": f"k{n:02}", "Value": "x"} for n in range(13)])
    pages = ec2.get_paginator("describe_tags").paginate(
        Filters=[{"Name": "resource-id", "Values": [disk]}], PaginationConfig={"PageSize": 5})
    assert [len(page["Tags"]) for page in pages] == [5, 5, 3]


def test_places_can_be_asked_for_by_name(ec2):
    assert len(ec2.describe_availability_zones(ZoneNames=[REGION + "b"])["AvailabilityZones"]) == 1
    with refused("InvalidParameterValue"):
        ec2.describe_availability_zones(ZoneNames=["mars-1a"])
    with refused("InvalidSubnetID.NotFound"):
        ec2.describe_subnets(SubnetIds=["subnet-0"])
    zones = {z["ZoneName"]: z["ZoneId"] for z in ec2.describe_availability_zones()["AvailabilityZones"]}
    assert zones[REGION + "a"] == "euw1-az1"
    for subnet in ec2.describe_subnets()["Subnets"]:
        assert zones[subnet["AvailabilityZone"]] == subnet["AvailabilityZoneId"]
    arm = ec2.describe_instance_types(
        Filters=[{"Name": "processor-info.supported-architecture", "Values": ["arm64"]}])["InstanceTypes"]
    assert arm and all(t["InstanceType"].split(".")[0].endswith("g") for t in arm)
