"""Why a client's audio ends, as AUDIO_STATUS tells it. The SDK has a MeetingSessionStatusCode for each."""

from __future__ import annotations

JOINED_ELSEWHERE, AT_CAPACITY, MEETING_ENDED, REMOVED = 301, 409, 410, 411
