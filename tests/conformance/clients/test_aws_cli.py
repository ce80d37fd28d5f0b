"""What only the AWS CLI has: options, shorthand, its own paging, exit statuses and texts."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from tests.conformance.clients.client import Setup
from tests.conformance.clients.command_line import CommandLine, Ran
from tests.conformance.conftest import ControlApi
from tests.servers import LocalConnect

INSTANCE = ("--instance-id", LocalConnect.instance_id)


class Aws:
    """`aws` on one server."""

    def __init__(self, program: CommandLine, setup: Setup) -> None:
        self._program, self._setup = program, asdict(setup)

    def run(self, *arguments: str) -> Ran:
        """How a command ends."""
        return self._program.run(self._setup, *arguments)

    def text(self, *arguments: str) -> str:
        """What a command that succeeds prints."""
        ran = self.run(*arguments)
        assert ran.status == 0, ran.errors
        return ran.output


@pytest.fixture
def aws(command_line: CommandLine, running_connect: LocalConnect, control: ControlApi) -> Aws:
    return Aws(command_line, Setup(url=running_connect.url, attempts=3))


def test_call_is_made_by_options_and_shorthand(aws: Aws, control: ControlApi) -> None:
    """Should take every structure in shorthand, and tokens as options of their own."""
    contact_id, token = aws.text(
        *("connect", "start-web-rtc-contact", *INSTANCE),
        *("--contact-flow-id", LocalConnect.contact_flow_id),
        *("--participant-details", "DisplayName=Ana"),
        *("--allowed-capabilities", "Customer={Video=SEND},Agent={Video=SEND}"),
        *("--attributes", "plan=gold,size=XL"),
        *("--references", "order={Value=https://example.com/1,Type=URL}"),
        *("--query", "[ContactId,ParticipantToken]", "--output", "text"),
    ).split()
    connection = aws.text(
        *("connectparticipant", "create-participant-connection", "--participant-token", token),
        *("--type", "CONNECTION_CREDENTIALS"),
        *("--query", "ConnectionCredentials.ConnectionToken", "--output", "text"),
    ).strip()
    aws.text(
        *("connectparticipant", "send-message", "--connection-token", connection),
        *("--content-type", "audio/dtmf", "--content", "42#"),
    )
    references = aws.text(
        *("connect", "list-contact-references", *INSTANCE, "--contact-id", contact_id),
        *("--reference-types", "URL", "STRING"),
    )

    url = {"Name": "order", "Value": "https://example.com/1"}
    assert json.loads(references)["ReferenceSummaryList"] == [{"Url": url}]
    assert control.contact(contact_id)["digits"] == "42#"


def test_pages_are_cut_and_taken_up_again(aws: Aws) -> None:
    """Should go on from where --max-items stopped, in the middle of a page too."""
    listing = ("connect", "list-queues", *INSTANCE)
    first = json.loads(aws.text(*listing, "--page-size", "2", "--max-items", "1"))
    rest = json.loads(aws.text(*listing, "--starting-token", first["NextToken"]))

    names = [queue["Name"] for part in (first, rest) for queue in part["QueueSummaryList"]]
    assert names == ["First queue", "Second queue", "Third queue"]
    assert len(first["QueueSummaryList"]) == 1
    assert "NextToken" not in rest


def test_refusal_is_told_on_stderr(aws: Aws) -> None:
    """Should end with 255 for a refusal, 2 for a command that makes no sense, and print nothing."""
    absent = ("--contact-id", "99999999-9999-4999-8999-999999999999")
    refused = aws.run("connect", "describe-contact", *INSTANCE, *absent)
    senseless = aws.run("connect", "describe-contact", *INSTANCE)

    assert (refused.status, refused.output) == (255, "")
    assert refused.errors.strip().endswith(
        "An error occurred (ResourceNotFoundException) when calling the DescribeContact operation: "
        "Resource not found of Type: CONTACT"
    )
    assert (senseless.status, senseless.output) == (2, "")
    assert "--contact-id" in senseless.errors
