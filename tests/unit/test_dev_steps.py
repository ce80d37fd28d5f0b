"""The steps of dev.py: done once, and again when what they depend on changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import environment, paths, running, steps


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of its own, so that no stamp of the developer's is touched."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "STATE", tmp_path / ".dev")
    monkeypatch.setattr(steps, "STAMPS", tmp_path / ".dev" / "stamps")
    return tmp_path


def test_step_with_unchanged_inputs_is_skipped(clone: Path) -> None:
    """Should do the work once while neither the input nor the output changes."""
    source, made = clone / "source", clone / "made"
    source.write_text("one")
    results = [steps.step("a step", made.touch, inputs=[source], outputs=[made]) for _ in range(2)]
    assert results == [True, False]


@pytest.mark.parametrize("change", ["input", "new file in a folder", "output lost", "fact"])
def test_step_with_a_change_is_done_again(clone: Path, change: str) -> None:
    """Should notice every kind of change that could make the result stale."""
    folder, made = clone / "folder", clone / "made"
    folder.mkdir()
    (folder / "source").write_text("one")
    steps.step("a step", made.touch, inputs=[folder], outputs=[made], facts=["one"])
    if change == "input":
        (folder / "source").write_text("two")
    elif change == "new file in a folder":
        (folder / "another").touch()
    elif change == "output lost":
        made.unlink()
    fact = "two" if change == "fact" else "one"
    assert steps.step("a step", made.touch, inputs=[folder], outputs=[made], facts=[fact])


def test_step_that_failed_is_done_again(clone: Path) -> None:
    """Should leave no stamp behind when the work could not be done."""

    def fail() -> None:
        raise steps.SetUpFailed("no luck")

    with pytest.raises(steps.SetUpFailed):
        steps.step("a step", fail, inputs=[])
    assert steps.step("a step", lambda: None, inputs=[])


def test_private_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    """Should never show secrets to other accounts of the machine."""
    file = tmp_path / "folder" / "secrets"
    environment.write_private(file, "hush")
    assert (file.stat().st_mode & 0o777, file.read_text()) == (0o600, "hush")


def test_portal_environment_keeps_the_shells_aws_account_out(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should never call a real Amazon Connect from the local demo."""
    monkeypatch.setattr(environment, "SECRETS", clone / ".dev" / "secrets.json")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("CONNECT_INSTANCE_ID", "a-real-one")
    made = environment.portal_environment(connect_url="http://127.0.0.1:1")
    assert "AWS_PROFILE" not in made
    assert made["CONNECT_INSTANCE_ID"] == environment.LOCAL_CONNECT["CONNECT_INSTANCE_ID"]


def test_run_on_a_taken_port_names_it_and_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    """Should say which port is taken and how to choose another, before any other work."""
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        status = running.run_everything(port=taken, connect_port=taken)
    said = capsys.readouterr().out
    assert status == 1
    assert f"Port {taken} is taken" in said
    assert "--port" in said
