"""Every action of the table is called by boto3, its reply parsed by the real model; every mutation has a dry run."""

import pytest
from conftest import REGION, launch, refused, register, volume

KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPmZrg6XNCFWUE5iWcBqsDJPJgOZvsQAsRXnQEvPzVZ someone@somewhere"


class Cloud:
    """Something of everything to call the actions on."""

    def __init__(self, ec2):
        self.image = register(ec2, "everything")
        self.spare_image = register(ec2, "spare")
        self.key = ec2.import_key_pair(KeyName="k", PublicKeyMaterial=KEY)["KeyName"]
        self.instance = launch(ec2, self.image)["InstanceId"]
        self.stopped = launch(ec2, self.image)["InstanceId"]
        ec2.stop_instances(InstanceIds=[self.stopped])
        ec2.get_waiter("instance_stopped").wait(InstanceIds=[self.stopped])
        self.attached, self.free, self.doomed = volume(ec2), volume(ec2), volume(ec2)
        ec2.get_waiter("volume_available").wait(VolumeIds=[self.attached, self.free, self.doomed])
        ec2.attach_volume(VolumeId=self.attached, InstanceId=self.instance, Device="/dev/sdf")
        ec2.get_waiter("volume_in_use").wait(VolumeIds=[self.attached])
        self.snapshot = ec2.create_snapshot(VolumeId=self.free)["SnapshotId"]
        self.allocation = ec2.allocate_address()["AllocationId"]
        self.spare_allocation = ec2.allocate_address()["AllocationId"]
        self.association = ec2.associate_address(
            AllocationId=self.allocation, InstanceId=self.instance)["AssociationId"]


# action: (client method, parameters, what the parsed reply must hold)
CALLS = {
    "RunInstances": ("run_instances", lambda c: {"ImageId": c.image, "MinCount": 1, "MaxCount": 2},
                     lambda r: len(r["Instances"]) == 2 and r["ReservationId"].startswith("r-")),
    "DescribeInstances": ("describe_instances", lambda c: {}, lambda r: r["Reservations"][0]["Instances"]),
    "DescribeInstanceStatus": ("describe_instance_status", lambda c: {},
                               lambda r: r["InstanceStatuses"][0]["InstanceStatus"]["Status"] == "ok"),
    "DescribeInstanceCreditSpecifications": (
        "describe_instance_credit_specifications", lambda c: {"InstanceIds": [c.instance]},
        lambda r: r["InstanceCreditSpecifications"][0]["CpuCredits"] == "unlimited"),
    "DescribeInstanceAttribute": (
        "describe_instance_attribute", lambda c: {"InstanceId": c.instance, "Attribute": "rootDeviceName"},
        lambda r: r["RootDeviceName"]["Value"] == "/dev/xvda"),
    "GetLaunchTemplateData": (
        "get_launch_template_data", lambda c: {"InstanceId": c.instance},
        lambda r: r["LaunchTemplateData"]["InstanceInitiatedShutdownBehavior"] == "stop"),
    "ModifyInstanceAttribute": (
        "modify_instance_attribute", lambda c: {"InstanceId": c.instance, "DisableApiStop": {"Value": False}},
        lambda r: True),
    "StartInstances": ("start_instances", lambda c: {"InstanceIds": [c.stopped]},
                       lambda r: r["StartingInstances"][0]["PreviousState"]["Name"] == "stopped"),
    "StopInstances": ("stop_instances", lambda c: {"InstanceIds": [c.instance]},
                      lambda r: r["StoppingInstances"][0]["CurrentState"] == {"Code": 64, "Name": "stopping"}),
    "TerminateInstances": ("terminate_instances", lambda c: {"InstanceIds": [c.instance]},
                           lambda r: r["TerminatingInstances"][0]["CurrentState"]["Code"] == 32),
    "GetConsoleOutput": ("get_console_output", lambda c: {"InstanceId": c.instance, "Latest": True},
                         lambda r: "virtual" in r["Output"] and r["Timestamp"]),
    "DescribeVolumes": ("describe_volumes", lambda c: {"VolumeIds": [c.attached]},
                        lambda r: r["Volumes"][0]["Attachments"][0]["State"] == "attached"),
    "CreateVolume": ("create_volume", lambda c: {"AvailabilityZone": REGION + "a", "SnapshotId": c.snapshot},
                     lambda r: r["Size"] == 1 and r["VolumeType"] == "gp2" and r["Iops"] == 100),
    "DeleteVolume": ("delete_volume", lambda c: {"VolumeId": c.doomed}, lambda r: True),
    "AttachVolume": ("attach_volume", lambda c: {"VolumeId": c.free, "InstanceId": c.stopped, "Device": "/dev/sdg"},
                     lambda r: r["State"] == "attaching" and r["Device"] == "/dev/sdg"),
    "DetachVolume": ("detach_volume", lambda c: {"VolumeId": c.attached}, lambda r: r["State"] == "detaching"),
    "CreateSnapshot": ("create_snapshot", lambda c: {"VolumeId": c.free, "Description": "d"},
                       lambda r: r["State"] == "pending" and r["Description"] == "d"),
    "DescribeSnapshots": ("describe_snapshots", lambda c: {"OwnerIds": ["self"]},
                          lambda r: r["Snapshots"][0]["Progress"].endswith("%")),
    "DeleteSnapshot": ("delete_snapshot", lambda c: {"SnapshotId": c.snapshot}, lambda r: True),
    "DescribeImages": ("describe_images", lambda c: {"Owners": ["self"]},
                       lambda r: r["Images"][0]["BlockDeviceMappings"][0]["DeviceName"] == "/dev/xvda"),
    "RegisterImage": ("register_image", lambda c: {"Name": "another", "ImageLocation": "/a:/b"},
                      lambda r: r["ImageId"].startswith("ami-")),
    "DeregisterImage": ("deregister_image", lambda c: {"ImageId": c.spare_image}, lambda r: True),
    "DescribeKeyPairs": ("describe_key_pairs", lambda c: {"IncludePublicKey": True},
                         lambda r: r["KeyPairs"][0]["PublicKey"].encode() == KEY),
    "ImportKeyPair": ("import_key_pair", lambda c: {"KeyName": "k2", "PublicKeyMaterial": KEY},
                      lambda r: r["KeyFingerprint"] and r["KeyPairId"].startswith("key-")),
    "DeleteKeyPair": ("delete_key_pair", lambda c: {"KeyName": "k"}, lambda r: True),
    "DescribeAddresses": ("describe_addresses", lambda c: {"AllocationIds": [c.allocation]},
                          lambda r: r["Addresses"][0]["PublicIp"].startswith("198.18.")),
    "AllocateAddress": ("allocate_address", lambda c: {"Domain": "vpc"}, lambda r: r["Domain"] == "vpc"),
    "ReleaseAddress": ("release_address", lambda c: {"AllocationId": c.spare_allocation}, lambda r: True),
    "AssociateAddress": ("associate_address", lambda c: {"AllocationId": c.allocation, "InstanceId": c.instance},
                         lambda r: r["AssociationId"].startswith("eipassoc-")),
    "DisassociateAddress": ("disassociate_address", lambda c: {"AssociationId": c.association}, lambda r: True),
    "CreateTags": ("create_tags", lambda c: {"Resources": [c.free], "Tags": [{"Key": "a", "Value": "b"}]},
                   lambda r: True),
    "DeleteTags": ("delete_tags", lambda c: {"Resources": [c.free], "Tags": [{"Key": "a"}]}, lambda r: True),
    "DescribeTags": ("describe_tags", lambda c: {}, lambda r: r["Tags"] == []),
    "DescribeAvailabilityZones": ("describe_availability_zones", lambda c: {},
                                  lambda r: [z["ZoneName"] for z in r["AvailabilityZones"]]
                                  == [REGION + letter for letter in "abc"]),
    "DescribeRegions": ("describe_regions", lambda c: {}, lambda r: r["Regions"][0]["RegionName"] == REGION),
    "DescribeSubnets": ("describe_subnets", lambda c: {}, lambda r: len(r["Subnets"]) == 3),
    "DescribeVpcs": ("describe_vpcs", lambda c: {}, lambda r: r["Vpcs"][0]["IsDefault"]),
    "DescribeSecurityGroups": ("describe_security_groups", lambda c: {},
                               lambda r: r["SecurityGroups"][0]["GroupName"] == "default"),
    "DescribeInstanceTypes": ("describe_instance_types", lambda c: {"InstanceTypes": ["t3.micro"]},
                              lambda r: r["InstanceTypes"][0]["MemoryInfo"]["SizeInMiB"] == 1024),
    "GetCallerIdentity": ("get_caller_identity", lambda c: {}, lambda r: r["Account"] == "123456789012"),
}


def service_of(action):
    return "sts" if action == "GetCallerIdentity" else "ec2"


def test_the_table_here_and_the_sandboxs_have_the_same_actions(sandbox):
    assert sorted(CALLS) == sorted(row["name"] for row in sandbox.page("actions"))


@pytest.mark.parametrize("action", CALLS)
def test_the_reply_is_what_the_real_model_expects(start, action):
    sandbox = start("--latency", "none")
    cloud = Cloud(sandbox.client())
    method, parameters, holds = CALLS[action]
    reply = getattr(sandbox.client(service_of(action)), method)(**parameters(cloud))
    assert holds(reply), reply
    assert reply["ResponseMetadata"]["RequestId"]
    assert sandbox.page("calls")["actions"][action] >= 1


def everything(ec2):
    """All that can be described, without request ids."""
    parts = [ec2.describe_instances(), ec2.describe_volumes(), ec2.describe_snapshots(), ec2.describe_images(),
             ec2.describe_key_pairs(), ec2.describe_addresses(), ec2.describe_tags()]
    for part in parts:
        del part["ResponseMetadata"]
    return parts


def test_a_dry_run_of_any_mutation_says_so_and_changes_nothing(sandbox):
    ec2 = sandbox.client()
    cloud = Cloud(ec2)
    before = everything(ec2)
    mutations = [row["name"] for row in sandbox.page("actions") if row["mutates"]]
    assert len(mutations) > 15
    for action in mutations:
        method, parameters, _ = CALLS[action]
        with refused("DryRunOperation", 412):
            getattr(ec2, method)(DryRun=True, **parameters(cloud))
    assert everything(ec2) == before
    assert sandbox.page("calls")["dry_runs"] == len(mutations)


def test_a_dry_run_checks_before_it_says_yes(ec2, image):
    with refused("InvalidVolume.NotFound"):
        ec2.delete_volume(VolumeId="vol-00000000000000000", DryRun=True)
    with refused("InvalidAMIID.NotFound"):
        ec2.run_instances(ImageId="ami-00000000000000000", MinCount=1, MaxCount=1, DryRun=True)
    with refused("InvalidParameterValue"):
        ec2.run_instances(ImageId=image, InstanceType="t9.giga", MinCount=1, MaxCount=1, DryRun=True)


