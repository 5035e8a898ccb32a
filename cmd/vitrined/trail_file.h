// The files of the operators' trail (docs/audit-trail.md): `path`, and the older ones `path.1` to
// `path.N`, where a larger number is older. Whoever moves or removes `path` sends SIGHUP. A disk
// that is full costs lines, never an answer. Safe from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/mutex.h"
#include "service/audit_trail.h"

namespace vitrine::vitrined {

struct TrailSettings {
  std::string path;  // empty: no trail
  std::uint64_t file_bytes = 16'777'216;
  unsigned files = 8;  // the newest included
  bool operator==(const TrailSettings&) const = default;
};

class TrailFile final : public service::TrailSink {
 public:
  // Opens nothing where settings.path is empty.
  explicit TrailFile(TrailSettings settings);
  ~TrailFile() override;
  TrailFile(const TrailFile&) = delete;
  TrailFile& operator=(const TrailFile&) = delete;

  bool append(std::string_view line) override;
  // Closes the file and opens what stands at the path now, by these settings from here on.
  void reopen(TrailSettings settings);

 private:
  bool open() VITRINE_REQUIRES(mutex_);
  void close() VITRINE_REQUIRES(mutex_);
  bool rotate() VITRINE_REQUIRES(mutex_);
  bool write(std::string_view bytes) VITRINE_REQUIRES(mutex_);
  // Said once, until a line is written again.
  bool failed(const char* what) VITRINE_REQUIRES(mutex_);

  Mutex mutex_;
  TrailSettings settings_ VITRINE_GUARDED_BY(mutex_);
  int file_ VITRINE_GUARDED_BY(mutex_) = -1;
  std::uint64_t size_ VITRINE_GUARDED_BY(mutex_) = 0;
  bool torn_ VITRINE_GUARDED_BY(mutex_) = false;  // the file ends within a line
  bool failing_ VITRINE_GUARDED_BY(mutex_) = false;
};

}  // namespace vitrine::vitrined
