"""Bearer tokens over the wire, by every rule of attestation.md 1.3 and kms-api.md 1.4: what is signed by whom, with which
algorithm, in which form and for when; the order of authentication; the exact body of a refusal."""

import base64
import hashlib
import hmac
import json
import sys
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import utils

from _founded import Signer, founded
from _kms import CLAIMS, ISSUER, Identity, b64url, check, make_identity

BEARER = 'Bearer realm="JWT bearer token access", error="invalid_token"'
OTHER = "http://other-issuer"
ENTRA = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"
TENANT = "11111111-2222-3333-4444-555555555555"


def detail(policy, message):
    return {"auth_policy": policy, "code": "InvalidAuthenticationInfo", "message": message}


NO_USER, NO_MEMBER = detail("user_cert", "No caller user certificate"), detail("member_cert", "No caller member certificate")


class Auth:
    def __init__(self, kms):
        self.kms = kms

    def ask(self, token=None, authorization=None, identity=None):
        headers = {"authorization": authorization} if authorization is not None else None
        return self.kms.get("/app/auth", token=token, headers=headers, identity=identity)

    def accepted(self, token, why, key_issuer=ISSUER):
        answer = self.ask(token)
        check(answer.status == 200, f"{why}: {answer}")
        jwt = answer.json()["auth"]["jwt"]
        header, payload, _ = token.split(".")
        check(jwt["header"] == decoded(header) and jwt["payload"] == decoded(payload), f"{why}: the echo")
        check(jwt["keyIssuer"] == key_issuer, f"{why}: {jwt['keyIssuer']}")

    def refused(self, token, why, message=None, **more):
        """A framework 401 with its exact shape, the same on each endpoint that takes tokens."""
        answer = self.ask(token, **more)
        check(answer.status == 401 and answer.body, f"{why}: {answer}")
        check(answer.headers["www-authenticate"] == BEARER, f"{why}: {answer}")
        check(answer.headers["content-type"] == "application/json", f"{why}: {answer}")
        check("x-ms-ccf-transaction-id" not in answer.headers, f"{why}: no transaction id on failures")
        error = answer.json()["error"]
        check(list(answer.json()) == ["error"] and list(error) == ["code", "details", "message"], f"{why}: {answer}")
        check(error["code"] == "InvalidAuthenticationInfo", f"{why}: {answer}")
        check(error["message"] == "Invalid authentication credentials.", f"{why}: {answer}")
        check(error["details"][:2] == [NO_USER, NO_MEMBER] and len(error["details"]) == 3, f"{why}: {answer}")
        last = error["details"][2]
        check(list(last) == ["auth_policy", "code", "message"] and last["auth_policy"] == "jwt", f"{why}: {answer}")
        check(len(answer.body) < 2000, f"{why}: a refusal stays small")
        if message is not None:
            check(message in last["message"], f"{why}: {last['message']!r}")

    def identity_refused(self, token, status, why):
        """Refused by the KMS after the framework: an empty body."""
        answer = self.ask(token)
        check(answer.status == status and answer.body == "" and "content-type" not in answer.headers, f"{why}: {answer}")


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def algorithms(auth, signers):
    rs, ps256, ps384, es, plain_es = (signers[name] for name in ("rs", "ps256", "ps384", "es", "plain-es"))
    for signer in signers.values():
        auth.accepted(signer.token(), signer.alg)
    everyone = ("RS256", "PS256", "PS384", "ES256")
    for signer in (rs, ps256, ps384):
        for alg in everyone:
            if alg != signer.alg and alg != "ES256":
                auth.refused(signer.token(alg=alg), f"{signer.alg} key used with {alg}", "Signature verification failed")
            if alg != signer.alg:
                auth.refused(signer.token(header={"alg": alg}), f"{signer.alg} signature named {alg}")
                header = {"alg": signer.alg, "kid": signer.kid}
                text = b64url(json.dumps(header).encode()) + "." + signer.token().split(".")[1]
                if alg != "ES256":
                    auth.refused(text + "." + b64url(signer.sign(text.encode(), alg)), f"{alg} signature named {signer.alg}")
    for signer in (es, plain_es):
        for alg in ("RS256", "PS256", "ES384", "ES512"):
            auth.refused(signer.token(header={"alg": alg}), f"ES256 signature named {alg}")
    # A signature in DER, or with the wrong length, is none.
    text = es.token().rsplit(".", 1)[0]
    raw = es.sign(text.encode())
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    auth.accepted(text + "." + b64url(raw), "raw")
    for signature, why in ((der, "DER"), (raw[:-1], "63 bytes"), (raw + b"\0", "65 bytes"), (bytes(64), "zeros"),
                           (raw[32:] + raw[:32], "s, r"), (bytes(32) + raw[32:], "r zero")):
        auth.refused(text + "." + b64url(signature), why)
    # Nothing, and symmetric keys made of public ones.
    payload = rs.token().split(".")[1]
    spki = rs.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "rs256", "RS512", "EdDSA", "RS256 "):
        head = b64url(json.dumps({"alg": alg, "typ": "JWT", "kid": rs.kid}).encode())
        text = head + "." + payload
        for signature in ("", b64url(hmac.new(spki, text.encode(), hashlib.sha256).digest()),
                          b64url(hmac.new(b"", text.encode(), hashlib.sha256).digest()), b64url(rs.sign(text.encode()))):
            auth.refused(text + "." + signature, f"alg {alg!r}")
    for value in (None, 1, True, ["RS256"], {}):
        auth.refused(rs.token(header={"alg": value}, alg="RS256"), f"alg {value!r}")


def headers(auth, rs, other):
    for name, value in (("crit", ["exp"]), ("crit", []), ("b64", True), ("b64", False), ("jwk", rs.jwk()), ("zip", "DEF"),
                        ("enc", "A256GCM")):
        auth.refused(rs.token(header={name: value}), f"header has {name}", name)
    # An own key inside the token, or named by it, is not followed; the stored key decides.
    stranger = Signer(rs.kid)
    auth.refused(stranger.token(), "a stranger's key under a known kid", "Signature verification failed")
    auth.refused(stranger.token(header={"jku": "https://127.0.0.1:1/jwks"}), "jku")
    auth.refused(stranger.token(header={"x5u": "https://127.0.0.1:1/x"}), "x5u")
    auth.accepted(rs.token(header={"jku": "https://127.0.0.1:1/jwks", "x5t": "AAAA"}), "jku is passed over")
    auth.accepted(rs.token(header={"typ": "at+jwt"}), "typ is not judged")
    for kid, message in (("nobody", "JWT signing key not found for kid nobody"), ("", None), (" rs", None), ("RS", None),
                         ("k" * 3000, "JWT signing key not found for kid kkk")):
        auth.refused(rs.token(header={"kid": kid}), f"kid {kid[:8]!r}", message)
    for kid in (None, 1, ["rs"]):
        auth.refused(rs.token(header={"kid": kid}), f"kid {kid!r}")
    auth.refused(rs.token(header_text='{"alg":"RS256"}'), "no kid", "kid")
    auth.refused(rs.token(header_text='{"kid":"rs"}'), "no alg", "alg")
    for text in ('{"alg":"RS256","kid":"rs","alg":"RS256"}', '{"alg":"RS256","kid":"rs","x":{"a":1,"a":2}}',
                 '{"alg":"RS256","kid":"rs",}', '["RS256"]', '"x"', "", '{"alg":"RS256","kid":"rs"} x',
                 '\ufeff{"alg":"RS256","kid":"rs"}', '{"alg":"RS256","kid":"rs","x":"\\ud800"}',
                 '{"alg":"RS256","kid":"rs","x":' + "[" * 17 + "]" * 17 + "}"):
        auth.refused(rs.token(header_text=text), f"header {text[:40]!r}")
    auth.accepted(rs.token(header_text='{ "alg" : "RS256",\n"kid":"rs" }'), "white space inside the JSON")
    # Key of one issuer, iss of another (12.2 #7).
    auth.accepted(other.token(aud="a", n=1), "another issuer", OTHER)
    auth.refused(rs.token(iss=OTHER), "key of A, iss B", "issuer")
    auth.refused(other.token(iss=ISSUER), "key of B, iss A", "issuer")
    auth.refused(rs.token(header={"kid": other.kid}), "kid of B, key and iss of A")
    auth.refused(rs.token(iss=ISSUER + "/"), "almost the issuer")
    auth.refused(rs.token(iss=ISSUER.lower()), "case counts")
    auth.refused(rs.token(remove=["iss"]), "no iss", "iss")
    for iss in (None, 3, [ISSUER], {}, ""):
        auth.refused(rs.token(iss=iss), f"iss {iss!r}")


def forms(auth, rs):
    token = rs.token()
    head, payload, signature = token.split(".")
    auth.accepted(token, "as it is")
    padded = head + "=" * (-len(head) % 4 or 4)
    for bad, why in ((padded + f".{payload}.{signature}", "padding"), (f"{head}.{payload}.{signature}==", "padding"),
                     (f"{head}.{payload}", "2 parts"), (token + ".", "4 parts"), (token + "." + signature, "4 parts"),
                     ("." + token, "4 parts"), (f"{head}..{signature}", "no payload"), (f".{payload}.{signature}", "no header"),
                     (f"{head}.{payload}.", "no signature"), ("..", "nothing"), ("a.b.c", "no base64url"), ("a.b", "2 parts"),
                     ("x", "1 part"), (head + " ." + payload + "." + signature, "white space"),
                     (head + "." + payload[:4] + "\t" + payload[4:] + "." + signature, "tab"),
                     (head[:4] + "+" + head[5:] + f".{payload}.{signature}", "other alphabet"),
                     (head[:4] + "/" + head[5:] + f".{payload}.{signature}", "other alphabet"),
                     (head + "\u00e9." + payload + "." + signature, "not ASCII"), (token[::-1], "reversed"),
                     (token[:-5], "cut"), (token.replace(".", ".." , 1), "two dots")):
        auth.refused(bad.encode("latin-1").decode("latin-1"), why)
    # Unused bits of the last character must be zero: the same bytes in another spelling are refused.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for part in range(3):
        parts = token.split(".")
        rest = len(parts[part]) % 4
        if rest:
            parts[part] = parts[part][:-1] + alphabet[alphabet.index(parts[part][-1]) ^ 1]
            auth.refused(".".join(parts), f"unused bits of part {part}")
    for position in (0, len(payload) // 2):
        changed = payload[:position] + ("A" if payload[position] != "A" else "B") + payload[position + 1:]
        auth.refused(f"{head}.{changed}.{signature}", "payload changed")
    # A signature of other sizes.
    auth.refused(f"{head}.{payload}.{b64url(rs.sign(f'{head}.{payload}'.encode())[:-1])}", "255 bytes")
    auth.refused(f"{head}.{payload}.{b64url(bytes(1) + rs.sign(f'{head}.{payload}'.encode()))}", "257 bytes")
    for text in ('{"exp":1e12,"iss":"%s"}' % ISSUER, '{"exp":9999999999.0,"iss":"%s"}' % ISSUER,
                 '{"exp":"9999999999","iss":"%s"}' % ISSUER, '{"exp":9999999999,"iss":"%s","exp":9999999999}' % ISSUER,
                 '{"exp":9999999999,"iss":"%s","a":{"b":1,"b":1}}' % ISSUER, "[]", "", "null", '{"exp":9999999999,}',
                 '{"exp":9999999999,"iss":"%s","a":%s}' % (ISSUER, "[" * 17 + "]" * 17),
                 '{"exp":99999999999999999999999,"iss":"%s"}' % ISSUER, '{"exp":-0,"iss":"%s"}' % ISSUER,
                 "{'exp':9999999999}", '{"exp":9999999999,"iss":"%s","a":NaN}' % ISSUER,
                 '{"exp":9999999999,"iss":"%s"}x' % ISSUER):
        auth.refused(rs.token(payload_text=text), f"payload {text[:50]!r}")
    # Size: the header of a request holds 16 KiB, so larger tokens end before they are read.
    answer = auth.ask("a." + "b" * 70_000 + ".c")
    check(answer.status == 431 and answer.json()["error"]["code"] == "RequestHeaderTooLarge", f"64 KiB: {answer}")
    auth.accepted(rs.token(more="x" * 9000), "12 KiB: x5c tokens are as long")
    # Scheme.
    for authorization in ("Bearer " + token, "bearer " + token, "BEARER " + token):
        check(auth.ask(authorization=authorization).status == 200, authorization[:6])
    for authorization in (token, "Basic " + token, "Bearer" + token, "Token " + token, "", "Bearer", "JWT Bearer " + token):
        auth.refused(None, authorization[:10], "Authorization header does not have Bearer scheme", authorization=authorization)
    auth.refused(None, "nothing", "Missing authorization header")
    auth.refused(None, "empty token", authorization="Bearer x")
    auth.refused(None, "two tokens", authorization=f"Bearer {token}, Bearer {token}")
    auth.refused(None, "with a parameter", authorization=f"Bearer {token} x=1")


def times(auth, rs):
    now = int(time.time())
    auth.accepted(rs.token(exp=now + 30), "exp ahead")
    auth.accepted(rs.token(remove=["iat"]), "no iat")
    auth.accepted(rs.token(nbf=now - 5), "nbf passed")
    auth.refused(rs.token(exp=now - 1), "expired", "is after token's Expiration Time (exp) claim")
    auth.refused(rs.token(exp=0), "expired in 1970")
    auth.refused(rs.token(exp=-1), "expired before 1970")
    auth.refused(rs.token(nbf=now + 60), "not yet valid", "nbf")
    auth.refused(rs.token(iat=now + 60), "issued in the future", "iat")
    auth.refused(rs.token(remove=["exp"]), "no exp", "exp")
    for name in ("exp", "nbf", "iat"):
        for value in (None, str(now + 100), now + 100.5, True, [now], {}):
            auth.refused(rs.token(**{name: value}), f"{name} is {value!r}", name)
    # A token is judged by the clock each time, not only the first.
    short = rs.token(exp=int(time.time()) + 4)
    auth.accepted(short, "four seconds")
    time.sleep(5.1)
    auth.refused(short, "a token that was good", "is after token's Expiration Time (exp) claim")


def claims(auth, rs, other):
    for change in ({"sub": "x"}, {"name": "cool caller"}, {"name": ["Cool caller"]}, {"name": None}, {"sub": 3},
                   {"name": {"Cool caller": 1}}):
        auth.identity_refused(rs.token(**change), 401, f"{change}")
    auth.identity_refused(rs.token(remove=["sub"]), 401, "claim missing")
    # The other issuer's policy is {"aud": ["a", "b"], "n": [1, "x"]}.
    for more in ({"aud": "a"}, {"aud": "b"}, {"aud": ["b"]}, {"aud": ["z", "a"]}):
        auth.accepted(other.token(n=1, **more), f"{more}", OTHER)
    auth.accepted(other.token(n="x", aud="a"), "another value of the list", OTHER)
    for more in ({"aud": "z"}, {"aud": []}, {"aud": ["z"]}, {"aud": [["a"]]}, {"aud": {"a": 1}}, {"aud": "A"}, {},
                 {"aud": "a,b"}, {"aud": ["a b"]}, {"aud": [1]}):
        auth.identity_refused(other.token(n=1, **more), 401, f"{more}")
    for n in ("1", True, [1], 2, None):
        auth.identity_refused(other.token(n=n, aud="a"), 401, f"n {n!r}")


def entra(auth, signer):
    """The two names of one tenant, and no third (decisions.md; kms-api.md 2.2)."""
    v1 = f"https://sts.windows.net/{TENANT}/"
    auth.accepted(signer.token(tid=TENANT), "v2 name", ENTRA)
    auth.accepted(signer.token(iss=v1, tid=TENANT), "v1 name", ENTRA)
    for iss, tid in ((v1, None), (v1, TENANT.replace("1", "2")), (v1[:-1], TENANT), (v1.replace("1", "2", 1), TENANT),
                     ("https://sts.windows.net/", TENANT), (ISSUER, TENANT), (OTHER, TENANT)):
        auth.refused(signer.token(iss=iss, tid=tid) if tid else signer.token(iss=iss), f"{iss} {tid}")


def order(kms, auth, rs):
    """user_cert, member_cert, jwt: the first that fits."""
    folder = kms.folder
    user, member = (identity_of(folder, name) for name in ("user0", "member0"))
    stranger = make_identity(folder, "stranger")
    es256 = identity_of(folder, "user1")
    for identity, policy in ((user, "user_cert"), (es256, "user_cert"), (member, "member_cert")):
        for token in (None, rs.token(), "a.b.c"):
            answer = auth.ask(token, identity=identity)
            check(answer.status == 200, f"{policy}: {answer}")
            pem = identity.certificate.public_bytes(serialization.Encoding.PEM).decode()
            check(answer.json() == {"auth": {"policy": policy, "id": identity.id, "data": None, "cert": pem}}, f"{answer}")
            check(list(answer.json()["auth"]) == ["policy", "id", "data", "cert"], "order of members")
    # An unknown certificate passes TLS and is judged here; a token may stand beside it.
    check(auth.ask(rs.token(), identity=stranger).json()["auth"]["policy"] == "jwt", "jwt beside an unknown certificate")
    answer = auth.ask(identity=stranger)
    check(answer.status == 401 and answer.json() == {"error": {
        "code": "InvalidAuthenticationInfo", "message": "Invalid authentication credentials.", "details": [
            detail("user_cert", "Could not find matching user certificate"),
            detail("member_cert", "Could not find matching member certificate"),
            detail("jwt", "Missing authorization header")]}}, f"{answer}")
    wanted = ('{"error":{"code":"InvalidAuthenticationInfo","details":[{"auth_policy":"jwt",'
              '"code":"InvalidAuthenticationInfo","message":"Missing authorization header"}],'
              '"message":"Invalid authentication credentials."}}')
    for path in ("/app/key", "/unwrapKey", "/app/refresh"):
        answer = kms.post(path, identity=user)
        check(answer.status == 401 and answer.body == wanted, f"{path} takes tokens only: {answer}")
        check(answer.headers["www-authenticate"] == BEARER, f"{path}")
    answer = kms.get("/app/settingsPolicy", identity=stranger)  # governed: member_cert alone
    check(answer.status == 401 and "www-authenticate" not in answer.headers, f"no challenge for certificates: {answer}")
    check(answer.json()["error"]["details"] == [detail("member_cert", "Could not find matching member certificate")], "one")
    check(kms.get("/app/settingsPolicy", identity=user).status == 401, "a user is no member")
    check(kms.get("/app/settingsPolicy", identity=member).status == 200, "a member")
    check(kms.get("/app/keyReleasePolicy", token="a.b.c").status == 500, "an open endpoint asks nobody")


def identity_of(folder, name):
    return Identity(folder / f"{name}_cert.pem", folder / f"{name}_privk.pem")


def main():
    signers = {"rs": Signer("rs"), "ps256": Signer("ps256", "PS256"), "ps384": Signer("ps384", "PS384"),
               "es": Signer("es", "ES256"), "plain-es": Signer("plain-es", "ES256"), "plain-rs": Signer("plain-rs")}
    other, tenant = Signer("other", issuer=OTHER), Signer("tenant", issuer=ENTRA)
    mute = Signer("mute", issuer="http://no-policy")
    keys = [signer.jwk(alg=not name.startswith("plain")) for name, signer in signers.items()]
    policies = [{"issuer": ISSUER, "validation_policy": CLAIMS},
                {"issuer": OTHER, "validation_policy": {"aud": ["a", "b"], "n": [1, "x"]}},
                {"issuer": ENTRA, "validation_policy": {"tid": TENANT}},
                {"issuer": f"https://sts.windows.net/{TENANT}/", "validation_policy": {"tid": TENANT}}]
    with founded(endpoints='settingsPolicy = ["member_cert"]\n', jwt=policies, users=("user0", "user1"), issuers={
            ISSUER: keys, OTHER: [other.jwk()], ENTRA: [tenant.jwk()], "http://no-policy": [mute.jwk()]}) as kms:
        kms.start()
        auth = Auth(kms)
        rs = signers["rs"]
        algorithms(auth, signers)
        headers(auth, rs, other)
        forms(auth, rs)
        times(auth, rs)
        claims(auth, rs, other)
        entra(auth, tenant)
        auth.identity_refused(mute.token(), 500, "an issuer without validation policy")
        order(kms, auth, rs)
        # The log has no token in it, nor a part of one.
        check(rs.token().split(".")[0][:30] not in kms.log.read_text(), "tokens are not logged")
    # Two keys of one kid, of different issuers: each for its own.
    first, second = Signer("shared"), Signer("shared", issuer=OTHER)
    with founded("clock_skew_seconds = 60\n", jwt=policies[:2] , issuers={ISSUER: [first.jwk()], OTHER: [second.jwk()]}) as kms:
        kms.start()
        auth = Auth(kms)
        auth.accepted(first.token(), "shared kid, first issuer")
        auth.accepted(second.token(aud="a", n=1), "shared kid, second issuer", OTHER)
        auth.refused(first.token(iss=OTHER), "key of the first, iss of the second")
        now = int(time.time())
        auth.accepted(first.token(exp=now - 30), "within the skew")
        auth.accepted(first.token(nbf=now + 30, iat=now + 30), "within the skew")
        auth.refused(first.token(exp=now - 90), "beyond the skew")
        auth.refused(first.token(nbf=now + 90), "beyond the skew")
    print("tokens: algorithms, headers, forms, times, claims, issuers and the order of authentication as the contract says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
