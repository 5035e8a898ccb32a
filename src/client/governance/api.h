// The governance API of the service, 2024-07-01 form (ccf.md 3): one function per endpoint. What is
// read is trusted as far as the pinned certificate goes; the ledger proves it. Not thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "client/service.h"

namespace vitrine::client {

class GovernanceApi {
 public:
  explicit GovernanceApi(Service& service) : service_(service) {}

  // Each a JSON document as the contract writes it.
  Result<Answer> info() { return get("/service/info"); }
  Result<Answer> members() { return get("/service/members"); }
  Result<Answer> users() { return get("/service/users"); }
  Result<Answer> nodes() { return get("/service/nodes"); }
  Result<Answer> join_policy() { return get("/service/join-policy"); }
  Result<Answer> jwk() { return get("/service/jwk"); }
  // Ours is a table in JSON; another service's a program, which is no JSON: internal.
  Result<Answer> constitution();
  Result<Answer> proposals() { return get("/members/proposals"); }
  Result<Answer> proposal(std::string_view id);  // not_found
  Result<Answer> proposal_document(std::string_view id);
  Result<Answer> state_digest(std::string_view member_id);
  Result<Answer> encrypted_share(std::string_view member_id);

  // Each takes a signed request of the type that the endpoint wants.
  Result<Answer> create_proposal(ByteView signed_request);
  Result<Answer> submit_ballot(std::string_view id, std::string_view member_id,
                               ByteView signed_request);
  Result<Answer> withdraw(std::string_view id, ByteView signed_request);
  Result<Answer> update_state_digest(std::string_view member_id, ByteView signed_request);
  Result<Answer> ack(std::string_view member_id, ByteView signed_request);  // an empty answer
  Result<Answer> submit_share(std::string_view member_id, ByteView signed_request);

  // Sends a signed request to the endpoint that its own header names.
  Result<Answer> send(ByteView signed_request);

 private:
  Result<Answer> get(const std::string& path);
  Result<Answer> post(const std::string& path, ByteView signed_request);

  Service& service_;
};

}  // namespace vitrine::client
