#include "service/routes.h"

#include "service/router.h"

namespace vitrine::service {
namespace {

// Adds routes that are closed until the service is open.
class OfApplication {
 public:
  explicit OfApplication(Router& router) : router_(router) {}
  void add(Route route) {
    route.of_application = true;
    router_.add(std::move(route));
  }

 private:
  Router& router_;
};

void add_common(auto& router, const std::string& prefix) {
  using enum Budget;
  router.add({"GET", prefix + "/receipt", open, "", get_receipt});
  router.add({"GET", prefix + "/tx", open, "", get_tx});
  router.add({"GET", prefix + "/commit", immediate, "", get_commit});
}

}  // namespace

void add_kms_routes(Router& whole) {
  using enum Budget;
  OfApplication router(whole);
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
  add_common(router, "");
}

void add_node_routes(Router& router) {
  using enum Budget;
  router.add({"GET", "/node/network", immediate, "", get_network});
  router.add({"GET", "/node/state", immediate, "", get_state});
  router.add({"GET", "/node/version", immediate, "", get_version});
  router.add({"GET", "/node/ready/app", immediate, "", get_ready});
  router.add({"GET", "/node/ready/gov", immediate, "", get_ready_gov});
  router.add({"GET", "/node/network/nodes", immediate, "", get_nodes});
  router.add({"GET", "/node/network/nodes/self", immediate, "", get_node});
  router.add({"GET", "/node/network/nodes/primary", immediate, "", get_node});
  // The node's own evidence, under both of its names.
  for (const std::string name : {"/node/quotes", "/node/attestations"}) {
    router.add({"GET", name, open, "", get_quotes});
    router.add({"GET", name + "/self", open, "", get_own_quote});
  }
  router.add({"GET", "/node/jwt_keys/refresh/metrics", immediate, "", get_issuer_refreshes});
  // Common endpoints: under /app, with and without it, under /node and the classic /gov (ccf.md 4,
  // 7).
  for (const std::string prefix : {"/node", "/gov"}) add_common(router, prefix);
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
