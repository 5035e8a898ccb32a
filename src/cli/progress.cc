#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace vitrine::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBarWidth = 30;
constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::seconds kLine{1};

}  // namespace

Progress::Form Progress::form(bool asked) {
  if (::isatty(STDERR_FILENO) == 1) return Form::bar;
  return asked ? Form::lines : Form::none;
}

std::string Progress::text(std::uint64_t done, std::uint64_t of) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
  return fmt::format("{} {} of {} {}, {:.0f} s", what_, done, of, things_, seconds);
}

void Progress::show(std::uint64_t done, std::uint64_t of) {
  if (form_ == Form::none) return;
  const auto now = Clock::now();
  const bool last = done == of;
  if (!last && now - shown_ < (form_ == Form::bar ? Clock::duration(kRedraw) : kLine)) return;
  shown_ = now;
  if (form_ == Form::lines) {
    err_ << "vitrine: " << text(done, of) << std::endl;
    return;
  }
  const std::size_t full =
      of == 0 ? kBarWidth : static_cast<std::size_t>(std::min(done, of) * kBarWidth / of);
  err_ << "\r\x1b[K[" << std::string(full, '#') << std::string(kBarWidth - full, '.') << "] "
       << text(done, of) << std::flush;
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) err_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace vitrine::cli
