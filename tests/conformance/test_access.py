"""Who is let in, and what is said to the others."""

import datetime
import http.client
import urllib.parse
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from conftest import ACCESS_KEY, REGION, refused


def test_a_wrong_secret_is_refused(sandbox):
    with refused("SignatureDoesNotMatch", 403):
        sandbox.client(aws_secret_access_key="wrong").describe_instances()


def test_an_unknown_key_is_refused(sandbox):
    with refused("AuthFailure", 401):
        sandbox.client(aws_access_key_id="AKIDNOBODY").describe_instances()
    with refused("InvalidClientTokenId", 403):
        sandbox.client("sts", aws_access_key_id="AKIDNOBODY").get_caller_identity()


def test_another_region_is_refused(sandbox):
    with refused("SignatureDoesNotMatch", 403) as refusal:
        sandbox.client(region_name="us-east-1").describe_instances()
    assert REGION in refusal.message


def send(sandbox, form, method="POST", path="/", headers=None, sign=True):
    """A request of one's own, signed by botocore."""
    body = urllib.parse.urlencode(form) if isinstance(form, dict) else form
    sent = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **(headers or {})}
    request = botocore.awsrequest.AWSRequest(method, sandbox.url + path, headers=sent, data=body)
    if sign:
        credentials = botocore.credentials.Credentials(ACCESS_KEY, sandbox.secret)
        botocore.auth.SigV4Auth(credentials, "ec2", REGION).add_auth(request)
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=10)
    connection.request(method, path, body, dict(request.headers))
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply, text


FORM = {"Action": "DescribeInstances", "Version": "2016-11-15"}


def send_at(sandbox, minutes):
    """The request of a client whose clock is off; botocore's own signer, as the CRT's cannot be told the time."""
    shifted = datetime.datetime.utcnow() + datetime.timedelta(minutes=minutes)
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = shifted
        return send(sandbox, FORM)


@pytest.mark.parametrize("minutes", [-60, -16, 16, 60])
def test_a_clock_that_is_off_is_refused(sandbox, minutes):
    reply, text = send_at(sandbox, minutes)
    assert reply.status == 400
    assert "<Code>RequestExpired</Code>" in text
    assert reply.headers["Date"]  # what a client corrects its clock by


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_may_be_off_a_little(sandbox, minutes):
    assert send_at(sandbox, minutes)[0].status == 200


def test_an_unsigned_request_is_refused(sandbox):
    reply, text = send(sandbox, FORM, sign=False)
    assert reply.status == 403
    assert "<Code>MissingAuthenticationToken</Code>" in text
    assert "<RequestID>" in text


def test_a_signed_request_of_ones_own_is_let_in(sandbox):
    reply, text = send(sandbox, FORM)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/xml;charset=UTF-8"
    assert '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' in text


def test_a_get_with_parameters_in_the_query_is_let_in(sandbox):
    path = "/?" + urllib.parse.urlencode({"Version": "2016-11-15", "Action": "DescribeRegions"})
    reply, text = send(sandbox, "", method="GET", path=path)
    assert reply.status == 200, text
    assert "<regionName>" in text


def test_an_unknown_action_is_refused(sandbox):
    reply, text = send(sandbox, {**FORM, "Action": "LaunchRockets"})
    assert reply.status == 400
    assert "<Code>InvalidAction</Code>" in text
    assert "LaunchRockets" in text


def test_what_the_sandbox_does_not_know_is_refused_not_ignored(sandbox, ec2):
    reply, text = send(sandbox, {**FORM, "Colour": "blue"})
    assert "<Code>UnknownParameter</Code>" in text
    assert reply.status == 400
    with refused("InvalidParameterValue"):
        ec2.describe_instances(Filters=[{"Name": "colour", "Values": ["blue"]}])


def test_a_missing_parameter_is_named(sandbox):
    _, text = send(sandbox, {**FORM, "Action": "AttachVolume", "VolumeId": "vol-1", "InstanceId": "i-1"})
    assert "<Code>MissingParameter</Code>" in text
    assert "Device" in text
    _, text = send(sandbox, {**FORM, "Action": "StopInstances"})
    assert "<Code>MissingParameter</Code>" in text
    assert "InstanceId" in text


def test_a_body_that_is_too_large_is_refused(sandbox):
    reply, _ = send(sandbox, "Action=" + "x" * (1024 * 1024 + 1))
    assert reply.status == 413


def test_a_malformed_body_is_refused(sandbox):
    reply, text = send(sandbox, "Action=%zz")
    assert reply.status == 400
    assert "MalformedQueryString" in text


def test_text_is_escaped_in_replies(sandbox, ec2):
    nasty = "</Message><x a='1'>&amp; \u00e9\u4e2d"
    reply, text = send(sandbox, {**FORM, "Action": nasty})
    assert reply.status == 400
    assert "&lt;/Message&gt;" in text
    image = ec2.register_image(Name="a <b> & c", ImageLocation="/x", Description=nasty)["ImageId"]
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["Description"] == nasty


def test_another_path_is_not_found(sandbox):
    reply, _ = send(sandbox, "", method="GET", path="/latest/meta-data/", sign=False)
    assert reply.status == 404


def test_a_connection_is_kept_for_the_next_request(sandbox):
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=10)
    for _ in range(3):
        connection.request("GET", "/_sandbox/calls")
        assert connection.getresponse().read()
        before = connection.sock
    assert connection.sock is before
    connection.close()


def test_names_of_any_bytes_do_no_harm(start):
    sandbox = start("--latency", "none")
    authorization = "AWS4-HMAC-SHA256 Credential=\xff\xfe/20261122/r/ec2/aws4_request, SignedHeaders=host, Signature=0"
    for _ in range(3):
        _, text = send(sandbox, FORM, headers={"Authorization": authorization}, sign=False)
        assert "<Code>AuthFailure</Code>" in text
        _, text = send(sandbox, "Action=%ff%fe&Version=2016-11-15")
        assert "<Code>InvalidAction</Code>" in text
    calls = sandbox.page("calls")
    assert calls["actions"]["other"] == 3
    assert calls["access_keys"]["other"]["calls"] == 3
