"""deploy/make-secrets: what it writes, what it keeps, what it refuses."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.repository.checkout import ROOT

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path)
    return tmp_path


def run(deploy: Path, *answers: str) -> subprocess.CompletedProcess[str]:
    lines = "".join(f"{answer}\n" for answer in answers)
    return subprocess.run([deploy / "make-secrets"], input=lines, capture_output=True, text=True, check=False)


def written(deploy: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (deploy / "secrets").iterdir()}


def test_four_files_are_written_and_the_folder_keeps_others_out(deploy: Path) -> None:
    answer = run(deploy, TOKEN, AES_KEY)
    assert answer.returncode == 0
    found = written(deploy)
    assert found["wecom_token"] == TOKEN
    assert found["wecom_aes_key"] == AES_KEY
    assert len(found["redis_password"]) == 64
    assert found["redis_url"] == f"redis://:{found['redis_password']}@redis:6379/0"
    assert (deploy / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (deploy / "secrets").iterdir()} == {0o444}


def test_secrets_are_never_shown(deploy: Path) -> None:
    answer = run(deploy, TOKEN, AES_KEY)
    shown = answer.stdout + answer.stderr
    assert not [name for name, secret in written(deploy).items() if secret in shown]


def test_existing_secrets_are_kept(deploy: Path) -> None:
    run(deploy, TOKEN, AES_KEY)
    before = written(deploy)
    assert run(deploy).returncode == 0
    assert written(deploy) == before


def test_a_deleted_password_is_drawn_anew_together_with_the_address(deploy: Path) -> None:
    run(deploy, TOKEN, AES_KEY)
    before = written(deploy)
    (deploy / "secrets" / "redis_password").unlink()
    assert run(deploy).returncode == 0
    after = written(deploy)
    assert after["redis_password"] != before["redis_password"]
    assert after["redis_password"] in after["redis_url"]


@pytest.mark.parametrize(
    "answers",
    [(), ("",), ("a token",), ("T" * 33,), (TOKEN, AES_KEY[:-1]), (TOKEN, AES_KEY + "="), (TOKEN, AES_KEY[:-1] + "é")],
)
def test_a_value_of_the_wrong_form_is_refused(deploy: Path, answers: tuple[str, ...]) -> None:
    answer = run(deploy, *answers)
    assert answer.returncode == 2
    assert "格式不对" in answer.stderr
    assert "redis_url" not in written(deploy)
