// Every endpoint of governance. Signed requests carry their own credentials; reads are for anyone.
#include "service/gov_request.h"
#include "service/router.h"
#include "service/routes.h"

namespace vitrine::service {

void add_governance_routes(Router& router) {
  const auto read = [&](const std::string& path, net::Response (*run)(Exchange&)) {
    router.add({"GET", "/gov" + path, Budget::open, "", of_2024(run)});
  };
  const auto write = [&](const std::string& path, net::Response (*run)(Exchange&)) {
    router.add({"POST", "/gov" + path, Budget::governance, "", of_2024(run)});
  };
  const std::string proposals = "/members/proposals";
  const std::string proposal = proposals + "/{proposalId}";
  write(proposals + ":create", post_gov_proposal);
  read(proposals, get_gov_proposals);
  read(proposal, get_gov_proposal);
  read(proposal + "/actions", get_gov_proposal_actions);
  write(proposal + ":withdraw", post_gov_withdrawal);
  write(proposal + "/ballots/{memberId}:submit", post_gov_ballot);
  read(proposal + "/ballots/{memberId}", get_gov_ballot);

  read("/members/state-digests/{memberId}", get_gov_state_digest);
  write("/members/state-digests/{memberId}:update", post_gov_state_digest);
  write("/members/state-digests/{memberId}:ack", post_gov_ack);

  read("/service/info", get_gov_info);
  read("/service/constitution", get_gov_constitution);
  read("/service/members", get_gov_members);
  read("/service/members/{memberId}", get_gov_member);
  read("/service/users", get_gov_users);
  read("/service/users/{userId}", get_gov_user);
  read("/service/nodes", get_gov_nodes);
  read("/service/nodes/{nodeId}", get_gov_node);
  read("/service/join-policy", get_gov_join_policy);
  read("/service/jwk", get_gov_jwk);
  read("/service/javascript-app", get_gov_javascript_app);
  read("/service/javascript-modules", get_gov_javascript_modules);
  read("/service/javascript-modules/{moduleName}", get_gov_javascript_module);
  read("/service/transactions/commit", get_gov_commit);
  read("/service/transactions/{transactionId}", get_gov_transaction);
}

void add_classic_governance_routes(Router& router) {
  const auto read = [&](const std::string& path, net::Response (*run)(Exchange&)) {
    router.add({"GET", "/gov" + path, Budget::open, "", of_classic(run)});
  };
  const auto write = [&](const std::string& path, net::Response (*run)(Exchange&)) {
    router.add({"POST", "/gov" + path, Budget::governance, "", of_classic(run)});
  };
  const std::string proposals = "/proposals";
  const std::string proposal = proposals + "/{proposalId}";
  write(proposals, post_classic_proposal);
  read(proposals, get_classic_proposals);
  read(proposal, get_classic_proposal);
  read(proposal + "/actions", get_classic_actions);
  write(proposal + "/withdraw", post_classic_withdrawal);
  write(proposal + "/ballots", post_classic_ballot);
  read(proposal + "/ballots/{memberId}", get_classic_ballot);
  write("/ack/update_state_digest", post_classic_state_digest);
  write("/ack", post_classic_ack);
  read("/members", get_classic_members);
  read("/jwt_keys/all", get_classic_jwt_keys);
}

}  // namespace vitrine::service
