"""The catalogue of everything the customer reads: a stable id for each sentence, and its English text.

Ids are a contract (`data-msg` on the element that shows the sentence), and the context under which a translation of the
text is kept in `locale/`. A gap such as `{company}` is filled where the sentence is shown. The tables are modules of their
own, one for each time at which people read them (`portal.*_sentences`). Knows no page, no request and no contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, npgettext, pgettext_lazy

from portal.action_sentences import ACTIONS
from portal.call_sentences import DEVICES, IN_THE_CALL, NETWORK_CHECK, WAITING
from portal.counted import Counted, counts_of
from portal.ending_sentences import THE_END
from portal.entry_sentences import CALLBACK, DETAILS, ENTRY, REMINDER
from portal.mail_sentences import MAILS
from portal.page_sentences import HELP, PAGES, REPORT

# What the call page's script may have to say after it was served.
SPOKEN_BY_SCRIPT: Mapping[str, str | Counted] = {
    **ENTRY,
    **CALLBACK,
    **REMINDER,
    **DETAILS,
    **DEVICES,
    **NETWORK_CHECK,
    **WAITING,
    **IN_THE_CALL,
    **THE_END,
    **ACTIONS,
    **REPORT,
}

# What it may have to say before anybody calls. The rest is fetched, whole, before any of it is needed.
AT_THE_ENTRY = (
    *(name for name in ENTRY if name.startswith("entry.")),
    *("page.loading", "title.call", "start.failed", "start.failed.body", "invite.copied"),
    *(f"action.{name}" for name in ("start_video", "start_call", "wait_for_call", "audio_only")),
    *(
        f"action.{name}"
        for name in ("callback", "remind", "try_again", "open_secure", "copy_link")
    ),
)

ENGLISH: Mapping[str, str | Counted] = {**SPOKEN_BY_SCRIPT, **HELP, **PAGES, **MAILS}

# Each in the language of whoever reads it, but for those that depend on a number.
MESSAGES: Mapping[str, Promise] = {
    message_id: pgettext_lazy(message_id, text)
    for message_id, text in ENGLISH.items()
    if isinstance(text, str)
}


def texts_for_script() -> dict[str, str | dict[str, str]]:
    """Return the sentences the call page's script needs, in the active language, by id.

    One that depends on a number is an object of its forms, by the names of `Intl.PluralRules`.
    """
    return _texts_of(SPOKEN_BY_SCRIPT)


def texts_at_entry() -> dict[str, str | dict[str, str]]:
    """Return those of `texts_for_script` that the page's first screen needs."""
    return _texts_of(AT_THE_ENTRY)


def texts_for_call() -> dict[str, str | dict[str, str]]:
    """Return the rest of `texts_for_script`."""
    return _texts_of(name for name in SPOKEN_BY_SCRIPT if name not in AT_THE_ENTRY)


def _texts_of(names: Iterable[str]) -> dict[str, str | dict[str, str]]:
    return {message_id: text_of(message_id) for message_id in names}


def text_of(message_id: str) -> str | dict[str, str]:
    """Return a sentence in the active language: its text, or its forms by their names."""
    text = ENGLISH[message_id]
    if isinstance(text, str):
        return str(MESSAGES[message_id])
    return {
        form: npgettext(message_id, text.one, text.other, count)
        for form, count in counts_of(get_language() or "en").items()
    }


def texts_for_template() -> dict[str, Promise]:
    """Return every sentence by its id with `_` for `.`, as templates can spell it."""
    return {message_id.replace(".", "_"): text for message_id, text in MESSAGES.items()}
