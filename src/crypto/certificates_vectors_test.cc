// Genuine certificates of TEE vendors: what a strict reader must still accept.
#include <gtest/gtest.h>

#include "crypto/vectors_for_testing.h"
#include "crypto/x509.h"

namespace vitrine::crypto {
namespace {

Certificate certificate(const std::string& file) {
  auto read = Certificate::from_pem(vectors::text_of_file("attestation/roots/" + file));
  EXPECT_TRUE(read.has_value()) << file << ": " << (read ? "" : read.error().message);
  return *read;
}

TEST(GenuineCertificates, RootsAreSignedByThemselvesWithTheAlgorithmOfTheirType) {
  using enum CertificateSignature;
  const std::pair<const char*, CertificateSignature> roots[] = {
      {"amd-ark-genoa.pem", rsa_pss_sha384},
      {"amd-ark-milan.pem", rsa_pss_sha384},
      {"amd-ark-turin.pem", rsa_pss_sha384},
      {"aws-nitro-root-g1.pem", ecdsa_sha384},
      {"azure-vtpm-root-2023.pem", rsa_any},
      {"google-confidential-space-root.pem", rsa_any},
      {"google-ek-ak-root.pem", rsa_any},
      {"intel-sgx-root-ca-2033-variant.pem", ecdsa_sha256},
      {"intel-sgx-root-ca.pem", ecdsa_sha256},
      {"intel-trust-authority-root.pem", rsa_any},
      {"microsoft-supply-chain-rsa-root-2022.pem", rsa_any},
      {"nvidia-corim-signing-root.pem", ecdsa_sha384},
      {"nvidia-device-identity-ca.pem", ecdsa_sha384}};
  for (const auto& [file, algorithm] : roots) {
    SCOPED_TRACE(file);
    const Certificate root = certificate(file);
    const auto link = check_link(root, root, algorithm);
    EXPECT_TRUE(link.has_value()) << (link ? "" : link.error().message);
    EXPECT_EQ(root.is_ca(), true);
    EXPECT_NE(root.native(), nullptr);
    const auto other =
        check_link(root, root, algorithm == ecdsa_sha256 ? ecdsa_sha384 : ecdsa_sha256);
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().message, "certificate " + root.subject_text() +
                                         ": signed with another algorithm than its type has");
  }
}

TEST(GenuineCertificates, AmdIntermediatesAreSignedByTheRootOfTheirProductAndNoOther) {
  for (const std::string product : {"genoa", "milan", "turin"}) {
    const Certificate root = certificate("amd-ark-" + product + ".pem");
    const Certificate stranger =
        certificate(product == "milan" ? "amd-ark-genoa.pem" : "amd-ark-milan.pem");
    for (const std::string kind : {"sev-", "sev-vlek-"}) {
      SCOPED_TRACE(kind + product);
      const Certificate intermediate = certificate("amd-" + kind + product + ".pem");
      const auto link = check_link(intermediate, root, CertificateSignature::rsa_pss_sha384);
      EXPECT_TRUE(link.has_value()) << (link ? "" : link.error().message);
      const auto wrong = check_link(intermediate, stranger, CertificateSignature::rsa_pss_sha384);
      ASSERT_FALSE(wrong.has_value());
      EXPECT_EQ(wrong.error().message, "certificate " + intermediate.subject_text() +
                                           ": its issuer is not named " + stranger.subject_text());
    }
  }
}

TEST(GenuineCertificates, SpkiAndCertificateDigestsAreThePinnedOnes) {
  const auto list = vectors::text_of_file("attestation/roots/roots.json");
  int found = 0;
  for (const std::string file : {"amd-ark-milan.pem", "aws-nitro-root-g1.pem",
                                 "intel-sgx-root-ca.pem", "nvidia-device-identity-ca.pem"}) {
    const Certificate root = certificate(file);
    EXPECT_NE(list.find(to_hex(root.public_key().spki_sha256())), std::string::npos) << file;
    EXPECT_NE(list.find(to_hex(root.der_sha256())), std::string::npos) << file;
    ++found;
  }
  EXPECT_EQ(found, 4);
}

TEST(GenuineCertificates, AYearOf9999IsATime) {
  const Certificate root = certificate("nvidia-device-identity-ca.pem");
  EXPECT_EQ(to_rfc3339(root.not_after()), "9999-12-31T23:59:59Z");
  EXPECT_TRUE(check_dates(root, root.not_after()).has_value());
}

TEST(GenuineCertificates, NameOfAmdsRootReadsFromTheCommonName) {
  const Certificate root = certificate("amd-ark-milan.pem");
  EXPECT_EQ(root.subject_common_name(), "ARK-Milan");
  EXPECT_EQ(root.subject_text(),
            "CN=ARK-Milan, O=Advanced Micro Devices, ST=CA, L=Santa Clara, C=US, OU=Engineering");
}

}  // namespace
}  // namespace vitrine::crypto
