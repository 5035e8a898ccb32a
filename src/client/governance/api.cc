#include "client/governance/api.h"

#include "client/governance/signed_request.h"

namespace vitrine::client {
namespace {

constexpr std::string_view kVersionQuery = "?api-version=2024-07-01";

std::string proposal_path(std::string_view id) {
  return "/members/proposals/" + percent_encoded(id);
}
std::string digest_path(std::string_view member_id) {
  return "/members/state-digests/" + percent_encoded(member_id);
}

}  // namespace

Result<Answer> GovernanceApi::get(const std::string& path) {
  const std::string target = "/gov" + path;
  VITRINE_TRY(const auto response,
              service_.send("GET", target + std::string(kVersionQuery), {}, {}));
  return read_answer("GET " + target, response);
}

Result<Answer> GovernanceApi::constitution() {
  const std::string target = "/gov/service/constitution";
  VITRINE_TRY(const auto response,
              service_.send("GET", target + std::string(kVersionQuery) + "&format=json", {}, {}));
  return read_answer("GET " + target, response);
}

Result<Answer> GovernanceApi::post(const std::string& path, ByteView signed_request) {
  const std::string target = "/gov" + path;
  VITRINE_TRY(const auto response, service_.send("POST", target + std::string(kVersionQuery),
                                                 to_text(signed_request), "application/cose"));
  return read_answer("POST " + target, response);
}

Result<Answer> GovernanceApi::proposal(std::string_view id) { return get(proposal_path(id)); }

Result<Answer> GovernanceApi::proposal_document(std::string_view id) {
  return get(proposal_path(id) + "/actions");
}

Result<Answer> GovernanceApi::state_digest(std::string_view member_id) {
  return get(digest_path(member_id));
}

Result<Answer> GovernanceApi::encrypted_share(std::string_view member_id) {
  return get("/recovery/encrypted-shares/" + percent_encoded(member_id));
}

Result<Answer> GovernanceApi::create_proposal(ByteView signed_request) {
  return post("/members/proposals:create", signed_request);
}

Result<Answer> GovernanceApi::submit_ballot(std::string_view id, std::string_view member_id,
                                            ByteView signed_request) {
  return post(proposal_path(id) + "/ballots/" + percent_encoded(member_id) + ":submit",
              signed_request);
}

Result<Answer> GovernanceApi::withdraw(std::string_view id, ByteView signed_request) {
  VITRINE_TRY(auto answer, post(proposal_path(id) + ":withdraw", signed_request));
  // An unknown id is answered with 204, as peers do (ccf.md 3).
  if (answer.status == 204) return not_found("the service has no proposal " + std::string(id));
  return answer;
}

Result<Answer> GovernanceApi::update_state_digest(std::string_view member_id,
                                                  ByteView signed_request) {
  return post(digest_path(member_id) + ":update", signed_request);
}

Result<Answer> GovernanceApi::ack(std::string_view member_id, ByteView signed_request) {
  return post(digest_path(member_id) + ":ack", signed_request);
}

Result<Answer> GovernanceApi::submit_share(std::string_view member_id, ByteView signed_request) {
  return post("/recovery/members/" + percent_encoded(member_id) + ":recover", signed_request);
}

Result<Answer> GovernanceApi::send(ByteView signed_request) {
  VITRINE_TRY(const auto message,
              crypto::parse_cose_sign1(signed_request, crypto::CoseTag::required));
  VITRINE_TRY(const auto header, header_of(message));
  switch (header.type) {
    case RequestType::proposal:
      return create_proposal(signed_request);
    case RequestType::ballot:
      return submit_ballot(header.proposal_id, header.signer, signed_request);
    case RequestType::withdrawal:
      return withdraw(header.proposal_id, signed_request);
    case RequestType::state_digest:
      return update_state_digest(header.signer, signed_request);
    case RequestType::ack:
      return ack(header.signer, signed_request);
    case RequestType::recovery_share:
      return submit_share(header.signer, signed_request);
  }
  return internal("a request of no type");
}

}  // namespace vitrine::client
