"""A governed service made of Python alone, for the commands of members: the smallest part of the governance API of
2024-07-01 (ccf.md 3), with every signed request verified by cbor2 and python3-cryptography. It counts a majority of the active
members and applies set_member and remove_member. Nothing of the project's code is used here."""
import base64
import hashlib
import http.server
import json
import re
import ssl
import threading

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

GENESIS = "5e" * 32
HEX = "([0-9a-f]{64})"
QUERIES = ("api-version=2024-07-01", "api-version=2024-07-01&format=json")


def member_id(pem):
    return hashlib.sha256(x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)).hexdigest()


class Refused(Exception):
    def __init__(self, status, code, message, details=None):
        super().__init__(message)
        self.status, self.error = status, {"code": code, "message": message, **({"details": details} if details else {})}


def unauthorized(message):
    return Refused(401, "InvalidAuthenticationInfo", "Invalid authentication credentials.",
                   [{"auth_policy": "member_cose_sign1", "code": "InvalidAuthenticationInfo", "message": message}])


class Service:
    def __init__(self):
        self.members, self.proposals, self.digests = {}, {}, {}
        self.shares = {}  # member id: a share in the clear, given out encrypted
        self.sent = []  # (path, type) of each request that was verified
        self.status, self.frozen = "Open", None
        self.constitution = {"preset": "majority"}

    def add(self, cert, encryption_key=None, status="Active", data=None):
        self.members[member_id(cert)] = {
            "memberId": member_id(cert), "status": status, "memberData": data, "certificate": cert,
            "recoveryRole": "Participant" if encryption_key else "NonParticipant",
            **({"publicEncryptionKey": encryption_key} if encryption_key else {})}
        self.digests[member_id(cert)] = hashlib.sha256(cert.encode()).hexdigest()

    def verified(self, body, kind, active=True, proposal=None):
        message = cbor2.loads(body)
        if not isinstance(message, cbor2.CBORTag) or message.tag != 18:
            raise Refused(400, "InvalidInput", "COSE_Sign1 is not tagged")
        protected, _, payload, signature = message.value
        header = cbor2.loads(protected)
        if header.get("ccf.gov.msg.type") != kind:
            raise unauthorized(f"Found ccf.gov.msg.type set to {header.get('ccf.gov.msg.type')}, expected {kind}")
        if not isinstance(header.get("ccf.gov.msg.created_at"), int):
            raise unauthorized("Missing created_at")
        if proposal and header.get("ccf.gov.msg.proposal_id") != proposal:
            raise Refused(400, "InvalidResourceName", "Authenticated proposal id does not match URL")
        signer = self.members.get(header[4].decode())
        if signer is None:
            raise unauthorized("Signer is not a known member")
        if active and signer["status"] != "Active":
            raise unauthorized("Signer is not an ACTIVE member")
        half, digest = {-7: (32, hashes.SHA256()), -35: (48, hashes.SHA384())}[header[1]]
        der = utils.encode_dss_signature(*(int.from_bytes(part, "big") for part in (signature[:half], signature[half:])))
        x509.load_pem_x509_certificate(signer["certificate"].encode()).public_key().verify(
            der, cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(digest))
        self.sent.append(kind)
        return signer["memberId"], payload, hashlib.sha256(body).hexdigest()

    def get(self, path):
        if path == "/node/network":
            return {"service_status": self.status, "current_view": 2,
                    "vitrine": {"genesis_hash": GENESIS, "dev": False, "frozen": self.frozen}}
        if path in ("/node/state", "/node/version", "/app/commit"):
            return {"node_id": "aa" * 32, "state": "PartOfNetwork", "ccf_version": "python", "transaction_id": "2.7"}
        if path == "/gov/service/members":
            return {"value": list(self.members.values())}
        if path == "/gov/service/info":
            return {"status": "Open", "configuration": {"recoveryThreshold": 2}}
        if path == "/gov/service/constitution":
            return self.constitution
        if path == "/gov/members/proposals":
            return {"value": [self.shown(key) for key in self.proposals]}
        if found := re.fullmatch(f"/gov/members/proposals/{HEX}/actions", path):
            return self.proposals[found[1]]["document"]
        if found := re.fullmatch(f"/gov/members/state-digests/{HEX}", path):
            return {"memberId": found[1], "stateDigest": self.digests[found[1]]}
        if (found := re.fullmatch(f"/gov/recovery/encrypted-shares/{HEX}", path)) and found[1] in self.shares:
            key = serialization.load_pem_public_key(self.members[found[1]]["publicEncryptionKey"].encode())
            oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
            return {"memberId": found[1],
                    "encryptedShare": base64.b64encode(key.encrypt(self.shares[found[1]], oaep)).decode()}
        raise Refused(404, "ResourceNotFound", f"Unknown path: {path}.")

    def post(self, path, body):
        if path == "/gov/members/proposals:create":
            signer, payload, key = self.verified(body, "proposal")
            document = json.loads(payload)
            if document.get("service") != GENESIS:
                raise Refused(400, "ProposalFailedToValidate", "Proposal failed to validate: it is for another service")
            self.proposals[key] = {"proposer": signer, "document": document, "state": "Open", "votes": {}}
            return self.shown(key)
        if found := re.fullmatch(f"/gov/members/proposals/{HEX}/ballots/{HEX}:submit", path):
            return self.ballot(body, *found.groups())
        if found := re.fullmatch(f"/gov/members/proposals/{HEX}:withdraw", path):
            signer, _, _ = self.verified(body, "withdrawal", proposal=found[1])
            if self.proposals[found[1]]["proposer"] != signer:
                raise Refused(403, "AuthorizationFailed", f"Proposal was proposed by another than m[{signer}]")
            self.proposals[found[1]]["state"] = "Withdrawn"
            return self.shown(found[1])
        if found := re.fullmatch(f"/gov/members/state-digests/{HEX}:(update|ack)", path):
            return self.digest(body, *found.groups())
        raise Refused(404, "ResourceNotFound", f"Unknown path: {path}.")

    def shown(self, key):
        proposal = self.proposals[key]
        return {"proposalId": key, "proposerId": proposal["proposer"], "proposalState": proposal["state"],
                "ballotCount": len(proposal["votes"]),
                **({"finalVotes": proposal["votes"]} if proposal["state"] == "Accepted" else {})}

    def ballot(self, body, key, member):
        signer, payload, _ = self.verified(body, "ballot", proposal=key)
        if signer != member:
            raise Refused(400, "InvalidResourceName", "Member id does not match URL")
        script = json.loads(payload)["ballot"]
        found = re.fullmatch(r"\s*export function vote ?\(\w+, ?\w+\) ?\{ ?return (true|false);? ?\}\s*", script)
        if not found:
            raise Refused(400, "InvalidInput", "the ballot is no constant vote")
        proposal = self.proposals[key]
        vote = found[1] == "true"
        if proposal["votes"].get(member, vote) != vote:
            raise Refused(400, "VoteAlreadyExists", "Different ballot already submitted")
        if proposal["state"] != "Open":
            raise Refused(400, "ProposalNotOpen", f"Proposal {key} is currently in state {proposal['state'].lower()}")
        proposal["votes"][member] = vote
        active = [one for one in self.members.values() if one["status"] == "Active"]
        if sum(proposal["votes"].values()) > len(active) // 2:
            proposal["state"] = "Accepted"
            for action in proposal["document"]["actions"]:
                if action["name"] == "set_member":
                    args = action["args"]
                    self.add(args["cert"], args.get("encryption_pub_key"), "Accepted", args.get("member_data"))
                elif action["name"] == "remove_member":
                    self.members.pop(action["args"]["member_id"], None)
        return self.shown(key)

    def digest(self, body, member, step):
        signer, payload, _ = self.verified(body, "state_digest" if step == "update" else "ack", active=False)
        if signer != member:
            raise Refused(400, "InvalidResourceName", "Member id does not match URL")
        if step == "update":
            self.digests[member] = hashlib.sha256(self.digests[member].encode()).hexdigest()
            return {"memberId": member, "stateDigest": self.digests[member]}
        if json.loads(payload)["stateDigest"] != self.digests[member]:
            raise Refused(400, "StateDigestMismatch", "Submitted state digest is not valid")
        self.members[member]["status"] = "Active"
        return None


def serve(service, cert, key):
    """Starts it on a free port; returns the server. Each request of /gov must say which version of the API it means."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, call, *arguments):
            path, _, query = self.path.partition("?")
            try:
                if path.startswith("/gov") and query not in QUERIES:
                    raise Refused(400, "MissingApiVersionParameter", "The api-version query parameter is required")
                result, status = call(path, *arguments), 200
            except Refused as refused:
                result, status = {"error": refused.error}, refused.status
            body = b"" if result is None else json.dumps(result).encode()
            self.send_response(204 if result is None else status)
            self.send_header("content-length", str(len(body)))
            self.send_header("x-ms-ccf-transaction-id", "2.7")
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(service.get)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers["content-type"] != "application/cose":
                self.answer(lambda path: (_ for _ in ()).throw(unauthorized("Content type is not set to application/cose")))
            else:
                self.answer(service.post, body)

        def log_message(self, *_):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
