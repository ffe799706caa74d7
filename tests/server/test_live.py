"""Changes arrive as they are committed; a client that comes back has missed nothing. Real servers."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from ai_viewer.server.live import MOST_WAITING, PAUSE_SECONDS, News, Subscription
from tests.pictures import Store
from tests.server.conftest import Server


class Listener:
    """An event stream: events as (name, id, data), as they come."""

    def __init__(
        self, http: httpx.Client, server: Server, last: int | str | None = None, query: str = ""
    ) -> None:
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        self._stream = http.stream("GET", f"{server.url}/api/events{query}", headers=headers)
        self.last_id = -1

    def __enter__(self) -> Self:
        response = self._stream.__enter__()
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        self._lines = response.iter_lines()
        # The first block has an id and no data: nothing is missed from here on.
        assert self._block() == {"retry": "1000", "id": str(self.last_id)}
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.__exit__(*error)  # type: ignore[arg-type]  # as it was called

    def next(self) -> tuple[str, int, Any]:
        while True:
            block = self._block()
            if "event" in block:
                return block["event"], int(block["id"]), json.loads(block["data"])

    def _block(self) -> dict[str, str]:
        block: dict[str, str] = {}
        for line in self._lines:
            if not line:
                break
            name, _, value = line.partition(": ")
            block[name] = value
        else:
            raise EOFError
        if "id" in block:
            self.last_id = int(block["id"])
        return block


@pytest.fixture
def server(store: Store, serve: Callable[[Path], Server]) -> Server:
    store.add("first: S\n    1: llm")
    return serve(store.path)


@pytest.fixture
def listen(http: httpx.Client, server: Server) -> Callable[..., Listener]:
    return lambda *args, **more: Listener(http, server, *args, **more)


def test_a_change_is_told_with_the_ancestors_and_its_number(
    store: Store, listen: Callable[..., Listener]
) -> None:
    """From the present on: what was before is not told."""
    with listen() as events:
        store.add("a: A\n    1: llm\nb < a: B\n    1: llm")
        name, number, data = events.next()
        assert name == "change"
        assert number == store.reader.execute("SELECT max(id) FROM change").get
        assert sorted(data["sessions"]) == ["claude_code:a", "claude_code:b"]
        assert data["sources"] is True


def test_a_client_that_comes_back_is_told_what_it_missed(
    store: Store, listen: Callable[..., Listener]
) -> None:
    """By Last-Event-ID, without the server knowing it: all of it, and then what is new."""
    with listen() as events:
        here = events.last_id
    for turn in range(1, 4):
        store.add(f"a: A\n    {turn}: llm")
        store.add(f"b: B\n    {turn}: llm")
    newest = store.reader.execute("SELECT max(id) FROM change").get
    with listen(here) as events:
        told: set[str] = set()
        number = here
        # In one event, unless the server has just not heard of the latest commits itself.
        while number < newest:
            _, number, data = events.next()
            told.update(data["sessions"])
        assert (told, number) == ({"claude_code:a", "claude_code:b"}, newest)
        store.add("c: C\n    1: llm")
        _, later, data = events.next()
        assert data["sessions"] == ["claude_code:c"]
        assert later > number


def test_nothing_is_told_twice(store: Store, listen: Callable[..., Listener]) -> None:
    """A client that is up to date waits for the next change."""
    with listen() as events:
        store.add("a: A\n    1: llm")
        _, newest, _ = events.next()
    with listen(newest) as events:
        store.add("b: B\n    1: llm")
        assert events.next()[2]["sessions"] == ["claude_code:b"]


@pytest.mark.parametrize("last", ["0", "99999", "-1", "x", str(10**30), "1.5"])
def test_who_was_away_too_long_starts_anew(store: Store, listen: Callable[..., Listener], last: str) -> None:
    """So does who comes with a number that was never given."""
    store.add("a: A\n    1: llm")
    store.writing.execute("DELETE FROM change WHERE id = 1")
    newest = store.reader.execute("SELECT max(id) FROM change").get
    with listen(last) as events:
        assert events.next() == ("reset", newest, {})
        store.add("b: B\n    1: llm")
        assert events.next()[0] == "change"


def test_a_client_may_listen_to_one_session_or_format_only(
    store: Store, listen: Callable[..., Listener]
) -> None:
    """What else changes does not wake it, and its number still moves on."""
    with listen(query="?session=claude_code:b") as one, listen(query="?format=codex") as codex:
        store.add("a: A\n    1: llm")
        store.add("b: B\n    1: llm\na: A\n    2: llm")
        store.add("b: B\n    1: llm", format_name="codex")
        assert one.next()[2]["sessions"] == ["claude_code:b"]
        assert codex.next()[2]["sessions"] == ["codex:b"]


def test_a_client_may_listen_to_all_that_a_session_started(
    store: Store, listen: Callable[..., Listener]
) -> None:
    """However deep, those that come later included."""
    with listen(query="?session=claude_code:a&tree=true") as events:
        store.add("x: X\n    1: llm")
        store.add("a: A\n    1: llm\nb < a: B\n    1: llm\nc < b: C\n    1: llm")
        assert sorted(events.next()[2]["sessions"]) == ["claude_code:a", "claude_code:b", "claude_code:c"]


def test_every_filter_of_the_list_of_sessions_is_one_here(
    store: Store, listen: Callable[..., Listener]
) -> None:
    """What may have passed before and does not now is told as well."""
    with listen(query="?agent=Explore&failed=true") as events:
        store.add("a: A\n    1: Bash!\nb < a Explore: B\n    1: llm\nc < a Explore: C\n    1: Bash!")
        data = events.next()[2]
        assert (data["sessions"], data["left"]) == (["claude_code:c"], ["claude_code:b"])


def test_a_busy_session_is_told_a_few_times_a_second(store: Store, listen: Callable[..., Listener]) -> None:
    """The first change at once, those of a burst together."""
    with listen() as events:
        start = time.monotonic()
        for turn in range(1, 40):
            store.add(f"a: A\n    {turn}: llm")
        newest = store.reader.execute("SELECT max(id) FROM change").get
        told = 0
        while events.last_id < newest:
            events.next()
            told += 1
        assert told <= 2 + 4 * (time.monotonic() - start)


@pytest.mark.serial
def test_two_hundred_clients_are_told_at_once(store: Store, server: Server) -> None:
    """Each of the same change, some of them with filters; none holds up another."""

    async def listen(query: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET /api/events{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await reader.readuntil(b"id: ")
        return reader, writer

    async def check() -> None:
        queries = ["", "?session=claude_code:a&tree=true", "?project=/home/dev/a", "?model=opus&failed=false"]
        clients = await asyncio.gather(*(listen(queries[n % 4]) for n in range(200)))
        await asyncio.to_thread(store.add, "a: A\n    1: llm")
        start = time.monotonic()
        async with asyncio.timeout(20):
            told = await asyncio.gather(*(reader.readuntil(b'"claude_code:a"') for reader, _ in clients))
        assert all(b"event: change" in answer for answer in told)
        assert time.monotonic() - start < 2
        for _, writer in clients:
            writer.close()

    # In a thread of its own: a browser's test may have left an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, check()).result()


def test_a_wrong_filter_is_refused(server: Server, http: httpx.Client) -> None:
    """As with every other query."""
    answer = http.get(f"{server.url}/api/events?sessions=x")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "sessions")


@pytest.mark.serial
def test_a_change_arrives_well_below_a_tenth_of_a_second(
    store: Store, listen: Callable[..., Listener]
) -> None:
    """From the end of the transaction to the event in the client's hands."""
    times = []
    with listen() as events:
        for turn in range(1, 21):
            store.add(f"a: A\n    {turn}: llm")
            committed = time.monotonic()
            events.next()
            times.append(time.monotonic() - committed)
            time.sleep(PAUSE_SECONDS + 0.013)
    assert statistics.quantiles(times, n=20)[18] < 0.1, sorted(times)[-5:]


def test_every_change_of_a_busy_time_is_told_in_order(store: Store, listen: Callable[..., Listener]) -> None:
    """However the commits and the looks at them fall."""
    with listen() as events:

        def write() -> None:
            for n in range(60):
                store.add(f"s{n}: S\n    1: llm")

        writing = threading.Thread(target=write, daemon=True)
        writing.start()
        seen: list[str] = []
        numbers = []
        while len(seen) < 60:
            _, number, data = events.next()
            numbers.append(number)
            seen += data["sessions"]
        writing.join()
    assert seen == [f"claude_code:s{n}" for n in range(60)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_at_once_with_clients_connected(
    server: Server, listen: Callable[..., Listener], number: int
) -> None:
    """Quietly, and each stream ends as a stream should."""
    with listen() as one, listen() as two:
        took, messages = server.stop(number)
        assert took < 2
        for events in (one, two):
            with pytest.raises(EOFError):
                events.next()
    assert messages == ""


def test_a_client_that_does_not_read_holds_up_nobody(
    store: Store, server: Server, listen: Callable[..., Listener]
) -> None:
    """The others are told in time, and the server ends in time."""
    with socket.create_connection(("127.0.0.1", server.port)) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        lazy.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with listen() as events:
            for turn in range(1, 12):
                store.add("\n".join(f"{'x' * 60}{turn}-{n}: S\n    1: llm" for n in range(20)))
                events.next()
        took, _ = server.stop()
        assert took < 5


def test_streams_that_were_left_are_forgotten(server: Server, listen: Callable[..., Listener]) -> None:
    """Their sockets are closed."""

    def sockets() -> int:
        folder = Path(f"/proc/{server.process.pid}/fd")
        return sum(str(link.readlink()).startswith("socket:") for link in folder.iterdir())

    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc here")
    before = sockets()
    for _ in range(10):
        with listen():
            pass
    deadline = time.monotonic() + 5
    while sockets() > before:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("turns", [1, 9])
def test_a_store_that_is_made_anew_is_followed(
    turns: int, tmp_path: Path, serve: Callable[[Path], Server], http: httpx.Client
) -> None:
    """Clients start anew with it, whether its numbers are lower or higher."""
    first = Store(tmp_path / "s.db")
    for turn in range(5):
        first.add(f"a: A\n    {turn}: llm")
    server = serve(tmp_path / "s.db")
    with Listener(http, server) as events:
        first.close()
        second = Store(tmp_path / "new.db")
        for turn in range(turns):
            second.add(f"b: B\n    {turn}: llm")
        second.close()
        for name in ("s.db", "s.db-wal", "s.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / "new.db").rename(tmp_path / "s.db")
        assert events.next()[0] == "reset"
        third = Store(tmp_path / "s.db")
        third.add("c: C\n    1: llm")
        assert "claude_code:c" in events.next()[2]["sessions"]
        third.close()


class TestSubscription:
    """What waits for one client."""

    def test_it_melts_into_one_notice(self) -> None:
        async def check() -> None:
            waiting = Subscription()
            waiting.add(News(last=1, sessions=["a"], sources=False))
            waiting.add(News(last=2, sessions=["b", "a"], sources=True))
            assert await waiting.next(1) == News(last=2, sessions=["a", "b"], sources=True)
            assert await waiting.next(0.01) is None

        asyncio.run(check())

    def test_too_much_becomes_a_reset(self) -> None:
        async def check() -> None:
            waiting = Subscription()
            names = [str(number) for number in range(MOST_WAITING + 1)]
            waiting.add(News(last=7, sessions=names, sources=True))
            assert await waiting.next(1) == News(last=7, sessions=[], sources=True, reset=True)

        asyncio.run(check())

    def test_news_of_the_sources_alone_are_only_for_who_wants_them(self) -> None:
        async def check() -> None:
            waiting = Subscription(sources=False)
            waiting.add(News(last=1, sessions=[], sources=True))
            assert await waiting.next(0.01) is None
            waiting.add(News(last=2, sessions=[], sources=True, reset=True))
            assert (await waiting.next(1) or News(0, [], False)).reset

        asyncio.run(check())

    def test_a_burst_is_told_at_once_and_then_together_after_a_pause(self) -> None:
        async def check() -> None:
            waiting = Subscription(pause=0.2)
            told, start = [], asyncio.get_running_loop().time()
            for number in range(1, 50):
                waiting.add(News(last=number, sessions=[str(number)], sources=True))
                if number in {1, 49}:
                    told.append(await waiting.next(1))
            assert [len(news.sessions) for news in told if news] == [1, 48]
            assert asyncio.get_running_loop().time() - start >= 0.2

        asyncio.run(check())

    def test_its_end_does_not_wait_for_the_pause(self) -> None:
        async def check() -> None:
            waiting = Subscription(pause=60)
            waiting.add(News(last=1, sessions=["a"], sources=True))
            await waiting.next(1)
            waiting.add(News(last=2, sessions=["a"], sources=True))
            asyncio.get_running_loop().call_soon(waiting.close)
            with pytest.raises(StopAsyncIteration):
                await waiting.next(1)

        asyncio.run(check())

    def test_what_the_client_knows_is_left_out(self) -> None:
        async def check() -> None:
            waiting = Subscription(after=5)
            waiting.add(News(last=5, sessions=["a"], sources=True))
            assert await waiting.next(0.01) is None
            waiting.add(News(last=3, sessions=[], sources=True, reset=True))
            assert await waiting.next(1) == News(last=3, sessions=[], sources=True, reset=True)

        asyncio.run(check())

    def test_its_end_is_told(self) -> None:
        async def check() -> None:
            waiting = Subscription()
            waiting.close()
            with pytest.raises(StopAsyncIteration):
                await waiting.next(1)

        asyncio.run(check())
