#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace vitrine::cli {
namespace {

struct Shown {
  std::ostringstream out;
  std::ostringstream err;
};

TEST(Output, ShowsErrorsInTwoLines) {
  Shown shown;
  Output output(false, shown.out, shown.err);
  output.error({Code::denied, "release of key a: refused", "see the policy"});
  output.error({Code::internal, "broken", ""});
  EXPECT_EQ(shown.err.str(),
            "vitrine: error: release of key a: refused\n"
            "vitrine: hint: see the policy\n"
            "vitrine: error: broken\n");
  EXPECT_EQ(shown.out.str(), "");
}

TEST(Output, ShowsErrorsAsOneJsonDocument) {
  Shown shown;
  Output output(true, shown.out, shown.err);
  output.note("for people");
  output.error({Code::not_found, "no \"such\" key", "make one"});
  EXPECT_EQ(
      shown.err.str(),
      "{\"error\":{\"code\":\"not_found\",\"message\":\"no \\\"such\\\" key\",\"hint\":\"make "
      "one\"}}\n");
}

TEST(Output, ShowsEitherTextOrDocument) {
  const codec::json::Object document{{"a", 1}};
  Shown text;
  Output(false, text.out, text.err).result("a  1\n", document);
  EXPECT_EQ(text.out.str(), "a  1\n");
  Shown json;
  Output(true, json.out, json.err).result("a  1\n", document);
  EXPECT_EQ(json.out.str(), "{\"a\":1}\n");
}

TEST(Output, HasAnExitStatusForEachCode) {
  EXPECT_EQ(exit_status_of(Code::internal), 1);
  EXPECT_EQ(exit_status_of(Code::malformed), 2);
  EXPECT_EQ(exit_status_of(Code::denied), 3);
  EXPECT_EQ(exit_status_of(Code::not_found), 4);
  EXPECT_EQ(exit_status_of(Code::conflict), 5);
  EXPECT_EQ(exit_status_of(Code::unavailable), 6);
}

TEST(Fields, AlignsValuesAndIndentsTheirLines) {
  EXPECT_EQ(Fields().add("a", "1").add("long", "2\n3").to_text(), "a     1\nlong  2\n      3\n");
}

TEST(Grid, PadsColumnsAndNotTheLineEnds) {
  Grid grid({"claim", "value"});
  grid.add({"x", "1"});
  EXPECT_EQ(grid.to_text(), "claim  value\nx      1\n");
}

}  // namespace
}  // namespace vitrine::cli
