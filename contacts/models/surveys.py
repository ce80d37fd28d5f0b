"""Surveys: what the customer thought of the call. One for each contact, and never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import TechnicalProblem
from contacts.limits import SURVEY_COMMENT_MAX_CHARACTERS
from contacts.models.contacts import Contact

RATINGS = (1, 5)  # very bad, very good


class Survey(models.Model):
    """The customer's answer."""

    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, related_name="survey", verbose_name=_("contact")
    )
    rating = models.PositiveSmallIntegerField(_("rating"), help_text=_("1 very bad, 5 very good"))
    technical_problem = models.CharField(
        _("technical problem"), max_length=16, choices=TechnicalProblem, blank=True
    )
    comment = models.TextField(_("comment"), max_length=SURVEY_COMMENT_MAX_CHARACTERS, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"))

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__gte=RATINGS[0], rating__lte=RATINGS[1]),
                name="survey_rating_in_range",
            ),
            models.CheckConstraint(
                condition=Q(technical_problem__in=["", *TechnicalProblem.values]),
                name="survey_problem_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/{RATINGS[1]}"
