// Routes: which path and method goes to which function, whom it asks for credentials, which budget
// it spends, and the framework's answers to everything else (kms-api.md 1.6). The table is in
// routes.cc.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "service/budgets.h"
#include "service/exchange.h"
#include "service/path_pattern.h"

namespace vitrine::service {

struct Route {
  std::string method;
  // One that ends in "/" stands for every path below it; "{name}" for a part (path_pattern.h).
  std::string path;
  Budget budget = Budget::immediate;
  // The governed list by which callers are authenticated before the budget is spent; empty: nobody
  // is asked.
  std::string endpoint;
  std::function<net::Response(Exchange&)> run;
  // Asked on the open budget, before the route's own is spent; an answer refuses. Empty: nothing
  // is.
  std::function<std::optional<net::Response>(Exchange&)> screen;
  bool of_application = false;  // closed until the service is open
};

class Router {
 public:
  // Its path without "/app"; app routes answer with and without it.
  void add(Route route);
  // nullptr: `error` is the answer (404, 405, or 204 to OPTIONS).
  const Route* find(std::string_view method, std::string_view path, net::Response& error) const;
  std::vector<const Route*> all() const;

 private:
  using Methods = std::map<std::string, Route, std::less<>>;

  // nullptr: the path is unknown.
  const Methods* find(std::string_view path) const;

  std::map<std::string, Methods, std::less<>> routes_;
  std::vector<std::string> patterns_;  // the paths of it with a "{name}"
  std::vector<std::string> subtrees_;  // the paths of it that end in "/"
};

// "/app/key" → "/key"; other paths as they are.
std::string_view without_app(std::string_view path);

void add_kms_routes(Router& router);   // section 2 of the contract
void add_node_routes(Router& router);  // section 3: /node/…, /receipt, /tx, /commit; and /metrics
void add_recovery_routes(Router& router);            // /gov/recovery/… and its classic names
void add_log_routes(Router& router);                 // the public log: C2SP tlog-tiles
void add_governance_routes(Router& router);          // /gov, the form of 2024-07-01
void add_classic_governance_routes(Router& router);  // /gov without api-version

}  // namespace vitrine::service
