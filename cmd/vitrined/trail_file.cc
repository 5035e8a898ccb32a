#include "vitrined/trail_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/log.h"

namespace vitrine::vitrined {

TrailFile::TrailFile(TrailSettings settings) { reopen(std::move(settings)); }

TrailFile::~TrailFile() {
  const Lock lock(mutex_);
  close();
}

void TrailFile::reopen(TrailSettings settings) {
  const Lock lock(mutex_);
  close();
  settings_ = std::move(settings);
  failing_ = false;
  if (!settings_.path.empty()) open();
}

bool TrailFile::open() {
  file_ =
      ::open(settings_.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat status {};
  if (file_ < 0 || ::fstat(file_, &status) != 0) return failed("open");
  if (!S_ISREG(status.st_mode)) {
    close();
    errno = EINVAL;
    return failed("open");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  // A process that was killed, or a disk that was full, may have left half a line.
  char last = '\n';
  const int reader = ::open(settings_.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (reader >= 0) {
    if (size_ != 0 && ::pread(reader, &last, 1, status.st_size - 1) != 1) last = 0;
    ::close(reader);
  }
  torn_ = last != '\n';
  return true;
}

void TrailFile::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

bool TrailFile::failed(const char* what) {
  const int error = errno;
  if (!failing_) {
    log::error("the audit trail is not written",
               {{"file", settings_.path},
                {"attempted", what},
                {"reason", std::generic_category().message(error)},
                {"hint", "the service goes on; lines are lost until this is put right"}});
  }
  failing_ = true;
  return false;
}

// Each step is one rename, from the oldest on: whoever reads meanwhile finds whole files, and a
// stop in between leaves a gap in the numbers and loses nothing.
bool TrailFile::rotate() {
  close();
  for (unsigned number = settings_.files - 1; number > 0; --number) {
    const std::string newer =
        number == 1 ? settings_.path : settings_.path + "." + std::to_string(number - 1);
    const std::string older = settings_.path + "." + std::to_string(number);
    if (std::rename(newer.c_str(), older.c_str()) != 0 && errno != ENOENT) return failed("rotate");
  }
  if (settings_.files == 1 && ::unlink(settings_.path.c_str()) != 0 && errno != ENOENT)
    return failed("rotate");
  return open();
}

// One call for one line, so that lines of several writers don't mix. What was written in part is
// taken back.
bool TrailFile::write(std::string_view bytes) {
  ssize_t put = -1;
  do {
    put = ::write(file_, bytes.data(), bytes.size());
  } while (put < 0 && errno == EINTR);
  if (put == static_cast<ssize_t>(bytes.size())) {
    size_ += bytes.size();
    torn_ = false;
    return true;
  }
  if (put >= 0) {
    if (put > 0 && ::ftruncate(file_, static_cast<off_t>(size_)) != 0) {
      size_ += static_cast<std::uint64_t>(put);
      torn_ = true;
    }
    errno = ENOSPC;
  }
  return failed("write");
}

bool TrailFile::append(std::string_view line) {
  const Lock lock(mutex_);
  if (settings_.path.empty()) return true;
  if (file_ < 0 && !open()) return false;
  if (size_ != 0 && size_ + line.size() + 1 > settings_.file_bytes && !rotate()) return false;
  std::string bytes = torn_ ? "\n" : "";
  bytes += line;
  bytes += '\n';
  if (!write(bytes)) return false;
  if (failing_) log::info("the audit trail is written again", {{"file", settings_.path}});
  failing_ = false;
  return true;
}

}  // namespace vitrine::vitrined
