// make_ledger FOLDER RELEASES [KEYS]: a data folder with a ledger of that many entries, as a
// service in development mode would have written it, for measuring what reads one (vitrine audit,
// backup).
#include <charconv>
#include <cstring>

#include "bench/ledger_bed.h"
#include "core/accept_proposal.h"

int main(int argc, char** argv) {
  using namespace vitrine;
  const auto number = [](const char* text, std::uint64_t& value) {
    return std::from_chars(text, text + std::strlen(text), value).ec == std::errc();
  };
  std::uint64_t releases = 0;
  std::uint64_t keys = 0;
  if (argc < 3 || argc > 4 || !number(argv[2], releases) || (argc == 4 && !number(argv[3], keys))) {
    std::fprintf(stderr, "usage: make_ledger FOLDER RELEASES [KEYS]\n");
    return 64;
  }
  bench::Bed bed;
  bed.fill(releases);
  for (; keys > 0; --keys) {
    if (!core::rotate_key(bed.core())) return 1;
  }
  const std::string certificate = bed.core().view()->state.service->certificate.pem();
  bed.stop();
  std::error_code failed;
  std::filesystem::create_directory(argv[1]);
  std::filesystem::copy(bed.folder(), argv[1], failed);
  bench::must(write_file_atomically(std::string(argv[1]) + "/service_cert.pem",
                                    as_bytes(certificate), 0644));
  return failed ? 1 : 0;
}
