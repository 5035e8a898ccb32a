#include "codec/pem.h"

#include <gtest/gtest.h>

namespace vitrine::codec::pem {
namespace {

std::string reason(const auto& result) { return result ? "accepted" : result.error().message; }

const std::string kLine(64, 'A');  // 48 zero bytes
const std::string kFull = "-----BEGIN X-----\n" + kLine + "\n-----END X-----\n";
const std::string kTwoLines = "-----BEGIN X-----\n" + kLine + "\nAAAA\n-----END X-----\n";
const std::string kShort = "-----BEGIN X-----\nAAAA\n-----END X-----\n";

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

TEST(Pem, WritesLinesOf64AndReadsThemBack) {
  EXPECT_EQ(encode("X", Bytes(48)), kFull);
  EXPECT_EQ(encode("X", Bytes(51)), kTwoLines);
  for (const std::size_t size : {1, 2, 3, 47, 48, 49, 95, 96, 97, 1000}) {
    const Bytes der(size, 0x5a);
    EXPECT_EQ(decode_one(encode("EC PRIVATE KEY", der), "EC PRIVATE KEY").value(), der);
    EXPECT_EQ(
        to_bytes(decode_one_secret(encode("PRIVATE KEY", der), "PRIVATE KEY").value().reveal()),
        der);
  }
}

TEST(Pem, AllocatesItsTextOnce) {
  for (const std::size_t size : {1, 48, 10'000}) {
    const std::string text = encode("EC PRIVATE KEY", Bytes(size));
    EXPECT_LT(text.capacity() - text.size(), 64U) << size;
  }
}

TEST(Pem, ReadsAllBlocksInOrder) {
  const std::string chain = encode("A", Bytes{1}) + "\n\r\n" + encode("B", Bytes{2});
  const auto blocks = decode(chain).value();
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].label, "A");
  EXPECT_EQ(blocks[0].der, Bytes{1});
  EXPECT_EQ(blocks[1].label, "B");
  EXPECT_EQ(blocks[1].der, Bytes{2});
}

TEST(Pem, ReadsCrlfAndAMissingLastLineEnd) {
  for (const std::string& text : {kFull, kTwoLines, kShort}) {
    const std::string crlf = with_crlf(text);
    EXPECT_TRUE(decode(crlf)) << reason(decode(crlf));
    EXPECT_TRUE(decode(text.substr(0, text.size() - 1)));
    EXPECT_TRUE(decode(crlf.substr(0, crlf.size() - 2)));
    EXPECT_FALSE(decode(crlf.substr(0, crlf.size() - 1)));
    EXPECT_TRUE(decode(text + crlf));
  }
}

TEST(Pem, RefusesMixedLineEnds) {
  EXPECT_EQ(reason(decode("-----BEGIN X-----\r\nAAAA\n-----END X-----\r\n")),
            "PEM: a line end unlike the others in line 2");
  EXPECT_EQ(reason(decode("-----BEGIN X-----\nAAAA\n-----END X-----\r\n")),
            "PEM: a line end unlike the others in line 3");
  EXPECT_FALSE(decode("-----BEGIN X-----\rAAAA\r-----END X-----\r"));
}

TEST(Pem, RefusesLinesOfOtherLengths) {
  EXPECT_EQ(reason(decode("-----BEGIN X-----\n" + kLine + "AAAA\n-----END X-----\n")),
            "PEM: 68 characters instead of 64 in line 2");
  EXPECT_EQ(reason(decode("-----BEGIN X-----\nAAAA\nAAAA\n-----END X-----\n")),
            "PEM: text after the last, short line in line 3");
  EXPECT_EQ(reason(decode("-----BEGIN X-----\n\nAAAA\n-----END X-----\n")),
            "PEM: 0 characters instead of 64 in line 2");
  EXPECT_FALSE(decode("-----BEGIN X-----\nAAAA\n\n-----END X-----\n"));
}

TEST(Pem, RefusesEmptyAndUnfinishedBlocks) {
  EXPECT_EQ(reason(decode("")), "PEM: no block");
  EXPECT_EQ(reason(decode("\n\n")), "PEM: no block");
  EXPECT_EQ(reason(decode("-----BEGIN X-----\n-----END X-----\n")),
            "PEM: an empty block in line 2");
  EXPECT_EQ(reason(decode("-----BEGIN X-----\nAAAA\n")),
            "PEM: no -----END X----- after the text that ends in line 2");
  EXPECT_EQ(reason(decode("-----BEGIN X-----\nAAAA\n-----END Y-----\n")),
            "PEM: no -----END X----- in line 3");
  EXPECT_FALSE(decode("-----BEGIN X-----"));
  EXPECT_FALSE(decode("-----BEGIN X-----\nAAAA\n-----END X----- \n"));
}

TEST(Pem, RefusesTextBetweenBlocksAndHeaders) {
  EXPECT_EQ(reason(decode("subject=x\n" + kShort)), "PEM: no -----BEGIN …----- in line 1");
  EXPECT_EQ(reason(decode(kShort + "x")), "PEM: no -----BEGIN …----- in line 4");
  EXPECT_FALSE(decode(" " + kShort));
  EXPECT_FALSE(decode("\xef\xbb\xbf" + kShort));
  EXPECT_FALSE(decode("-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END X-----\n"));
}

TEST(Pem, RefusesBadLabels) {
  for (const char* label : {"", " X", "X ", "X  Y", "x", "X-Y", "X\tY", "\xc3\x84"}) {
    const std::string dashed = std::string(label) + "-----\n";
    EXPECT_FALSE(decode("-----BEGIN " + dashed + "AAAA\n-----END " + dashed)) << label;
  }
  EXPECT_TRUE(decode("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"));
  EXPECT_FALSE(decode("-----BEGIN -----\nAAAA\n-----END -----\n"));
  EXPECT_FALSE(decode("-----BEGIN ----\nAAAA\n-----END ----\n"));
}

TEST(Pem, RefusesWhatIsNotStrictBase64) {
  EXPECT_EQ(reason(decode("-----BEGIN X-----\nAAA\n-----END X-----\n")),
            "PEM: X: base64: length 3 is not a multiple of 4");
  EXPECT_EQ(reason(decode("-----BEGIN X-----\nAA*A\n-----END X-----\n")),
            "PEM: X: base64: not a digit at offset 2");
  EXPECT_FALSE(decode("-----BEGIN X-----\nAAB=\n-----END X-----\n"));
  EXPECT_FALSE(decode("-----BEGIN X-----\nAA A\n-----END X-----\n"));
  EXPECT_FALSE(decode("-----BEGIN X-----\nAA-_\n-----END X-----\n"));
}

TEST(PemDecodeOne, WantsOneBlockOfItsLabel) {
  EXPECT_EQ(decode_one(kShort, "X").value(), Bytes(3));
  EXPECT_EQ(reason(decode_one(kShort, "Y")), "PEM: Y wanted, X found");
  EXPECT_EQ(reason(decode_one(kShort + kShort, "X")), "PEM: one block wanted, 2 found");
  EXPECT_EQ(reason(decode_one_secret(kShort, "Y")), "PEM: Y wanted, X found");
}

TEST(Pem, BoundsItsText) {
  EXPECT_EQ(reason(decode(std::string(1'048'577, '\n'))), "PEM: larger than 1048576 bytes");
  EXPECT_EQ(reason(decode(std::string(1'048'576, '\n'))), "PEM: no block");
}

}  // namespace
}  // namespace vitrine::codec::pem
