"""The line between labs and their class server: as good or bad as it is told to be.

usage: line.py PORT     passes requests on to 127.0.0.1:PORT; says its own port; ends with its input. Each line of input is answered by one.

    deal FAULT [PATH [COUNT]]   for requests whose path begins so (all), so many times (always)
    pace BYTES TRIP_MS CUT      bytes of answers a second, milliseconds to the server and back, percent of answers that are cut
    down, up                    nobody is there
    flap MS                     so long there and so long not, again and again; 0: no more, it is there
    held, seen PATH COUNT       answered when a request is held; when so many with that path have come
    count [PATH], peak          requests so far; the most that were under way at once beside the listening to events
    bytes [PATH]                of bodies that went to the labs
    heads [PATH]                header names of the last such request
    release                     what is held goes on; no fault is dealt any more
"""

import asyncio
import random
import sys

PIECES = 20  # a second, when there is a pace
EVENTS = "/api/events"  # stays open beside the rounds, while a verdict is waited for
PORTAL = b"<html><body>Welcome. Please log in.</body></html>"


class Line:
    def __init__(self, port):
        self.port = port
        self.faults = []  # [name, path, times left or None]
        self.rate = self.trip = self.cut = 0
        self.seen = []  # (path, header names)
        self.sent = []  # (path, bytes)
        self.under_way = self.peak = 0
        self.held = asyncio.Event()
        self.go = asyncio.Event()
        self.change = asyncio.Condition()
        self.own = 0
        self.writers = set()
        self.dice = random.Random(7)
        self.server = None
        self.flapping = None

    # --- from the lab to the server

    async def read_request(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return head, await reader.readexactly(length)

    async def ask(self, head, body):
        """The server's whole answer: status and headers, body."""
        first, rest = head.split(b"\r\n", 1)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(first + b"\r\nConnection: close\r\n" + rest + body)
        try:
            answer = await reader.read(-1)
        finally:
            writer.close()
        lines, _, content = answer.partition(b"\r\n\r\n")
        kept = [line for line in lines.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        return b"\r\n".join(kept) + b"\r\n\r\n", content

    def fault_of(self, path):
        for fault in self.faults:
            if path.startswith(fault[1]) and fault[2] != 0:
                if fault[2]:
                    fault[2] -= 1
                return fault[0]
        return "cut" if self.cut and self.dice.randrange(100) < self.cut else ""

    # --- back to the lab

    async def give(self, writer, path, head, content, part=1.0):
        writer.write(head)
        content = content[: int(len(content) * part)]
        step = max(1, self.rate // PIECES) if self.rate else len(content) or 1
        for at in range(0, len(content), step):
            writer.write(content[at : at + step])
            await writer.drain()
            self.sent.append((path, len(content[at : at + step])))
            if self.rate:
                await asyncio.sleep(1 / PIECES)

    async def silence(self):
        self.held.set()
        await asyncio.Event().wait()  # until somebody hangs up

    async def answer(self, writer, path, head, body):
        """False: the connection is at its end."""
        fault = self.fault_of(path)
        if fault == "hold":
            self.held.set()
            await self.go.wait()
        elif fault == "drop":
            return False
        elif fault == "deaf":
            await self.silence()
        elif fault == "portal":
            page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PORTAL)
            writer.write(page + PORTAL)
            return True
        elif fault.startswith("strip:"):
            names = tuple(name.encode() + b":" for name in fault[6:].split(","))
            head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(names))
        elif fault == "twice":
            await self.ask(head, body)
        if self.trip:
            await asyncio.sleep(self.trip / 1000)
        answer_head, content = await self.ask(head, body)
        if fault == "lose":
            return False
        if fault == "vanish":
            await self.give(writer, path, answer_head, content, 0.5)
            await self.silence()
        if fault == "cut":
            await self.give(writer, path, answer_head, content, self.dice.random())
            return False
        await self.give(writer, path, answer_head, content)
        return b"content-length:" in answer_head.lower()

    async def note(self, path, head):
        async with self.change:
            self.seen.append((path, [line.split(b":")[0].decode() for line in head.split(b"\r\n")[1:] if line]))
            self.under_way += path != EVENTS
            self.peak = max(self.peak, self.under_way)
            self.change.notify_all()

    async def serve(self, reader, writer):
        self.writers.add(writer)
        pending = None
        try:
            while True:
                head, body = await (pending or self.read_request(reader))
                path = head.split(b" ")[1].decode()
                await self.note(path, head)
                pending = asyncio.ensure_future(self.read_request(reader))
                pending.add_done_callback(lambda task: task.cancelled() or task.exception())
                answer = asyncio.ensure_future(self.answer(writer, path, head, body))
                await asyncio.wait({pending, answer}, return_when=asyncio.FIRST_COMPLETED)
                if not answer.done():
                    answer.cancel()  # the lab has hung up
                self.under_way -= path != EVENTS
                if not await answer:
                    break
        except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            pass
        finally:
            if pending:
                pending.cancel()
            self.writers.discard(writer)
            writer.close()

    # --- orders

    def matching(self, path):
        return [seen for seen in self.seen if seen[0].startswith(path)]

    async def open(self, port):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", port, limit=64 << 20)
        return self.server.sockets[0].getsockname()[1]

    def go_down(self):
        self.server.close()
        for writer in list(self.writers):
            writer.transport.abort()

    async def flap(self, seconds):
        while True:
            await asyncio.sleep(seconds)
            self.go_down()
            await asyncio.sleep(seconds)
            await self.open(self.own)

    async def obey(self, word, *rest):
        if word == "deal":
            fault, path, count = (list(rest) + ["/", ""][len(rest) - 1 :])[:3]
            self.held.clear()
            self.go.clear()
            self.faults.insert(0, [fault, path, int(count) if count else None])
        elif word == "pace":
            self.rate, self.trip, self.cut = map(int, rest)
        elif word == "down":
            self.go_down()
        elif word == "flap" and int(rest[0]):
            self.flapping = asyncio.ensure_future(self.flap(int(rest[0]) / 1000))
        elif word == "flap":
            self.flapping.cancel()
            self.go_down()
            await self.open(self.own)
        elif word == "up":
            await self.open(self.own)
        elif word == "held":
            await self.held.wait()
        elif word == "seen":
            async with self.change:
                await self.change.wait_for(lambda: len(self.matching(rest[0])) >= int(rest[1]))
        elif word == "count":
            return str(len(self.matching(rest[0] if rest else "/")))
        elif word == "peak":
            return str(self.peak)
        elif word == "bytes":
            return str(sum(count for path, count in self.sent if path.startswith(rest[0] if rest else "/")))
        elif word == "heads":
            return " ".join(self.matching(rest[0] if rest else "/")[-1][1])
        elif word == "release":
            self.faults.clear()
            self.go.set()
        else:
            return "no such order"
        return "ok"

    async def run(self):
        self.own = await self.open(0)
        print(self.own, flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(await self.obey(*line.split()), flush=True)


async def main():
    await Line(int(sys.argv[1])).run()


asyncio.run(main())
