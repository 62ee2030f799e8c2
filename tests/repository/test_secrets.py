"""deploy/make-secrets: what it writes, what it keeps, what it refuses."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.settings import load_settings
from tests.repository.checkout import ROOT

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SECRET_NAMES_GIVEN = ("WECOM_TOKEN", "WECOM_AES_KEY", "WECOM_SECRET", "REDIS_URL", "METRICS_TOKEN")
SECRET = "wtc-Secret_of-the-app-0123456789abcdefghijk"


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path)
    return tmp_path


def run(deploy: Path, *answers: str, **environment: str) -> subprocess.CompletedProcess[str]:
    lines = "".join(f"{answer}\n" for answer in answers)
    command, surroundings = [deploy / "make-secrets"], os.environ | environment
    return subprocess.run(command, input=lines, capture_output=True, text=True, env=surroundings, check=False)


def written(deploy: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (deploy / "secrets").iterdir()}


def test_six_files_are_written_and_the_folder_keeps_others_out(deploy: Path) -> None:
    answer = run(deploy, TOKEN, AES_KEY, SECRET)
    assert answer.returncode == 0
    found = written(deploy)
    assert found["wecom_token"] == TOKEN
    assert found["wecom_aes_key"] == AES_KEY
    assert found["wecom_secret"] == SECRET
    assert len(found["redis_password"]) == len(found["metrics_token"]) == 64
    assert found["redis_password"] != found["metrics_token"]
    assert len(found) == 6
    assert found["redis_url"] == f"redis://:{found['redis_password']}@redis:6379/0"
    assert (deploy / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (deploy / "secrets").iterdir()} == {0o444}


@pytest.mark.parametrize("answers", [(TOKEN, AES_KEY), (TOKEN, AES_KEY, "")])
def test_secret_of_the_app_may_be_left_out(deploy: Path, answers: tuple[str, ...]) -> None:
    assert run(deploy, *answers).returncode == 0
    assert written(deploy)["wecom_secret"] == ""


def test_redis_may_be_elsewhere(deploy: Path) -> None:
    assert run(deploy, TOKEN, AES_KEY, REDIS_HOST="127.0.0.1").returncode == 0
    assert written(deploy)["redis_url"].endswith("@127.0.0.1:6379/0")


def test_every_file_is_one_that_the_program_takes_as_it_is(deploy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(deploy, TOKEN, AES_KEY)
    for name in SECRET_NAMES_GIVEN:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(deploy / "secrets" / name.lower()))
    settings = load_settings(wecom_corp_id="wx5823bf96d3bd56c7", production=True)
    assert settings.wecom_secret is None
    assert settings.metrics_token is not None


def test_secrets_are_never_shown(deploy: Path) -> None:
    answer = run(deploy, TOKEN, AES_KEY, SECRET)
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
    [
        (),
        ("",),
        ("a token",),
        ("T" * 33,),
        (TOKEN, AES_KEY[:-1]),
        (TOKEN, AES_KEY + "="),
        (TOKEN, AES_KEY[:-1] + "é"),
        (TOKEN, AES_KEY, "a secret"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused(deploy: Path, answers: tuple[str, ...]) -> None:
    answer = run(deploy, *answers)
    assert answer.returncode == 2
    assert "格式不对" in answer.stderr
    assert "redis_url" not in written(deploy)
