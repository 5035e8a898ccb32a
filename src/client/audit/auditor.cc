#include "client/audit/auditor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/hex.h"
#include "client/audit/history.h"
#include "crypto/hash.h"
#include "ledger/checkpoint.h"

namespace vitrine::client::audit {
namespace {

constexpr std::uint64_t kProgressStep = 1024;

// What is found where it stands: an error that is not the source's own says that the ledger is
// broken.
Error as_broken(Error error) {
  if (error.code != Code::unavailable) error.code = Code::internal;
  return error;
}

class Audit {
 public:
  Audit(Source& source, const Options& options, Observer& observer)
      : source_(source), options_(options), observer_(observer), history_(source) {}

  Found<Report> run();

 private:
  Found<void> begin();
  Found<void> read_entries();
  Found<void> read_entry(std::uint64_t index, Item item);
  Found<void> read_on(const Item& item);
  Status check_known_heads(const Read& entry) const;
  Finding judge_refused() const;
  Status check_sealed(const ledger::Leaf& leaf, const Item& item);
  Result<Bytes> blob_of(const ledger::Leaf& leaf, Item& item);
  Found<void> end();
  bool may_be_pinned() const;
  Found<void> check_identity() const;
  Found<void> check_head() const;
  Found<void> check_earlier(const std::string& note) const;

  Source& source_;
  const Options& options_;
  Observer& observer_;
  History history_;
  Report report_;
  // An entry that breaks a rule, while entries up to the next head are hashed: it tells whether
  // this is what was written, or what came of bytes that were changed in it or before it.
  std::optional<Finding> refused_;
  std::shared_ptr<const Node> node_at_head_;  // whose signature the head has to carry
  std::shared_ptr<const Service> service_at_head_;
};

Found<Report> Audit::run() {
  if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
  if (auto read = read_entries(); !read) return tl::unexpected(read.error());
  if (auto ended = end(); !ended) return tl::unexpected(ended.error());
  return std::move(report_);
}

Found<void> Audit::begin() {
  auto head = source_.head();
  if (!head) {
    Error error = head.error();
    if (error.code == Code::not_found) error.message = "no signed head";
    // Whose certificate is refused, or who can't be reached, has shown no ledger yet.
    const bool shown = error.code == Code::not_found || error.code == Code::malformed;
    return found_at(0, 0, shown ? as_broken(std::move(error)) : std::move(error));
  }
  report_.head = *std::move(head);
  report_.signed_entries = report_.head.root.roots.size;
  const auto size = source_.size();
  if (!size) return found_at(0, 0, size.error());
  report_.entries = *size;
  if (report_.entries == 0) return found_at(0, 0, {Code::internal, "no entries", {}});
  history_.watch(report_.signed_entries);
  for (const std::string& note : options_.earlier) {
    const auto parsed = ledger::parse_note(note);
    if (!parsed) return found_at(0, 0, parsed.error());
    const auto checkpoint = ledger::parse_checkpoint_text(parsed->text);
    if (!checkpoint) return found_at(0, 0, checkpoint.error());
    history_.watch(checkpoint->size);
  }
  return {};
}

Found<void> Audit::read_entries() {
  std::optional<Finding> finding;
  const Status read =
      source_.read(0, report_.entries, [this, &finding](std::uint64_t index, Item item) -> Status {
        auto checked = read_entry(index, std::move(item));
        if (checked) return {};
        finding = std::move(checked).error();
        return tl::unexpected(finding->error);
      });
  if (finding) return tl::unexpected(*std::move(finding));
  if (refused_) return tl::unexpected(judge_refused());
  const std::uint64_t next = history_.size() + 1;
  if (!read) return found_at(next, next, read.error());
  if (history_.size() != report_.entries)
    return found_at(next, next, {Code::internal, "it is missing", {}});
  if (report_.entries < report_.signed_entries) {
    return found_at(
        next, report_.signed_entries,
        {Code::internal, "the newest signed head covers them, and they are missing", {}});
  }
  return history_.finish();
}

Found<void> Audit::read_entry(std::uint64_t index, Item item) {
  if (refused_) return read_on(item);
  const std::uint64_t place = index + 1;
  const auto here = [place](Error error) {
    return found_at(place, place, as_broken(std::move(error)));
  };
  const auto leaf = ledger::decode_leaf(item.leaf);
  if (!leaf) return here(leaf.error());
  if (const Status sealed = check_sealed(*leaf, item); !sealed) return here(sealed.error());
  auto blob = blob_of(*leaf, item);
  if (!blob) return here(blob.error());
  const Read entry{*leaf, item.leaf, *blob, history_.signed_root_before(*leaf)};
  const Before before{report_.standing.governance, report_.standing.proceedings};
  const Status applied = apply(report_.standing, entry).and_then([&]() -> Status {
    if (leaf->kind == ledger::Kind::service_recovered) return check_known_heads(entry);
    return {};
  });
  if (!applied) {
    refused_ = Finding{place, place, as_broken(applied.error())};
    return history_.append(item.leaf, *leaf);
  }
  if (auto hashed = history_.append(item.leaf, *leaf); !hashed) return hashed;
  if (place == report_.signed_entries) {
    node_at_head_ = report_.standing.node;
    service_at_head_ = report_.standing.service;
  }
  if (place == 1 && !may_be_pinned()) return check_identity();
  ++report_.kinds[leaf->kind];
  observer_.entry(entry, before, report_.standing);
  if (place % kProgressStep == 0) observer_.progress(place, report_.entries);
  return {};
}

// What members knew of the log when they gave their shares: none of them has to have seen another.
Status Audit::check_known_heads(const Read& entry) const {
  VITRINE_TRY(const auto heads, heads_known(report_.standing, entry));
  for (const KnownHead& known : heads) {
    VITRINE_TRY(const auto root, history_.earlier_root(known.size));
    if (root != known.root) {
      return broken(
          fmt::format("service_recovered: member {} knew a head of {} entries that is "
                      "not of this log",
                      known.member, known.size));
    }
  }
  return {};
}

Found<void> Audit::read_on(const Item& item) {
  const auto leaf = ledger::decode_leaf(item.leaf);
  if (!leaf) return tl::unexpected(*refused_);
  if (auto hashed = history_.append(item.leaf, *leaf); !hashed) return hashed;
  if (leaf->previous) return tl::unexpected(*refused_);
  return {};
}

// No head followed among the entries; the signed one may speak of them.
Finding Audit::judge_refused() const {
  const auto& service = report_.standing.service;
  const auto roots = history_.roots_at(report_.signed_entries);
  if (service == nullptr || !roots) return *refused_;
  const auto note =
      ledger::verify_note(report_.head.checkpoint, service->log.name, service->log.key);
  if (!note) return *refused_;
  const auto checkpoint = ledger::parse_checkpoint_text(*note);
  if (!checkpoint || checkpoint->size != roots->size || checkpoint->root == roots->rfc9162)
    return *refused_;
  return history_
      .changed(std::min(history_.unconfirmed(), roots->size), roots->size, refused_->error)
      .value();
}

Status Audit::check_sealed(const ledger::Leaf& leaf, const Item& item) {
  if (!item.sealed) return {};
  report_.sealed_parts_seen = true;
  if (leaf.sealed.has_value() == item.sealed->empty()) {
    return broken(leaf.sealed ? "the sealed part that it commits to is missing"
                              : "a sealed part lies beside it that it does not commit to");
  }
  if (leaf.sealed && (leaf.sealed->length != item.sealed->size() ||
                      leaf.sealed->sha256 != crypto::sha256(*item.sealed)))
    return broken("its sealed part is not the one that it commits to");
  return {};
}

Result<Bytes> Audit::blob_of(const ledger::Leaf& leaf, Item& item) {
  VITRINE_TRY(const auto named, blob_named_by(leaf));
  if (!named) {
    if (item.blob && !item.blob->empty())
      return broken("a blob lies beside it that it does not name");
    return Bytes();
  }
  if (!item.blob) {
    VITRINE_TRY(item.blob, source_.blob(leaf.id.seqno - 1, *named));
  }
  VITRINE_CHECK(ledger::check_blob(*named, *item.blob));
  return std::move(*item.blob);
}

Found<void> Audit::end() {
  observer_.progress(report_.entries, report_.entries);
  if (auto checked = check_head(); !checked) return checked;
  if (auto checked = check_identity(); !checked) return checked;
  for (const std::string& note : options_.earlier) {
    if (auto checked = check_earlier(note); !checked) return checked;
  }
  if (const Status structure = source_.check_structure(); !structure)
    return found_at(0, 0, structure.error());
  return {};
}

// Either genesis was of the pinned key, or a later entry will name it: then the head is of a node
// that it vouches for. A quick answer to who audits the wrong ledger.
bool Audit::may_be_pinned() const {
  if (check_identity()) return true;
  const auto node = crypto::Certificate::from_pem(report_.head.root.node_certificate_pem);
  return node &&
         crypto::check_link(*node, options_.service_certificate, crypto::CertificateSignature::any);
}

Found<void> Audit::check_identity() const {
  const Bytes& pinned = options_.service_certificate.public_key().spki();
  for (const auto& certificate : report_.standing.service_certificates) {
    if (same(certificate.public_key().spki(), pinned)) return {};
  }
  return found_at(
      1, 1,
      {Code::denied,
       "it was made by another service than the one whose certificate is pinned (service key " +
           to_hex(crypto::sha256(report_.standing.service->certificate.public_key().spki()))
               .substr(0, 16) +
           "…)",
       "give this service's certificate, or audit the right ledger"});
}

Found<void> Audit::check_head() const {
  const ledger::SignedHead& head = report_.head;
  const std::uint64_t size = report_.signed_entries;
  const auto refuse = [&](const std::string& why) {
    return found_at(
        0, 0, {Code::internal, fmt::format("the signed head of {} entries: {}", size, why), {}});
  };
  const auto roots = history_.roots_at(size);
  if (!roots || service_at_head_ == nullptr || node_at_head_ == nullptr)
    return refuse("no such head can be");
  const auto note =
      ledger::verify_note(head.checkpoint, service_at_head_->log.name, service_at_head_->log.key);
  if (!note) return refuse(note.error().message);
  const auto checkpoint = ledger::parse_checkpoint_text(*note);
  if (!checkpoint) return refuse(checkpoint.error().message);
  // Both signatures are good, and what they say of the entries is not so: entries were changed.
  if (checkpoint->size == size && head.root.roots.rfc9162 == checkpoint->root &&
      checkpoint->root != roots->rfc9162) {
    return history_.changed(
        std::min(history_.unconfirmed(), size), size,
        {Code::internal, "their RFC 9162 root is not the one that the log key signed",
         "where someone wrote the heads that entries name anew as well, the change may lie before "
         "them; a checkpoint kept from then tells (--from-head)"});
  }
  const Status verified = ledger::verify_signed_head(
      head, *roots,
      {service_at_head_->log.name, service_at_head_->log.key, service_at_head_->certificate});
  if (!verified) return refuse(verified.error().message);
  if (head.root.node_id != node_at_head_->id ||
      head.root.node_certificate_pem != node_at_head_->certificate.pem())
    return refuse("it is not signed by the node that wrote the entries");
  return {};
}

Found<void> Audit::check_earlier(const std::string& note) const {
  const auto refuse = [&](Code code, const std::string& why) {
    return found_at(0, 0, {code, why, {}});
  };
  const auto text = ledger::verify_note(note, report_.standing.logs);
  if (!text) return refuse(Code::denied, "a checkpoint seen earlier: " + text.error().message);
  const auto checkpoint = ledger::parse_checkpoint_text(*text);
  if (!checkpoint) return refuse(Code::malformed, checkpoint.error().message);
  if (checkpoint->size > report_.entries) {
    return refuse(Code::denied,
                  fmt::format("the log has signed {} entries, and shows {}: rolled back",
                              checkpoint->size, report_.entries));
  }
  const auto roots = history_.roots_at(checkpoint->size);
  if (roots && roots->rfc9162 == checkpoint->root) return {};
  return refuse(Code::denied,
                fmt::format("the log has signed another history: its first {} entries are not "
                            "those of the checkpoint seen earlier",
                            checkpoint->size));
}

}  // namespace

Found<Report> audit(Source& source, const Options& options, Observer& observer) {
  return Audit(source, options, observer).run();
}

}  // namespace vitrine::client::audit
