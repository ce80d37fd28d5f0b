"""Entry points: the places a customer calls from, each with its flow and what its calls may do."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import Feature, IdentityRule
from contacts.custom_fields import validate_custom_fields
from contacts.models.partners import Partner
from contacts.site_origins import is_site_origin
from contacts.theme_checks import validate_dark_accent, validate_light_accent

MAX_ORIGINS = 50
MAX_CORNER_RADIUS_PX = 32
CONSENT_MAX_CHARACTERS = 2000
RECORDING_NOTICE = "This call may be recorded by {company}."  # as stored; the page shows it in the caller's language


def validate_origins(value: object) -> None:
    """Refuse what is no list of origins.

    :raises ValidationError: naming the first that is wrong.
    """
    if not isinstance(value, list) or len(value) > MAX_ORIGINS:
        raise ValidationError(
            _("Give a list of at most %(most)d origins."), params={"most": MAX_ORIGINS}
        )
    for one in value:
        if not isinstance(one, str) or not is_site_origin(one):
            raise ValidationError(
                _("%(origin)s is no origin: write https:// and the host, and nothing after it."),
                params={"origin": repr(one)},
            )


def validate_features(value: object) -> None:
    """Refuse what is no list of features.

    :raises ValidationError: something in it is none, or is named twice.
    """
    names = value if isinstance(value, list) else [None]
    if len(set(map(str, names))) < len(names) or not set(Feature.values).issuperset(
        map(str, names)
    ):
        raise ValidationError(_("Give a list of features, each once."))


def languages() -> list[tuple[str, str]]:
    """Return the languages that callers may be addressed in, each with its own name."""
    return list(settings.LANGUAGES)


class EntryPointQuerySet(models.QuerySet["EntryPoint"]):
    """Filters that read as adjectives."""

    def open(self) -> EntryPointQuerySet:
        """Those that take calls now."""
        return self.filter(is_open=True)


class EntryPoint(models.Model):
    """A place a customer calls from."""

    slug = models.SlugField(
        _("slug"), max_length=64, unique=True, help_text=_("Part of its address.")
    )
    name = models.CharField(_("name"), max_length=120)
    company = models.CharField(
        _("company"), max_length=120, help_text=_("Whom the customer calls.")
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="own_entry_points",
        verbose_name=_("partner"),
        help_text=_("Who sees and handles every call that begins here."),
    )
    is_open = models.BooleanField(_("open"), default=True, help_text=_("Whether it takes calls."))
    ignores_hours = models.BooleanField(
        _("open at all hours"),
        default=False,
        help_text=_("Shown as open outside the hours of operation, and when no agent is online."),
    )
    busy_wait_s = models.PositiveIntegerField(
        _("busy beyond a wait of, s"),
        default=600,
        help_text=_("With a longer estimated wait it is shown as busy."),
    )
    language = models.CharField(
        _("language"),
        max_length=16,
        blank=True,
        choices=languages,
        help_text=_(
            "Of its pages, for callers who choose none there. Empty: the one their browser asks for."
        ),
    )
    name_required = models.BooleanField(_("name required"), default=True)
    custom_fields = models.JSONField(
        _("further questions"),
        default=list,
        blank=True,
        validators=[validate_custom_fields],
        help_text=_(
            "What callers are asked besides their name, as a list such as "
            '[{"key": "order", "label": "Order number", "kind": "text", "required": true}]. '
            'Kinds are text, multiline and choice (with "choices"). Answers become attributes that begin with web_.'
        ),
    )
    recording_notice = models.BooleanField(
        _("recording notice"),
        default=False,
        help_text=_("Callers have to agree that the call may be recorded."),
    )
    consent_text = models.TextField(
        _("consent"),
        blank=True,
        max_length=CONSENT_MAX_CHARACTERS,
        help_text=_(
            "What else callers have to agree to before a call. Each wording is kept as a version of its own."
        ),
    )
    connect_instance_id = models.CharField(
        _("Amazon Connect instance"),
        max_length=100,
        blank=True,
        help_text=_("Id or ARN. Empty: the one of CONNECT_INSTANCE_ID."),
    )
    connect_contact_flow_id = models.CharField(
        _("contact flow"),
        max_length=500,
        blank=True,
        help_text=_("Id or ARN. Empty: the one of CONNECT_CONTACT_FLOW_ID."),
    )
    connect_queue_id = models.CharField(
        _("queue"),
        max_length=256,
        blank=True,
        help_text=_(
            "Whose hours and agents decide whether it is open; id or ARN. Empty: the one queue of the contact flow."
        ),
    )
    customer_video = models.BooleanField(_("customer video"), default=True)
    customer_screen_share = models.BooleanField(_("customer screen share"), default=False)
    agent_video = models.BooleanField(_("agent video"), default=True)
    agent_screen_share = models.BooleanField(_("agent screen share"), default=False)
    switched_off = models.JSONField(
        _("switched off"),
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        validators=[validate_features],
    )
    identity_rule = models.CharField(
        _("callers without a signed identity"),
        max_length=16,
        choices=IdentityRule,
        default=IdentityRule.OPTIONAL,
    )
    allowed_origins = models.JSONField(
        _("allowed websites"),
        default=list,
        blank=True,
        validators=[validate_origins],
        help_text=_(
            "Websites that may show its button and its call inside their pages, as a list of origins "
            'such as ["https://www.example.com"].'
        ),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[validate_light_accent],
        help_text=_("Of buttons and links, such as #0a6b5a. Empty: ours."),
    )
    accent_dark = models.CharField(
        _("accent colour in the dark"),
        max_length=7,
        blank=True,
        validators=[validate_dark_accent],
        help_text=_("For devices set to dark. Empty: a lighter shade of the accent colour."),
    )
    corner_radius = models.PositiveSmallIntegerField(
        _("corner radius, px"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_CORNER_RADIUS_PX)],
        help_text=_("Of cards and buttons, from 0 (square) to 32. Empty: ours."),
    )
    shows_company = models.BooleanField(
        _("company name shown"),
        default=True,
        help_text=_("Beside the logo. Turn it off when the logo has the name in it."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = EntryPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry point")
        verbose_name_plural = _("entry points")
        ordering = ["name", "slug"]
        permissions = [("see_every_entrypoint", _("Can see the calls of every entry point"))]
        constraints = [
            models.CheckConstraint(condition=~models.Q(slug=""), name="entry_point_has_slug"),
            models.CheckConstraint(condition=~models.Q(name=""), name="entry_point_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def offers(self, feature: Feature) -> bool:
        """Whether its customers may use a feature."""
        return feature.value not in self.switched_off

    @property
    def instance_id(self) -> str:
        """The Amazon Connect instance its calls go to."""
        return self.connect_instance_id or settings.CONNECT_INSTANCE_ID

    @property
    def contact_flow_id(self) -> str:
        """The contact flow its calls enter."""
        return self.connect_contact_flow_id or settings.CONNECT_CONTACT_FLOW_ID

    @property
    def consent_wording(self) -> str:
        """What callers have to agree to; empty when there is nothing."""
        recording = RECORDING_NOTICE.format(company=self.company) if self.recording_notice else ""
        return "\n".join(filter(None, [recording, self.consent_text.strip()]))
