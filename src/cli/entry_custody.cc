// What entries about secrets, certificates and recovery say.
#include <fmt/format.h>

#include <chrono>

#include "base/hex.h"
#include "cli/entry_kinds.h"
#include "codec/json.h"
#include "governance/recovery_request.h"

namespace vitrine::cli {
namespace {

using client::audit::Read;
using client::audit::Standing;

void add_cause(std::uint64_t cause, EntryText& text) {
  text.what += cause == 0 ? ", as the old one came to its end"
                          : fmt::format(", demanded by entry {}", cause);
  text.members["cause"] = cause;
}

EntryText shares_dealt(const Read& entry, const Standing& after) {
  EntryText text;
  const auto dealt = ledger::decode_shares_dealt(entry.leaf.public_part);
  if (!dealt) return text;
  text.what = fmt::format("recovery shares dealt to {}, {} of which open the service",
                          counted(dealt->shares.size(), "member"), dealt->threshold);
  add_cause(dealt->cause, text);
  codec::json::Array members;
  for (const auto& share : dealt->shares) {
    text.what += "\na share for " + name_of_member(*after.governance, share.member);
    members.emplace_back(boost::json::string(share.member));
  }
  text.members["threshold"] = dealt->threshold;
  text.members["members"] = std::move(members);
  text.members["secret_version"] = dealt->secret_version;
  return text;
}

EntryText rekeyed(const Read& entry) {
  EntryText text;
  const auto rekey = ledger::decode_ledger_rekeyed(entry.leaf.public_part);
  if (!rekey) return text;
  text.what = fmt::format("a new ledger secret, version {}", rekey->secret_version);
  add_cause(rekey->cause, text);
  text.members["secret_version"] = rekey->secret_version;
  return text;
}

EntryText renewed(const Read& entry) {
  EntryText text;
  const auto renewal = ledger::decode_certificate_renewed(entry.leaf.public_part);
  if (!renewal) return text;
  const auto certificate = crypto::Certificate::from_der(renewal->certificate);
  if (!certificate) return text;
  text.what =
      fmt::format("a new certificate for the {}, valid until {}",
                  renewal->of_service ? "service" : "node", to_rfc3339(certificate->not_after()));
  add_cause(renewal->cause, text);
  text.members["of"] = renewal->of_service ? "service" : "node";
  text.members["not_after"] = to_rfc3339(certificate->not_after());
  return text;
}

EntryText service_key_rotated(const Read& entry, const Standing& after) {
  EntryText text;
  const auto rotated = ledger::decode_service_key_rotated(entry.leaf.public_part);
  if (!rotated) return text;
  text.what = "a new service key, endorsed by the one before";
  add_cause(rotated->cause, text);
  text.members["service_key_sha256"] =
      to_hex(after.service->certificate.public_key().spki_sha256());
  return text;
}

EntryText log_key_rotated(const Read& entry) {
  EntryText text;
  const auto rotated = ledger::decode_log_key_rotated(entry.leaf.public_part);
  if (!rotated) return text;
  text.what = "a new log key, signed by the one before";
  add_cause(rotated->cause, text);
  text.members["log_key"] = to_hex(rotated->log_key);
  return text;
}

EntryText recovered(const Read& entry, const Standing& after) {
  EntryText text;
  const auto recovery = ledger::decode_service_recovered(entry.leaf.public_part);
  if (!recovery) return text;
  text.what = fmt::format("the service was recovered: shares of entry {} were given to node {}",
                          recovery->shares_seqno, short_id(to_hex(recovery->node_spki_sha256)));
  text.members["deal"] = recovery->shares_seqno;
  text.members["node_id"] = to_hex(recovery->node_spki_sha256);
  const governance::RecoveryTarget target{after.service->genesis_hash, recovery->node_spki_sha256,
                                          recovery->shares_seqno};
  const auto given = governance::read_given_shares(*after.governance, entry.blob, target);
  if (!given) return text;
  codec::json::Array members;
  for (const governance::GivenShare& share : *given) {
    text.what += fmt::format("\nby {}{}", name_of_member(*after.governance, share.member),
                             share.statement ? "" : ", in the clear");
    members.emplace_back(boost::json::string(share.member));
  }
  text.members["members"] = std::move(members);
  return text;
}

EntryText handed_off(const Read& entry) {
  EntryText text;
  const auto handed = ledger::decode_secrets_handed_off(entry.leaf.public_part);
  if (!handed) return text;
  text.what = fmt::format("the secrets were handed to another program, node {} ({})",
                          short_id(to_hex(handed->node_spki_sha256)), shown(handed->profile));
  codec::json::Object claims;
  for (const auto& [name, value] : handed->claims) claims[name] = attestation::to_text(value);
  text.members["node_id"] = to_hex(handed->node_spki_sha256);
  text.members["profile"] = handed->profile;
  text.members["claims"] = std::move(claims);
  return text;
}

EntryText continued(const Read& entry) {
  EntryText text;
  const auto from = ledger::decode_continued_from(entry.leaf.public_part);
  if (!from) return text;
  text.what = fmt::format(
      "restored from a backup of {}: log {} ends here, log {} goes on\n"
      "entries that the old log may have had beyond are lost",
      counted(from->old_head.size, "entry"), shown(from->old_origin), shown(from->log_origin));
  text.members["old_origin"] = from->old_origin;
  text.members["old_size"] = from->old_head.size;
  text.members["log_origin"] = from->log_origin;
  text.members["secret_version"] = from->secret_version;
  return text;
}

}  // namespace

EntryText custody_text(const Read& entry, const Standing& after) {
  switch (entry.leaf.kind) {
    case ledger::Kind::shares_dealt:
      return shares_dealt(entry, after);
    case ledger::Kind::ledger_rekeyed:
      return rekeyed(entry);
    case ledger::Kind::certificate_renewed:
      return renewed(entry);
    case ledger::Kind::service_key_rotated:
      return service_key_rotated(entry, after);
    case ledger::Kind::log_key_rotated:
      return log_key_rotated(entry);
    case ledger::Kind::service_recovered:
      return recovered(entry, after);
    case ledger::Kind::secrets_handed_off:
      return handed_off(entry);
    case ledger::Kind::continued_from:
      return continued(entry);
    default:
      return {std::string(ledger::name_of(entry.leaf.kind)), {}};
  }
}

}  // namespace vitrine::cli
