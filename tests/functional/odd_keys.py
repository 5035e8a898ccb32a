"""Keys with odd parameters are refused before anything is computed with them, over the wire: as wrapping keys, in a token
issuer's JWKS, and in chains of evidence. Beside each, the nearest that is accepted."""

import base64
import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric import ec

from _founded import founded
from _kms import BIN, ISSUER, Kms, b64url, check, make_wrapping_key
from _snp import Attester, der

RSA_OID = bytes.fromhex("06092a864886f70d0101010500")
EC_OID = bytes.fromhex("06072a8648ce3d0201")
P256_OID = bytes.fromhex("06082a8648ce3d030107")


def integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def pem(spki):
    text = base64.b64encode(spki).decode()
    lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


def odd_modulus(bits):
    return (1 << bits) - 1  # of that length, and odd; whether it has two factors nobody asks


def rsa_pem(modulus, exponent):
    key = der(0x30, integer(modulus) + integer(exponent))
    return pem(der(0x30, der(0x30, RSA_OID) + der(3, b"\0" + key)))


def ec_pem(curve, point):
    return pem(der(0x30, der(0x30, EC_OID + curve) + der(3, b"\0" + point)))


def explicit_p256():
    """P-256 written out (RFC 3279 2.3.5), which its point satisfies; the same words can describe any other curve."""
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
    base = bytes.fromhex("04" "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                         "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
    field = der(0x30, bytes.fromhex("06072a8648ce3d0101") + integer(p))
    curve = der(0x30, der(4, (p - 3).to_bytes(32, "big")) + der(4, b.to_bytes(32, "big")))
    order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
    return der(0x30, integer(1) + field + curve + der(4, base) + integer(order) + integer(1)), base


def wrapping_keys(kms, token, kid, attester):
    def release(text):
        answer = kms.post("/app/unwrapKey", {"attestation": attester.attestation(text), "wrappingKey": text,
                                             "wrappedKid": kid}, token=token)
        return answer

    def refused(text, reason):
        answer = release(text)
        check(answer.status == 500 and answer.headers["x-ms-kms-error-code"] == "WRAP_KEY_EXCEPTION", f"{answer}")
        check(answer.headers["x-vitrine-reason"] == "wrapping key: " + reason, f"{answer.headers['x-vitrine-reason']}")

    opening = "SubjectPublicKeyInfo: public key: "
    for bits in (1024, 2040, 4097, 8192, 16384):
        refused(rsa_pem(odd_modulus(bits), 65537), opening + f"RSA of {bits} bits; accepted are 2048 to 4096")
    for exponent in (0, 1, 2, 65536, 2**32, 2**32 + 1, 2**64 + 1):
        refused(rsa_pem(odd_modulus(4096), exponent),
                opening + "RSA exponent is even, below 3 or of 2^32 and more")
    refused(rsa_pem(odd_modulus(4096) - 1, 65537), opening + "RSA modulus is even")
    for bits, exponent in ((4096, 65537), (4096, 2**32 - 1), (3072, 3)):
        check(release(rsa_pem(odd_modulus(bits), exponent)).status == 200, f"accepted: {bits} bits, {exponent}")

    explicit, base = explicit_p256()
    refused(ec_pem(explicit, base), "SubjectPublicKeyInfo: DER: tag 06 wanted, 30 found")
    refused(ec_pem(P256_OID, base[:-1] + bytes([base[-1] ^ 1])), "public key: not a point of P-256")
    refused(ec_pem(P256_OID, base), "not an RSA key")
    check(release(make_wrapping_key(4096)[1]).status == 200, "a key as clients have it")


def key_sets():
    """A token issuer's keys, in the genesis file."""
    def number(value):
        return b64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))

    def rsa(modulus, exponent):
        return {"kty": "RSA", "n": number(modulus), "e": number(exponent)}

    def refused(jwk, words):
        with founded("", issuers={ISSUER: [{"kid": "odd", **jwk}]}) as kms:
            ended = subprocess.run([BIN / "vitrined", *kms.arguments, "--data", kms.data, "--port", "0"],
                                   capture_output=True, text=True, timeout=60)
            check(ended.returncode == 2 and "jwk: " in ended.stderr, f"it started: {ended.stderr}")
            check(words in ended.stderr, f"{words!r} is not in: {ended.stderr}")

    def accepted(jwk):
        with founded("", issuers={ISSUER: [{"kid": "odd", **jwk}]}) as kms:
            kms.start()

    for modulus, exponent, words in (
            (odd_modulus(16384), 65537, "RSA of 16384 bits"), (odd_modulus(4097), 65537, "RSA of 4097 bits"),
            (odd_modulus(1024), 65537, "RSA of 1024 bits"), (odd_modulus(2048), 1, "exponent is even, below 3"),
            (odd_modulus(2048), 65536, "exponent is even, below 3"), (odd_modulus(2048), 2**32 + 1, "2^32 and more"),
            (odd_modulus(2048) - 1, 65537, "modulus is even")):
        refused(rsa(modulus, exponent), words)
    accepted(rsa(odd_modulus(4096), 2**32 - 1))
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (b64url(value.to_bytes(32, "big")) for value in (point.x, point.y))
    refused({"kty": "EC", "crv": "P-256", "x": x, "y": x}, "not a point of P-256")
    accepted({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    refused({"kty": "RSA", "x5c": ["QUFB"] * 9}, "over 8 certificates")
    refused({"kty": "RSA", "x5c": ["QUFB" * 8_000]}, "over 16384 bytes")


def evidence(kms, token, attester):
    """Chains of absurd size cost their bytes and no more."""
    good = attester.attestation()
    check(kms.post("/app/key", {"attestation": good}, token=token).status == 200, "as it should be")
    chain = base64.b64decode(good["endorsements"]).decode()
    first = chain[:chain.index("-----END CERTIFICATE-----\n") + 26]
    # 4 MB certificate, many certificates, many of one kind
    for endorsements in (first * 20, chain * 3, chain.replace("\n", "\n" + "A" * 64 + "\n", 600), "A" * 700_000):
        answer = kms.post("/app/key", {"attestation": {
            **good, "endorsements": base64.b64encode(endorsements.encode()).decode()}}, token=token)
        check(answer.status in (400, 500) and answer.headers.get("x-vitrine-reason"), f"{answer}")


def main():
    with Kms() as kms:
        kms.start()
        kms.set_demo_policies()
        token = kms.issuer().token()
        kid = kms.post("/app/refresh").json()["kid"]
        attester = Attester.of_dev_service(kms.common)
        wrapping_keys(kms, token, kid, attester)
        evidence(kms, token, attester)
    key_sets()
    print("odd keys: each refused by name, the nearest good one accepted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
