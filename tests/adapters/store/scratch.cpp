#include "tests/adapters/store/scratch.hpp"

#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bisectd::test {

Scratch::Scratch() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "bisectd-store-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
}

Scratch::~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

ShellEnd sqlite3_shell(const std::string& database, const std::string& sql) {
    std::string script = database + ".script.sql";
    write_file(script, sql);
    std::string command = "sqlite3 -bail -header '" + database + "' < '" + script + "' 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("popen failed");
    ShellEnd end;
    char buffer[4096];
    for (std::size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        end.text.append(buffer, got);
    int status = pclose(pipe);
    end.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return end;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace bisectd::test
