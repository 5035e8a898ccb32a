// What the benchmarks of the wire share: a client process whose work is not counted, CPU of this
// one, latencies at half of the load that was reached, and bare servers of OpenSSL to compare with.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "bench/ledger_bed.h"
#include "crypto/x509.h"
#include "net/client.h"
#include "net/server.h"

namespace vitrine::bench {

inline constexpr int kClients = 16;

inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The service's own identity kind: P-256, the root after the leaf.
inline net::TlsIdentity make_identity() {
  const auto now = SystemClock().now();
  const auto request = [now](const char* name, bool ca) {
    crypto::CertificateRequest made;
    made.common_name = name;
    made.not_before = now - std::chrono::hours(1);
    made.not_after = now + std::chrono::hours(24);
    made.ca = ca;
    if (!ca) made.alternatives = {{"localhost"}, {"127.0.0.1"}};
    return made;
  };
  const auto root_key = must(crypto::PrivateKey::generate(crypto::KeyKind::ec_p256));
  const auto root = must(crypto::make_self_signed(request("root", true), root_key));
  const auto key = must(crypto::PrivateKey::generate(crypto::KeyKind::ec_p256));
  const auto leaf =
      must(crypto::make_certificate(request("node", false), key.public_key(), root, root_key));
  return {{leaf, root}, key};
}

// Times that another process writes for this one to read.
class SharedTimes {
 public:
  explicit SharedTimes(std::size_t count)
      : count_(count),
        times_(static_cast<double*>(mmap(nullptr, count * sizeof(double), PROT_READ | PROT_WRITE,
                                         MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (times_ == MAP_FAILED) std::abort();
  }
  ~SharedTimes() { munmap(times_, count_ * sizeof(double)); }
  SharedTimes(const SharedTimes&) = delete;
  SharedTimes& operator=(const SharedTimes&) = delete;
  std::size_t size() const { return count_; }
  double& operator[](std::size_t i) { return times_[i]; }
  std::vector<double> all() const { return {times_, times_ + count_}; }

 private:
  std::size_t count_;
  double* times_;
};

struct Load {
  double cpu_us_each = 0;
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// One client's one piece of work, again and again; false is a failure.
using Work = std::function<bool()>;
using MakeWork = std::function<Work()>;

// Runs `count` pieces from kClients threads of another process; with `per_second`, each begins at
// its time whatever became of the ones before, and is timed from then on.
inline Load run_clients(const MakeWork& make_work, int count, double per_second = 0) {
  std::signal(SIGPIPE, SIG_IGN);  // a bare server writes its ticket to a client that has left
  SharedTimes times(static_cast<std::size_t>(count));
  const double cpu_before = cpu_seconds();
  const auto begun = SteadyClock::now();
  // Only this thread goes with the child, and it touches nothing that another may hold.
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<int> next{0};
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kClients; ++t) {
      threads.emplace_back([&] {
        const Work work = make_work();
        for (int i = next++; i < count; i = next++) {
          auto due = SteadyClock::now();
          if (per_second > 0) {
            due = begun + std::chrono::milliseconds(200) +
                  std::chrono::nanoseconds(static_cast<std::int64_t>(i * 1e9 / per_second));
            std::this_thread::sleep_until(due);
          }
          if (!work()) ++failures;
          times[static_cast<std::size_t>(i)] = seconds_since(due);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    _exit(failures == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) {
    std::fprintf(stderr, "bench: not everything was answered\n");
    std::abort();
  }
  Load load;
  load.cpu_us_each = (cpu_seconds() - cpu_before) * 1e6 / count;
  load.per_second = count / seconds_since(begun);
  load.p50_ms = percentile(times.all(), 0.5) * 1e3;
  load.p99_ms = percentile(times.all(), 0.99) * 1e3;
  return load;
}

inline int listen_anywhere(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(socket, 4096) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port = ntohs(address.sin_port);
  return socket;
}

inline int connect_here(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(socket);
    return -1;
  }
  return socket;
}

// OpenSSL as its manual has it: a context with our certificates and key, our first group, a ticket.
inline SSL_CTX* bare_context(const net::TlsIdentity& identity) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  std::string groups = "X25519";
  if (context == nullptr || SSL_CTX_set1_groups_list(context, groups.data()) != 1 ||
      SSL_CTX_use_certificate(context, identity.chain[0].native()) != 1 ||
      SSL_CTX_use_PrivateKey(context, identity.key.native()) != 1 ||
      SSL_CTX_add1_chain_cert(context, identity.chain[1].native()) != 1 ||
      SSL_CTX_set_num_tickets(context, 1) != 1) {
    std::abort();
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return context;
}

// Accepts one connection after the other, shakes hands and waits for its end.
class BareHandshakes {
 public:
  explicit BareHandshakes(const net::TlsIdentity& identity)
      : context_(bare_context(identity)),
        listener_(listen_anywhere(port_)),
        thread_([this] { run(); }) {}
  ~BareHandshakes() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    SSL_CTX_free(context_);
  }
  BareHandshakes(const BareHandshakes&) = delete;
  BareHandshakes& operator=(const BareHandshakes&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  void run() {
    while (!stopping_) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      SSL* ssl = SSL_new(context_);
      SSL_set_fd(ssl, socket);
      char byte = 0;
      if (SSL_accept(ssl) == 1 && SSL_read(ssl, &byte, 1) == 0) SSL_shutdown(ssl);
      SSL_free(ssl);
      ::close(socket);
    }
  }

  SSL_CTX* context_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Answers whatever ends in an empty line with the same bytes: epoll and OpenSSL, no HTTP.
class BareAnswers {
 public:
  BareAnswers(const net::TlsIdentity& identity, std::string answer)
      : answer_(std::move(answer)),
        context_(bare_context(identity)),
        listener_(listen_anywhere(port_)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        thread_([this] { run(); }) {}
  ~BareAnswers() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
    ::close(epoll_);
    SSL_CTX_free(context_);
  }
  BareAnswers(const BareAnswers&) = delete;
  BareAnswers& operator=(const BareAnswers&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  void run() {
    epoll_event event{};
    event.events = EPOLLIN;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
    while (!stopping_) {
      epoll_event events[kClients];
      const int count = ::epoll_wait(epoll_, events, kClients, 50);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.ptr == nullptr) {
          accept();
        } else {
          serve(static_cast<SSL*>(events[i].data.ptr));
        }
      }
    }
  }
  void accept() {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    SSL* ssl = SSL_new(context_);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    SSL_set_fd(ssl, socket);
    SSL_set_read_ahead(ssl, 1);
    if (SSL_accept(ssl) != 1) std::abort();
    // The first request may have come with the handshake's end.
    if (SSL_has_pending(ssl) != 0 && !serve(ssl)) return;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = ssl;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }
  // False where the client has left, and `ssl` is gone.
  bool serve(SSL* ssl) {
    char bytes[16'384];
    const int count = SSL_read(ssl, bytes, sizeof(bytes));
    if (count <= 0) {
      // A client process forked meanwhile has the socket as well, so closing alone would leave it
      // to epoll, with a pointer to what is freed.
      const int socket = SSL_get_fd(ssl);
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
      SSL_free(ssl);
      ::close(socket);
      return false;
    }
    if (std::string_view(bytes, static_cast<std::size_t>(count)).find("\r\n\r\n") ==
            std::string_view::npos ||
        SSL_write(ssl, answer_.data(), static_cast<int>(answer_.size())) <= 0) {
      std::abort();
    }
    return true;
  }

  const std::string answer_;
  SSL_CTX* context_;
  std::uint16_t port_ = 0;
  int listener_;
  int epoll_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace vitrine::bench
