"""SEV-SNP evidence made without the project's code: a chain in AMD's form, a report of 1184 bytes and the endorsement of
its utility VM (attestation.md 3 and 4; kms-api.md 6), with python3-cryptography and python3-cbor2."""

import base64
import datetime
import hashlib
import json
import pathlib
import re

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

from _kms import b64url

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
AMD = "1.3.6.1.4.1.3704.1."
EKU = "1.3.6.1.4.1.311.76.59.1.2"
TCB = bytes([4, 0, 0, 0, 0, 0, 24, 219])  # boot loader, TEE, SNP, microcode, as they lie in memory
MEASUREMENT = hashlib.sha384(b"a guest of these tests").digest()


def spki_sha256(certificate):
    return hashlib.sha256(certificate.public_key().public_bytes(
        DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def builder(subject, issuer, key):
    def name(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.utcnow()
    return (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365)))


def ca(certificate_builder):
    return certificate_builder.add_extension(x509.BasicConstraints(True, None), critical=True)


def pem(certificate):
    return certificate.public_bytes(PEM).decode()


def pss_signed(certificate_builder, key):
    """cryptography 38 signs certificates with PKCS #1 v1.5 only, and AMD's are RSASSA-PSS with SHA-384: so the names of
    the algorithm and the signature are put in anew (RFC 4055)."""
    made = certificate_builder.sign(key, hashes.SHA384())
    sha384 = bytes.fromhex("300d06096086480165030402020500")
    parameters = der(0x30, der(0xa0, sha384) + der(0xa1, der(0x30, bytes.fromhex("06092a864886f70d010108") + sha384)) +
                     der(0xa2, bytes.fromhex("020130")))
    pss = der(0x30, bytes.fromhex("06092a864886f70d01010a") + parameters)
    old = bytes.fromhex("300d06092a864886f70d01010c0500")
    tbs = made.tbs_certificate_bytes
    body = der_content(tbs)
    at = body.index(old)
    tbs = der(0x30, body[:at] + pss + body[at + len(old):])
    signature = key.sign(tbs, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())
    return x509.load_der_x509_certificate(der(0x30, tbs + pss + der(0x03, b"\0" + signature)))


def der(tag, content):
    size = len(content)
    if size < 128:
        head = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(digits)]) + digits
    return bytes([tag]) + head + content


def der_content(whole):
    return whole[2:] if whole[1] < 0x80 else whole[2 + (whole[1] & 0x7f):]


def der_integer(value):
    return bytes([2, 1, value]) if value < 0x80 else bytes([2, 2, 0, value])


class Attester:
    """chain_pem is VCEK, ASK, ARK; uvm_chain is leaf, CA, root, as DER."""

    def __init__(self, chain_pem, chip_key, hwid, uvm_chain, uvm_key, feed):
        self.chain_pem = chain_pem
        self.chip_key = chip_key
        self.hwid = hwid
        self.uvm_chain = uvm_chain
        self.uvm_key = uvm_key
        self.feed = feed
        fingerprint = b64url(hashlib.sha256(uvm_chain[-1]).digest())
        self.did = f"did:x509:0:sha256:{fingerprint}::eku:{EKU}"

    @classmethod
    def of_dev_service(cls, common):
        """With the keys of the throw-away attester that --dev makes."""
        folder = pathlib.Path(common) / "simulated"

        def key(name):
            return serialization.load_pem_private_key((folder / name).read_bytes(), None)

        leaf = x509.load_pem_x509_certificate((folder / "snp-leaf.pem").read_bytes())
        hwid = leaf.extensions.get_extension_for_oid(x509.ObjectIdentifier(AMD + "4")).value.value
        chain = "".join((folder / name).read_text() for name in ("snp-leaf.pem", "snp-ask.pem", "snp-ark.pem"))
        blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n",
                            (folder / "uvm-chain.pem").read_text(), re.DOTALL)
        uvm_chain = [x509.load_pem_x509_certificate(block.encode()).public_bytes(DER) for block in blocks]
        return cls(chain, key("snp-chip-key.pem"), hwid, uvm_chain, key("uvm-leaf-key.pem"), "Simulated-UVM")

    @classmethod
    def make(cls):
        """A chain of our own, for a genesis file's snp_roots and uvm_signers."""
        ark_key, ask_key, uvm_root, uvm_ca, uvm_leaf = (rsa.generate_private_key(65537, 2048) for _ in range(5))
        chip_key = ec.generate_private_key(ec.SECP384R1())
        ark = pss_signed(ca(builder("ARK-Milan", "ARK-Milan", ark_key)), ark_key)
        ask = pss_signed(ca(builder("SEV-Milan", "ARK-Milan", ask_key)), ark_key)
        hwid = hashlib.sha512(b"a chip of these tests").digest()
        leaf = builder("SEV-VCEK", "SEV-Milan", chip_key)
        for oid, value in ((AMD + "1", der_integer(0)), (AMD + "2", der(0x16, b"Milan-B0")),
                           (AMD + "3.1", der_integer(TCB[0])), (AMD + "3.2", der_integer(TCB[1])),
                           (AMD + "3.3", der_integer(TCB[6])), (AMD + "3.8", der_integer(TCB[7])), (AMD + "4", hwid)):
            leaf = leaf.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical=False)
        leaf = pss_signed(leaf, ask_key)
        root = ca(builder("UVM root", "UVM root", uvm_root)).sign(uvm_root, hashes.SHA384())
        middle = ca(builder("UVM CA", "UVM root", uvm_ca)).sign(uvm_root, hashes.SHA384())
        signer = (builder("UVM signer", "UVM CA", uvm_leaf)
                  .add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(EKU)]), critical=False)
                  .sign(uvm_ca, hashes.SHA384()))
        made = cls(pem(leaf) + pem(ask) + pem(ark), chip_key, hwid,
                   [each.public_bytes(DER) for each in (signer, middle, root)], uvm_leaf, "Test-UVM")
        made.genesis = (f'snp_roots = [{{product = "Milan", spki_sha256 = "{spki_sha256(ark)}"}}]\n'
                        f'uvm_signers = [{{did = "{made.did}", feed = "Test-UVM", svn_min = 100, '
                        f'root_spki_sha256 = "{spki_sha256(root)}"}}]\n')
        return made

    def signed(self, report):
        """The report with its last signature replaced: r and s little-endian, 72 bytes each."""
        r, s = utils.decode_dss_signature(self.chip_key.sign(bytes(report[:0x2a0]), ec.ECDSA(hashes.SHA384())))
        return bytes(report[:0x2a0]) + r.to_bytes(72, "little") + s.to_bytes(72, "little") + bytes(report[0x330:])

    def report(self, report_data=b"", host_data=b"\x11" * 32, guest_svn=2):
        out = bytearray(1184)

        def put(offset, value, size=None):
            data = value if isinstance(value, bytes) else value.to_bytes(size, "little")
            out[offset:offset + len(data)] = data

        put(0x00, 3, 4)
        put(0x04, guest_svn, 4)
        put(0x08, 0x3001f, 8)
        put(0x34, 1, 4)
        put(0x50, report_data)
        put(0x90, MEASUREMENT)
        put(0xc0, host_data)
        put(0x160, b"\xff" * 32)
        for offset in (0x38, 0x180, 0x1e0, 0x1f0):
            put(offset, TCB)
        put(0x188, bytes([0x19, 0x01, 0x01]))
        put(0x1a0, self.hwid)
        return self.signed(out)

    def uvm_endorsement(self, measurement=MEASUREMENT, svn="100"):
        protected = cbor2.dumps({1: -38, 3: "application/json", 33: self.uvm_chain, "iss": self.did, "feed": self.feed})
        payload = json.dumps({"x-ms-sevsnpvm-guestsvn": svn, "x-ms-sevsnpvm-launchmeasurement": measurement.hex()}).encode()
        signature = self.uvm_key.sign(cbor2.dumps(["Signature1", protected, b"", payload]),
                                      padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())
        return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))

    def attestation(self, wrapping_key="", report=None, **more):
        """The request's object, its report bound to the text of that wrapping key."""
        if report is None:
            digest = hashlib.sha256(wrapping_key.encode()).digest() if wrapping_key else b""
            report = self.report(digest + bytes(32) if digest else b"", **more)
        return {"evidence": base64.b64encode(report).decode(),
                "endorsements": base64.b64encode(self.chain_pem.encode()).decode(),
                "uvm_endorsements": base64.b64encode(self.uvm_endorsement()).decode(),
                "endorsed_tcb": TCB[::-1].hex()}
