"""The limits of StartWebRTCContact, in words."""

from __future__ import annotations

import pytest

from contacts.limits import (
    ATTRIBUTES_MAX_BYTES,
    REFERENCES_MAX_BYTES,
    GivenReference,
    attribute_problems,
    pointer_to,
    reference_problems,
    text_problems,
)


@pytest.mark.parametrize(("length", "codes"), [(0, []), (256, []), (257, ["too_long"])])
def test_text_at_its_longest_is_accepted(length: int, codes: list[str]) -> None:
    """Should count characters, and refuse one too many."""
    assert [one.code for one in text_problems("/name", "ö" * length, longest=256)] == codes


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_no_database_stores_is_refused(text: str) -> None:
    """Should refuse NUL and lone surrogates."""
    assert [one.code for one in text_problems("/name", text, longest=256)] == ["bad_characters"]


@pytest.mark.parametrize("key", ["", "a b", "a.b", "ä", "a:b", "a\n"])
def test_attribute_key_with_other_characters_is_refused(key: str) -> None:
    """Should allow letters, digits, hyphen and underscore only."""
    assert [one.code for one in attribute_problems({key: "v"})] == ["bad_key"]


def test_attributes_at_their_largest_are_accepted() -> None:
    """Should count the UTF-8 bytes of keys and values together."""
    value = "é" * ((ATTRIBUTES_MAX_BYTES - 2) // 2)
    assert not list(attribute_problems({"kk": value}))
    problems = list(attribute_problems({"kkk": value}))
    assert [(one.pointer, one.code) for one in problems] == [("/attributes", "too_large")]
    assert "32,768" in problems[0].detail


def test_references_at_their_largest_are_accepted() -> None:
    """Should count the UTF-8 bytes of keys and values together."""
    fits = GivenReference("STRING", "x" * (REFERENCES_MAX_BYTES - 1))
    assert not list(reference_problems({"k": fits}))
    assert [one.code for one in reference_problems({"kk": fits})] == ["too_large"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("URL", "https://example.com/a?b#c"),
        ("URL", "http://localhost:8000/"),
        ("NUMBER", "-3.5"),
        ("STRING", "x"),
        ("DATE", "1767225600"),
        ("DATE", "1767225600000"),
        ("EMAIL", "a@b"),
    ],
)
def test_reference_of_a_known_type_is_accepted(kind: str, value: str) -> None:
    """Should accept a value that suits its type."""
    assert not list(reference_problems({"k": GivenReference(kind, value)}))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("URL", "javascript:alert(1)"),
        ("URL", "https://"),
        ("URL", "//example.com"),
        ("URL", "https://a b"),
        ("URL", "http://[bad"),
        ("NUMBER", "1e3"),
        ("STRING", ""),
        ("DATE", "2026-01-02"),
        ("DATE", "9" * 15),
        ("EMAIL", "nobody"),
    ],
)
def test_reference_value_of_another_kind_is_refused(kind: str, value: str) -> None:
    """Should say at the value what the type takes."""
    problems = list(reference_problems({"k": GivenReference(kind, value)}))
    assert [(one.pointer, one.code) for one in problems] == [("/references/k/value", "bad_value")]


@pytest.mark.parametrize("kind", ["ATTACHMENT", "CONTACT_ANALYSIS", "url", ""])
def test_reference_type_not_allowed_at_creation_is_refused(kind: str) -> None:
    """Should refuse types that exist in Amazon Connect but not when a contact is created."""
    problems = list(reference_problems({"k": GivenReference(kind, "v")}))
    assert [(one.pointer, one.code) for one in problems] == [("/references/k/type", "bad_type")]


def test_pointer_with_reserved_characters_is_escaped() -> None:
    """Should escape as RFC 6901 says."""
    assert pointer_to("references", "a/b~c") == "/references/a~1b~0c"
