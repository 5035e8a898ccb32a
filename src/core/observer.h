// What core tells whoever counts: metrics are the service's business, and core knows of none.
// Called where things happen, batches on the sequencer's thread: so it is safe from any thread,
// cheap, without locks that others hold for long, and without exceptions.
#pragma once

#include <chrono>
#include <cstddef>

namespace vitrine::core {

class Observer {
 public:
  virtual ~Observer() = default;
  // A batch is durable, confirmed, signed and published; `took` is from its encoding to its view.
  virtual void batch_committed(std::size_t /*entries*/, std::chrono::nanoseconds /*took*/) {}
  // Evidence was verified, or refused; `took` is without waiting for a turn.
  virtual void evidence_verified(std::chrono::nanoseconds /*took*/) {}
  // How many commands wait for the sequencer, as a batch is taken from the queue.
  virtual void commands_waiting(std::size_t /*commands*/) {}
};

// Counts nothing.
inline Observer& no_observer() {
  static Observer none;
  return none;
}

}  // namespace vitrine::core
