"""The demo identity: who may ask, and the contact centre that is there, without any configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """The account, credentials and resources that exist without any configuration."""

    access_key: str = "localconnect"
    secret_key: str = "localconnect-secret"  # noqa: S105 - a published demo credential
    region: str = "us-east-1"
    account_id: str = "000000000000"
    instance_id: str = "11111111-1111-4111-8111-111111111111"
    flow_id: str = "22222222-2222-4222-8222-222222222222"
    saved_flow_id: str = "22222222-2222-4222-8222-222222222223"
    queue_id: str = "33333333-3333-4333-8333-333333333333"

    @property
    def instance_arn(self) -> str:
        return f"arn:aws:connect:{self.region}:{self.account_id}:instance/{self.instance_id}"


DEMO = Identity()
