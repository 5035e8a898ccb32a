// Every endpoint of governance: reads are for anyone; who signs a request is known before it spends
// what governance has.
#include "service/gov_request.h"
#include "service/router.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

using Run = net::Response (*)(Exchange&);

// The endpoints of one form.
class Endpoints {
 public:
  Endpoints(Router& router, GovForm form) : router_(router), form_(form) {}

  void read(const std::string& path, Run run) {
    const auto checked = [run, form = form_](Exchange& exchange) {
      auto refusal = check_target(exchange, form);
      return refusal ? *std::move(refusal) : run(exchange);
    };
    router_.add({"GET", "/gov" + path, Budget::open, "", checked});
  }
  void write(const std::string& path, Run run, SignedBy wanted) {
    wanted.form = form_;
    const auto screen = [wanted](Exchange& exchange) -> std::optional<net::Response> {
      if (auto refusal = check_target(exchange, wanted.form)) return refusal;
      if (wanted.form == GovForm::classic && asks_by_certificate(exchange)) return {};
      return screen_signed(exchange, wanted);
    };
    router_.add({"POST", "/gov" + path, Budget::governance, "", run, screen});
  }

 private:
  Router& router_;
  const GovForm form_;
};

}  // namespace

void add_governance_routes(Router& router) {
  Endpoints to(router, GovForm::of_2024);
  const std::string proposals = "/members/proposals";
  const std::string proposal = proposals + "/{proposalId}";
  to.write(proposals + ":create", post_gov_proposal, kSignedProposal);
  to.read(proposals, get_gov_proposals);
  to.read(proposal, get_gov_proposal);
  to.read(proposal + "/actions", get_gov_proposal_actions);
  to.write(proposal + ":withdraw", post_gov_withdrawal, kSignedWithdrawal);
  to.write(proposal + "/ballots/{memberId}:submit", post_gov_ballot, kSignedBallot);
  to.read(proposal + "/ballots/{memberId}", get_gov_ballot);

  to.read("/members/state-digests/{memberId}", get_gov_state_digest);
  to.write("/members/state-digests/{memberId}:update", post_gov_state_digest, kSignedStateDigest);
  to.write("/members/state-digests/{memberId}:ack", post_gov_ack, kSignedAck);

  to.read("/service/info", get_gov_info);
  to.read("/service/constitution", get_gov_constitution);
  to.read("/service/members", get_gov_members);
  to.read("/service/members/{memberId}", get_gov_member);
  to.read("/service/users", get_gov_users);
  to.read("/service/users/{userId}", get_gov_user);
  to.read("/service/nodes", get_gov_nodes);
  to.read("/service/nodes/{nodeId}", get_gov_node);
  to.read("/service/join-policy", get_gov_join_policy);
  to.read("/service/jwk", get_gov_jwk);
  to.read("/service/javascript-app", get_gov_javascript_app);
  to.read("/service/javascript-modules", get_gov_javascript_modules);
  to.read("/service/javascript-modules/{moduleName}", get_gov_javascript_module);
  to.read("/service/transactions/commit", get_gov_commit);
  to.read("/service/transactions/{transactionId}", get_gov_transaction);
}

void add_classic_governance_routes(Router& router) {
  Endpoints to(router, GovForm::classic);
  const std::string proposals = "/proposals";
  const std::string proposal = proposals + "/{proposalId}";
  to.write(proposals, post_classic_proposal, kSignedProposal);
  to.read(proposals, get_classic_proposals);
  to.read(proposal, get_classic_proposal);
  to.read(proposal + "/actions", get_classic_actions);
  to.write(proposal + "/withdraw", post_classic_withdrawal, kSignedWithdrawal);
  to.write(proposal + "/ballots", post_classic_ballot, kSignedBallot);
  to.read(proposal + "/ballots/{memberId}", get_classic_ballot);
  to.write("/ack/update_state_digest", post_classic_state_digest, kSignedStateDigest);
  to.write("/ack", post_classic_ack, kSignedAck);
  to.read("/members", get_classic_members);
  to.read("/jwt_keys/all", get_classic_jwt_keys);
}

}  // namespace vitrine::service
