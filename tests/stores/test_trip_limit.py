"""What counts against the limit of a round trip: waiting does, a busy event loop does not."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from bot.stores.trip_limit import limited

LIMIT = 0.05


async def test_answer_that_does_not_come_ends_the_trip() -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        async with limited(LIMIT):
            await asyncio.get_running_loop().create_future()
    assert time.monotonic() - started >= LIMIT


async def test_answer_that_came_while_the_loop_was_busy_counts() -> None:
    asked, answered = await asyncio.open_connection(sock=(pair := _pair())[0]), pair[1]

    async def trip() -> bytes:
        async with limited(LIMIT):
            return await asked[0].readexactly(2)

    travelling = asyncio.create_task(trip())
    await asyncio.sleep(0)
    answered.sendall(b"ok")
    time.sleep(3 * LIMIT)  # noqa: ASYNC251 - the loop is busy
    assert await travelling == b"ok"
    answered.close()
    asked[1].close()


async def test_cancelling_from_outside_is_no_timeout() -> None:
    async def trip() -> None:
        async with limited(LIMIT):
            await asyncio.get_running_loop().create_future()

    travelling = asyncio.create_task(trip())
    await asyncio.sleep(0)
    travelling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await travelling


def _pair() -> tuple[socket.socket, socket.socket]:
    one, other = socket.socketpair()
    one.setblocking(False)
    return one, other
