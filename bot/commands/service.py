"""``bigan serve``: the webhook service, and with ``--simulator`` the local stand-in for WeChat Work beside it."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
import socket
import string
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from aiohttp import web
from pydantic import SecretStr

from bot.app import create_app
from bot.commands.shared import UserError, open_shelf, user_errors
from bot.draining import serve_until_told
from bot.logs import configure_logging, log_event
from bot.memory import keep_large_blocks_apart
from bot.opening import LiveDialogue, Shelf
from bot.settings import WECOM_NAMES, Settings, load_settings
from bot.simulator.api import ApiStandIn
from bot.simulator.stand_in import StandIn
from bot.wecom.crypto import Credentials
from bot.workers import open_listeners, supervise

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
        keep_large_blocks_apart()
        shelf = open_shelf(settings)
        # Whatever is wrong with the knowledge base is said before a port opens; the words are loaded once for all.
        shelf.open().close()
        shelf.segmenter.load()
    if settings.redis_url is None:
        log_event(_log, "sessions are kept in memory: lost on restart, one process only", logging.WARNING)
    with user_errors():
        listeners = _listen(settings)
    if settings.workers == 1:
        _run(settings, shelf, listeners[0], simulator=simulator)
        return
    with _meeting_place() as siblings:

        def work(listener: socket.socket, serving: Callable[[], None]) -> None:
            _run(settings, shelf, listener, simulator=False, siblings=siblings, serving=serving)

        supervise(listeners, work)


def _run(
    settings: Settings,
    shelf: Shelf,
    listener: socket.socket,
    *,
    simulator: bool,
    siblings: Path | None = None,
    serving: Callable[[], None] = lambda: None,
) -> None:
    """Serve what comes to ``listener`` until told to stop; ``serving`` is called once that has begun."""
    dialogue = LiveDialogue(shelf)
    dialogue.load()
    if simulator:
        credentials = trial_credentials()
        address = f"http://{_in_url(settings.host)}:{settings.port}"
        app = _create_trial(settings, dialogue, credentials, address)
        click.echo(f"模拟器页面：{address}/", err=True)
    else:
        app = create_app(settings, dialogue, _credentials(settings), siblings=siblings)
    asyncio.run(serve_until_told(app, listener, serving, is_alone=siblings is None))


def _create_trial(
    settings: Settings, dialogue: LiveDialogue, credentials: Credentials, address: str
) -> web.Application:
    """Return the application with the stand-ins for WeChat Work and its API, both at ``address`` as well."""
    secret, agent = secrets.token_urlsafe(32), credentials.agent_id or "0"
    api = {"wecom_corp_id": credentials.corp_id, "wecom_agent_id": agent, "wecom_secret": SecretStr(secret)}
    return create_app(
        settings.model_copy(update=api),
        dialogue,
        credentials,
        StandIn(credentials, f"{address}/wecom/callback"),
        api_base=f"{address}/cgi-bin",
        api_stand_in=ApiStandIn(credentials.corp_id, secret, int(agent)),
    )


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


def _listen(settings: Settings) -> list[socket.socket]:
    """Open the port, once for each process."""
    try:
        return open_listeners(settings.host, settings.port, settings.workers)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        where = f"{settings.host}:{settings.port}"
        raise UserError(f"{where} 无法监听（{reason}）。请换一个端口，例如 --port 8081。") from error


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
