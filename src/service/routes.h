// The functions behind the routes, one file per resource.
#pragma once

#include "service/exchange.h"

namespace vitrine::service {

// heartbeat.cc, auth.cc
net::Response get_heartbeat(Exchange& exchange);
net::Response get_auth(Exchange& exchange);
// public_keys.cc
net::Response get_pubkey(Exchange& exchange);
net::Response get_listpubkeys(Exchange& exchange);
// refresh.cc, key.cc, unwrap_key.cc
net::Response post_refresh(Exchange& exchange);
net::Response post_key(Exchange& exchange);
net::Response post_unwrap_key(Exchange& exchange);
// policies.cc
net::Response get_key_release_policy(Exchange& exchange);
net::Response get_settings_policy(Exchange& exchange);
net::Response get_key_rotation_policy(Exchange& exchange);
net::Response get_jwt_validation_policy(Exchange& exchange);
// proposals.cc
net::Response post_proposals(Exchange& exchange);
net::Response get_proposals(Exchange& exchange);
// node.cc
net::Response get_network(Exchange& exchange);
net::Response get_state(Exchange& exchange);
net::Response get_version(Exchange& exchange);
net::Response get_issuer_refreshes(Exchange& exchange);
net::Response get_ready(Exchange& exchange);
net::Response get_ready_gov(Exchange& exchange);
net::Response get_nodes(Exchange& exchange);
net::Response get_node(Exchange& exchange);  // self and primary
// quotes.cc
net::Response get_quotes(Exchange& exchange);
net::Response get_own_quote(Exchange& exchange);
// gov_proposals.cc
net::Response post_gov_proposal(Exchange& exchange);
net::Response get_gov_proposals(Exchange& exchange);
net::Response get_gov_proposal(Exchange& exchange);
net::Response get_gov_proposal_actions(Exchange& exchange);
net::Response post_gov_withdrawal(Exchange& exchange);
net::Response post_gov_ballot(Exchange& exchange);
net::Response get_gov_ballot(Exchange& exchange);
// gov_state_digests.cc
net::Response get_gov_state_digest(Exchange& exchange);
net::Response post_gov_state_digest(Exchange& exchange);
net::Response post_gov_ack(Exchange& exchange);
// gov_service.cc
net::Response get_gov_info(Exchange& exchange);
net::Response get_gov_constitution(Exchange& exchange);
net::Response get_gov_members(Exchange& exchange);
net::Response get_gov_member(Exchange& exchange);
net::Response get_gov_users(Exchange& exchange);
net::Response get_gov_user(Exchange& exchange);
net::Response get_gov_nodes(Exchange& exchange);
net::Response get_gov_node(Exchange& exchange);
net::Response get_gov_join_policy(Exchange& exchange);
net::Response get_gov_jwk(Exchange& exchange);
net::Response get_gov_javascript_app(Exchange& exchange);
net::Response get_gov_javascript_modules(Exchange& exchange);
net::Response get_gov_javascript_module(Exchange& exchange);
net::Response get_gov_transaction(Exchange& exchange);
net::Response get_gov_commit(Exchange& exchange);
// gov_classic.cc
net::Response post_classic_proposal(Exchange& exchange);
net::Response get_classic_proposals(Exchange& exchange);
net::Response get_classic_proposal(Exchange& exchange);
net::Response get_classic_actions(Exchange& exchange);
net::Response post_classic_withdrawal(Exchange& exchange);
net::Response post_classic_ballot(Exchange& exchange);
net::Response get_classic_ballot(Exchange& exchange);
net::Response post_classic_state_digest(Exchange& exchange);
net::Response post_classic_ack(Exchange& exchange);
net::Response get_classic_members(Exchange& exchange);
net::Response get_classic_jwt_keys(Exchange& exchange);
// transactions.cc
net::Response get_receipt(Exchange& exchange);
net::Response get_tx(Exchange& exchange);
net::Response get_commit(Exchange& exchange);
// public_log.cc
net::Response get_checkpoint(Exchange& exchange);
net::Response get_signed_head(Exchange& exchange);
net::Response get_tile(Exchange& exchange);  // and entry bundles
net::Response get_blob(Exchange& exchange);
// metrics.cc
net::Response get_metrics(Exchange& exchange);

}  // namespace vitrine::service
