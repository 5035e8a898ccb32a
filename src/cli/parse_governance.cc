// What members and users sign, on the command line.
#include "cli/command_line.h"

namespace vitrine::cli {

void add_governance(CommandLine& line) {
  auto [propose, options] =
      line.add(line.root(), "propose", "Sign a proposal as a user and send it",
               "  vitrine propose set_key_release_policy.json\n"
               "  vitrine propose p.json --cert user1_cert.pem --key user1_privk.pem\n"
               "  vitrine propose p.json --cose-out p.cose\n",
               run_propose);
  propose.text("FILE", options.file, "{\"actions\":[…]}, or - for standard input").required();
  auto cert = propose.text("--cert", options.cert, "Signer; else COMMON/user0_cert.pem");
  auto key = propose.text("--key", options.key, "Its key; else COMMON/user0_privk.pem");
  cert.needs(key);
  key.needs(cert);
  propose.text("--cose-out", options.cose_out, "Only write the signed bytes");
}

}  // namespace vitrine::cli
