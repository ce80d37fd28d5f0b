"""Addresses of the customer's pages."""

from __future__ import annotations

from django.urls import path

from portal import (
    continuing,
    embed,
    gallery,
    joining,
    looks_preview,
    pages,
    sentence_files,
    themes,
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("call/<slug:slug>/", pages.call, name="call"),
    path("calls/<uuid:contact_id>/", pages.existing_call, name="existing-call"),
    path("join/<uuid:invitation_id>/", joining.guest, name="guest"),
    path("join/<str:token>/", joining.join, name="join"),
    path("embed/v1.js", embed.script, name="embed-script"),
    path("embed/<slug:slug>/", embed.frame, name="embed-frame"),
    path("embed/<slug:slug>/button.json", embed.button_settings, name="embed-button"),
    path("continue/<str:token>/", continuing.handover, name="handover"),
    path("theme/<slug:slug>/<slug:digest>.css", themes.theme, name="theme"),
    path("theme/<slug:slug>/<slug:digest>.png", themes.logo, name="logo"),
    path(
        "sentences/<slug:language>/<slug:digest>.json", sentence_files.sentences, name="sentences"
    ),
    path("preview/", looks_preview.page, name="looks-preview"),
    path("preview/<slug:name>.css", looks_preview.sheet, name="looks-preview-sheet"),
    path("gallery/", gallery.index, name="gallery"),
    path("gallery/call/<path:name>/", gallery.scene, name="gallery-scene"),
    path("gallery/help/<str:name>/", gallery.help_page, name="gallery-help"),
    path("gallery/page/<slug:name>/", gallery.plain_page, name="gallery-page"),
    path("gallery/<slug:name>.css", gallery.sheet, name="gallery-sheet"),
    path("help/call/<str:reference>/", pages.call_help, name="call-help"),
]
