// Stands in for libFuzzer where it is not linked: reads every file of a corpus once, so that what
// the fuzzers found stays mended in every build. Usage: NAME_fuzz CORPUS_FOLDER
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

/// The files of a folder in one order, so that two runs are alike. None where it cannot be read.
std::vector<std::string> files_of(const char* folder) {
    std::vector<std::string> files;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
        files.push_back(at->path());
    if (failed) {
        std::fprintf(stderr, "%s: %s\n", folder, failed.message().c_str());
        return {};
    }
    std::ranges::sort(files);
    return files;
}

bool replay(const std::string& file) {
    // Said before, so that whoever reads of a crash knows its input.
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) {
        std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
        return false;
    }
    // A copy of exactly this size: the address sanitizer sees the first byte that is read beyond.
    const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(data.data(), data.size());
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", arguments[0]);
        return 2;
    }
    const std::vector<std::string> files = files_of(arguments[1]);
    if (files.empty()) {
        std::fprintf(stderr, "%s: no file was read\n", arguments[1]);
        return 1;
    }
    return std::ranges::all_of(files, replay) ? 0 : 1;
}
