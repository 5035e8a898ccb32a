#include "attestation/snp/chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "codec/der.h"

namespace vitrine::attestation::snp {

namespace {

using crypto::Certificate;

const SnpRoot* find_root(const std::vector<SnpRoot>& roots, const Digest& spki_sha256) {
  const auto found = std::find_if(roots.begin(), roots.end(), [&](const SnpRoot& root) {
    return root.spki_sha256 == spki_sha256;
  });
  return found == roots.end() ? nullptr : &*found;
}

Result<EndorsementKey> kind_of(const Certificate& leaf) {
  const std::string& name = leaf.subject_common_name();
  if (name == "SEV-VCEK") return EndorsementKey::vcek;
  if (name == "SEV-VLEK") return EndorsementKey::vlek;
  return denied(fmt::format("leaf is {}, neither SEV-VCEK nor SEV-VLEK", leaf.subject_text()));
}

// AMD's names say kind and product; the intermediate's must be those of the pinned root. Of the
// root itself its key, self-signature and dates count, nothing else (decisions.md, Wire).
Status check_names(const std::vector<Certificate>& chain, EndorsementKey kind, Product product) {
  const auto intermediate =
      fmt::format("{}-{}", kind == EndorsementKey::vlek ? "SEV-VLEK" : "SEV", name_of(product));
  if (chain[1].subject_common_name() != intermediate) {
    return denied(fmt::format("intermediate is {}, not CN={} as kind {} and the pinned root say",
                              chain[1].subject_text(), intermediate, name_of(kind)));
  }
  return {};
}

// Links from the root down, so that nothing of a certificate is believed before its issuer's
// signature on it holds.
Status check_chain(const std::vector<Certificate>& chain, Time now) {
  constexpr auto kSignature = crypto::CertificateSignature::rsa_pss_sha384;
  VITRINE_CHECK(check_link(chain[2], chain[2], kSignature));
  VITRINE_CHECK(check_link(chain[1], chain[2], kSignature));
  VITRINE_CHECK(check_link(chain[0], chain[1], kSignature));
  VITRINE_CHECK(check_path_lengths(chain));
  for (const Certificate& certificate : chain) VITRINE_CHECK(check_dates(certificate, now));
  return {};
}

Result<Bytes> needed_extension(const Certificate& leaf, std::string_view oid,
                               std::string_view what) {
  auto value = leaf.extension(oid);
  if (!value) {
    return in_context(fmt::format("certificate extension {} ({})", oid, what),
                      std::move(value).error());
  }
  if (!*value) return malformed(fmt::format("certificate has no extension {} ({})", oid, what));
  return std::move(**value);
}

Result<std::uint8_t> svn_extension(const Certificate& leaf, std::string_view oid,
                                   std::string_view what) {
  VITRINE_TRY(const auto octets, needed_extension(leaf, oid, what));
  codec::der::Reader reader(octets);
  const auto element = reader.next(codec::der::kInteger);
  const auto number = element ? codec::der::to_integer(*element) : Result<std::int64_t>(-1);
  if (!number || *number < 0 || *number > 255 || !reader.at_end()) {
    return malformed(fmt::format("certificate extension {} ({}) is {}, not an INTEGER of one byte",
                                 oid, what, to_hex(octets)));
  }
  return static_cast<std::uint8_t>(*number);
}

Result<std::string> text_extension(const Certificate& leaf, std::string_view oid,
                                   std::string_view what) {
  VITRINE_TRY(const auto octets, needed_extension(leaf, oid, what));
  codec::der::Reader reader(octets);
  const auto element = reader.next(codec::der::kIa5String);
  const auto printable = [](Byte b) { return b >= 0x20 && b < 0x7f; };
  if (!element || !reader.at_end() || element->content.empty() ||
      !std::all_of(element->content.begin(), element->content.end(), printable)) {
    return malformed(fmt::format("certificate extension {} ({}) is not an IA5String", oid, what));
  }
  return std::string(as_text(element->content));
}

// "Milan-B0": the stepping after the hyphen is the certificate's own business.
Status check_product_extension(const Certificate& leaf, Product product) {
  VITRINE_TRY(const auto name, text_extension(leaf, kOidProductName, "product name"));
  if (name.substr(0, name.find('-')) == name_of(product)) return {};
  return denied(
      fmt::format("certificate's product name is {}, its root is of {}", name, name_of(product)));
}

Result<TcbComponents> tcb_extensions(const Certificate& leaf, Product product) {
  TcbComponents tcb;
  VITRINE_TRY(tcb.boot_loader, svn_extension(leaf, kOidBootLoader, "boot loader SVN"));
  VITRINE_TRY(tcb.tee, svn_extension(leaf, kOidTee, "TEE SVN"));
  VITRINE_TRY(tcb.snp, svn_extension(leaf, kOidSnp, "SNP SVN"));
  VITRINE_TRY(tcb.microcode, svn_extension(leaf, kOidMicrocode, "microcode SVN"));
  if (product == Product::turin) {
    VITRINE_TRY(tcb.fmc, svn_extension(leaf, kOidFmc, "FMC SVN"));
  }
  return tcb;
}

// Raw bytes, no DER inside (attestation.md 3.3): a value of another length is not one.
Result<Bytes> hwid_extension(const Certificate& leaf, Product product) {
  VITRINE_TRY(auto hwid, needed_extension(leaf, kOidHwid, "HWID"));
  if (hwid.size() != hwid_size(product)) {
    return malformed(fmt::format("certificate extension {} (HWID) has {} bytes, not {}", kOidHwid,
                                 hwid.size(), hwid_size(product)));
  }
  return hwid;
}

Result<EndorsementChain> verify(std::string_view text, const std::vector<SnpRoot>& roots,
                                Time now) {
  VITRINE_TRY(const auto endorsements, parse_endorsements(text));
  const auto& chain = endorsements.certificates;
  const Certificate& leaf = chain[0];
  const SnpRoot* root = find_root(roots, chain[2].public_key().spki_sha256());
  const auto product = root == nullptr ? std::nullopt : product_from_name(root->product);
  if (!product) {
    return denied(fmt::format("root {} with key {} is not pinned", chain[2].subject_text(),
                              to_hex(chain[2].public_key().spki_sha256())));
  }
  VITRINE_TRY(const auto kind, kind_of(leaf));
  VITRINE_CHECK(check_names(chain, kind, *product));
  VITRINE_CHECK(check_chain(chain, now));
  if (leaf.public_key().kind() != crypto::KeyKind::ec_p384) {
    return denied(fmt::format("{} key is not EC P-384", name_of(kind)));
  }
  VITRINE_CHECK(check_product_extension(leaf, *product));
  VITRINE_TRY(const auto tcb, tcb_extensions(leaf, *product));
  EndorsementChain verified{kind,
                            *product,
                            leaf.public_key(),
                            tcb,
                            {},
                            {},
                            endorsements.tcbm,
                            fmt::format("ARK-{}", name_of(*product)),
                            root->simulated,
                            leaf.not_before(),
                            leaf.not_after()};
  if (kind == EndorsementKey::vcek) {
    VITRINE_TRY(verified.hwid, hwid_extension(leaf, *product));
  } else {
    VITRINE_TRY(verified.csp_id, text_extension(leaf, kOidCspId, "CSP id"));
  }
  for (const Certificate& certificate : chain) {
    verified.not_before = std::max(verified.not_before, certificate.not_before());
    verified.not_after = std::min(verified.not_after, certificate.not_after());
  }
  return verified;
}

}  // namespace

Result<EndorsementChain> verify_endorsements(std::string_view text,
                                             const std::vector<SnpRoot>& roots, Time now) {
  auto chain = verify(text, roots, now);
  if (!chain) return in_context("SNP endorsements", std::move(chain).error());
  return chain;
}

}  // namespace vitrine::attestation::snp
