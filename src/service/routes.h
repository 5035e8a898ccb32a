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
