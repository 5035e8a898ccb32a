#include "service/gov_documents.h"

#include "base/base64.h"
#include "base/hex.h"

namespace vitrine::service {
namespace {

using codec::json::Array;
using codec::json::Object;
using governance::Proposal;
using governance::ProposalState;

// The votes decided it. One that was withdrawn or dropped was never counted.
bool is_counted(const Proposal& proposal) {
  return proposal.state == ProposalState::accepted || proposal.state == ProposalState::rejected ||
         proposal.state == ProposalState::failed;
}

Object final_votes(const Proposal& proposal) {
  Object votes;
  for (const auto& [member, in_favour] : proposal.final_votes) votes[member] = in_favour;
  return votes;
}

// The members that both forms have, by their names in each.
struct Names {
  std::string_view votes, vote_failures, takes_effect;
};
constexpr Names kNames = {"finalVotes", "voteFailures", "takesEffect"};
constexpr Names kClassicNames = {"final_votes", "vote_failures", "takes_effect"};
constexpr Names kClassicSummaryNames = {"votes", "vote_failures", "takes_effect"};

void add_outcome(Object& document, const Proposal& proposal, const Names& names) {
  if (is_counted(proposal)) {
    document[names.votes] = final_votes(proposal);
    document[names.vote_failures] = Object();  // no vote can fail: none is a program
  }
  if (!proposal.failure.empty()) document["failure"] = Object{{"reason", proposal.failure}};
  // Ours: the votes suffice, and its waiting time runs.
  if (proposal.takes_effect) document[names.takes_effect] = to_rfc3339(*proposal.takes_effect);
}

std::string_view status_name(const governance::Member& member) {
  return member.status == governance::MemberStatus::active ? "Active" : "Accepted";
}

// A minimum TCB is held as 16 hex digits, the most significant first (SNP ABI specification,
// TCB_VERSION): microcode … boot loader; from Turin on the firmware in the middle moved.
Object tcb_document(std::string_view cpuid, std::string_view hex) {
  constexpr std::size_t kTcbBytes = 8;
  Object tcb{{"hexstring", hex}};
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != kTcbBytes) return tcb;
  const bool turin = cpuid.starts_with("00b");
  const auto part = [&](std::string_view name, std::size_t at) {
    tcb[name] = static_cast<std::uint64_t>((*bytes)[at]);
  };
  part("microcode", 0);
  part("snp", turin ? 4 : 1);
  part("tee", turin ? 5 : 6);
  part("boot_loader", turin ? 6 : 7);
  if (turin) part("fmc", 7);
  return tcb;
}

// Calls `add(kid, PEM, issuer)` for each key that vouches for tokens.
template <class Add>
void each_jwt_key(const governance::State& state, const Add& add) {
  for (const auto& [issuer, stored] : state.issuers) {
    for (const auto& jwk : stored.keys) add(jwk.kid, jwk.key.pem(), issuer);
  }
}

Array& array_in(Object& object, std::string_view name) {
  auto& value = object[name];
  if (!value.is_array()) value = Array();
  return value.get_array();
}

}  // namespace

std::string_view service_status(const governance::State& state) {
  return state.opening ? "Opening" : "Open";
}

codec::json::Value frozen_document(const governance::State& state) {
  if (!state.frozen) return nullptr;
  return Object{{"member", state.frozen->member}, {"since", to_rfc3339(state.frozen->since)}};
}

Object info_document(const core::State& state) {
  const governance::State& governance = *state.governance;
  const governance::Settings& settings = governance.settings;
  Object configuration;
  configuration["recoveryThreshold"] = governance.recovery_threshold;
  configuration["maximumNodeCertificateValidityDays"] = settings.certificate_days_max;
  configuration["maximumServiceCertificateValidityDays"] = settings.certificate_days_max;
  configuration["recentCoseProposalsWindowSize"] = settings.recent_proposals;
  Object info;
  info["status"] = service_status(governance);
  info["certificate"] = state.service->certificate.pem();
  info["recoveryCount"] = state.recovery.count;
  info["creationTransactionId"] = ledger::to_text(state.service->created);
  info["serviceData"] = nullptr;
  info["configuration"] = std::move(configuration);
  info["frozen"] = frozen_document(governance);  // ours
  return info;
}

Object proposal_document(const Proposal& proposal) {
  Object document;
  document["proposalId"] = proposal.id;
  document["proposerId"] = proposal.proposer;
  document["proposalState"] = governance::name_of(proposal.state);
  document["ballotCount"] = proposal.ballots.size();
  add_outcome(document, proposal, kNames);
  return document;
}

Object member_document(std::string_view id, const governance::Member& member) {
  Object document;
  document["memberId"] = id;
  document["status"] = status_name(member);
  document["memberData"] = member.data;
  document["certificate"] = member.certificate.pem();
  if (member.encryption_key) document["publicEncryptionKey"] = member.encryption_key->pem();
  document["recoveryRole"] = member.is_recovery_member() ? "Participant" : "NonParticipant";
  return document;
}

Object user_document(std::string_view id, const governance::User& user) {
  Object document;
  document["userId"] = id;
  document["certificate"] = user.certificate.pem();
  document["userData"] = user.data;
  return document;
}

Object node_document(std::string_view id, const governance::NodeRecord& node) {
  Object document;
  document["nodeId"] = id;
  document["status"] = node.status;
  document["nodeData"] = nullptr;
  if (const auto certificate = crypto::Certificate::from_der(node.certificate))
    document["certificate"] = certificate->pem();
  document["retiredCommitted"] = node.status == "Retired";
  document["rpcInterfaces"] = Object();
  return document;
}

Object quote_info(const attestation::SnpEvidence& evidence) {
  Object info{{"format", "AMD_SEV_SNP_v1"}};
  if (!evidence.uvm_endorsements.empty())
    info["uvmEndorsements"] = to_base64(evidence.uvm_endorsements);
  if (const auto tcb = from_hex(evidence.endorsed_tcb); tcb && !tcb->empty())
    info["endorsedTcb"] = to_base64(*tcb);
  return info;
}

Object join_policy_document(const governance::JoinPolicy& policy) {
  Array measurements;
  for (const auto& measurement : policy.snp_measurements) measurements.emplace_back(measurement);
  Object host_data;
  for (const auto& [digest, text] : policy.snp_host_data) host_data[digest] = text;
  Object endorsements;
  for (const auto& [did, feeds] : policy.snp_uvm_endorsements) {
    Object of_did;
    for (const auto& [feed, svn] : feeds) of_did[feed] = Object{{"svn", svn}};
    endorsements[did] = std::move(of_did);
  }
  Object tcb_versions;
  for (const auto& [cpuid, tcb] : policy.snp_tcb_versions)
    tcb_versions[cpuid] = tcb_document(cpuid, tcb);
  Object snp;
  snp["measurements"] = std::move(measurements);
  snp["hostData"] = std::move(host_data);
  snp["uvmEndorsements"] = std::move(endorsements);
  snp["tcbVersions"] = std::move(tcb_versions);
  Object document;
  // Kinds of nodes that this service never lets in.
  document["sgx"] = Object{{"measurements", Array()}};
  document["virtual"] = Object{{"measurements", Array()}, {"hostData", Array()}};
  document["snp"] = std::move(snp);
  return document;
}

Object jwk_document(const governance::State& state) {
  Object issuers;
  for (const auto& [name, issuer] : state.issuers) {
    Object entry{{"autoRefresh", issuer.auto_refresh}};
    if (!issuer.ca_cert_bundle_name.empty()) entry["caCertBundleName"] = issuer.ca_cert_bundle_name;
    issuers[name] = std::move(entry);
  }
  Object keys;
  // A key counts for its issuer alone.
  each_jwt_key(state, [&](std::string_view kid, const std::string& pem, const std::string& issuer) {
    array_in(keys, kid).push_back(
        Object{{"publicKey", pem}, {"issuer", issuer}, {"constraint", issuer}});
  });
  Object bundles;
  for (const auto& [name, pem] : state.ca_cert_bundles) bundles[name] = pem;
  Object document;
  document["issuers"] = std::move(issuers);
  document["keys"] = std::move(keys);
  document["caCertBundles"] = std::move(bundles);
  return document;
}

Object classic_summary(const Proposal& proposal) {
  Object document;
  document["proposal_id"] = proposal.id;
  document["proposer_id"] = proposal.proposer;
  document["state"] = governance::name_of(proposal.state);
  document["ballot_count"] = proposal.ballots.size();
  add_outcome(document, proposal, kClassicSummaryNames);
  return document;
}

Object classic_proposal(const Proposal& proposal) {
  Object ballots;
  for (const auto& [member, ballot] : proposal.ballots) ballots[member] = ballot.script;
  Object document;
  document["proposer_id"] = proposal.proposer;
  document["state"] = governance::name_of(proposal.state);
  document["ballots"] = std::move(ballots);
  add_outcome(document, proposal, kClassicNames);
  return document;
}

Object classic_members(const governance::State& state) {
  Object document;
  for (const auto& [id, member] : state.members) {
    Object entry;
    entry["cert"] = member.certificate.pem();
    entry["member_data"] = member.data;
    if (member.encryption_key) entry["public_encryption_key"] = member.encryption_key->pem();
    entry["status"] = status_name(member);
    document[id] = std::move(entry);
  }
  return document;
}

Object classic_jwt_keys(const governance::State& state) {
  Object document;
  each_jwt_key(state, [&](std::string_view kid, const std::string& pem, const std::string& issuer) {
    array_in(document, kid)
        .push_back(Object{{"public_key", pem}, {"issuer", issuer}, {"constraint", issuer}});
  });
  return document;
}

}  // namespace vitrine::service
