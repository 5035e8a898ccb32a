"""Clients that mean harm, for attacks.py: TLS sockets that send what they are told, HTTP/2 frames made by hand, and the
well-behaved client whose answers and times are what counts. Nothing of the project's code is used here."""

import http.client
import json
import select
import socket
import ssl
import struct
import sys
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
ENHANCE_YOUR_CALM = 11


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(text):
    data = text.encode()
    size = len(data)
    if size < 127:
        return bytes([size]) + data
    out, size = b"\x7f", size - 127
    while size >= 128:
        out, size = out + bytes([size % 128 + 128]), size // 128
    return out + bytes([size]) + data


def fields(*pairs):
    """A header list as literals that are not indexed (RFC 7541 6.2.2)."""
    return b"".join(b"\0" + literal(name) + literal(value) for name, value in pairs)


def request_fields(method, path, *more):
    return fields((":method", method), (":scheme", "https"), (":authority", "a"), (":path", path), *more)


def frames_in(data):
    """(kind, flags, stream, payload) of each whole frame."""
    at = 0
    while at + 9 <= len(data):
        size = int.from_bytes(data[at:at + 3], "big")
        if at + 9 + size > len(data):
            return
        yield data[at + 3], data[at + 4], int.from_bytes(data[at + 5:at + 9], "big"), data[at + 9:at + 9 + size]
        at += 9 + size


class Attacker:
    """One connection. `closed` once the server ended it; what came is in `received`, as far as it was read."""

    contexts = {}

    def __init__(self, port, protocol=None, address="127.0.0.1", tls=True, receive_bytes=None):
        self.received = bytearray()
        self.closed = False
        self.unsent = b""
        plain = socket.socket()
        plain.settimeout(20)
        if receive_bytes:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        plain.bind((address, 0))
        plain.connect(("127.0.0.1", port))
        self.socket = self.context(protocol).wrap_socket(plain) if tls else plain
        self.socket.setblocking(False)

    @classmethod
    def context(cls, protocol):
        if protocol not in cls.contexts:
            context = ssl._create_unverified_context()
            if protocol:
                context.set_alpn_protocols([protocol])
            cls.contexts[protocol] = context
        return cls.contexts[protocol]

    def send(self, data):
        """Sends what the socket takes now, and what was left before; False where there is no room or no peer."""
        self.unsent += data
        try:
            while self.unsent:
                self.unsent = self.unsent[self.socket.send(self.unsent):]
            return True
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
            return False
        except OSError:
            self.closed = True
            return False

    def read(self):
        try:
            while data := self.socket.recv(65536):
                self.received += data
            self.closed = True
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            pass
        except OSError:
            self.closed = True

    def drop(self):
        self.socket.close()


def closed_within(attackers, seconds):
    """How many the server has closed after at most so long, read to the end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        open_ones = [a for a in attackers if not a.closed]
        if not open_ones:
            break
        poll = select.poll()
        for attacker in open_ones:
            poll.register(attacker.socket, select.POLLIN)
        poll.poll(200)
        for attacker in open_ones:
            attacker.read()
    return sum(attacker.closed for attacker in attackers)


def ended_within(attackers, seconds):
    """The same without reading a byte."""
    poll = select.poll()
    waiting = {attacker.socket.fileno(): attacker for attacker in attackers}
    for number in waiting:
        poll.register(number, 0)
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        for number, _ in poll.poll(200):
            poll.unregister(number)
            waiting.pop(number).closed = True
    return len(attackers) - len(waiting)


def goaway_code(attacker):
    for kind, _, _, payload in frames_in(attacker.received):
        if kind == GOAWAY:
            return int.from_bytes(payload[4:8], "big")
    return None


class WellBehaved:
    """Asks for public keys, mostly over one connection, each tenth time over a new one; as a program of its own, so that its
    times are not those of the attackers beside it."""

    def __init__(self, port, certificate, expected):
        self.port = port
        self.expected = expected
        self.context = ssl.create_default_context(cafile=certificate)
        self.context.check_hostname = False
        self.times, self.wrong = [], []

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=30)

    def run(self, seconds):
        connection = self.connect()
        end = time.monotonic() + seconds
        while time.monotonic() < end or len(self.times) < 20:
            began = time.monotonic()
            try:
                if len(self.times) % 10 == 9:
                    connection.close()
                    connection = self.connect()
                self.ask(connection)
            except OSError as error:
                self.wrong.append(repr(error))
                connection = self.connect()
            self.times.append(time.monotonic() - began)
            if len(self.wrong) > 10:
                break
            time.sleep(0.004)

    def ask(self, connection):
        connection.request("GET", "/app/listpubkeys")
        response = connection.getresponse()
        body = response.read().decode()
        if response.status != 200 or body != self.expected:
            self.wrong.append(f"{response.status} {body[:100]}")

    def report(self):
        times = sorted(self.times)
        at = lambda share: round(1000 * times[min(len(times) - 1, int(share * len(times)))], 2)  # noqa: E731
        return {"requests": len(times), "p50_ms": at(0.5), "p99_ms": at(0.99), "wrong": self.wrong}


if __name__ == "__main__":
    port, certificate, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    client = WellBehaved(port, certificate, sys.stdin.read())
    client.run(seconds)
    print(json.dumps(client.report()))
