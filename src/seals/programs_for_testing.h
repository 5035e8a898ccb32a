// Other people's programs that the tests of seals run: a folder that goes with the test, commands
// in it, and a swtpm process with its state there.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace vitrine::seals {

class TestFolder {
 public:
  TestFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "vitrine-seals-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text, bool secret = true) const {
    std::ofstream(file(name), std::ios::binary) << text;
    using std::filesystem::perms;
    std::filesystem::permissions(file(name), perms::owner_read | perms::owner_write |
                                                 (secret ? perms::none : perms::group_read));
    return file(name);
  }
  // A folder below it, made.
  std::string folder(const std::string& name) const {
    std::filesystem::create_directory(file(name));
    return file(name);
  }

 private:
  std::string path_;
};

inline pid_t spawn_for_testing(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t process = -1;
  const int error =
      posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(error, 0) << command[0] << " is not installed: see ./dev setup";
  return error == 0 ? process : -1;
}

// Its exit status.
inline int run_for_testing(const std::vector<std::string>& command, const TestFolder& folder) {
  const pid_t process = spawn_for_testing(command, folder.file("log"));
  if (process < 0) return -1;
  int status = 0;
  waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

inline bool answers_on(std::uint16_t port) {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected =
      connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  return connected;
}

// A TPM 2.0 in software, with its own state in a folder: stopped and started it is the same TPM
// after a reboot.
class SoftwareTpm {
 public:
  SoftwareTpm(const TestFolder& folder, const std::string& name)
      : folder_(folder), state_(folder.folder(name)) {
    // Two ports in a row, of this process's own.
    port_ = static_cast<std::uint16_t>(20000 + (getpid() * 16 + next_++ * 2) % 20000);
    while (answers_on(port_) || answers_on(static_cast<std::uint16_t>(port_ + 1)))
      port_ = static_cast<std::uint16_t>(port_ + 2);
    start();
  }
  ~SoftwareTpm() { stop(); }
  SoftwareTpm(const SoftwareTpm&) = delete;
  SoftwareTpm& operator=(const SoftwareTpm&) = delete;

  void start() {
    const std::string port = std::to_string(port_), control = std::to_string(port_ + 1);
    process_ =
        spawn_for_testing({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + state_, "--server",
                           "type=tcp,port=" + port, "--ctrl", "type=tcp,port=" + control, "--flags",
                           "not-need-init,startup-clear"},
                          folder_.file("log"));
    // The control port: a connection to the other one would be taken for the TPM's user.
    for (int i = 0; i < 500 && !answers_on(static_cast<std::uint16_t>(port_ + 1)); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  void stop() {
    if (process_ <= 0) return;
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  std::string tcti() const { return "swtpm:host=127.0.0.1,port=" + std::to_string(port_); }
  // As firmware or a boot loader would.
  void extend(int pcr) const {
    EXPECT_EQ(run_for_testing({"tpm2_pcrextend", "-T", tcti(),
                               std::to_string(pcr) + ":sha256=" + std::string(64, 'a')},
                              folder_),
              0);
  }

 private:
  static inline int next_ = 0;
  const TestFolder& folder_;
  const std::string state_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace vitrine::seals
