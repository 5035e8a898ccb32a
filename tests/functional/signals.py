"""SIGHUP and SIGTERM to the real process: settings taken anew or kept, a TLS certificate with other names, and a stop that
ends within five seconds whatever its clients do."""

import re
import socket
import ssl
import sys
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from _kms import Kms, check

STOP_SECONDS = 5


def settings(kms, level="info", names=("localhost",), addresses=("127.0.0.1",), header=16_384, **more):
    (kms.folder / "vitrine.toml").write_text(
        f"[listen]\ndns_names = {list(names)}\nip_addresses = {list(addresses)}\n"
        f"[limits]\nheader_bytes = {header}\n[log]\nlevel = '{level}'\n" + more.get("text", ""))


def hang_up(kms, event):
    """SIGHUP, and the lines of the log since, as soon as `event` is among them."""
    before = len(kms.log.read_text())
    kms.process.send_signal(1)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        new = kms.log.read_text()[before:]
        if f'event="{event}"' in new:
            return new
        time.sleep(0.02)
    raise AssertionError(f"no {event!r} in the log: {kms.log.read_text()[before:]}")


def certificate_of(kms):
    context = ssl.create_default_context(cafile=str(kms.data / "service_cert.pem"))
    with socket.create_connection(("127.0.0.1", kms.port), 20) as connection:
        with context.wrap_socket(connection, server_hostname="127.0.0.1") as tls:
            return x509.load_der_x509_certificate(tls.getpeercert(binary_form=True))


def names_of(certificate):
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName), [str(each) for each in names.get_values_for_type(x509.IPAddress)]


def taken_anew(kms):
    first = certificate_of(kms)
    check(names_of(first) == (["localhost"], ["127.0.0.1"]), f"names at the start: {names_of(first)}")
    kept = kms.connection()
    kept.request("GET", "/app/heartbeat")
    check(kept.getresponse().read() is not None, "a connection that stays")
    big = {"x-big": "a" * 4000}
    check(kms.get("/app/heartbeat", headers=big).status == 200, "a large header is within the limit")

    settings(kms, level="debug", names=("localhost", "kms.example"), addresses=("127.0.0.1", "10.1.2.3"), header=2048)
    hang_up(kms, "settings reloaded")
    second = certificate_of(kms)
    check(names_of(second) == (["localhost", "kms.example"], ["127.0.0.1", "10.1.2.3"]), f"{names_of(second)}")
    check(second.public_key().public_numbers() == first.public_key().public_numbers(), "the same node key")
    check(second.serial_number != first.serial_number, "another certificate")
    service = x509.load_pem_x509_certificate((kms.data / "service_cert.pem").read_bytes())
    service.public_key().verify(second.signature, second.tbs_certificate_bytes, ec.ECDSA(second.signature_hash_algorithm))
    check(kms.get("/app/heartbeat", headers=big).status == 431, "the new limit holds")
    check(kms.post("/app/refresh").status == 200, "it serves")
    with socket.create_connection(("127.0.0.1", kms.port), 20) as plain:
        plain.sendall(b"this is not TLS\r\n\r\n")
        while plain.recv(1000):
            pass
    check('debug event="TLS handshake failed"' in kms.log.read_text(), "lines at debug level")
    kept.request("GET", "/app/heartbeat")
    check(kept.getresponse().status == 200, "the connection of before goes on")
    # Receipts name the node as its entry in the ledger does.
    check(kms.get("/app/receipt?transaction_id=2.1").status == 200, "receipts go on")


def kept_where_wrong(kms):
    certificate = certificate_of(kms)
    for text, reason in (("[limits\n", "vitrine.toml, line"), ("[limits]\nheader_bytes = 7\n", "header_bytes must be"),
                         ("[listen]\nip_addresses = ['here']\n", "here"), ("surprise = 1\n", "unknown setting")):
        (kms.folder / "vitrine.toml").write_text(text)
        line = hang_up(kms, "settings not reloaded, the old ones stay")
        check(reason in line, f"{reason!r} is not in {line}")
        check(certificate_of(kms) == certificate, "the certificate stays")
    (kms.folder / "vitrine.toml").unlink()
    hang_up(kms, "settings not reloaded, the old ones stay")
    check(kms.get("/app/heartbeat", headers={"x-big": "a" * 4000}).status == 431, "the limit stays")

    settings(kms, names=("localhost", "kms.example"), addresses=("127.0.0.1", "10.1.2.3"), text="[listen.x]\n")
    hang_up(kms, "settings not reloaded, the old ones stay")
    (kms.folder / "vitrine.toml").write_text("[listen]\nport = 1\nio_threads = 2\n")
    line = hang_up(kms, "settings reloaded")
    check(re.search(r'count at a start alone .*settings="listen.io_threads"', line), f"what needs a restart: {line}")


def half_a_request(kms, data):
    context = ssl._create_unverified_context()
    tls = context.wrap_socket(socket.create_connection(("127.0.0.1", kms.port), 20))
    tls.sendall(data)
    return tls


def stops_in_time(kms, number):
    """With clients that say nothing, that stop in the middle of a header, of a body, that never read, and some at work."""
    idle = [socket.create_connection(("127.0.0.1", kms.port), 20) for _ in range(5)]
    slow = [half_a_request(kms, b"GET /app/heart"), half_a_request(kms, b"POST /app/key HTTP/1.1\r\nhost: a\r\n"
                                                                       b"content-length: 1000\r\n\r\nabc"),
            half_a_request(kms, b"GET /app/listpubkeys HTTP/1.1\r\nhost: a\r\n\r\n" * 500)]
    answers, stop = [], threading.Event()

    def work():
        try:
            while not stop.is_set():
                answers.append(kms.post("/app/refresh", verify=False).status)
        except Exception:
            return

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    while len(answers) < 10:
        time.sleep(0.01)
    began = time.monotonic()
    kms.process.send_signal(number)
    status = kms.process.wait(30)
    took = time.monotonic() - began
    stop.set()
    for worker in workers:
        worker.join()
    for each in idle + slow:
        each.close()
    check(status == 0, f"signal {number} ends it with {status}")
    check(took < STOP_SECONDS, f"signal {number}: it took {took:.2f} s")
    check(not kms.data.joinpath("ledger.db-wal").exists() or kms.data.joinpath("ledger.db-wal").stat().st_size == 0,
          "the log is written back")
    return took


def main():
    with Kms() as kms:
        kms.arguments += ["--config", str(kms.folder / "vitrine.toml")]
        settings(kms)
        kms.start()
        taken_anew(kms)
        kept_where_wrong(kms)
        (kms.folder / "vitrine.toml").write_text("")
        took = [stops_in_time(kms, 15)]
        kms.start()
        took.append(stops_in_time(kms, 2))
        print("SIGHUP takes what is right and keeps what was; stops took " + ", ".join(f"{each:.2f} s" for each in took))
    return 0


if __name__ == "__main__":
    sys.exit(main())
