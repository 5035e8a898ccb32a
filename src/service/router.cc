#include "service/router.h"

namespace vitrine::service {

std::string_view without_app(std::string_view path) {
  constexpr std::string_view kPrefix = "/app/";
  if (!path.starts_with(kPrefix)) return path;
  const std::string_view rest = path.substr(kPrefix.size() - 1);
  // The node's own paths and those of governance are no app's.
  return rest.starts_with("/node/") || rest.starts_with("/gov/") || rest == "/metrics" ? path
                                                                                       : rest;
}

void Router::add(Route route) {
  if (!routes_.contains(route.path)) {
    if (is_pattern(route.path))
      patterns_.push_back(route.path);
    else if (route.path.ends_with('/'))
      subtrees_.push_back(route.path);
  }
  auto& methods = routes_[route.path];
  std::string method = route.method;
  methods.emplace(std::move(method), std::move(route));
}

std::vector<const Route*> Router::all() const {
  std::vector<const Route*> list;
  for (const auto& [path, methods] : routes_) {
    for (const auto& [method, route] : methods) list.push_back(&route);
  }
  return list;
}

const Router::Methods* Router::find(std::string_view path) const {
  const auto of = [this](std::string_view known) { return &routes_.find(known)->second; };
  // A pattern is asked for by nobody.
  if (const auto exact = routes_.find(path); exact != routes_.end() && !is_pattern(path))
    return &exact->second;
  for (const std::string& pattern : patterns_) {
    if (match_path(pattern, path)) return of(pattern);
  }
  for (const std::string& subtree : subtrees_) {
    if (path.starts_with(subtree)) return of(subtree);
  }
  return nullptr;
}

const Route* Router::find(std::string_view method, std::string_view path,
                          net::Response& error) const {
  const Methods* methods = find(path);
  if (methods == nullptr) {
    error = framework_error(404, "ResourceNotFound", "Unknown path: " + std::string(path) + ".");
    return nullptr;
  }
  if (const auto route = methods->find(method); route != methods->end()) return &route->second;
  std::string allowed;
  bool options_listed = false;
  const auto list = [&allowed](std::string_view name) {
    if (!allowed.empty()) allowed += ", ";
    allowed += name;
  };
  for (const auto& [name, route] : *methods) {
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
