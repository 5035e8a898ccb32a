"""A token issuer's HTTPS server for tests: Python's ssl with a CA of its own, made by python3-cryptography. What it serves,
and how badly, is the test's choice."""

import datetime
import http.server
import ipaddress
import json
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DISCOVERY = "/.well-known/openid-configuration"


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Authority:
    """A CA, and the server certificates it gives."""

    def __init__(self, name="test CA"):
        self.key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.utcnow()
        self.certificate = (
            x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(name)).public_key(self.key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(self.key, hashes.SHA256()))
        self.pem = _pem(self.certificate)

    def issue(self, names, common_name="issuer", days=10):
        """(certificate PEM, key PEM) for DNS names and addresses; days below 0: over already."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.utcnow()
        alternatives = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        builder = (
            x509.CertificateBuilder().subject_name(_name(common_name)).issuer_name(self.certificate.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=20)).not_valid_after(now + datetime.timedelta(days=days)))
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return _pem(certificate) + self.pem, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


class Issuer:
    """Serves a discovery document and a key set at https://HOST:PORT until closed. `misbehave` maps a path to a function of
    the request handler that answers in its place."""

    def __init__(self, folder, authority, host="127.0.0.1", certificate=None, port=0):
        self.keys, self.misbehave, self.asked = [], {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append((time.monotonic(), self.path))
                if self.path in outer.misbehave:
                    outer.misbehave[self.path](self)
                elif self.path == DISCOVERY:
                    self.answer(outer.document())
                elif self.path == "/jwks":
                    self.answer({"keys": outer.keys})
                else:
                    self.answer({}, 404)

            def answer(self, body, status=200, headers=None):
                text = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"content-type": "application/json", "content-length": str(len(text)),
                                    **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # clients that refuse it

            def finish_request(self, request, client_address):  # the handshake on the connection's own thread
                request.settimeout(60)
                with outer.context.wrap_socket(request, server_side=True) as tls:
                    self.RequestHandlerClass(tls, client_address, self)

        self.folder, self.host = folder, host
        self.present(*(certificate or authority.issue([host])))
        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"https://{host}:{self.port}"
        self.issuer = self.url
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def present(self, certificate, key):
        name = f"{id(self)}-{time.monotonic_ns()}"
        (self.folder / f"{name}.pem").write_text(certificate)
        (self.folder / f"{name}.key").write_text(key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        self.context = context

    def document(self):
        return {"issuer": self.issuer, "jwks_uri": self.url + "/jwks", "response_types_supported": ["id_token"]}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
