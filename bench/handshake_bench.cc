// New TLS connections, TLS 1.3 with X25519 and P-256 certificates, no request: CPU of the serving
// process for each. Its limit, in the same run: accept, SSL_accept, SSL_free in a loop that blocks.
// `ratio` is the limit's CPU over ours: the share of the bare loop's connections per CPU-second.
// resumed: with a ticket of an earlier one. p50 and p99, of connect and handshake as the client
// sees them, at half of the load that was reached.
#include <chrono>
#include <thread>

#include "bench/wire_bed.h"

namespace vitrine::bench {
namespace {

// One connection, from connect to close_notify; with `session` where there is one. Gives a session
// back where `keep` asks for it.
bool connect_once(SSL_CTX* context, std::uint16_t port, SSL_SESSION* session, bool keep,
                  SSL_SESSION** kept) {
  const int socket = connect_here(port);
  if (socket < 0) return false;
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket);
  if (session != nullptr) SSL_set_session(ssl, session);
  bool good = SSL_connect(ssl) == 1 && (session == nullptr || SSL_session_reused(ssl) == 1);
  if (good && keep) {  // a ticket comes after the handshake, with the first bytes to read
    const std::string_view request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    char bytes[4'096];
    good = SSL_write(ssl, request.data(), static_cast<int>(request.size())) > 0 &&
           SSL_read(ssl, bytes, sizeof(bytes)) > 0;
    *kept = SSL_get1_session(ssl);
  }
  SSL_shutdown(ssl);
  SSL_free(ssl);
  ::close(socket);
  return good;
}

MakeWork connects(std::uint16_t port, bool resumes) {
  return [=]() -> Work {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    std::string groups = "X25519";
    if (SSL_CTX_set1_groups_list(context, groups.data()) != 1) std::abort();
    SSL_SESSION* session = nullptr;
    if (resumes && !connect_once(context, port, nullptr, true, &session)) std::abort();
    return [=] { return connect_once(context, port, session, false, nullptr); };
  };
}

void handshake(benchmark::State& state) {
  const int count = tiny() ? 32 : 2'000;
  const auto identity = make_identity();
  log::set_level(log::Level::error);
  net::ServerConfig config;
  config.port = 0;
  const auto server = must(net::Server::start(
      config, identity,
      [](const net::Request&, const net::Respond& respond) {
        respond({200, {}, "x"});
      },
      [](int status, std::string_view, std::string_view) {
        return net::Response{status, {}, {}};
      }));
  const BareHandshakes bare(identity);
  for (auto _ : state) {
    run_clients(connects(server->port(), false), count / 10 + kClients);
    run_clients(connects(bare.port(), false), count / 10 + kClients);
    const Load ours = run_clients(connects(server->port(), false), count);
    const Load limit = run_clients(connects(bare.port(), false), count);
    const auto resumed_before = server->stats().handshakes_resumed;
    const Load resumed = run_clients(connects(server->port(), true), count);
    // A client is through before the server has counted it.
    const auto all = resumed_before + static_cast<unsigned>(count);
    for (int tries = 0; tries < 1'000 && server->stats().handshakes_resumed < all; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (server->stats().handshakes_resumed < all)
      state.SkipWithError("not all of them were resumed");
    const Load half = run_clients(connects(server->port(), false), count / 2, ours.per_second / 2);
    state.SetIterationTime(ours.cpu_us_each / 1e6);
    state.counters["cpu_us"] = ours.cpu_us_each;
    state.counters["bare_us"] = limit.cpu_us_each;
    state.counters["ratio"] = limit.cpu_us_each / ours.cpu_us_each;
    state.counters["resumed_us"] = resumed.cpu_us_each;
    state.counters["per_s"] = ours.per_second;
    state.counters["p50_ms"] = half.p50_ms;
    state.counters["p99_ms"] = half.p99_ms;
  }
  server->stop(std::chrono::seconds(1));
}
BENCHMARK(handshake)
    ->Name("handshake/tls13")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vitrine::bench
