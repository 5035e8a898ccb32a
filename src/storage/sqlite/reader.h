// The read side: connections of their own, so that readers never wait for the writer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "storage/sqlite/connection.h"
#include "storage/store.h"

namespace vitrine::storage::sqlite {

// One connection with its statements. One thread at a time.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::string& path);

  Result<std::uint64_t> size();
  Status read(std::uint64_t first, std::uint64_t count,
              const std::function<Status(std::uint64_t index, Record record)>& each);
  Status read_tags(std::uint64_t first, std::uint64_t count,
                   const std::function<Status(const BatchTag&)>& each);
  Result<Bytes> tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index);
  Result<std::optional<Head>> head();
  Status check_structure();

  Connection& connection() { return connection_; }

 private:
  Reader(Connection connection, Statement size, Statement entries, Statement tags, Statement tile,
         Statement head);
  Result<std::uint64_t> read_chunk(
      std::uint64_t first, std::uint64_t count,
      const std::function<Status(std::uint64_t index, Record record)>& each);
  tl::unexpected<Error> damaged(std::uint64_t index, std::string_view reason) const;

  Connection connection_;
  Statement size_;
  Statement entries_;
  Statement tags_;
  Statement tile_;
  Statement head_;
};

// As many readers as threads read at once; some are kept for the next.
class ReaderPool {
 public:
  explicit ReaderPool(std::string path) : path_(std::move(path)) {}

  template <class Use>
  auto with(const Use& use) -> decltype(use(std::declval<Reader&>())) {
    VITRINE_TRY(auto reader, take());
    auto result = use(*reader);
    give_back(std::move(reader));
    return result;
  }

 private:
  Result<std::unique_ptr<Reader>> take();
  void give_back(std::unique_ptr<Reader> reader);

  const std::string path_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Reader>> idle_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine::storage::sqlite
