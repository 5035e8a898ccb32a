// From a write to its receipt, over TLS: POST /app/refresh, then GET /app/receipt for the entry
// that it wrote, on a kept connection, one after the other. The bar is twice one fdatasync of 4 KiB
// in the same folder, measured in the same run, and 1 ms.
#include "bench/ledger_bed.h"
#include "net/client.h"
#include "net/server.h"
#include "service/service.h"

namespace vitrine::bench {
namespace {

std::string header_of(const net::Response& response, std::string_view name) {
  for (const auto& [header, value] : response.headers) {
    if (header == name) return value;
  }
  return {};
}

void receipt(benchmark::State& state) {
  Bed bed;
  metrics::Registry registry;
  service::Service service(bed.core(), registry);
  net::ServerConfig config;
  config.port = 0;
  const auto view = bed.core().view();
  const auto server = must(net::Server::start(
      config,
      {{bed.core().certificate(), view->state.service->certificate},
       bed.core().secrets()->node_key},
      [&service](net::Request request, net::Respond respond) {
        service.handle(std::move(request), std::move(respond));
      },
      [&service](int status, std::string_view code, std::string_view message) {
        return service.server_error(status, code, message);
      }));
  net::ClientConfig client_config;
  client_config.url = "https://127.0.0.1:" + std::to_string(server->port());
  client_config.pinned = view->state.service->certificate;
  const auto client = must(net::Client::make(client_config));

  const int writes = tiny() ? 5 : 1000;
  for (auto _ : state) {
    std::vector<double> written;
    std::vector<double> with_receipt;
    for (int i = 0; i < writes; ++i) {
      const auto begun = SteadyClock::now();
      const auto made = must(client->send({"POST", "/app/refresh", {}, "", "", {}}));
      written.push_back(seconds_since(begun));
      const std::string id = header_of(made, "x-ms-ccf-transaction-id");
      const auto got =
          must(client->send({"GET", "/app/receipt?transaction_id=" + id, {}, "", "", {}}));
      with_receipt.push_back(seconds_since(begun));
      if (made.status != 200 || got.status != 200) {
        state.SkipWithError("a write or its receipt was refused");
        return;
      }
    }
    const double sync = fdatasync_seconds(bed.folder(), tiny() ? 5 : 300);
    const double bar = 2 * sync + 0.001;
    state.SetIterationTime(median(with_receipt));
    state.counters["p50_ms"] = median(with_receipt) * 1e3;
    state.counters["p99_ms"] = percentile(with_receipt, 0.99) * 1e3;
    state.counters["write_p50_ms"] = median(written) * 1e3;
    state.counters["fdatasync_ms"] = sync * 1e3;
    state.counters["bar_ms"] = bar * 1e3;
    state.counters["ratio"] = median(with_receipt) / bar;
  }
  server->stop(std::chrono::seconds(1));
  service.stop();
}
BENCHMARK(receipt)
    ->Name("receipt/refresh")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vitrine::bench
