"""Instances: what a launch asks for is what is described; life, tokens, protection, pages."""

import pytest
from conftest import REGION, describe, launch, refused, register, volume


def test_what_a_launch_asks_for_is_described(ec2, image):
    subnet = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": [REGION + "b"]}])["Subnets"][0]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    made = launch(
        ec2, image, InstanceType="t3.small", SubnetId=subnet["SubnetId"], SecurityGroupIds=[group],
        UserData="#!/bin/sh\ntrue\n", ClientToken="described", EbsOptimized=True, Monitoring={"Enabled": True},
        IamInstanceProfile={"Name": "role"}, InstanceInitiatedShutdownBehavior="terminate",
        CreditSpecification={"CpuCredits": "standard"}, DisableApiTermination=True,
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "enabled"},
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "DeleteOnTermination": True}},
            {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3, "DeleteOnTermination": False}}],
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "blue"}]},
            {"ResourceType": "volume", "Tags": [{"Key": "Role", "Value": "data"}]}])
    assert made["State"] == {"Code": 0, "Name": "pending"}
    shown = describe(ec2, made["InstanceId"])
    assert shown["State"] == {"Code": 16, "Name": "running"}
    assert shown["Placement"]["AvailabilityZone"] == REGION + "b"
    assert shown["SubnetId"] == subnet["SubnetId"]
    assert shown["SecurityGroups"] == [{"GroupName": "default", "GroupId": group}]
    assert shown["PrivateIpAddress"].startswith("10.77.")
    assert shown["InstanceType"] == "t3.small"
    assert shown["ClientToken"] == "described"
    assert shown["EbsOptimized"] is True
    assert shown["Monitoring"]["State"] == "enabled"
    assert shown["IamInstanceProfile"]["Arn"].endswith(":instance-profile/role")
    assert shown["MetadataOptions"]["HttpTokens"] == "required"
    assert shown["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    assert shown["MetadataOptions"]["InstanceMetadataTags"] == "enabled"
    assert shown["Tags"] == [{"Key": "Name", "Value": "blue"}]
    assert shown["RootDeviceName"] == "/dev/xvda"
    devices = {row["DeviceName"]: row["Ebs"] for row in shown["BlockDeviceMappings"]}
    assert set(devices) == {"/dev/xvda", "/dev/sdf"}
    assert devices["/dev/xvda"]["DeleteOnTermination"] is True
    assert devices["/dev/sdf"]["DeleteOnTermination"] is False
    root, data = (ec2.describe_volumes(VolumeIds=[devices[name]["VolumeId"]])["Volumes"][0]
                  for name in ("/dev/xvda", "/dev/sdf"))
    assert (root["Size"], root["VolumeType"], root["Iops"], root["Throughput"]) == (20, "gp3", 3000, 125)
    assert (data["Size"], data["Tags"]) == (3, [{"Key": "Role", "Value": "data"}])


ATTRIBUTES = {
    "userData": ("UserData", "IyEvYmluL3NoCg=="),
    "disableApiTermination": ("DisableApiTermination", True),
    "disableApiStop": ("DisableApiStop", False),
    "instanceInitiatedShutdownBehavior": ("InstanceInitiatedShutdownBehavior", "stop"),
    "instanceType": ("InstanceType", "t3.micro"),
    "ebsOptimized": ("EbsOptimized", False),
    "sourceDestCheck": ("SourceDestCheck", True),
}


def test_attributes_are_described_one_by_one(ec2, image):
    instance = launch(ec2, image, UserData="#!/bin/sh\n", DisableApiTermination=True)["InstanceId"]
    for attribute, (name, value) in ATTRIBUTES.items():
        reply = ec2.describe_instance_attribute(InstanceId=instance, Attribute=attribute)
        assert reply[name]["Value"] == value, attribute
    assert ec2.describe_instance_attribute(
        InstanceId=instance, Attribute="blockDeviceMapping")["BlockDeviceMappings"][0]["DeviceName"] == "/dev/xvda"
    assert ec2.describe_instance_attribute(InstanceId=instance, Attribute="groupSet")["Groups"]
    with refused("InvalidParameterValue"):
        ec2.describe_instance_attribute(InstanceId=instance, Attribute="kernel")


def test_launch_template_data_shows_what_was_set(ec2, image):
    instance = launch(ec2, image, UserData="#!/bin/sh\n", DisableApiTermination=True)["InstanceId"]
    data = ec2.get_launch_template_data(InstanceId=instance)["LaunchTemplateData"]
    assert (data["UserData"], data["DisableApiTermination"]) == ("IyEvYmluL3NoCg==", True)
    assert (data["InstanceInitiatedShutdownBehavior"], data["InstanceType"]) == ("stop", "t3.micro")
    plain = ec2.get_launch_template_data(InstanceId=launch(ec2, image)["InstanceId"])["LaunchTemplateData"]
    assert "UserData" not in plain
    with refused("InvalidInstanceID.NotFound"):
        ec2.get_launch_template_data(InstanceId="i-00000000000000000")


def test_a_life_from_launch_to_termination_passes_the_waiters(ec2, image):
    ids = {"InstanceIds": [launch(ec2, image)["InstanceId"]]}
    ec2.get_waiter("instance_exists").wait(**ids)
    ec2.get_waiter("instance_running").wait(**ids)
    ec2.get_waiter("instance_status_ok").wait(**ids)
    ec2.get_waiter("system_status_ok").wait(**ids)
    stopping = ec2.stop_instances(**ids)["StoppingInstances"][0]
    assert (stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]) == ("running", "stopping")
    ec2.get_waiter("instance_stopped").wait(**ids)
    assert describe(ec2, ids["InstanceIds"][0])["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert ec2.start_instances(**ids)["StartingInstances"][0]["CurrentState"]["Name"] == "pending"
    ec2.get_waiter("instance_running").wait(**ids)
    ec2.terminate_instances(**ids)
    ec2.get_waiter("instance_terminated").wait(**ids)
    shown = describe(ec2, ids["InstanceIds"][0])
    assert shown["State"]["Name"] == "terminated"
    assert shown["BlockDeviceMappings"] == []
    assert "PrivateIpAddress" not in shown
    again = ec2.terminate_instances(**ids)["TerminatingInstances"][0]
    assert again["CurrentState"]["Name"] == "terminated"


def test_a_token_used_again_gives_the_same_instance(ec2, image):
    first = launch(ec2, image, ClientToken="once")
    assert launch(ec2, image, ClientToken="once")["InstanceId"] == first["InstanceId"]
    with refused("IdempotentParameterMismatch"):
        launch(ec2, image, ClientToken="once", InstanceType="t3.large")
    found = ec2.describe_instances(Filters=[{"Name": "client-token", "Values": ["once"]}])["Reservations"]
    assert [i["InstanceId"] for r in found for i in r["Instances"]] == [first["InstanceId"]]
    ec2.terminate_instances(InstanceIds=[first["InstanceId"]])
    with refused("IdempotentInstanceTerminated"):
        launch(ec2, image, ClientToken="once")


def test_a_protected_instance_is_not_terminated(ec2, image):
    instance = launch(ec2, image)["InstanceId"]
    ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    with refused("OperationNotPermitted") as refusal:
        ec2.terminate_instances(InstanceIds=[instance])
    assert "disableApiTermination" in refusal.message
    with refused("OperationNotPermitted"):
        ec2.terminate_instances(InstanceIds=[instance], DryRun=True)
    ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[instance])


def test_an_attribute_that_is_left_out_means_true(ec2, image):
    """EC2 takes a mapping without DeleteOnTermination for DeleteOnTermination=true."""
    instance = launch(ec2, image)["InstanceId"]

    def deleted():
        return describe(ec2, instance)["BlockDeviceMappings"][0]["Ebs"]["DeleteOnTermination"]

    ec2.modify_instance_attribute(
        InstanceId=instance, BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"DeleteOnTermination": False}}])
    assert deleted() is False
    ec2.modify_instance_attribute(InstanceId=instance, BlockDeviceMappings=[{"DeviceName": "/dev/xvda"}])
    assert deleted() is True


def test_one_attribute_is_modified_at_a_time(ec2, image):
    instance = launch(ec2, image)["InstanceId"]
    with refused("InvalidParameterCombination"):
        ec2.modify_instance_attribute(
            InstanceId=instance, DisableApiTermination={"Value": True}, DisableApiStop={"Value": True})
    with refused("InvalidParameterCombination"):
        ec2.modify_instance_attribute(InstanceId=instance)
    with refused("IncorrectInstanceState"):
        ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"new"})
    with refused("InvalidInstanceAttributeValue"):
        ec2.modify_instance_attribute(
            InstanceId=instance, BlockDeviceMappings=[{"DeviceName": "/dev/sdz", "Ebs": {"DeleteOnTermination": True}}])


def test_ids_that_do_not_exist_are_refused_by_name(ec2):
    with refused("InvalidInstanceID.NotFound", 400):
        ec2.describe_instances(InstanceIds=["i-00000000000000000"])
    with refused("InvalidInstanceID.Malformed", 400):
        ec2.describe_instances(InstanceIds=["web-1"])


@pytest.mark.parametrize("change, code", [
    ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
    ({"ImageId": "debian"}, "InvalidAMIID.Malformed"),
    ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
    ({"SubnetId": "subnet-0"}, "InvalidSubnetID.NotFound"),
    ({"SecurityGroupIds": ["sg-0"]}, "InvalidGroup.NotFound"),
    ({"InstanceType": "t4g.small"}, "InvalidParameterValue"),
    ({"InstanceType": "x99.huge"}, "InvalidParameterValue"),
    ({"Placement": {"AvailabilityZone": "mars-1a"}}, "InvalidParameterValue"),
    ({"MinCount": 2, "MaxCount": 1}, "InvalidParameterValue"),
    ({"MaxCount": 1000}, "InstanceLimitExceeded"),
    ({"MetadataOptions": {"HttpTokens": "maybe"}}, "InvalidParameterValue"),
    ({"ClientToken": "x" * 65}, "InvalidParameterValue"),
    ({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {}}]}, "MissingParameter"),
    ({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": "snap-00000000000000000"}}]},
     "InvalidSnapshot.NotFound"),
    ({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 1}}]}, "InvalidBlockDeviceMapping"),
    ({"TagSpecifications": [{"ResourceType": "planet", "Tags": [{"Key": "a", "Value": "b"}]}]},
     "InvalidParameterValue"),
    ({"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}]}, "UnsupportedOperation"),
])
def test_a_launch_that_cannot_be_is_refused_with_ec2s_code(ec2, image, change, code):
    with refused(code):
        ec2.run_instances(**{"ImageId": image, "MinCount": 1, "MaxCount": 1, **change})


def test_a_network_interface_carries_subnet_and_groups(ec2, image):
    subnet = ec2.describe_subnets()["Subnets"][2]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    made = launch(ec2, image, NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "Groups": [group]}])
    assert made["SubnetId"] == subnet
    assert made["NetworkInterfaces"][0]["Groups"][0]["GroupId"] == group
    with refused("InvalidParameterCombination"):
        launch(ec2, image, SubnetId=subnet, NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet}])


def test_an_images_data_mapping_can_be_suppressed(ec2):
    image = register(ec2, "with data", RootDeviceName="/dev/sda1",
                     BlockDeviceMappings=[{"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 2}}])
    assert len(describe(ec2, launch(ec2, image)["InstanceId"])["BlockDeviceMappings"]) == 2
    made = launch(ec2, image, BlockDeviceMappings=[{"DeviceName": "/dev/sdb", "NoDevice": ""}])
    assert [row["DeviceName"] for row in describe(ec2, made["InstanceId"])["BlockDeviceMappings"]] == ["/dev/sda1"]


def test_pages_show_every_instance_once(start):
    ec2 = start("--latency", "none").client()
    image = register(ec2, "v1")
    made = set()
    for _ in range(4):
        reply = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=6)
        made |= {i["InstanceId"] for i in reply["Instances"]}
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    shown = [i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]]
    assert len(pages) == 5
    assert len(shown) == 24 and set(shown) == made
    whole = ec2.describe_instances()["Reservations"]
    assert [len(r["Instances"]) for r in whole] == [6, 6, 6, 6]
    statuses = ec2.get_paginator("describe_instance_status").paginate(PaginationConfig={"PageSize": 7})
    assert len([s for page in statuses for s in page["InstanceStatuses"]]) == 24


def test_a_page_cannot_be_asked_for_with_ids(ec2, image):
    instance = launch(ec2, image)["InstanceId"]
    with refused("InvalidParameterCombination"):
        ec2.describe_instances(InstanceIds=[instance], MaxResults=5)
    with refused("InvalidParameterValue"):
        ec2.describe_instances(MaxResults=4)
    with refused("InvalidNextToken"):
        ec2.describe_instances(NextToken="yesterday")


def test_filters_narrow_and_know_wildcards(start):
    ec2 = start("--latency", "none").client()
    image = register(ec2, "v1")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web-1"}, {"Key": "Stage", "Value": "x*y"}]}]
    web = launch(ec2, image, TagSpecifications=tags)["InstanceId"]
    other = launch(ec2, image, Placement={"AvailabilityZone": REGION + "c"})["InstanceId"]

    def found(*filters):
        reply = ec2.describe_instances(Filters=[{"Name": name, "Values": values} for name, *values in filters])
        return {i["InstanceId"] for r in reply["Reservations"] for i in r["Instances"]}

    assert found(("tag:Name", "web-*")) == {web}
    assert found(("tag:Name", "web-?")) == {web}
    assert found(("tag:Name", "db-*", "web-1")) == {web}
    assert found(("tag:Stage", "x\\*y")) == {web}
    assert found(("tag:Stage", "\\*")) == set()
    assert found(("tag-key", "Name")) == {web}
    assert found(("availability-zone", REGION + "c")) == {other}
    assert found(("instance-id", web, other)) == {web, other}
    assert found(("image-id", image), ("instance-state-name", "running")) == {web, other}
    assert found(("instance-state-name", "stopped")) == set()
    assert found(("instance-state-code", "16")) == {web, other}
    assert found(("private-ip-address", describe(ec2, web)["PrivateIpAddress"])) == {web}
    attached = describe(ec2, web)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert found(("block-device-mapping.volume-id", attached)) == {web}


def test_a_pending_instance_has_no_status_yet(start):
    ec2 = start("--latency", "ec2").client()
    instance = launch(ec2, register(ec2, "v1"))["InstanceId"]
    waiter = ec2.get_waiter("instance_exists")
    waiter.config.delay = 1
    waiter.wait(InstanceIds=[instance])
    assert ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"] == []
    all_of_them = ec2.describe_instance_status(InstanceIds=[instance], IncludeAllInstances=True)["InstanceStatuses"]
    assert all_of_them[0]["InstanceState"]["Name"] == "pending"
    assert all_of_them[0]["InstanceStatus"]["Status"] == "not-applicable"


def test_a_new_instance_is_not_found_at_first(start, tmp_path):
    """EC2's eventual consistency: NotFound right after the launch does not mean that it is gone."""
    table = tmp_path / "latency"
    table.write_text("profile = none\nvisibility = 60000\n")
    slow = start("--latency", str(table)).client()
    image = register(slow, "v1")
    instance = launch(slow, image)["InstanceId"]
    with refused("InvalidInstanceID.NotFound"):
        slow.describe_instances(InstanceIds=[instance])
    with refused("InvalidInstanceID.NotFound"):
        slow.terminate_instances(InstanceIds=[instance])
    assert slow.describe_instances()["Reservations"] == []


def test_a_data_volume_attached_later_survives_termination(ec2, image):
    instance = launch(ec2, image)["InstanceId"]
    data = volume(ec2)
    ec2.attach_volume(VolumeId=data, InstanceId=instance, Device="/dev/sdf")
    root = describe(ec2, instance)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.get_waiter("volume_deleted").wait(VolumeIds=[root])
    assert ec2.describe_volumes(VolumeIds=[data])["Volumes"][0]["State"] == "available"
