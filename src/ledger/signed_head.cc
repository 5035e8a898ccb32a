#include "ledger/signed_head.h"

#include <fmt/format.h>

#include "codec/cbor.h"
#include "ledger/checkpoint.h"

namespace vitrine::ledger {

using codec::cbor::Value;

Bytes encode(const SignedHead& head) {
  return codec::cbor::encode(Value::map({
      {Value::uint(1), Value::text(head.checkpoint)},
      {Value::uint(2), Value::bytes(head.root.roots.rfc9162)},
      {Value::uint(3), Value::bytes(head.root.roots.ccf)},
      {Value::uint(4), Value::uint(head.root.roots.size)},
      {Value::uint(5), Value::text(head.root.node_id)},
      {Value::uint(6), Value::text(head.root.node_certificate_pem)},
      {Value::uint(7), Value::bytes(head.root.signature)},
  }));
}

Result<SignedHead> decode_signed_head(ByteView bytes) {
  if (bytes.size() > kSignedHeadBytesMax) {
    return malformed(
        fmt::format("stored head: {} bytes, over {}", bytes.size(), kSignedHeadBytesMax));
  }
  VITRINE_TRY(const Value map, codec::cbor::decode(bytes, codec::cbor::Strictness::deterministic));
  const auto member = [&map](std::int64_t key) -> Result<const Value*> {
    const Value* value = map.find(key);
    if (value == nullptr) return malformed(fmt::format("stored head: member {} is missing", key));
    return value;
  };
  SignedHead head;
  VITRINE_TRY(const Value* const note, member(1));
  VITRINE_TRY(const auto note_text, note->to_text());
  VITRINE_TRY(const Value* const rfc9162, member(2));
  VITRINE_TRY(head.root.roots.rfc9162, rfc9162->to_digest());
  VITRINE_TRY(const Value* const ccf, member(3));
  VITRINE_TRY(head.root.roots.ccf, ccf->to_digest());
  VITRINE_TRY(const Value* const size, member(4));
  VITRINE_TRY(head.root.roots.size, size->to_uint());
  VITRINE_TRY(const Value* const node, member(5));
  VITRINE_TRY(const auto node_id, node->to_text());
  VITRINE_TRY(const Value* const certificate, member(6));
  VITRINE_TRY(const auto pem, certificate->to_text());
  VITRINE_TRY(const Value* const signature, member(7));
  VITRINE_TRY(const auto signature_bytes, signature->to_bytes());
  if (map.entries().size() != 7) return malformed("stored head: unknown members");
  head.checkpoint = note_text;
  head.root.node_id = node_id;
  head.root.node_certificate_pem = pem;
  head.root.signature = to_bytes(signature_bytes);
  return head;
}

Status verify_signed_head(const SignedHead& head, const Roots& roots, const HeadSigners& signers) {
  VITRINE_TRY(const std::string text,
              verify_note(head.checkpoint, signers.log_origin, signers.log_key));
  VITRINE_TRY(const Checkpoint checkpoint, parse_checkpoint_text(text));
  if (checkpoint.size != roots.size || checkpoint.root != roots.rfc9162) {
    return denied(
        fmt::format("signed head of {} entries: its RFC 9162 root is not that of the entries",
                    checkpoint.size));
  }
  if (head.root.roots != roots) {
    return denied(fmt::format("signed head of {} entries: its roots are not those of the entries",
                              roots.size));
  }
  VITRINE_TRY(const auto certificate,
              crypto::Certificate::from_pem(head.root.node_certificate_pem));
  VITRINE_CHECK(crypto::check_link(certificate, signers.service_certificate,
                                   crypto::CertificateSignature::any));
  return certificate.public_key().verify_prehashed(roots.ccf, head.root.signature);
}

}  // namespace vitrine::ledger
