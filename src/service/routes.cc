#include "service/routes.h"

#include "service/router.h"

namespace vitrine::service {

void add_kms_routes(Router& router) {
  router.add("GET", "/heartbeat", Cost::small, get_heartbeat);
  router.add("GET", "/auth", Cost::large, get_auth);  // verifies a token
  router.add("POST", "/refresh", Cost::large, post_refresh);
  router.add("GET", "/pubkey", Cost::small, get_pubkey);
  router.add("GET", "/listpubkeys", Cost::small, get_listpubkeys);
  router.add("POST", "/key", Cost::large, post_key);
  router.add("POST", "/unwrapKey", Cost::large, post_unwrap_key);
  router.add("GET", "/keyReleasePolicy", Cost::large, get_key_release_policy);
  router.add("GET", "/settingsPolicy", Cost::large, get_settings_policy);
  router.add("GET", "/keyRotationPolicy", Cost::large, get_key_rotation_policy);
  router.add("GET", "/jwtValidationPolicy", Cost::large, get_jwt_validation_policy);
  router.add("POST", "/proposals", Cost::large, post_proposals);
  router.add("GET", "/proposals", Cost::large, get_proposals);
}

void add_node_routes(Router& router) {
  router.add("GET", "/node/network", Cost::small, get_network);
  router.add("GET", "/node/state", Cost::small, get_state);
  router.add("GET", "/node/version", Cost::small, get_version);
  router.add("GET", "/node/ready/app", Cost::small, get_ready);
  router.add("GET", "/node/network/nodes", Cost::small, get_nodes);
  router.add("GET", "/node/network/nodes/self", Cost::small, get_node);
  router.add("GET", "/node/network/nodes/primary", Cost::small, get_node);
  // Common endpoints: under /app (with and without it) and /node (ccf.md 7).
  for (const std::string prefix : {"", "/node"}) {
    router.add("GET", prefix + "/receipt", Cost::large, get_receipt);
    router.add("GET", prefix + "/tx", Cost::large, get_tx);
    router.add("GET", prefix + "/commit", Cost::small, get_commit);
  }
}

}  // namespace vitrine::service
