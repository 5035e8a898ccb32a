"""HTTP and TLS as any client sees them: framing, limits, methods, request ids, bodies that count as none, the node's
endpoints and transaction ids; with sockets of our own, curl and openssl s_client."""

import json
import re
import socket
import ssl
import subprocess
import sys

from _kms import Kms, check, verify_receipt

HEX64 = re.compile(r"[0-9a-f]{64}")
GETS = ("heartbeat", "auth", "pubkey", "listpubkeys", "keyReleasePolicy", "settingsPolicy", "keyRotationPolicy",
        "jwtValidationPolicy", "proposals", "receipt", "tx", "commit")
POSTS = ("refresh", "key", "unwrapKey", "proposals")
NODE = ("network", "state", "version", "ready/app", "network/nodes", "network/nodes/self", "network/nodes/primary", "tx",
        "commit", "receipt")


class Raw:
    """One TLS connection that sends exactly what it is told."""

    def __init__(self, kms, **versions):
        context = ssl.create_default_context(cafile=str(kms.data / "service_cert.pem"))
        for name, value in versions.items():
            setattr(context, name, value)
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", kms.port), timeout=20),
                                          server_hostname="127.0.0.1")
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def answer(self, body=True):
        """(status line, headers, body); None where the connection ended."""
        line = self.file.readline().decode()
        if not line:
            return None
        headers = {}
        while (field := self.file.readline().decode()) != "\r\n":
            check(field.endswith("\r\n") and ":" in field, f"header line {field!r}")
            name, value = field.split(":", 1)
            check(name == name.lower() and name not in headers, f"header {name!r} is lower-case and stands once")
            headers[name] = value.strip()
        check(line.startswith("HTTP/1.1 ") and line.endswith("\r\n"), f"status line {line!r}")
        status = int(line[9:12])
        if status == 100:
            check(headers == {}, "100 has no headers")
            return 100, headers, ""
        check("transfer-encoding" not in headers, "no chunked answers")
        check(headers.get("content-length", "").isdigit(), f"content-length: {line} {headers}")
        check("date" in headers if "cache-control" in headers and status == 200 else "date" not in headers, "date")
        check("server" not in headers, "no server header")
        content = self.file.read(int(headers["content-length"])).decode() if body else ""
        return status, headers, content

    def closed(self):
        return self.file.read(1) == b""


def ask(kms, text, body=True):
    with Raw(kms) as raw:
        raw.send(text)
        return raw.answer(body)


def request(method, path, *fields, body="", version="1.1"):
    return "\r\n".join([f"{method} {path} HTTP/{version}", "host: x", *fields, "", ""]) + body


def is_error(answer, status, code):
    check(answer[0] == status and answer[1]["content-type"] == "application/json", f"wanted {status}: {answer}")
    error = json.loads(answer[2])["error"]
    check(list(error) == ["code", "message"] and error["code"] == code and error["message"], f"{answer}")
    check("x-ms-kms-request-id" in answer[1] and "x-ms-ccf-transaction-id" not in answer[1], f"{answer}")
    return error["message"]


def methods(kms):
    with Raw(kms) as raw:
        for prefix in ("/app/", "/"):
            for path in sorted({*GETS, *POSTS}):
                verbs = ["GET"] * (path in GETS) + ["OPTIONS"] + ["POST"] * (path in POSTS)
                for method in ("DELETE", "PUT", "PATCH", "HEAD", "TRACE", "get", "POST", "GET"):
                    if method in verbs:
                        continue
                    raw.send(request(method, prefix + path))
                    answer = raw.answer(body=method != "HEAD")
                    check(answer[0] == 405 and sorted(answer[1]["allow"].split(", ")) == sorted(verbs), f"{method} {answer}")
                    if method != "HEAD":
                        message = is_error(answer, 405, "UnsupportedHttpVerb")
                        check(message == f"Allowed methods for '/{path}' are: {answer[1]['allow']}.", message)
                raw.send(request("OPTIONS", prefix + path))
                answer = raw.answer()
                check(answer[0] == 204 and sorted(answer[1]["allow"].split(", ")) == sorted(verbs) and not answer[2],
                      f"{answer}")
        for path, shown in (("/app/nothing", "/nothing"), ("/nothing", "/nothing"), ("/", "/"), ("/app", "/app"),
                            ("/app/", "/"), ("/app/app/heartbeat", "/app/heartbeat"), ("/heartbeat/", "/heartbeat/"),
                            ("//heartbeat", "//heartbeat"), ("/Heartbeat", "/Heartbeat"), ("/app/../heartbeat", None),
                            ("/node", "/node"), ("/node/nothing", "/node/nothing"), ("/node/heartbeat", "/node/heartbeat"),
                            ("/gov/nothing", "/gov/nothing"),
                            ("/nothing?kid=1", "/nothing"), ("/%00", None), ("/<script>", None)):
            raw.send(request("GET", path))
            answer = raw.answer()
            message = is_error(answer, 404, "ResourceNotFound")
            check(shown is None or message == f"Unknown path: {shown}.", f"{path}: {message}")
        raw.send(request("OPTIONS", "/nothing"))
        is_error(raw.answer(), 404, "ResourceNotFound")
        raw.send(request("GET", "https://elsewhere/app/heartbeat"))
        check(raw.answer()[0] == 200, "an absolute target")


def request_ids(kms):
    names = ["x-ms-kms-request-id", "x-ms-request-id", "x-request-id", "request-id", "requestid"]
    with Raw(kms) as raw:
        for first in range(len(names)):
            fields = [f"{name}: id-{name}" for name in reversed(names[first:])]
            for method, path in (("GET", "/heartbeat"), ("GET", "/pubkey"), ("GET", "/nothing"), ("GET", "/auth"),
                                 ("PUT", "/key"), ("GET", "/app/keyRotationPolicy"), ("GET", "/app/proposals"),
                                 ("POST", "/app/key"), ("GET", "/node/network"), ("GET", "/node/ready/app")):
                raw.send(request(method, path, *fields))
                answer = raw.answer()
                check(answer[1]["x-ms-kms-request-id"] == f"id-{names[first]}", f"{method} {path}: {answer}")
        raw.send(request("GET", "/heartbeat", "X-MS-KMS-Request-Id:   Mixed Case  "))
        check(raw.answer()[1]["x-ms-kms-request-id"] == "Mixed Case", "header names have no case")
        raw.send(request("GET", "/heartbeat"))
        check(re.fullmatch(r"\d{13}", raw.answer()[1]["x-ms-kms-request-id"]), "else the time in ms")
        raw.send(request("GET", "/heartbeat", "x-request-id: " + "y" * 10_000))
        shown = raw.answer()[1]["x-ms-kms-request-id"]
        check(0 < len(shown) <= 1024 and set(shown) == {"y"}, "cut")
        raw.send(request("GET", "/heartbeat", "x-request-id: a\u00e9b").encode("latin-1"))
        check(raw.answer()[1]["x-ms-kms-request-id"].isascii(), "ASCII alone")


def bodies(kms, token):
    """Content that is no JSON object in strict form counts as no body: 400 without a code; one that is goes further."""
    bearer = "authorization: Bearer " + token

    def post(body, *fields):
        data = body if isinstance(body, bytes) else body.encode()
        with Raw(kms) as raw:
            raw.send(request("POST", "/app/unwrapKey", bearer, f"content-length: {len(data)}", *fields).encode() + data)
            return raw.answer()

    def read(answer):
        check(answer[0] == 400 and answer[2] == "", f"{answer}")
        return answer[1].get("x-ms-kms-error-code") == "MISSING_WRAPPED_KID"

    good = '{"attestation":{}}'
    for content_type in ((), ("content-type: application/json",), ("content-type: text/plain; charset=x",), ("content-type:",)):
        check(read(post(good, *content_type)), f"{content_type}")
    for body in (' {"attestation":{} } ', '{"attestation":{},"a":' + "[" * 14 + "]" * 14 + "}",
                 '{"attestation":{"\u00e9":"\U0001f600"}}', '{"attestation":{},"":1e5}', '{"attestation":{},"x":"\\u00e9"}'):
        check(read(post(body)), f"{body[:40]} is a body")
    for body in ("", " ", "x", "{", good[:-1], good + "x", good + good, "[" + good + "]", '"' + "x" * 20 + '"', "null",
                 '{"attestation":{},}', "{'attestation':{}}", '{"attestation":{} /* c */}', '{attestation:{}}',
                 '{"attestation":{},"attestation":{}}', '{"attestation":{},"x":{"a":1,"a":1}}', '{"attestation":{},"x":01}',
                 '{"attestation":{},"x":"\\ud800"}', '{"attestation":{},"x":"\t"}', '{"attestation":{},"x":NaN}',
                 '{"attestation":{},"a":' + "[" * 16 + "]" * 16 + "}", "\ufeff" + good, good.encode("utf-16"),
                 b'{"attestation":{},"x":"\xff"}', b'{"attestation":{},"x":"\xc0\x80"}', good.encode() + b"\0"):
        check(not read(post(body)), f"{body[:40]!r} is no body")


def framing(kms, token):
    bearer = "authorization: Bearer " + token
    good = '{"attestation":{}}'
    with Raw(kms) as raw:  # one connection for all of it: each answer leaves it in step
        chunks = [good[:1], good[1:7], good[7:]]
        chunked = "".join(f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in chunks) + "0\r\n\r\n"
        for extra in ("", ";name=value"):
            text = chunked.replace("\r\n", extra + "\r\n", 1)
            raw.send(request("POST", "/key", bearer, "transfer-encoding: chunked", body=text))
            check(raw.answer()[0] == 400, "a chunked body is read")
        raw.send(request("POST", "/unwrapKey", bearer, "Transfer-Encoding: Chunked", body=chunked))
        check(raw.answer()[1]["x-ms-kms-error-code"] == "MISSING_WRAPPED_KID", "it is the body")
        for piece in request("POST", "/unwrapKey", bearer, f"content-length: {len(good)}", body=good):
            raw.send(piece)  # byte by byte
        check(raw.answer()[1]["x-ms-kms-error-code"] == "MISSING_WRAPPED_KID", "in single bytes")
        # Pipelined: answered in order, though small ones are quicker.
        paths = ["/heartbeat", "/node/version", "/app/nothing", "/listpubkeys", "/app/commit", "/node/ready/app"] * 5
        raw.send("".join(request("GET", path) for path in paths) +
                 request("POST", "/unwrapKey", bearer, f"content-length: {len(good)}", body=good) +
                 request("GET", "/heartbeat"))
        statuses = [raw.answer()[0] for _ in paths]
        check(statuses == [200, 200, 404, 200, 200, 204] * 5, f"pipelining: {statuses}")
        check(raw.answer()[1]["x-ms-kms-error-code"] == "MISSING_WRAPPED_KID", "pipelined body")
        check(raw.answer()[2] == '{"status":"Service is running"}', "pipelined after it")
        raw.send(request("POST", "/unwrapKey", bearer, f"content-length: {len(good)}", "expect: 100-continue"))
        check(raw.answer()[0] == 100, "100 Continue")
        raw.send(good)
        check(raw.answer()[1]["x-ms-kms-error-code"] == "MISSING_WRAPPED_KID", "the body after 100 Continue")
        raw.send("\r\n" + request("GET", "/heartbeat"))
        check(raw.answer()[0] == 200, "an empty line before a request")
        raw.send(request("GET", "/heartbeat", "connection: close"))
        answer = raw.answer()
        check(answer[0] == 200 and raw.closed(), f"close is honoured: {answer}")
    with Raw(kms) as raw:
        raw.send(request("GET", "/heartbeat", version="1.0"))
        answer = raw.answer()
        check(answer[0] == 200 and raw.closed(), "HTTP/1.0 ends with its answer")
    with Raw(kms) as raw:
        for _ in range(2):
            raw.send(request("GET", "/heartbeat", "connection: keep-alive", version="1.0"))
            check(raw.answer()[1].get("connection", "").lower() == "keep-alive", "HTTP/1.0 kept when asked")
    for text, status in ((request("GET", "/heartbeat").replace("host: x\r\n", ""), 400),
                         (request("GET", "/heartbeat", "host: y"), 400), ("GET /heartbeat\r\n\r\n", 400), ("\0\1\2\r\n\r\n", 400),
                         (request("GET", "/heartbeat", version="2.0"), 505), (request("GET", "/heart beat"), 400),
                         (request("GET", "/heartbeat", "a : b"), 400), (request("GET", "/heartbeat", " folded"), 400),
                         (request("GET", "/heartbeat", "no colon"), 400), (request("GET", "/heartbeat", "a: b\0c"), 400),
                         (request("POST", "/key", "content-length: 2", "content-length: 3", body="xxx"), 400),
                         (request("POST", "/key", "content-length: -1"), 400), (request("POST", "/key", "content-length: +1"), 400),
                         (request("POST", "/key", "content-length: 0x1"), 400),
                         (request("POST", "/key", "content-length: 1, 1", body="x"), 400),
                         (request("POST", "/key", "content-length: 3", "transfer-encoding: chunked", body="0\r\n\r\n"), 400),
                         (request("POST", "/key", "transfer-encoding: gzip, chunked", body="0\r\n\r\n"), 501),
                         (request("POST", "/key", "transfer-encoding: chunked", body="zz\r\n"), 400),
                         (request("POST", "/key", "transfer-encoding: chunked", body="1\r\nxy\r\n0\r\n\r\n"), 400),
                         (request("POST", "/key", "transfer-encoding: chunked", version="1.0", body="0\r\n\r\n"), 400),
                         (request("GET", "/heartbeat", "expect: more"), 417)):
        with Raw(kms) as raw:
            raw.send(text)
            answer = raw.answer()
            check(answer[0] == status and raw.closed(), f"{text[:120]!r}: {answer}")
            check(json.loads(answer[2])["error"]["code"] and "x-ms-kms-request-id" in answer[1], f"{answer}")


def limits(kms):
    over = 1_000_001
    with Raw(kms) as raw:
        raw.send(request("POST", "/key", f"content-length: {over}", "expect: 100-continue"))
        is_error(raw.answer(), 413, "RequestBodyTooLarge")  # before the body is asked for
    with Raw(kms) as raw:
        raw.send(request("POST", "/key", f"content-length: {over}"))
        raw.send("x" * over)
        is_error(raw.answer(), 413, "RequestBodyTooLarge")
    with Raw(kms) as raw:
        raw.send(request("POST", "/key", "transfer-encoding: chunked"))
        raw.send((f"{100_000:x}\r\n" + "x" * 100_000 + "\r\n") * 11)
        is_error(raw.answer(), 413, "RequestBodyTooLarge")
    with Raw(kms) as raw:
        raw.send(request("POST", "/key", "content-length: 1000000", body="x" * 1_000_000))
        check(raw.answer()[0] == 401, "1 MB is read")
    is_error(ask(kms, request("GET", "/heartbeat", "a: " + "x" * 17_000)), 431, "RequestHeaderTooLarge")
    is_error(ask(kms, request("GET", "/heartbeat", *["a: b"] * 300)), 431, "RequestHeaderTooLarge")
    check(ask(kms, request("GET", "/heartbeat", "a: " + "x" * 15_000))[0] == 200, "15 kB of header")
    check(ask(kms, request("GET", "/heartbeat", *["a: b"] * 200))[0] == 200, "200 fields")
    check(ask(kms, request("GET", "/heartbeat?" + "x" * 9000))[0] == 414, "a long target")


def node(kms, transaction):
    def get(path):
        with Raw(kms) as raw:
            raw.send(request("GET", "/node/" + path))
            return raw.answer()

    def members(answer, *names):
        check(answer[0] == 200 and answer[1]["content-type"] == "application/json", f"{answer}")
        body = json.loads(answer[2])
        check(set(names) <= set(body), f"{names} of {list(body)}")
        return body

    network = members(get("network"), "service_status", "service_certificate", "current_view", "primary_id", "recovery_count",
                      "service_data", "current_service_create_txid")
    check(network["service_status"] == "Open" and network["recovery_count"] == 0, "open")
    check(network["service_certificate"] == (kms.data / "service_cert.pem").read_text(), "the certificate to pin")
    check(network["current_view"] == 2 and re.fullmatch(r"2\.\d+", network["current_service_create_txid"]), "view")
    state = members(get("state"), "node_id", "state", "last_signed_seqno", "startup_seqno", "stop_notice")
    check(state["state"] == "PartOfNetwork" and state["stop_notice"] is False, "state")
    check(HEX64.fullmatch(state["node_id"]) and state["node_id"] == network["primary_id"], "one node, the primary")
    check(state["last_signed_seqno"] >= int(transaction.split(".")[1]), "signed")
    version = members(get("version"), "ccf_version", "quickjs_version", "unsafe")
    check(version["ccf_version"].startswith("vitrine-") and version["unsafe"] is False, "version")
    check(get("ready/app")[0] == 204, "ready")
    one = members(get("network/nodes/self"), "node_id", "status", "primary", "rpc_interfaces", "node_data", "last_written")
    check(one["status"] == "Trusted" and one["primary"] is True and one["node_id"] == state["node_id"], "self")
    check(json.loads(get("network/nodes/primary")[2]) == one, "primary is self")
    check(json.loads(get("network/nodes")[2]) == {"nodes": [one]}, "the list")
    for path in ("network/", "network/nodes/" + "00" * 32, "readyapp", "../node/state", "State"):
        check(get(path)[0] == 404, f"/node/{path}")


def transactions(kms, transaction, x):
    service_pem = (kms.data / "service_cert.pem").read_text()
    view, seqno = transaction.split(".")
    for prefix in ("/app", "", "/node"):
        def get(path):
            return ask(kms, request("GET", prefix + path))

        commit = get("/commit")
        check(list(json.loads(commit[2])) == ["transaction_id"], f"{commit}")
        last = json.loads(commit[2])["transaction_id"]
        for tx, status in ((transaction, "Committed"), ("2.1", "Committed"), (last, "Committed"), (f"1.{seqno}", "Invalid"),
                           (f"3.{seqno}", "Invalid"), ("2.99999999", "Unknown"), ("3.99999999", "Unknown"),
                           ("1.99999999", "Invalid")):
            answer = get(f"/tx?transaction_id={tx}")
            check(answer[0] == 200 and json.loads(answer[2]) == {"transaction_id": tx, "status": status}, f"{tx}: {answer}")
            answer = get(f"/receipt?transaction_id={tx}")
            if status == "Committed":
                check(answer[0] == 200 and verify_receipt(answer[2], service_pem) == tx, f"{tx}: {answer}")
                check(set(json.loads(answer[2])) == {"signature", "proof", "node_id", "cert", "leaf_components"}, f"{answer[2]}")
            elif status == "Unknown":
                check("cache-control" in answer[1] and answer[1]["cache-control"] == "no-cache", f"{answer}")
                is_error(answer, 404, "TransactionPendingOrUnknown")
            else:
                is_error(answer, 404, "TransactionInvalid")
        verify_receipt(get(f"/receipt?transaction_id={transaction}")[2], service_pem, x)
        for query in ("", "?", "?transaction_id", "?transaction_id=", "?transaction_id=2", "?transaction_id=2.",
                      "?transaction_id=.2", "?transaction_id=2.0", "?transaction_id=0.2", "?transaction_id=a.b",
                      "?transaction_id=2.3.4", "?transaction_id=-2.3", "?transaction_id=02.3", "?transaction_id=2.%2B3",
                      "?transaction_id=2.99999999999999999999999", "?Transaction_id=2.3"):
            is_error(get("/tx" + query), 400, "InvalidQueryParameterValue")
            message = is_error(get("/receipt" + query), 404, "TransactionInvalid")
            check(message == "Could not extract Transaction Id", f"{query}: {message}")
        check(get(f"/receipt?transaction_id=9.9&transaction_id={transaction}")[0] == 200, "the last of two wins")
    for path in ("/heartbeat", "/app/settingsPolicy", "/app/commit", f"/app/tx?transaction_id={transaction}", "/listpubkeys"):
        answer = ask(kms, request("GET", path))
        check(re.fullmatch(r"\d+\.\d+", answer[1].get("x-ms-ccf-transaction-id", "")), f"{path}: {answer}")
    for path in ("/app/nothing", "/app/auth", "/pubkey?fmt=x", "/pubkey?kid=x"):
        answer = ask(kms, request("GET", path))
        check(answer[0] >= 400 and "x-ms-ccf-transaction-id" not in answer[1], f"{path}: {answer}")
    answer = ask(kms, request("GET", "/listpubkeys"))
    check(answer[1]["cache-control"] == "max-age=254838", f"{answer}")
    check(re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d GMT", answer[1]["date"]),
          f"{answer}")
    check("cache-control" in ask(kms, request("GET", "/pubkey?fmt=tink"))[1], "tink is cached")
    check("cache-control" not in ask(kms, request("GET", "/pubkey"))[1], "jwk is not")


def tls(kms):
    ca = kms.data / "service_cert.pem"
    url = f"https://127.0.0.1:{kms.port}/app/heartbeat"
    for version, limit in (("--tlsv1.2", "1.2"), ("--tlsv1.3", "1.3")):
        done = subprocess.run(["curl", "-sS", "--cacert", ca, version, "--tls-max", limit, "-w", " %{http_code} %{http_version}",
                               url], capture_output=True, text=True)
        check(done.stdout == '{"status":"Service is running"} 200 2', f"curl {version}: {done.stdout} {done.stderr}")
    done = subprocess.run(["curl", "-sS", "--http1.1", "--cacert", ca, url], capture_output=True, text=True)
    check(done.stdout == '{"status":"Service is running"}', f"a client that offers h2 too: {done}")
    done = subprocess.run(["curl", "-sS", "--http1.0", "--cacert", ca, url], capture_output=True, text=True)
    check(done.stdout == '{"status":"Service is running"}', f"HTTP/1.0: {done}")
    done = subprocess.run(["curl", "-sS", "--resolve", f"localhost:{kms.port}:127.0.0.1", "--cacert", ca,
                           url.replace("127.0.0.1", "localhost")], capture_output=True, text=True)
    check(done.returncode == 0, f"by the name localhost: {done}")
    check(subprocess.run(["curl", "-sS", url], capture_output=True).returncode == 60, "no trust without the pinned certificate")
    big = subprocess.run(["curl", "-sS", "--cacert", ca, "-X", "POST", "--data-binary", "@-", "-w", "%{http_code}",
                          url.replace("heartbeat", "key")], input=b"x" * 2_000_000, capture_output=True)
    check(big.stdout.endswith(b"413"), f"curl gets the 413 with its body half sent: {big}")

    def s_client(*options):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{kms.port}", "-CAfile", ca,
                               "-verify_return_error", *options], input=b"", capture_output=True, timeout=30)
        return done.returncode, (done.stdout + done.stderr).decode()

    for version, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
        code, text = s_client(version)
        check(code == 0 and "Verify return code: 0 (ok)" in text and name in text, f"{version}: {text}")
        # Asked for, not required: the handshake names signature algorithms that a client certificate may have.
        check("No client certificate CA names sent" in text and "Client Certificate Types" in text or
              "Requested Signature Algorithms" in text, f"{version}: a client certificate is requested: {text}")
    code, text = s_client("-tls1_3", "-groups", "P-256")
    check(code == 0, f"P-256: {text}")
    for options in (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
                    ["-tls1_2", "-cipher", "AES128-SHA"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"]):
        code, text = s_client(*options)
        check(code != 0 and "Cipher is (NONE)" in text, f"{options} must be refused: {text}")
    with socket.create_connection(("127.0.0.1", kms.port), timeout=20) as plain:
        plain.sendall(b"GET /heartbeat HTTP/1.1\r\nhost: x\r\n\r\n")
        check(b"200" not in plain.recv(100), "no HTTP without TLS")
    check(kms.get("/heartbeat").status == 200, "and it goes on")


def main():
    with Kms() as kms:
        kms.start()
        check(kms.propose({"name": "set_jwt_validation_policy", "args": {
            "issuer": "http://Demo-jwt-issuer", "validation_policy": {}}}).status == 200, "JWT policy")
        refreshed = kms.post("/app/refresh")
        transaction, x = refreshed.headers["x-ms-ccf-transaction-id"], refreshed.json()["x"]
        token = kms.issuer().token()
        tls(kms)
        methods(kms)
        request_ids(kms)
        bodies(kms, token)
        framing(kms, token)
        limits(kms)
        node(kms, transaction)
        transactions(kms, transaction, x)
        check(kms.stop() == 0, "SIGTERM ends it with 0")
    print("http: methods, ids, bodies, framing, limits, TLS, node endpoints and transactions as the contract says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
