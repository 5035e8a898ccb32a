#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace vitrine::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, CountWithTheirLabels) {
  Registry registry;
  registry.counter("vitrine_things_total", "Things.", {{"kind", "a"}}).increment();
  registry.counter("vitrine_things_total", "Things.", {{"kind", "b"}}).add(2.5);
  EXPECT_EQ(registry.text().substr(0, 74),
            "# HELP vitrine_things_total Things.\n# TYPE vitrine_things_total counter\n"
            "vi");
  EXPECT_THAT(registry.text(), HasSubstr("\nvitrine_things_total{kind=\"a\"} 1\n"));
  EXPECT_THAT(registry.text(), HasSubstr("\nvitrine_things_total{kind=\"b\"} 2.5\n"));
}

TEST(Metrics, OfOneNameAndLabelsAreOne) {
  Registry registry;
  Counter& first = registry.counter("vitrine_things_total", "Things.", {{"kind", "a"}});
  Counter& second = registry.counter("vitrine_things_total", "Things.", {{"kind", "a"}});
  first.increment();
  second.increment();
  EXPECT_THAT(registry.text(), HasSubstr("vitrine_things_total{kind=\"a\"} 2\n"));
}

TEST(Metrics, PutEachValueInTheFirstBucketThatHoldsIt) {
  Registry registry;
  Histogram& histogram = registry.histogram("vitrine_seconds", "How long.", {0.1, 1});
  for (const double value : {0.1, 0.2, 3.0}) histogram.observe(value);
  const std::string text = registry.text();
  EXPECT_THAT(text, HasSubstr("vitrine_seconds_bucket{le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("vitrine_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("vitrine_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("vitrine_seconds_count 3\n"));
}

TEST(Metrics, LookValuesUpWhenTheyAreAskedFor) {
  Registry registry;
  Gauge& gauge = registry.gauge("vitrine_size", "Size.");
  double size = 1;
  registry.on_collect([&] { gauge.set(size); });
  EXPECT_THAT(registry.text(), HasSubstr("vitrine_size 1\n"));
  size = 7;
  EXPECT_THAT(registry.text(), HasSubstr("vitrine_size 7\n"));
}

TEST(Metrics, LetNoLabelForgeALine) {
  Registry registry;
  registry.counter("vitrine_things_total", "Things.", {{"kind", "a\"} 9\nx"}}).increment();
  EXPECT_THAT(registry.text(), HasSubstr("{kind=\"a\\\"} 9\\nx\"} 1\n"));
  EXPECT_THAT(registry.text(), Not(HasSubstr("\nx")));
}

TEST(Metrics, CountFromManyThreads) {
  Registry registry;
  Counter& counter = registry.counter("vitrine_things_total", "Things.");
  Histogram& histogram = registry.histogram("vitrine_seconds", "How long.", {1});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        counter.increment();
        histogram.observe(0.5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(registry.text(), HasSubstr("vitrine_things_total 4000\n"));
  EXPECT_THAT(registry.text(), HasSubstr("vitrine_seconds_count 4000\n"));
}

TEST(MetricsDeathTest, AreNamedAsPrometheusAllows) {
  Registry registry;
  EXPECT_DEATH(registry.counter("9 things", "Things."), "a metric's name or label");
  registry.counter("vitrine_things", "Things.");
  EXPECT_DEATH(registry.gauge("vitrine_things", "Things."), "a metric's name or label");
}

}  // namespace
}  // namespace vitrine::metrics
