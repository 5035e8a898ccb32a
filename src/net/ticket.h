// The promise behind a Respond. Copies of the Respond share it; the last one to go without having
// answered says so, or the client would wait for ever.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "net/body_budget.h"
#include "net/connection.h"

namespace vitrine::net {

class Ticket {
 public:
  Ticket(std::shared_ptr<Loop> loop, std::weak_ptr<Connection> connection, std::uint64_t exchange,
         BodyCharge charge)
      : loop_(std::move(loop)),
        connection_(std::move(connection)),
        exchange_(exchange),
        charge_(std::move(charge)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    if (!used_) answer(std::nullopt);
  }

  void answer(std::optional<Response> response) {
    if (used_.exchange(true)) {
      log::error("second answer to one request dropped");
      return;
    }
    // The connection is reached on its own thread only: elsewhere it might end in our hands. The
    // loop outlives its thread while a ticket holds it, so a late answer is posted into the void.
    auto deliver = [connection = connection_, exchange = exchange_,
                    answer = std::move(response)]() mutable {
      if (const auto target = connection.lock()) target->answer(exchange, std::move(answer));
    };
    if (loop_->runs_here()) {
      deliver();
    } else {
      asio::post(loop_->context, std::move(deliver));
    }
  }

 private:
  std::shared_ptr<Loop> loop_;
  std::weak_ptr<Connection> connection_;
  std::uint64_t exchange_;
  BodyCharge charge_;  // the handler has the body as long as it may answer
  std::atomic<bool> used_{false};
};

}  // namespace vitrine::net
