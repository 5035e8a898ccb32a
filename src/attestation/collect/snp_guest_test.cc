// The kernel is played by a function of the test's that takes messages apart by their offsets.
#include "attestation/collect/snp_guest.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "attestation/simulated/fixture_for_testing.h"
#include "base/hex.h"

namespace vitrine::attestation::collect {
namespace {

using simulated::test_attester;

struct Arguments {  // of every request, 32 bytes
  std::uint8_t version;
  std::uint64_t request, response, errors;
};

template <class T>
T* at(std::uint64_t address) {
  return reinterpret_cast<T*>(address);
}

TEST(SnpMessages, AskForADerivedKeyInThirtyTwoBytes) {
  const auto bytes = encode(DerivedKeyRequest{1, 0x39, 2, 3, 0xdb18000000000004});
  EXPECT_EQ(to_hex(bytes),
            "01000000"
            "00000000"
            "3900000000000000"
            "02000000"
            "03000000"
            "04000000000018db");
}

TEST(SnpMessages, AskForAReportInNinetySixBytes) {
  std::array<Byte, 64> data;
  data.fill(0xab);
  const auto bytes = encode_report_request(data, 1);
  EXPECT_EQ(to_hex(bytes), to_hex(data) + "01000000" + std::string(56, '0'));
}

TEST(SnpMessages, GiveTheKeyOrTheStatus) {
  Bytes response(64);
  for (std::size_t i = 0; i < 32; ++i) response[32 + i] = static_cast<Byte>(i);
  const auto key = read_derived_key(response);
  ASSERT_TRUE(key);
  EXPECT_TRUE(equal_in_constant_time(key->reveal(), ByteView(response).last(32)));
  response[0] = 0x16;
  EXPECT_EQ(read_derived_key(response).error().message,
            "SNP firmware: derived key: status 22, invalid parameters");
  response.pop_back();
  EXPECT_EQ(read_derived_key(response).error().code, Code::malformed);
}

// As the host writes it: entries, a zero one, the certificates behind.
Bytes table_of(const std::vector<std::pair<std::string, Bytes>>& entries) {
  Bytes head, tail;
  const std::size_t start = (entries.size() + 1) * 24;
  const auto put32 = [&head](std::size_t value) {
    for (int i = 0; i < 4; ++i) head.push_back(static_cast<Byte>(value >> (8 * i)));
  };
  for (const auto& [guid, der] : entries) {
    const Bytes raw = from_hex(guid).value();
    head.insert(head.end(), raw.begin(), raw.end());
    put32(start + tail.size());
    put32(der.size());
    tail.insert(tail.end(), der.begin(), der.end());
  }
  head.resize(start);
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

Bytes table_of_attester(bool mixed = true) {
  const auto& attester = test_attester();
  const auto leaf = simulated::make_leaf(attester.leaf_options(simulated::default_tcb()),
                                         attester.chip_key().public_key(), attester.ask())
                        .value();
  return table_of({{"c0b406a4a80349529743"
                    "3fb6014cd0ae",
                    attester.ark().der()},
                   {"4ab7b379bbac4fe4a02f05aef327c782", attester.ask().certificate.der()},
                   {mixed ? "8d75da6364e66445adc5f4b93be8accd" : "63da758de6644564adc5f4b93be8accd",
                    leaf.der()}});
}

TEST(SnpCertificateTable, GivesTheChainFromTheChipToTheRoot) {
  for (const bool mixed : {true, false}) {
    const auto pem = pem_of_table(table_of_attester(mixed));
    ASSERT_TRUE(pem) << pem.error().message;
    const auto chain = crypto::Certificate::list_from_pem(*pem, 3).value();
    EXPECT_EQ(chain[0].public_key(), test_attester().chip_key().public_key());
    EXPECT_EQ(chain[1].der(), test_attester().ask().certificate.der());
    EXPECT_EQ(chain[2].der(), test_attester().ark().der());
  }
}

TEST(SnpCertificateTable, HasNoEntryOutsideOfIt) {
  const Bytes table = table_of_attester();
  for (std::size_t size = 0; size < table.size(); size += 7)
    EXPECT_FALSE(pem_of_table(ByteView(table).first(size))) << size;
  Bytes far = table;
  std::memset(&far[16], 0xff, 8);
  EXPECT_EQ(pem_of_table(far).error().message, "certificate table: an entry lies outside of it");
  EXPECT_EQ(pem_of_table(Bytes(24)).error().message,
            "certificate table: the host gives no whole chain");
}

TEST(SnpGuest, AsksTheKernelForADerivedKey) {
  int calls = 0;
  Bytes asked;
  const auto guest = snp_guest_over([&](unsigned long number, void* argument) {
    EXPECT_EQ(number, 0xc0205301UL);
    const auto* arguments = static_cast<const Arguments*>(argument);
    EXPECT_EQ(arguments->version, 1);
    const Bytes message(at<Byte>(arguments->request), at<Byte>(arguments->request) + 32);
    EXPECT_TRUE(calls == 0 || message == asked) << "the same message again";
    asked = message;
    if (calls++ < 2) return calls == 1 ? EAGAIN : EBUSY;
    std::memset(at<Byte>(arguments->response), 0, 64);
    std::memset(at<Byte>(arguments->response + 32), 0x5a, 32);
    return 0;
  });
  const auto key = guest->derived_key({0, 0x39, 0, 2, 7});
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_TRUE(equal_in_constant_time(key->reveal(), Bytes(32, 0x5a)));
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(
      std::equal(asked.begin(), asked.end(), encode(DerivedKeyRequest{0, 0x39, 0, 2, 7}).begin()));
}

TEST(SnpGuest, GivesEvidenceThatVerifies) {
  const auto guest = snp_guest_over([](unsigned long number, void* argument) {
    EXPECT_EQ(number, 0xc0205302UL);
    const auto* arguments = static_cast<const Arguments*>(argument);
    simulated::AttestRequest request;
    request.raw = true;
    std::memcpy(request.report_data.data(), at<Byte>(arguments->request), 64);
    const auto evidence = test_attester().attest(request).value();
    std::uint64_t certificates = 0;
    std::uint32_t size = 0;
    std::memcpy(&certificates, at<Byte>(arguments->request + 96), 8);
    std::memcpy(&size, at<Byte>(arguments->request + 104), 4);
    const Bytes table = table_of_attester();
    EXPECT_EQ(size, 16'384U);
    std::memcpy(at<Byte>(certificates), table.data(), table.size());
    Byte* response = at<Byte>(arguments->response);
    std::memset(response, 0, 4000);
    const std::uint32_t report_size = 1184;
    std::memcpy(response + 4, &report_size, 4);
    std::memcpy(response + 32, evidence.report.data(), evidence.report.size());
    return 0;
  });
  std::array<Byte, 64> data;
  data.fill(3);
  const auto evidence = guest->evidence(data);
  ASSERT_TRUE(evidence) << evidence.error().message;
  const auto claims = simulated::verify(*evidence);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(claims->profile(), "snp");
  EXPECT_EQ(claims->report_data(), data);
}

TEST(SnpGuest, SaysWhatTheKernelAnswers) {
  const auto guest = snp_guest_over([](unsigned long, void* argument) {
    static_cast<Arguments*>(argument)->errors = 0x200000016;
    return EIO;
  });
  EXPECT_EQ(guest->report({}).error().message,
            "SNP firmware: report: Input/output error (firmware and host say 0x200000016)");
  EXPECT_EQ(open_snp_device("/nowhere/sev-guest").error().code, Code::not_found);
}

}  // namespace
}  // namespace vitrine::attestation::collect
