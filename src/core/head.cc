#include "core/head.h"

#include "codec/cbor.h"
#include "ledger/checkpoint.h"

namespace vitrine::core {

using codec::cbor::Value;

Result<Head> sign_head(const ledger::Roots& roots, const State& state,
                       const ServiceSecrets& secrets) {
  const ledger::Checkpoint checkpoint{state.service->log_origin, roots.size, roots.rfc9162, {}};
  VITRINE_TRY(auto note, ledger::sign_note(ledger::checkpoint_text(checkpoint),
                                           state.service->log_origin, secrets.log_key));
  VITRINE_TRY(auto signature, secrets.node_key.sign_prehashed(roots.ccf));
  return Head{std::move(note),
              {roots, state.node->id, state.node->certificate.pem(), std::move(signature)}};
}

Bytes encode(const Head& head) {
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

Result<Head> decode_head(ByteView bytes) {
  VITRINE_TRY(const Value map, codec::cbor::decode(bytes, codec::cbor::Strictness::deterministic));
  const auto member = [&map](std::int64_t key) -> Result<const Value*> {
    const Value* value = map.find(key);
    if (value == nullptr)
      return malformed("stored head: member " + std::to_string(key) + " is missing");
    return value;
  };
  Head head;
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

Status verify_head(const Head& head, const ledger::Roots& roots, const Service& service) {
  VITRINE_TRY(const std::string text,
              ledger::verify_note(head.checkpoint, service.log_origin, service.log_key));
  VITRINE_TRY(const ledger::Checkpoint checkpoint, ledger::parse_checkpoint_text(text));
  if (checkpoint.size != roots.size || checkpoint.root != roots.rfc9162) {
    return denied("signed head of " + std::to_string(checkpoint.size) +
                  " entries: its RFC 9162 root is not that of the entries");
  }
  if (head.root.roots != roots) {
    return denied("signed head of " + std::to_string(roots.size) +
                  " entries: its roots are not those of the entries");
  }
  VITRINE_TRY(const auto certificate,
              crypto::Certificate::from_pem(head.root.node_certificate_pem));
  VITRINE_CHECK(
      crypto::check_link(certificate, service.certificate, crypto::CertificateSignature::any));
  return certificate.public_key().verify_prehashed(roots.ccf, head.root.signature);
}

}  // namespace vitrine::core
