// The openssl program as the other side: what it makes we read, what we make it accepts.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/key.h"
#include "crypto/x509.h"

namespace vitrine::crypto {
namespace {

namespace fs = std::filesystem;

// Commands run in a folder of their own that goes with the test.
class OpensslCli : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "vitrine-openssl-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // What `openssl <arguments>` prints; success is checked.
  std::string openssl(const std::string& arguments) {
    int status = 0;
    std::string printed = run(arguments, status);
    EXPECT_EQ(status, 0) << "openssl " << arguments << "\n" << printed;
    return printed;
  }
  bool openssl_refuses(const std::string& arguments) {
    int status = 0;
    run(arguments, status);
    return status != 0;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    EXPECT_TRUE(file.is_open()) << name;
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& name, ByteView bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << as_text(bytes);
  }
  void write_key(const std::string& name, const PrivateKey& key) const {
    write(name, key.pem().reveal());
  }
  PrivateKey read_key(const std::string& name) const {
    auto key = PrivateKey::from_pem(read(name));
    EXPECT_TRUE(key.has_value()) << (key ? "" : key.error().message);
    return *key;
  }

 private:
  std::string run(const std::string& arguments, int& status) {
    const std::string command = "cd '" + folder_.string() + "' && openssl " + arguments + " 2>&1";
    FILE* const pipe = popen(command.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    std::string printed;
    std::array<char, 4096> chunk;
    for (std::size_t got = 0; (got = fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
      printed.append(chunk.data(), got);
    }
    status = pclose(pipe);
    return printed;
  }

  fs::path folder_;
};

const ByteView kMessage = as_bytes("every answer is in the ledger");

struct Case {
  std::string generate;  // arguments of genpkey
  std::string sign;      // options of dgst
  SignatureAlgorithm algorithm;
};

std::vector<Case> cases() {
  using enum SignatureAlgorithm;
  const std::string pss = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
  const std::string rsa = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048";
  const std::string ec = "-algorithm EC -pkeyopt ec_paramgen_curve:";
  return {{rsa, "-sha256", rsa_pkcs1_sha256},          {rsa, "-sha384" + pss, rsa_pss_sha384},
          {rsa, "-sha512" + pss, rsa_pss_sha512},      {ec + "P-256", "-sha256", ecdsa_sha256_der},
          {ec + "P-384", "-sha384", ecdsa_sha384_der}, {ec + "P-521", "-sha512", ecdsa_sha512_der}};
}

TEST_F(OpensslCli, SignaturesVerifyInBothDirections) {
  write("message", kMessage);
  for (const Case& row : cases()) {
    SCOPED_TRACE(row.generate + " " + row.sign);
    openssl("genpkey " + row.generate + " -out key.pem");
    openssl("pkey -in key.pem -pubout -out public.pem");
    openssl("dgst " + row.sign + " -sign key.pem -out theirs message");
    const auto key = PublicKey::from_pem(read("public.pem"));
    ASSERT_TRUE(key.has_value()) << key.error().message;
    EXPECT_TRUE(key->verify(row.algorithm, kMessage, as_bytes(read("theirs"))).has_value());

    const PrivateKey ours = read_key("key.pem");
    EXPECT_EQ(ours.public_key(), *key);
    write("ours", *ours.sign(row.algorithm, kMessage));
    openssl("dgst " + row.sign + " -verify public.pem -signature ours message");
    write("message.changed", as_bytes("another"));
    EXPECT_TRUE(openssl_refuses("dgst " + row.sign +
                                " -verify public.pem -signature ours message.changed"));
  }
}

TEST_F(OpensslCli, Ed25519VerifiesInBothDirections) {
  write("message", kMessage);
  openssl("genpkey -algorithm ED25519 -out key.pem");
  openssl("pkey -in key.pem -pubout -out public.pem");
  openssl("pkeyutl -sign -rawin -inkey key.pem -in message -out theirs");
  const PrivateKey ours = read_key("key.pem");
  const auto key = PublicKey::from_pem(read("public.pem"));
  ASSERT_TRUE(key.has_value());
  EXPECT_TRUE(
      key->verify(SignatureAlgorithm::ed25519, kMessage, as_bytes(read("theirs"))).has_value());
  write("ours", *ours.sign(SignatureAlgorithm::ed25519, kMessage));
  openssl("pkeyutl -verify -rawin -pubin -inkey public.pem -in message -sigfile ours");
}

TEST_F(OpensslCli, OaepOpensInBothDirections) {
  const std::string options =
      " -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 ";
  const PrivateKey key = *PrivateKey::generate(KeyKind::rsa, 2048);
  write_key("key.pem", key);
  write("public.pem", as_bytes(key.public_key().pem()));
  write("plain", kMessage);
  openssl("pkeyutl -encrypt -pubin -inkey public.pem -in plain -out theirs" + options);
  const auto opened = key.oaep_decrypt(as_bytes(read("theirs")));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(as_text(opened->reveal()), as_text(kMessage));
  write("ours", *key.public_key().oaep_encrypt(kMessage));
  openssl("pkeyutl -decrypt -inkey key.pem -in ours -out back" + options);
  EXPECT_EQ(read("back"), as_text(kMessage));
  // With SHA-1, OpenSSL's default, the same ciphertext must not open.
  EXPECT_TRUE(
      openssl_refuses("pkeyutl -decrypt -inkey key.pem -in ours -pkeyopt rsa_padding_mode:oaep"));
}

TEST_F(OpensslCli, ReadsOlderPrivateKeyFormsAndWritesWhatItReads) {
  openssl("ecparam -name secp384r1 -genkey -out parameters-and-key.pem");
  openssl("ecparam -name prime256v1 -genkey -noout -out ec.pem");
  openssl("genrsa -traditional -out rsa.pem 2048");
  for (const std::string name : {"parameters-and-key.pem", "ec.pem", "rsa.pem"}) {
    SCOPED_TRACE(name);
    const PrivateKey key = read_key(name);
    write_key("ours.pem", key);
    openssl("pkey -in " + name + " -out theirs.pem");
    EXPECT_EQ(read("ours.pem"), read("theirs.pem"));
    openssl("pkey -in ours.pem -check -noout");
  }
  openssl("pkey -aes128 -passout pass:x -in ec.pem -out encrypted.pem");
  EXPECT_EQ(PrivateKey::from_pem(read("encrypted.pem")).error().message,
            "private key: the PEM block is no unencrypted private key");
  openssl("ec -aes128 -passout pass:x -in ec.pem -out encrypted-ec.pem");
  EXPECT_EQ(PrivateKey::from_pem(read("encrypted-ec.pem")).error().message,
            "private key: encrypted PEM");
}

TEST_F(OpensslCli, PrivateKeysOfEveryKindAreTheBytesOfOpenssl) {
  for (const std::string algorithm : {"ED25519", "X25519", "EC -pkeyopt ec_paramgen_curve:P-521"}) {
    SCOPED_TRACE(algorithm);
    openssl("genpkey -algorithm " + algorithm + " -out key.pem");
    const std::string theirs = read("key.pem");
    EXPECT_EQ(as_text(read_key("key.pem").pem().reveal()), theirs);
    openssl("pkey -in key.pem -pubout -out public.pem");
    EXPECT_EQ(read_key("key.pem").public_key().pem(), read("public.pem"));
  }
}

CertificateRequest request(std::string name) {
  CertificateRequest made;
  made.common_name = std::move(name);
  made.not_before = from_unix_ms(to_unix_ms(SystemClock().now()) / 1000 * 1000);
  made.not_after = made.not_before + std::chrono::hours(24);
  return made;
}

TEST_F(OpensslCli, AcceptsOurServiceAndNodeCertificates) {
  const PrivateKey service = *PrivateKey::generate(KeyKind::ec_p256);
  const PrivateKey node = *PrivateKey::generate(KeyKind::ec_p256);
  CertificateRequest ca = request("Vitrine Service");
  ca.ca = true;
  ca.path_length = 1;
  const Certificate root = *make_self_signed(ca, service);
  CertificateRequest asked = request("Vitrine Node");
  asked.alternatives = {{"localhost"}, {"127.0.0.1"}};
  const Certificate leaf = *make_certificate(asked, node.public_key(), root, service);
  write("root.pem", as_bytes(root.pem()));
  write("leaf.pem", as_bytes(leaf.pem()));
  openssl("verify -x509_strict -purpose sslserver -verify_ip 127.0.0.1 -CAfile root.pem leaf.pem");
  openssl(
      "verify -x509_strict -purpose sslserver -verify_hostname localhost -CAfile root.pem "
      "leaf.pem");
  EXPECT_TRUE(openssl_refuses("verify -verify_ip 127.0.0.2 -CAfile root.pem leaf.pem"));
  EXPECT_TRUE(openssl_refuses("verify -CAfile leaf.pem leaf.pem"));
  const std::string text = openssl("x509 -in leaf.pem -noout -text");
  for (const char* expected :
       {"DNS:localhost, IP Address:127.0.0.1", "CA:FALSE", "Digital Signature",
        "Subject: CN = Vitrine Node", "Issuer: CN = Vitrine Service"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
  }
}

TEST_F(OpensslCli, AcceptsOurAmdLikeChainAndWeTheirs) {
  const PrivateKey root_key = *PrivateKey::generate(KeyKind::rsa, 2048);
  const PrivateKey chip = *PrivateKey::generate(KeyKind::ec_p384);
  CertificateRequest ca = request("ARK-Milan");
  ca.ca = true;
  ca.pss_sha384 = true;
  CertificateRequest bare = request("SEV-VCEK");
  bare.bare = true;
  bare.pss_sha384 = true;
  const Certificate root = *make_self_signed(ca, root_key);
  const Certificate leaf = *make_certificate(bare, chip.public_key(), root, root_key);
  write("root.pem", as_bytes(root.pem()));
  write("leaf.pem", as_bytes(leaf.pem()));
  openssl("verify -CAfile root.pem leaf.pem");
  const std::string text = openssl("x509 -in leaf.pem -noout -text");
  EXPECT_NE(text.find("Signature Algorithm: rsassaPss"), std::string::npos);
  EXPECT_NE(text.find("Salt Length: 0x30"), std::string::npos) << text;
  EXPECT_NE(text.find("Serial Number: 0"), std::string::npos) << text;

  write_key("root-key.pem", root_key);
  openssl(
      "req -x509 -new -key root-key.pem -subj /CN=ARK-Milan/O=AMD -days 1 -out theirs.pem "
      "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48");
  const auto theirs = Certificate::from_pem(read("theirs.pem"));
  ASSERT_TRUE(theirs.has_value()) << theirs.error().message;
  EXPECT_EQ(theirs->subject_text(), "O=AMD, CN=ARK-Milan");
  EXPECT_TRUE(check_link(*theirs, *theirs, CertificateSignature::rsa_pss_sha384).has_value());
  EXPECT_EQ(theirs->is_ca(), true);
}

TEST_F(OpensslCli, MemberCertificatesAsTheKeyScriptMakesThemAreRead) {
  openssl("ecparam -name secp384r1 -genkey -out member_privk.pem");
  openssl(
      "req -new -key member_privk.pem -x509 -nodes -days 365 -out member_cert.pem -sha384 "
      "-subj /CN=member0");
  const auto certificate = Certificate::from_pem(read("member_cert.pem"));
  ASSERT_TRUE(certificate.has_value()) << certificate.error().message;
  EXPECT_EQ(certificate->subject_common_name(), "member0");
  EXPECT_EQ(certificate->public_key(), read_key("member_privk.pem").public_key());
  EXPECT_TRUE(
      check_link(*certificate, *certificate, CertificateSignature::ecdsa_sha384).has_value());
}

}  // namespace
}  // namespace vitrine::crypto
