"""Attacks on the real service, with a well-behaved client beside each: its answers must all be right, the attackers must
be closed, and memory must stay under a stated bound. Prints the client's p50 and p99 alone and beside each attack; no time
is asserted, but that attackers are gone some seconds after the limit that ends them.

ATTACK_SECONDS (default 1) is the length of each attack; ATTACKS, words of their names, chooses some."""

import json
import os
import pathlib
import resource
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
from _attackers import (  # noqa: E402
    CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS,
    Attacker, closed_within, ended_within, fields, frame, frames_in, goaway_code, request_fields)
from _kms import Kms, check  # noqa: E402

SECONDS = float(os.environ.get("ATTACK_SECONDS", "1"))
LIMITS = """[limits]
handshake_seconds = 1
request_seconds = 2
body_seconds = 1
idle_seconds = 60
"""
LIMIT_SECONDS = 2  # the longest of those that end an attacker who does something
PATIENCE = 20  # seconds until what is late is certainly gone, on a busy machine
MEMORY_MIB_MAX = 200  # over what the server had before the attack
IDLE_MIB_MAX = 450  # the same, of ten thousand connections
SOME = 100  # attackers at once
OPEN_H2 = PREFACE + frame(SETTINGS, 0, 0)


def until_time_is_over():
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        yield
        time.sleep(0.02)


def slow_headers(port):
    attackers = [Attacker(port) for _ in range(SOME)]
    for attacker in attackers:
        attacker.send(b"GET / HTTP/1.1\r\nhost: a\r\nx: ")
    for _ in until_time_is_over():
        for attacker in attackers:
            attacker.send(b"x")
    return attackers, "408"


def slow_bodies(port):
    attackers = [Attacker(port) for _ in range(SOME)]
    for attacker in attackers:
        attacker.send(b"POST /app/unwrapKey HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n")
    for _ in until_time_is_over():
        for attacker in attackers:
            attacker.send(b"x")
    return attackers, "408"


def slow_bodies_of_streams(port):
    attackers = [Attacker(port, "h2") for _ in range(10)]
    for attacker in attackers:
        attacker.send(OPEN_H2)
        for stream in range(1, 200, 2):
            attacker.send(frame(HEADERS, END_HEADERS, stream, request_fields("POST", "/app/unwrapKey")))
    for _ in until_time_is_over():
        for attacker in attackers:
            for stream in range(1, 200, 2):
                attacker.send(frame(DATA, 0, stream, b"x"))
    return attackers, "calm"


def half_open_tls(port):
    attackers = [Attacker(port, tls=False) for _ in range(5 * SOME)]
    for attacker in attackers[::2]:  # the first bytes of a ClientHello; the others say nothing
        attacker.send(b"\x16\x03\x01\x02\x00\x01\x00")
    for _ in until_time_is_over():
        pass
    return attackers, ""


def endless_streams(port):
    """Streams that are opened and never come to their end, more and more of them."""
    attackers = [Attacker(port, "h2") for _ in range(10)]
    stream = 1
    for attacker in attackers:
        attacker.send(OPEN_H2)
    for _ in until_time_is_over():
        for attacker in attackers:
            attacker.read()
            for more in range(0, 40, 2):
                attacker.send(frame(HEADERS, END_HEADERS, stream + more, request_fields("POST", "/app/unwrapKey")))
        stream += 40
    return attackers, "calm"


def rapid_reset(port):
    attackers = [Attacker(port, "h2") for _ in range(10)]
    for attacker in attackers:
        attacker.send(OPEN_H2)
    stream = 1
    for _ in until_time_is_over():
        for attacker in attackers:
            attacker.send(b"".join(
                frame(HEADERS, END_HEADERS | END_STREAM, stream + more, request_fields("GET", "/app/listpubkeys")) +
                frame(RST_STREAM, 0, stream + more, struct.pack(">I", 8)) for more in range(0, 200, 2)))
        stream += 200
    return attackers, "calm"


def header_floods(port):
    """Lists without end: lines of HTTP/1.1, CONTINUATION frames, and fields that one byte stands for."""
    lines = [Attacker(port) for _ in range(30)]
    continuations = [Attacker(port, "h2") for _ in range(30)]
    packed = [Attacker(port, "h2") for _ in range(30)]
    for attacker in lines:
        attacker.send(b"GET / HTTP/1.1\r\nhost: a\r\n")
    for attacker in continuations:
        attacker.send(OPEN_H2 + frame(HEADERS, 0, 1, request_fields("GET", "/")))
    for attacker in packed:
        entry = b"\x40\x01x" + b"\x7f" + bytes([(4000 - 127) % 128 + 128, (4000 - 127) // 128]) + b"y" * 4000
        attacker.send(OPEN_H2 + frame(HEADERS, END_HEADERS | END_STREAM, 1,
                                      request_fields("GET", "/") + entry + b"\xbe" * 10000))
    for _ in until_time_is_over():
        for attacker in lines:
            attacker.send(b"x-some: header\r\n" * 100)
        for attacker in continuations:
            attacker.send(frame(CONTINUATION, 0, 1, fields(("x", "y" * 1000))) * 5)
    return lines + continuations + packed, ""


def pipelining_without_reading(port):
    attackers = [Attacker(port, receive_bytes=4096) for _ in range(SOME)]
    for _ in until_time_is_over():
        for attacker in attackers:
            if len(attacker.unsent) < 100_000:
                attacker.send(b"GET /app/listpubkeys HTTP/1.1\r\nhost: a\r\n\r\n" * 200)
    return attackers, "unread"


def zero_window(port):
    """Asks for much and never lets any of it come."""
    attackers = [Attacker(port, "h2") for _ in range(20)]
    for attacker in attackers:
        attacker.send(PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 0)))
        for stream in range(1, 200, 2):
            attacker.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, request_fields("GET", "/app/listpubkeys")))
    for _ in until_time_is_over():
        for attacker in attackers:
            attacker.read()
    return attackers, "reset"


def control_floods(port):
    attackers = [Attacker(port, "h2") for _ in range(20)]
    for attacker in attackers:
        attacker.send(OPEN_H2 + frame(HEADERS, END_HEADERS, 1, request_fields("POST", "/app/unwrapKey")))
    kinds = [frame(PING, 0, 0, b"12345678"), frame(SETTINGS, 0, 0), frame(DATA, 0, 1), frame(0xbb, 0, 0)]
    for _ in until_time_is_over():
        for number, attacker in enumerate(attackers):
            if len(attacker.unsent) < 100_000:
                attacker.send(kinds[number % len(kinds)] * 500)
    return attackers, "calm"


ATTACKS = (slow_headers, slow_bodies, slow_bodies_of_streams, half_open_tls, endless_streams, rapid_reset, header_floods,
           pipelining_without_reading, zero_window, control_floods)


def memory_mib(kms):
    for line in pathlib.Path(f"/proc/{kms.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the server is gone")


class Beside:
    """The well-behaved client while the block runs."""

    def __init__(self, kms, expected, seconds):
        self.arguments = [sys.executable, str(pathlib.Path(__file__).with_name("_attackers.py")), str(kms.port),
                          str(kms.data / "service_cert.pem"), str(seconds)]
        self.expected = expected

    def __enter__(self):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(self.expected)
        self.process.stdin.close()
        self.process.stdin = None
        return self

    def __exit__(self, *failed):
        out, _ = self.process.communicate()
        if not any(failed):
            check(self.process.returncode == 0, "the well-behaved client failed")
            self.report = json.loads(out)
            check(not self.report["wrong"], f"wrong answers: {self.report['wrong']}")


def show(name, report, memory, before, word):
    print(f"{name:28} {report['requests']:8} {report['p50_ms']:8.2f} {report['p99_ms']:8.2f} {before:9.0f} {memory:9.0f}  ",
          word, flush=True)


def judge(name, attackers, how):
    if how == "reset":  # the connection may go on; what it asked for may not stay
        for attacker in attackers:
            wait_for_resets(name, attacker)
        return "every stream reset"
    ended = ended_within if how == "unread" else closed_within
    closed = ended(attackers, LIMIT_SECONDS + PATIENCE)
    if how == "408":
        check(all(b"HTTP/1.1 408 " in a.received for a in attackers), f"{name}: not all were told")
    check(closed == len(attackers), f"{name}: {len(attackers) - closed} of {len(attackers)} attackers are still there")
    if how == "calm":
        codes = {goaway_code(attacker) for attacker in attackers}
        check(codes <= {ENHANCE_YOUR_CALM, None}, f"{name}: GOAWAY {codes}")
    return f"{closed} attackers closed"


def wait_for_resets(name, attacker):
    deadline = time.monotonic() + LIMIT_SECONDS + PATIENCE
    while time.monotonic() < deadline:
        attacker.read()
        resets = {stream for kind, _, stream, _ in frames_in(attacker.received) if kind == RST_STREAM}
        if attacker.closed or len(resets) == 100:
            return
        time.sleep(0.1)
    raise AssertionError(f"{name}: answers that nobody takes are kept")


def idle_connections(kms, expected):
    """Ten thousand, from ten addresses because one may not have them all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = 10_000
    most = min(wanted, hard - 500)
    if most < wanted:
        print(f"only {most} idle connections: this machine lets a process have {hard} descriptors")
    before = memory_mib(kms)
    attackers = []
    for number in range(most):
        attackers.append(Attacker(kms.port, address=f"127.0.1.{1 + number % 10}"))
    with Beside(kms, expected, SECONDS) as client:
        pass
    memory = memory_mib(kms)
    for attacker in attackers:
        attacker.read()
    still = sum(not attacker.closed for attacker in attackers)
    show(f"{most} idle connections", client.report, memory, before, f"{still} still open")
    check(memory - before < IDLE_MIB_MAX, f"memory: {before:.0f} MiB before, {memory:.0f} MiB with {most} connections")
    check(still > most * 0.9, f"only {still} of {most} idle connections were kept")
    for attacker in attackers:
        attacker.drop()


def main():
    chosen = os.environ.get("ATTACKS", "").split()
    with Kms() as kms:
        settings = kms.folder / "vitrine.toml"
        settings.write_text(LIMITS)
        kms.arguments += ["--config", str(settings)]
        kms.start()
        for _ in range(5):
            kms.post("/app/refresh")
        expected = kms.get("/app/listpubkeys").body
        print(f"{'beside':28} {'requests':>8} {'p50 ms':>8} {'p99 ms':>8} {'MiB first':>9} {'MiB then':>9}")
        with Beside(kms, expected, SECONDS) as client:
            pass
        show("(alone)", client.report, memory_mib(kms), memory_mib(kms), "")
        for attack in ATTACKS:
            name = attack.__name__.replace("_", " ")
            if chosen and not any(word in name for word in chosen):
                continue
            before = memory_mib(kms)
            with Beside(kms, expected, SECONDS) as client:
                attackers, how = attack(kms.port)
                memory = memory_mib(kms)
            word = judge(name, attackers, how)
            show(name, client.report, memory, before, word)
            check(memory - before < MEMORY_MIB_MAX, f"{name}: memory grew from {before:.0f} to {memory:.0f} MiB")
            for attacker in attackers:
                attacker.drop()
        if not chosen or "idle" in chosen:
            idle_connections(kms, expected)
        check(kms.stop() == 0, "a clean end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
