"""What the gallery shows: for each screen of the call page, what the page would know when it draws it.

Models are those of `static/src/call-model.js`, with what is not named as on a new page; the rest is named after what
`static/src/gallery.js` draws it with.
"""

from __future__ import annotations

from typing import Any

Scene = dict[str, Any]

REFERENCE = "K7QX-2M4P"
CONTACT: Scene = {
    "id": "11111111-1111-4111-8111-111111111111",
    "reference": REFERENCE,
    "state": "ended",
    "end_reason": None,
    "agent": {"display_name": "Sam"},
    "connected_at": "2026-03-02T09:00:00Z",
    "ended_at": "2026-03-02T09:04:07Z",
}
OPEN: Scene = {
    "state": "open",
    "estimated_wait_s": None,
    "closes_at": None,
    "opens_at": None,
    "time_zone": "Europe/Berlin",
    "holiday_name": None,
}
LATER = {"opens_at": "2026-03-05T08:00:00Z", "time_zone": "Asia/Tokyo"}
# Of a control: its action, its sentence, its picture, and where it is at hand.
IN_THE_BAR = (
    ("mute", "mute", "mic", "bar"),
    ("camera", "camera_off", "camera", "bar"),
    ("flip", "flip", "flip", "narrow"),
    ("share", "share", "screen", "wide"),
    ("invite", "invite", "invite", "wide"),
    ("keypad", "keypad", "keypad", "more"),
    ("leave", "end_call", "leave", "bar"),
)
BAR: list[Scene] = [
    {"action": action, "message": f"action.{said}", "icon": icon, "place": place}
    for action, said, icon, place in IN_THE_BAR
]
BEHIND_MORE: list[Scene] = [
    {"action": name, "message": f"action.{name}", "icon": icon}
    for name, icon in (
        *(("keypad", "keypad"), ("chat", "chat"), ("blur", "blur"), ("noise", "noise")),
        *(("devices", "settings"), ("people", "people"), ("layout", "layout"), ("pip", "pip")),
        *(("fullscreen", "fullscreen"), ("shortcuts", "keyboard"), ("report", "report")),
    )
]
ENDINGS = (
    *("agent_ended", "customer_left", "abandoned", "no_agent", "connection_lost", "duplicate"),
    *("removed", "capacity", "service_error", "expired", "invitation_gone", "unknown"),
)
HELP_WITH_PERMISSION = (
    *("chromium", "firefox", "safari", "ios_safari", "ios_other", "android", "samsung", "other"),
)
DEVICE_TROUBLE = {
    "microphone": (
        *("perm.dismissed", "perm.system", "embed.blocked", "dev.nomic", "dev.busy", "dev.abort"),
        *("err.unexpected",),
    ),
    "camera": ("dev.nocam", "dev.busy", "dev.abort"),
}
NOTICES = (
    *("share.offer", "share.live", "share.system", "net.stopvideo", "net.tx", "net.is.good"),
    *("net.is.weak", "net.is.poor", "dev.lost", "dev.interrupted", "call.muted.talk"),
)
EXPLAINED = {
    "share.system",
    "net.tx",
    "net.is.good",
    "net.is.weak",
    "net.is.poor",
    "dev.interrupted",
}
DIALOGS = (
    "leave",
    "devices",
    "keypad",
    "invite",
    "people",
    "shortcuts",
    "more",
    "callback",
    "reminder",
)


def _entry() -> dict[str, Scene]:
    told: dict[str, Scene] = {
        "entry.ready.nowait": {},
        "entry.ready": {"estimated_wait_s": 170},
        "entry.busy": {"state": "busy", "estimated_wait_s": 1500},
        "entry.closing": {"state": "closing", "closes_at": "2026-03-02T17:00:00Z"},
        "entry.closed": {"state": "closed", **LATER},
        "entry.holiday": {"state": "holiday", "holiday_name": "Carnival", **LATER},
        "entry.unavailable": {"state": "unavailable"},
    }
    scenes: dict[str, Scene] = {
        name: {"model": {"state": "ready", "availability": {**OPEN, **values}}}
        for name, values in told.items()
    }
    for obstacle in ("entry.unsupported", "entry.inapp", "entry.insecure", "embed.blocked"):
        scenes[obstacle] = {"model": {"state": "unavailable", "obstacle": obstacle}}
    scenes["entry.offline"] = {"model": {"state": "unavailable", "online": False}}
    return scenes


def _before() -> dict[str, Scene]:
    wrong = [
        {"pointer": "/name", "code": "required", "detail": ""},
        {"pointer": "/answers/web_order", "code": "too_long", "detail": ""},
        {"pointer": "/consent", "code": "required", "detail": ""},
    ]
    scenes: dict[str, Scene] = {
        "details": {"model": {"state": "details"}},
        "details.name.signed": {"model": {"state": "details"}, "signed": True},
        "details.wrong": {"model": {"state": "details", "fieldProblems": wrong}},
        "perm.intro": _check(phase="intro"),
        "perm.waiting": _check(phase="asking"),
        "dev.ok": _check(),
        "dev.silent": _check(hearing="silent"),
        "dev.constraint": _check(replaced=True),
        "spk.question": _check(soundTest="asked"),
        "spk.advice": _check(soundTest="unheard", speakerPickable=False),
    }
    for kind, failures in DEVICE_TROUBLE.items():
        for failure in failures:
            scenes[f"{failure} ({kind})"] = _check(failures={kind: failure})
    for browser in HELP_WITH_PERMISSION:
        scenes[f"perm.denied ({browser})"] = _check(
            failures={"microphone": "perm.denied"}, help=f"perm.help.{browser}"
        )
    return scenes


def _check(**check: Any) -> Scene:
    return {"model": {"state": "device_check"}, "check": check}


def _waiting() -> dict[str, Scene]:
    def place(position: int, minutes: float | None, *, held: bool = False) -> Scene:
        by = None if minutes is None else minutes * 60_000
        return {"place": {"position": position, "held": held, "answerByMs": by}}

    told: dict[str, Scene] = {
        "q.waiting": {},
        "q.position": place(3, 4),
        "q.next": place(1, 1),
        "q.hour": place(40, 90),
        "q.held": place(3, 4, held=True),
        "q.long": place(2, -2),
        "q.connecting": {"search": "offered"},
        "q.noanswer": {"search": "missed"},
    }
    queued = {name: {"model": {"state": "queued", **values}} for name, values in told.items()}
    return {
        "req.start": {"model": {"state": "requesting"}},
        "req.slow": {"model": {"state": "requesting", "slow": True}},
        "join.media": {"model": {"state": "joining"}},
        **queued,
        "q.waiting (silent)": {"model": {"state": "queued"}, "silent": True},
        "guest.ready": {"model": {"state": "ready", "guest": True}, "guest": True},
        "guest.waiting": {"model": {"state": "guest_waiting", "guest": True}, "guest": True},
        "call.ready": {
            "model": {
                "state": "ready",
                "rejoin": True,
                "contact": {**CONTACT, "state": "initiated"},
            }
        },
        "reload.back": {"model": {"state": "ready", "rejoin": True}},
    }


def _in_the_call() -> dict[str, Scene]:
    call: Scene = {"model": {"state": "connected"}, "controls": BAR}
    notices = {
        notice: {**call, "notices": [{"id": notice, "explained": notice in EXPLAINED}]}
        for notice in NOTICES
    }
    dialogs = {f"dialog {name}": {**call, "dialog": name, "more": BEHIND_MORE} for name in DIALOGS}
    return {
        "call.connected": call,
        "call.hold": {**call, "standing": ["call.hold"]},
        "q.connecting (call)": {**call, "standing": ["q.connecting"]},
        "q.noanswer (call)": {**call, "standing": ["q.noanswer", "q.noanswer.body"]},
        **notices,
        **dialogs,
        "chat": {**call, "chat": True},
        "audio.blocked": {**call, "blocked": True},
        "net.reconnect": {"model": {"state": "reconnecting"}, "controls": call["controls"]},
    }


def _after() -> dict[str, Scene]:
    ended: dict[str, Scene] = {
        f"end ({reason})": {"model": {"state": "ended", "endReason": reason, "contact": CONTACT}}
        for reason in ENDINGS
    }
    failed: dict[str, Scene] = {
        name: {"model": {"state": "failed", "failure": {"code": code, "reference": REFERENCE}}}
        for name, code in (("start.failed", "network"), ("start.capacity", "capacity"))
    }
    rate = {"code": "throttled", "reference": None, "retryAfterS": 20, "retryAtMs": 20_000}
    return {**ended, **failed, "entry.rate": {"model": {"state": "failed", "failure": rate}}}


SCENES: dict[str, Scene] = {
    **_entry(),
    **_before(),
    **_waiting(),
    **_in_the_call(),
    **_after(),
    "every sentence": {"model": {"state": "ready"}, "every": True},
}
