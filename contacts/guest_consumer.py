"""The socket of a guest: follows the call they are invited to, and shows of it what a guest may see, as it is when it is sent."""

from __future__ import annotations

from uuid import UUID

from contacts.access import place_of_guest
from contacts.consumers import ShowingConsumer, is_over
from contacts.guests import guest_key_of_socket
from contacts.hubs import HEARTBEAT, Mailbox
from contacts.models import Invitation
from contacts.push import CONTACTS
from contacts.snapshots import guest_frame
from contacts.socket_reads import in_read_thread
from contacts.topics import Status

NO_CONTACT = UUID(int=0)


class GuestConsumer(ShowingConsumer):
    """Shows one call to one of its guests."""

    topic = CONTACTS
    contact_id = NO_CONTACT

    async def connect(self) -> None:
        """Watch the contact of the guest's invitation."""
        place = await in_read_thread(self._place)
        if place is not None:
            self.contact_id = place.contact_id
        await super().connect()

    def key_of_address(self) -> str:
        """Return the contact's id, which the guest is not told."""
        return str(self.contact_id)

    async def read(self) -> Status | None:
        """Read what the guest may see, if it is a guest who asks."""
        return await in_read_thread(self._read)

    def may_have_ended(self) -> bool:
        """Whether it is over for the guest, whose data may be erased."""
        return is_over(self.shown)

    async def take(self, mailbox: Mailbox) -> str | None:
        """Wait for a change of the contact, and read it as the guest may see it: what waits is the customer's view."""
        text = await super().take(mailbox)
        if text in (HEARTBEAT, None):
            return text
        status = await self.read()
        return status.text if status else None

    def _read(self) -> Status | None:
        place = self._place()
        return None if place is None else Status.of(self.key, guest_frame(place.contact, place))

    def _place(self) -> Invitation | None:
        return place_of_guest(
            invitation_id=self.scope["url_route"]["kwargs"]["invitation_id"],
            guest_key=guest_key_of_socket(self.scope),
        )
