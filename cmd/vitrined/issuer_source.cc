#include "vitrined/issuer_source.h"

#include "net/client.h"

namespace vitrine::vitrined {
namespace {

constexpr std::string_view kScheme = "https://";

struct Target {
  std::string server;  // "https://host:port"
  std::string path;    // with the query
};

Target split(const std::string& url) {
  const auto end = std::min(url.find_first_of("/?", kScheme.size()), url.size());
  std::string path = url.substr(end);
  if (path.empty() || path.front() != '/') path.insert(path.begin(), '/');
  return {url.substr(0, end), std::move(path)};
}

}  // namespace

Result<std::string> HttpsIssuerSource::get(const std::string& url,
                                           const std::vector<crypto::Certificate>& roots,
                                           std::size_t bytes_max) {
  if (!url.starts_with(kScheme)) return malformed("GET " + url + ": not an https URL");
  const Target target = split(url);
  net::ClientConfig config;
  config.url = target.server;
  config.roots = roots;
  config.timeout = patience_;
  config.body_bytes_max = bytes_max;
  config.stopped = &stopped_;
  VITRINE_TRY(const auto client, net::Client::make(std::move(config)));
  net::Request request;
  request.method = "GET";
  request.target = target.path;
  request.headers = {{"accept", "application/json"}};
  auto answer = client->send(request);
  if (!answer) {
    Error error = std::move(answer).error();
    if (error.code == Code::denied)
      error.hint = "the issuer's CA bundle must hold the root of its server's certificate";
    return tl::unexpected<Error>(std::move(error));
  }
  if (answer->status != 200) {
    const bool elsewhere = answer->status >= 300 && answer->status < 400;
    return unavailable("GET " + url + ": status " + std::to_string(answer->status),
                       elsewhere ? "redirects are not followed" : "");
  }
  return std::move(answer->body);
}

}  // namespace vitrine::vitrined
