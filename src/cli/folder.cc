#include "cli/folder.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/file.h"

namespace vitrine::cli {
namespace {

tl::unexpected<Error> system_error(const std::string& path, std::string_view attempt) {
  return unavailable(path + ": " + std::string(attempt) + ": " +
                     std::generic_category().message(errno));
}

Result<bool> is_empty_folder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (folder == nullptr) {
    if (errno == ENOTDIR) return false;
    return system_error(path, "open");
  }
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return false;
  }
  return true;
}

}  // namespace

Status make_empty_folder(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0) return {};
  if (errno != EEXIST) return system_error(path, "make the folder");
  VITRINE_TRY(const bool empty, is_empty_folder(path));
  if (empty) return {};
  return conflict(path + ": is there already, and not empty",
                  "name a folder that is not there: nothing is overwritten");
}

Result<bool> copy_if_there(const std::string& from, const std::string& to, std::size_t bytes_max) {
  const auto content = read_file(from, bytes_max);
  if (!content && content.error().code == Code::not_found) return false;
  if (!content) return tl::unexpected(content.error());
  VITRINE_CHECK(write_file_atomically(to, *content, 0600));
  return true;
}

Result<std::uint64_t> size_of_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error(path, "look at");
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace vitrine::cli
