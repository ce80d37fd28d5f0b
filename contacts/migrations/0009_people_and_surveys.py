import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_availability"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "place",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="place"),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("customer", "Customer"), ("agent", "Agent"), ("guest", "Guest")],
                        default="guest",
                        max_length=16,
                        verbose_name="role",
                    ),
                ),
                ("video", models.BooleanField(default=True, verbose_name="video")),
                ("screen_share", models.BooleanField(default=False, verbose_name="screen share")),
                (
                    "token_hash",
                    models.CharField(editable=False, max_length=64, null=True, unique=True),
                ),
                ("guest_name", models.CharField(blank=True, max_length=256, verbose_name="guest")),
                (
                    "guest_key_hash",
                    models.CharField(blank=True, db_index=True, editable=False, max_length=64),
                ),
                (
                    "idempotency_key",
                    models.CharField(blank=True, editable=False, max_length=255, null=True),
                ),
                ("body_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="accepted at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        help_text="1 very bad, 5 very good", verbose_name="rating"
                    ),
                ),
                (
                    "technical_problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_sound", "No sound"),
                            ("bad_picture", "Bad picture"),
                            ("dropped", "The call dropped"),
                            ("long_wait", "Long wait"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                        verbose_name="technical problem",
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=2000, verbose_name="comment")),
                ("submitted_at", models.DateTimeField(verbose_name="submitted at")),
            ],
            options={
                "verbose_name": "survey",
                "verbose_name_plural": "surveys",
            },
        ),
        migrations.RemoveConstraint(
            model_name="participant",
            name="participant_role_known",
        ),
        migrations.RemoveConstraint(
            model_name="participant",
            name="participant_gone_has_no_secrets",
        ),
        migrations.AddField(
            model_name="participant",
            name="client_token",
            field=models.UUIDField(blank=True, editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="participant",
            name="connect_contact_id",
            field=models.CharField(
                blank=True, max_length=256, verbose_name="Amazon Connect contact"
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="connection_token_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="participant",
            name="sealed_connection_token",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AlterField(
            model_name="participant",
            name="role",
            field=models.CharField(
                choices=[("customer", "Customer"), ("agent", "Agent"), ("guest", "Guest")],
                max_length=16,
                verbose_name="role",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="contact",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to="contacts.contact",
                verbose_name="contact",
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="invitation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="contacts.invitation",
                verbose_name="invitation",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["customer", "agent", "guest"])),
                name="participant_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left_at__isnull", True),
                    models.Q(
                        ("connection_token_until__isnull", True),
                        ("sealed_connection", ""),
                        ("sealed_connection_token", ""),
                        ("sealed_token", ""),
                    ),
                    _connector="OR",
                ),
                name="participant_gone_has_no_secrets",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("client_token__isnull", False),
                        ("invitation__isnull", False),
                        ("role", "guest"),
                    ),
                    models.Q(
                        models.Q(("role", "guest"), _negated=True), ("invitation__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="participant_guest_has_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at__isnull", True)),
                fields=("invitation",),
                name="participant_one_a_place",
            ),
        ),
        migrations.AddField(
            model_name="survey",
            name="contact",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="survey",
                to="contacts.contact",
                verbose_name="contact",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("contact", "place"), name="invitation_place_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("place__isnull", True),
                    models.Q(("place__gte", 1), ("place__lte", 4)),
                    _connector="OR",
                ),
                name="invitation_place_exists",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("place__isnull", True), ("revoked_at__isnull", True), _connector="OR"
                ),
                name="invitation_revoked_has_no_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", "guest")), name="invitation_is_for_a_guest"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accepted_at__isnull", False),
                    models.Q(("guest_key_hash", ""), ("guest_name", "")),
                    _connector="OR",
                ),
                name="invitation_guest_has_accepted",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("token_hash__isnull", False), ("accepted_at__isnull", False), _connector="OR"
                ),
                name="invitation_has_link_or_guest",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="invitation_lives",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("contact", "idempotency_key"),
                name="invitation_once_per_idempotency_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__gte", 1), ("rating__lte", 5)),
                name="survey_rating_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "technical_problem__in",
                        ["", "no_sound", "bad_picture", "dropped", "long_wait", "other"],
                    )
                ),
                name="survey_problem_known",
            ),
        ),
    ]
