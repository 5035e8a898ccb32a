#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/text.h"

namespace vitrine::log {

namespace {

std::atomic<Level> level_now{Level::info};
thread_local const Field* context_now = nullptr;

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

// The lines are formatted here, once for every sink; spdlog writes them.
class Writer {
 public:
  static Writer& instance() {
    static Writer* const writer = new Writer;  // usable until the very end of the process
    return *writer;
  }

  void set_sink(std::function<void(std::string_view)> sink) {
    const Lock lock(mutex_);
    sink_ = std::move(sink);
  }
  void write(std::string_view line) {
    const Lock lock(mutex_);
    if (sink_) {
      sink_(line);
    } else {
      logger_.log(spdlog::level::info, line);
    }
  }

 private:
  Writer() : logger_("vitrine", std::make_shared<spdlog::sinks::stderr_sink_st>()) {
    logger_.set_pattern("%v");
    logger_.flush_on(spdlog::level::trace);
  }

  Mutex mutex_;
  std::function<void(std::string_view)> sink_ VITRINE_GUARDED_BY(mutex_);
  spdlog::logger logger_ VITRINE_GUARDED_BY(mutex_);
};

void append_quoted(std::string& line, std::string_view value) {
  line.push_back('"');
  while (!value.empty()) {
    const std::size_t size = utf8_sequence_size(value);
    const auto byte = static_cast<unsigned char>(value.front());
    // C1 controls (U+0080..9F) and the separators U+2028, U+2029 end a line for some readers.
    const bool control =
        byte < 0x20 || byte == 0x7f ||
        (byte == 0xc2 && size == 2 && static_cast<unsigned char>(value[1]) < 0xa0) ||
        value.substr(0, 3) == "\xe2\x80\xa8" || value.substr(0, 3) == "\xe2\x80\xa9";
    if (size == 0 || control) {
      for (const char c : value.substr(0, size == 0 ? 1 : size)) {
        line += c == '\n' ? "\\n" : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      }
    } else {
      if (byte == '"' || byte == '\\') line.push_back('\\');
      line += value.substr(0, size);
    }
    value.remove_prefix(size == 0 ? 1 : size);
  }
  line.push_back('"');
}

std::string timestamp() {
  const Time now = SystemClock().now();
  std::string text = to_rfc3339(now);
  text.insert(text.size() - 1, fmt::format(".{:03}", to_unix_ms(now) % 1000));
  return text;
}

}  // namespace

Context::Context(std::string_view key, std::string value)
    : field_(key, std::move(value)), outer_(context_now) {
  context_now = &field_;
}

Context::~Context() { context_now = outer_; }

void set_level(Level level) { level_now.store(level, std::memory_order_relaxed); }

bool enabled(Level level) { return level >= level_now.load(std::memory_order_relaxed); }

void set_sink_for_testing(std::function<void(std::string_view)> sink) {
  Writer::instance().set_sink(std::move(sink));
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line = fmt::format("{} {} event=", timestamp(), name_of(level));
  append_quoted(line, event);
  const auto append = [&line](const Field& field) {
    line += fmt::format(" {}=", field.first);
    append_quoted(line, field.second);
  };
  for (const Field& field : fields) append(field);
  if (context_now != nullptr) append(*context_now);
  Writer::instance().write(line);
}

}  // namespace vitrine::log
