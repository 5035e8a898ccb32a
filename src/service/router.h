// Routes: which path and method goes to which function, whether it is cheap enough to answer on the
// I/O thread, and the framework's answers to everything else (kms-api.md 1.6). The table is in
// routes.cc.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "service/exchange.h"

namespace vitrine::service {

enum class Cost {
  small,  // reads a view: answered at once
  large,  // verifies, wraps, signs or waits for the disk: a worker's
};

struct Route {
  std::function<net::Response(Exchange&)> run;
  Cost cost = Cost::small;
};

class Router {
 public:
  // `path` without "/app"; app routes answer with and without it.
  void add(std::string_view method, std::string_view path, Cost cost,
           std::function<net::Response(Exchange&)> run);
  // nullptr: `error` is the answer (404, 405, or 204 to OPTIONS).
  const Route* find(std::string_view method, std::string_view path, net::Response& error) const;

 private:
  std::map<std::string, std::map<std::string, Route, std::less<>>, std::less<>>
      routes_;  // path → method
};

// "/app/key" → "/key"; other paths as they are.
std::string_view without_app(std::string_view path);

void add_kms_routes(Router& router);   // section 2 of the contract
void add_node_routes(Router& router);  // section 3: /node/…, /receipt, /tx, /commit

}  // namespace vitrine::service
