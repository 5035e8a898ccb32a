#include "service/router.h"

namespace vitrine::service {

std::string_view without_app(std::string_view path) {
  constexpr std::string_view kPrefix = "/app/";
  if (!path.starts_with(kPrefix)) return path;
  const std::string_view rest = path.substr(kPrefix.size() - 1);
  return rest.starts_with("/node/") ? path : rest;  // the node's own paths are no app's
}

void Router::add(std::string_view method, std::string_view path, Cost cost,
                 std::function<net::Response(Exchange&)> run) {
  routes_[std::string(path)].emplace(std::string(method), Route{std::move(run), cost});
}

const Route* Router::find(std::string_view method, std::string_view path,
                          net::Response& error) const {
  const auto methods = routes_.find(path);
  if (methods == routes_.end()) {
    error = framework_error(404, "ResourceNotFound", "Unknown path: " + std::string(path) + ".");
    return nullptr;
  }
  if (const auto route = methods->second.find(method); route != methods->second.end())
    return &route->second;
  std::string allowed;
  bool options_listed = false;
  const auto list = [&allowed](std::string_view name) {
    if (!allowed.empty()) allowed += ", ";
    allowed += name;
  };
  for (const auto& [name, route] : methods->second) {
    if (!options_listed && std::string_view("OPTIONS") < name) {
      list("OPTIONS");
      options_listed = true;
    }
    list(name);
  }
  if (!options_listed) list("OPTIONS");
  error = method == "OPTIONS" ? no_content()
                              : framework_error(405, "UnsupportedHttpVerb",
                                                "Allowed methods for '" + std::string(path) +
                                                    "' are: " + allowed + ".");
  add_header(error, "allow", allowed);
  return nullptr;
}

}  // namespace vitrine::service
