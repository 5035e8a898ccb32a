#include "governance/recovery_request.h"

#include "base/assert.h"
#include "base/hex.h"
#include "codec/cbor.h"
#include "governance/signed_request.h"

namespace vitrine::governance {
namespace {

using codec::cbor::Type;
using codec::cbor::Value;

constexpr std::size_t kIdBytes = 32;

Status check_target(const RecoveryStatement& statement, const RecoveryTarget& target) {
  if (statement.service != target.service) return denied("the statement is for another service");
  if (statement.node != target.node) {
    return denied("the statement is for another node",
                  "fetch the node's evidence again: its key changes with each start");
  }
  if (statement.deal != target.deal) {
    return denied("the share is of deal " + std::to_string(statement.deal) +
                      ", not of the newest, " + std::to_string(target.deal),
                  "fetch the encrypted share again");
  }
  return {};
}

Result<RecoveryRequest> read_content(const State& governance, std::string member, ByteView envelope,
                                     std::string_view content, const RecoveryTarget& target) {
  RecoveryRequest request;
  request.given.member = std::move(member);
  if (is_plaintext_share(content)) {
    if (!governance.settings.unsafe_plaintext_shares) {
      return denied("shares in the clear are not taken: whoever ends the TLS connection sees them",
                    "use vitrine member share submit; governance may set unsafe_plaintext_shares");
    }
    VITRINE_TRY(request.plaintext_share, plaintext_share_from_json(content));
    return request;
  }
  VITRINE_TRY(request.given.statement, RecoveryStatement::from_json(content));
  VITRINE_CHECK(check_target(*request.given.statement, target));
  request.given.envelope = to_bytes(envelope);
  return request;
}

// What stands in the blob for a share in the clear.
Result<GivenShare> read_bare(const State& governance, const Value& item) {
  if (!governance.settings.unsafe_plaintext_shares)
    return denied("shares in the clear are not taken");
  if (item.items().size() != 1) return malformed("an item of another form");
  VITRINE_TRY(const ByteView id, item.items().front().to_bytes());
  if (id.size() != kIdBytes) return malformed("a member id is not 32 bytes");
  GivenShare given;
  given.member = to_hex(id);
  const auto member = governance.members.find(given.member);
  if (member == governance.members.end() || member->second.status != MemberStatus::active)
    return denied("member " + given.member + " is no active member");
  return given;
}

Result<GivenShare> read_item(const State& governance, const Value& item,
                             const RecoveryTarget& target) {
  if (item.is(Type::array)) return read_bare(governance, item);
  VITRINE_TRY(const ByteView envelope, item.to_bytes());
  VITRINE_TRY(auto request, read_recovery_request(governance, envelope, target));
  if (!request.given.statement) return malformed("a share in the clear");
  return std::move(request.given);
}

}  // namespace

Result<RecoveryRequest> read_recovery_request(const State& governance, ByteView envelope,
                                              const RecoveryTarget& target) {
  VITRINE_TRY(auto verified,
              verify_signed_request(governance, envelope, MessageType::recovery_share,
                                    Signers::active_members));
  const std::string_view content = as_text(verified.message.payload);
  auto request = read_content(governance, verified.signer, envelope, content, target);
  if (!request) return in_context("member " + verified.signer, request.error());
  return request;
}

Bytes write_given_shares(const std::vector<GivenShare>& shares) {
  std::vector<Value> items;
  for (const GivenShare& given : shares) {
    const auto id = from_hex(given.member);
    VITRINE_ASSERT(id);
    items.push_back(given.statement ? Value::bytes(given.envelope)
                                    : Value::array({Value::bytes(*id)}));
  }
  return codec::cbor::encode(Value::array(std::move(items)));
}

Result<std::vector<GivenShare>> read_given_shares(const State& governance, ByteView blob,
                                                  const RecoveryTarget& target) {
  VITRINE_TRY(const Value array, codec::cbor::decode(blob, codec::cbor::Strictness::deterministic));
  if (!array.is(Type::array)) return malformed("service_recovered: its blob is no array");
  std::vector<GivenShare> shares;
  std::optional<Digest> evidence;
  for (const Value& item : array.items()) {
    auto given = read_item(governance, item, target);
    if (!given) return in_context("service_recovered: statements", given.error());
    if (!shares.empty() && given->member <= shares.back().member)
      return malformed("service_recovered: members do not rise, or one stands twice");
    if (given->statement) {
      if (evidence && *evidence != given->statement->evidence)
        return denied("service_recovered: the statements are about different evidence");
      evidence = given->statement->evidence;
    }
    shares.push_back(*std::move(given));
  }
  return shares;
}

}  // namespace vitrine::governance
