"""Takes the customer's answer to the survey: once for each call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contacts import errors
from contacts.choices import Feature, PortalEvent, TechnicalProblem
from contacts.commits import commit
from contacts.errors import FieldProblem
from contacts.limits import SURVEY_COMMENT_MAX_CHARACTERS, text_problems
from contacts.models import RATINGS, Contact, Survey
from contacts.operations.features import require
from contacts.operations.timeline import write_entry


def submit_survey(
    *, contact: Contact, rating: int, technical_problem: str = "", comment: str = "", at: datetime
) -> tuple[Survey, bool]:
    """Keep what the customer thought of the call. Returns the survey, and whether it had been answered the same before.

    :raises InvalidCall: an answer is out of range or too long.
    :raises FeatureOff: the entry point does without.
    :raises SurveyAnswered: it has been answered otherwise.
    :raises Contact.DoesNotExist: its personal data was erased just now, and a comment would be some again.
    """
    require(Feature.SURVEY, contact.entry_point)
    if problems := list(_problems(rating, technical_problem, comment)):
        raise errors.InvalidCall(problems)
    answers = {
        "rating": rating,
        "technical_problem": technical_problem,
        "comment": comment.strip(),
    }

    def write() -> tuple[Survey, bool]:
        if contact.lock().erased_at is not None:
            raise Contact.DoesNotExist  # whose it was is forgotten
        survey, is_new = Survey.objects.get_or_create(
            contact=contact, defaults={**answers, "submitted_at": at}
        )
        if is_new:
            write_entry(contact, PortalEvent.SURVEY_SUBMITTED, at=at, rating=rating)
        return survey, is_new

    survey, is_new = commit(write)
    if any(getattr(survey, field) != answer for field, answer in answers.items()):
        raise errors.SurveyAnswered(contact.reference)
    return survey, not is_new


def _problems(rating: int, technical_problem: str, comment: str) -> Iterator[FieldProblem]:
    lowest, highest = RATINGS
    if not lowest <= rating <= highest:
        yield FieldProblem("/rating", "bad_value", f"{lowest} to {highest}.")
    if technical_problem not in ("", *TechnicalProblem.values):
        allowed = ", ".join(TechnicalProblem.values)
        yield FieldProblem("/technical_problem", "bad_value", f"One of {allowed}.")
    yield from text_problems("/comment", comment, longest=SURVEY_COMMENT_MAX_CHARACTERS)
