// The listener's own counts, read when somebody asks for the text.
#include "service/metrics.h"

namespace vitrine::service {
namespace {

struct Row {
  std::string_view name, help;
  std::uint64_t net::ServerStats::*count;
  metrics::Labels labels = {};
};

constexpr std::string_view kRefused = "vitrine_connections_refused_total",
                           kRefusedHelp =
                               "Connections closed to keep a bound: of all of them, of "
                               "one address, or idle ones that made room.",
                           kHandshakes = "vitrine_handshakes_total",
                           kHandshakesHelp = "TLS handshakes, by how they ended.",
                           kRequests = "vitrine_http_requests_total",
                           kRequestsHelp = "Requests read, by version of HTTP.";

const std::vector<Row>& gauges() {
  static const std::vector<Row> rows = {
      {"vitrine_connections", "Connections open.", &net::ServerStats::connections_open},
      {"vitrine_buffered_body_bytes", "Bodies of requests in memory.",
       &net::ServerStats::buffered_body_bytes}};
  return rows;
}

const std::vector<Row>& counters() {
  using net::ServerStats;
  static const std::vector<Row> rows = {
      {"vitrine_connections_accepted_total", "Connections accepted.",
       &ServerStats::connections_accepted},
      {kRefused, kRefusedHelp, &ServerStats::refused_by_total, {{"reason", "total"}}},
      {kRefused, kRefusedHelp, &ServerStats::refused_by_address, {{"reason", "address"}}},
      {kRefused, kRefusedHelp, &ServerStats::displaced, {{"reason", "displaced"}}},
      {kHandshakes, kHandshakesHelp, &ServerStats::handshakes_done, {{"result", "done"}}},
      {kHandshakes, kHandshakesHelp, &ServerStats::handshakes_failed, {{"result", "failed"}}},
      {"vitrine_handshakes_resumed_total", "TLS handshakes that took up an earlier session.",
       &ServerStats::handshakes_resumed},
      {"vitrine_handshakes_late_total", "TLS handshakes ended for taking too long.",
       &ServerStats::handshakes_late},
      {kRequests, kRequestsHelp, &ServerStats::requests_http1, {{"version", "1.1"}}},
      {kRequests, kRequestsHelp, &ServerStats::requests_http2, {{"version", "2"}}},
      {"vitrine_http_requests_refused_total",
       "Requests that the listener answered itself: malformed, too large or too late.",
       &ServerStats::requests_refused},
      {"vitrine_http2_floods_ended_total",
       "HTTP/2 connections ended for resets or frames without use.", &ServerStats::floods_ended}};
  return rows;
}

}  // namespace

void count_connections(metrics::Registry& registry, const net::Server& server) {
  struct Kept {
    metrics::Counter& counter;
    std::uint64_t net::ServerStats::*count;
    std::uint64_t seen = 0;
  };
  auto kept = std::make_shared<std::vector<Kept>>();
  for (const Row& row : counters())
    kept->push_back({registry.counter(row.name, row.help, row.labels), row.count});
  registry.on_collect([&registry, &server, kept] {
    const net::ServerStats stats = server.stats();
    for (Kept& one : *kept) {
      one.counter.add(static_cast<double>(stats.*one.count - one.seen));
      one.seen = stats.*one.count;
    }
    for (const Row& row : gauges())
      registry.gauge(row.name, row.help).set(static_cast<double>(stats.*row.count));
  });
}

}  // namespace vitrine::service
