"""What only the AWS SDK for JavaScript does: it learns from a refusal how wrong its clock is."""

from __future__ import annotations

from tests.conformance.clients.client import Client
from tests.servers import LocalConnect


def test_clock_that_is_wrong_is_corrected(javascript_client: Client) -> None:
    """Should be told the time by the refusal's Date, and sign its second attempt by it."""
    wrong = javascript_client.having(clock_offset_s=-86_400)
    refused = wrong.refusal("DescribeInstance", InstanceId=LocalConnect.instance_id)
    patient = javascript_client.having(clock_offset_s=-86_400, attempts=2)
    reply = patient.call("DescribeInstance", InstanceId=LocalConnect.instance_id)

    assert (refused.status, refused.code) == (403, "InvalidSignatureException")
    assert refused.message.startswith("Signature expired")
    assert reply["Instance"]["Id"] == LocalConnect.instance_id
