// Not a test: the upload of 50 MB to an SSH server on the loopback, against scp.
// Usage: bench_upload [ROUNDS]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "tests/adapters/ssh/server.hpp"

using namespace bisectd;
using namespace bisectd::test;

namespace {

double seconds(const std::function<bool()>& work) {
    const auto before = std::chrono::steady_clock::now();
    if (!work()) throw std::runtime_error("a transfer failed");
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
    const int rounds = count > 1 ? std::max(1, std::atoi(arguments[1])) : 5;
    for (const Kind kind : {Kind::openssh, Kind::dropbear}) {
        const Server server(kind);
        if (!server.runs()) continue;
        const BoardSpec board = server.board();
        const Folder folder;
        const std::string local = folder.file("image", 50'000'000);
        const std::string target = folder / "target";
        const std::string scp = fmt::format(
            "scp -q {} -P {} -i {} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
            "{} {}@127.0.0.1:{} 2>/dev/null",
            kind == Kind::dropbear ? "-O" : "", board.ssh.port, board.ssh.key_file, local,
            board.ssh.user, target);
        std::vector<double> sent, whole, theirs;
        for (int i = 0; i < rounds; ++i) {
            const auto before = std::chrono::steady_clock::now();
            double last = 0;
            ProgressSink keep = [&last, before](const Progress&) {
                last = std::chrono::duration<double>(std::chrono::steady_clock::now() - before)
                           .count();
            };
            whole.push_back(
                seconds([&] { return run(put(board, local, target, keep)).has_value(); }));
            sent.push_back(last);
            theirs.push_back(seconds([&] { return std::system(scp.c_str()) == 0; }));
        }
        fmt::print(
            "{}: login and data {:.2f} s, with sync, SHA-256 and rename {:.2f} s; scp {:.2f} s\n",
            kind == Kind::openssh ? "openssh" : "dropbear", median(sent), median(whole),
            median(theirs));
    }
}
