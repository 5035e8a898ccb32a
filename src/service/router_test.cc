#include "service/router.h"

#include <gtest/gtest.h>

#include "service/routes.h"

namespace vitrine::service {
namespace {

Router kms_router() {
  Router router;
  add_kms_routes(router);
  add_node_routes(router);
  add_log_routes(router);
  add_governance_routes(router);
  add_classic_governance_routes(router);
  return router;
}

std::string body_of_missing(std::string_view method, std::string_view path, int status) {
  net::Response error;
  EXPECT_EQ(kms_router().find(method, path, error), nullptr);
  EXPECT_EQ(error.status, status);
  return error.body;
}

TEST(Router, AnswersAppPathsWithAndWithoutThePrefix) {
  EXPECT_EQ(without_app("/app/key"), "/key");
  EXPECT_EQ(without_app("/key"), "/key");
  EXPECT_EQ(without_app("/app"), "/app");
  EXPECT_EQ(without_app("/application"), "/application");
  EXPECT_EQ(without_app("/node/network"), "/node/network");
  for (const char* of_the_node : {"/app/node/network", "/app/metrics", "/app/gov/proposals"})
    EXPECT_EQ(without_app(of_the_node), of_the_node) << "only app paths have the prefix";
}

TEST(Router, FindsEveryRouteOfTheContract) {
  const Router router = kms_router();
  const std::vector<std::pair<std::string, std::string>> routes = {
      {"GET", "/heartbeat"},
      {"GET", "/auth"},
      {"POST", "/refresh"},
      {"GET", "/pubkey"},
      {"GET", "/listpubkeys"},
      {"POST", "/key"},
      {"POST", "/unwrapKey"},
      {"GET", "/keyReleasePolicy"},
      {"GET", "/settingsPolicy"},
      {"GET", "/keyRotationPolicy"},
      {"GET", "/jwtValidationPolicy"},
      {"POST", "/proposals"},
      {"GET", "/proposals"},
      {"GET", "/receipt"},
      {"GET", "/tx"},
      {"GET", "/commit"},
      {"GET", "/node/network"},
      {"GET", "/node/state"},
      {"GET", "/node/version"},
      {"GET", "/node/ready/app"},
      {"GET", "/node/network/nodes"},
      {"GET", "/node/network/nodes/self"},
      {"GET", "/node/network/nodes/primary"},
      {"GET", "/node/quotes"},
      {"GET", "/node/quotes/self"},
      {"GET", "/node/attestations"},
      {"GET", "/node/attestations/self"},
      {"GET", "/metrics"},
      {"GET", "/checkpoint"},
      {"GET", "/head"},
      {"GET", "/tile/0/000"},
      {"GET", "/tile/entries/x001/067.p/3"},
      {"GET", "/blob/00"},
      {"GET", "/node/ready/gov"},
      {"POST", "/gov/members/proposals:create"},
      {"GET", "/gov/members/proposals"},
      {"GET", "/gov/members/proposals/00"},
      {"GET", "/gov/members/proposals/00/actions"},
      {"POST", "/gov/members/proposals/00:withdraw"},
      {"POST", "/gov/members/proposals/00/ballots/11:submit"},
      {"GET", "/gov/members/proposals/00/ballots/11"},
      {"GET", "/gov/members/state-digests/11"},
      {"POST", "/gov/members/state-digests/11:update"},
      {"POST", "/gov/members/state-digests/11:ack"},
      {"GET", "/gov/service/info"},
      {"GET", "/gov/service/constitution"},
      {"GET", "/gov/service/members"},
      {"GET", "/gov/service/members/11"},
      {"GET", "/gov/service/users"},
      {"GET", "/gov/service/users/11"},
      {"GET", "/gov/service/nodes"},
      {"GET", "/gov/service/nodes/11"},
      {"GET", "/gov/service/join-policy"},
      {"GET", "/gov/service/jwk"},
      {"GET", "/gov/service/javascript-app"},
      {"GET", "/gov/service/javascript-modules"},
      {"GET", "/gov/service/javascript-modules/a.js"},
      {"GET", "/gov/service/transactions/commit"},
      {"GET", "/gov/service/transactions/2.5"},
      {"POST", "/gov/proposals"},
      {"GET", "/gov/proposals"},
      {"GET", "/gov/proposals/00"},
      {"GET", "/gov/proposals/00/actions"},
      {"POST", "/gov/proposals/00/withdraw"},
      {"POST", "/gov/proposals/00/ballots"},
      {"GET", "/gov/proposals/00/ballots/11"},
      {"POST", "/gov/ack/update_state_digest"},
      {"POST", "/gov/ack"},
      {"GET", "/gov/members"},
      {"GET", "/gov/jwt_keys/all"},
      {"GET", "/gov/tx"},
      {"GET", "/gov/commit"},
      {"GET", "/gov/receipt"}};
  for (const auto& [method, path] : routes) {
    net::Response error;
    EXPECT_NE(router.find(method, path, error), nullptr) << method << " " << path;
  }
}

// What verifies evidence or writes is never done on the I/O thread, and no one who is unknown
// spends what releases and governance have.
TEST(Router, AsksWhoCallsBeforeABudgetIsSpent) {
  const Router router = kms_router();
  const auto of = [&](std::string_view method, std::string_view path) {
    net::Response error;
    const Route* route = router.find(method, path, error);
    EXPECT_NE(route, nullptr) << path;
    return *route;
  };
  for (const char* path : {"/key", "/unwrapKey"}) {
    EXPECT_EQ(of("POST", path).budget, Budget::release);
    EXPECT_EQ("/" + of("POST", path).endpoint, path);
  }
  EXPECT_EQ(of("POST", "/refresh").budget, Budget::governance);
  EXPECT_EQ(of("POST", "/refresh").endpoint, "refresh");
  EXPECT_EQ(of("POST", "/proposals").budget, Budget::governance);
  for (const char* path : {"/receipt", "/tx", "/auth", "/keyReleasePolicy", "/proposals"})
    EXPECT_EQ(of("GET", path).budget, Budget::open) << path;
  for (const char* path : {"/heartbeat", "/pubkey", "/listpubkeys", "/node/network", "/metrics"})
    EXPECT_EQ(of("GET", path).budget, Budget::immediate) << path;
}

TEST(Router, TakesWhatEndsInASlashForEveryPathBelowIt) {
  const Router router = kms_router();
  net::Response error;
  const Route* route = router.find("GET", "/tile/0/000", error);
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->path, "/tile/") << "one label for all of them in the metrics";
  EXPECT_EQ(route->budget, Budget::open);
  EXPECT_EQ(router.find("GET", "/tile", error), nullptr);
  EXPECT_EQ(router.find("GET", "/tiles/0/000", error), nullptr);
  EXPECT_EQ(router.find("POST", "/tile/0/000", error), nullptr);
  EXPECT_EQ(error.status, 405);
}

TEST(Router, TellsAVerbOfAResourceFromTheResource) {
  Router router;
  router.add({"GET", "/p/{id}", Budget::open, "", get_tx});
  router.add({"POST", "/p/{id}:withdraw", Budget::governance, "", get_tx});
  router.add({"GET", "/p/all", Budget::open, "", get_tx});
  net::Response error;
  const auto path_of = [&](std::string_view method, std::string_view path) {
    const Route* route = router.find(method, path, error);
    return route == nullptr ? std::to_string(error.status) : route->path;
  };
  EXPECT_EQ(path_of("GET", "/p/00"), "/p/{id}") << "one label for all of them in the metrics";
  EXPECT_EQ(path_of("GET", "/p/all"), "/p/all") << "a path that is written out comes first";
  EXPECT_EQ(path_of("POST", "/p/00:withdraw"), "/p/{id}:withdraw");
  EXPECT_EQ(path_of("GET", "/p/00:withdraw"), "405");
  EXPECT_EQ(path_of("POST", "/p/00:drop"), "404");
  EXPECT_EQ(path_of("GET", "/p/{id}"), "/p/{id}") << "a brace is a character like any other";
  EXPECT_EQ(path_of("GET", "/p"), "404");
}

// What members do is never closed to them, nor what says how the node is.
TEST(Router, ClosesTheApplicationAloneUntilTheServiceIsOpen) {
  const Router router = kms_router();
  for (const Route* route : router.all()) {
    const bool gov = route->path.starts_with("/gov/");
    const bool node = route->path.starts_with("/node/") || route->path == "/metrics";
    const bool log = route->path == "/checkpoint" || route->path == "/head" ||
                     route->path == "/tile/" || route->path == "/blob/";
    EXPECT_EQ(route->of_application, !gov && !node && !log) << route->path;
  }
}

// Who signs is known before what governance has is spent.
TEST(Router, SpendsWhatGovernanceHasOnVerifiedRequestsAlone) {
  const Router router = kms_router();
  for (const Route* route : router.all()) {
    if (!route->path.starts_with("/gov/")) continue;
    const bool writes = route->method == "POST";
    EXPECT_EQ(writes, route->budget == Budget::governance) << route->path;
    EXPECT_EQ(writes, static_cast<bool>(route->screen)) << route->path;
  }
}

TEST(Router, NamesAnUnknownPath) {
  EXPECT_EQ(body_of_missing("GET", "/nothere", 404),
            R"({"error":{"code":"ResourceNotFound","message":"Unknown path: /nothere."}})");
  body_of_missing("GET", "/key/", 404);
  body_of_missing("GET", "", 404);
}

TEST(Router, ListsTheMethodsOfAPathToAWrongVerb) {
  EXPECT_EQ(
      body_of_missing("GET", "/key", 405),
      R"({"error":{"code":"UnsupportedHttpVerb","message":"Allowed methods for '/key' are: OPTIONS, POST."}})");
  EXPECT_EQ(
      body_of_missing("DELETE", "/proposals", 405),
      R"({"error":{"code":"UnsupportedHttpVerb","message":"Allowed methods for '/proposals' are: GET, OPTIONS, POST."}})");
  body_of_missing("get", "/heartbeat", 405);
}

TEST(Router, AnswersOptionsWithTheListAlone) {
  net::Response answer;
  EXPECT_EQ(kms_router().find("OPTIONS", "/key", answer), nullptr);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(net::find_header(answer.headers, "allow"), "OPTIONS, POST");
}

}  // namespace
}  // namespace vitrine::service
