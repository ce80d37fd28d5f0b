"""The programs that docs/how-to/receive-webhooks.md gives to receivers: they take what the portal signs, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devtools import javascript
from partners.models import WebhookEndpoint
from partners.webhooks.signing import signed_headers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "receive-webhooks.md"
GO = shutil.which("go")
LANGUAGES = ["python", "js", *(["go"] if GO else [])]
# How each program is run: a case is one line of JSON, and so is what it says of it.
DRIVERS = {
    "python": """
import sys
for line in sys.stdin:
    case = json.loads(line)
    try:
        verify(case["secret"], case["headers"], case["body"].encode())
        print("true")
    except Exception:
        print("false")
""",
    "js": """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const given = JSON.parse(line);
  try {
    verify(given.secret, given.headers, Buffer.from(given.body));
    console.log("true");
  } catch {
    console.log("false");
  }
}
""",
    "go": """
type testCase struct {
	Secret  string
	Headers map[string]string
	Body    string
}

func main() {
	decoder := json.NewDecoder(os.Stdin)
	for {
		var given testCase
		if decoder.Decode(&given) != nil {
			return
		}
		headers := http.Header{}
		for name, value := range given.Headers {
			headers.Set(name, value)
		}
		fmt.Println(Verify(given.Secret, headers, []byte(given.Body)) == nil)
	}
}
""",
}


def written(language: str, folder: Path) -> list[str]:
    """Write the program of the page with what drives it, and return how it is run."""
    [program] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    program += DRIVERS[language]
    if language == "go":
        program = program.replace('"errors"', '"encoding/json"\n\t"errors"\n\t"fmt"\n\t"os"', 1)
    file = folder / {"python": "verify.py", "js": "verify.mjs", "go": "verify.go"}[language]
    file.write_text(program)
    command = {
        "python": [sys.executable],
        "js": ["node"],
        "go": [str(GO), "run"],
    }
    return [*command[language], str(file)]


def cases() -> list[tuple[str, bool, dict[str, Any]]]:
    """Return what a receiver meets, and whether it should take it."""
    now, event, body = (
        datetime.now(UTC),
        "e1",
        '{"type":"contact.ended","data":{"x":"\u00e4\u2603"}}',
    )
    endpoint = WebhookEndpoint()
    old = endpoint.renew_secret(at=now)
    new = endpoint.renew_secret(at=now)
    foreign = WebhookEndpoint().renew_secret(at=now)

    def signed(
        *, at: datetime = now, by: list[str] | None = None, **changes: Any
    ) -> dict[str, Any]:
        secrets = endpoint.secrets_at(now) if by is None else by
        headers = signed_headers(event, body.encode(), secrets, at=at) | changes.pop("headers", {})
        return {"secret": new, "headers": headers, "body": body, **changes}

    return [
        ("new secret", True, signed()),
        ("old secret while both sign", True, signed(secret=old)),
        ("four minutes old", True, signed(at=now - timedelta(minutes=4))),
        ("another's secret", False, signed(secret=foreign)),
        ("signed by another", False, signed(by=[foreign])),
        ("other body", False, signed(body=body.replace("ended", "failed"))),
        ("body written anew", False, signed(body=json.dumps(json.loads(body)))),
        ("other id", False, signed(headers={"webhook-id": "e2"})),
        ("six minutes old", False, signed(at=now - timedelta(minutes=6))),
        ("from the future", False, signed(at=now + timedelta(minutes=6))),
        ("no time", False, signed(headers={"webhook-timestamp": "soon"})),
        (
            "other time",
            False,
            signed(headers={"webhook-timestamp": str(int(now.timestamp()) - 1)}),
        ),
        ("no signature", False, signed(headers={"webhook-signature": ""})),
        ("nonsense for one", False, signed(headers={"webhook-signature": "v1,x v2,y z"})),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_program_of_the_page_takes_what_is_signed_and_nothing_else(
    language: str, tmp_path: Path
) -> None:
    """Should agree with the portal in every language that is at hand."""
    expected = cases()
    lines = "".join(json.dumps(case) + "\n" for _, _, case in expected)
    done = subprocess.run(
        written(language, tmp_path),
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,  # a Go that never compiled anything compiles its library first
        env=javascript.find_node().environment(),
    )
    said = [line == "true" for line in done.stdout.split()]
    names = [name for name, _, _ in expected]
    assert dict(zip(names, said, strict=True)) == {name: wanted for name, wanted, _ in expected}
