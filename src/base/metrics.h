// Counters, gauges and histograms, and their text in Prometheus' exposition format 0.0.4.
// metrics.cc alone sees the library. A registry is passed to whoever counts; what it hands out
// lives as long as it does and is looked up once, not where it counts. Safe from any thread.
// Names, help and labels are ours: never text of a client, never a secret.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine::metrics {

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount) = 0;  // of 0 and more
  void increment() { add(1); }
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The same name and labels give the same count. A name has one kind and one help text.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  // `bounds` ascend, without infinity.
  Histogram& histogram(std::string_view name, std::string_view help,
                       const std::vector<double>& bounds, const Labels& labels = {});

  // Called before each text(), for values that are looked up rather than kept. It must stay valid
  // for as long as text() is called.
  void on_collect(std::function<void()> look);
  std::string text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace vitrine::metrics
