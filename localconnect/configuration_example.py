"""The demo identity as a configuration file: what `localconnect --print-config` writes, to be changed and given back."""

from __future__ import annotations

EXAMPLE = """\
# What exists in this Amazon Connect. Every key may be left out but names, aliases and where flows lead.

[account]
id = "000000000000"
region = "us-east-1"
access_key = "localconnect"
secret_key = "localconnect-secret"

[[instances]]
id = "11111111-1111-4111-8111-111111111111" # without one, a UUID that follows from the alias
alias = "localconnect-demo"
attributes = { MULTI_PARTY_CONFERENCE = true, ENHANCED_CONTACT_MONITORING = true }

[[instances.hours]]
id = "55555555-5555-4555-8555-555555555555"
name = "Always"
time_zone = "UTC"

[[instances.hours.open]] # any number of these; days, from and to default to all of the week
days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
from = "00:00"
to = "24:00"

# [[instances.hours.overrides]] # days on which other hours hold
# name = "Christmas"
# from = 2026-12-24
# to = 2026-12-26               # default: that one day
# open = [{ from = "10:00", to = "14:00" }] # default: closed, a holiday

[[instances.queues]]
id = "33333333-3333-4333-8333-333333333333"
name = "Demo queue"
hours = "Always"

[[instances.flows]]
id = "22222222-2222-4222-8222-222222222222"
name = "Demo video call"
greeting = "Welcome. Somebody will be with you soon."
queue = "Demo queue"
hours = "Always"    # outside them the contact ends; default: the queue's
wait_limit_s = 0    # after so long in the queue the contact ends; 0: never
published = true
# greeting_sound = "welcome.ogg"  # your own sounds, relative to this file; default: what localconnect makes
# queue_music = "waiting.mp3"
# hold_music = "hold.mp3"

[[instances.flows]]
id = "22222222-2222-4222-8222-222222222223"
name = "Demo draft"
queue = "Demo queue"
published = false

# [[instances.agents]]     # an agent who is not named serves every queue
# name = "Robin"
# queues = ["Demo queue"]
"""
