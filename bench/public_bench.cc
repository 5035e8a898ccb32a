// What anyone may ask for: GET /app/listpubkeys and /app/pubkey over kept TLS connections, CPU of
// the serving process per request. Its limit, in the same run: the same server whose handler
// answers with the same body at once. `ratio` is the limit's CPU over the service's: the share of
// the bare server's requests per CPU-second that is reached. `openssl_us` is a loop of epoll and
// OpenSSL that reads no HTTP at all; p50 and p99 are taken at half of the load that was reached.
#include "bench/wire_bed.h"
#include "service/service.h"

namespace vitrine::bench {
namespace {

MakeWork requests_to(std::uint16_t port, const std::string& target, std::size_t body_bytes) {
  return [=] {
    net::ClientConfig config;
    config.url = "https://127.0.0.1:" + std::to_string(port);
    config.insecure_skip_verify = true;
    const std::shared_ptr<net::Client> client = must(net::Client::make(config));
    return [=] {
      const auto answer = client->send({"GET", target, {}, "", "", {}});
      return answer && answer->status == 200 && answer->body.size() == body_bytes;
    };
  };
}

std::unique_ptr<net::Server> serve(const net::TlsIdentity& identity, net::Handler handler) {
  net::ServerConfig config;
  config.port = 0;
  return must(net::Server::start(config, identity, std::move(handler),
                                 [](int status, std::string_view, std::string_view) {
                                   return net::Response{status, {}, {}};
                                 }));
}

std::string wire_text(const net::Response& answer) {
  std::string text = "HTTP/1.1 200 OK\r\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n" + answer.body;
}

void public_route(benchmark::State& state, const std::string& target) {
  const int requests = tiny() ? 64 : 20'000;
  Bed bed;
  metrics::Registry registry;
  service::Service service(bed.core(), registry);
  const auto identity = make_identity();
  const auto server = serve(identity, [&](net::Request request, net::Respond respond) {
    service.handle(std::move(request), std::move(respond));
  });
  net::ClientConfig config;
  config.url = "https://127.0.0.1:" + std::to_string(server->port());
  config.insecure_skip_verify = true;
  const auto answer = must(must(net::Client::make(config))->send({"GET", target, {}, "", "", {}}));
  if (answer.status != 200) std::abort();
  net::Response fixed = answer;
  std::erase_if(fixed.headers, [](const auto& field) { return field.first == "content-length"; });
  const auto bare = serve(
      identity, [&fixed](const net::Request&, const net::Respond& respond) { respond(fixed); });
  const BareAnswers openssl(identity, wire_text(answer));

  const auto size = answer.body.size();
  for (auto _ : state) {
    for (const auto port : {server->port(), bare->port(), openssl.port()}) {
      run_clients(requests_to(port, target, size), requests / 10 + kClients);  // warm
    }
    const Load ours = run_clients(requests_to(server->port(), target, size), requests);
    const Load limit = run_clients(requests_to(bare->port(), target, size), requests);
    const Load loop = run_clients(requests_to(openssl.port(), target, size), requests);
    const Load half =
        run_clients(requests_to(server->port(), target, size), requests / 2, ours.per_second / 2);
    state.SetIterationTime(ours.cpu_us_each / 1e6);
    state.counters["cpu_us"] = ours.cpu_us_each;
    state.counters["bare_us"] = limit.cpu_us_each;
    state.counters["openssl_us"] = loop.cpu_us_each;
    state.counters["ratio"] = limit.cpu_us_each / ours.cpu_us_each;
    state.counters["per_s"] = ours.per_second;
    state.counters["p50_ms"] = half.p50_ms;
    state.counters["p99_ms"] = half.p99_ms;
    state.counters["body_bytes"] = static_cast<double>(size);
  }
  server->stop(std::chrono::seconds(1));
  service.stop();
}
void listpubkeys(benchmark::State& state) { public_route(state, "/app/listpubkeys"); }
void pubkey(benchmark::State& state) { public_route(state, "/app/pubkey"); }
BENCHMARK(listpubkeys)
    ->Name("public/listpubkeys")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(pubkey)
    ->Name("public/pubkey")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vitrine::bench
