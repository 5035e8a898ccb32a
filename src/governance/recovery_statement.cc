#include "governance/recovery_statement.h"

#include <algorithm>

#include "base/base64.h"
#include "base/hex.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

constexpr std::string_view kWhat = "recovery statement";
constexpr std::string_view kInfo = "vitrine recovery share v1";
constexpr std::size_t kEncBytes = 32;  // X25519
constexpr std::size_t kSealedShareBytesMax = 512;

Result<std::uint64_t> required_number(const Object& object, std::string_view name) {
  const auto value = codec::json::integer_of(object, name);
  if (!value || *value < 0)
    return malformed(std::string(kWhat) + ": " + std::string(name) +
                     " is not an integer from 0 on");
  return static_cast<std::uint64_t>(*value);
}

Result<Bytes> required_base64(const Object& object, std::string_view name, std::size_t bytes_max) {
  VITRINE_TRY(const auto text, required_text(kWhat, object, name));
  auto bytes = from_base64(text);
  if (!bytes || bytes->empty() || bytes->size() > bytes_max)
    return malformed(std::string(kWhat) + ": " + std::string(name) + " is not base64 of 1 to " +
                     std::to_string(bytes_max) + " bytes");
  return bytes;
}

// Everything the statement says but the sealed share itself.
Bytes associated_data(const RecoveryStatement& statement) {
  using codec::cbor::Value;
  return codec::cbor::encode(
      Value::array({Value::bytes(statement.service), Value::bytes(statement.node),
                    Value::bytes(statement.evidence), Value::uint(statement.deal),
                    Value::uint(statement.head_size), Value::bytes(statement.head_root)}));
}

}  // namespace

std::string RecoveryStatement::to_json() const {
  Object head;
  head["size"] = head_size;
  head["root"] = to_hex(head_root);
  Object out;
  out["service"] = to_hex(service);
  out["node"] = to_hex(node);
  out["evidence"] = to_hex(evidence);
  out["deal"] = deal;
  out["head"] = std::move(head);
  out["enc"] = to_base64(enc);
  out["share"] = to_base64(sealed_share);
  return codec::json::write(out);
}

Result<RecoveryStatement> RecoveryStatement::from_json(std::string_view text) {
  if (text.size() > kRecoveryStatementBytesMax)
    return malformed(std::string(kWhat) + ": over " + std::to_string(kRecoveryStatementBytesMax) +
                     " bytes");
  VITRINE_TRY(const Object object, codec::json::parse_object(text));
  constexpr std::string_view known[] = {"service", "node", "evidence", "deal",
                                        "head",    "enc",  "share"};
  VITRINE_CHECK(check_known(kWhat, object, known));
  const Object* const head = codec::json::object_of(object, "head");
  if (head == nullptr) return malformed(std::string(kWhat) + ": head is not an object");
  constexpr std::string_view known_of_head[] = {"size", "root"};
  VITRINE_CHECK(check_known("recovery statement: head", *head, known_of_head));

  RecoveryStatement statement;
  VITRINE_TRY(statement.service, required_digest(kWhat, object, "service"));
  VITRINE_TRY(statement.node, required_digest(kWhat, object, "node"));
  VITRINE_TRY(statement.evidence, required_digest(kWhat, object, "evidence"));
  VITRINE_TRY(statement.deal, required_number(object, "deal"));
  VITRINE_TRY(statement.head_size, required_number(*head, "size"));
  VITRINE_TRY(statement.head_root, required_digest(kWhat, *head, "root"));
  VITRINE_TRY(statement.enc, required_base64(object, "enc", kEncBytes));
  VITRINE_TRY(statement.sealed_share, required_base64(object, "share", kSealedShareBytesMax));
  return statement;
}

Status seal_share(RecoveryStatement& statement, ByteView recovery_key, ByteView share) {
  VITRINE_TRY(auto sealed,
              crypto::hpke::seal_base(crypto::hpke::kKmsSuite, recovery_key, as_bytes(kInfo),
                                      associated_data(statement), share));
  statement.enc = std::move(sealed.enc);
  statement.sealed_share = std::move(sealed.ciphertext);
  return {};
}

Result<SecretBytes> open_share(const RecoveryStatement& statement, ByteView recovery_private_key,
                               ByteView recovery_key) {
  auto share = crypto::hpke::open_base(crypto::hpke::kKmsSuite, statement.enc, recovery_private_key,
                                       recovery_key, as_bytes(kInfo), associated_data(statement),
                                       statement.sealed_share);
  if (!share)
    return denied("recovery share: does not open with this node's recovery key",
                  "fetch the node's evidence again: the key changes with each start");
  return share;
}

std::array<Byte, 64> recovery_report_data(ByteView node_spki, ByteView recovery_key) {
  std::array<Byte, 64> out{};
  const Digest node = crypto::sha256(node_spki);
  const Digest key = crypto::sha256(recovery_key);
  std::copy(node.bytes.begin(), node.bytes.end(), out.begin());
  std::copy(key.bytes.begin(), key.bytes.end(), out.begin() + 32);
  return out;
}

bool is_plaintext_share(std::string_view text) {
  const auto object = codec::json::parse_object(text);
  return object && codec::json::find(*object, "share") != nullptr &&
         codec::json::find(*object, "enc") == nullptr;
}

Result<SecretBytes> plaintext_share_from_json(std::string_view text) {
  VITRINE_TRY(Object object, codec::json::parse_object(text));
  constexpr std::string_view known[] = {"share"};
  VITRINE_CHECK(check_known("recovery share", object, known));
  const auto base64 = codec::json::text_of(object, "share");
  if (!base64) return malformed("recovery share: share is not text");
  auto share = secret_from_base64(*base64);
  if (!share) return malformed("recovery share: share is not base64");
  return share;
}

}  // namespace vitrine::governance
