#include "service/routes.h"

#include "service/router.h"

namespace vitrine::service {

void add_kms_routes(Router& router) {
  using enum Budget;
  router.add({"GET", "/heartbeat", immediate, "", get_heartbeat});
  router.add({"GET", "/auth", open, "auth", get_auth});
  router.add({"POST", "/refresh", governance, "refresh", post_refresh});
  router.add({"GET", "/pubkey", immediate, "", get_pubkey});
  router.add({"GET", "/listpubkeys", immediate, "", get_listpubkeys});
  router.add({"POST", "/key", release, "key", post_key});
  router.add({"POST", "/unwrapKey", release, "unwrapKey", post_unwrap_key});
  router.add({"GET", "/keyReleasePolicy", open, "keyReleasePolicy", get_key_release_policy});
  router.add({"GET", "/settingsPolicy", open, "settingsPolicy", get_settings_policy});
  router.add({"GET", "/keyRotationPolicy", open, "keyRotationPolicy", get_key_rotation_policy});
  router.add(
      {"GET", "/jwtValidationPolicy", open, "jwtValidationPolicy", get_jwt_validation_policy});
  // The envelope's signature is its credential.
  router.add({"POST", "/proposals", governance, "", post_proposals});
  router.add({"GET", "/proposals", open, "", get_proposals});
}

void add_node_routes(Router& router) {
  using enum Budget;
  router.add({"GET", "/node/network", immediate, "", get_network});
  router.add({"GET", "/node/state", immediate, "", get_state});
  router.add({"GET", "/node/version", immediate, "", get_version});
  router.add({"GET", "/node/ready/app", immediate, "", get_ready});
  router.add({"GET", "/node/network/nodes", immediate, "", get_nodes});
  router.add({"GET", "/node/network/nodes/self", immediate, "", get_node});
  router.add({"GET", "/node/network/nodes/primary", immediate, "", get_node});
  // The node's own evidence, under both of its names.
  for (const std::string name : {"/node/quotes", "/node/attestations"}) {
    router.add({"GET", name, open, "", get_quotes});
    router.add({"GET", name + "/self", open, "", get_own_quote});
  }
  // Common endpoints: under /app (with and without it) and /node (ccf.md 7).
  for (const std::string prefix : {"", "/node"}) {
    router.add({"GET", prefix + "/receipt", open, "", get_receipt});
    router.add({"GET", prefix + "/tx", open, "", get_tx});
    router.add({"GET", prefix + "/commit", immediate, "", get_commit});
  }
  router.add({"GET", "/metrics", immediate, "", get_metrics});
}

void add_log_routes(Router& router) {
  using enum Budget;
  router.add({"GET", "/checkpoint", immediate, "", get_checkpoint});
  router.add({"GET", "/head", immediate, "", get_signed_head});
  router.add({"GET", "/tile/", open, "", get_tile});
  router.add({"GET", "/blob/", open, "", get_blob});
}

}  // namespace vitrine::service
