#include "vitrined/node_folder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>

#include "base/file.h"
#include "core/restore_marker.h"

namespace vitrine::vitrined {
namespace {

constexpr std::size_t kSecretsBytesMax = 1'048'576;
constexpr std::size_t kLastHeadBytesMax = 4096;
constexpr std::size_t kSnapshotBytesMax = std::size_t{256} << 20;
constexpr std::string_view kSuffix = ".snapshot";

// "120.snapshot" → 120; nullopt for whatever else lies there.
std::optional<std::uint64_t> size_in(std::string_view name) {
  if (name.size() <= kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.size() - kSuffix.size());
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '0')
    return std::nullopt;
  return size;
}

tl::unexpected<Error> system_error(const std::string& path, std::string_view attempt) {
  return unavailable(path + ": " + std::string(attempt) + ": " +
                     std::generic_category().message(errno));
}

Result<std::optional<Bytes>> read_if_there(const std::string& path, std::size_t bytes_max) {
  auto read = read_file(path, bytes_max);
  if (read) return std::optional<Bytes>(*std::move(read));
  if (read.error().code == Code::not_found) return std::optional<Bytes>();
  return tl::unexpected(read.error());
}

}  // namespace

Result<std::optional<Bytes>> NodeFolder::secrets() const {
  return read_if_there(describe_secrets(), kSecretsBytesMax);
}

Result<std::optional<Bytes>> NodeFolder::next_secrets() const {
  return read_if_there(describe_next_secrets(), kSecretsBytesMax);
}

// The next ones go first: a node that stops in between finds its own, which are good.
Status NodeFolder::put_secrets(ByteView sealed) {
  VITRINE_CHECK(remove_file(describe_next_secrets()));
  return write_file_atomically(describe_secrets(), sealed, 0600);
}

Status NodeFolder::put_next_secrets(ByteView sealed) {
  return write_file_atomically(describe_next_secrets(), sealed, 0600);
}

Result<std::optional<Bytes>> NodeFolder::last_head() const {
  return read_if_there(describe_last_head(), kLastHeadBytesMax);
}

Status NodeFolder::put_last_head(ByteView sealed) {
  return write_file_atomically(describe_last_head(), sealed, 0600);
}

Result<std::optional<Bytes>> NodeFolder::restore_marker() const {
  return read_if_there(describe_restore_marker(), core::kRestoreMarkerBytesMax);
}

Status NodeFolder::remove_restore_marker() { return remove_file(describe_restore_marker()); }

Result<std::vector<std::uint64_t>> NodeFolder::snapshots() const {
  std::vector<std::uint64_t> sizes;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(snapshots_folder().c_str()), &closedir);
  if (folder == nullptr) {
    if (errno == ENOENT) return sizes;
    return system_error(snapshots_folder(), "open");
  }
  while (const dirent* entry = readdir(folder.get())) {
    if (const auto size = size_in(entry->d_name)) sizes.push_back(*size);
  }
  std::sort(sizes.rbegin(), sizes.rend());
  return sizes;
}

std::string NodeFolder::describe_snapshot(std::uint64_t size) const {
  return snapshots_folder() + "/" + std::to_string(size) + std::string(kSuffix);
}

Result<Bytes> NodeFolder::snapshot(std::uint64_t size) const {
  return read_file(describe_snapshot(size), kSnapshotBytesMax);
}

Status NodeFolder::put_snapshot(std::uint64_t size, ByteView sealed) {
  if (mkdir(snapshots_folder().c_str(), 0700) != 0 && errno != EEXIST)
    return system_error(snapshots_folder(), "make");
  return write_file_atomically(describe_snapshot(size), sealed, 0600);
}

Status NodeFolder::remove_snapshot(std::uint64_t size) {
  if (unlink(describe_snapshot(size).c_str()) != 0 && errno != ENOENT)
    return system_error(describe_snapshot(size), "remove");
  return {};
}

}  // namespace vitrine::vitrined
