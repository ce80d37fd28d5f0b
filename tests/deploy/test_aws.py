"""The CloudFormation template: lawful as AWS describes it, and allowing what the code asks and nothing else."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import yaml

from tests.server_process import PROJECT_DIR

TEMPLATE = PROJECT_DIR / "deploy" / "aws" / "contact-centre.yaml"
PAGE = PROJECT_DIR / "docs" / "how-to" / "connect-a-real-instance.md"


class Loader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions as what they hold."""


def _function(loader: Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]


Loader.add_multi_constructor("!", _function)
RESOURCES: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)["Resources"]


def actions_of(policy: str) -> set[str]:
    [statement] = RESOURCES[policy]["Properties"]["PolicyDocument"]["Statement"]
    return set(statement["Action"])


def methods_asked(module: Path, *functions: str) -> Iterator[str]:
    """The client's methods that a module calls by name, but for those that participants' own tokens allow."""
    for node in ast.walk(ast.parse(module.read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else getattr(node.func, "id", "")
        )
        of_participants = any(one.arg == "service" for one in node.keywords)
        if name in functions and not of_participants and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


def operations_of(service: str, methods: set[str]) -> set[str]:
    """Amazon's names of a client's methods."""
    client = botocore.session.get_session().create_client(
        service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    return {client.meta.method_to_api_mapping[method] for method in methods}


def test_template_is_lawful() -> None:
    """Should be accepted by AWS's own rules of its resources."""
    argv = [Path(sys.executable).with_name("cfn-lint"), "--regions", "eu-west-2", "--", TEMPLATE]
    told = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_policy_allows_exactly_what_the_portal_asks_of_connect() -> None:
    """Should name each operation of the code, and none besides."""
    asked = {
        method
        for module in (PROJECT_DIR / "contacts").glob("connect*.py")
        for method in methods_asked(module, "ask")
    }
    assert len(asked) >= 10
    wanted = {f"connect:{name}" for name in operations_of("connect", asked)}
    assert actions_of("CallsPolicy") == wanted


def test_policy_allows_exactly_what_the_portal_asks_of_the_queue() -> None:
    """Should name each; a batch needs what its single request needs."""
    module = PROJECT_DIR / "contacts" / "event_queue.py"
    asked = set(methods_asked(module, "_ask", "_ask_of_each"))
    names = {name.removesuffix("Batch") for name in operations_of("sqs", asked)}
    assert actions_of("EventsPolicy") == {f"sqs:{name}" for name in names}


def test_page_names_the_same_permissions() -> None:
    """Should be the same for who makes the policy by hand."""
    page = set(re.findall(r'"((?:connect|sqs):\w+)"', PAGE.read_text()))
    assert page - {"sqs:SendMessage"} == actions_of("CallsPolicy") | actions_of("EventsPolicy")


def test_nothing_is_allowed_on_everything() -> None:
    """Should name the resource of each permission that the portal's role gets."""
    for name in ("CallsPolicy", "EventsPolicy", "SecretsPolicy"):
        for statement in RESOURCES[name]["Properties"]["PolicyDocument"]["Statement"]:
            assert statement["Resource"] not in ("*", ["*"])
            assert not any("*" in action for action in statement["Action"])
