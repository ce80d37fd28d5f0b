"""Contacts in Django admin: every call, newest first. They are records: of what is in them, only notes and tags are typed."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import operations
from contacts.access import contacts_of_staff, sees_personal_data
from contacts.admin.contact_actions import ContactActions
from contacts.admin.contact_attributes import ContactAttributes
from contacts.admin.contact_columns import NOTHING, ContactColumns, end_told
from contacts.admin.contact_filters import (
    AgentFilter,
    GuestsFilter,
    QualityFilter,
    QueueFilter,
    RatingFilter,
    ReachedFilter,
    ShareFilter,
    TagFilter,
    VideoFilter,
    WhenFilter,
)
from contacts.admin.contact_inlines import CONTACT_INLINES
from contacts.admin.contact_page import page_of_contact
from contacts.admin.contact_pages import COLUMN, FORMAT, NewestFirst
from contacts.admin.contact_search import matching
from contacts.admin.exporting import COLUMNS, FORMS, columns_chosen, file_of
from contacts.admin.scope import EntryPointFilter, Scoped, staff_of
from contacts.audit import note_deed, note_viewing
from contacts.choices import AuditAction, ParticipantRole
from contacts.models import Contact, Participant


class ContactNotesForm(forms.ModelForm[Contact]):
    """Notes and tags, the two things that staff add to a record."""

    tag_words = forms.CharField(
        label=_("Tags"), required=False, help_text=_("Words separated by commas.")
    )

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = ["notes"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tag_words" in self.fields:
            self.fields["tag_words"].initial = ", ".join(
                tag.text for tag in self.instance.tags.all() if not tag.by_partner
            )

    def clean_tag_words(self) -> list[str]:
        """Return the tags."""
        try:
            return operations.tags_of(text=self.cleaned_data["tag_words"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


@admin.register(Contact)
class ContactAdmin(
    ContactColumns, ContactAttributes, ContactActions, Scoped, admin.ModelAdmin[Contact]
):
    """Every call, with all that happened to it."""

    form = ContactNotesForm
    list_display = (
        *("chip", "reference", "customer", "entry_point", "queue", "agent", "waited", "talked"),
        *("ended_because", "how_good", "rating", "tagged", "started"),
    )
    list_display_links = ("reference",)
    list_filter = (
        *("state", EntryPointFilter, WhenFilter, ReachedFilter, "end_reason", "customer_video"),
        *(QualityFilter, VideoFilter, ShareFilter, GuestsFilter, RatingFilter, QueueFilter),
        *(AgentFilter, TagFilter),
    )
    list_select_related = ("entry_point", "survey")
    search_fields = ("reference",)  # so that there is a field; what it finds is contact_search's
    search_help_text = _("Reference, contact id, name, or the id of a signed identity.")
    sortable_by = ()
    date_hierarchy = "requested_at"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions: tuple[str, ...] = ("end_calls", "revoke_invitations", "erase_data")
    inlines = CONTACT_INLINES
    fieldsets = (
        (_("What staff note"), {"fields": ("notes", "tag_words")}),
        (
            _("Call"),
            {
                "fields": (
                    ("reference", "state", "version"),
                    ("entry_point", "is_test", "name"),
                    ("why_ended", "failure_code"),
                    "failure_detail",
                )
            },
        ),
        (
            _("Times"),
            {
                "fields": (
                    "requested_at",
                    "initiated_at",
                    "queued_at",
                    "connected_at",
                    "ended_at",
                    ("end_requested_at", "end_requested_by"),
                )
            },
        ),
        (
            _("What the customer asked for"),
            {
                "fields": (
                    "description",
                    ("signed_attributes", "unsigned_attributes"),
                    ("identity_subject", "locale"),
                    "consent",
                    ("customer_video", "customer_screen_share"),
                    ("agent_video", "agent_screen_share"),
                    "related_contact",
                )
            },
        ),
        (
            _("Amazon Connect"),
            {"fields": ("connect_instance_id", "connect_contact_id", "client_token")},
        ),
    )

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody makes up a call."""
        return False

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody removes one."""
        return False

    def get_readonly_fields(
        self, request: HttpRequest, obj: Contact | None = None
    ) -> list[str] | tuple[str, ...]:
        """Everything but notes and tags."""
        shown = flatten_fieldsets(self.fieldsets)
        return [name for name in shown if name not in ("notes", "tag_words")]

    def get_inline_instances(self, request: HttpRequest, obj: Contact | None = None) -> Any:
        """Show what belongs to it; none of it is sent back with the notes."""
        return [] if request.method == "POST" else super().get_inline_instances(request, obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestFirst]:
        """Show pages that cost the same however many calls there are."""
        return NewestFirst

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """Return the calls that the member of staff may see, with what the list shows of each."""
        agents = Participant.objects.filter(role=ParticipantRole.AGENT)
        shown = super().get_queryset(request)
        return shown.prefetch_related(Prefetch("participants", agents, to_attr="agents"), "tags")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """Find calls by what staff have in hand."""
        if not search_term.strip():
            return queryset, False
        visible, by_person = contacts_of_staff(request.user), sees_personal_data(request.user)
        found = matching(search_term, visible=visible, by_person=by_person)
        return queryset.filter(found), False

    @admin.display(description=_("end reason"))
    def why_ended(self, contact: Contact) -> str:
        """Say why it ended, and who of ours ended it."""
        return end_told(contact) or NOTHING

    @admin.display(description=_("tags"))
    def tag_words(self, contact: Contact) -> str:
        """Show the tags to who may not change them."""
        return ", ".join(tag.text for tag in contact.tags.all())

    def save_model(
        self, request: HttpRequest, obj: Contact, form: forms.ModelForm[Contact], change: bool
    ) -> None:
        """Keep notes and tags, and nothing else of what was sent."""
        notes, tags = form.cleaned_data["notes"], form.cleaned_data["tag_words"]
        operations.note_contact(contact=obj, notes=notes, tags=tags)
        # What notes say stays out of the audit log, which nothing is erased from.
        kept = {"notes_characters": len(notes), "tags": tags}
        staff, at = staff_of(request), timezone.now()
        note_deed(by=staff, action=AuditAction.CHANGED, of=obj, at=at, after=kept)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, and keep who saw whose names."""
        may_export = staff_of(request).has_perm("contacts.export_contact")
        export = {"may_export": may_export, "export_columns": COLUMNS}
        context = {**(extra_context or {}), **export}
        response = super().changelist_view(request, context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None and shown.result_count and sees_personal_data(request.user):
            note_deed(
                by=staff_of(request),
                action=AuditAction.VIEWED,
                kind=Contact._meta.label_lower,
                at=timezone.now(),
                after={"contacts": shown.result_count},
            )
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a call, and keep who looked."""
        response = super().change_view(request, object_id, form_url, extra_context)
        context = getattr(response, "context_data", None) or {}
        shown, staff, at = context.get("original"), staff_of(request), timezone.now()
        if shown is not None:
            context |= page_of_contact(shown, user=staff, now=at)
            if sees_personal_data(staff):
                note_viewing(by=staff, of=shown, at=at)
        return response

    def get_urls(self) -> list[Any]:
        """Add the export."""
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="contacts_contact_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Send what the list holds as a file, and keep who took it."""
        staff, form = staff_of(request), request.GET.get(FORMAT, "csv")
        if not (self.has_view_permission(request) and staff.has_perm("contacts.export_contact")):
            raise PermissionDenied
        try:
            columns = columns_chosen(request.GET.getlist(COLUMN))
        except ValueError as error:
            raise Http404 from error
        if form not in FORMS:
            raise Http404
        listed = self.get_changelist_instance(request)
        # What was searched for may be a name.
        filters = {
            name: value for name, value in request.GET.items() if name not in (SEARCH_VAR, COLUMN)
        }
        note_deed(
            by=staff,
            action=AuditAction.EXPORTED,
            kind=Contact._meta.label_lower,
            at=timezone.now(),
            after=filters | {"searched": SEARCH_VAR in request.GET, "columns": list(columns)},
        )
        return file_of(listed.queryset, form=form, columns=columns, request=request)
