#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <map>

#include "base/assert.h"
#include "base/mutex.h"

namespace vitrine::metrics {
namespace {

class OurCounter : public Counter {
 public:
  explicit OurCounter(prometheus::Counter& counter) : counter_(counter) {}
  void add(double amount) override { counter_.Increment(amount); }

 private:
  prometheus::Counter& counter_;
};

class OurGauge : public Gauge {
 public:
  explicit OurGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void set(double value) override { gauge_.Set(value); }

 private:
  prometheus::Gauge& gauge_;
};

class OurHistogram : public Histogram {
 public:
  explicit OurHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

prometheus::Labels to_library(const Labels& labels) { return {labels.begin(), labels.end()}; }

// The library throws where a name is none; ours are constants, so that is a broken invariant.
template <class Make>
auto& made(Make make) {
  try {
    return make();
  } catch (const std::exception&) {
    VITRINE_ASSERT(!"a metric's name or label is not one of Prometheus, or of another kind");
  }
}

template <class Builder>
auto& family_of(Builder builder, prometheus::Registry& registry, std::string_view name,
                std::string_view help) {
  return builder.Name(std::string(name)).Help(std::string(help)).Register(registry);
}

}  // namespace

struct Registry::State {
  // By name and labels. A map does not move what it holds.
  template <class T>
  using Children = std::map<std::pair<std::string, Labels>, T>;

  prometheus::Registry registry;
  Mutex mutex;
  Children<OurCounter> counters VITRINE_GUARDED_BY(mutex);
  Children<OurGauge> gauges VITRINE_GUARDED_BY(mutex);
  Children<OurHistogram> histograms VITRINE_GUARDED_BY(mutex);
  std::vector<std::function<void()>> looks VITRINE_GUARDED_BY(mutex);

  // The child of that name and these labels, by `make` where there is none.
  template <class T, class Make>
  T& child(Children<T>& children, std::string_view name, const Labels& labels, Make make)
      VITRINE_REQUIRES(mutex) {
    std::pair key(std::string(name), labels);
    if (const auto known = children.find(key); known != children.end()) return known->second;
    return children.emplace(std::move(key), T(made(make))).first->second;
  }
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const Lock lock(state_->mutex);
  return state_->child(
      state_->counters, name, labels, [&]() -> auto& {
        return family_of(prometheus::BuildCounter(), state_->registry, name, help)
            .Add(to_library(labels));
      });
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const Lock lock(state_->mutex);
  return state_->child(
      state_->gauges, name, labels, [&]() -> auto& {
        return family_of(prometheus::BuildGauge(), state_->registry, name, help)
            .Add(to_library(labels));
      });
}

Histogram& Registry::histogram(std::string_view name, std::string_view help,
                               const std::vector<double>& bounds, const Labels& labels) {
  const Lock lock(state_->mutex);
  return state_->child(
      state_->histograms, name, labels, [&]() -> auto& {
        return family_of(prometheus::BuildHistogram(), state_->registry, name, help)
            .Add(to_library(labels), bounds);
      });
}

void Registry::on_collect(std::function<void()> look) {
  const Lock lock(state_->mutex);
  state_->looks.push_back(std::move(look));
}

std::string Registry::text() const {
  std::vector<std::function<void()>> looks;
  {
    const Lock lock(state_->mutex);
    looks = state_->looks;
  }
  for (const auto& look : looks) look();
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace vitrine::metrics
