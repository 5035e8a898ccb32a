// The files that a node keeps beside its store, in its data folder: `service.sealed`,
// `service.sealed.next`, `last_head.sealed`, `snapshots/SIZE.snapshot` and, after a restore,
// `restore.json` (docs/configuration.md).
#pragma once

#include "core/node_files.h"

namespace vitrine::vitrined {

class NodeFolder final : public core::NodeFiles {
 public:
  explicit NodeFolder(std::string data) : data_(std::move(data)) {}

  Result<std::optional<Bytes>> secrets() const override;
  Result<std::optional<Bytes>> next_secrets() const override;
  Status put_secrets(ByteView sealed) override;
  // For the next version of the program: beside this one's.
  Status put_next_secrets(ByteView sealed);
  std::string describe_secrets() const override { return data_ + "/service.sealed"; }
  std::string describe_next_secrets() const { return describe_secrets() + ".next"; }
  Result<std::optional<Bytes>> last_head() const override;
  Status put_last_head(ByteView sealed) override;
  std::string describe_last_head() const override { return data_ + "/last_head.sealed"; }
  Result<std::optional<Bytes>> restore_marker() const override;
  Status remove_restore_marker() override;
  std::string describe_restore_marker() const { return data_ + "/restore.json"; }
  Result<std::vector<std::uint64_t>> snapshots() const override;
  Result<Bytes> snapshot(std::uint64_t size) const override;
  Status put_snapshot(std::uint64_t size, ByteView sealed) override;
  Status remove_snapshot(std::uint64_t size) override;
  std::string describe_snapshot(std::uint64_t size) const override;

 private:
  std::string snapshots_folder() const { return data_ + "/snapshots"; }
  const std::string data_;
};

}  // namespace vitrine::vitrined
