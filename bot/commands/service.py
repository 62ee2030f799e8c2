"""``bigan serve``: the webhook service, and with ``--simulator`` the local stand-in for WeChat Work beside it."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import socket
import string
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from aiohttp import web

from bot.app import create_app
from bot.commands.shared import UserError, open_shelf, user_errors
from bot.logs import AccessLogger, configure_logging, log_event
from bot.opening import LiveDialogue, Shelf
from bot.settings import WECOM_NAMES, Settings, load_settings
from bot.simulator.stand_in import StandIn
from bot.wecom.crypto import Credentials
from bot.workers import run_workers

_log = logging.getLogger(__name__)


@click.command(help="启动回调服务；--simulator 同时启动本机模拟器页面。")
@click.option("--simulator", is_flag=True, help="启动本机模拟器（不能与企业微信的配置同时使用）")
@click.option("--host", help="监听地址，覆盖 HOST")
@click.option("--port", type=click.IntRange(1, 65535), help="监听端口，覆盖 PORT")
@click.option("--workers", type=click.IntRange(1, 64), help="进程数，覆盖 WORKERS")
def serve(simulator: bool, host: str | None, port: int | None, workers: int | None) -> None:
    """Run the service until it is told to stop."""
    with user_errors():
        settings = load_settings(production=not simulator, host=host, port=port, workers=workers)
        if simulator:
            _check_simulator(settings)
        configure_logging(settings.log_level, settings.log_format)
        shelf = open_shelf(settings)
        # Whatever is wrong with the knowledge base is said before a port opens; the words are loaded once for all.
        shelf.open().close()
        shelf.segmenter.load()
    if settings.redis_url is None:
        log_event(_log, "sessions are kept in memory: lost on restart, one process only", logging.WARNING)
    if settings.workers > 1:
        _check_port(settings)
        with _meeting_place() as siblings:
            run_workers(settings.workers, lambda: _run(settings, shelf, simulator=False, siblings=siblings))
    else:
        _run(settings, shelf, simulator=simulator)


def _run(settings: Settings, shelf: Shelf, *, simulator: bool, siblings: Path | None = None) -> None:
    dialogue = LiveDialogue(shelf)
    dialogue.load()
    if simulator:
        credentials = trial_credentials()
        address = f"http://{_in_url(settings.host)}:{settings.port}"
        app = create_app(settings, dialogue, credentials, StandIn(credentials, f"{address}/wecom/callback"))
        click.echo(f"模拟器页面：{address}/", err=True)
    else:
        app = create_app(settings, dialogue, _credentials(settings), siblings=siblings)
    try:
        web.run_app(
            app,
            host=settings.host,
            port=settings.port,
            print=None,
            access_log_class=AccessLogger,
            shutdown_timeout=4.0,
            reuse_port=settings.workers > 1 or None,
        )
    except OSError as error:
        raise _port_error(settings, error) from error


@contextmanager
def _meeting_place() -> Iterator[Path | None]:
    """Give a folder by which the workers find each other's figures; ``None`` where nothing can be written."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="bigan-")
    except OSError:
        log_event(_log, "no temporary folder: /metrics tells the figures of one worker alone", logging.WARNING)
        yield None
        return
    with folder:
        yield Path(folder.name)


def _check_port(settings: Settings) -> None:
    """Say before any worker starts that the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise _port_error(settings, error) from error


def _port_error(settings: Settings, error: OSError) -> UserError:
    return UserError(f"{settings.host}:{settings.port} 无法监听（{error.strerror}）。请换一个端口，例如 --port 8081。")


def _check_simulator(settings: Settings) -> None:
    if settings.workers > 1:
        raise UserError("模拟器只用1个进程，请去掉 --workers 和 WORKERS")
    given = [name for name in WECOM_NAMES if getattr(settings, name.lower()) is not None]
    if given:
        raise UserError(f"模拟器不能与企业微信的配置同时使用，请去掉：{'、'.join(given)}")
    if settings.host != "localhost" and not _is_loopback(settings.host):
        raise UserError(f"模拟器只能在本机地址上运行，不能用 {settings.host}，请用 127.0.0.1")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def trial_credentials() -> Credentials:
    """Return credentials made up for this run; the encryption they are used for is the real one."""
    alphabet = string.ascii_letters + string.digits
    token = "".join(secrets.choice(alphabet) for _ in range(16))
    # The last character of a 43-character key must end in zero bits to be plain base64 of 32 bytes.
    key = "".join(secrets.choice(alphabet) for _ in range(42)) + secrets.choice("AEIMQUYcgkosw048")
    return Credentials("wwsimulator", token, key, "1000002")


def _credentials(settings: Settings) -> Credentials:
    wecom = settings.require_wecom()
    return Credentials(wecom.corp_id, wecom.token.get_secret_value(), wecom.aes_key.get_secret_value(), wecom.agent_id)
