"""How good calls were, and what the list of calls is narrowed by: indexed where few calls are what is asked for."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def note_guests(apps: Any, schema_editor: Any) -> None:
    """Mark the calls that had guests."""
    guests = apps.get_model("contacts", "Participant").objects.filter(role="guest")
    contacts = apps.get_model("contacts", "Contact").objects
    contacts.filter(pk__in=guests.values("contact")).update(had_guests=True)


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0023_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallQuality",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "customer_score",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=3,
                        null=True,
                        verbose_name="customer's score",
                    ),
                ),
                (
                    "customer_issues",
                    models.JSONField(blank=True, default=list, verbose_name="customer's issues"),
                ),
                (
                    "agent_score",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=3,
                        null=True,
                        verbose_name="agent's score",
                    ),
                ),
                (
                    "agent_issues",
                    models.JSONField(blank=True, default=list, verbose_name="agent's issues"),
                ),
                (
                    "disconnect_issue",
                    models.CharField(blank=True, max_length=64, verbose_name="issue at the end"),
                ),
                (
                    "setup_ms",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="set-up time, ms"
                    ),
                ),
                (
                    "reported_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="first reported by a browser"
                    ),
                ),
                (
                    "degraded_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="last told as degraded"
                    ),
                ),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quality",
                        to="contacts.contact",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customer_score__isnull", True),
                            models.Q(("customer_score__gte", 1), ("customer_score__lte", 5)),
                            _connector="OR",
                        ),
                        name="quality_customer_score_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agent_score__isnull", True),
                            models.Q(("agent_score__gte", 1), ("agent_score__lte", 5)),
                            _connector="OR",
                        ),
                        name="quality_agent_score_in_range",
                    ),
                ],
                "verbose_name": "call quality",
                "verbose_name_plural": "call qualities",
            },
        ),
        migrations.CreateModel(
            name="QualitySpell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page", models.UUIDField(editable=False)),
                ("number", models.PositiveSmallIntegerField(editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("network_weak", "Weak network"),
                            ("network_poor", "Poor network"),
                            ("network_away", "Network away"),
                            ("muted", "Microphone off"),
                            ("camera", "Camera on"),
                            ("sharing", "Screen shared"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("loss", "lost packets"),
                            ("round_trip", "long delay"),
                            ("bandwidth", "too little bandwidth"),
                            ("silence", "nothing came"),
                        ],
                        max_length=16,
                        verbose_name="cause",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Empty: not told to have ended.",
                        null=True,
                        verbose_name="ended at",
                    ),
                ),
                ("degraded", models.BooleanField(default=False, verbose_name="told as degraded")),
                (
                    "invitation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quality_spells",
                        to="contacts.invitation",
                        verbose_name="invitation",
                    ),
                ),
                (
                    "quality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spells",
                        to="contacts.callquality",
                        verbose_name="quality",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("quality", "page", "number"), name="quality_spell_once_told"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "network_weak",
                                    "network_poor",
                                    "network_away",
                                    "muted",
                                    "camera",
                                    "sharing",
                                ],
                            )
                        ),
                        name="quality_spell_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cause__in", ["", "loss", "round_trip", "bandwidth", "silence"])
                        ),
                        name="quality_spell_cause_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("ended_at__gte", models.F("began_at")),
                            _connector="OR",
                        ),
                        name="quality_spell_ends_after_it_began",
                    ),
                ],
                "verbose_name": "quality spell",
                "verbose_name_plural": "quality spells",
                "ordering": ["began_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="had_guests",
            field=models.BooleanField(db_default=False, default=False, verbose_name="had guests"),
        ),
        migrations.AddField(
            model_name="contact",
            name="had_share",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="had a shared screen"
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="had_video",
            field=models.BooleanField(db_default=False, default=False, verbose_name="had video"),
        ),
        migrations.AddField(
            model_name="contact",
            name="quality_band",
            field=models.CharField(
                blank=True,
                choices=[("good", "Good"), ("fair", "Fair"), ("poor", "Poor")],
                db_default="",
                default="",
                max_length=8,
                verbose_name="quality",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="queue_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Where it waited first.",
                max_length=256,
                verbose_name="queue",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("queue_id", ""), _negated=True),
                fields=["queue_id", "requested_at", "id"],
                name="contact_of_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("quality_band", ""), _negated=True),
                fields=["quality_band", "requested_at", "id"],
                name="contact_of_quality",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("connected_at__isnull", True)),
                fields=["state", "requested_at", "id"],
                name="contact_unanswered",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("had_video", True)),
                fields=["requested_at", "id"],
                name="contact_with_video",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("had_share", True)),
                fields=["requested_at", "id"],
                name="contact_with_share",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("had_guests", True)),
                fields=["requested_at", "id"],
                name="contact_with_guests",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("quality_band__in", ["", "good", "fair", "poor"])),
                name="contact_quality_band_known",
            ),
        ),
        migrations.RunPython(note_guests, migrations.RunPython.noop),
    ]
