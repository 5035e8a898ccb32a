#include "crypto/cose.h"

namespace vitrine::crypto {
namespace {

namespace cbor = codec::cbor;

constexpr std::int64_t kAlgorithmLabel = 1, kKidLabel = 4;
constexpr std::uint64_t kSign1Tag = 18;
constexpr Byte kTagByte = 0xd2, kArrayOfFour = 0x84;

struct Row {
  std::int64_t id;
  SignatureAlgorithm algorithm;
  KeyKind kind;
};
// RFC 9053 2.1 with one curve per hash, RFC 8230 2.
constexpr Row kRows[] = {
    {-7, SignatureAlgorithm::ecdsa_sha256_raw, KeyKind::ec_p256},
    {-35, SignatureAlgorithm::ecdsa_sha384_raw, KeyKind::ec_p384},
    {-36, SignatureAlgorithm::ecdsa_sha512_raw, KeyKind::ec_p521},
    {-37, SignatureAlgorithm::rsa_pss_sha256, KeyKind::rsa},
    {-38, SignatureAlgorithm::rsa_pss_sha384, KeyKind::rsa},
    {-39, SignatureAlgorithm::rsa_pss_sha512, KeyKind::rsa},
};

Result<Row> row_of(std::int64_t id) {
  for (const Row& row : kRows) {
    if (row.id == id) return row;
  }
  return malformed("COSE: algorithm " + std::to_string(id) + " is not supported");
}

std::optional<std::int64_t> algorithm_in(const cbor::Value& header) {
  const cbor::Value* const found = header.find(kAlgorithmLabel);
  if (found == nullptr) return std::nullopt;
  const auto value = found->to_integer();
  return value ? std::optional<std::int64_t>(*value) : std::nullopt;
}

// The reader also takes long heads and indefinite lengths, which the unprotected map may have. That
// tag, array and the three byte strings have the one short form shows in the bytes around that map.
Status check_outer_form(ByteView whole, const std::vector<cbor::Value>& items, CoseTag tag) {
  Bytes head;
  if (tag == CoseTag::required) head.push_back(kTagByte);
  head.push_back(kArrayOfFour);
  append(head, cbor::encode(items[0]));
  Bytes tail = cbor::encode(items[2]);
  append(tail, cbor::encode(items[3]));
  if (whole.size() < head.size() + tail.size() || !same(whole.first(head.size()), head) ||
      !same(whole.last(tail.size()), tail)) {
    return malformed("COSE_Sign1: the outer structure is not in its shortest form");
  }
  return {};
}

// RFC 9052 3: no parameters are an empty byte string; an encoded empty map is taken as well.
Result<cbor::Value> decode_protected(ByteView bytes, cbor::Strictness strictness) {
  if (bytes.empty()) return cbor::Value::map({});
  auto header = cbor::decode(bytes, strictness);
  if (!header) return in_context("COSE_Sign1: protected header", std::move(header).error());
  if (!header->is(cbor::Type::map)) return malformed("COSE_Sign1: protected header is no map");
  return header;
}

}  // namespace

std::optional<std::int64_t> CoseSign1::algorithm() const { return algorithm_in(protected_header); }

std::optional<Bytes> CoseSign1::kid() const {
  const cbor::Value* const found = protected_header.find(kKidLabel);
  if (found == nullptr || !found->is(cbor::Type::byte_string)) return std::nullopt;
  return found->as_bytes();
}

Result<CoseSign1> parse_cose_sign1(ByteView bytes, CoseTag tag, cbor::Strictness headers) {
  auto decoded = cbor::decode(bytes, headers);
  if (!decoded) return in_context("COSE_Sign1", std::move(decoded).error());
  const bool tagged = decoded->is(cbor::Type::tag) && decoded->tag_number() == kSign1Tag;
  if (tagged != (tag == CoseTag::required)) {
    return malformed(tagged ? "COSE_Sign1: tag 18 does not belong here" : "COSE_Sign1: no tag 18");
  }
  const cbor::Value& array = tagged ? decoded->tagged() : *decoded;
  if (!array.is(cbor::Type::array) || array.items().size() != 4) {
    return malformed("COSE_Sign1: not an array of four");
  }
  const std::vector<cbor::Value>& items = array.items();
  if (!items[0].is(cbor::Type::byte_string) || !items[1].is(cbor::Type::map) ||
      !items[3].is(cbor::Type::byte_string)) {
    return malformed("COSE_Sign1: protected, unprotected or signature has the wrong type");
  }
  if (!items[2].is(cbor::Type::byte_string)) {
    return malformed("COSE_Sign1: the payload is detached or no byte string");
  }
  VITRINE_CHECK(check_outer_form(bytes, items, tag));
  VITRINE_TRY(auto header, decode_protected(items[0].as_bytes(), headers));
  return CoseSign1{items[0].as_bytes(), std::move(header), items[1], items[2].as_bytes(),
                   items[3].as_bytes()};
}

Result<SignatureAlgorithm> cose_signature_algorithm(std::int64_t algorithm) {
  return row_of(algorithm).map([](const Row& row) { return row.algorithm; });
}

Status verify_cose_sign1(const CoseSign1& message, std::int64_t algorithm, const PublicKey& key) {
  if (message.algorithm() != algorithm) {
    return denied("COSE_Sign1: protected header does not say algorithm " +
                  std::to_string(algorithm));
  }
  VITRINE_TRY(const auto row, row_of(algorithm));
  if (row.kind != key.kind()) return denied("COSE_Sign1: the algorithm does not fit the key");
  const auto verified =
      key.verify(row.algorithm, cose_signature_input(message.protected_bytes, message.payload),
                 message.signature);
  if (!verified) return denied("COSE_Sign1: " + verified.error().message);
  return {};
}

Result<Hash> cose_hash(std::int64_t algorithm) {
  VITRINE_TRY(const auto row, row_of(algorithm));
  switch (row.algorithm) {
    case SignatureAlgorithm::ecdsa_sha384_raw:
    case SignatureAlgorithm::rsa_pss_sha384:
      return Hash::sha384;
    case SignatureAlgorithm::ecdsa_sha512_raw:
    case SignatureAlgorithm::rsa_pss_sha512:
      return Hash::sha512;
    default:
      return Hash::sha256;
  }
}

Bytes cose_signature_input(ByteView protected_bytes, ByteView payload) {
  return cbor::encode(
      cbor::Value::array({cbor::Value::text("Signature1"), cbor::Value::bytes(protected_bytes),
                          cbor::Value::bytes({}), cbor::Value::bytes(payload)}));
}

Bytes write_cose_sign1(ByteView protected_bytes, const cbor::Value& unprotected_header,
                       ByteView payload, ByteView signature) {
  return cbor::encode(cbor::Value::tag(
      kSign1Tag, cbor::Value::array({cbor::Value::bytes(protected_bytes), unprotected_header,
                                     cbor::Value::bytes(payload), cbor::Value::bytes(signature)})));
}

Result<Bytes> sign_cose_sign1(const cbor::Value& protected_header,
                              const cbor::Value& unprotected_header, ByteView payload,
                              const PrivateKey& key) {
  const auto algorithm = algorithm_in(protected_header);
  if (!algorithm) return internal("COSE_Sign1: the protected header names no algorithm");
  VITRINE_TRY(const auto row, row_of(*algorithm));
  if (row.kind != key.kind()) return internal("COSE_Sign1: the algorithm does not fit the key");
  const Bytes protected_bytes = cbor::encode(protected_header);
  VITRINE_TRY(const auto signature,
              key.sign(row.algorithm, cose_signature_input(protected_bytes, payload)));
  return write_cose_sign1(protected_bytes, unprotected_header, payload, signature);
}

}  // namespace vitrine::crypto
