"""Says at start what is configured wrongly: the same as `manage.py check`, which nobody runs when a call fails."""

from __future__ import annotations

import logging

from django.core.checks import run_checks
from django.core.checks.messages import WARNING

logger = logging.getLogger(__name__)


def report_configuration() -> None:
    """Log every system check that warns or fails."""
    for problem in run_checks():
        if problem.level >= WARNING:
            logger.log(
                problem.level,
                "configuration_problem",
                extra={"id": problem.id, "problem": problem.msg, "hint": problem.hint},
            )
