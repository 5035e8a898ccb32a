"""Services outside development mode, founded by a genesis file of the test's choice, and token issuers of every
algorithm, made with python3-cryptography."""

import json
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from _kms import CLAIMS, ISSUER, Kms, b64url, check, make_identity

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384()}


class Signer:
    """Signs tokens with RS256, PS256, PS384 or ES256 and tells its JWK."""

    def __init__(self, kid, alg="RS256", issuer=ISSUER):
        self.kid, self.alg, self.issuer = kid, alg, issuer
        self.key = ec.generate_private_key(ec.SECP256R1()) if alg[0] == "E" else rsa.generate_private_key(65537, 2048)

    def jwk(self, alg=True):
        numbers = self.key.public_key().public_numbers()
        jwk = {"kid": self.kid, **({"alg": self.alg} if alg else {})}
        if self.alg[0] == "E":
            return {"kty": "EC", "crv": "P-256", "x": b64url(numbers.x.to_bytes(32, "big")),
                    "y": b64url(numbers.y.to_bytes(32, "big")), **jwk}
        return {"kty": "RSA", "n": b64url(numbers.n.to_bytes(256, "big")), "e": "AQAB", **jwk}

    def sign(self, text, alg=None):
        alg = alg or self.alg
        digest = HASHES[alg[2:]]
        if alg[0] == "E":
            r, s = utils.decode_dss_signature(self.key.sign(text, ec.ECDSA(digest)))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if alg[0] == "P":
            return self.key.sign(text, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self.key.sign(text, padding.PKCS1v15(), digest)

    def token(self, header=None, remove=(), alg=None, payload_text=None, header_text=None, **claims):
        now = int(time.time())
        payload = {**CLAIMS, "iss": self.issuer, "iat": now, "exp": now + 3600, **claims}
        for name in remove:
            payload.pop(name)
        head = {"alg": alg or self.alg, "typ": "JWT", "kid": self.kid, **(header or {})}
        text = (b64url((json.dumps(head) if header_text is None else header_text).encode()) + "." +
                b64url((json.dumps(payload) if payload_text is None else payload_text).encode()))
        return text + "." + b64url(self.sign(text.encode(), alg))


def founded(governed="", endpoints="", issuers=None, jwt=None, users=("user0",), members=("member0",), **policies):
    """A Kms on a fresh folder, not started. issuers: name → list of JWKs; jwt: list of args; policies: name → args."""
    kms = Kms(arguments=[])
    folder = kms.folder
    for name in (*members, *users):
        make_identity(folder, name)
    lines = ["[members]\ncertificates = " + json.dumps([f"{name}_cert.pem" for name in members]), "[users]\ncertificates = " +
             json.dumps([f"{name}_cert.pem" for name in users]), "[issuers]"]
    for number, (name, keys) in enumerate((issuers or {}).items()):
        (folder / f"jwks{number}.json").write_text(json.dumps({"keys": keys}))
        lines.append(f'{json.dumps(name)} = "jwks{number}.json"')
    lines.append("[policies]")
    if jwt is not None:
        for number, args in enumerate(jwt):
            (folder / f"jwt{number}.json").write_text(json.dumps(args))
        lines.append("jwt = " + json.dumps([f"jwt{number}.json" for number in range(len(jwt))]))
    for name, args in policies.items():
        (folder / f"{name}.json").write_text(json.dumps(args))
        lines.append(f'{name} = "{name}.json"')
    lines.append("[governed]\ninsecure_seal = true\n" + governed)
    if endpoints:
        lines.append("[governed.endpoints]\n" + endpoints)
    (folder / "genesis.toml").write_text("\n".join(lines) + "\n")
    kms.arguments = ["--genesis", folder / "genesis.toml"]
    return kms


def refused_with(answer, status, **headers):
    """The refusal's status and error headers, an empty body, and a reason that is bounded text."""
    check(answer.status == status and answer.body == "", f"wanted {status} {headers}: {answer}")
    check("content-type" not in answer.headers, f"no content-type without a body: {answer}")
    for name, value in headers.items():
        header = "x-ms-kms-" + name.replace("_", "-")
        check(answer.headers.get(header) == value, f"{header} is {answer.headers.get(header)!r}, wanted {value!r}")
    reason = answer.headers.get("x-vitrine-reason")
    if reason is not None:
        check(0 < len(reason) <= 256 and all(" " <= c <= "~" for c in reason), f"reason: {reason!r}")
    return reason
