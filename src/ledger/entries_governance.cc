// The public parts of kinds 10 to 16: governance.
#include "base/assert.h"
#include "ledger/entry_members.h"

namespace vitrine::ledger {

using codec::cbor::Value;

namespace {

constexpr std::size_t kIssuerBytesMax = 2'048;

}  // namespace

Value encode(const GovernanceRequest& entry) {
  std::vector<Value::Entry> members{{Value::uint(1), Value::text(entry.signer)}};
  put_envelope(members, entry.envelope);
  if (entry.by_user) members.emplace_back(Value::uint(4), Value::boolean(true));
  return Value::map(std::move(members));
}

Value encode(const ProposalApplied& entry) { return make_map({Value::text(entry.proposal_id)}); }

Value encode(const IssuerKeysRefreshed& entry) {
  return make_map({Value::text(entry.issuer), to_cbor(entry.jwks)});
}

Result<GovernanceRequest> decode_governance_request(Kind kind, const Value& public_part) {
  VITRINE_ASSERT(kind >= Kind::proposal_submitted && kind <= Kind::member_acked);
  Members members(public_part, name_of(kind));
  GovernanceRequest entry;
  VITRINE_TRY(entry.signer, identity(members, 1, "signer id"));
  VITRINE_TRY(entry.envelope, read_envelope(members));
  if (kind == Kind::proposal_submitted && public_part.find(4) != nullptr) {
    VITRINE_TRY(entry.by_user, members.boolean(4, "by a user"));
    if (!entry.by_user) return members.bad(4, "by a user", "is false, which only absence may say");
  }
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<ProposalApplied> decode_proposal_applied(const Value& public_part) {
  Members members(public_part, "proposal_applied");
  ProposalApplied entry;
  VITRINE_TRY(entry.proposal_id, identity(members, 1, "proposal id"));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<IssuerKeysRefreshed> decode_issuer_keys_refreshed(const Value& public_part) {
  Members members(public_part, "issuer_keys_refreshed");
  IssuerKeysRefreshed entry;
  VITRINE_TRY(entry.issuer, members.text(1, "issuer", kIssuerBytesMax));
  VITRINE_TRY(const auto* jwks, members.required(2, "key set"));
  VITRINE_TRY(entry.jwks, read_blob_ref(*jwks, members.context(2, "key set")));
  VITRINE_CHECK(members.finish());
  return entry;
}

}  // namespace vitrine::ledger
