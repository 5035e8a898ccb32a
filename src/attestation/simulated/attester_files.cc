// The attester's keys and certificates as named files.
#include <fmt/format.h>

#include <array>

#include "attestation/simulated/attester.h"

namespace vitrine::attestation::simulated {

namespace {

using crypto::Certificate;
using crypto::PrivateKey;

constexpr std::string_view kArk = "snp-ark.pem";
constexpr std::string_view kAsk = "snp-ask.pem";
constexpr std::string_view kAskKey = "snp-ask-key.pem";
constexpr std::string_view kLeaf = "snp-leaf.pem";
constexpr std::string_view kChipKey = "snp-chip-key.pem";
constexpr std::string_view kUvmChain = "uvm-chain.pem";
constexpr std::string_view kUvmKey = "uvm-leaf-key.pem";
constexpr std::array kNames = {kArk, kAsk, kAskKey, kLeaf, kChipKey, kUvmChain, kUvmKey};
constexpr std::size_t kUvmChainCertificates = 3;

Result<std::string_view> text_of(const Files& files, std::string_view name) {
  const auto found = files.find(name);
  if (found == files.end()) return malformed(fmt::format("simulated attester: no file {}", name));
  return as_text(found->second.reveal());
}

template <class T>
Result<T> read(const Files& files, std::string_view name) {
  VITRINE_TRY(const auto text, text_of(files, name));
  auto value = T::from_pem(text);
  if (!value) {
    return in_context(fmt::format("simulated attester: file {}", name), std::move(value).error());
  }
  return value;
}

Status check_pair(const Certificate& certificate, const PrivateKey& key, std::string_view name) {
  if (certificate.public_key() == key.public_key()) return {};
  return malformed(
      fmt::format("simulated attester: file {} is not the key of its certificate", name));
}

SecretBytes file(const std::string& text) { return SecretBytes::copy_of(as_bytes(text)); }

Result<UvmIdentity> read_uvm(const Files& files) {
  VITRINE_TRY(const auto text, text_of(files, kUvmChain));
  VITRINE_TRY(auto chain, Certificate::list_from_pem(text, kUvmChainCertificates));
  if (chain.size() != kUvmChainCertificates) {
    return malformed(fmt::format("simulated attester: file {} has {} certificates, not {}",
                                 kUvmChain, chain.size(), kUvmChainCertificates));
  }
  VITRINE_TRY(auto key, read<PrivateKey>(files, kUvmKey));
  VITRINE_CHECK(check_pair(chain[0], key, kUvmKey));
  return UvmIdentity{std::move(chain), std::move(key)};
}

Result<snp::Product> product_of(const Certificate& ark) {
  constexpr std::string_view kPrefix = "ARK-";
  const std::string_view name = ark.subject_common_name();
  if (name.substr(0, kPrefix.size()) == kPrefix) {
    if (const auto product = snp::product_from_name(name.substr(kPrefix.size()))) return *product;
  }
  return malformed(
      fmt::format("simulated attester: file {} is {}, not an ARK", kArk, ark.subject_text()));
}

}  // namespace

std::span<const std::string_view> Attester::file_names() { return kNames; }

Files Attester::to_files() const {
  Files files;
  std::string uvm_chain;
  for (const auto& certificate : uvm_.chain) uvm_chain += certificate.pem();
  files.emplace(kArk, file(ark_.pem()));
  files.emplace(kAsk, file(ask_.certificate.pem()));
  files.emplace(kAskKey, ask_.key.pem());
  files.emplace(kLeaf, file(leaf_.pem()));
  files.emplace(kChipKey, chip_key_.pem());
  files.emplace(kUvmChain, file(uvm_chain));
  files.emplace(kUvmKey, uvm_.leaf_key.pem());
  return files;
}

Result<Attester> Attester::from_files(const Files& files) {
  VITRINE_TRY(auto ark, read<Certificate>(files, kArk));
  VITRINE_TRY(const auto product, product_of(ark));
  VITRINE_TRY(auto ask, read<Certificate>(files, kAsk));
  VITRINE_TRY(auto ask_key, read<PrivateKey>(files, kAskKey));
  VITRINE_CHECK(check_pair(ask, ask_key, kAskKey));
  VITRINE_TRY(auto leaf, read<Certificate>(files, kLeaf));
  VITRINE_TRY(auto chip_key, read<PrivateKey>(files, kChipKey));
  VITRINE_CHECK(check_pair(leaf, chip_key, kChipKey));
  const auto kind = leaf.subject_common_name() == "SEV-VLEK" ? snp::EndorsementKey::vlek
                                                             : snp::EndorsementKey::vcek;
  VITRINE_TRY(auto uvm, read_uvm(files));
  return assemble(product, kind, std::move(ark), {std::move(ask_key), std::move(ask)},
                  std::move(chip_key), std::move(leaf), std::move(uvm));
}

}  // namespace vitrine::attestation::simulated
