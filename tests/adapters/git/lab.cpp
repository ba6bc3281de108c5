#include "lab.hpp"

#include <array>
#include <cstdio>
#include <sstream>

namespace bisectd::test {

Shell shell(const std::string& command) {
    Shell result;
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 65536> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
        result.output.append(buffer.data(), n);
    result.status = ::pclose(pipe);
    return result;
}

std::string git_in(const std::string& folder, const std::string& arguments) {
    const std::string command =
        "GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C "
        "GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1700000000 +0000' "
        "GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org "
        "GIT_COMMITTER_DATE='1700000000 +0000' git -C '" +
        folder + "' -c init.defaultBranch=main -c protocol.file.allow=always " + arguments +
        " 2>&1";
    Shell done = shell(command);
    INFO(command << "\n" << done.output);
    REQUIRE(done.status == 0);
    while (!done.output.empty() && done.output.back() == '\n') done.output.pop_back();
    return done.output;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

Lab::Lab() {
    std::filesystem::create_directory(clone);
    git_in(clone, "init -q");
}

std::string Lab::commit(const std::string& subject, const std::string& file) {
    std::ofstream(clone + "/" + file, std::ios::app) << subject << "\n";
    git_in(clone, "add -A");
    git_in(clone, "commit -q -m '" + subject + "'");
    return git_in(clone, "rev-parse HEAD");
}

Result<Range> Lab::resolve(const std::string& bad, std::vector<std::string> good,
                           std::vector<std::string> paths, bool first_parent) {
    StartRequest request;
    request.repository = clone;
    request.bad = bad;
    request.good = std::move(good);
    request.paths = std::move(paths);
    request.first_parent = first_parent;
    return finish(repository.resolve(request));
}

std::string Lab::refusal(const std::string& bad, std::vector<std::string> good,
                         std::vector<std::string> paths) {
    const Result<Range> range = resolve(bad, std::move(good), std::move(paths));
    REQUIRE_FALSE(range);
    INFO(describe(range.error()));
    CHECK(range.error().kind == ErrorKind::request);
    return describe(range.error());
}

}  // namespace bisectd::test
