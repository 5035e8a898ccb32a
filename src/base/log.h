// The log: one event a line on standard error, `key=value` fields, never a secret. What must be
// believed later goes into the ledger, not here. Safe from any thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace vitrine::log {

enum class Level { debug, info, warning, error };
using Field = std::pair<std::string_view, std::string>;

void set_level(Level level);
bool enabled(Level level);
// Sends each line (without its newline) to `sink` instead of standard error; an empty function
// undoes it.
void set_sink_for_testing(std::function<void(std::string_view)> sink);

// 2026-11-24T13:20:00.123Z info event="release refused" reason="…"
// `event` is a short fixed phrase, keys are plain words; values are quoted: quotes, backslashes,
// control characters and what is not UTF-8 are escaped, so that no value can forge a line.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

// While it lives, each line that this thread writes also carries the field, after its own: the id
// of the request at hand. `key` is a literal. Contexts nest; the innermost counts.
class Context {
 public:
  Context(std::string_view key, std::string value);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

 private:
  const Field field_;
  const Field* const outer_;
};

inline void debug(std::string_view event, std::initializer_list<Field> f = {}) {
  write(Level::debug, event, f);
}
inline void info(std::string_view event, std::initializer_list<Field> f = {}) {
  write(Level::info, event, f);
}
inline void warning(std::string_view event, std::initializer_list<Field> f = {}) {
  write(Level::warning, event, f);
}
inline void error(std::string_view event, std::initializer_list<Field> f = {}) {
  write(Level::error, event, f);
}

}  // namespace vitrine::log
