"""The conversation: one message in, one page out, whatever happens in between."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.conversation import APOLOGY, BUSY, LONG_CHARACTERS, Conversation
from bot.logs import configure_logging
from bot.rendering import render
from bot.stores.keys import Keys
from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import ConversationStore, New
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from handlers.dialogue import Message, MessageKind, Session, Turn, Understanding, View
from handlers.notebook import Line, Notebook
from handlers.reply import Item, ItemType, Moves, PassageBlock, Reply, Title
from handlers.routing import Dialogue
from knowledge.model import Source
from tests.conftest import RedisServer

SALT = b"a salt of the tests"
CANARY = "金丝雀消息原文"
SOURCE = Source("000_5177", "某局2023年党建工作总结", 2023, ("一、主要做法和成效", "（三）防范化解风险"), 812, 871)


def message(text: str, delivery: str | None = None, user: str = "u", kind: MessageKind = MessageKind.TEXT) -> Message:
    return Message("wecom", user, text, datetime(2026, 3, 1, tzinfo=UTC), kind, delivery)


class Echo:
    """A dialogue that counts: each reply names the messages this user has sent so far, by their number."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, message: Message, session: Session, notebook: Notebook) -> Turn:
        self.calls += 1
        if message.text == "fail":
            raise LookupError(f"nothing for {CANARY}")
        if message.text == "更多":
            view = session.view
            assert view is not None
            return Turn(long_reply(), session, Understanding("more", 1.0), session.page + 1)
        if message.text == "long":
            return Turn(
                long_reply(), session.push(View("phrases")), Understanding("phrase", 0.93, {"topic": "意识形态"})
            )
        if message.text == "silence":
            return Turn(None, session.push(View("silence")), Understanding("event", 1.0))
        if message.text in {"keep", "clear"}:
            return change_notebook(message.text, session, notebook)
        seen = (*(session.view.ids if session.view else ()), message.text)
        view = View("list", (), seen)
        return Turn(Reply((Title("、".join(seen)),), 1), session.push(view), Understanding("list", 1.0))


def change_notebook(text: str, session: Session, notebook: Notebook) -> Turn:
    """Keep one more favourite, or delete everything; the reply says how many there were."""
    reply = Reply((Title(f"原有{len(notebook.favourites)}条"),))
    if text == "clear":
        return Turn(reply, Session(), Understanding("clear", 1.0), notebook=Notebook())
    kept = replace(notebook, favourites=(*notebook.favourites, Line("一条")))
    return Turn(reply, session, Understanding("keep", 1.0), notebook=kept)


def long_reply() -> Reply:
    items = tuple(
        Item(ItemType.PASSAGE, f"第{n}条。" + "坚持党的领导，加强党的建设。" * 8, n, sources=(SOURCE,))
        for n in range(1, 16)
    )
    return Reply((Title("【例句】意识形态"), PassageBlock(items), Moves(("返回",))), 20, True, ("已按“三会一课”查找",))


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture(params=["memory", "resilient redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[ConversationStore]:
    made: ConversationStore = MemoryStore()
    if request.param != "memory":
        server: RedisServer = request.getfixturevalue("redis_server")
        made = ResilientStore(RedisStore(server.url, Keys(SALT)), made)
    yield made
    await made.close()


@pytest.fixture
def conversation(store: ConversationStore, echo: Echo) -> Conversation:
    return Conversation(store, echo, salt=SALT)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, down to DEBUG, as it would be written."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("DEBUG", "json", stream)
    yield stream
    root.handlers, root.level = before
    for package in ("bot", "handlers", "knowledge"):
        logging.getLogger(package).setLevel(logging.NOTSET)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_message_is_answered_and_the_session_goes_on(conversation: Conversation) -> None:
    assert await conversation.receive(message("a", "d1")) == "a"
    assert await conversation.receive(message("b", "d2")) == "a、b"
    assert await conversation.receive(message("c", "d3", user="v")) == "c"


async def test_redelivered_message_gets_the_same_reply_and_is_not_processed(
    conversation: Conversation, echo: Echo
) -> None:
    first = await conversation.receive(message("a", "d1"))
    await conversation.receive(message("b", "d2"))
    assert await conversation.receive(message("a", "d1")) == first
    assert echo.calls == 2


async def test_delivery_sent_three_times_at_once_is_answered_three_times_alike(
    conversation: Conversation, echo: Echo
) -> None:
    copies = [conversation.receive(message("long", "d1")) for _ in range(3)]
    replies = await asyncio.gather(*copies)
    assert replies == [render(long_reply())[0]] * 3
    assert echo.calls == 1


async def test_more_continues_page_by_page_until_the_last(conversation: Conversation) -> None:
    pages = render(long_reply())
    assert len(pages) > 2
    sent = [await conversation.receive(message("long", "d0"))]
    sent += [await conversation.receive(message("更多", f"d{number}")) for number in range(1, len(pages))]
    assert sent == list(pages)
    assert await conversation.receive(message("更多", "beyond")) == pages[-1]


async def test_conversation_and_delivery_share_one_session(conversation: Conversation) -> None:
    await conversation.receive(message("a", "d1"))
    assert (await conversation.converse(message("b"))).text == "a、b"


async def test_same_id_in_two_channels_is_two_people(conversation: Conversation) -> None:
    await conversation.receive(message("a", "d1"))
    other = Message("terminal", "u", "b", datetime(2026, 3, 1, tzinfo=UTC))
    assert (await conversation.converse(other)).text == "b"


async def test_answer_object_is_exactly_the_documented_one(conversation: Conversation) -> None:
    answer = await conversation.converse(message("long"))
    found = json.loads(json.dumps(answer.to_json(), ensure_ascii=False))
    assert list(found) == ["intent", "confidence", "slots", "items", "total", "found", "notes", "pages"]
    assert (found["intent"], found["confidence"], found["slots"]) == ("phrase", 0.93, {"topic": "意识形态"})
    assert (found["total"], found["found"], found["notes"]) == (20, True, ["已按“三会一课”查找"])
    assert found["pages"] == list(render(long_reply()))
    assert len(found["items"]) == 15
    assert found["items"][0] == {
        "n": 1,
        "type": "passage",
        "text": long_reply().items[0].text,
        "level": None,
        "ordinal": None,
        "set": None,
        "sources": [
            {
                "report": "000_5177",
                "title": "某局2023年党建工作总结",
                "year": 2023,
                "section": ["一、主要做法和成效", "（三）防范化解风险"],
                "start": 812,
                "end": 871,
            }
        ],
    }


async def test_events_without_an_answer_cost_nothing(conversation: Conversation, echo: Echo) -> None:
    event = message("", "d1", kind=MessageKind.OTHER)
    assert await conversation.receive(event) is None
    answer = await conversation.converse(event)
    assert (answer.text, answer.to_json()["pages"], answer.to_json()["items"]) == (None, [], [])
    assert echo.calls == 0


async def test_silence_is_recorded_too(conversation: Conversation, echo: Echo) -> None:
    assert await conversation.receive(message("silence", "d1")) is None
    assert await conversation.receive(message("silence", "d1")) is None
    assert echo.calls == 1


async def test_failure_becomes_an_apology_whose_reference_is_in_the_log(
    conversation: Conversation, echo: Echo, log: io.StringIO
) -> None:
    await conversation.receive(message("a", "d1"))
    text = await conversation.receive(message("fail", "d2"))
    [event] = [line for line in lines(log) if line["level"] == "ERROR"]
    assert text == APOLOGY.format(reference=event["reference"])
    assert event["error"] == "LookupError"
    assert "test_conversation.py" in str(event["where"])
    assert await conversation.receive(message("b", "d3")) == "a、b", "the session is as it was, the user is free"
    assert await conversation.receive(message("fail", "d2")) != text, "a redelivery is tried again"
    assert echo.calls == 6, "each of the two failures was tried without the session too"


async def test_failure_in_a_terminal_is_an_answer_too(conversation: Conversation) -> None:
    answer = await conversation.converse(message("fail"))
    assert answer.to_json()["intent"] == "error"
    assert answer.text is not None


async def test_busy_user_is_told_so_and_a_running_delivery_is_left_to_its_first_copy(
    store: ConversationStore, echo: Echo
) -> None:
    conversation = Conversation(store, echo, salt=SALT, patience=0.2)
    begun = await store.begin("wecom:u", "d1")
    assert isinstance(begun, New)
    assert await conversation.receive(message("b", "d2")) == BUSY
    assert (await conversation.converse(message("b"))).text == BUSY
    assert await conversation.receive(message("a", "d1")) is None
    assert echo.calls == 0
    await store.abandon(begun)
    assert await conversation.receive(message("b", "d2")) == "b"


async def test_each_message_is_one_log_event_without_its_text(conversation: Conversation, log: io.StringIO) -> None:
    await conversation.receive(message("long", CANARY, user=CANARY))
    await conversation.receive(message("long", CANARY, user=CANARY))
    await conversation.receive(message(CANARY, "d2", user=CANARY))
    await conversation.receive(message("fail", "d3", user=CANARY))
    await conversation.receive(message(CANARY, "d4", user=CANARY, kind=MessageKind.OTHER))
    events = [line for line in lines(log) if str(line["logger"]).startswith("bot.conversation")]
    messages = [event for event in events if event["event"] == "message"]
    assert [event["outcome"] for event in messages] == ["answered", "replayed", "answered", "failed", "ignored"]
    assert len({event["reference"] for event in messages}) == len(messages)
    [failure] = [event for event in events if event not in messages]
    assert failure["reference"] == messages[3]["reference"], "the exception is found under the message's reference"
    first = messages[0]
    assert (first["channel"], first["kind"], first["intent"], first["confidence"]) == ("wecom", "text", "phrase", 0.93)
    assert (first["total"], first["found"]) == (20, True)
    assert isinstance(first["ms"], float)
    assert len({event["user"] for event in messages}) == 1
    assert CANARY not in log.getvalue()
    assert "坚持党的领导" not in log.getvalue()


async def test_many_users_at_once_each_keep_their_own_thread(conversation: Conversation) -> None:
    async def talk(user: str) -> str | None:
        for number in range(9):
            await conversation.receive(message(str(number), f"{user}{number}", user=user))
        return await conversation.receive(message("9", f"{user}9", user=user))

    replies = await asyncio.gather(*(talk(f"u{number}") for number in range(30)))
    assert set(replies) == {"、".join(str(number) for number in range(10))}


async def test_redis_killed_in_the_middle_is_not_noticed(redis_server: RedisServer, echo: Echo) -> None:
    store = ResilientStore(RedisStore(redis_server.url, Keys(SALT)), MemoryStore())
    conversation = Conversation(store, echo, salt=SALT)
    await conversation.receive(message("a", "d1"))
    redis_server.kill()
    assert await conversation.receive(message("b", "d2")) == "a、b"
    assert await conversation.receive(message("a", "d1")) == "a"
    await store.close()


async def test_plain_redis_that_is_away_gets_the_user_an_apology(redis_server: RedisServer, echo: Echo) -> None:
    store = RedisStore(redis_server.url, Keys(SALT))
    conversation = Conversation(store, echo, salt=SALT)
    redis_server.kill()
    text = await conversation.receive(message("a", "d1"))
    assert text is not None
    assert text.startswith(APOLOGY[:6])
    await store.close()


async def test_answer_that_could_not_be_saved_is_given_all_the_same(
    redis_server: RedisServer, echo: Echo, log: io.StringIO
) -> None:
    def respond_and_kill(message: Message, session: Session, notebook: Notebook) -> Turn:
        redis_server.kill()
        return echo(message, session, notebook)

    store = RedisStore(redis_server.url, Keys(SALT))
    conversation = Conversation(store, respond_and_kill, salt=SALT)
    assert await conversation.receive(message("a", "d1")) == "a"
    assert [line["outcome"] for line in lines(log)] == ["answered, not saved"]
    await store.close()


async def test_poisoned_session_is_a_new_session(conversation: Conversation, store: ConversationStore) -> None:
    begun = await store.begin("wecom:u", None)
    assert isinstance(begun, New)
    await store.finish(begun, '{"format":1,"views":[[[[', None)
    assert await conversation.receive(message("a", "d1")) == "a"


async def look(store: ConversationStore) -> New:
    """Return what is stored for the user, leaving it alone."""
    begun = await store.begin("wecom:u", None)
    assert isinstance(begun, New)
    await store.abandon(begun)
    return begun


async def test_what_is_kept_is_there_for_the_next_message(conversation: Conversation, store: ConversationStore) -> None:
    replies = [await conversation.receive(message("keep", f"d{number}")) for number in range(3)]
    assert replies == ["原有0条", "原有1条", "原有2条"]
    before = await look(store)
    await conversation.receive(message("a", "d3"))
    after = await look(store)
    assert (after.notebook, after.notebook_saved_at) == (before.notebook, before.notebook_saved_at)
    assert Notebook.from_json(after.notebook).favourites == (Line("一条"),) * 3
    assert await conversation.receive(message("keep", "d0")) == "原有0条", "a redelivery keeps nothing twice"
    assert (await look(store)).notebook == after.notebook


async def test_clearing_leaves_neither_session_nor_notebook(
    conversation: Conversation, store: ConversationStore
) -> None:
    await conversation.receive(message("a", "d1"))
    await conversation.receive(message("keep", "d2"))
    assert await conversation.receive(message("clear", "d3")) == "原有1条"
    begun = await look(store)
    assert (begun.session, begun.notebook) == (None, None)
    assert await conversation.receive(message("clear", "d3")) == "原有1条", "the reply stays for redeliveries"
    assert await conversation.receive(message("b", "d4")) == "b"


async def test_failure_leaves_what_was_kept(conversation: Conversation, store: ConversationStore) -> None:
    await conversation.receive(message("keep", "d1"))
    before = await look(store)
    await conversation.receive(message("fail", "d2"))
    assert (await look(store)).notebook == before.notebook


async def test_notebook_that_is_none_is_an_empty_one(conversation: Conversation, store: ConversationStore) -> None:
    begun = await store.begin("wecom:u", None)
    assert isinstance(begun, New)
    await store.finish(begun, "", None, '{"format":1,"profile":[]}')
    assert await conversation.receive(message("keep", "d1")) == "原有0条"


async def test_session_the_dialogue_cannot_bear_is_dropped_and_the_message_answered(
    store: ConversationStore, dialogue: Dialogue, log: io.StringIO
) -> None:
    conversation = Conversation(store, dialogue.respond, salt=SALT)
    # A well-formed view of a kind that is shown, without what that kind needs to be shown.
    view = View("outline", (), ("no such report",))
    poisoned = Session((view,), page=0, pages=2, edition=dialogue.library.edition)
    with pytest.raises(LookupError):
        dialogue.respond(message("更多"), poisoned)
    begun = await store.begin("wecom:u", None)
    assert isinstance(begun, New)
    kept = Notebook(favourites=(Line("一条"),)).to_json()
    await store.finish(begun, poisoned.to_json(), None, kept)

    answer = await conversation.converse(message("更多"))
    assert answer.to_json()["intent"] == "more"
    after = await look(store)
    assert Session.from_json(after.session).views == ()
    assert after.notebook == kept
    [event] = [line for line in lines(log) if line["level"] == "ERROR"]
    assert event["event"] == "session dropped"
    assert "no such report" not in log.getvalue()


async def test_turn_that_another_worker_took_over_is_logged_as_not_saved(
    redis_server: RedisServer, echo: Echo, log: io.StringIO
) -> None:
    lock = Keys(SALT).conversation("wecom:u", "d1")[0]

    def respond_too_late(message: Message, session: Session, notebook: Notebook) -> Turn:
        redis_server.command("SET", lock, "another worker", "PX", "5000")
        return echo(message, session, notebook)

    store = ResilientStore(RedisStore(redis_server.url, Keys(SALT)), MemoryStore())
    assert await Conversation(store, respond_too_late, salt=SALT).receive(message("keep", "d1")) == "原有0条"
    assert [line["outcome"] for line in lines(log) if "outcome" in line] == ["answered, not saved"]
    assert (await look(store)).notebook is None
    await store.close()


async def test_long_text_is_thought_about_while_others_are_answered() -> None:
    asked_meanwhile = threading.Event()

    def respond(message: Message, session: Session, notebook: Notebook) -> Turn:
        if message.text == "short":
            asked_meanwhile.set()
        elif not asked_meanwhile.wait(20.0):
            raise TimeoutError
        return Turn(Reply((Title(message.text[:5]),)), session, Understanding("check", 1.0))

    conversation = Conversation(MemoryStore(), respond, salt=SALT)
    long = asyncio.create_task(conversation.receive(message("字" * (LONG_CHARACTERS + 1))))
    await asyncio.sleep(0)
    assert "short" in (await conversation.receive(message("short", user="another")) or "")
    assert "字字字字字" in (await long or "")
