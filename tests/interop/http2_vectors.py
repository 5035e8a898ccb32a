"""HTTP/2 as other implementations speak it: curl, nghttp and h2load, node's http2 client, and python3-h2, which unlike them
has none of nghttp2 in it. The protocol is chosen by ALPN, every answer has its content-length, many streams run at once,
and a key is released over it; HTTP/1.1 goes on beside it."""

import json
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile

import h2.config
import h2.connection
import h2.events

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
from _kms import Kms, check, sample, sample_wrapping_key, unwrap  # noqa: E402

NODE = r"""
const http2 = require("http2"), fs = require("fs"), tls = require("tls");
const [port, ca, plan] = process.argv.slice(2);
const session = http2.connect("https://127.0.0.1:" + port, {
  ca: fs.readFileSync(ca), checkServerIdentity: () => undefined, ALPNProtocols: ["h2"]});
session.on("error", error => { console.error(error); process.exit(1); });
const answers = [];
function ask(item) {
  return new Promise((resolve, reject) => {
    const stream = session.request({":method": item.method, ":path": item.path, ...item.headers},
                                   {endStream: !item.body});
    const answer = {body: ""};
    stream.on("response", headers => { answer.headers = {...headers}; });
    stream.setEncoding("utf8");
    stream.on("data", data => { answer.body += data; });
    stream.on("end", () => resolve(answer));
    stream.on("error", reject);
    if (item.body) stream.end(item.body);
  });
}
Promise.all(JSON.parse(fs.readFileSync(plan)).map(ask)).then(answers => {
  console.log(JSON.stringify({alpn: session.alpnProtocol, answers}));
  session.close();
}).catch(error => { console.error(error); process.exit(1); });
"""


def run(*command, text=None):
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"{command[0]}: {done.returncode} {done.stderr[:2000]}")
    return done.stdout


class Node:
    """node's client: sends a list of requests at once over one connection."""

    def __init__(self, kms):
        self.kms = kms
        self.script = kms.folder / "client.js"
        self.script.write_text(NODE)

    def ask(self, *items):
        plan = self.kms.folder / "plan.json"
        plan.write_text(json.dumps([{"headers": {}, "body": "", **item} for item in items]))
        out = json.loads(run("node", self.script, self.kms.port, self.kms.data / "service_cert.pem", plan))
        check(out["alpn"] == "h2", "ALPN")
        for answer in out["answers"]:
            headers = answer["headers"]
            # nghttp2 hides the content-length of a 204; python3-h2 below does not.
            check(headers[":status"] == 204 or headers.get("content-length") == str(len(answer["body"].encode())),
                  f"content-length: {answer}")
            check(all(name == name.lower() for name in headers), f"lower case: {headers}")
            check("connection" not in headers and "transfer-encoding" not in headers, f"of HTTP/1.1: {headers}")
        return out["answers"]


def get(path, **headers):
    return {"method": "GET", "path": path, "headers": headers}


def every_answer_has_its_length(node):
    wanted = (("/app/heartbeat", 200), ("/app/nothing", 404), ("/node/ready/app", 204), ("/app/pubkey?kid=absent", 404),
              ("/app/listpubkeys", 200), ("/node/network", 200))
    answers = node.ask(*(get(path) for path, _ in wanted), {"method": "POST", "path": "/app/heartbeat"},
                       {"method": "POST", "path": "/app/unwrapKey", "body": "{}"})
    for (path, status), answer in zip(wanted, answers):
        check(answer["headers"][":status"] == status, f"{path}: {answer}")
    check(answers[6]["headers"][":status"] == 405 and answers[7]["headers"][":status"] == 401, f"{answers[6:]}")


def with_python(kms):
    """All headers of all answers to some requests at once, as they were sent."""
    context = ssl.create_default_context(cafile=str(kms.data / "service_cert.pem"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    wanted = {1: ("/node/ready/app", "204"), 3: ("/app/heartbeat", "200"), 5: ("/app/nothing", "404")}
    headers, bodies, ended = {}, {}, set()
    with context.wrap_socket(socket.create_connection(("127.0.0.1", kms.port), timeout=20),
                             server_hostname="127.0.0.1") as tls:
        check(tls.selected_alpn_protocol() == "h2", "ALPN")
        connection.initiate_connection()
        for stream, (path, _) in wanted.items():
            connection.send_headers(stream, [(":method", "GET"), (":scheme", "https"), (":authority", "127.0.0.1"),
                                             (":path", path)], end_stream=True)
        while ended != set(wanted):
            tls.sendall(connection.data_to_send())
            for event in connection.receive_data(tls.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    headers[event.stream_id] = dict(event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
                elif isinstance(event, h2.events.StreamEnded):
                    ended.add(event.stream_id)
    for stream, (path, status) in wanted.items():
        check(headers[stream][":status"] == status, f"{path}: {headers[stream]}")
        check(headers[stream]["content-length"] == str(len(bodies.get(stream, b""))), f"{path}: {headers[stream]}")


def a_key_is_released(kms, node):
    kid = kms.post("/app/refresh").json()["kid"]
    body = json.dumps({"wrapped": "", "wrappedKid": kid, "attestation": sample("snp-v3-ispirt.json"),
                       "wrappingKey": sample_wrapping_key()})
    token = kms.issuer().token()
    request = {"method": "POST", "path": "/app/unwrapKey?fmt=jwk", "body": body,
               "headers": {"authorization": "Bearer " + token, "content-type": "application/json",
                           "content-length": str(len(body))}}
    answers = node.ask(*[request] * 20)
    for answer in answers:
        check(answer["headers"][":status"] == 200, f"release: {answer}")
        key = json.loads(unwrap(json.loads(answer["body"])["wrapped"]))
        check(key["kid"] == kid and "d" in key, "the private key")
    refused = node.ask({**request, "headers": {**request["headers"], "authorization": "Bearer x"}}, request)
    check([answer["headers"][":status"] for answer in refused] == [401, 200], f"beside a refusal: {refused}")


def curl(kms):
    ca = kms.data / "service_cert.pem"
    url = f"https://127.0.0.1:{kms.port}/app/heartbeat"
    for option, version in (("--http2", "2"), ("--http1.1", "1.1")):
        out = run("curl", "-sS", "--cacert", ca, option, "-w", " %{http_version}", url)
        check(out == '{"status":"Service is running"} ' + version, out)
    heads = run("curl", "-sS", "--cacert", ca, "--http2", "-I", url)
    check(heads.startswith("HTTP/2 ") and "content-length: " in heads, heads)
    parallel = run("curl", "-sS", "--cacert", ca, "--http2", "-Z", *[part for i in range(50) for part in (
        "-o", "/dev/null", url + f"?n={i}")], "-w", "%{http_code} ")
    check(parallel.split() == ["200"] * 50, parallel)
    with tempfile.NamedTemporaryFile() as large:
        large.write(b"x" * 2_000_000)
        large.flush()
        refused = run("curl", "-sS", "--cacert", ca, "--http2", "-X", "POST", "--data-binary", "@" + large.name, "-w",
                      "%{http_code}", url.replace("heartbeat", "key"))
    check(refused.endswith("413") and "RequestBodyTooLarge" in refused, refused)
    user = kms.user(0)
    shown = run("curl", "-sS", "--cacert", ca, "--http2", "--cert", user.certificate_path, "--key", user.key_path,
                url.replace("heartbeat", "auth"))
    check(user.id in shown, f"known by its certificate: {shown}")


def nghttp(kms):
    base = f"https://127.0.0.1:{kms.port}"
    out = run("nghttp", "-nv", "--no-verify-peer", base + "/app/heartbeat", base + "/node/ready/app", base + "/app/nothing")
    for status in ("200", "204", "404"):
        check(re.search(rf":status: {status}\b", out), out)
    check(out.count("content-length: ") >= 2, "content-length of each answer that may show it")
    check("SETTINGS_MAX_CONCURRENT_STREAMS(0x03):100" in out, "the number of streams is said")
    out = run("h2load", "-n", "4000", "-c", "4", "-m", "100", base + "/app/listpubkeys")
    check("4000 succeeded, 0 failed, 0 errored, 0 timeout" in out, out)
    check("Application protocol: h2" in out, out)
    out = run("h2load", "--h1", "-n", "400", "-c", "4", base + "/app/listpubkeys")
    check("400 succeeded" in out and "Application protocol: http/1.1" in out, out)


def main():
    with Kms() as kms:
        kms.start()
        kms.set_demo_policies()
        kms.post("/app/refresh")
        node = Node(kms)
        every_answer_has_its_length(node)
        with_python(kms)
        a_key_is_released(kms, node)
        curl(kms)
        nghttp(kms)
        check(kms.get("/app/heartbeat").status == 200, "HTTP/1.1 goes on")
        check(kms.stop() == 0, "a clean end")
    print("HTTP/2 with node, curl, nghttp and h2load: lengths, streams, a release, refusals")
    return 0


if __name__ == "__main__":
    sys.exit(main())
